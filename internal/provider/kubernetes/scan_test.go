package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
)

// shipped is the content that is in the binary.
var shipped = sync.OnceValues(func() (*providertest.Cloud, error) { return recorded.Content(context.Background(), "kubernetes") })

// scanner scans fakes, all as the cluster prod, with the content that ships, into one lake.
type scanner struct {
	scan.Options
	returned func(call string) // told when a call has; nil: nobody
}

// told tells when calls have returned.
type told struct {
	provider.Provider
	returned func(call string)
}

func (p told) Call(ctx context.Context, r provider.Request) (*provider.Answer, error) {
	defer p.returned(r.Service + ":" + r.Op)
	return p.Provider.Call(ctx, r)
}

func newScanner(t *testing.T, checks ...string) *scanner {
	t.Helper()
	cloud, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	s := &scanner{Options: scan.Options{
		Library: cloud.Library, Catalog: cloud.Catalog, Settings: content.DefaultSettings(cloud.Library), Lake: t.TempDir(), Spools: t.TempDir(), Version: "test",
		RetryBudget: time.Nanosecond, // so that what may pass is tried once
	}}
	for _, id := range checks {
		at := slices.IndexFunc(cloud.Checks, func(c *plan.Check) bool { return c.ID == id })
		if at < 0 {
			t.Fatalf("there is no check %s", id)
		}
		s.Checks = append(s.Checks, cloud.Checks[at])
	}
	return s
}

// outcome is what a scan told.
type outcome struct {
	*scan.Outcome
	lists    map[string]collect.Cell // by table
	findings []string                // check, resource, status, and what was found or the cause
}

// scan scans a fake.
func (s *scanner) scan(t *testing.T, f *fake) *outcome {
	t.Helper()
	o := s.Options
	o.Provider = signedIn(t, f)
	if s.returned != nil {
		o.Provider = told{o.Provider, s.returned}
	}
	got, err := scan.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}()
	read := &outcome{Outcome: got, lists: map[string]collect.Cell{}}
	for _, c := range got.Result.Coverage {
		if c.Group == plan.GroupList {
			read.lists[c.Table] = c
		}
	}
	for f, err := range got.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		said := f.Found
		if f.Status == evaluate.Unknown {
			said = f.Cause
		}
		read.findings = append(read.findings, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Check, orDefault(f.ResourceName, "-"), f.Status, said)))
	}
	slices.Sort(read.findings)
	return read
}

// query asks the lake.
func (s *scanner) query(t *testing.T, query string) (rows [][]any) {
	t.Helper()
	h, err := history.Open(t.Context(), history.Options{Lake: s.Lake})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	answer, err := h.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range answer.Values {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// serving lets a fake serve a kind of which it has some objects, each JSON, in pages of a size. What a page is asked with may be
// answered otherwise: where instead gives true.
func (f *fake) serving(path, kind string, objects []string, size int, instead func(page int, body []byte, w http.ResponseWriter, r *http.Request) bool) {
	f.handle(path, func(w http.ResponseWriter, r *http.Request) {
		page := 0
		_, _ = fmt.Sscanf(r.URL.Query().Get("continue"), "page %d", &page)
		from := page * size
		to := min(from+size, len(objects))
		next := ""
		if to < len(objects) {
			next = fmt.Sprintf("page %d", page+1)
		}
		var body bytes.Buffer
		fmt.Fprintf(&body, `{"kind":%q,"metadata":{"continue":%q},"items":[%s]}`, kind+"List", next, strings.Join(objects[from:to], ","))
		if instead != nil && instead(page, body.Bytes(), w, r) {
			return
		}
		write(w, 200, body.String())
	})
}

// object is the JSON of one.
func object(t testing.TB, namespace, name string, more map[string]any) string {
	t.Helper()
	metadata := map[string]any{"name": name, "uid": namespace + "-" + name, "creationTimestamp": "2026-01-10T08:00:00Z"}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	all := map[string]any{"metadata": metadata}
	for key, value := range more {
		all[key] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
