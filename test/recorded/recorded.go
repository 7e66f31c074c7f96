// Package recorded scans the recorded cloud of `stance demo` for tests and benchmarks: the whole way from calls to
// findings, in this process, with faults where they are asked for.
package recorded

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/content/demo"
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

// Scan is what a scan found.
type Scan struct {
	providertest.Scan
	Requests int64    // that the recorded cloud saw
	Missed   []string // requests that the recording does not hold
}

// Scan scans the recorded cloud. It differs from the scan of any other only in that it counts what the server saw.
func (c *Cloud) Scan(ctx context.Context, o providertest.Options) (*Scan, error) {
	server := replay.NewServer(c.Recording, faults(o.Disturbance))
	one := *c.Cloud
	one.SignIn = func(ctx context.Context, d providertest.Disturbance) (provider.Provider, func(), error) {
		return c.signIn(ctx, server, d)
	}
	got, err := one.Scan(ctx, o)
	result := &Scan{Requests: server.Requests(), Missed: server.Missed()}
	if got != nil {
		result.Scan = *got
	}
	return result, err
}
