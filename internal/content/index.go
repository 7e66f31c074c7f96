package content

import (
	"slices"
	"strings"
)

// Index is what a listing says of the content, without the content itself.
type Index struct {
	Checks []CheckSummary // by id
	Tables []TableSummary // by name
}

// CheckSummary is a line of the list of checks.
type CheckSummary struct {
	ID, Title, Severity, Resource, Provider, Service string
	Objectives                                       []string
}

// TableSummary is a line of the list of tables.
type TableSummary struct {
	Name, Title, Provider, Service string
}

// IndexOf summarizes a library.
func IndexOf(l *Library) *Index {
	index := &Index{Checks: make([]CheckSummary, 0, len(l.Checks)), Tables: make([]TableSummary, 0, len(l.Tables))}
	for _, c := range l.Checks {
		index.Checks = append(index.Checks, CheckSummary{c.ID, c.Title, c.Severity, c.Resource, c.Provider, c.Service, c.Objectives})
	}
	for _, t := range l.Tables {
		index.Tables = append(index.Tables, TableSummary{t.Name, t.Title, t.Provider, t.Service})
	}
	return index
}

// OverlayIndex is to indexes what Overlay is to libraries.
func OverlayIndex(base, user *Index) *Index {
	whole := &Index{
		Checks: over(base.Checks, user.Checks, func(c CheckSummary) string { return c.ID }),
		Tables: over(base.Tables, user.Tables, func(t TableSummary) string { return t.Name }),
	}
	slices.SortFunc(whole.Checks, func(a, b CheckSummary) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(whole.Tables, func(a, b TableSummary) int { return strings.Compare(a.Name, b.Name) })
	return whole
}
