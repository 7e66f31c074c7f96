package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/content"
)

// Lint proves content: that each call, input, path and column exists and is of the right type, that all SQL can be asked
// and its lineage told, that functions give what their tests say, and that checks carry what a reader and a test need. The
// checks' tests must be loaded. All problems are told, in the order of the files; with strict, warnings are errors.
// The error is for what is not the content's fault.
func Lint(ctx context.Context, library *content.Library, apis APIs, strict bool) (problems []Problem, err error) {
	p, problems, err := prepare(ctx, library, apis)
	if err != nil {
		return nil, fmt.Errorf("lint: %w", err)
	}
	defer func() { err = errors.Join(err, p.planner.Close()) }()
	l := &linter{library: library, apis: apis, prepared: p, documents: map[*content.Table]*documentShape{}}
	for _, t := range library.Tables {
		l.table(t)
	}
	for _, c := range library.Checks {
		l.check(c)
	}
	problems = append(problems, l.problems...)
	for _, prove := range []func(context.Context) ([]Problem, error){l.functions, l.examples, l.bounds, l.unused} {
		more, err := prove(ctx)
		if err != nil {
			return nil, fmt.Errorf("lint: %w", err)
		}
		problems = append(problems, more...)
	}
	SortProblems(problems)
	problems = slices.Compact(problems)
	if strict {
		for i := range problems {
			if problems[i].Severity == SeverityWarning {
				problems[i].Severity = SeverityError
			}
		}
	}
	return problems, nil
}

type linter struct {
	library   *content.Library
	apis      APIs
	prepared  *prepared
	documents map[*content.Table]*documentShape
	problems  []Problem
}

func (l *linter) report(p Problem) { l.problems = append(l.problems, p) }

// documentsOf gives the shape of a table's documents, or nil if its calls cannot be told; that is reported by Prepare.
func (l *linter) documentsOf(t *content.Table) *documentShape {
	if t == nil || t.List == nil || l.apis[t.Provider] == nil {
		return nil
	}
	if d, ok := l.documents[t]; ok {
		return d
	}
	l.documents[t] = nil // a table that is its own parent must not be followed for ever
	p := &Preparer{api: l.apis[t.Provider], specs: map[string]*content.Table{}}
	for _, spec := range l.library.Tables {
		p.specs[spec.Name] = spec
	}
	d := p.documents(t, func(string, string, string, ...any) {})
	if len(d.items) == 0 {
		d = nil
	}
	l.documents[t] = d
	return d
}

// tableLinter proves what the API description tells about one table.
type tableLinter struct {
	*linter
	spec *content.Table
	api  content.API
}

func (l *linter) table(spec *content.Table) {
	t := &tableLinter{linter: l, spec: spec, api: l.apis[spec.Provider]}
	if spec.List == nil || t.api == nil {
		return
	}
	for i, call := range lists(spec) {
		key := GroupList
		if i > 0 {
			key = fmt.Sprintf("also.%d", i-1)
		}
		row := (*content.Table)(nil)
		if call.For != "" {
			row = l.library.Table(call.For)
			t.parent(call, key)
		}
		t.call(call, key, row)
	}
	for _, call := range spec.Get {
		t.call(call, "get."+call.Name, spec)
		t.groupName(call)
	}
	t.region()
	t.identity()
}

func (t *tableLinter) fail(key, hint, format string, args ...any) {
	t.problem(SeverityError, key, hint, format, args...)
}

func (t *tableLinter) problem(severity, key, hint, format string, args ...any) {
	t.report(Problem{
		Severity: severity, Pos: t.spec.Origin.At(key), Subject: "table " + t.spec.Name,
		Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// groupName refuses a group that would hide a field of the list item in the row's document.
func (t *tableLinter) groupName(call *content.Call) {
	d := t.documentsOf(t.spec)
	if d == nil {
		return
	}
	for _, item := range d.items {
		if item.Kind == content.KindStruct && item.Member(call.Name) != nil {
			t.fail("get."+call.Name, "call the group otherwise", "the list item has a field %q already", call.Name)
			return
		}
	}
}

// region proves the path that says where a row lives.
func (t *tableLinter) region() {
	d := t.documentsOf(t.spec)
	if d == nil || t.spec.Region == "" {
		return
	}
	at, err := d.resolve(t.spec.Region)
	switch {
	case err != nil:
		t.fail("region", hintOf(err), "region: %s", err)
	case at.group != GroupList:
		t.fail("region", "", "region: %s is not part of the list item", t.spec.Region)
	case at.through || at.shape.Kind != content.KindString && at.shape.Kind != content.KindAny:
		t.fail("region", "", "region: %s is %s, but must be text", t.spec.Region, kindWords[at.shape.Kind])
	}
}

// identity refuses an id that a call for the row gives: without that call's answer nothing could be said of which row it is.
func (t *tableLinter) identity() {
	prepared := t.prepared.catalog.Tables[t.spec.Name]
	if prepared == nil {
		return
	}
	for _, c := range prepared.Columns {
		if c.Name != "id" {
			continue
		}
		for _, g := range c.Groups {
			if g != GroupList {
				t.fail("id", "build it from what the list item has", "id rests on the group %s; it must be known from the list alone", g)
			}
		}
	}
}
