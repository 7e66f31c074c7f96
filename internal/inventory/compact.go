package inventory

import (
	"context"
	"fmt"
)

// compactAt is the share of the database's memory at which the inventory is to be compacted: what is left is for the
// statements under way.
const compactAt = 0.35

// Compact gives back what tables do not fill, if the database holds much of the memory that it may, which limit says in bytes. Each
// column of a table takes room for two thousand rows as soon as it has one, and that room cannot be spilled: many small tables
// would fill any memory. It waits for tables that are being filled, and those that follow wait for it. It says whether it was
// needed.
func (s *Store) Compact(ctx context.Context, limit int64) (bool, error) {
	if crowded, err := s.crowded(ctx, limit); err != nil || !crowded {
		return false, err
	}
	s.filling.Lock()
	defer s.filling.Unlock()
	if _, err := s.db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return false, fmt.Errorf("compact the inventory: %w", err)
	}
	return true, nil
}

func (s *Store) crowded(ctx context.Context, limit int64) (bool, error) {
	var used int64
	err := s.db.QueryRowContext(ctx, "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()").Scan(&used)
	if err != nil {
		return false, fmt.Errorf("look at the inventory's memory: %w", err)
	}
	return float64(used) > compactAt*float64(limit), nil
}
