package plan

import (
	"maps"
	"slices"
)

// ForCode gives a catalog for rows that come from infrastructure code. There each column is a column group of its own, since a
// template may leave any of them open. Documents of tables that flat says are flat: they have a key for each column, whatever
// the vendor's API calls it.
func (c *Catalog) ForCode(flat func(*Table) bool) *Catalog {
	code := &Catalog{Tables: make(map[string]*Table, len(c.Tables)), Checks: c.Checks}
	for name, t := range c.Tables {
		code.Tables[name] = t.forCode(flat(t))
	}
	return code
}

func (t *Table) forCode(flat bool) *Table {
	if t.Spec.List == nil {
		return t
	}
	own := *t
	own.Columns = slices.Clone(t.Columns)
	if flat {
		own.Paths = slices.Clone(t.Paths)
	}
	var paths []string
	for i := range own.Paths {
		paths = append(paths, t.Paths[i].Column)
		if flat {
			own.Paths[i].Path = t.Paths[i].Column
		}
	}
	for i, c := range own.Columns {
		switch {
		case c.Name == "raw":
			c.Groups = slices.Concat(paths, c.Groups)
		case len(c.Rests) > 0:
			// Its own groups too: those are what becomes unknown where its expression fails.
			c.Groups = slices.Concat(c.Rests, c.Groups)
		case slices.Contains(paths, c.Name):
			c.Groups = []string{c.Name}
		}
		own.Columns[i].Groups = c.Groups
	}
	return &own
}

// PathColumns are the columns of a collected table that refs read, by themselves or below SQL columns: what documents must tell.
// Derived tables are seen through. Whole tells, for each table, whether raw is among them.
func (c *Catalog) PathColumns(refs []Ref) (columns map[Ref]bool, whole bool) {
	columns = map[Ref]bool{}
	seen := map[string]bool{}
	var follow func(refs []Ref)
	follow = func(refs []Ref) {
		for _, ref := range refs {
			t := c.Tables[ref.Table]
			if t == nil {
				continue
			}
			if t.Spec.List == nil {
				if !seen[t.Name] {
					seen[t.Name] = true
					follow(t.Reads)
				}
				continue
			}
			if columns[Ref{Table: t.Name}] = true; ref.Column == "" {
				continue
			}
			for _, column := range t.Columns {
				switch {
				case column.Name != ref.Column:
				case column.Name == "raw":
					whole = true
				case len(column.Rests) > 0:
					for _, path := range column.Rests {
						columns[Ref{Table: t.Name, Column: path}] = true
					}
				default:
					if slices.ContainsFunc(t.Paths, func(p Path) bool { return p.Column == column.Name }) {
						columns[Ref{Table: t.Name, Column: column.Name}] = true
					}
				}
			}
		}
	}
	follow(refs)
	return columns, whole
}

// Refs are all that a check reads, clause by clause.
func (c *Check) Refs() []Ref { return slices.Concat(c.When, c.Pass, c.Found, c.Query) }

// SQLOf gives all SQL that a check's verdict depends on, by where it stands: its clauses, and the SQL columns and derived tables
// that they may read: those of which all that they rest on is read. Functions are not among it.
func (c *Catalog) SQLOf(check *Check) map[string]string {
	read, _ := c.PathColumns(check.Refs())
	texts := map[string]string{"check": check.Spec.When + "\n" + check.Spec.Ask + "\n" + check.Spec.Pass + "\n" + check.Spec.Found + "\n" + check.Spec.Query}
	for _, name := range check.Tables {
		maps.Copy(texts, c.sqlOfTable(name, read, map[string]bool{}))
	}
	for _, ref := range check.Refs() {
		maps.Copy(texts, c.sqlOfTable(ref.Table, read, map[string]bool{}))
	}
	return texts
}

func (c *Catalog) sqlOfTable(name string, read map[Ref]bool, seen map[string]bool) map[string]string {
	t := c.Tables[name]
	if t == nil || seen[name] {
		return nil
	}
	seen[name] = true
	texts := map[string]string{}
	if t.Spec.Derive != "" {
		texts[name] = t.Spec.Derive
	}
	for _, column := range t.Spec.Columns {
		if column.SQL != "" && t.restsOn(column.Name, read) {
			texts[name+"."+column.Name] = column.SQL
		}
	}
	for _, over := range t.Over {
		maps.Copy(texts, c.sqlOfTable(over, read, seen))
	}
	return texts
}

// restsOn tells whether all path columns that a column rests on are among those that are read.
func (t *Table) restsOn(column string, read map[Ref]bool) bool {
	for _, c := range t.Columns {
		if c.Name == column {
			return !slices.ContainsFunc(c.Rests, func(path string) bool { return !read[Ref{Table: t.Name, Column: path}] })
		}
	}
	return true
}
