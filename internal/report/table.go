package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// Table writes the summary that a person sees at the end of a scan: what was scanned, how bad it is, the worst findings
// with what was found, what could not be told and why, and what to type next. It is never longer than a screen.
type Table struct {
	// Worst is how many failing checks are shown; 0 means as many as fit in about forty lines.
	Worst int
}

const (
	widest        = 120 // columns: longer lines are hard to read
	screen        = 40  // lines
	mostWorst     = 5
	linesPerCheck = 3
	aroundWorst   = 3 // the heading, how many more there are, and an empty line
)

// Write implements Writer.
func (t Table) Write(to io.Writer, result *Result, look terminal.Terminal) error {
	out := bufio.NewWriter(to)
	w := &summaryWriter{look: look, width: min(look.Columns(), widest), result: result}
	above := w.section(w.header, w.severities)
	below := w.section(w.gaps, w.footer, w.next)
	worst := t.Worst
	if worst == 0 {
		taken := strings.Count(above+below, "\n") + aroundWorst
		worst = min(mostWorst, max(1, (screen-taken)/linesPerCheck))
	}
	_, _ = out.WriteString(above + w.section(func() { w.worst(worst) }) + below)
	return out.Flush()
}

// section gives what some parts of the summary print.
func (w *summaryWriter) section(parts ...func()) string {
	var b strings.Builder
	w.out = bufio.NewWriter(&b)
	for _, part := range parts {
		part()
	}
	_ = w.out.Flush() // into memory
	return b.String()
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
	parts = append(parts, scan.size()...)
	if state := scan.together(); state != "" {
		parts = append(parts, state)
	}
	w.line()
	title := w.look.Paint("Stance", terminal.Bold) + "  "
	for _, line := range terminal.Wrap(strings.Join(parts, w.look.Dot()), w.width-8) {
		w.line(title, line)
		title = strings.Repeat(" ", 8)
	}
	if names := w.accounts(); names != "" {
		w.wrapped(8, names, terminal.Dim)
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
		text := fmt.Sprintf("%s refused: %s: %s", count(int64(refused), accountWord(scan.Provider)), example.ID, example.Error)
		w.wrapped(8, text, terminal.Yellow)
	}
	w.notes(8)
	if scan.Interrupted {
		w.wrapped(8, "Interrupted: what was not reached is UNKNOWN. The same command with --resume goes on.", terminal.Yellow)
	}
	w.line()
}

// notes say what makes much unknown at once, and what can be done about it.
func (w *summaryWriter) notes(indent int) {
	for _, note := range w.result.Scan.Notes {
		w.wrapped(indent, note.Text, terminal.Yellow)
		if note.Do != "" { // on a line of its own, whole: it is there to be copied
			w.line(strings.Repeat(" ", indent), terminal.Clean(note.Do))
		}
	}
}

// wrapped prints a text on as many lines as it takes.
func (w *summaryWriter) wrapped(indent int, text string, style terminal.Style) {
	for _, line := range terminal.Wrap(terminal.Clean(text), w.width-indent) {
		w.line(strings.Repeat(" ", indent), w.look.Paint(line, style))
	}
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
	others := []string{number(s.Pass) + " passed", number(s.Unknown) + " unknown", number(s.Manual) + " to look at"}
	if s.Suppressed > 0 {
		others = append(others, number(s.Suppressed)+" suppressed")
	}
	w.line("  ", terminal.Pad("failed", 9), terminal.PadLeft(number(s.Fail), 8), "  ", w.dim(strings.Join(others, w.look.Dot())))
	w.line()
}

// gaps says what could not be told, and how much of the cloud the verdicts rest on.
func (w *summaryWriter) gaps() {
	if s := w.result.Summary; s.Unknown > 0 {
		w.field("unknown", countOf(s.Unknown, "finding", "findings")+": "+terminal.Clean(causesLine(s.Causes)))
	}
	if s := w.result.Summary; s.Suppressed > 0 {
		w.field("suppressed", count(s.Suppressed, "finding")+": "+terminal.Clean(reasonsLine(s.Reasons)))
	}
	if code := w.result.Scan.Code; code != nil {
		w.code(code)
	}
	coverage := NewCoverage(w.result.Coverage)
	line := terminal.Clean(coverage.Line())
	if coverage.Missing() == 0 || w.result.Hints.Off {
		w.field("coverage", line)
		return
	}
	command := w.result.Hints.command("report --coverage" + w.result.Hints.Reading)
	hint := " - " + command
	if w.look.Unicode {
		hint = " — " + command
	}
	if terminal.Width(line)+terminal.Width(hint) > w.width-11 {
		w.field("coverage", line)
		w.path("", command+" says where and why")
		return
	}
	w.field("coverage", line+hint)
}

// code says what was read of infrastructure code, and what was not.
func (w *summaryWriter) code(code *Code) {
	w.field("read", terminal.Clean(code.readLine(w.look.Dot())))
	for i, line := range code.problemLines() {
		name := ""
		if i == 0 {
			name = "not read"
		}
		w.field(name, terminal.Clean(line))
	}
	if line := code.unmappedLine(); line != "" {
		w.field("unchecked", terminal.Clean(line))
	}
}

func (w *summaryWriter) footer() {
	scan := w.result.Scan
	var work []string
	if scan.Calls > 0 || scan.Bytes > 0 || !w.result.ofCode() { // code is read without a call
		work = append(work, count(scan.Calls, "call"), size(scan.Bytes))
	}
	if scan.Retries > 0 {
		work = append(work, countOf(scan.Retries, "retry", "retries"))
	}
	if scan.Throttles > 0 {
		work = append(work, number(scan.Throttles)+" throttled")
	}
	if took := scan.took(); took > 0 {
		work = append(work, elapsed(took))
	}
	switch {
	case w.result.ofCode() && scan.Calls == 0:
		w.field("took", elapsed(scan.took()))
	default:
		w.field("made", strings.Join(work, w.look.Dot()))
	}
	if w.result.Lake != "" {
		w.path("lake", w.result.Lake)
	}
	for _, file := range w.result.Files {
		w.path("report", file)
	}
	w.line()
}

// field prints a name and what there is to say: all of it, for these lines say what the verdicts rest on.
func (w *summaryWriter) field(name, text string) {
	for i, line := range terminal.Wrap(text, w.width-11) {
		if i > 0 {
			name = ""
		}
		w.line(w.dim(terminal.Pad(name, 11)), line)
	}
}

// path prints where something is on one line, however long: people copy it.
func (w *summaryWriter) path(name, path string) {
	w.line(w.dim(terminal.Pad(name, 11)), terminal.Clean(path))
}

// next names commands that go on from here, with values from this scan.
func (w *summaryWriter) next() {
	if w.result.Hints.Off {
		return
	}
	type hint struct{ command, why string }
	of := w.result.Hints
	var hints []hint
	if failing := w.result.Shown().Failing(); len(failing) > 0 {
		hints = append(hints,
			hint{of.command("findings --severity " + failing[0].Severity + of.Reading), "every resource behind the worst"},
			hint{of.command("checks " + failing[0].ID + of.Content), "why it matters, how to fix it, the SQL"})
	}
	if len(w.result.Files) == 0 && w.result.Summary.Total() > 0 {
		hints = append(hints, hint{of.command("report -o html=report.html" + of.Reading), "the whole result as one page to keep or send"})
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
