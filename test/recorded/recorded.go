// Package recorded scans the recorded cloud of `stance demo` for tests and benchmarks: the whole way from calls to
// findings, in this process, with faults where they are asked for.
package recorded

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
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
	if c.Recording, err = replay.Read(bytes.NewReader(demo.AWS)); err != nil {
		return nil, err
	}
	for _, check := range catalog.Checks {
		c.Checks = append(c.Checks, check)
	}
	slices.SortFunc(c.Checks, func(a, b *plan.Check) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
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
	transport, stop := server.Transport()
	defer stop()
	signedIn, err := aws.New(ctx, aws.Options{
		Content: c.Library.Provider("aws"), Transport: transport, Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
	})
	if err != nil {
		return nil, err
	}
	var p provider.Provider = signedIn
	if o.Wrap != nil {
		p = o.Wrap(p)
	}
	if o.Checks == nil {
		o.Checks = c.Checks
	}
	began := time.Now()
	result := &Scan{Lake: filepath.Join(o.Dir, "lake")}
	spools := filepath.Join(o.Dir, "spools")
	outcome, err := scan.Run(ctx, scan.Options{
		Provider: p, Library: c.Library, Catalog: c.Catalog, Settings: content.DefaultSettings(c.Library), Checks: o.Checks, Inventory: o.Inventory,
		Lake: result.Lake, Spools: spools, Resume: o.Resume, Workers: o.Workers, Memory: o.Memory, Version: "test", Progress: o.Progress,
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
		result.Kept = filepath.Join(spools, outcome.Spool)
	}
	return result, nil
}
