// Package recorded scans the recorded cloud of `stance demo` for tests and benchmarks: the whole way from calls to
// findings, in this process, with faults where they are asked for.
package recorded

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	embedded "github.com/stancehq/stance/content"
	"github.com/stancehq/stance/content/demo"
	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/provider/aws/api"
	"github.com/stancehq/stance/internal/replay"
	"github.com/stancehq/stance/internal/scan"
)

// Cloud is the recorded cloud with the content that is in the binary. It may be scanned many times at once.
type Cloud struct {
	Library   *content.Library
	Catalog   *plan.Catalog
	Recording *replay.Recording
	Checks    []*plan.Check // all of them, by id
}

// At is the time of every scan, so that ages are the same in each.
var At = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// APIs are the descriptions that the content is planned against.
func APIs() plan.APIs { return plan.APIs{"aws": api.API()} }

// Open loads the content and the recording.
func Open(ctx context.Context) (*Cloud, error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	c := &Cloud{}
	if c.Library, err = pack.Library(); err != nil {
		return nil, err
	}
	catalog, problems, err := plan.Restore(ctx, c.Library, pack, APIs())
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		return nil, fmt.Errorf("the embedded content is not right: %w", p)
	}
	c.Catalog = catalog
	c.Library.Providers = unlimited(c.Library.Providers)
	if c.Recording, err = replay.Read(bytes.NewReader(demo.AWS)); err != nil {
		return nil, err
	}
	for _, check := range catalog.Checks {
		c.Checks = append(c.Checks, check)
	}
	slices.SortFunc(c.Checks, func(a, b *plan.Check) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

// unlimited leaves out the vendors' quotas, which a recorded cloud does not have: a scan would wait for nothing.
func unlimited(providers []*content.Provider) []*content.Provider {
	free := make([]*content.Provider, len(providers))
	for i, p := range providers {
		copied := *p
		copied.Limits = nil
		free[i] = &copied
	}
	return free
}

// Options of one scan. Dir must be set.
type Options struct {
	Dir       string        // for its lake and what it keeps
	Checks    []*plan.Check // nil: all
	Inventory []string
	Faults    replay.Faults
	Wrap      func(provider.Provider) provider.Provider // around the provider, beneath the collector; nil: nothing
	Resume    string
	Workers   int
	Memory    int64
	Progress  *collect.Progress
	Seal      *collect.Seal // what can hold secrets is readable by those alone who have it
}

// Scan is what a scan found.
type Scan struct {
	Findings   []evaluate.Finding
	Cells      []collect.Cell
	Incomplete bool
	Kept       string   // folder of what was collected, if it was kept
	Lake       string   // the folder
	Requests   int64    // that the recorded cloud saw
	Missed     []string // requests that the recording does not hold
	Took       time.Duration
}

// Scan scans the recorded cloud.
func (c *Cloud) Scan(ctx context.Context, o Options) (_ *Scan, err error) {
	server := replay.NewServer(c.Recording, o.Faults)
	p, stop, err := c.signIn(ctx, server, o.Wrap)
	if err != nil {
		return nil, err
	}
	defer stop()
	began := time.Now()
	result := &Scan{Lake: o.lake()}
	outcome, err := scan.Run(ctx, scan.Options{
		Provider: p, Library: c.Library, Catalog: c.Catalog, Settings: content.DefaultSettings(c.Library), Checks: c.checks(o), Inventory: o.Inventory,
		Lake: result.Lake, Spools: o.spools(), Resume: o.Resume, Workers: o.Workers, Memory: o.Memory, Version: "test", Progress: o.Progress, Seal: o.Seal,
		Now: func() time.Time { return At },
	})
	result.Requests, result.Missed, result.Took = server.Requests(), server.Missed(), time.Since(began)
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

// Collect only makes the calls, and leaves what they gave as an unfinished scan: Scan with the id that it returns as Resume
// goes on. It may run in a bubble of package synctest, which a scan cannot, for the database has threads of its own.
func (c *Cloud) Collect(ctx context.Context, o Options) (id string, cells []collect.Cell, requests int64, err error) {
	server := replay.NewServer(c.Recording, o.Faults)
	p, stop, err := c.signIn(ctx, server, o.Wrap)
	if err != nil {
		return "", nil, 0, err
	}
	defer stop()
	planned, err := plan.New(plan.Selection{Provider: p.ID(), Checks: c.checks(o), Inventory: o.Inventory}, c.Catalog)
	if err != nil {
		return "", nil, 0, err
	}
	accounts, err := p.Accounts(ctx)
	if err != nil {
		return "", nil, 0, err
	}
	const name = "collected"
	dir := filepath.Join(o.spools(), name)
	result, err := collect.Run(ctx, collect.Options{
		Provider: p, Accounts: accounts, Plan: planned, Dir: dir, Workers: o.Workers, Memory: o.Memory, Seal: o.Seal,
		Limits: c.Library.Provider(p.ID()).Limits, Progress: o.Progress, Now: func() time.Time { return At },
	})
	if err != nil {
		return "", nil, 0, err
	}
	kept, err := json.Marshal(map[string]any{"id": name, "provider": p.ID(), "lake": o.lake(), "started": At})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "scan.json"), kept, 0o600)
	}
	return name, result.Cells, server.Requests(), errors.Join(err, result.Spool.Close())
}

// signIn signs in to a recorded cloud; stop ends it.
func (c *Cloud) signIn(ctx context.Context, server *replay.Server, wrap func(provider.Provider) provider.Provider) (provider.Provider, func(), error) {
	transport, stop := server.Transport()
	signedIn, err := aws.New(ctx, aws.Options{
		Content: c.Library.Provider("aws"), Transport: transport, Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
	})
	if err != nil {
		stop()
		return nil, nil, err
	}
	if wrap == nil {
		return signedIn, stop, nil
	}
	return wrap(signedIn), stop, nil
}

func (c *Cloud) checks(o Options) []*plan.Check {
	if o.Checks == nil {
		return c.Checks
	}
	return o.Checks
}

func (o *Options) lake() string   { return filepath.Join(o.Dir, "lake") }
func (o *Options) spools() string { return filepath.Join(o.Dir, "spools") }
