package collect

import (
	"encoding/json"

	"github.com/stancehq/stance/internal/content"
)

// findReads finds what a table's documents must hold besides items and answers: what its own columns and calls read, and
// what its children need of it.
func (t *table) findReads() {
	see := func(path []string) {
		depth := 0
		for depth < len(path) && path[depth] == keyParent {
			depth++
		}
		if t.hasParent() {
			t.depth = max(t.depth, depth)
		}
		if depth == 0 && len(path) > 0 && path[0] == keyInput {
			t.input = true
		}
	}
	for _, c := range t.spec.Columns {
		see(splitPath(c.Path))
	}
	for _, g := range t.groups {
		for _, r := range g.reads {
			see(r.path)
		}
	}
	for _, child := range t.children {
		for _, r := range child.reads {
			see(r.path)
		}
	}
	for _, src := range t.sources {
		if src.parent != nil && t.depth > 1 {
			src.parent.depth = max(src.parent.depth, t.depth-1)
		}
	}
}

func (t *table) hasParent() bool {
	for _, src := range t.sources {
		if src.parent != nil {
			return true
		}
	}
	return false
}

// identity is equal for two list calls that are the same call in every scope.
func (src *source) identity() string {
	b, _ := json.Marshal([]any{ // of decoded YAML: always marshals
		src.table.regional, src.name, src.spec.With, src.spec.Each, src.spec.First,
	})
	return string(b)
}

// findShared marks operations that are asked for in more than one place, so that their answers are kept for a while.
// Lists that are the same in every scope are one place: they are asked once and handed to each table.
func (s *scheme) findShared() {
	places := map[string]map[string]bool{}
	add := func(c *call, identity string) {
		if places[c.name] == nil {
			places[c.name] = map[string]bool{}
		}
		places[c.name][identity] = true
	}
	walk := func(visit func(c *call, identity string)) {
		for _, t := range s.tables {
			for _, src := range t.sources {
				if src.parent == nil {
					visit(src.call, src.identity())
				} else {
					visit(src.call, t.name+"/list/"+src.parent.name)
				}
			}
			for _, g := range t.groups {
				visit(g.call, t.name+"/"+g.spec.Name)
			}
		}
	}
	walk(add)
	walk(func(c *call, _ string) { c.shared = len(places[c.name]) > 1 })
	for _, t := range s.tables {
		for _, g := range t.groups {
			g.shared = true // rows often name the same thing: one key for many volumes
		}
	}
}

// findFamilies joins the tables that share list calls or are parent and child: they are collected together.
func (s *scheme) findFamilies() {
	root := map[*table]*table{}
	var find func(t *table) *table
	find = func(t *table) *table {
		if root[t] == t {
			return t
		}
		root[t] = find(root[t])
		return root[t]
	}
	byCall := map[string]*table{}
	for _, t := range s.tables {
		root[t] = t
		for _, src := range t.sources {
			other := src.parent
			if other == nil {
				id := src.identity()
				if byCall[id] == nil {
					byCall[id] = t
				}
				other = byCall[id]
			}
			root[find(t)] = find(other)
		}
	}
	place := map[*table]int{}
	for _, t := range s.tables {
		r := find(t)
		i, ok := place[r]
		if !ok {
			i = len(s.families)
			place[r] = i
			s.families = append(s.families, nil)
		}
		s.families[i] = append(s.families[i], t)
	}
}

// digest is what of a table decides on its rows in the spool.
func (t *table) digest() any {
	calls := []*content.Call{t.spec.List}
	calls = append(calls, t.spec.Also...)
	groups := []string{}
	for _, g := range t.groups {
		calls = append(calls, g.spec)
		groups = append(groups, g.spec.Name)
	}
	columns := map[string]string{}
	for _, c := range t.spec.Columns {
		columns[c.Name] = c.Path
	}
	return []any{t.name, t.spec.Scope, t.spec.Region, calls, groups, columns, t.depth, t.input}
}
