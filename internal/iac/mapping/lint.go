package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac/schema"
	"github.com/stancehq/stance/internal/plan"
)

// Lint proves the mappings of prepared tables against the schemas of the code's resource types: every type and every path must
// exist, and every member of a structure must be said, or be named as one that code cannot tell.
func Lint(tables map[string]*plan.Table) (problems []plan.Problem) {
	for _, name := range sortedNames(tables) {
		t := tables[name]
		for section, language := range map[string]*schema.Language{SectionTerraform: schema.Terraform, SectionCloudFormation: schema.CloudFormation} {
			mappings, err := sectionOf(t.Spec, section)
			l := &linter{tables: tables, table: t, section: section, language: language}
			if err != nil {
				l.report("%v", err)
			}
			for _, m := range mappings {
				l.mapping(m)
			}
			problems = append(problems, l.problems...)
		}
	}
	slices.SortStableFunc(problems, func(a, b plan.Problem) int { return strings.Compare(a.Subject+a.Message, b.Subject+b.Message) })
	return problems
}

type linter struct {
	tables   map[string]*plan.Table
	table    *plan.Table
	section  string
	language *schema.Language
	now      *content.Mapping
	rows     []string // paths to the items that make rows
	problems []plan.Problem
}

func (l *linter) report(format string, args ...any) {
	l.problems = append(l.problems, plan.Problem{
		Severity: plan.SeverityError, Pos: l.table.Spec.Origin.At(l.section), Subject: "table " + l.table.Name,
		Message: l.section + ": " + fmt.Sprintf(format, args...),
	})
}

func (l *linter) mapping(m *content.Mapping) {
	l.now = m
	l.rows = nil
	for _, path := range m.Rows {
		l.path("rows", m.Resources, l.below(0), path)
		l.rows = append(l.rows, path)
	}
	for _, typ := range m.Resources {
		l.exists(typ)
	}
	l.conditions("where", m.Where, m.Resources, l.below(0))
	for _, c := range m.Companions {
		for _, typ := range c.Resources {
			l.exists(typ)
		}
		for _, pair := range c.On {
			l.at("with."+c.Name+".on", c.Resources, pair[0])
			l.at("with."+c.Name+".on", m.Resources, pair[1])
		}
		l.conditions("with."+c.Name+".where", c.Where, c.Resources, "")
		l.templates("with."+c.Name+".attributes.", c.Attributes, c.Resources)
	}
	l.templates("attributes.", m.Attributes, m.Resources)
	for _, c := range m.Columns {
		l.column(c)
	}
}

func (l *linter) templates(at string, templates []*content.Template, types []string) {
	for _, a := range templates {
		for _, path := range holes(a.Text) {
			path, _, _ = strings.Cut(path, "|")
			path, _, _ = strings.Cut(path, "#")
			if !slices.Contains([]string{"account_id", "region", "partition"}, path) {
				l.at(at+a.Attribute, types, path)
			}
		}
	}
}

func (l *linter) exists(typ string) {
	if !l.language.Knows(typ) {
		l.report("there is no type %s; %s", typ, content.DidYouMean(typ, l.language.Types()))
	}
}

// column proves a column's source and that it says all members of the column's type.
func (l *linter) column(c *content.MappedColumn) {
	at := "columns." + c.Name
	path := pathOf(l.table, c.Name)
	if path == nil {
		l.report("%s: the table has no such column with a path", at)
		return
	}
	l.source(at, c.Source, l.now.Resources, l.below(0))
	var text string
	for _, column := range l.table.Columns {
		if column.Name == c.Name {
			text = column.Type
		}
	}
	typ, err := plan.ParseType(text)
	if err != nil || path.As != "" {
		return
	}
	all := map[string]bool{}
	leaves(typ, "", all)
	if all[""] { // no structure
		return
	}
	for name := range all {
		if !l.says(c.Source, name) && !slices.ContainsFunc(c.Unsaid, func(u string) bool { return name == u || strings.HasPrefix(name, u+".") }) {
			l.report("%s does not say %s: say where it comes from, or list it under unsaid: if code cannot tell it", at, name)
		}
	}
	for _, name := range c.Unsaid {
		if !hasMember(all, name) {
			l.report("%s.unsaid: there is no member %s", at, name)
		}
	}
}

// leaves collects the members of a type that hold values, dotted through lists.
func leaves(t *plan.Type, at string, all map[string]bool) {
	switch {
	case t.Elem != nil && t.Key == nil:
		leaves(t.Elem, at, all)
	case t.Fields != nil:
		for _, f := range t.Fields {
			leaves(f.Type, strings.TrimPrefix(at+"."+f.Name, "."), all)
		}
	default:
		all[at] = true
	}
}

func hasMember(all map[string]bool, name string) bool {
	for member := range all {
		if member == name || strings.HasPrefix(member, name+".") {
			return true
		}
	}
	return false
}

// says tells whether a source may give a member. One that takes a value whole says all that it has.
func (l *linter) says(s *content.Source, name string) bool {
	switch {
	case len(s.Members) > 0:
		for _, m := range s.Members {
			switch {
			case m.Name == name, strings.HasPrefix(m.Name, name+"."):
				return true
			case strings.HasPrefix(name, m.Name+"."):
				return l.says(m.Source, strings.TrimPrefix(name, m.Name+"."))
			}
		}
		return false
	case s.Item != nil:
		return l.says(s.Item, name)
	}
	for _, list := range [][]*content.Source{s.First, s.Concat, s.Merge} {
		for _, one := range list {
			if !one.HasValue && !l.says(one, name) {
				return false
			}
		}
	}
	if s.Path != "" && l.section == SectionTerraform {
		return s.Values != nil // its words are never the vendor's
	}
	return true
}

// source proves the paths of a source that is read in a type, below a path.
func (l *linter) source(at string, s *content.Source, types []string, below string) {
	inside, under := l.enter(s, types, below)
	l.conditions(at+".where", s.Where, inside, under)
	switch {
	case s.Path != "":
		l.path(at, types, below, s.Path)
	case s.JSON != "":
		l.path(at, types, below, s.JSON)
	case s.Attribute != "":
		l.attribute(at, s.Attribute, types)
	case s.Text != "":
		for _, path := range holes(s.Text) {
			if !slices.Contains([]string{"account_id", "region", "partition"}, path) {
				l.path(at, types, below, path)
			}
		}
	case s.Each != "":
		l.path(at, types, below, s.Each)
	}
	types, below = inside, under
	for _, m := range s.Members {
		l.source(at+"."+m.Name, m.Source, types, below)
	}
	if s.Item != nil {
		l.source(at+".item", s.Item, types, below)
	}
	for _, list := range [][]*content.Source{s.First, s.Concat, s.Merge} {
		for _, one := range list {
			l.source(at, one, types, below)
		}
	}
}

// attribute proves that the mappings of some types say what an attribute stands for.
func (l *linter) attribute(at, name string, types []string) {
	for _, t := range l.tables {
		mappings, _ := sectionOf(t.Spec, l.section)
		for _, m := range mappings {
			said := slices.ContainsFunc(m.Attributes, func(a *content.Template) bool { return a.Attribute == name })
			if said && slices.ContainsFunc(m.Resources, func(typ string) bool { return slices.Contains(types, typ) }) {
				return
			}
		}
	}
	l.report("%s: no mapping of %s has the attribute %s", at, strings.Join(types, ", "), name)
}

// enter gives the types and the path that the items of Each are read in.
func (l *linter) enter(s *content.Source, types []string, below string) ([]string, string) {
	if s.Each == "" {
		return types, below
	}
	from, rest, ok := strings.Cut(s.Each, "/")
	if !ok {
		return types, join(below, s.Each)
	}
	if c := l.companion(from); c != nil {
		return c.Resources, strings.TrimPrefix(rest, ".")
	}
	return l.now.Resources, strings.TrimPrefix(rest, ".")
}

func (l *linter) companion(name string) *content.Companion {
	for _, c := range l.now.Companions {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func join(below, path string) string {
	switch {
	case path == ".":
		return below
	case below == "":
		return path
	}
	return below + "." + path
}

// below is where the paths of a row begin, or those of the items that it lies in.
func (l *linter) below(outward int) (path string) {
	for i := range max(0, len(l.rows)-outward) {
		path = join(path, l.rows[i])
	}
	return path
}

// path proves a path of a source.
func (l *linter) path(at string, types []string, below, path string) {
	from, rest, ok := strings.Cut(path, "/")
	switch {
	case !ok:
		l.at(at, types, join(below, path))
	case from == "provider":
	case from == "..":
		outward := 1
		for ; strings.HasPrefix(rest, "../"); outward++ {
			rest = rest[len("../"):]
		}
		if outward > len(l.rows) {
			l.report("%s: %s goes out of the resource", at, path)
			return
		}
		l.at(at, types, join(l.below(outward), rest))
	case from == "":
		l.at(at, l.now.Resources, rest)
	case l.companion(from) == nil:
		l.report("%s: %s names no companion: with: has none of that name", at, from)
	default:
		l.at(at, l.companion(from).Resources, rest)
	}
}

func (l *linter) conditions(at string, conditions []content.Condition, types []string, below string) {
	for _, c := range conditions {
		l.path(at, types, below, c.Path)
	}
}

// at proves that a path exists in one of several types, which may be of different age and shape.
func (l *linter) at(at string, types []string, path string) {
	if path == "." || path == "" {
		return
	}
	var first error
	for _, name := range types {
		t, ok := l.language.Type(name)
		if !ok {
			return // told elsewhere
		}
		_, err := t.At(path)
		if err != nil {
			if _, output := t.Output(path); output == nil {
				err = nil
			}
		}
		if err == nil {
			return
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		l.report("%s: %v", at, first)
	}
}

// holes are the paths in braces of a template.
func holes(text string) (paths []string) {
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return paths
		}
		path, after, _ := strings.Cut(rest, "}")
		paths = append(paths, path)
		text = after
	}
}
