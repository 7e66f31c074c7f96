package kubernetes

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
)

// An API that another server answers for may be down when the scan begins, or go down when discovery has told of it. What it has
// is then not known, as a cell with the cause; everything else is as it would be.
func TestAnAggregatedAPIThatGoesDown(t *testing.T) {
	const certificates, ready = "/apis/cert-manager.io/v1/certificates", "kubernetes_cert_manager_certificate_ready"
	const call = "cert-manager.io:v1/certificates"
	// What the API server answers for a server that it cannot reach.
	unreachable := func(w http.ResponseWriter) { write(w, 503, "service unavailable\n", "Content-Type", "text/plain") }
	tests := []struct {
		name      string
		freshness string
		answer    func(page int, w http.ResponseWriter) bool
		budget    bool // that of users: nothing is tried again
		status    collect.Status
		cause     string
		rows      int64
		asked     int
	}{
		{
			"from the start", "Stale", func(_ int, w http.ResponseWriter) bool { unreachable(w); return true }, true,
			collect.Failed, "broken: " + call + " (HTTP503: the aggregated API cert-manager.io/v1 is down: service unavailable)", 0, 1,
		},
		{
			"after discovery", "Current", func(_ int, w http.ResponseWriter) bool { unreachable(w); return true }, false,
			collect.Failed, "broken: " + call + " (HTTP503: service unavailable)", 0, 1,
		},
		{
			"after a page", "Current", func(page int, w http.ResponseWriter) bool {
				if page > 0 {
					unreachable(w)
				}
				return page > 0
			}, false, collect.Partial, "broken: " + call + " (HTTP503: service unavailable)", 2, 2,
		},
		{
			"and is removed after discovery", "Current", func(_ int, w http.ResponseWriter) bool {
				write(w, 404, refusal(404, "NotFound", "the server could not find the requested resource"))
				return true
			}, true, collect.Unsupported, "unsupported: " + call + " (NotFound: the server could not find the requested resource)", 0, 1,
		},
		{
			"and is removed after a page", "Current", func(page int, w http.ResponseWriter) bool {
				if page > 0 {
					write(w, 404, "404 page not found\n", "Content-Type", "text/plain")
				}
				return page > 0
			}, true, collect.Partial, "unsupported: " + call + " (HTTP404: 404 page not found)", 2, 2,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScanner(t, hostSet, hostUnique, baseline, ready)
			if test.budget {
				s.RetryBudget = 0
			}
			f := s.shop(t, false, nil)
			f.answer("/apis", 200, aggregated(
				groupJSON("networking.k8s.io", versionJSON("v1", "Current", resourceJSON("ingresses", "Ingress", "Namespaced"))),
				groupJSON("cert-manager.io", versionJSON("v1", test.freshness, resourceJSON("certificates", "Certificate", "Namespaced"))),
			))
			var all []string
			for _, name := range []string{"one", "two", "three"} {
				all = append(all, object(t, "a", name, map[string]any{"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "True"}}}}))
			}
			f.serving(certificates, "Certificate", all, 2, func(page int, _ []byte, w http.ResponseWriter, _ *http.Request) bool { return test.answer(page, w) })
			got := s.scan(t, f)
			cell := got.lists["kubernetes_cert_manager_certificate"]
			if cell.Status != test.status || cell.Cause != test.cause || cell.Rows != test.rows || !cell.Counts() || len(f.requests(certificates)) != test.asked {
				t.Errorf("after %d requests: %+v", len(f.requests(certificates)), cell)
			}
			want := append(slices.Clone(whole), ready+" - UNKNOWN "+test.cause)
			for _, name := range []string{"one", "two"}[:test.rows] {
				want = append(want, ready+" "+name+" PASS")
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got.findings); diff != "" {
				t.Error(diff)
			}
			for _, table := range []string{"kubernetes_namespace", "kubernetes_ingress"} {
				if got.lists[table].Status != collect.OK {
					t.Errorf("another list: %+v", got.lists[table])
				}
			}
		})
	}
}
