package aws

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

const testAccount = "111122223333"

// rules reads the provider.yaml that ships.
func rules(t testing.TB) *content.Provider {
	t.Helper()
	data, err := os.ReadFile("../../../content/aws/provider.yaml")
	if err != nil {
		t.Fatal(err)
	}
	library, problems := content.Load(content.Folder{FS: fstest.MapFS{"aws/provider.yaml": {Data: data}}})
	for _, problem := range problems {
		t.Error(problem)
	}
	if len(library.Providers) != 1 {
		t.Fatal("provider.yaml was not read")
	}
	return library.Providers[0]
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

// problem is the *provider.Error in err.
func problem(t testing.TB, err error) *provider.Error {
	t.Helper()
	e, ok := err.(*provider.Error) //nolint:errorlint // that it is one, not that it wraps one, is promised
	if !ok {
		t.Fatalf("got %T %v, want *provider.Error", err, err)
	}
	return e
}

// logged is a logger and what it wrote.
func logged() (*slog.Logger, *strings.Builder) {
	var b strings.Builder
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func write(w http.ResponseWriter, status int, body string, headers ...string) {
	for i := 0; i+1 < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
