package patch

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// hunk is a run of lines that are replaced by others; the ends are those of the next line.
type hunk struct{ from, to, newFrom, newTo int }

// compare gives the fewest lines to replace that make one text the other.
func compare(was, now []string) []hunk {
	head := 0
	for head < min(len(was), len(now)) && was[head] == now[head] {
		head++
	}
	tail := 0
	for tail < min(len(was), len(now))-head && was[len(was)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	a, b := was[head:len(was)-tail], now[head:len(now)-tail]
	const most = 4 << 20
	if len(a)*len(b) > most || len(a) == 0 || len(b) == 0 {
		if len(a)+len(b) == 0 {
			return nil
		}
		return []hunk{{head, head + len(a), head, head + len(b)}}
	}
	// common[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var hunks []hunk
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i++
			j++
			continue
		}
		h := hunk{from: head + i, newFrom: head + j}
		for (i < len(a) || j < len(b)) && (i == len(a) || j == len(b) || a[i] != b[j]) {
			if j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1] {
				i++
			} else {
				j++
			}
		}
		h.to, h.newTo = head+i, head+j
		hunks = append(hunks, h)
	}
	return hunks
}

func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// difference gives the edits that make one text the other, in whole lines, and the same as a unified diff. Of the files only what
// is around the changes is taken apart.
func difference(file, was, now string) ([]Edit, string) {
	from, to, newTo := window(was, now)
	old, fresh := splitLines(was[from:to]), splitLines(now[from:newTo])
	above := strings.Count(was[:from], "\n")
	hunks := compare(old, fresh)
	offsets := make([]int, len(old)+1)
	offsets[0] = from
	for i, line := range old {
		offsets[i+1] = offsets[i] + len(line)
	}
	edits := make([]Edit, len(hunks))
	for i, h := range hunks {
		e := Edit{Start: offsets[h.from], End: offsets[h.to], Text: strings.Join(fresh[h.newFrom:h.newTo], "")}
		e.Line, e.Column = placeOf(old, h.from)
		e.EndLine, e.EndColumn = placeOf(old, h.to)
		e.Line += above
		e.EndLine += above
		edits[i] = e
	}
	return edits, unified(file, old, fresh, hunks, above)
}

// window is the part of two texts in which they differ, with some lines around it. It begins at the same place in both.
func window(was, now string) (from, to, newTo int) {
	n := min(len(was), len(now))
	for from < n && was[from] == now[from] {
		from++
	}
	tail := 0
	for tail < n-from && was[len(was)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	for range around + 1 {
		from = strings.LastIndexByte(was[:max(from-1, 0)], '\n') + 1
	}
	to = len(was) - tail
	for range around + 1 {
		if i := strings.IndexByte(was[to:], '\n'); i >= 0 {
			to += i + 1
		} else {
			to = len(was)
		}
	}
	return from, to, to + len(now) - len(was)
}

// placeOf is where a line begins. Behind the last one that is not broken it is that line's end.
func placeOf(lines []string, i int) (line, column int) {
	if i == len(lines) && i > 0 && !strings.HasSuffix(lines[i-1], "\n") {
		return i, utf8.RuneCountInString(lines[i-1]) + 1
	}
	return i + 1, 1
}

// around is how many lines are shown before and after what changes.
const around = 3

func unified(file string, old, fresh []string, hunks []hunk, above int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", file, file)
	for i := 0; i < len(hunks); {
		last := i
		for last+1 < len(hunks) && hunks[last+1].from-hunks[last].to <= 2*around {
			last++
		}
		from, to := max(hunks[i].from-around, 0), min(hunks[last].to+around, len(old))
		newFrom, newTo := hunks[i].newFrom-(hunks[i].from-from), hunks[last].newTo+(to-hunks[last].to)
		fmt.Fprintf(&out, "@@ -%s +%s @@\n", lineSpan(above+from, above+to), lineSpan(above+newFrom, above+newTo))
		at := from
		for _, h := range hunks[i : last+1] {
			write(&out, " ", old[at:h.from])
			write(&out, "-", old[h.from:h.to])
			write(&out, "+", fresh[h.newFrom:h.newTo])
			at = h.to
		}
		write(&out, " ", old[at:to])
		i = last + 1
	}
	return out.String()
}

func lineSpan(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func write(out *strings.Builder, sign string, lines []string) {
	for _, line := range lines {
		out.WriteString(sign + line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
