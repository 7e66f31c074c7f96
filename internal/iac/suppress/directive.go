package suppress

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// What comments begin with.
const (
	prefix     = "stance:"
	ignore     = "ignore"
	ignoreFile = "ignore-file"
)

// longestReason bounds what a report repeats for each finding.
const longestReason = 500

// form is how a suppression is written, for messages.
const form = "CHECK the reason until=2027-01-01"

// parser makes entries of what people write.
type parser struct {
	checks   []string
	resolved map[string]resolution
	today    string
}

type resolution struct {
	ids []string // nil: all
	why string   // it stands for nothing
}

func (p *parser) resolve(pattern string) resolution {
	if r, done := p.resolved[pattern]; done {
		return r
	}
	ids, why := content.MatchChecks(pattern, p.checks)
	p.resolved[pattern] = resolution{ids, why}
	return p.resolved[pattern]
}

// words makes an entry of CHECK[,CHECK…] reason words until=2027-01-01; nil, and why, if it does not hold. With an entry, what is
// said is wrong with a part of it.
func (p *parser) words(text string, at iac.Range) (*entry, []string) {
	words := strings.Fields(text)
	var checks []string
	for len(words) > 0 && len(words[0]) > 0 {
		word := words[0]
		words = words[1:]
		for _, check := range strings.Split(word, ",") {
			if check != "" {
				checks = append(checks, check)
			}
		}
		if !strings.HasSuffix(word, ",") && (len(words) == 0 || !strings.HasPrefix(words[0], ",")) {
			break
		}
	}
	var reason []string
	until, days := "", 0
	for _, word := range words {
		if day, is := strings.CutPrefix(word, "until="); is {
			until, days = day, days+1
			continue
		}
		reason = append(reason, word)
	}
	if days > 1 {
		return nil, []string{"it suppresses nothing: it says until= more than once"}
	}
	if len(checks) > 0 && strings.HasPrefix(checks[0], "until=") {
		checks = nil
	}
	return p.entry(checks, strings.Join(reason, " "), until, at)
}

// entry makes one of its parts.
func (p *parser) entry(checks []string, reason, until string, at iac.Range) (*entry, []string) {
	nothing := func(format string, args ...any) (*entry, []string) {
		return nil, []string{"it suppresses nothing: " + fmt.Sprintf(format, args...)}
	}
	if len(checks) == 0 {
		return nothing("it names no check; write %s", form)
	}
	e := &entry{checks: map[string]bool{}, at: at, result: Result{Reason: clean(reason), Until: until, By: by(at)}}
	var wrong []string
	all := false
	for _, check := range checks {
		r := p.resolve(check)
		if r.why != "" {
			wrong = append(wrong, r.why)
			continue
		}
		all = all || r.ids == nil
		for _, id := range r.ids {
			e.checks[id] = true
		}
	}
	switch {
	case all:
		e.checks = nil
	case len(e.checks) == 0:
		return nothing("%s", strings.Join(wrong, "; "))
	}
	if !strings.ContainsFunc(e.result.Reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return nothing("a reason is required; write %s", form)
	}
	if until != "" {
		if _, err := time.Parse(content.DateFormat, until); err != nil {
			return nothing("until=%s is no day; write until=2027-01-01", clean(until))
		}
		if until < p.today {
			return nothing("it has expired: its last day was %s", until)
		}
	}
	for i, why := range wrong {
		wrong[i] = "it suppresses only a part of what it names: " + why
	}
	return e, wrong
}

// clean makes one line of a text that is shown to people: what is not printable is left out.
func clean(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return -1
	}, text)), " ")
	if letters := []rune(text); len(letters) > longestReason {
		return string(letters[:longestReason]) + "…"
	}
	return text
}

// directive takes a comment's text apart: stance:ignore and what follows. word is empty if it is no business of ours, and wrong says
// what is the matter with a word that there is not.
func directive(text string) (word, rest, wrong string) {
	text, ours := strings.CutPrefix(text, prefix)
	if !ours {
		return "", "", ""
	}
	word, rest, _ = strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	switch {
	case word == ignore, word == ignoreFile:
		return word, rest, ""
	case word == "" && strings.HasPrefix(strings.TrimSpace(rest), ignore):
		return "", "", "it suppresses nothing: write stance:ignore without a space in it"
	}
	if near := content.Nearest(word, []string{ignore, ignoreFile}); near != "" {
		return "", "", fmt.Sprintf("it suppresses nothing: there is no %s%s (did you mean \"%s%s\"?)", prefix, clean(word), prefix, near)
	}
	return "", "", ""
}
