package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// result is the archive and what was counted while making it.
type result struct {
	Archive                       []byte
	Groups, Kinds, Custom, Shapes int
}

// collection is what was read so far.
type collection struct {
	index   *api.Index
	shapes  map[string]*api.Type            // those that have a name
	objects map[string]map[string]*api.Type // service → "version/plural" → object
}

func newCollection() *collection {
	return &collection{
		index:  &api.Index{Sources: map[string]string{}, Groups: map[string][]api.Kind{}},
		shapes: map[string]*api.Type{}, objects: map[string]map[string]*api.Type{},
	}
}

func (c *collection) kinds() (n int) {
	for _, kinds := range c.index.Groups {
		n += len(kinds)
	}
	return n
}

func (c *collection) add(service string, kind api.Kind, object *api.Type) error {
	key := kind.Version + "/" + kind.Plural
	if c.objects[service] == nil {
		c.objects[service] = map[string]*api.Type{}
	}
	if c.objects[service][key] != nil {
		return fmt.Errorf("%s:%s is defined twice", service, key)
	}
	c.objects[service][key] = object
	c.index.Groups[service] = append(c.index.Groups[service], kind)
	return nil
}

// generate makes the archive from the pinned modules.
func generate(ctx context.Context) (*result, error) {
	modules := slices.Concat([]module{kubernetesModule}, sourceModules, addOns)
	folders, err := fetch(ctx, modules)
	if err != nil {
		return nil, err
	}
	c := newCollection()
	for _, m := range modules {
		c.index.Sources[m.Path] = m.Version
	}
	if err := c.readBuiltin(folders[kubernetesModule.Path]); err != nil {
		return nil, err
	}
	types := newGoTypes(c.shapes, folders)
	if err := c.readKubelet(types); err != nil {
		return nil, err
	}
	for _, m := range addOns {
		if err := errors.Join(c.readDefinitions(m, folders[m.Path]), c.readGoKinds(m, types)); err != nil {
			return nil, err
		}
	}
	if err := c.readEveryKind(); err != nil {
		return nil, err
	}
	return c.result()
}

// result sorts what was read and packs it, each group with the shapes that its kinds reach.
func (c *collection) result() (*result, error) {
	r := &result{Groups: len(c.index.Groups)}
	groups := map[string]*api.Group{}
	for _, service := range slices.Sorted(maps.Keys(c.index.Groups)) {
		kinds := c.index.Groups[service]
		slices.SortFunc(kinds, func(a, b api.Kind) int {
			return cmp.Or(compareVersions(a.Version, b.Version), cmp.Compare(a.Plural, b.Plural))
		})
		g := &api.Group{Objects: c.objects[service], Shapes: map[string]*api.Type{}}
		roots := append(slices.Collect(maps.Values(g.Objects)), &api.Type{Ref: api.ObjectMeta})
		if service == api.Core {
			roots = append(roots, &api.Type{Ref: api.Kubelet})
		}
		for _, root := range roots {
			if err := references(root, c.shapes, g.Shapes); err != nil {
				return nil, fmt.Errorf("%s: %w", service, err)
			}
		}
		for _, k := range kinds {
			r.Kinds++
			if k.Custom {
				r.Custom++
			}
		}
		r.Shapes += len(g.Shapes)
		groups[service] = g
	}
	archive, err := pack(c.index, groups)
	r.Archive = archive
	return r, err
}
