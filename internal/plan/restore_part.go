package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// RestorePart is Restore for rows of some tables alone: it gives these tables, the library's checks that can speak about their rows, and all
// tables that those rest on. To restore thousands of checks takes longer than to scan a file. All content must be the pack's own.
func RestorePart(library *content.Library, pack *content.Pack, tables []string) (*Catalog, error) {
	p := &part{
		pack: pack, catalog: &Catalog{Tables: map[string]*Table{}, Checks: map[string]*Check{}},
		specs: make(map[string]*content.Table, len(library.Tables)), about: map[string]bool{},
	}
	for _, spec := range library.Tables {
		p.specs[strings.ToLower(spec.Name)] = spec
	}
	for _, name := range tables {
		p.about[strings.ToLower(name)] = true
		if err := p.table(name); err != nil {
			return nil, err
		}
	}
	for _, spec := range library.Checks {
		if !p.isAbout(strings.ToLower(spec.Resource)) {
			continue
		}
		if err := p.check(spec); err != nil {
			return nil, err
		}
	}
	return p.catalog, nil
}

// part is a catalog while it is restored.
type part struct {
	pack    *content.Pack
	catalog *Catalog
	specs   map[string]*content.Table // by name in lower case, like about
	about   map[string]bool           // tables that have rows if those that were asked for have some
}

// isAbout tells whether a table may have rows: one that is collected if it was asked for, a derived one if its SQL names one that may.
func (p *part) isAbout(name string) bool {
	about, known := p.about[name]
	spec := p.specs[name]
	if known || spec == nil || spec.Derive == "" {
		return about
	}
	p.about[name] = false // where it names itself
	for word := range words(spec.Derive) {
		if p.isAbout(strings.ToLower(word)) {
			p.about[name] = true
			break
		}
	}
	return p.about[name]
}

// table restores a table and those that it rests on.
func (p *part) table(name string) error {
	spec := p.specs[strings.ToLower(name)]
	if spec == nil || p.catalog.Tables[spec.Name] != nil {
		return nil
	}
	t := &Table{}
	if err := p.decode(func() ([]byte, error) { return p.pack.PreparedTable(spec) }, t); err != nil {
		return fmt.Errorf("read the prepared table %s: %w", spec.Name, err)
	}
	t.Spec = spec
	p.catalog.Tables[spec.Name] = t
	names := slices.Clone(t.Over)
	for _, ref := range t.Reads {
		names = append(names, ref.Table)
	}
	if spec.List != nil {
		names = append(names, spec.List.For)
	}
	return p.tables(names)
}

func (p *part) tables(names []string) error {
	for _, name := range names {
		if err := p.table(name); err != nil {
			return err
		}
	}
	return nil
}

// check restores a check and the tables that it reads.
func (p *part) check(spec *content.Check) error {
	c := &Check{}
	if err := p.decode(func() ([]byte, error) { return p.pack.PreparedCheck(spec) }, c); err != nil {
		return fmt.Errorf("read the prepared check %s: %w", spec.ID, err)
	}
	c.Spec = spec
	p.catalog.Checks[spec.ID] = c
	names := append([]string{spec.Resource}, c.Tables...)
	for _, ref := range c.Refs() {
		names = append(names, ref.Table)
	}
	return p.tables(names)
}

func (p *part) decode(read func() ([]byte, error), into any) error {
	text, err := read()
	if err == nil && text == nil {
		err = errors.New("it is not the pack's own")
	}
	if err != nil {
		return err
	}
	return content.Decode(text, into)
}
