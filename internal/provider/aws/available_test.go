package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestAvailable(t *testing.T) {
	here := func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil }
	nowhere := func(_ context.Context, host string) ([]string, error) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	failing := func(_ context.Context, host string) ([]string, error) {
		return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
	}
	never := func(context.Context, string) ([]string, error) {
		t.Error("looked up")
		return nil, nil
	}
	tests := []struct {
		name, service, region string
		lookup                func(context.Context, string) ([]string, error)
		endpoint              string
		want                  string // a part of the message; empty: available
	}{
		{"listed", "ec2", "eu-west-1", never, "", ""},
		{"not listed, but it has an address", "ec2", "eu-neu-9", here, "", ""},
		{"not listed, and without an address", "ec2", "eu-neu-9", nowhere, "", "ec2 is not in eu-neu-9"},
		{"not listed, and DNS is down", "ec2", "eu-neu-9", failing, "", ""},
		{"a service of the whole partition, account-wide", "iam", "", never, "", ""},
		{"a service of the whole partition, in its region", "iam", "us-east-1", never, "", ""},
		{"a service of the whole partition, for what is elsewhere", "iam", "eu-west-1", never, "", ""},
		{"a service of one region, for what is elsewhere", "globalaccelerator", "eu-west-1", never, "", ""},
		{"an endpoint of one's own", "ec2", "eu-neu-9", never, "http://127.0.0.1:5000", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := signedIn(t, Options{LookupHost: test.lookup, Endpoint: test.endpoint})
			err := p.Available(t.Context(), provider.Scope{Account: testAccount, Partition: "aws", Region: test.region}, test.service)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if e := clienttest.Problem(t, err); e.Class != provider.Unsupported || !strings.Contains(e.Message, test.want) {
				t.Errorf("got %s", e)
			}
		})
	}
}

func TestAHostIsLookedUpOnce(t *testing.T) {
	var count atomic.Int32
	p := signedIn(t, Options{LookupHost: func(context.Context, string) ([]string, error) {
		count.Add(1)
		return nil, &net.DNSError{IsNotFound: true}
	}})
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if p.Available(t.Context(), provider.Scope{Partition: "aws", Region: "eu-neu-9"}, "ec2") == nil {
				t.Error("available")
			}
		})
	}
	wait.Wait()
	if count.Load() != 1 {
		t.Errorf("%d look-ups", count.Load())
	}
}

// One scan's end must not become "unsupported" for another.
func TestACanceledLookUpIsNoAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	p := signedIn(t, Options{LookupHost: func(ctx context.Context, _ string) ([]string, error) {
		cancel()
		<-release
		return []string{"192.0.2.1"}, ctx.Err()
	}})
	scope := provider.Scope{Partition: "aws", Region: "eu-neu-9"}
	if err := p.Available(ctx, scope, "ec2"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := p.Available(t.Context(), scope, "ec2"); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestAvailableWithoutANetwork(t *testing.T) {
	p := signedIn(t, Options{Transport: served(func(http.ResponseWriter, *http.Request) {}), LookupHost: func(context.Context, string) ([]string, error) {
		t.Error("looked up")
		return nil, nil
	}})
	if err := p.Available(t.Context(), provider.Scope{Region: "eu-neu-9"}, "ec2"); err != nil {
		t.Error(err)
	}
}

func TestHome(t *testing.T) {
	p := signedIn(t, Options{})
	for service, want := range map[string]string{"iam": "us-east-1", "globalaccelerator": "us-west-2", "health": "us-east-1", "ec2": "", "s3": ""} {
		if got := p.Home(provider.Scope{Account: testAccount, Partition: "aws", Region: "eu-west-1"}, service); got != want {
			t.Errorf("the home of %s is %q, want %q", service, got, want)
		}
	}
}

// A call about what is in another region must reach the one endpoint that there is.
func TestAServiceWithOneEndpointIsReachedFromEveryRegion(t *testing.T) {
	for call, want := range map[string]string{
		"iam:ListUsers":                      "iam.amazonaws.com us-east-1",
		"globalaccelerator:ListAccelerators": "globalaccelerator.us-west-2.amazonaws.com us-west-2",
	} {
		var got string
		p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
			_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
			got = r.Host + " " + strings.Split(scope, "/")[2]
			clienttest.Write(w, 500, "")
		})})
		_, _ = ask(t.Context(), p, "eu-west-1", call, nil) // where it went is all that counts
		if got != want {
			t.Errorf("%s went to %s, want %s", call, got, want)
		}
	}
}
