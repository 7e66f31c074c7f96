// Package inventory turns raw documents into typed tables. A scan's spooled rows are streamed, one SQL statement a table:
// each document is projected to the table's columns in Go, where every value is checked against its type and semantic types
// are normalized, and DuckDB types the result and computes the SQL columns. What is not of its type is never NULL without a
// word: the column group it belongs to becomes unknown in that row. Secrets are masked before anything is stored.
// It calls no cloud and knows no table; specs come prepared from package plan.
package inventory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// Store is the inventory of one scan, in a database. Its methods are safe for concurrent use, tables apart from each other.
type Store struct {
	// Deriving is how many tables Derive makes at once; 0 means one, which takes the least memory.
	Deriving int

	db *database.DB
	at time.Time

	filling sync.RWMutex // held to write to a table, and alone to compact them

	mu      sync.Mutex
	sources map[int64]*source
	last    int64
}

// New makes an empty inventory in the database, which must have no other. At is the time of the scan: collected_at of rows
// that no call gave. The database stays the caller's, who closes it.
func New(ctx context.Context, db *database.DB, at time.Time) (*Store, error) {
	s := &Store{db: db, at: at.UTC().Truncate(time.Microsecond), sources: map[int64]*source{}}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the inventory: %w", err)
	}
	defer conn.Close()
	if err := s.register(conn); err != nil {
		return nil, fmt.Errorf("open the inventory: %w", err)
	}
	return s, s.createLedgers(ctx)
}

// register makes the table function that documents come from. It is the database's, not the connection's.
func (s *Store) register(conn *sql.Conn) error {
	number, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		return err
	}
	return duckdb.RegisterTableUDF(conn, "stance_documents", duckdb.ParallelChunkTableFunction{
		Config: duckdb.TableFunctionConfig{Arguments: []duckdb.TypeInfo{number}},
		BindArguments: func(_ map[string]any, args ...any) (duckdb.ParallelChunkTableSource, error) {
			id, _ := args[0].(int64)
			s.mu.Lock()
			defer s.mu.Unlock()
			if found := s.sources[id]; found != nil {
				return found, nil
			}
			return nil, fmt.Errorf("there are no documents %d", id)
		},
	})
}

// CreateTable makes a table without rows.
func (s *Store) CreateTable(ctx context.Context, t *plan.Table) error {
	s.filling.RLock()
	defer s.filling.RUnlock()
	if _, err := s.db.ExecContext(ctx, plan.CreateTable(t)); err != nil {
		return fmt.Errorf("make table %s: %w", t.Name, err)
	}
	return nil
}

// Report says what became of the rows of one Load.
type Report struct {
	Rows int64
	// Malformed rows were no JSON, or not a row. Where their scope could be read they are in the table, all of them unknown;
	// the others are Lost.
	Malformed, Lost int64
	Cause           string // of the first malformed row
	// Unexpected tells, by column group, in how many rows a value was not of its type.
	Unexpected map[string]Unexpected
	// Scopes are where rows were listed.
	Scopes map[Scope]bool
}

// Scope is a list that gave rows: it was made in an account's Asked region, or in collect.GlobalRegion, and Region is
// where the rows say that they are.
type Scope struct{ Account, Region, Asked string }

// Unexpected counts rows whose group is unknown because a value was not of its type.
type Unexpected struct {
	Rows  int64
	Cause string // of the first
}

// Load streams rows into a table that CreateTable made. Each is one collect.Row as JSON, and need only be valid until the next
// is asked for. Memory is bounded by the longest row, not by their number. An error of the iterator, of the database or of ctx
// leaves the table as it was.
func (s *Store) Load(ctx context.Context, t *plan.Table, rows iter.Seq2[[]byte, error]) (Report, error) {
	return s.stream(ctx, t, t.Select, false, rows)
}

// stream fills a table by a query over the rows.
func (s *Store) stream(ctx context.Context, t *plan.Table, query string, restored bool, rows iter.Seq2[[]byte, error]) (Report, error) {
	s.filling.RLock()
	defer s.filling.RUnlock()
	defer database.Trim()
	projector, err := newProjector(t)
	if err != nil {
		return Report{}, fmt.Errorf("load %s: %w", t.Name, err)
	}
	whole := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	source := newSource(t, projector)
	source.restored = restored
	id := s.open(source)
	defer s.close(id)
	read := make(chan error, 1)
	go func() { read <- source.fill(ctx, rows) }()
	statement := "INSERT INTO " + database.Ident(t.Name) + " WITH documents AS (FROM stance_documents(" + strconv.FormatInt(id, 10) + "))\n" + query
	_, err = s.db.ExecContext(ctx, statement)
	cancel(nil) // lets the reader go where the statement failed
	fault := <-read
	if ours := errors.Is(fault, context.Canceled) && whole.Err() == nil; fault != nil && source.failed() && !ours {
		err = fault // what made the statement fail
	}
	if err != nil {
		return Report{}, fmt.Errorf("load %s: %w", t.Name, err)
	}
	return source.report, nil
}

func (s *Store) open(source *source) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.sources[s.last] = source
	return s.last
}

func (s *Store) close(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sources, id)
}
