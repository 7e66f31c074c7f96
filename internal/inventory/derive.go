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

// Derive makes the derived and the data tables among those given, each after those it reads. Tables that are collected must
// be loaded before.
func (s *Store) Derive(ctx context.Context, tables []*plan.Table) error {
	var left []*plan.Table
	for _, t := range tables {
		if t.Spec != nil && t.Spec.List == nil {
			left = append(left, t)
		}
	}
	for len(left) > 0 {
		var ready, waiting []*plan.Table
		for _, t := range left {
			if slices.ContainsFunc(left, func(other *plan.Table) bool { return other != t && s.reads(t, other) }) {
				waiting = append(waiting, t)
			} else {
				ready = append(ready, t)
			}
		}
		if len(ready) == 0 {
			return fmt.Errorf("derive %s: it reads itself through other derived tables", left[0].Name)
		}
		if err := s.deriveAll(ctx, ready); err != nil {
			return err
		}
		left = waiting
	}
	return nil
}

// deriveAll makes tables that do not read each other.
func (s *Store) deriveAll(ctx context.Context, tables []*plan.Table) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.Deriving))
	for _, t := range tables {
		group.Go(func() error {
			defer database.Trim()
			return s.derive(ctx, t)
		})
	}
	return group.Wait()
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
