// Package plan ties content together by lineage: which columns a check's SQL reads, which calls fill them, which
// permissions those need, and so which calls a scan makes. It proves content against the vendor's API description.
// It makes no call itself.
package plan

import "github.com/stancehq/stance/internal/content"

// GroupList is the column group that the list call fills.
const GroupList = "list"

// Table is a table spec with what the API description and the SQL engine add. It can be serialized: the embedded content
// carries it ready made.
type Table struct {
	Spec *content.Table `json:"-"`
	Name string         `json:"name"`
	// Columns are in the order of the table: the common ones first (see Common), then the spec's.
	Columns []Column `json:"columns"`
	// Transform is the structure for json_transform that types a projected document: one key per path column.
	Transform string `json:"transform,omitempty"`
	// Select is the query that turns documents into rows: see inventory.
	Select string `json:"select,omitempty"`
	// Paths say where in a document the path columns are. They are what the inventory projects a document to, column by
	// column, each checked against its type, before Transform reads it.
	Paths []Path `json:"paths,omitempty"`
	// Mask are the dotted paths whose values raw does not keep: those of sensitive columns, and what the vendor calls secret.
	// A segment * is any key.
	Mask []string `json:"mask,omitempty"`
	// Reads are the base columns that a derived table's SELECT reads, by base table; nil for others.
	Reads []Ref `json:"reads,omitempty"`
	// Over are the tables that a derived table's SELECT names, derived ones too; nil for others.
	Over []string `json:"over,omitempty"`
}

// Column of a table.
type Column struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`             // DuckDB's
	Groups    []string `json:"groups,omitempty"` // the column groups that it rests on; of a derived table none
	Sensitive bool     `json:"sensitive,omitempty"`
	// Rests are the path columns that a SQL column reads, by itself or through others; nil for others.
	Rests []string `json:"rests,omitempty"`
}

// Path is where a path column is in a document.
type Path struct {
	Column string `json:"column"`
	Path   string `json:"path"`           // dotted
	As     string `json:"as,omitempty"`   // the semantic type of each value
	List   bool   `json:"list,omitempty"` // lists are crossed on the way: the column is the list of what stands at the end
}

// Ref is a column of a table. Column is empty where only the rows' existence is read.
type Ref struct {
	Table  string `json:"t"`
	Column string `json:"c,omitempty"`
}

// Check is a check with its lineage, per clause.
type Check struct {
	Spec  *content.Check `json:"-"`
	ID    string         `json:"id"`
	When  []Ref          `json:"when,omitempty"`
	Pass  []Ref          `json:"pass,omitempty"`
	Found []Ref          `json:"found,omitempty"`
	Query []Ref          `json:"query,omitempty"` // of a query: check
	// Tables are those that the SQL names, derived ones too, and the resource.
	Tables []string `json:"tables"`
	// Concerns are those of the query or of the derived resource, by table that is read. Both sides give lists.
	Concerns map[string]content.Concern `json:"concerns,omitempty"`
	// FoundOnPass says that found is true of rows that pass as well: a passing fixture says what it must be.
	FoundOnPass bool `json:"found_on_pass,omitempty"`
}

// Plan is what a scan will do.
type Plan struct {
	// Tables in an order in which parents precede children. Derived and data tables are last.
	Tables []TablePlan
	Checks []*Check
	// Allow are the opt-ins that the user gave.
	Allow []string

	catalog *Catalog
}

// TablePlan is one table of a scan.
type TablePlan struct {
	Table *Table
	// Groups to fetch besides the list, so that each stands after those its input reads.
	Groups []string
	// Wanted is false for a table that is collected only as some child's parent.
	Wanted bool
}
