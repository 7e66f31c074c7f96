// Package recorded scans the recorded cloud of `stance demo` for tests and benchmarks: the whole way from calls to
// findings, in this process, with faults where they are asked for.
package recorded

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/content/demo"
	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/internal/replay"
)

// Cloud is the recorded cloud with the content that is in the binary. It may be scanned many times at once.
type Cloud struct {
	*providertest.Cloud
	Recording *replay.Recording
}

// At is the time of every scan, so that ages are the same in each.
var At = providertest.At

// Open loads the content and the recording.
func Open(ctx context.Context) (*Cloud, error) {
	content, err := Content(ctx, "aws")
	if err != nil {
		return nil, err
	}
	c := &Cloud{Cloud: content}
	if c.Recording, err = replay.Read(bytes.NewReader(demo.AWS)); err != nil {
		return nil, err
	}
	c.InProcess = true
	c.SignIn = func(ctx context.Context, d providertest.Disturbance) (provider.Provider, func(), error) {
		return c.signIn(ctx, replay.NewServer(c.Recording, faults(d)), d)
	}
	return c, nil
}

// faults are what of a disturbance the server does, so that the client meets it on the wire.
func faults(d providertest.Disturbance) replay.Faults {
	return replay.Faults{Latency: d.Latency, Throttle: d.Throttle, Reset: d.Reset, Deny: d.Deny, Seed: d.Seed}
}

// signIn signs in to a server; stop ends it.
func (c *Cloud) signIn(ctx context.Context, server *replay.Server, d providertest.Disturbance) (provider.Provider, func(), error) {
	transport, stop := server.Transport()
	signedIn, err := aws.New(ctx, aws.Options{
		Content: c.Library.Provider("aws"), Transport: transport, Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
	})
	if err != nil {
		stop()
		return nil, nil, err
	}
	p := replay.Named(signedIn)
	if d.Pages { // sizes that nobody recorded cannot be asked for
		p = providertest.SplitPages(p, d.Seed)
	}
	return p, stop, nil
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

func (o Options) general() providertest.Options {
	return providertest.Options{
		Dir: o.Dir, Checks: o.Checks, Inventory: o.Inventory, Wrap: o.Wrap, Resume: o.Resume, Workers: o.Workers, Memory: o.Memory,
		Progress: o.Progress, Seal: o.Seal,
	}
}

// Scan is what a scan found.
type Scan struct {
	providertest.Scan
	Requests int64    // that the recorded cloud saw
	Missed   []string // requests that the recording does not hold
}

// Scan scans the recorded cloud.
func (c *Cloud) Scan(ctx context.Context, o Options) (*Scan, error) {
	server := replay.NewServer(c.Recording, o.Faults)
	got, err := c.over(server).Scan(ctx, o.general())
	result := &Scan{Requests: server.Requests(), Missed: server.Missed()}
	if got != nil {
		result.Scan = *got
	}
	return result, err
}

// Collect only makes the calls, and leaves what they gave as an unfinished scan: Scan with the id that it returns as Resume
// goes on. It may run in a bubble of package synctest, which a scan cannot, for the database has threads of its own.
func (c *Cloud) Collect(ctx context.Context, o Options) (id string, cells []collect.Cell, requests int64, err error) {
	server := replay.NewServer(c.Recording, o.Faults)
	got, err := c.over(server).Collect(ctx, o.general())
	if err != nil {
		return "", nil, 0, err
	}
	return got.ID, got.Cells, server.Requests(), nil
}

// over is the cloud as one server shows it.
func (c *Cloud) over(server *replay.Server) *providertest.Cloud {
	one := *c.Cloud
	one.SignIn = func(ctx context.Context, d providertest.Disturbance) (provider.Provider, func(), error) {
		return c.signIn(ctx, server, d)
	}
	return &one
}
