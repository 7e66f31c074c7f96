package evaluate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// Failure is a fixture, or a test of a function, that did not get what it wants.
type Failure struct {
	Pos     content.Pos
	Subject string // check aws_s3_bucket_versioning
	Fixture string // what the fixture is, in words; empty for functions
	Wanted  string
	Got     string
	Row     string // what the SQL saw
}

func (f Failure) String() string {
	var s strings.Builder
	if f.Pos.File != "" {
		s.WriteString(f.Pos.String() + ": ")
	}
	s.WriteString(f.Subject)
	if f.Fixture != "" {
		s.WriteString(", fixture " + f.Fixture)
	}
	for _, line := range []struct{ name, text string }{{"wanted", f.Wanted}, {"got", f.Got}, {"saw", f.Row}} {
		if line.text != "" {
			fmt.Fprintf(&s, "\n  %-7s %s", line.name+":", strings.ReplaceAll(line.text, "\n", "\n          "))
		}
	}
	return s.String()
}

// wanted is what a fixture wants, in words.
func wanted(want string) string {
	switch want {
	case content.WantNone:
		return "no finding"
	case content.WantUnknown:
		return "UNKNOWN for a call that failed"
	}
	return strings.ToUpper(want)
}

// judge compares what each case got with what it wants.
func (t *tester) judge(ctx context.Context) error {
	if err := t.collectVerdicts(ctx); err != nil {
		return err
	}
	for _, c := range t.cases {
		if c.base != nil && c.base.fault() != "" {
			continue // reported for the fixture itself
		}
		fault := c.fault()
		if fault == "" {
			continue
		}
		saw, err := t.saw(ctx, c)
		if err != nil {
			return err
		}
		fixture := c.fixture.Want
		if c.about != "" {
			fixture += " " + c.about
		}
		want := wanted(c.want)
		if c.cause != "" {
			want += ", cause with " + c.cause
		}
		if c.found != "" {
			want += ", found: " + c.found
		}
		t.failures = append(t.failures, Failure{
			Pos: c.fixture.Pos, Subject: "check " + c.job.check.Spec.ID, Fixture: fixture, Wanted: want, Got: fault, Row: saw,
		})
	}
	return nil
}

// fault says how a case differs from what it wants, empty if it does not.
func (c *testCase) fault() string {
	verdicts := c.verdicts
	if c.account != "" {
		verdicts = slices.DeleteFunc(slices.Clone(verdicts), func(v verdict) bool { return v.account != c.account })
	}
	if c.region != "" {
		verdicts = slices.DeleteFunc(slices.Clone(verdicts), func(v verdict) bool { return v.region == secondRegion })
	}
	count := map[Status]int{}
	for _, v := range verdicts {
		count[v.status]++
		if v.status == Unknown && strings.HasPrefix(v.cause, "defect: ") && (c.cause == "" || !strings.Contains(v.cause, c.cause)) {
			return describe(verdicts)
		}
	}
	n, ok := len(verdicts), false
	switch c.want {
	case content.WantPass:
		ok = n > 0 && count[Pass] == n
		if ok && !c.foundIn(verdicts, Pass) {
			return describe(verdicts) + c.difference(verdicts)
		}
	case content.WantFail:
		ok = count[Fail] > 0 && (c.job.spread || n == 1)
		if ok && !c.foundIn(verdicts, Fail) {
			return describe(verdicts) + c.difference(verdicts)
		}
	case content.WantUnknown:
		ok = count[Unknown] > 0 && count[Pass]+count[Fail]+count[Manual] == 0 &&
			slices.ContainsFunc(verdicts, func(v verdict) bool { return strings.Contains(v.cause, c.cause) })
	case content.WantManual:
		ok = n > 0 && count[Manual] == n
	case content.WantNone:
		ok = n == 0
	}
	if ok {
		return ""
	}
	return describe(verdicts)
}

func (c *testCase) foundIn(verdicts []verdict, status Status) bool {
	return c.found == "" || slices.ContainsFunc(verdicts, func(v verdict) bool { return v.status == status && v.found == c.found })
}

// difference points at the first character in which a found text is not the wanted one.
func (c *testCase) difference(verdicts []verdict) string {
	if len(verdicts) != 1 {
		return ""
	}
	got, n := verdicts[0].found, 0
	for n < len(got) && n < len(c.found) && got[n] == c.found[n] {
		n++
	}
	for n > 0 && n < len(got) && !utf8.RuneStart(got[n]) {
		n--
	}
	return fmt.Sprintf("\nthey differ from %q on, where %q is wanted", got[n:], c.found[n:])
}

func describe(verdicts []verdict) string {
	if len(verdicts) == 0 {
		return "no finding"
	}
	const most = 5
	var lines []string
	for i, v := range verdicts {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(verdicts)-most))
			break
		}
		line := string(v.status)
		if v.place != "" {
			line += " " + strings.TrimPrefix(v.place, " ")
		}
		switch {
		case v.cause != "":
			line += ", cause: " + v.cause
		case v.found != "":
			line += ", found: " + v.found
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// saw writes the values that the SQL read, table by table.
func (t *tester) saw(ctx context.Context, c *testCase) (string, error) {
	var out []string
	check := c.job.check
	refs := slices.Concat(check.When, check.Pass, check.Found, check.Query)
	for _, ref := range refs {
		if table := t.catalog.Tables[ref.Table]; table != nil {
			refs = append(refs, table.Reads...)
		}
	}
	for _, table := range t.tablesOf(c.job) {
		if table.Spec.List == nil || len(t.lines[table.Name]) == 0 {
			continue
		}
		seen, err := t.documents(ctx, table, refs, c.number)
		if err != nil {
			return "", err
		}
		out = append(out, seen...)
	}
	return strings.Join(out, "\n"), nil
}

// documents writes the first few rows of a case, as far as references name them.
func (t *tester) documents(ctx context.Context, table *plan.Table, refs []plan.Ref, number int) ([]string, error) {
	const most = 3
	rows, err := t.db.QueryContext(ctx, fmt.Sprintf("SELECT to_json(r)::VARCHAR FROM (SELECT %s FROM %s WHERE unknown[%s] = ? LIMIT %d) r",
		strings.Join(readColumns(table, refs), ", "), quoteName(allPrefix+table.Name), quoteText(fixtureKey), most), strconv.Itoa(number))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, table.Name+" "+text)
	}
	return out, rows.Err()
}

// readColumns are the columns of a table that references name, and what is not known of it.
func readColumns(table *plan.Table, refs []plan.Ref) []string {
	columns := []string{"id"}
	for _, column := range table.Columns {
		if column.Name != "id" && column.Name != "unknown" && slices.Contains(refs, plan.Ref{Table: table.Name, Column: column.Name}) {
			columns = append(columns, quoteName(column.Name))
		}
	}
	return append(columns, fmt.Sprintf("map_from_entries(list_filter(map_entries(unknown), lambda _u: _u.key <> '%s' AND NOT starts_with(_u.value, 'skipped: '))) AS unknown", fixtureKey))
}
