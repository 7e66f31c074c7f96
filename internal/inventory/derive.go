package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
		waiting := left[:0:0]
		for _, t := range left {
			if slices.ContainsFunc(left, func(other *plan.Table) bool { return other != t && s.reads(t, other) }) {
				waiting = append(waiting, t)
				continue
			}
			if err := s.derive(ctx, t); err != nil {
				return err
			}
			database.Trim(database.AfterLong)
		}
		if len(waiting) == len(left) {
			return fmt.Errorf("derive %s: it reads itself through other derived tables", left[0].Name)
		}
		left = waiting
	}
	return nil
}

// reads says whether a table's SELECT names another.
func (s *Store) reads(t, other *plan.Table) bool {
	return slices.ContainsFunc(t.Over, func(name string) bool { return strings.EqualFold(name, other.Name) }) ||
		slices.ContainsFunc(t.Reads, func(r plan.Ref) bool { return strings.EqualFold(r.Table, other.Name) })
}

func (s *Store) derive(ctx context.Context, t *plan.Table) error {
	name := database.Ident(t.Name)
	if _, err := s.db.ExecContext(ctx, "CREATE OR REPLACE TABLE "+name+" AS "+t.Select); err != nil {
		return fmt.Errorf("derive %s: %s", t.Name, database.Message(err))
	}
	if _, err := s.db.ExecContext(ctx, "UPDATE "+name+" SET collected_at = $1::TIMESTAMPTZ WHERE collected_at IS NULL", s.at); err != nil {
		return fmt.Errorf("derive %s: %w", t.Name, err)
	}
	return nil
}
