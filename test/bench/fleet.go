package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/test/recorded"
)

// fleetSize is how many resources the recorded account is repeated to.
const fleetSize = 100_000

const recordedAccount = "123456789012"

// fleet collects the recorded account once, repeats it as many accounts as make 100,000 resources, and asks all checks.
func fleet(ctx context.Context) ([]figure, error) {
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	seal, err := collect.NewSeal()
	if err != nil {
		return nil, err
	}
	collected, err := cloud.Collect(ctx, providertest.Options{Dir: dir, Seal: seal})
	if err != nil {
		return nil, err
	}
	spool, err := collect.OpenSpool(filepath.Join(dir, "spools", collected.ID), seal)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // only read
	p, err := plan.New(plan.Selection{Provider: "aws", Checks: cloud.Checks}, cloud.Catalog)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, database.Options{Memory: 384 << 20, Threads: 1})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	f := &repeated{cloud: cloud, plan: p, spool: spool, db: db}
	return f.measure(ctx, collected.Cells)
}

type repeated struct {
	cloud    *recorded.Cloud
	plan     *plan.Plan
	spool    *collect.Spool
	db       *database.DB
	accounts []string
}

func (f *repeated) measure(ctx context.Context, cells []collect.Cell) ([]figure, error) {
	var one int64
	for _, t := range f.plan.Tables {
		one += f.spool.Count(t.Table.Name)
	}
	for i := range int64(fleetSize)/one + 1 {
		f.accounts = append(f.accounts, fmt.Sprintf("%012d", 100_000_000_000+i))
	}
	began := time.Now()
	rows, err := f.load(ctx)
	if err != nil {
		return nil, err
	}
	loaded := time.Since(began)
	ledger := f.cells(cells)
	began = time.Now()
	summary, err := evaluate.Run(ctx, f.db.DB, evaluate.Options{
		Tables: f.cloud.Catalog.Tables, Checks: f.cloud.Checks, Cells: ledger, Settings: content.DefaultSettings(f.cloud.Library),
	}, nil)
	if err != nil {
		return nil, err
	}
	asked := time.Since(began)
	var verdicts int64
	for _, n := range summary.Counts {
		verdicts += n
	}
	return []figure{
		{"accounts", count(len(f.accounts)), ""},
		{"resources", count(rows), ""},
		{"load, transform, derive", seconds(loaded), ""},
		{"rate", fmt.Sprintf("%.0f resources/s", float64(rows)/loaded.Seconds()), ""},
		{"checks", count(len(f.cloud.Checks)), ""},
		{"verdicts", count(verdicts), ""},
		{"re-evaluation of all checks", seconds(asked), "< 3 s"},
	}, nil
}

func (f *repeated) load(ctx context.Context) (rows int64, err error) {
	store, err := inventory.New(ctx, f.db, recorded.At)
	if err != nil {
		return 0, err
	}
	if err := evaluate.CreateFunctions(ctx, f.db.DB, f.cloud.Library.Functions); err != nil {
		return 0, err
	}
	var derived []*plan.Table
	var total atomic.Int64
	group, loading := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0)) // as a scan does
	for _, t := range f.plan.Tables {
		if t.Table.Spec.List == nil {
			derived = append(derived, t.Table)
			continue
		}
		group.Go(func() error {
			if err := store.CreateTable(loading, t.Table); err != nil {
				return err
			}
			report, err := store.Load(loading, t.Table, f.rows(t.Table.Name))
			if err != nil {
				return err
			}
			settled, err := store.Settle(loading, t.Table)
			total.Add(report.Rows - settled.Folded)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	return total.Load(), store.Derive(ctx, derived)
}

// rows gives the recorded rows once for each account, with the account's number in place of the recorded one.
func (f *repeated) rows(table string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for line, err := range f.spool.Rows(table) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, account := range f.accounts {
				// Names that are unique in the whole cloud stay so: the company's own name becomes another in each account.
				own := bytes.ReplaceAll(line, []byte(recordedAccount), []byte(account))
				if !yield(bytes.ReplaceAll(own, []byte("tidewater"), []byte("t"+account[4:])), nil) {
					return
				}
			}
		}
	}
}

func (f *repeated) cells(one []collect.Cell) []collect.Cell {
	all := make([]collect.Cell, 0, len(one)*len(f.accounts))
	for _, account := range f.accounts {
		for _, c := range one {
			c.Account = account
			all = append(all, c)
		}
	}
	return all
}
