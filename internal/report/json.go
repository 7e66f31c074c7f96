package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// JSON writes one document, {"scan": {…}, "coverage": […], "findings": […]}, with one cell or finding per line. Lists are
// never null. scan.summary holds the counts of all findings of the scan; where a filter left only some of them, scan.shown says
// which filter, and counts those.
type JSON struct{}

// JSONLines writes one object per line: the scan, then the coverage, then the findings. Each line's "type" is scan,
// coverage or finding; its other keys are those of JSON.
type JSONLines struct{}

type scanDocument struct {
	Type string `json:"type,omitempty"`
	Scan
	Summary Summary `json:"summary"`
	// Shown is there if the document holds only some of the findings.
	Shown *shownDocument `json:"shown,omitempty"`
}

type shownDocument struct {
	Filter   string  `json:"filter"`
	Findings int64   `json:"findings"`
	Of       int64   `json:"of"`
	Summary  Summary `json:"summary"`
}

type cellDocument struct {
	Type string `json:"type,omitempty"`
	collect.Cell
}

type findingDocument struct {
	Type string `json:"type,omitempty"`
	evaluate.Finding
}

// Write implements Writer.
func (JSON) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := newLines(out)
	w.text(`{"scan": `)
	w.value(newScanDocument("", result))
	w.text(",\n\"coverage\": [")
	for i, cell := range result.Coverage {
		w.separator(i)
		w.value(cell)
	}
	w.text("],\n\"findings\": [")
	i := 0
	for f, err := range result.Findings {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		w.separator(i)
		w.value(complete(f))
		i++
		if w.err != nil {
			return w.err
		}
	}
	w.text("]}\n")
	return w.flush()
}

// Write implements Writer.
func (JSONLines) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := newLines(out)
	w.line(newScanDocument("scan", result))
	for _, cell := range result.Coverage {
		w.line(cellDocument{"coverage", cell})
	}
	for f, err := range result.Findings {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if w.line(findingDocument{"finding", complete(f)}); w.err != nil {
			return w.err
		}
	}
	return w.flush()
}

func newScanDocument(kind string, result *Result) scanDocument {
	d := scanDocument{Type: kind, Scan: result.Scan}
	d.Accounts = make([]Account, len(result.Scan.Accounts))
	for i, a := range result.Scan.Accounts {
		if a.Regions == nil {
			a.Regions = []string{}
		}
		d.Accounts[i] = a
	}
	d.Summary = everySeverity(result.Summary)
	if n := result.Narrowed; n != nil {
		d.Shown = &shownDocument{
			Filter: n.Filter, Findings: n.Summary.Total(), Of: result.Summary.Total(), Summary: everySeverity(n.Summary),
		}
	}
	return d
}

// ScanDocument is the scan of a result as JSON has it, for documents that say more of it.
func ScanDocument(result *Result) any { return newScanDocument("", result) }

// FindingDocument is a finding as JSON has it.
func FindingDocument(f evaluate.Finding) any { return complete(f) }

// everySeverity counts nothing as 0: a reader need not ask whether a severity is there.
func everySeverity(s Summary) Summary {
	severities := map[string]Counts{}
	for _, severity := range Severities() {
		severities[severity] = s.Severities[severity]
	}
	s.Severities = severities
	return s
}

// complete makes lists of a finding lists: a reader need not ask for null.
func complete(f evaluate.Finding) evaluate.Finding {
	if f.Objectives == nil {
		f.Objectives = []string{}
	}
	if f.Requirements == nil {
		f.Requirements = []string{}
	}
	return f
}

// lines writes JSON values piece by piece and keeps the first error.
type lines struct {
	out *bufio.Writer
	enc *json.Encoder
	cut *cutNewline
	err error
}

func newLines(out io.Writer) *lines {
	w := &lines{out: bufio.NewWriterSize(out, 64<<10)}
	w.cut = &cutNewline{w.out}
	w.enc = json.NewEncoder(w.cut)
	w.enc.SetEscapeHTML(false)
	return w
}

func (w *lines) text(s string) {
	if w.err == nil {
		_, w.err = w.out.WriteString(s)
	}
}

func (w *lines) separator(i int) {
	if i > 0 {
		w.text(",")
	}
	w.text("\n")
}

func (w *lines) value(v any) {
	if w.err == nil {
		w.err = w.enc.Encode(v)
	}
}

func (w *lines) line(v any) {
	w.value(v)
	w.text("\n")
}

func (w *lines) flush() error {
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// cutNewline drops the newline that json.Encoder puts after each value, so that a separator can follow it.
type cutNewline struct{ out io.Writer }

func (c *cutNewline) Write(p []byte) (int, error) {
	n := len(p)
	if n > 0 && p[n-1] == '\n' {
		p = p[:n-1]
	}
	if _, err := c.out.Write(p); err != nil {
		return 0, err
	}
	return n, nil
}
