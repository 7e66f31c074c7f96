package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// Derive makes the derived and the data tables among those given, each as soon as those that it reads are there. Tables that are
// collected must be loaded before.
func (s *Store) Derive(ctx context.Context, tables []*plan.Table) error {
	var derived []*plan.Table
	made := map[*plan.Table]chan struct{}{}
	for _, t := range tables {
		if t.Spec != nil && t.Spec.List == nil {
			derived, made[t] = append(derived, t), make(chan struct{})
		}
	}
	sources, err := s.sourcesOf(derived)
	if err != nil {
		return err
	}
	turns := make(chan struct{}, max(1, s.Deriving))
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range derived {
		group.Go(func() error {
			for _, source := range sources[t] {
				select {
				case <-made[source]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			turns <- struct{}{}
			defer func() { <-turns }()
			defer database.Trim()
			if err := s.derive(ctx, t); err != nil {
				return err
			}
			close(made[t])
			return nil
		})
	}
	return group.Wait()
}

// sourcesOf gives those of some derived tables that each of them reads. One that reads itself through others can never be made.
func (s *Store) sourcesOf(tables []*plan.Table) (map[*plan.Table][]*plan.Table, error) {
	sources := map[*plan.Table][]*plan.Table{}
	for _, t := range tables {
		for _, other := range tables {
			if other != t && s.reads(t, other) {
				sources[t] = append(sources[t], other)
			}
		}
	}
	for left := tables; len(left) > 0; {
		waiting := slices.DeleteFunc(slices.Clone(left), func(t *plan.Table) bool {
			return !slices.ContainsFunc(sources[t], func(source *plan.Table) bool { return slices.Contains(left, source) })
		})
		if len(waiting) == len(left) {
			return nil, fmt.Errorf("derive %s: it reads itself through other derived tables", left[0].Name)
		}
		left = waiting
	}
	return sources, nil
}

// reads says whether a table's SELECT names another.
func (s *Store) reads(t, other *plan.Table) bool {
	return slices.ContainsFunc(t.Over, func(name string) bool { return strings.EqualFold(name, other.Name) }) ||
		slices.ContainsFunc(t.Reads, func(r plan.Ref) bool { return strings.EqualFold(r.Table, other.Name) })
}

func (s *Store) derive(ctx context.Context, t *plan.Table) error {
	name := database.Ident(t.Name)
	at := database.Literal(s.at.Format("2006-01-02 15:04:05.999999")+"+00") + "::TIMESTAMPTZ"
	rows := "SELECT * REPLACE (coalesce(collected_at, " + at + ") AS collected_at) FROM (\n" + t.Select + "\n)"
	if _, err := s.db.ExecContext(ctx, "CREATE OR REPLACE TABLE "+name+" AS "+rows); err != nil {
		return fmt.Errorf("derive %s: %s", t.Name, database.Message(err))
	}
	return nil
}
