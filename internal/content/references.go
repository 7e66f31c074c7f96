package content

import (
	"maps"
	"slices"
	"strings"
)

// references finds what content may refer to: the folder's own, else the base's.
type references struct {
	providers  map[string]*Provider
	tables     map[string]*Table
	objectives map[string]*Objective
}

func newReferences(base, own *Library) *references {
	r := &references{map[string]*Provider{}, map[string]*Table{}, map[string]*Objective{}}
	for _, l := range []*Library{base, own} {
		for _, p := range l.Providers {
			r.providers[p.ID] = p
		}
		for _, t := range l.Tables {
			r.tables[t.Name] = t
		}
		for _, o := range l.Objectives {
			r.objectives[o.ID] = o
		}
	}
	return r
}

func (r *references) tableNames() []string { return slices.Sorted(maps.Keys(r.tables)) }

// param finds a parameter that the check may read, and lists all that it may.
func (r *references) param(c *Check, name string) (*Param, []string) {
	known := paramNames(c.Params)
	if p := findParam(c.Params, name); p != nil {
		return p, known
	}
	if provider := r.providers[c.Provider]; provider != nil {
		known = append(known, paramNames(provider.Params)...)
		return findParam(provider.Params, name), known
	}
	return nil, known
}

func (r *references) checkTable(t *Table, problems *Problems) {
	lists := t.Also
	if t.List != nil {
		lists = slices.Concat([]*Call{t.List}, t.Also)
	}
	for i, call := range lists {
		if call.For == "" {
			continue
		}
		key := "list.for"
		if i > 0 {
			key = "also"
		}
		parent := r.tables[call.For]
		switch {
		case parent == nil:
			problems.Add(t.Origin.At(key), DidYouMean(call.For, r.tableNames()), "there is no table %q", call.For)
		case parent.List == nil:
			problems.Add(t.Origin.At(key), "", "%s is not collected, so nothing can be called for its rows", call.For)
		case r.descendsFrom(parent, t):
			problems.Add(t.Origin.At(key), "", "%s is its own parent", t.Name)
		}
	}
}

// descendsFrom tells whether a table is, or is listed for, another or its descendants.
func (r *references) descendsFrom(t, ancestor *Table) bool {
	seen := map[*Table]bool{}
	var reaches func(*Table) bool
	reaches = func(t *Table) bool {
		if t == nil || seen[t] {
			return false
		}
		seen[t] = true
		if t.Name == ancestor.Name {
			return true
		}
		for _, call := range t.Also {
			if call.For != "" && reaches(r.tables[call.For]) {
				return true
			}
		}
		return t.List != nil && t.List.For != "" && reaches(r.tables[t.List.For])
	}
	return reaches(t)
}

func (r *references) checkCheck(c *Check, problems *Problems) {
	t := r.tables[c.Resource]
	switch {
	case c.Resource == "":
	case t == nil:
		problems.Add(c.Origin.At("resource"), DidYouMean(c.Resource, r.tableNames()), "there is no table %q", c.Resource)
	case t.Provider != c.Provider:
		problems.Add(c.Origin.At("resource"), "", "%s is a table of %s", c.Resource, t.Provider)
	}
	for i, id := range c.Objectives {
		switch at := c.Origin.At("objectives." + itoa(i)); {
		case id == "":
		case r.objectives[id] == nil:
			problems.Add(at, DidYouMean(id, slices.Sorted(maps.Keys(r.objectives))), "there is no objective %q", id)
		case slices.Index(c.Objectives, id) < i:
			problems.Add(at, "", "objective %q stands here a second time", id)
		}
	}
	if provider := r.providers[c.Provider]; provider != nil {
		for _, p := range c.Params {
			if findParam(provider.Params, p.Name) != nil {
				problems.Add(c.Origin.At("params."+p.Name), "leave it out", "all checks of %s have the parameter %q", c.Provider, p.Name)
			}
		}
	}
}

// checkProviders reports folders of providers that nothing describes, once each.
func (r *references) checkProviders(own *Library, problems *Problems) {
	seen := map[string]bool{}
	report := func(provider string, at Pos) {
		if r.providers[provider] == nil && !seen[provider] {
			seen[provider] = true
			folder, _, _ := strings.Cut(at.File+"/", "/tables/")
			folder, _, _ = strings.Cut(folder, "/checks/")
			problems.Add(Pos{File: folder}, DidYouMean(provider, slices.Sorted(maps.Keys(r.providers))), "there is no provider %q: provider.yaml is missing", provider)
		}
	}
	for _, t := range own.Tables {
		report(t.Provider, t.Origin.At(""))
	}
	for _, c := range own.Checks {
		report(c.Provider, c.Origin.At(""))
	}
}

// inheritScopes gives tables that are listed for a parent's rows the parent's scope, unless they say their own.
func inheritScopes(own *Library, r *references) {
	for _, t := range own.Tables {
		parent := t
		for range len(r.tables) {
			if parent == nil || parent.Scope != "" || parent.List == nil || parent.List.For == "" {
				break
			}
			parent = r.tables[parent.List.For]
		}
		if parent != nil && t.List != nil && t.List.For != "" && t.Scope == "" {
			t.Scope = parent.Scope
		}
	}
}

// refuseTwins reports what is there twice in one folder, and keeps the first.
func refuseTwins(l *Library, problems *Problems) {
	l.Tables = firsts(l.Tables, "table", func(t *Table) (string, Pos) { return t.Name, t.Origin.At("table") }, problems)
	l.Checks = firsts(l.Checks, "check", func(c *Check) (string, Pos) { return c.ID, c.Origin.At("id") }, problems)
	l.Frameworks = firsts(l.Frameworks, "framework", func(f *Framework) (string, Pos) { return f.ID, f.Origin.At("id") }, problems)
	l.Functions = firsts(l.Functions, "function", func(f *Function) (string, Pos) { return f.Name, f.Pos }, problems)
}

func firsts[T any](all []T, what string, key func(T) (string, Pos), problems *Problems) []T {
	seen := map[string]Pos{}
	var kept []T
	for _, x := range all {
		name, at := key(x)
		if first, twice := seen[name]; twice && name != "" {
			problems.Add(at, "", "%s %q is already in %s", what, name, first)
			continue
		}
		seen[name] = at
		kept = append(kept, x)
	}
	return kept
}
