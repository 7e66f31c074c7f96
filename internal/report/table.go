package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Table writes the summary that a person sees at the end of a scan: what was scanned, how bad it is, the worst findings
// with what was found, what could not be told and why, and what to type next. It is never longer than a screen.
type Table struct {
	// Worst is how many failing checks are shown; 0 means as many as fit in about forty lines.
	Worst int
}

const (
	worstChecks = 5
	widest      = 120 // columns: longer lines are hard to read
)

// Write implements Writer.
func (t Table) Write(out io.Writer, result *Result, look terminal.Terminal) error {
	w := &summaryWriter{out: bufio.NewWriter(out), look: look, width: min(look.Columns(), widest), result: result}
	w.header()
	w.severities()
	worst := t.Worst
	if worst == 0 {
		worst = worstChecks
	}
	w.worst(worst)
	w.gaps()
	w.footer()
	w.next()
	return w.out.Flush()
}

type summaryWriter struct {
	out    *bufio.Writer
	look   terminal.Terminal
	width  int
	result *Result
}

// line writes parts that are already painted. Errors of the buffer are kept by it, and seen by Flush.
func (w *summaryWriter) line(parts ...string) {
	_, _ = w.out.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

func (w *summaryWriter) dim(s string) string { return w.look.Paint(s, terminal.Dim) }

func (w *summaryWriter) header() {
	scan := w.result.Scan
	parts := []string{providerTitle(scan.Provider)}
	if len(scan.Accounts) > 0 {
		parts = append(parts, count(int64(len(scan.Accounts)), "account"))
	}
	if n := scan.Regions(); n > 0 {
		parts = append(parts, count(int64(n), "region"))
	}
	parts = append(parts, count(scan.Resources, "resource"), count(int64(scan.Checks), "check"))
	w.line()
	w.line(w.look.Paint("Stance", terminal.Bold), "  ", w.look.Cut(strings.Join(parts, w.look.Dot()), w.width-8))
	if names := w.accounts(); names != "" {
		w.line("        ", w.dim(w.look.Cut(names, w.width-8)))
	}
	refused := 0
	example := Account{}
	for _, a := range scan.Accounts {
		if a.Error != "" {
			if refused == 0 {
				example = a
			}
			refused++
		}
	}
	if refused > 0 {
		text := fmt.Sprintf("%s refused: %s: %s", count(int64(refused), "account"), example.ID, example.Error)
		w.line("        ", w.look.Paint(w.look.Cut(terminal.Clean(text), w.width-8), terminal.Yellow))
	}
	if scan.Interrupted {
		w.line("        ", w.look.Paint("Interrupted: what was not reached is UNKNOWN. The same command with --resume goes on.", terminal.Yellow))
	}
	w.line()
}

func (w *summaryWriter) accounts() string {
	var names []string
	for _, a := range w.result.Scan.Accounts {
		name := a.ID
		if a.Name != "" {
			name += " (" + a.Name + ")"
		}
		names = append(names, terminal.Clean(name))
	}
	return join(names, 3)
}

func (w *summaryWriter) severities() {
	s := w.result.Summary
	var most int64
	for _, c := range s.Severities {
		most = max(most, c.Fail)
	}
	bar := min(40, w.width-36)
	for _, severity := range Severities() {
		c := s.Severities[severity]
		style := terminal.Severity(severity)
		share := 0.0
		if most > 0 {
			share = float64(c.Fail) / float64(most)
		}
		drawn := w.look.Bar(share, bar)
		unknown := ""
		if c.Unknown > 0 {
			unknown = w.dim("  " + number(c.Unknown) + " unknown")
		}
		amount := terminal.PadLeft(number(c.Fail), 8)
		if c.Fail == 0 {
			amount = w.dim(amount)
		}
		w.line("  ", w.look.Paint(terminal.Pad(strings.ToUpper(severity), 9), style), amount, "  ",
			w.look.Paint(drawn, style), strings.Repeat(" ", max(0, bar-terminal.Width(drawn))), unknown)
	}
	w.line("  ", terminal.Pad("failed", 9), terminal.PadLeft(number(s.Fail), 8), "  ",
		w.dim(strings.Join([]string{number(s.Pass) + " passed", number(s.Unknown) + " unknown", number(s.Manual) + " to look at"}, w.look.Dot())))
	w.line()
}

// worst shows the checks that fail, the worst first. Each takes three lines: what, where, and what was found.
func (w *summaryWriter) worst(most int) {
	failing := w.result.Summary.Failing()
	if len(failing) == 0 {
		if w.result.Summary.Total() == 0 {
			w.line(w.look.Paint("Nothing was evaluated.", terminal.Bold))
		} else {
			w.line(w.look.Paint("Nothing failed.", terminal.Bold))
		}
		w.line()
		return
	}
	w.line(w.look.Paint("Worst first", terminal.Bold))
	for _, check := range failing[:min(most, len(failing))] {
		w.check(check)
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

func (w *summaryWriter) check(check CheckSummary) {
	tally := fmt.Sprintf("%s of %s", number(check.Fail), number(check.Total()))
	title := w.look.Cut(terminal.Clean(check.Title), w.width-11-2-len(tally))
	w.line("  ", w.look.Paint(terminal.Pad(strings.ToUpper(check.Severity), 9), terminal.Severity(check.Severity)),
		w.look.Paint(title, terminal.Bold), strings.Repeat(" ", max(2, w.width-11-terminal.Width(title)-len(tally))), tally)
	w.line("           ", w.dim(terminal.Clean(check.ID)))
	var names []string
	room := w.width - 11
	for _, f := range check.Examples[:min(2, len(check.Examples))] {
		names = append(names, w.look.CutMiddle(terminal.Clean(Label(f)), min(48, room/2)))
	}
	where := strings.Join(names, ", ")
	if more := check.Fail - int64(len(names)); more > 0 {
		where += fmt.Sprintf(" +%s", number(more))
	}
	if found := terminal.Clean(check.Examples[0].Found); found != "" {
		where += ": " + found
		if check.Fail > 1 && !sameFound(check.Examples) {
			where = names[0] + ": " + found
			if len(names) > 1 {
				where += fmt.Sprintf("  (+%s)", countOf(check.Fail-1, "other", "others"))
			}
		}
	}
	w.line("           ", w.look.Cut(where, room))
}

func sameFound(findings []evaluate.Finding) bool {
	for _, f := range findings {
		if f.Found != findings[0].Found {
			return false
		}
	}
	return true
}

// gaps says what could not be told, and how much of the cloud the verdicts rest on.
func (w *summaryWriter) gaps() {
	if s := w.result.Summary; s.Unknown > 0 {
		w.field("unknown", countOf(s.Unknown, "finding", "findings")+": "+terminal.Clean(causesLine(s.Causes)))
	}
	coverage := NewCoverage(w.result.Coverage)
	line := terminal.Clean(coverage.Line())
	if coverage.Missing() == 0 {
		w.field("coverage", line)
		return
	}
	hint := " - stance report --coverage"
	if w.look.Unicode {
		hint = " — stance report --coverage"
	}
	if terminal.Width(line)+terminal.Width(hint) <= w.width-11 {
		w.field("coverage", line+hint)
		return
	}
	w.field("coverage", line)
	w.field("", "stance report --coverage says where and why")
}

func (w *summaryWriter) footer() {
	scan := w.result.Scan
	work := []string{count(scan.Calls, "call"), size(scan.Bytes)}
	if scan.Retries > 0 {
		work = append(work, countOf(scan.Retries, "retry", "retries"))
	}
	if scan.Throttles > 0 {
		work = append(work, number(scan.Throttles)+" throttled")
	}
	if took := scan.Finished.Sub(scan.Started); took > 0 {
		work = append(work, elapsed(took.Round(100*time.Millisecond)))
	}
	w.field("made", strings.Join(work, w.look.Dot()))
	if w.result.Lake != "" {
		w.field("lake", terminal.Clean(w.result.Lake))
	}
	for _, file := range w.result.Files {
		w.field("report", terminal.Clean(file))
	}
	w.line()
}

func (w *summaryWriter) field(name, text string) {
	w.line(w.dim(terminal.Pad(name, 11)), w.look.Cut(text, w.width-11))
}

// next names commands that go on from here, with values from this scan.
func (w *summaryWriter) next() {
	type hint struct{ command, why string }
	var hints []hint
	if failing := w.result.Summary.Failing(); len(failing) > 0 {
		hints = append(hints,
			hint{"stance findings --severity " + failing[0].Severity, "every resource behind the worst"},
			hint{"stance checks " + failing[0].ID, "why it matters, how to fix it, the SQL"})
	}
	if len(w.result.Files) == 0 && w.result.Summary.Total() > 0 {
		hints = append(hints, hint{"stance report -o html=report.html", "the whole result as one page to keep or send"})
	}
	longest := 0
	for _, h := range hints {
		longest = max(longest, len(h.command))
	}
	for i, h := range hints {
		label := "next"
		if i > 0 {
			label = ""
		}
		line := w.look.Paint(terminal.Pad(h.command, longest), terminal.Cyan)
		if 11+longest+2+len(h.why) <= w.width {
			line += "  " + w.dim(h.why)
		}
		w.line(w.dim(terminal.Pad(label, 11)), line)
	}
}
