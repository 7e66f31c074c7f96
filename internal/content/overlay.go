package content

import "strconv"

// Overlay gives the base with what the user adds, or puts in its place: tables and functions by name, checks, objectives
// and providers by id. Neither library is changed.
func Overlay(base, user *Library) *Library {
	whole := &Library{
		Providers:  over(base.Providers, user.Providers, func(p *Provider) string { return p.ID }),
		Tables:     over(base.Tables, user.Tables, func(t *Table) string { return t.Name }),
		Checks:     over(base.Checks, user.Checks, func(c *Check) string { return c.ID }),
		Functions:  over(base.Functions, user.Functions, func(f *Function) string { return f.Name }),
		Objectives: over(base.Objectives, user.Objectives, func(o *Objective) string { return o.ID }),
		Frameworks: over(base.Frameworks, user.Frameworks, func(f *Framework) string { return f.ID }),
	}
	whole.sort()
	whole.Named = overNamed(base.Named, user)
	return whole
}

func over[T any](base, user []T, name func(T) string) []T {
	mine := make(map[string]bool, len(user))
	for _, x := range user {
		mine[name(x)] = true
	}
	whole := make([]T, 0, len(base)+len(user))
	for _, x := range base {
		if !mine[name(x)] {
			whole = append(whole, x)
		}
	}
	return append(whole, user...)
}

// Table finds a table by name, or nil.
func (l *Library) Table(name string) *Table {
	return find(l.Tables, name, func(t *Table) string { return t.Name })
}

// Check finds a check by id, or nil.
func (l *Library) Check(id string) *Check {
	return find(l.Checks, id, func(c *Check) string { return c.ID })
}

// Provider finds a provider by id, or nil.
func (l *Library) Provider(id string) *Provider {
	return find(l.Providers, id, func(p *Provider) string { return p.ID })
}

// Objective finds an objective by id, or nil.
func (l *Library) Objective(id string) *Objective {
	return find(l.Objectives, id, func(o *Objective) string { return o.ID })
}

func find[T any](all []*T, name string, key func(*T) string) *T {
	for _, x := range all {
		if key(x) == name {
			return x
		}
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
