package aws

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

const testAccount = "111122223333"

// rules reads the provider.yaml that ships.
func rules(t testing.TB) *content.Provider {
	t.Helper()
	return clienttest.Rules(t, "aws")
}

// roundTrip is a transport that calls a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// served answers with a handler, whatever the host.
func served(handler http.HandlerFunc) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		handler(w, r)
		return w.Result(), nil
	})
}

func keys(id string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(id, "secret", "")
}

// signedIn is a provider that did not have to ask who it is.
func signedIn(t testing.TB, options Options) *Provider {
	t.Helper()
	if options.Credentials == nil {
		options.Credentials = keys("AKIATEST")
	}
	options.Content = rules(t)
	p := newProvider(options)
	if err := p.configure(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.config.Region = "us-east-1"
	p.identity = Identity{Account: testAccount, ARN: "arn:aws:iam::111122223333:user/ann", Partition: "aws"}
	return p
}

// ask makes a call in a region, or account-wide.
func ask(ctx context.Context, p *Provider, region, call string, input map[string]any) (*provider.Answer, error) {
	service, op, _ := strings.Cut(call, ":")
	return p.Call(ctx, provider.Request{
		Scope: provider.Scope{Account: testAccount, Partition: "aws", Region: region}, Service: service, Op: op, Input: input,
	})
}

// logged is a logger and what it wrote.
func logged() (*slog.Logger, *strings.Builder) {
	var b strings.Builder
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}
