package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/scan"
)

// Cloud is a provider with something to scan, and the content to scan it by. It may be scanned many times at once, and shows
// the same each time.
type Cloud struct {
	Library *content.Library
	Catalog *plan.Catalog
	Checks  []*plan.Check // all of the provider
	// SignIn signs in to a cloud that is disturbed; stop frees what that holds. What can be disturbed on the wire should be, for
	// that tries the provider too; Disturb does it for any other.
	SignIn func(context.Context, Disturbance) (p provider.Provider, stop func(), err error)
	// InProcess says that the cloud answers in this process, from memory, so that its calls may be made on synthetic time.
	InProcess bool
}

// At is the time of every scan, so that ages are the same in each.
var At = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// Options of one scan. Dir must be set.
type Options struct {
	Dir         string        // for its lake and what it keeps
	Checks      []*plan.Check // nil: all
	Inventory   []string
	Disturbance Disturbance
	Wrap        func(provider.Provider) provider.Provider // around the provider, beneath the collector; nil: nothing
	Resume      string
	Workers     int
	Memory      int64
	Progress    *collect.Progress
	Seal        *collect.Seal // what can hold secrets is readable by those alone who have it
}

// Scan is what a scan found.
type Scan struct {
	Findings   []evaluate.Finding
	Cells      []collect.Cell
	Incomplete bool
	Kept       string // folder of what was collected, if it was kept
	Lake       string // the folder
	Seen       *Seen
	Took       time.Duration
}

// Collected is what Collect leaves: an unfinished scan.
type Collected struct {
	ID          string // to resume it by
	Cells       []collect.Cell
	Interrupted bool
	Seen        *Seen
}

// Scan scans the whole way, from calls to findings, in this process.
func (c *Cloud) Scan(ctx context.Context, o Options) (_ *Scan, err error) {
	p, seen, stop, err := c.open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer stop()
	began := time.Now()
	result := &Scan{Lake: o.lake(), Seen: seen}
	outcome, err := scan.Run(ctx, scan.Options{
		Provider: p, Library: c.Library, Catalog: c.Catalog, Settings: content.DefaultSettings(c.Library), Checks: c.checks(o), Inventory: o.Inventory,
		Lake: result.Lake, Spools: o.spools(), Resume: o.Resume, Workers: o.Workers, Memory: o.Memory, Version: "test", Progress: o.Progress, Seal: o.Seal,
		Now: func() time.Time { return At },
	})
	result.Took = time.Since(began)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, outcome.Close()) }()
	for f, err := range outcome.Result.Findings {
		if err != nil {
			return nil, err
		}
		result.Findings = append(result.Findings, f)
	}
	result.Cells, result.Incomplete = outcome.Result.Coverage, outcome.Incomplete
	if outcome.Spool != "" {
		result.Kept = filepath.Join(o.spools(), outcome.Spool)
	}
	return result, nil
}

// Collect only makes the calls, and leaves what they gave as an unfinished scan: Scan or Collect with its id as Resume goes on.
// It may run in a bubble of package synctest, which a scan cannot, for the database has threads of its own.
func (c *Cloud) Collect(ctx context.Context, o Options) (*Collected, error) {
	p, seen, stop, err := c.open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer stop()
	planned, err := plan.New(plan.Selection{Provider: p.ID(), Checks: c.checks(o), Inventory: o.Inventory}, c.Catalog)
	if err != nil {
		return nil, err
	}
	accounts, err := p.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	id := o.Resume
	if id == "" {
		id = "collected"
	}
	dir := filepath.Join(o.spools(), id)
	result, err := collect.Run(ctx, collect.Options{
		Provider: p, Accounts: accounts, Plan: planned, Dir: dir, Resume: o.Resume != "", Workers: o.Workers, Memory: o.Memory, Seal: o.Seal,
		Limits: c.Library.Provider(p.ID()).Limits, Progress: o.Progress, Now: func() time.Time { return At },
	})
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(map[string]any{"id": id, "provider": p.ID(), "lake": o.lake(), "started": At})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "scan.json"), kept, 0o600)
	}
	return &Collected{ID: id, Cells: result.Cells, Interrupted: result.Interrupted, Seen: seen}, errors.Join(err, result.Spool.Close())
}

// open signs in for one scan.
func (c *Cloud) open(ctx context.Context, o Options) (provider.Provider, *Seen, func(), error) {
	p, stop, err := c.SignIn(ctx, o.Disturbance)
	if err != nil {
		return nil, nil, nil, err
	}
	if o.Wrap != nil {
		p = o.Wrap(p)
	}
	seen := &Seen{Requests: map[string]provider.Request{}}
	return &watched{Provider: p, seen: seen}, seen, stop, nil
}

func (c *Cloud) checks(o Options) []*plan.Check {
	if o.Checks == nil {
		return c.Checks
	}
	return o.Checks
}

func (o *Options) lake() string   { return filepath.Join(o.Dir, "lake") }
func (o *Options) spools() string { return filepath.Join(o.Dir, "spools") }
