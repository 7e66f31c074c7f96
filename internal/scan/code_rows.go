package scan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/mapping"
	"github.com/stancehq/stance/internal/plan"
)

// mapper makes rows of the resources of one language.
type mapper interface {
	// Account is the number of the account that a unit is deployed to; empty if its code does not tell.
	Account(of *iac.Unit) string
	Rows(of *iac.Unit, place mapping.Place) (rows []*mapping.Row, unmapped map[string]int)
	Columns(table string) map[string]*content.MappedColumn
}

// codePlace is a unit and the account that its rows are in: units are told apart as accounts are.
type codePlace struct {
	unit      *iac.Unit
	account   string
	providers map[string]bool
}

// codeRows are the rows of all units, by table.
type codeRows struct {
	catalog *plan.Catalog
	places  []*codePlace
	byPlace map[string]*codePlace
	lines   map[string][]codeRow
	count   int64
	// Partitions are what the partition column says, by provider.
	partitions map[string]string
	// Unmapped are resources that no table speaks of, by type.
	unmapped map[string]int
}

type codeRow struct {
	place *codePlace
	*mapping.Row
}

// mapRows turns the resources of all units into rows, and picks the checks that code can answer and that have something to speak about.
func (r *codeRunner) mapRows() error {
	flat := func(t *plan.Table) bool { return t.Spec.Terraform != nil || t.Spec.CloudFormation != nil }
	r.catalog = r.Catalog.ForCode(flat)
	mappers, err := r.mappers()
	if err != nil {
		return err
	}
	r.rows = &codeRows{catalog: r.catalog, byPlace: map[string]*codePlace{}, lines: map[string][]codeRow{}, unmapped: map[string]int{}, partitions: map[string]string{}}
	for _, p := range r.Library.Providers {
		r.rows.partitions[p.ID] = p.Code.Partition
	}
	for i, unit := range r.code.Units {
		number := r.numberOf(unit, mappers[unit.Kind])
		place := &codePlace{unit: unit, account: cmp.Or(r.accounts[unit], r.freeAccount(number), accountOf(unit, i)), providers: map[string]bool{}}
		r.rows.places = append(r.rows.places, place)
		r.rows.byPlace[place.account] = place
		for _, m := range mappers[unit.Kind] {
			rows, unmapped := m.Rows(unit, mapping.Place{Account: place.account, Number: number})
			for _, row := range rows {
				place.providers[r.catalog.Tables[row.Table].Spec.Provider] = true
				r.rows.lines[row.Table] = append(r.rows.lines[row.Table], codeRow{place, row})
				r.rows.count++
			}
			for typ, n := range unmapped {
				r.rows.unmapped[typ] += n
			}
		}
	}
	var all []mapper
	for _, kind := range slices.Sorted(maps.Keys(mappers)) {
		for _, m := range mappers[kind] {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	r.checks = r.answerable(all)
	return nil
}

// numberOf is the number of the account that a unit is deployed to, empty if nobody says it: what its code says counts before what
// the user says of all units.
func (r *codeRunner) numberOf(unit *iac.Unit, mappers []mapper) string {
	if unit.OfObjects() {
		return ""
	}
	for _, m := range mappers {
		if number := m.Account(unit); number != "" {
			return number
		}
	}
	return r.Account
}

// freeAccount is the number of an account if no other unit has it: units are told apart as accounts are, and of several that are
// deployed to one account each has something that stands for it.
func (r *codeRunner) freeAccount(number string) string {
	if r.rows.byPlace[number] != nil {
		return ""
	}
	return number
}

// accountOf is what stands for the account or cluster that a unit is deployed to, which nobody knows: AWS's have twelve digits.
func accountOf(unit *iac.Unit, i int) string {
	if unit.OfObjects() {
		return unit.Kind + ":" + unit.Path
	}
	return fmt.Sprintf("%012d", i+1)
}

// mappers are those of each kind of unit.
func (r *codeRunner) mappers() (map[string][]mapper, error) {
	terraform, err := mapping.New(r.catalog.Tables, r.Library.Providers, mapping.SectionTerraform)
	if err != nil {
		return nil, err
	}
	cloudformation, err := mapping.New(r.catalog.Tables, r.Library.Providers, mapping.SectionCloudFormation)
	if err != nil {
		return nil, err
	}
	all := map[string][]mapper{
		iac.Terraform: {terraform}, iac.TerraformPlan: {terraform}, iac.TerraformState: {terraform}, iac.CloudFormation: {cloudformation},
	}
	for _, p := range r.Library.Providers {
		objects, err := mapping.NewObjects(r.catalog.Tables, p)
		if err != nil {
			return nil, err
		}
		if p.Code.Objects {
			for _, kind := range []string{iac.Kubernetes, iac.Helm, iac.Kustomize} {
				all[kind] = append(all[kind], objects)
			}
		}
	}
	return all, nil
}

// answerable are the checks of which code can fill all that they read, and of whose tables it has rows.
func (r *codeRunner) answerable(mappers []mapper) []*plan.Check {
	told := toldBy(mappers)
	var checks []*plan.Check
	for _, c := range r.Checks {
		if r.Restore != nil {
			if c = r.Catalog.Checks[c.Spec.ID]; c == nil {
				continue
			}
		}
		if forCode(c) && r.speaks(c) && r.fills(c, told) {
			checks = append(checks, c)
		}
	}
	return checks
}

// forCode leaves out the checks that only a live scan can answer, and those that only a person can.
func forCode(c *plan.Check) bool { return c.Spec.Live == "" && c.Spec.Manual == "" }

// toldBy gives the columns of a table that some of the mappers tell.
func toldBy(mappers []mapper) func(table string) map[string]*content.MappedColumn {
	told := map[string]map[string]*content.MappedColumn{} // by table
	return func(table string) map[string]*content.MappedColumn {
		if columns, ok := told[table]; ok {
			return columns
		}
		var columns map[string]*content.MappedColumn
		for _, m := range mappers {
			for name, c := range m.Columns(table) {
				if columns == nil {
					columns = map[string]*content.MappedColumn{}
				}
				columns[name] = c.Or(columns[name])
			}
		}
		told[table] = columns
		return columns
	}
}

// CodeAnswers gives the checks that code in each language can answer, sorted: by iac.Terraform, iac.CloudFormation, iac.Kubernetes.
func CodeAnswers(library *content.Library, catalog *plan.Catalog) (map[string][]string, error) {
	r := &codeRunner{CodeOptions: CodeOptions{Library: library, Catalog: catalog}, catalog: catalog}
	mappers, err := r.mappers()
	if err != nil {
		return nil, err
	}
	answers := map[string][]string{}
	for _, language := range []string{iac.Terraform, iac.CloudFormation, iac.Kubernetes} {
		told := toldBy(mappers[language])
		for _, id := range slices.Sorted(maps.Keys(catalog.Checks)) {
			if c := catalog.Checks[id]; forCode(c) && r.fills(c, told) {
				answers[language] = append(answers[language], id)
			}
		}
	}
	return answers, nil
}

// speaks tells whether there are rows that a check is about.
func (r *codeRunner) speaks(c *plan.Check) bool {
	var has func(name string, depth int) bool
	has = func(name string, depth int) bool {
		t := r.catalog.Tables[name]
		if t == nil || depth > len(r.catalog.Tables) {
			return false
		}
		if t.Spec.List != nil {
			return len(r.rows.lines[name]) > 0
		}
		return slices.ContainsFunc(t.Reads, func(ref plan.Ref) bool { return has(ref.Table, depth+1) })
	}
	return has(c.Spec.Resource, 0)
}

// fills tells whether code can tell all columns that a check reads.
func (r *codeRunner) fills(c *plan.Check, columnsOf func(table string) map[string]*content.MappedColumn) bool {
	read, whole := r.Catalog.PathColumns(c.Refs())
	if whole {
		return false
	}
	var sql map[string]string
	for ref := range read {
		t := r.Catalog.Tables[ref.Table]
		if t.Spec.Live {
			return false
		}
		columns := columnsOf(ref.Table)
		if columns == nil {
			return false
		}
		if ref.Column == "" {
			continue
		}
		told, ok := columns[ref.Column]
		if !ok {
			return false
		}
		if len(told.Unsaid) == 0 {
			continue
		}
		if sql == nil {
			sql = r.Catalog.SQLOf(c)
		}
		if mentions(sql, told.Unsaid) {
			return false
		}
	}
	return true
}

// mentions tells whether some SQL may read members of structures. What looks like one of their names is taken for one.
func mentions(sql map[string]string, members []string) bool {
	for _, member := range members {
		name := strings.ToLower(member[strings.LastIndexByte(member, '.')+1:])
		for _, text := range sql {
			if strings.Contains(strings.ToLower(text), name) {
				return true
			}
		}
	}
	return false
}

// read gives the rows of a table as lines of a spool.
func (c *codeRows) read(table string, at time.Time) iter.Seq2[[]byte, error] {
	partition := c.partitions[c.catalog.Tables[table].Spec.Provider]
	return func(yield func([]byte, error) bool) {
		for _, row := range c.lines[table] {
			line, err := json.Marshal(collect.Row{
				Account: row.place.account, Partition: partition, Region: row.Region, Scope: row.Region, At: at, Doc: row.Document, Unknown: row.Unknown,
			})
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// cells say of each unit and table that all of its rows are there: the code is all that there is of a unit.
func (c *codeRows) cells(tables []*plan.Table) (cells []collect.Cell) {
	rows := map[string]map[*codePlace]int64{}
	for name, lines := range c.lines {
		rows[name] = map[*codePlace]int64{}
		for _, line := range lines {
			rows[name][line.place]++
		}
	}
	for _, place := range c.places {
		for _, t := range tables {
			if t.Spec.List == nil || !place.providers[t.Spec.Provider] {
				continue
			}
			cells = append(cells, collect.Cell{
				Provider: t.Spec.Provider, Account: place.account, Region: collect.GlobalRegion, Table: t.Name, Group: plan.GroupList,
				Status: collect.OK, Call: "code", Rows: rows[t.Name][place],
			})
		}
	}
	return cells
}
