package audit

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/grid"
)

// checkGroup are the checks whose worst finding has the same standing.
type checkGroup struct {
	Standing standing // empty: nothing was found that they speak of
	Title    string
	Anchor   string
	Checks   []*pageCheck
}

// pageCheck is a check with how it decides, and with its findings.
type pageCheck struct {
	*weighed
	Anchor  string
	Params  []pageParam
	Doubts  []pageDoubt
	Rows    []pageRow
	Unshown string // what is not listed: "13 that pass"
}

// pageParam is a parameter with the value that the check was asked with.
type pageParam struct{ Name, Value, Default, About string }

// pageDoubt is why a check does not answer some requirements as it was asked.
type pageDoubt struct {
	Text         string
	Requirements []string
}

// pageRow is one finding.
type pageRow struct {
	Standing             standing
	Verdict              string // the status, where the finding was set aside
	Account              int    // among the report's scopes; -1: none of them
	Name, ID, Kind, Said string
	AccountID, Region    string
	Aside                *evaluate.Suppressed
}

// checkGroups are all checks with the findings that are listed, and a sentence about those that are not; it is empty if there are none.
func (d *Document) checkGroups(found map[string]*picked) (groups []checkGroup, omitted string) {
	scopes := map[[2]string]int{}
	for i, s := range d.Report.Scopes {
		scopes[[2]string{s.Provider, s.Account}] = i
	}
	doubts := d.doubts()
	var listed, total int64
	for _, w := range d.weighed() {
		c := &pageCheck{weighed: w, Anchor: anchor("c", w.Check.ID), Params: d.params(w.Check), Doubts: doubts[w.Check.ID]}
		if p := found[w.Check.ID]; p != nil {
			var left []string
			for _, s := range standings() {
				for _, f := range p.rows[s] {
					c.Rows = append(c.Rows, newRow(f, s, scopes))
				}
				listed, total = listed+int64(len(p.rows[s])), total+p.total[s]
				if n := p.left(s); n > 0 {
					left = append(left, number(n)+" "+leftWords(s, n))
				}
			}
			c.Unshown = strings.Join(left, ", ")
		}
		at := slices.IndexFunc(groups, func(g checkGroup) bool { return g.Standing == w.worst })
		if at < 0 {
			at = len(groups)
			groups = append(groups, checkGroup{Standing: w.worst, Title: groupTitle(w.worst), Anchor: "checks-" + cmp.Or(string(w.worst), "none")})
		}
		groups[at].Checks = append(groups[at].Checks, c)
	}
	if listed < total {
		omitted = fmt.Sprintf("%s of %s are listed, what fails first. Each check says what is not. All are in the lake, and in the reports for programs.",
			number(listed), report.Count(total, "finding"))
	}
	return groups, omitted
}

func groupTitle(s standing) string {
	return map[standing]string{
		standFail: "Something fails", standUnknown: "Something is unknown", standAccepted: "What fails is accepted as a risk",
		standMuted: "What fails is muted", standManual: "A person must look", standPass: "All that was found passes", "": "Nothing was found that they speak of",
	}[s]
}

// leftWords say what so many findings that are not listed do: "13 that pass".
func leftWords(s standing, n int64) string {
	one := map[standing]string{
		standFail: "that fails", standUnknown: "that is unknown", standAccepted: "that is accepted as a risk", standMuted: "that is muted",
		standManual: "that a person must look at", standPass: "that passes",
	}
	many := map[standing]string{
		standFail: "that fail", standUnknown: "that are unknown", standAccepted: "that are accepted as a risk", standMuted: "that are muted", standPass: "that pass",
	}
	if n == 1 {
		return one[s]
	}
	return cmp.Or(many[s], one[s])
}

func newRow(f evaluate.Finding, s standing, scopes map[[2]string]int) pageRow {
	row := pageRow{
		Standing: s, Account: -1, Name: report.Label(f), ID: f.Resource, Kind: f.ResourceType, Said: f.Found, AccountID: f.Account, Region: f.Region, Aside: f.Suppressed,
	}
	if row.ID == row.Name {
		row.ID = ""
	}
	if at, known := scopes[[2]string{f.Provider, f.Account}]; known {
		row.Account = at
	}
	if (f.Status == evaluate.Unknown || f.Status == evaluate.Manual) && f.Cause != "" {
		row.Said = f.Cause
	}
	if s == standAccepted || s == standMuted {
		row.Verdict = strings.ToLower(string(f.Status))
	} else {
		row.Aside = nil
	}
	return row
}

// params are a check's parameters with the values that it was asked with.
func (d *Document) params(c *content.Check) []pageParam {
	var all []pageParam
	for _, p := range c.Params {
		param := pageParam{Name: p.Name, Value: "not known", Default: grid.Text(p.Default), About: p.About}
		if value, known := d.Params[c.ID][p.Name]; known {
			param.Value = grid.Text(value)
		}
		if param.Default == param.Value {
			param.Default = ""
		}
		all = append(all, param)
	}
	return all
}

// doubts are, by check, why it does not answer requirements with the parameters that it was asked with.
func (d *Document) doubts() map[string][]pageDoubt {
	all := map[string][]pageDoubt{}
	for _, r := range d.Report.Requirements {
		for i := range r.Checks {
			text := doubt(&r.Checks[i])
			if text == "" {
				continue
			}
			id := r.Checks[i].Check.ID
			at := slices.IndexFunc(all[id], func(one pageDoubt) bool { return one.Text == text })
			if at < 0 {
				at = len(all[id])
				all[id] = append(all[id], pageDoubt{Text: text})
			}
			all[id][at].Requirements = append(all[id][at].Requirements, r.ID)
		}
	}
	return all
}

// doubt says why a check does not, or not wholly, answer a requirement; empty if it does.
func doubt(c *compliance.CheckResult) string { return cmp.Or(c.Loose, c.Strict) }

// Logic is how the check decides, as SQL.
func (c *pageCheck) Logic() []struct{ Name, SQL string } {
	return slices.DeleteFunc(logic(c.Check), func(part struct{ Name, SQL string }) bool { return part.Name == "manual" })
}

// Short says that the SQL is short enough to be seen at once.
func (c *pageCheck) Short() bool {
	lines := 0
	for _, part := range c.Logic() {
		lines += 1 + strings.Count(part.SQL, "\n")
	}
	return lines <= 12
}

// Manner says in words how the SQL decides.
func (c *pageCheck) Manner() string { return manner(c.Check) }

// manner says in words how a check decides. What the SQL calls by a name stands between backticks.
func manner(c *content.Check) string {
	const unread = " Where something that it reads could not be read, it is unknown."
	row := "Each row of `" + c.Resource + "`"
	if c.When != "" {
		row += " for which `when` is true"
	}
	switch {
	case c.Query != "":
		return "The query gives a row for each resource, with whether it passes and what was found." + unread
	case c.Pass == "":
		return row + " is for a person to look at: no API tells."
	case c.Ask != "":
		return row + " is for a person to look at where `ask` gives a text; else it passes where `pass` is true, and fails where it is not." + unread
	}
	return row + " passes where `pass` is true, and fails where it is not." + unread
}

// ticked shows what stands between backticks as code.
func ticked(s string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		part = template.HTMLEscapeString(safeName(part))
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		b.WriteString(part)
	}
	return template.HTML(b.String())
}

// Standings are the numbers of findings by standing, without those that are 0.
func (w *weighed) Standings() []standingCount { return standingCounts(w.Counts) }

// Answers are the requirements that the check answers.
func (w *weighed) Answers() []string { return w.answers }

// Links are the references that are web addresses.
func (w *weighed) Links() []string {
	return slices.DeleteFunc(slices.Clone(w.Check.References), func(s string) bool {
		return !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") || len(s) > maxText
	})
}
