package report

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// worst shows the checks that fail, the worst first. Each takes three lines: what, where, and what was found.
func (w *summaryWriter) worst(most int) {
	failing, scope := w.result.Shown().Failing(), w.result.Scope()
	title := "Worst first"
	switch {
	case len(failing) > 0:
	case w.result.Summary.Total() == 0:
		title = "Nothing was evaluated."
	case scope != "":
		title = "Nothing failed"
	default:
		title = "Nothing failed."
	}
	if scope != "" {
		title += ", among " + scope
	}
	w.wrapped(0, title, terminal.Bold)
	if len(failing) == 0 {
		w.line()
		return
	}
	all := newTallies(w.result)
	for _, check := range failing[:min(most, len(failing))] {
		w.check(check, all.of(check))
	}
	if rest := len(failing) - most; rest > 0 {
		verb := "fails"
		if rest > 1 {
			verb = "fail"
		}
		w.line("  ", w.dim(fmt.Sprintf("%s more %s", count(int64(rest), "check"), verb)))
	}
	w.line()
}

func (w *summaryWriter) check(check CheckSummary, tally string) {
	title := w.look.Cut(terminal.Clean(check.Title), w.width-11-2-len(tally))
	w.line("  ", w.look.Paint(terminal.Pad(strings.ToUpper(check.Severity), 9), terminal.Severity(check.Severity)),
		w.look.Paint(title, terminal.Bold), strings.Repeat(" ", max(2, w.width-11-terminal.Width(title)-len(tally))), tally)
	w.line("           ", w.dim(terminal.Clean(check.ID)))
	room := w.width - 11
	w.line("           ", w.look.Cut(w.examples(check, room), room))
}

// examples says which resources fail, and what was found: of all if it is the same, else of the first.
func (w *summaryWriter) examples(check CheckSummary, room int) string {
	var names []string
	for i, name := range distinct(check.Examples, alone)[:min(2, len(check.Examples))] {
		name = w.look.CutMiddle(terminal.Clean(name), min(48, room/2))
		if f := check.Examples[i]; inCode(f) && f.Location.File != "" {
			// A file and its line say more in less room than an address, and can be opened from here.
			f = w.result.Scan.locate(f)
			name = w.look.CutMiddle(terminal.Clean(at(f.Location.File, f.Location.Line)), max(48, room/2))
		}
		names = append(names, name)
	}
	found := terminal.Clean(check.Examples[0].Found)
	if found != "" && !sameFound(check.Examples) {
		others := fmt.Sprintf("  (+%s)", countOf(check.Fail-1, "other", "others"))
		return names[0] + ": " + found + others
	}
	where := strings.Join(names, ", ")
	if len(names) == 2 && names[0] == names[1] { // nothing tells them apart
		where = names[0] + " (2)"
	}
	if more := check.Fail - int64(len(names)); more > 0 {
		where += fmt.Sprintf(" +%s", number(more))
	}
	if found != "" {
		where += ": " + found
	}
	return where
}

func sameFound(findings []evaluate.Finding) bool {
	for _, f := range findings {
		if f.Found != findings[0].Found {
			return false
		}
	}
	return true
}
