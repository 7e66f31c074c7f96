package content

import "strings"

// absentCut parts the code of an error from the words that its message must contain.
const absentCut = ": "

// NotReturned stands in Call.Absent for what the answer of a call for many rows leaves out without a word. Where it is not
// there, such a row is taken to be gone.
const NotReturned = "NotReturned"

// SplitAbsent gives the code of an entry of Call.Absent, and the words that the message must contain, whatever their case;
// no words if the code alone says it.
func SplitAbsent(entry string) (code, words string) {
	code, words, _ = strings.Cut(entry, absentCut)
	return code, strings.TrimSpace(words)
}

// provedAbsent tells of entries that would never, or always, match. An item that is no text has been reported.
func provedAbsent(v *value, problems *Problems) []string {
	for _, item := range v.all() {
		if item == nil {
			continue
		}
		code, words := SplitAbsent(item.text)
		if code == "" || strings.ContainsAny(code, " :") || strings.Contains(item.text, absentCut) && words == "" {
			problems.Add(item.pos, "write CODE, or \"CODE: words of the message\"", "absent: %q is no error code", item.text)
		}
	}
	return v.strings()
}
