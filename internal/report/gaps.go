package report

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// CoverageTable prints what was not seen and why, for `stance report --coverage`: for a person what each cause leaves unknown,
// elsewhere a line per call and cause.
func CoverageTable(out io.Writer, result *Result, look terminal.Terminal) error {
	coverage := NewCoverage(result.Coverage)
	if look.Fits() {
		return gapsTable(out, result, coverage, look)
	}
	if _, err := io.WriteString(out, "coverage "+terminal.Clean(coverage.Line())+"\n\n"); err != nil {
		return err
	}
	if coverage.Missing() == 0 {
		return nil
	}
	_, err := grid.Write(out, "table", grid.Rows{
		Columns: []string{"status", "call", "table", "group", "cells", "rows", "scopes", "cause"},
		Values: func(yield func([]any, error) bool) {
			for _, g := range coverage.Gaps {
				row := []any{StatusWord(g.Status), g.Call, g.Table, g.Group, g.Cells, g.Rows, strings.Join(scopes(g), ", "), g.Cause}
				if !yield(row, nil) {
					return
				}
			}
		},
	}, look)
	return err
}

// scopes names the places of a gap once each: "111122223333/eu-west-1".
func scopes(g Gap) []string {
	return placesOf(g, only{}, only{})
}

// placesOf leaves out an account or region that all gaps have in common.
func placesOf(g Gap, account, region only) []string {
	var names []string
	for _, cell := range g.Scopes {
		f := evaluate.Finding{Account: cell.Account, Region: cell.Region}
		if name := placeBeside(f, account, region); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// blame is a cause and all that it leaves unknown.
type blame struct {
	status collect.Status
	cause  string
	cells  int
	gaps   []Gap
}

// blames puts gaps of the same cause together, the most cells first.
func blames(gaps []Gap) []blame {
	var all []blame
	for _, g := range gaps {
		i := slices.IndexFunc(all, func(b blame) bool { return b.status == g.Status && b.cause == g.Cause })
		if i < 0 {
			all = append(all, blame{status: g.Status, cause: g.Cause})
			i = len(all) - 1
		}
		all[i].cells += g.Cells
		all[i].gaps = append(all[i].gaps, g)
	}
	slices.SortStableFunc(all, func(a, b blame) int { return cmp.Compare(b.cells, a.cells) })
	return all
}

// hidden says what a cause leaves unknown: "aws_iam_user (mfa), aws_iam_role (policies): eu-west-1, us-east-1". Tables that are
// not known in the same places share a line.
func (b blame) hidden(account, region only, mostPlaces int) []string {
	var places []string
	tables := map[string][]string{} // by places
	groups := map[[2]string][]string{}
	rows := map[[2]string]int64{}
	for _, g := range b.gaps {
		where := join(placesOf(g, account, region), mostPlaces)
		if tables[where] == nil {
			places = append(places, where)
		}
		table := [2]string{where, g.Table}
		if !slices.Contains(tables[where], g.Table) {
			tables[where] = append(tables[where], g.Table)
		}
		if g.Group != "" {
			groups[table] = append(groups[table], g.Group)
		}
		if g.Group != plan.GroupList || g.Status == collect.Partial { // of a list that failed nobody knows how many there are
			rows[table] = max(rows[table], g.Rows)
		}
	}
	lines := make([]string, len(places))
	for i, where := range places {
		var names []string
		for _, name := range tables[where] {
			about := groups[[2]string{where, name}]
			if n := rows[[2]string{where, name}]; n > 0 {
				about = append(about, count(n, "row"))
			}
			if len(about) > 0 {
				name += " (" + strings.Join(about, ", ") + ")"
			}
			names = append(names, name)
		}
		lines[i] = strings.Join(names, ", ")
		if where != "" {
			lines[i] += ": " + where
		}
	}
	return lines
}

// said is the cause without the word that stands before it already.
func (b blame) said() string {
	if b.cause == "" {
		return "no cause given"
	}
	return strings.TrimPrefix(b.cause, StatusWord(b.status)+": ")
}

const (
	placesOnTerminal = 24
	placesElsewhere  = 1 << 20
)

// gapsTable never cuts a cause: it is what people come for.
func gapsTable(out io.Writer, result *Result, coverage Coverage, look terminal.Terminal) error {
	w := &summaryWriter{out: bufio.NewWriter(out), look: look, width: look.Columns(), result: result}
	for _, line := range terminal.Wrap(terminal.Clean("coverage "+coverage.Line()), w.width) {
		w.line(line)
	}
	w.notes(0)
	if coverage.Missing() == 0 {
		return w.out.Flush()
	}
	var account, region only
	for _, g := range coverage.Gaps {
		for _, cell := range g.Scopes {
			account.add(cell.Account)
			region.add(cell.Region)
		}
	}
	for _, place := range []struct {
		what string
		only only
	}{{"account", account}, {"region", region}} {
		if place.only.one() {
			w.line(w.dim("all in " + place.what + " " + terminal.Clean(place.only.value)))
		}
	}
	w.line()
	all := blames(coverage.Gaps)
	places := placesOnTerminal
	if !look.TTY {
		places = placesElsewhere
	}
	w.blames(all, func(b blame) []string { return b.hidden(account, region, places) })
	return w.out.Flush()
}

func (w *summaryWriter) blames(all []blame, hidden func(blame) []string) {
	cells, status := len("cells"), len("status")
	for _, b := range all {
		cells, status = max(cells, len(number(int64(b.cells)))), max(status, len(StatusWord(b.status)))
	}
	indent := cells + 2 + status + 2
	room := max(20, w.width-indent)
	w.line(w.look.Paint(terminal.PadLeft("cells", cells)+"  "+terminal.Pad("status", status)+"  cause, and what it leaves unknown", terminal.Bold))
	for _, b := range all {
		first := terminal.PadLeft(number(int64(b.cells)), cells) + "  " + w.look.Paint(terminal.Pad(StatusWord(b.status), status), terminal.Yellow) + "  "
		for i, line := range terminal.Wrap(terminal.Clean(b.said()), room) {
			if i > 0 {
				first = strings.Repeat(" ", indent)
			}
			w.line(first, line)
		}
		for _, what := range hidden(b) {
			for i, line := range terminal.Wrap(terminal.Clean(what), room-2) {
				w.line(strings.Repeat(" ", indent+2*min(i, 1)), w.dim(line))
			}
		}
	}
}
