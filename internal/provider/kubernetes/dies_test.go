package kubernetes

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
)

const (
	ingresses  = "/apis/networking.k8s.io/v1/ingresses"
	namespaces = "/api/v1/namespaces"

	hostSet    = "kubernetes_ingress_host_set"
	hostUnique = "kubernetes_ingress_host_unique"
	baseline   = "kubernetes_namespace_enforces_baseline"
)

// claims are ingresses, two a page. That two namespaces claim one host shows when the second page is there.
func claims(t *testing.T) (all []string) {
	t.Helper()
	for _, claim := range [][2]string{{"a", "shop.example.com"}, {"b", ""}, {"c", "shop.example.com"}, {"d", "d.example.com"}, {"e", "e.example.com"}} {
		rule := map[string]any{"http": map[string]any{"paths": []any{map[string]any{"path": "/", "pathType": "Prefix"}}}}
		if claim[1] != "" {
			rule["host"] = claim[1]
		}
		all = append(all, object(t, claim[0], claim[0]+"-web", map[string]any{"spec": map[string]any{"rules": []any{rule}}}))
	}
	return all
}

// shop is a fake with some namespaces and ingresses. What becomes of pages of these after the first may be said: it happens when
// the namespaces have been read.
func (s *scanner) shop(t *testing.T, http2 bool, instead func(f *fake, page int, body []byte, w http.ResponseWriter)) *fake {
	t.Helper()
	f := newFakeOf(t, http2)
	f.answer("/api", 200, aggregated(groupJSON("", versionJSON("v1", "Current", resourceJSON("namespaces", "Namespace", "Cluster")))))
	f.answer("/apis", 200, aggregated(groupJSON("networking.k8s.io", versionJSON("v1", "Current", resourceJSON("ingresses", "Ingress", "Namespaced")))))
	f.serving(namespaces, "Namespace", []string{object(t, "", "a", nil)}, 500, nil)
	read := make(chan struct{})
	finish := sync.OnceFunc(func() { close(read) })
	s.returned = func(call string) {
		if call == "core:v1/namespaces" {
			finish()
		}
	}
	f.serving(ingresses, "Ingress", claims(t), 2, func(page int, body []byte, w http.ResponseWriter, r *http.Request) bool {
		if page == 0 || instead == nil {
			return false
		}
		select {
		case <-read:
		case <-r.Context().Done():
		}
		instead(f, page, body, w)
		return true
	})
	return f
}

// cut sends half of a body and closes the connection.
func cut(body []byte, w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// whole is what a scan of the shop finds.
var whole = []string{
	hostSet + " a-web PASS", hostSet + " b-web FAIL a rule for any host", hostSet + " c-web PASS", hostSet + " d-web PASS", hostSet + " e-web PASS",
	hostUnique + " a-web FAIL shop.example.com/ is claimed by a, c", hostUnique + " b-web PASS",
	hostUnique + " c-web FAIL shop.example.com/ is claimed by a, c", hostUnique + " d-web PASS", hostUnique + " e-web PASS",
	baseline + " a FAIL no level is enforced",
}

// brokenOff is what it finds if the list of ingresses breaks off after some of them: each is judged for itself, and nothing is
// judged by what is missing.
func brokenOff(rows int, cause string) (found []string) {
	for _, f := range whole {
		words := strings.SplitN(f, " ", 3)
		switch id, name := words[0], words[1]; {
		case id != baseline && int(name[0]-'a') >= rows:
		case id == hostUnique:
			found = append(found, id+" "+name+" UNKNOWN "+cause)
		default:
			found = append(found, f)
		}
	}
	found = append(found, hostSet+" - UNKNOWN "+cause, hostUnique+" - UNKNOWN "+cause)
	slices.Sort(found)
	return found
}

func TestAServerThatDiesInTheMiddleOfAList(t *testing.T) {
	const refused = "dial tcp 127.0.0.1:*: connect: connection refused"
	half := func(_ *fake, _ int, body []byte, w http.ResponseWriter) { cut(body, w) }
	tests := []struct {
		name  string
		http2 bool
		fails func(f *fake, page int, body []byte, w http.ResponseWriter)
		rows  int
		says  string
	}{
		{"in the middle of a page", false, half, 2, "the answer of 127.0.0.1:* ended in the middle"},
		{"in the middle of a page, by HTTP/2", true, half, 2, "the answer of 127.0.0.1:* ended in the middle"},
		{"with its connections, by HTTP/2", true, func(f *fake, _ int, body []byte, w http.ResponseWriter) {
			_, _ = w.Write(body[:len(body)/2])
			_ = http.NewResponseController(w).Flush()
			f.CloseClientConnections()
		}, 2, "the answer of 127.0.0.1:* ended in the middle"},
		{"in the middle of the last page", false, func(_ *fake, page int, body []byte, w http.ResponseWriter) {
			if page == 2 {
				cut(body, w)
			}
			write(w, 200, string(body))
		}, 4, "the answer of 127.0.0.1:* ended in the middle"},
		{"between two pages", false, func(f *fake, _ int, _ []byte, _ http.ResponseWriter) {
			_ = f.Listener.Close()
			f.CloseClientConnections()
		}, 2, refused},
	}
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	// Which of the two is said of a server that is gone hangs on whether a connection was kept on which the request was tried first.
	gone := strings.NewReplacer("127.0.0.1:* closed the connection without an answer", refused)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScanner(t, hostSet, hostUnique, baseline)
			got := s.scan(t, s.shop(t, test.http2, test.fails))
			for i, f := range got.findings {
				got.findings[i] = gone.Replace(port.ReplaceAllString(f, "127.0.0.1:*"))
			}
			cause := "broken: networking.k8s.io:v1/ingresses (" + test.says + ")"
			if diff := cmp.Diff(brokenOff(test.rows, cause), got.findings); diff != "" {
				t.Errorf("findings: %s", diff)
			}
			cell := got.lists["kubernetes_ingress"]
			if cell.Status != collect.Partial || gone.Replace(port.ReplaceAllString(cell.Cause, "127.0.0.1:*")) != cause || cell.Rows != int64(test.rows) {
				t.Errorf("the list that broke off: %+v", cell)
			}
			if cell := got.lists["kubernetes_namespace"]; cell.Status != collect.OK || cell.Rows != 1 {
				t.Errorf("the list that did not: %+v", cell)
			}
			if !got.Incomplete || got.Spool == "" {
				t.Errorf("incomplete is %v, and it is kept as %q", got.Incomplete, got.Spool)
			}
			s.Resume = got.Spool
			again := s.shop(t, test.http2, nil) // elsewhere, as after a failover
			resumed := s.scan(t, again)
			if diff := cmp.Diff(whole, resumed.findings); diff != "" {
				t.Errorf("resumed: %s", diff)
			}
			if resumed.Incomplete || resumed.Spool != "" || len(again.requests(namespaces)) != 0 || len(again.requests(ingresses)) != 3 {
				t.Errorf("resumed: incomplete is %v, kept as %q, namespaces were asked for again %d times, ingresses %d", resumed.Incomplete, resumed.Spool,
					len(again.requests(namespaces)), len(again.requests(ingresses)))
			}
		})
	}
}

// What a list did not come to is not mended: compared with a scan that saw all, nothing is resolved. What is not there in a list
// that came to its end is.
func TestWhatAListDidNotComeToIsNotResolved(t *testing.T) {
	s := newScanner(t, hostSet, hostUnique, baseline)
	half := func(_ *fake, _ int, body []byte, w http.ResponseWriter) { cut(body, w) }
	var ids []string
	for _, fails := range []func(*fake, int, []byte, http.ResponseWriter){nil, half, nil} { // the last sees a cluster in which hardly anything is left
		f := s.shop(t, false, fails)
		if len(ids) == 2 {
			f.serving(ingresses, "Ingress", nil, 500, nil)
			f.serving(namespaces, "Namespace", []string{object(t, "", "z", nil)}, 500, nil)
		}
		ids = append(ids, s.scan(t, f).Result.Scan.ID)
	}
	resolved := func(before, after string) (names []string) {
		h, err := history.Open(t.Context(), history.Options{Lake: s.Lake, Scan: lake.AllScans})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		changes, err := h.Diff(t.Context(), before, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.Kind == "resolved" {
				names = append(names, c.Check+" "+orDefault(c.ResourceName, "-"))
			}
		}
		return names
	}
	if got := resolved(ids[0], ids[1]); got != nil {
		t.Errorf("resolved by a list that broke off: %v", got)
	}
	want := []string{baseline + " a", hostUnique + " a-web", hostUnique + " c-web", hostSet + " b-web"}
	got := resolved(ids[0], ids[2])
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resolved by a list that ended: %s", diff)
	}
}

// Where the server comes back in time, nobody notices.
func TestAServerThatComesBack(t *testing.T) {
	s := newScanner(t, hostSet, hostUnique, baseline)
	s.RetryBudget = 0 // as it is for users
	failed := map[int]bool{}
	got := s.scan(t, s.shop(t, false, func(_ *fake, page int, body []byte, w http.ResponseWriter) {
		if !failed[page] {
			failed[page] = true
			cut(body, w)
		}
		write(w, 200, string(body))
	}))
	if diff := cmp.Diff(whole, got.findings); diff != "" || got.Incomplete || len(failed) != 2 {
		t.Errorf("incomplete is %v, after %d failures: %s", got.Incomplete, len(failed), diff)
	}
	if cell := got.lists["kubernetes_ingress"]; cell.Status != collect.OK || cell.Rows != 5 || cell.Retries != 2 {
		t.Errorf("its list: %+v", cell)
	}
}
