package plan

import (
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Names that inputs may read beside columns and paths of the row.
var scopeNames = []string{"account_id", "region", "partition"}

// inputName is a name that a call reads of the row it is made for, with the key of the file under which it stands.
type inputName struct {
	name, key string
	template  bool
}

// inputNames lists all names that a call reads: in with, when, region, and the call that must come first.
func inputNames(call *content.Call) []inputName {
	names := withNames(call.With, "with")
	for _, when := range call.When {
		names = append(names, inputName{name: when.Path, key: "when"})
	}
	if call.Region != "" {
		names = append(names, inputName{name: call.Region, key: "region"})
	}
	if call.First != nil {
		names = append(names, withNames(call.First.With, "first.with")...)
	}
	return names
}

func withNames(with []content.Input, key string) (names []inputName) {
	for _, in := range with {
		at := key + "." + in.Member
		if in.Path != "" {
			names = append(names, inputName{name: in.Path, key: at})
		}
		for _, name := range templateNames(in.Template) {
			names = append(names, inputName{name: name, key: at, template: true})
		}
	}
	return names
}

// templateNames lists the names in the braces of a template.
func templateNames(template string) (names []string) {
	for {
		_, rest, ok := strings.Cut(template, "{")
		if !ok {
			return names
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return names
		}
		names, template = append(names, name), after
	}
}

// inputPath gives the path in the row's document that a name in an input stands for: that of the column it names, else
// itself.
func inputPath(t *content.Table, name string) string {
	for _, c := range t.Columns {
		if c.Name == name && c.Path != "" {
			return c.Path
		}
	}
	return name
}

// groupOf gives the column group that a path of the table's documents begins in.
func groupOf(t *content.Table, path string) string {
	first, _, _ := strings.Cut(path, ".")
	if slices.ContainsFunc(t.Get, func(c *content.Call) bool { return c.Name == first }) {
		return first
	}
	return GroupList
}

// inputGroups are the groups of t, besides the list, that a call made for its rows reads.
func inputGroups(t *content.Table, call *content.Call) (groups []string) {
	for _, n := range inputNames(call) {
		if g := groupOf(t, inputPath(t, n.name)); g != GroupList {
			groups = append(groups, g)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// group finds a column group's call by name, or nil.
func group(t *content.Table, name string) *content.Call {
	for _, c := range t.Get {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// lists are the calls that give a table's rows.
func lists(t *content.Table) []*content.Call {
	if t.List == nil {
		return nil
	}
	return append([]*content.Call{t.List}, t.Also...)
}
