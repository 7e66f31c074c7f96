package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
)

// share decides which findings a page holds when there are too many: how many of each status and severity.
type share struct {
	all     bool
	left    map[shareKey]int64
	omitted int64
}

type shareKey struct {
	status   evaluate.Status
	severity string
}

func newShare(summary Summary, most int64) share {
	s := share{all: summary.Total() <= most, left: map[shareKey]int64{}}
	if s.all {
		return s
	}
	s.omitted = summary.Total() - most
	for _, status := range []evaluate.Status{evaluate.Fail, evaluate.Unknown, evaluate.Manual, setAside, evaluate.Pass} {
		for _, severity := range Severities() {
			counts := summary.Severities[severity]
			all := counts.Of(status)
			if status == setAside {
				all = counts.Suppressed
			}
			take := min(most, all)
			s.left[shareKey{status, severity}] = take
			most -= take
		}
	}
	return s
}

// setAside is where findings that are suppressed stand among the statuses.
const setAside evaluate.Status = "SUPPRESSED"

func (s share) takes(f evaluate.Finding) bool {
	if s.all {
		return true
	}
	k := shareKey{f.Status, f.Severity}
	if suppressed(f) {
		k.status = setAside
	}
	s.left[k]--
	return s.left[k] >= 0
}

type pageCheck struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Severity     string   `json:"severity"`
	Service      string   `json:"service"`
	Resource     string   `json:"resource"`
	Why          string   `json:"why,omitempty"`
	Manual       string   `json:"manual,omitempty"`
	Fix          string   `json:"fix,omitempty"`
	CLI          string   `json:"cli,omitempty"`
	Terraform    string   `json:"terraform,omitempty"`
	Caution      string   `json:"caution,omitempty"`
	References   []string `json:"references,omitempty"`
	Objectives   []string `json:"objectives,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	// Params are the values of its parameters that it was asked with.
	Params map[string]any `json:"params,omitempty"`
}

type pageGap struct {
	Status string   `json:"status"`
	Call   string   `json:"call"`
	Table  string   `json:"table"`
	Group  string   `json:"group"`
	Cause  string   `json:"cause"`
	Cells  int      `json:"cells"`
	Rows   int64    `json:"rows"`
	Scopes []string `json:"scopes"`
	More   int      `json:"more,omitempty"`
}

type pageTable struct {
	Table string `json:"table"`
	Cells int    `json:"cells"`
	Seen  int    `json:"seen"`
	Rows  int64  `json:"rows"`
	Calls int64  `json:"calls"`
}

type pageCoverage struct {
	Line    string      `json:"line"`
	Percent string      `json:"percent"`
	Cells   int         `json:"cells"`
	Seen    int         `json:"seen"`
	Gaps    []pageGap   `json:"gaps"`
	Tables  []pageTable `json:"tables"`
}

const maxScopes = 60 // named in one gap; the rest is counted

// writePageData writes the page's data as one JSON object. Findings are rows of numbers that point into lists of strings,
// which stand at the end because they are not known before.
func writePageData(out *bufio.Writer, result *Result, share share) error {
	d := &pageData{out: out, strings: map[string]int{}, checks: map[string]int{}, result: result}
	d.text(`{"scan":`)
	d.value(newScanDocument("", result))
	d.text(`,"coverage":`)
	d.value(newPageCoverage(result.Coverage))
	d.text(`,"omitted":`)
	d.value(share.omitted)
	d.text(",\n\"findings\":[")
	first := true
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if !share.takes(f) {
			continue
		}
		if !first {
			d.text(",")
		}
		first = false
		d.text("\n")
		if d.finding(f); d.err != nil {
			return d.err
		}
	}
	d.text("],\n\"checks\":")
	d.value(d.checkList)
	d.text(",\n\"strings\":")
	d.value(d.list)
	d.text("}")
	return d.err
}

type pageData struct {
	out       *bufio.Writer
	result    *Result
	strings   map[string]int
	list      []string
	checks    map[string]int
	checkList []pageCheck
	err       error
}

func (d *pageData) text(s string) {
	if d.err == nil {
		_, d.err = d.out.WriteString(s)
	}
}

// value writes JSON that may stand inside a script element: encoding/json escapes <, > and &, so nothing ends the element.
func (d *pageData) value(v any) {
	if d.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		d.err = err
		return
	}
	_, d.err = d.out.Write(bytes.TrimSpace(b))
}

// ref gives a string's number, or the string itself where there are too many to be worth it.
func (d *pageData) ref(s string) any {
	if s == "" {
		return -1
	}
	if i, ok := d.strings[s]; ok {
		return i
	}
	if len(d.list) >= 50_000 {
		return s
	}
	d.strings[s] = len(d.list)
	d.list = append(d.list, s)
	return len(d.list) - 1
}

func (d *pageData) finding(f evaluate.Finding) {
	var tags any = 0
	if len(f.Tags) > 0 {
		tags = f.Tags
	}
	row := []any{
		d.check(f), slices.Index(Statuses(), f.Status), rank(f.Severity), d.ref(f.Account), d.ref(f.Region), d.ref(f.ResourceType),
		f.Resource, f.ResourceName, d.ref(f.Found), d.ref(f.Cause), tags,
	}
	if f.Location != nil || suppressed(f) {
		row = append(row, d.code(f))
	}
	d.value(row)
}

// pageCode is what only findings about code, and suppressed ones, have.
type pageCode struct {
	Only    bool     `json:"only,omitempty"` // it is about code alone
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	EndLine int      `json:"end_line,omitempty"`
	Address string   `json:"address,omitempty"`
	Type    string   `json:"type,omitempty"` // in the code's own words
	Unit    string   `json:"unit,omitempty"`
	Calls   []string `json:"calls,omitempty"`
	Patch   string   `json:"patch,omitempty"`
	Reason  string   `json:"reason,omitempty"` // of a suppression
	By      string   `json:"by,omitempty"`
}

func (d *pageData) code(f evaluate.Finding) pageCode {
	var c pageCode
	if l := f.Location; l != nil {
		c = pageCode{Only: inCode(f), File: l.File, Line: l.Line, EndLine: l.EndLine, Address: l.Address, Type: l.Resource, Unit: l.Unit, Calls: calls(l)}
		if l.Fix != nil {
			c.Patch = l.Fix.Diff
		}
	}
	if suppressed(f) {
		c.Reason, c.By = why(f.Suppressed), f.Suppressed.By
	}
	return c
}

func (d *pageData) check(f evaluate.Finding) int {
	if i, ok := d.checks[f.Check]; ok {
		return i
	}
	c := pageCheck{
		ID: f.Check, Title: f.Title, Severity: f.Severity, Resource: f.ResourceType,
		Objectives: f.Objectives, Requirements: f.Requirements, Params: f.Params,
	}
	if known := d.result.Checks[f.Check]; known != nil {
		c.Service, c.Why, c.Manual, c.References = known.Service, known.Why, known.Manual, known.References
		c.Fix, c.CLI, c.Terraform, c.Caution = known.Fix.Text, known.Fix.CLI, known.Fix.Terraform, known.Fix.Caution
	}
	d.checks[f.Check] = len(d.checkList)
	d.checkList = append(d.checkList, c)
	return len(d.checkList) - 1
}

func newPageCoverage(cells []collect.Cell) pageCoverage {
	coverage := NewCoverage(cells)
	p := pageCoverage{
		Line: coverage.Line(), Percent: coverage.Percent(), Cells: coverage.Total, Seen: coverage.Seen,
		Gaps: []pageGap{}, Tables: []pageTable{},
	}
	for _, g := range coverage.Gaps {
		names := scopes(g)
		gap := pageGap{
			Status: StatusWord(g.Status), Call: g.Call, Table: g.Table, Group: g.Group, Cause: g.Cause, Cells: g.Cells,
			Rows: g.Rows, Scopes: names[:min(maxScopes, len(names))],
		}
		gap.More = len(names) - len(gap.Scopes)
		p.Gaps = append(p.Gaps, gap)
	}
	tables := map[string]*pageTable{}
	for _, cell := range cells {
		if !cell.Counts() {
			continue
		}
		t := tables[cell.Table]
		if t == nil {
			t = &pageTable{Table: cell.Table}
			tables[cell.Table] = t
		}
		t.Cells++
		t.Calls += cell.Calls
		if cell.Status == collect.OK {
			t.Seen++
		}
		if cell.Group == "list" {
			t.Rows += cell.Rows
		}
	}
	for _, t := range tables {
		p.Tables = append(p.Tables, *t)
	}
	slices.SortFunc(p.Tables, func(a, b pageTable) int { return cmp.Compare(a.Table, b.Table) })
	return p
}
