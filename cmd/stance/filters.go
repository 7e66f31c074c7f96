package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// filter is a flag that leaves some things of a list, and the values that it can have.
type filter struct {
	flag   string
	values []string
	known  []string
	// where says where the known values are from, if that is not Stance itself.
	where string
}

// check refuses values that nothing can have: a typing error must not look like an all-clear.
func (f filter) check() error {
	for _, value := range f.values {
		if slices.Contains(f.known, value) {
			continue
		}
		hint := suggestion(content.DidYouMean(value, f.known))
		if hint == "" && len(f.known) > 0 && len(f.known) <= mostNamed {
			hint = " (known: " + strings.Join(f.known, ", ") + ")"
		}
		return usage("--%s %s: there is none of that name%s%s", f.flag, value, f.where, hint)
	}
	return nil
}

// mostNamed bounds how many values a message lists.
const mostNamed = 12

func checkFilters(filters ...filter) error {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}

// vocabulary is the values that a flag can have, each kept once however often it is met: those of findings are met by the million.
type vocabulary map[string]bool

func (v vocabulary) add(words ...string) {
	for _, word := range words {
		v[word] = true
	}
}

func (v vocabulary) sorted() []string { return slices.Sorted(maps.Keys(v)) }
