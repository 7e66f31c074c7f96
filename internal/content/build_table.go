package content

import (
	"slices"
	"strings"
)

// commonColumns stand in every table; the engine fills them.
var commonColumns = []string{"provider", "account_id", "partition", "region", "id", "name", "tags", "raw", "collected_at", "unknown"}

// ownedColumns are the common columns that a table which is collected may not write itself.
var ownedColumns = []string{"provider", "account_id", "partition", "region", "raw", "collected_at", "unknown"}

// CommonColumns lists the columns that every table has besides its own, which the engine fills. Of these a spec may write
// id, name and tags itself.
func CommonColumns() []string { return append([]string(nil), commonColumns...) }

// ownedGroups are names that documents use for other things than column groups.
var ownedGroups = []string{"list", "parent", "input"}

func buildTable(v *value, provider, service string, defaults TableDefaults, problems *Problems) *Table {
	t := &Table{
		Name: v.at("table").string(), Provider: provider, Service: service,
		Title: v.at("title").string(), About: v.at("about").string(),
		Scope: v.at("scope").string(), ID: v.at("id").string(), NameColumn: v.at("name_column").string(),
		Region: v.at("region").string(), Off: v.at("off").bool(), Live: v.at("live").bool(),
		Derive: v.at("derive").string(), Concerns: buildConcerns(v.at("concerns")),
		Origin: v.origin(),
	}
	if v.has("list") { // even if what is below is wrong: the table is a collected one
		t.List = buildCall("list", v.at("list"), problems)
	}
	for _, call := range v.at("also").all() {
		t.Also = append(t.Also, buildCall("list", call, problems))
	}
	for _, e := range v.at("get").each() {
		if contains(ownedGroups, e.name) {
			problems.Add(e.pos, "", "a column group cannot be called %q: documents use the name for something else", e.name)
		}
		t.Get = append(t.Get, buildCall(e.name, e.value, problems))
	}
	t.Columns = buildColumns(v.at("columns"))
	if t.List != nil && (!v.has("defaults") || v.at("defaults").bool()) {
		t.take(defaults)
	}
	if v.has("assumed") {
		t.Unassumed = !v.at("assumed").bool()
	}
	for _, row := range v.at("rows").all() {
		values := map[string]any{}
		for _, e := range row.each() {
			values[e.name] = e.any()
		}
		t.Rows = append(t.Rows, values)
	}
	if sample := v.at("sample"); sample != nil {
		t.Sample = Document{}
		for _, e := range sample.each() {
			t.Sample[e.name] = e.any()
			refuseProblems(e.any(), e.pos, "a sample", problems)
		}
	}
	for _, e := range v.at("examples").all() {
		t.Examples = append(t.Examples, Example{Title: e.at("title").string(), SQL: e.at("sql").string()})
	}
	t.Terraform, t.CloudFormation = v.at("terraform").any(), v.at("cloudformation").any()
	for _, key := range []string{"terraform", "cloudformation"} {
		if _, err := ParseMappings(v.at(key).any()); err != nil {
			problems.Add(v.keyPos(key), "", "%s: %v", key, err)
		}
	}
	if t.NameColumn == "" {
		t.NameColumn = t.ID
		if t.Column("name") != nil {
			t.NameColumn = "name"
		}
	}
	checkTable(t, v, problems)
	return t
}

func buildColumns(v *value) (columns []*Column) {
	for _, e := range v.each() {
		columns = append(columns, &Column{
			Name: e.name, Path: e.at("path").string(), SQL: e.at("sql").string(), Only: e.at("only").strings(), Type: e.at("type").string(),
			About: e.at("about").string(), Sensitive: e.at("sensitive").bool(),
		})
	}
	return columns
}

// take fills what the table does not say itself.
func (t *Table) take(d TableDefaults) {
	if t.Scope == "" && t.List.For == "" {
		t.Scope = d.Scope
	}
	if t.ID == "" {
		t.ID = d.ID
	}
	if t.NameColumn == "" {
		t.NameColumn = d.NameColumn
	}
	if t.Region == "" && t.Scope != ScopeRegion {
		t.Region = d.Region
	}
	t.Unassumed = d.Unassumed
	var before []*Column
	for _, c := range d.Columns {
		if t.Column(c.Name) == nil {
			own := *c
			before = append(before, &own)
		}
	}
	t.Columns = append(before, t.Columns...)
}

// Column finds one of the spec's own columns by name, or nil.
func (t *Table) Column(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Group finds a column group's call by name, or nil.
func (t *Table) Group(name string) *Call {
	for _, c := range t.Get {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// checkTable proves what holds within one table.
func checkTable(t *Table, v *value, problems *Problems) {
	names := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	collected := v.has("list")
	for _, e := range v.at("columns").each() {
		switch {
		case e.value == nil:
		case !collected && (e.has("path") || e.has("sql")):
			problems.Add(e.pos, "", "column %q of a derived or data table has neither path nor sql", e.name)
		case collected && !e.has("path") && !e.has("sql"):
			problems.Add(e.pos, "", "column %q has neither path nor sql", e.name)
		case v.has("rows") && !e.has("type"):
			problems.Add(e.pos, "", "column %q of a data table has no type", e.name)
		}
		if collected && contains(ownedColumns, e.name) {
			problems.Add(e.pos, "", "column %q is filled by the engine: leave it out", e.name)
		}
	}
	known := slices.Concat(names, commonColumns)
	for _, key := range []string{"id", "name_column"} {
		column := v.at(key).string()
		if column != "" && len(names) > 0 && !contains(known, column) {
			problems.Add(v.keyPos(key), DidYouMean(column, known), "%q names the column %q, which the table does not have", key, column)
		}
	}
	if t.ID == "id" && t.Column("id") == nil && len(names) > 0 {
		problems.Add(v.keyPos("id"), "", `"id" must name the column that it is filled from`)
	}
	for _, row := range v.at("rows").all() {
		for _, e := range row.each() {
			if !contains(names, e.name) {
				problems.Add(e.pos, DidYouMean(e.name, names), "the table has no column %q", e.name)
			}
		}
	}
	if collected && !v.has("scope") && t.Scope == "" && v.at("list") != nil && t.List.For == "" {
		problems.Add(v.pos, "write account or region", `key "scope" is missing`)
	}
	if collected && !v.has("id") && t.ID == "" {
		problems.Add(v.pos, "", `key "id" is missing, which "list" needs`)
	}
	if v.has("region") && t.Scope == ScopeRegion {
		problems.Add(v.keyPos("region"), "", `"region" is for account-wide lists; this one is made in each region`)
	}
}

func buildCall(name string, v *value, problems *Problems) *Call {
	c := &Call{
		Name: name, Items: v.at("items").string(), As: v.at("as").string(), With: buildInputs(v.at("with"), problems),
		For: v.at("for").string(), When: buildConditions(v.at("when")), Region: v.at("region").string(),
		Absent: provedAbsent(v.at("absent"), problems), Batch: v.at("batch").int(), Key: v.at("key").string(),
		Older: v.at("older").strings(), OptIn: v.at("opt_in").string(),
	}
	c.Service, c.Op, _ = strings.Cut(v.at("call").string(), ":")
	for _, e := range v.at("each").each() {
		each := EachInput{Member: e.name}
		for _, item := range e.all() {
			each.Values = append(each.Values, item.any())
		}
		c.Each = append(c.Each, each)
	}
	if first := v.at("first"); first != nil {
		c.First = &First{With: buildInputs(first.at("with"), problems)}
		c.First.Service, c.First.Op, _ = strings.Cut(first.at("call").string(), ":")
		for _, e := range first.at("until").each() {
			c.First.UntilPath, c.First.UntilValues = e.name, e.strings()
		}
	}
	return c
}

func buildInputs(v *value, problems *Problems) []Input {
	var inputs []Input
	for _, e := range v.each() {
		in := Input{Member: e.name}
		switch {
		case e.value == nil:
			continue
		case e.has("value"):
			in.Value, in.HasValue = e.at("value").any(), true
		case strings.Contains(e.string(), "{"):
			in.Template = e.string()
			if bad := badTemplate(in.Template); bad != "" {
				problems.Add(e.value.pos, "", "%q: %s", e.name, bad)
			}
		default:
			in.Path = e.string()
			if !namePatterns().path.re.MatchString(in.Path) {
				problems.Add(e.value.pos, "write {value: …} for a constant", "%q is %s, but a column or path is wanted", e.name, shown(in.Path))
			}
		}
		inputs = append(inputs, in)
	}
	return inputs
}

// badTemplate says what is wrong with text that has names in braces, or nothing.
func badTemplate(template string) string {
	for rest := template; rest != ""; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			return ""
		}
		if rest[open] == '}' {
			return "a closing brace has no opening one"
		}
		name, after, ok := strings.Cut(rest[open+1:], "}")
		if !ok {
			return "an opening brace is not closed"
		}
		if !namePatterns().path.re.MatchString(name) || strings.Contains(name, "{") {
			return "{" + name + "} does not name a column or path"
		}
		rest = after
	}
	return ""
}

func buildConditions(v *value) []Condition {
	var conditions []Condition
	for _, path := range v.all() {
		conditions = append(conditions, Condition{Path: path.string()})
	}
	for _, e := range v.each() {
		c := Condition{Path: e.name, Values: e.strings()}
		if not := e.at("not"); not != nil {
			c.Values, c.Not = not.strings(), true
		}
		if part := e.at("contains"); part != nil {
			c.Values, c.Contains = nil, part.string()
		}
		conditions = append(conditions, c)
	}
	return conditions
}
