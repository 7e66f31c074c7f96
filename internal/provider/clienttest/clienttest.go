// Package clienttest is what the tests of every provider's own package share. It knows no engine: package providertest tries a
// provider as a scan sees it, this one helps to try the client alone.
package clienttest

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// Rules reads the provider.yaml that ships. The test must be of internal/provider/<id>.
func Rules(tb testing.TB, id string) *content.Provider {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "content", id, "provider.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	library, problems := content.Load(content.Folder{FS: fstest.MapFS{id + "/provider.yaml": {Data: data}}})
	for _, problem := range problems {
		tb.Error(problem)
	}
	if len(library.Providers) != 1 {
		tb.Fatal("provider.yaml was not read")
	}
	return library.Providers[0]
}

// Problem is the *provider.Error that a call gave.
func Problem(tb testing.TB, err error) *provider.Error {
	tb.Helper()
	e, ok := err.(*provider.Error) //nolint:errorlint // that it is one, not that it wraps one, is promised
	if !ok {
		tb.Fatalf("got %T %v, want *provider.Error", err, err)
	}
	return e
}

// Write answers a request. Headers are names and values in turn; of one name the last counts.
func Write(w http.ResponseWriter, status int, body string, headers ...string) {
	for i := 0; i+1 < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the client may have hung up
}
