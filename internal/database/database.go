// Package database opens DuckDB the one way that Stance uses it: in memory, spilling to a temporary directory of its own,
// and locked, so that no SQL reaches files, the network, extensions or settings. Gate refuses, before anything is bound,
// what the lock does not: statements other than one SELECT over known tables and harmless functions.
// It knows no table and no check.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Catalog is the name under which SQL finds the database. It is attached, since DuckDB compresses an attached database in memory
// and not its own: wide tables that are mostly NULL, as inventories are, take a thirtieth of the room.
const Catalog = "stance"

// attachment of the database. Rows are compressed group by group, and until a group is full each of its columns holds a block:
// groups of the least size keep what is written to a table of 400 columns at 14 MB and not at 100.
const attachment = "ATTACH ':memory:' AS " + Catalog + " (COMPRESS, ROW_GROUP_SIZE 2048)"

// manyRows are the optimizers that are for large tables.
const manyRows = "build_side_probe_side,column_lifetime,common_subplan,compressed_materialization,cte_filter_pusher,duplicate_groups," +
	"filter_pullup,in_clause,join_filter_pushdown,join_order,late_materialization,limit_pushdown,regex_range,reorder_filter,row_group_pruner," +
	"sampling_pushdown,statistics_propagation,sum_rewriter,top_n,window_self_join"

// DefaultMemory is DuckDB's share of a scan's memory, in bytes, where the user does not say.
const DefaultMemory = 512 << 20

// Options of Open. The zero value is good for a small database.
type Options struct {
	// Memory limits what DuckDB holds before it spills, in bytes; 0: DefaultMemory. Results that the driver hands over
	// and single huge values are not counted.
	Memory int64
	// TempDir is where the database's own temporary directory is made; empty: the system's.
	TempDir string
	// Threads is how many cores a query uses; 0: all.
	Threads int
	// KeepOrder gives rows in the order in which they were inserted where no ORDER BY says otherwise, as a person expects
	// who looks at a table; large results then take more memory.
	KeepOrder bool
	// FewRows says that no table will have many rows. Then half of the optimizers take more than they save.
	FewRows bool
	// OutputDirs are the only folders that COPY may write to, and read from, once the database is locked.
	OutputDirs []string
	// Setup runs before the settings are locked; nil if there is nothing to set.
	Setup func(context.Context, *sql.Conn) error
	// Logger receives what Close could not tidy; nil discards it.
	Logger *slog.Logger
}

// DB is one database in memory, shared by all connections of its pool. TEMP objects, variables and transactions belong
// to a connection; everything else is the database's.
type DB struct {
	*sql.DB
	temp   string
	logger *slog.Logger
}

// Open makes an empty, locked database. Close must be called to give its memory and temporary files back.
func Open(ctx context.Context, o Options) (_ *DB, err error) {
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	// Two databases that share a temporary directory crash the process: each makes its own.
	temp, err := os.MkdirTemp(o.TempDir, "stance-db-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary directory for the database: %w", err)
	}
	if temp, err = filepath.Abs(temp); err != nil {
		return nil, fmt.Errorf("make a temporary directory for the database: %w", err)
	}
	connector, err := duckdb.NewConnector("", attach())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), os.RemoveAll(temp))
	}
	db := &DB{DB: sql.OpenDB(connector), temp: temp, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	defer conn.Close()
	if err := registerFunctions(conn); err != nil {
		return nil, fmt.Errorf("register functions: %w", err)
	}
	if err := db.configure(ctx, conn, o); err != nil {
		return nil, err
	}
	return db, nil
}

// attach makes each connection of a pool see the one attached database, which the first of them makes.
func attach() func(driver.ExecerContext) error {
	var mu sync.Mutex
	attached := false
	return func(conn driver.ExecerContext) error {
		mu.Lock()
		defer mu.Unlock()
		if !attached {
			if _, err := conn.ExecContext(context.Background(), attachment, nil); err != nil {
				return err
			}
			attached = true
		}
		_, err := conn.ExecContext(context.Background(), "USE "+Catalog, nil)
		return err
	}
}

// configure sets and locks. The order matters: folders must be allowed before access is switched off, and nothing can be
// set after the lock.
func (db *DB) configure(ctx context.Context, conn *sql.Conn, o Options) error {
	memory, threads := o.Memory, o.Threads
	if memory <= 0 {
		memory = DefaultMemory
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var allowed []string
	for _, dir := range o.OutputDirs {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return fmt.Errorf("allow the folder %s: %w", dir, err)
		}
		allowed = append(allowed, Literal(strings.TrimRight(filepath.ToSlash(absolute), "/")+"/"))
	}
	settings := []string{
		"SET temp_directory=" + Literal(db.temp),
		"SET allowed_directories=[" + strings.Join(allowed, ", ") + "]",
		"SET autoinstall_known_extensions=false",
		"SET autoload_known_extensions=false",
		"SET allow_community_extensions=false",
		"SET lambda_syntax='DISABLE_SINGLE_ARROW'",
		fmt.Sprintf("SET memory_limit='%dB'", memory),
		fmt.Sprintf("SET threads=%d", threads),
		fmt.Sprintf("SET preserve_insertion_order=%t", o.KeepOrder),
		"SET GLOBAL TimeZone='UTC'", // verdicts must not depend on where they are made
	}
	if o.FewRows {
		settings = append(settings, "SET disabled_optimizers="+Literal(manyRows))
	}
	for _, s := range settings {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("configure the database: %s: %w", s, err)
		}
	}
	if o.Setup != nil {
		if err := o.Setup(ctx, conn); err != nil {
			return fmt.Errorf("configure the database: %w", err)
		}
	}
	for _, s := range []string{"SET enable_external_access=false", "SET lock_configuration=true"} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("lock the database: %s: %w", s, err)
		}
	}
	return nil
}

// TempDir is the database's own temporary directory; it is gone after Close.
func (db *DB) TempDir() string { return db.temp }

// Leave frees temporary files alone: it is for a program that ends, whose memory the system takes back faster than Close.
func (db *DB) Leave() error { return os.RemoveAll(db.temp) }

// Close frees memory and temporary files. Connections, rows and statements must have been closed before: one that is
// still held keeps the database alive, which is logged.
func (db *DB) Close() error {
	if n := db.Stats().InUse; n > 0 {
		db.logger.Warn("the database is closed while it is still in use", "connections", n)
	}
	return errors.Join(db.DB.Close(), os.RemoveAll(db.temp))
}
