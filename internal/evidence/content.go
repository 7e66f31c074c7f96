package evidence

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// checkFile is a check as a bundle has it: all that decides on its verdicts, and what says what it is for. What it reads is not in it:
// who verifies works that out of the SQL.
type checkFile struct {
	ID         string                 `json:"id"`
	Title      string                 `json:"title"`
	Severity   string                 `json:"severity"`
	Provider   string                 `json:"provider"`
	Service    string                 `json:"service,omitempty"`
	Resource   string                 `json:"resource"`
	Why        lines                  `json:"why,omitempty"`
	When       lines                  `json:"when,omitempty"`
	Ask        lines                  `json:"ask,omitempty"`
	Pass       lines                  `json:"pass,omitempty"`
	Found      lines                  `json:"found,omitempty"`
	Query      lines                  `json:"query,omitempty"`
	Manual     lines                  `json:"manual,omitempty"`
	Scope      string                 `json:"scope,omitempty"`
	Concerns   map[string]concernFile `json:"concerns,omitempty"`
	Parameters []paramFile            `json:"parameters,omitempty"`
	// FoundOnPass says that found is told of what passes, too.
	FoundOnPass bool     `json:"found_on_pass,omitempty"`
	Objectives  []string `json:"objectives,omitempty"`
	References  []string `json:"references,omitempty"`
}

type concernFile struct {
	Row lines `json:"row"`
	Of  lines `json:"of"`
}

type paramFile struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`
	Default json.RawMessage `json:"default"`
	About   lines           `json:"about,omitempty"`
}

// tableFile is a table as a bundle has it. Select is what makes rows of documents, and derive or rows what makes them of nothing
// collected; the rest explains it.
type tableFile struct {
	Name      string                 `json:"name"`
	Title     string                 `json:"title,omitempty"`
	About     lines                  `json:"about,omitempty"`
	Provider  string                 `json:"provider"`
	Service   string                 `json:"service,omitempty"`
	ID        string                 `json:"id"`
	NameFrom  string                 `json:"name_column,omitempty"`
	List      string                 `json:"list,omitempty"` // the call that gives its rows; empty of derived and constant tables
	Of        string                 `json:"for,omitempty"`
	Columns   []columnFile           `json:"columns"`
	Groups    []groupFile            `json:"groups,omitempty"`
	Mask      []string               `json:"mask,omitempty"`
	Given     []string               `json:"given,omitempty"` // see givenColumns
	Derive    lines                  `json:"derive,omitempty"`
	Concerns  map[string]concernFile `json:"concerns,omitempty"`
	Rows      []json.RawMessage      `json:"rows,omitempty"`
	Transform string                 `json:"transform,omitempty"`
	Select    lines                  `json:"select,omitempty"`
}

// columnFile is a column. Path and SQL say where its value is from; the path's own form is As and Crossing.
type columnFile struct {
	Name      string   `json:"name"`
	Type      string   `json:"type,omitempty"` // of a derived table only where it says one
	Path      string   `json:"path,omitempty"`
	As        string   `json:"as,omitempty"`
	Crossing  bool     `json:"crosses_lists,omitempty"`
	SQL       lines    `json:"sql,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	Rests     []string `json:"rests_on,omitempty"`
	Sensitive bool     `json:"sensitive,omitempty"`
	About     lines    `json:"about,omitempty"`
}

// groupFile is a column group and the call that fills it.
type groupFile struct {
	Name string `json:"name"`
	Call string `json:"call"`
}

// newCheckFile writes a check. Shared are the parameters that all checks of its provider may name.
func newCheckFile(c *plan.Check, shared []*content.Param) (checkFile, error) {
	s := c.Spec
	f := checkFile{
		ID: s.ID, Title: s.Title, Severity: s.Severity, Provider: s.Provider, Service: s.Service, Resource: s.Resource, Why: lines(s.Why),
		When: lines(s.When), Ask: lines(s.Ask), Pass: lines(s.Pass), Found: lines(s.Found), Query: lines(s.Query), Manual: lines(s.Manual),
		Scope: s.Scope, Concerns: concernFiles(s.Concerns), FoundOnPass: c.FoundOnPass, Objectives: s.Objectives, References: s.References,
	}
	for _, p := range paramsOf(s, shared) {
		value, err := plain(p.Default)
		if err != nil {
			return f, fmt.Errorf("write check %s: parameter %s: %w", s.ID, p.Name, err)
		}
		f.Parameters = append(f.Parameters, paramFile{p.Name, p.Type, value, lines(p.About)})
	}
	return f, nil
}

// paramsOf are the check's own parameters, and those of the shared ones that its SQL names.
func paramsOf(s *content.Check, shared []*content.Param) []*content.Param {
	params := slices.Clone(s.Params)
	for _, text := range []string{s.When, s.Ask, s.Pass, s.Found, s.Query} {
		for _, name := range content.SQLParams(text) {
			if slices.ContainsFunc(params, func(p *content.Param) bool { return p.Name == name }) {
				continue
			}
			if i := slices.IndexFunc(shared, func(p *content.Param) bool { return p.Name == name }); i >= 0 {
				params = append(params, shared[i])
			}
		}
	}
	return params
}

func concernFiles(concerns map[string]content.Concern) map[string]concernFile {
	if len(concerns) == 0 {
		return nil
	}
	files := make(map[string]concernFile, len(concerns))
	for name, c := range concerns {
		files[name] = concernFile{lines(c.Row), lines(c.Of)}
	}
	return files
}

func concernsOf(files map[string]concernFile) map[string]content.Concern {
	if len(files) == 0 {
		return nil
	}
	concerns := make(map[string]content.Concern, len(files))
	for name, f := range files {
		concerns[name] = content.Concern{Row: string(f.Row), Of: string(f.Of)}
	}
	return concerns
}

// spec gives the check back. The error is for parameters that are not of their type.
func (f *checkFile) spec() (*content.Check, error) {
	s := &content.Check{
		ID: f.ID, Title: f.Title, Severity: f.Severity, Provider: f.Provider, Service: f.Service, Resource: f.Resource, Why: string(f.Why),
		When: string(f.When), Ask: string(f.Ask), Pass: string(f.Pass), Found: string(f.Found), Query: string(f.Query), Manual: string(f.Manual),
		Scope: f.Scope, Concerns: concernsOf(f.Concerns), Objectives: f.Objectives, References: f.References,
		Origin: &content.Origin{Pos: content.Pos{File: checkName(f.ID)}},
	}
	for _, p := range f.Parameters {
		value, err := paramValue(p.Type, p.Default)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		s.Params = append(s.Params, &content.Param{Name: p.Name, Type: p.Type, Default: value, About: string(p.About)})
	}
	return s, nil
}

// paramValue reads a parameter's value as its type has it.
func paramValue(kind string, text json.RawMessage) (value any, err error) {
	read := func(into any) error { return json.Unmarshal(text, into) }
	switch kind {
	case content.TypeInteger:
		var n int64
		err, value = read(&n), n
		if err != nil { // 30.0 is whole as well
			var x float64
			if err = read(&x); err == nil && x != float64(int64(x)) {
				err = fmt.Errorf("%s is no whole number", text)
			}
			value = int64(x)
		}
	case content.TypeNumber:
		var x float64
		err, value = read(&x), x
	case content.TypeBoolean:
		var b bool
		err = read(&b)
		value = b
	case content.TypeString:
		var s string
		err = read(&s)
		value = s
	case content.TypeStrings:
		list := []string{}
		err = read(&list)
		value = list
	default:
		err = fmt.Errorf("%q is no type of parameters", kind)
	}
	return value, err
}

func newTableFile(t *plan.Table) (tableFile, error) {
	s := t.Spec
	f := tableFile{
		Name: t.Name, Title: s.Title, About: lines(s.About), Provider: s.Provider, Service: s.Service, ID: s.ID, NameFrom: s.NameColumn,
		Mask: t.Mask, Given: givenColumns(t), Derive: lines(s.Derive), Concerns: concernFiles(s.Concerns),
	}
	if s.List != nil {
		f.List, f.Of = s.List.Service+":"+s.List.Op, s.List.For
		f.Transform, f.Select = t.Transform, lines(t.Select)
	}
	for _, call := range s.Get {
		f.Groups = append(f.Groups, groupFile{call.Name, call.Service + ":" + call.Op})
	}
	for _, row := range s.Rows {
		text, err := plain(row)
		if err != nil {
			return f, fmt.Errorf("write table %s: %w", t.Name, err)
		}
		f.Rows = append(f.Rows, text)
	}
	if s.List == nil { // the planner tells the rest
		for _, c := range s.Columns {
			f.Columns = append(f.Columns, columnFile{Name: c.Name, Type: c.Type, About: lines(c.About)})
		}
		return f, nil
	}
	for _, c := range t.Columns {
		column := columnFile{Name: c.Name, Type: c.Type, Groups: c.Groups, Rests: c.Rests, Sensitive: c.Sensitive}
		if own := s.Column(c.Name); own != nil {
			column.SQL, column.About = lines(own.SQL), lines(own.About)
		}
		f.Columns = append(f.Columns, column)
	}
	f.addPaths(t)
	return f, nil
}

// addPaths says where path columns are. One that fills only a common column, such as the id, is not among the table's own.
func (f *tableFile) addPaths(t *plan.Table) {
	for _, path := range t.Paths {
		i := slices.IndexFunc(f.Columns, func(c columnFile) bool { return c.Name == path.Column })
		if i < 0 {
			f.Columns = append(f.Columns, columnFile{Name: path.Column})
			i = len(f.Columns) - 1
		}
		f.Columns[i].Path, f.Columns[i].As, f.Columns[i].Crossing = path.Path, path.As, path.List
	}
}

// givenColumns are those whose values cannot be read of masked documents: what is secret, and what was worked out of secrets, such as
// whether a password stands among variables. A bundle has their values as the scan put them into the lake.
func givenColumns(t *plan.Table) []string {
	hidden := map[string]bool{}
	for _, path := range t.Paths {
		hidden[path.Column] = slices.ContainsFunc(t.Mask, func(mask string) bool { return meet(path.Path, mask) })
	}
	var given []string
	for _, c := range t.Columns {
		if c.Sensitive || hidden[c.Name] || slices.ContainsFunc(c.Rests, func(name string) bool { return hidden[name] }) {
			given = append(given, c.Name)
		}
	}
	return given
}

// meet says whether one of two dotted paths lies at or below the other. A star is any key.
func meet(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] && x[i] != "*" && y[i] != "*" {
			return false
		}
	}
	return true
}

// table gives a collected table back, and only the spec of another.
func (f *tableFile) table() (*plan.Table, error) {
	spec := &content.Table{
		Name: f.Name, Title: f.Title, About: string(f.About), Provider: f.Provider, Service: f.Service, ID: f.ID, NameColumn: f.NameFrom,
		Derive: string(f.Derive), Concerns: concernsOf(f.Concerns), Origin: &content.Origin{Pos: content.Pos{File: tableName(f.Name)}},
	}
	for _, row := range f.Rows {
		var values map[string]any
		if err := decode(row, &values); err != nil {
			return nil, fmt.Errorf("rows: %w", err)
		}
		spec.Rows = append(spec.Rows, values)
	}
	if f.List == "" {
		for _, c := range f.Columns {
			spec.Columns = append(spec.Columns, &content.Column{Name: c.Name, Type: c.Type, About: string(c.About)})
		}
		return &plan.Table{Spec: spec, Name: f.Name}, nil
	}
	spec.List = call(f.List)
	for _, g := range f.Groups {
		c := call(g.Call)
		c.Name = g.Name
		spec.Get = append(spec.Get, c)
	}
	t := &plan.Table{Spec: spec, Name: f.Name, Transform: f.Transform, Select: string(f.Select), Mask: f.Mask}
	for _, c := range f.Columns {
		if c.Type != "" {
			t.Columns = append(t.Columns, plan.Column{Name: c.Name, Type: c.Type, Groups: c.Groups, Sensitive: c.Sensitive, Rests: c.Rests})
		}
		if c.Path != "" {
			t.Paths = append(t.Paths, plan.Path{Column: c.Name, Path: c.Path, As: c.As, List: c.Crossing})
		}
	}
	return t, nil
}

func call(name string) *content.Call {
	service, op, _ := strings.Cut(name, ":")
	return &content.Call{Name: plan.GroupList, Service: service, Op: op}
}

// closure are the tables that checks read, themselves or through derived ones, by name.
func closure(checks []*plan.Check, tables map[string]*plan.Table) []*plan.Table {
	seen := map[string]*plan.Table{}
	var add func(name string)
	add = func(name string) {
		t := tables[name]
		if t == nil || seen[name] != nil {
			return
		}
		seen[name] = t
		for _, over := range t.Over {
			add(over)
		}
		for _, ref := range t.Reads {
			add(ref.Table)
		}
	}
	for _, c := range checks {
		add(c.Spec.Resource)
		for _, name := range c.Tables {
			add(name)
		}
		for _, ref := range c.Refs() {
			add(ref.Table)
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	list := make([]*plan.Table, len(names))
	for i, name := range names {
		list[i] = seen[name]
	}
	return list
}

// word finds names in SQL.
var word = regexp.MustCompile(`\w+`)

// functionsOf are those that the SQL of checks and tables names, themselves or through others, each after those that it names.
func functionsOf(checks []*plan.Check, tables []*plan.Table, all []*content.Function) []*content.Function {
	byName := map[string]*content.Function{}
	for _, f := range all {
		byName[strings.ToLower(f.Name)] = f
	}
	seen := map[*content.Function]bool{}
	var order []*content.Function
	var read func(texts ...string)
	read = func(texts ...string) {
		for _, text := range texts {
			for _, name := range word.FindAllString(text, -1) {
				f := byName[strings.ToLower(name)]
				if f == nil || seen[f] {
					continue
				}
				seen[f] = true
				read(f.SQL)
				order = append(order, f)
			}
		}
	}
	for _, c := range checks {
		s := c.Spec
		read(s.When, s.Ask, s.Pass, s.Found, s.Query)
		for _, concern := range s.Concerns {
			read(concern.Row, concern.Of)
		}
	}
	for _, t := range tables {
		read(t.Select, t.Spec.Derive)
		for _, concern := range t.Spec.Concerns {
			read(concern.Row, concern.Of)
		}
	}
	slices.SortStableFunc(order, func(a, b *content.Function) int { return strings.Compare(a.Name, b.Name) })
	return order
}

// functionMark begins the line above each function.
const functionMark = "-- function: "

// functionsSQL writes functions, each below a line with its name and what it is for.
func functionsSQL(functions []*content.Function) []byte {
	var b strings.Builder
	for _, f := range functions {
		b.WriteString(functionMark + f.Name + "\n")
		for line := range strings.Lines(strings.TrimSpace(f.About)) {
			b.WriteString("-- " + strings.TrimRight(line, "\n") + "\n")
		}
		b.WriteString(strings.TrimRight(strings.TrimSpace(f.SQL), ";") + ";\n\n")
	}
	return []byte(b.String())
}

// readFunctions reads what functionsSQL writes. Whether each is one function and no more is for the gate to say.
func readFunctions(text string) []*content.Function {
	var functions []*content.Function
	for i, part := range strings.Split("\n"+text, "\n"+functionMark) {
		name, sql, _ := strings.Cut(part, "\n")
		if i == 0 {
			continue
		}
		for rest := strings.TrimSpace(sql); strings.HasPrefix(rest, "--"); {
			_, rest, _ = strings.Cut(rest, "\n")
			rest = strings.TrimSpace(rest)
			sql = rest
		}
		sql = strings.TrimRight(strings.TrimSpace(sql), "; \n")
		functions = append(functions, &content.Function{Name: strings.TrimSpace(name), SQL: sql, Pos: content.Pos{File: functionsName}})
	}
	return functions
}
