package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// unknownKey is the member of a projected document that says which column groups are not known.
const unknownKey = "_unknown"

// assemble puts the columns in their order, the common ones around the spec's own.
func (b *tableBuilder) assemble() {
	b.checkCommon()
	every := []string{GroupList}
	for _, c := range b.spec.Get {
		every = append(every, c.Name)
	}
	add := func(c Column) { b.table.Columns = append(b.table.Columns, c) }
	add(Column{Name: "provider", Type: typeText})
	add(Column{Name: "account_id", Type: typeText})
	add(Column{Name: "partition", Type: typeText})
	add(Column{Name: "region", Type: typeText})
	add(b.same("id", typeText, b.columns[b.spec.ID]))
	add(b.same("name", typeText, b.nameColumn()))
	add(b.same("tags", typeTags, b.columns["tags"]))
	for _, c := range b.spec.Columns {
		if built := b.columns[c.Name]; built != nil && !common(c.Name) {
			add(Column{Name: c.Name, Type: built.typ, Groups: built.groups, Sensitive: c.Sensitive, Rests: built.rests})
		}
	}
	add(Column{Name: "raw", Type: typeJSON, Groups: every})
	add(Column{Name: "collected_at", Type: typeTime})
	add(Column{Name: "unknown", Type: typeTags})
}

// common says whether every table has a column of the name.
func common(name string) bool { return slices.Contains(content.CommonColumns(), name) }

// same is a common column that is filled from one of the spec's own, nil if there is none.
func (b *tableBuilder) same(name, typ string, from *builtColumn) Column {
	c := Column{Name: name, Type: typ}
	if from != nil {
		c.Groups, c.Sensitive, c.Rests = from.groups, from.spec.Sensitive, from.restsWithSelf()
	}
	return c
}

// restsWithSelf are the path columns that a column of another name, which is filled from this one, rests on.
func (c *builtColumn) restsWithSelf() []string {
	if c.spec.Path != "" {
		return []string{c.spec.Name}
	}
	return c.rests
}

// checkCommon reports columns of the spec that bear the name of a common column and are not what fills it.
func (b *tableBuilder) checkCommon() {
	if b.spec.Column("id") != nil && b.spec.ID != "id" {
		b.report("columns.id", "", "the column id is not the one that id: names, which is %s", b.spec.ID)
	}
	if b.spec.Column("name") != nil && b.spec.NameColumn != "name" && b.spec.NameColumn != "" {
		b.report("columns.name", "", "the column name is not the one that name_column: names, which is %s", b.spec.NameColumn)
	}
	if c := b.columns["tags"]; c != nil && c.typ != typeTags && c.typ != "" {
		b.report("columns.tags", "write type: tags", "the column tags is %s, but every table's tags are %s", c.typ, typeTags)
	}
}

// nameColumn gives the column that the name is taken from; the id where no other is named.
func (b *tableBuilder) nameColumn() *builtColumn {
	name := b.spec.NameColumn
	if name == "" {
		name = "name"
	}
	if c := b.columns[name]; c != nil {
		return c
	}
	return b.columns[b.spec.ID]
}

// transform is the structure for json_transform over a projected document.
func (b *tableBuilder) transform() string {
	var s strings.Builder
	s.WriteByte('{')
	for _, path := range b.table.Paths {
		s.WriteString(quoteJSON(path.Column) + ":" + quoteJSON(b.columns[path.Column].typ) + ",")
	}
	s.WriteString(quoteJSON(unknownKey) + ":" + quoteJSON(typeTags) + "}")
	return s.String()
}

func quoteJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // text always can be written
	}
	return string(quoted)
}

// selectRows writes the query over documents(account_id, partition, region, collected_at, doc, raw), in which doc is a
// projected document. SQL columns are added level by level; one that fails leaves its groups unknown in that row.
func (b *tableBuilder) selectRows() string {
	alias := " AS " + database.Ident(b.spec.Name)
	from := "SELECT account_id, \"partition\", region, collected_at, raw AS _raw, unnest(json_transform(doc, " +
		database.Literal(b.table.Transform) + "))\nFROM documents"
	for _, level := range b.levels {
		tried := make([]string, len(level))
		values := make([]string, len(level))
		for i, c := range level {
			hidden := database.Ident("_" + c.spec.Name)
			tried[i] = fmt.Sprintf("TRY({'v': (\n%s\n)}) AS %s", c.spec.SQL, hidden)
			values[i] = normalized(c, hidden+".v") + " AS " + database.Ident(c.spec.Name)
		}
		from = "SELECT *, " + strings.Join(tried, ",\n  ") + "\nFROM (" + from + ")" + alias
		from = "SELECT *, " + strings.Join(values, ", ") + "\nFROM (" + from + ")" + alias
	}
	columns := make([]string, len(b.table.Columns))
	for i, c := range b.table.Columns {
		columns[i] = b.expression(c) + " AS " + database.Ident(c.Name)
	}
	return "SELECT " + strings.Join(columns, ",\n  ") + "\nFROM (" + from + ")" + alias
}

// expression gives the value of one of the table's columns in the outermost query.
func (b *tableBuilder) expression(c Column) string {
	switch c.Name {
	case "provider":
		return database.Literal(b.spec.Provider)
	case "raw":
		return "_raw::JSON"
	case "unknown":
		return b.unknown()
	case "id":
		return b.commonValue(c, b.columns[b.spec.ID])
	case "name":
		return b.commonValue(c, b.nameColumn())
	case "tags":
		return b.commonValue(c, b.columns["tags"])
	}
	value := database.Ident(c.Name)
	if c.Sensitive {
		return masked(value, c.Type)
	}
	return value
}

func (b *tableBuilder) commonValue(c Column, from *builtColumn) string {
	if from == nil || from.typ != c.Type && c.Type != typeText {
		return "NULL::" + c.Type
	}
	value := database.Ident(from.spec.Name)
	if from.typ != c.Type {
		value = "CAST(" + value + " AS " + c.Type + ")"
	}
	if c.Sensitive {
		return masked(value, c.Type)
	}
	return value
}

// masked replaces the texts in a value. Numbers, booleans and times become NULL: they cannot say that they are masked.
func masked(value, typ string) string {
	return fmt.Sprintf("json_transform(mask_paths(to_json(%s)::VARCHAR, ['']), %s)", value, database.Literal(quoteJSON(typ)))
}

// normalized gives the value of a SQL column, from the expression's own, in its semantic type.
func normalized(c *builtColumn, value string) string {
	if c.bound == c.typ || semanticTypes[c.spec.Type] == "" {
		return value
	}
	text := value + "::VARCHAR"
	switch c.spec.Type {
	case SemanticTime:
		return "try_cast(stance_time(" + text + ") AS " + typeTime + ")"
	case SemanticCIDR:
		return "stance_cidr(" + text + ")"
	case SemanticJSON:
		return "stance_json(" + text + ")::JSON"
	case SemanticTags:
		return fmt.Sprintf("json_transform(stance_tags(%s), %s)", jsonText(c, value), database.Literal(quoteJSON(c.typ)))
	}
	return fmt.Sprintf("json_transform(stance_policy(%s), %s)", jsonText(c, value), database.Literal(quoteJSON(c.typ)))
}

// jsonText writes a list or structure as JSON; text is taken to be JSON already.
func jsonText(c *builtColumn, value string) string {
	if c.bound == typeText || c.bound == typeJSON {
		return value + "::VARCHAR"
	}
	return "to_json(" + value + ")::VARCHAR"
}

// unknown adds to what the document says of its groups those of SQL columns that failed.
func (b *tableBuilder) unknown() string {
	var failed, causes []string
	for _, level := range b.levels {
		for _, c := range level {
			hidden := database.Ident("_" + c.spec.Name)
			test, why := hidden+" IS NULL", "defect: the expression of column "+c.spec.Name+" failed"
			if semanticTypes[c.spec.Type] != "" && c.bound != c.typ {
				test = fmt.Sprintf("(%s OR (%s IS NULL AND coalesce(trim(%s.v::VARCHAR), '') <> ''))", test, database.Ident(c.spec.Name), hidden)
				why = "unexpected type: column " + c.spec.Name + " is not " + semanticWords[c.spec.Type]
			}
			failed = append(failed, test)
			for _, group := range c.groups {
				causes = append(causes, fmt.Sprintf("CASE WHEN %s THEN MAP {%s: %s} END", test, database.Literal(group), database.Literal(why)))
			}
		}
	}
	if len(failed) == 0 {
		return unknownKey
	}
	return "CASE WHEN " + strings.Join(failed, " OR ") + " THEN map_concat(" + strings.Join(causes, ", ") + ", " + unknownKey + ") ELSE " + unknownKey + " END"
}

var semanticWords = map[string]string{
	SemanticPolicy: "a policy document",
	SemanticTags:   "tags",
	SemanticCIDR:   "an address range",
	SemanticTime:   "a time",
	SemanticJSON:   "JSON",
}
