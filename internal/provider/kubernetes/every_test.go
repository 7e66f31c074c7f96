package kubernetes

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

const (
	everyConstraint = "constraints.gatekeeper.sh:v1beta1/*"
	constraints     = "/apis/constraints.gatekeeper.sh/v1beta1/"
)

// constraintKinds lets a fake serve kinds of constraints, which Gatekeeper names after their plurals.
func (f *fake) constraintKinds(plurals ...string) {
	var resources []string
	for _, plural := range plurals {
		resources = append(resources, resourceJSON(plural, "K8s"+plural, "Cluster"))
	}
	f.answer("/apis", 200, aggregated(groupJSON("constraints.gatekeeper.sh", versionJSON("v1beta1", "Current", resources...))))
}

// namesOf is count names.
func namesOf(prefix string, count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return names
}

func never(string) string { return "" }

func (f *fake) deny(plural string) {
	f.answer(constraints+plural, 403, refusal(403, "Forbidden", plural+" is forbidden"))
}

// everything are the names in all pages of a list, up to the error that ends it.
func everything(t *testing.T, p *Provider) (names []string, end *provider.Error) {
	t.Helper()
	r := request(everyConstraint)
	for range 50 {
		answer, err := p.Call(t.Context(), r)
		if err != nil {
			return names, clienttest.Problem(t, err)
		}
		list, _ := decoded(t, answer)["items"].([]any)
		for _, item := range list {
			metadata := item.(map[string]any)["metadata"].(map[string]any)
			names = append(names, metadata["name"].(string))
		}
		if r.Page = answer.Next; r.Page == "" {
			return names, nil
		}
	}
	t.Fatal("the list does not end")
	return nil, nil
}

func TestAllKindsOfAGroupAreListedOneAfterTheOther(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("b", "a", "none", "c")
	a, b := namesOf("a", 1100), namesOf("b", 501)
	f.handle(constraints+"a", listing(a, never))
	f.handle(constraints+"b", listing(b, never))
	f.handle(constraints+"none", listing(nil, never))
	f.handle(constraints+"c", listing([]string{"c"}, never))
	names, end := everything(t, signedIn(t, f))
	if want := slices.Concat(a, b, []string{"c"}); end != nil || !slices.Equal(names, want) {
		t.Errorf("%d names, want %d, and %v", len(names), len(want), end)
	}
	for plural, pages := range map[string]int{"a": 3, "b": 2, "c": 1, "none": 1} {
		asked := f.requests(constraints + plural)
		if len(asked) != pages || asked[0].URL.Query().Get("limit") != "500" {
			t.Errorf("%s was asked for %d times, want %d", plural, len(asked), pages)
		}
	}
}

func TestObjectsOfAllKindsSayOfWhichTheyAre(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a", "b")
	f.handle(constraints+"a", listing([]string{"one"}, never))
	f.answer(constraints+"b", 200, `{"kind":"K8sbList","items":[{"apiVersion":"constraints.gatekeeper.sh/v1beta1","kind":"K8sb","metadata":{"name":"two"}}]}`)
	p, r := signedIn(t, f), request(everyConstraint)
	for _, kind := range []string{"K8sa", "K8sb"} {
		answer, err := p.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		item := decoded(t, answer)["items"].([]any)[0].(map[string]any)
		if got := fmt.Sprint(item["apiVersion"], " ", item["kind"]); got != "constraints.gatekeeper.sh/v1beta1 "+kind {
			t.Errorf("got %s, want %s", got, kind)
		}
		r.Page = answer.Next
	}
}

// What is refused does not hide the rest, and the list does not end as if it were whole.
func TestAKindThatIsRefusedIsNotForgotten(t *testing.T) {
	for _, test := range []struct {
		name   string
		kinds  []string
		denied []string
		names  []string
		end    string
	}{
		{"the first", []string{"a", "b", "c"}, []string{"a"}, []string{"b", "c"}, "a is forbidden"},
		{"one in the middle", []string{"a", "b", "c"}, []string{"b"}, []string{"a", "c"}, "b is forbidden"},
		{"the last", []string{"a", "b"}, []string{"b"}, []string{"a"}, "b is forbidden"},
		{"several", []string{"a", "b", "c"}, []string{"a", "c"}, []string{"b"}, "c is forbidden; 1 more of its kinds failed"},
		{"all", []string{"a", "b", "c"}, []string{"a", "b", "c"}, nil, "a is forbidden; 2 more of its kinds failed"},
		{"the only one", []string{"a"}, []string{"a"}, nil, "a is forbidden"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.constraintKinds(test.kinds...)
			for _, plural := range test.kinds {
				f.handle(constraints+plural, listing([]string{plural}, never))
			}
			for _, plural := range test.denied {
				f.deny(plural)
			}
			names, end := everything(t, signedIn(t, f))
			if diff := cmp.Diff(test.names, names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if end == nil || end.Class != provider.Denied || !strings.HasSuffix(end.Message, test.end) || end.Permissions[0] != "list constraints.gatekeeper.sh/*" {
				t.Errorf("it ends with %v", end)
			}
		})
	}
}

func TestAKindThatIsRefusedForAWhileIsListedAfterTheOthers(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a", "b")
	asked := 0
	f.handle(constraints+"a", func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 2 { // in the middle of its list
			write(w, 403, refusal(403, "Forbidden", "not now"))
			return
		}
		listing(namesOf("a", 700), never)(w, r)
	})
	f.handle(constraints+"b", listing([]string{"b"}, never))
	names, end := everything(t, signedIn(t, f))
	if want := slices.Concat(namesOf("a", 500), []string{"b"}, namesOf("a", 700)[500:]); end != nil || !slices.Equal(names, want) {
		t.Errorf("%d names, want %d, and %v", len(names), len(want), end)
	}
}

func TestAKindIsContinuedTooLateAsAnyListIs(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a", "b")
	refused := false
	f.handle(constraints+"a", listing(namesOf("a", 1200), func(token string) string {
		if token == "500 of list" && !refused {
			refused = true
			return refusal(410, "Expired", tooOld)
		}
		return ""
	}))
	f.handle(constraints+"b", listing([]string{"b"}, never))
	names, end := everything(t, signedIn(t, f))
	if want := append(namesOf("a", 1200), "b"); end != nil || !slices.Equal(names, want) || !refused {
		t.Errorf("%d names, want %d, and %v", len(names), len(want), end)
	}
}

func TestWhatPassesIsTriedAgainAtTheSamePlace(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a", "b")
	f.handle(constraints+"a", listing([]string{"a"}, never))
	f.answer(constraints+"b", 429, refusal(429, "TooManyRequests", "slow down"))
	p, r := signedIn(t, f), request(everyConstraint)
	answer, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.Page = answer.Next
	if e := refused(t, p, r); e.Class != provider.Throttled {
		t.Errorf("got %v", e)
	}
	f.handle(constraints+"b", listing([]string{"b"}, never))
	if got := items(t, p, r); !slices.Equal(got, []string{"b"}) {
		t.Errorf("got %v", got)
	}
}

func TestAKindThatWasDeletedSinceIsMissing(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a", "b")
	f.answer(constraints+"a", 404, refusal(404, "NotFound", "the server could not find the requested resource"))
	f.handle(constraints+"b", listing([]string{"b"}, never))
	names, end := everything(t, signedIn(t, f))
	if !slices.Equal(names, []string{"b"}) || end == nil || end.Class != provider.Unsupported || end.Call != everyConstraint {
		t.Errorf("got %v and %v", names, end)
	}
}

// TestAKindThatIsRefusedMakesItsTablePartial: rows of the other kinds are there, and what reads the table knows that some are not.
func TestAKindThatIsRefusedMakesItsTablePartial(t *testing.T) {
	const enforced = "kubernetes_gatekeeper_constraint_enforced"
	for _, test := range []struct {
		name     string
		denied   []string
		status   collect.Status
		findings []string
	}{
		{"none", nil, collect.OK, []string{enforced + " one PASS refuses", enforced + " two FAIL only reports"}},
		{"one", []string{"a"}, collect.Partial, []string{enforced + " - UNKNOWN denied: list constraints.gatekeeper.sh/* for " + everyConstraint + " (Forbidden: a is forbidden)", enforced + " two FAIL only reports"}},
		{"all", []string{"a", "b"}, collect.Denied, []string{enforced + " - UNKNOWN denied: list constraints.gatekeeper.sh/* for " + everyConstraint + " (Forbidden: a is forbidden; 1 more of its kinds failed)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.constraintKinds("a", "b")
			f.serving(constraints+"a", "K8sa", []string{object(t, "", "one", nil)}, 1, nil)
			f.serving(constraints+"b", "K8sb", []string{object(t, "", "two", map[string]any{"spec": map[string]any{"enforcementAction": "dryrun"}})}, 1, nil)
			for _, plural := range test.denied {
				f.deny(plural)
			}
			got := newScanner(t, enforced).scan(t, f)
			if cell := got.lists["kubernetes_gatekeeper_constraint"]; cell.Status != test.status || cell.Rows != int64(2-len(test.denied)) {
				t.Errorf("%+v", cell)
			}
			if diff := cmp.Diff(test.findings, got.findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAGroupWithoutKindsIsUnsupported(t *testing.T) {
	for name, discovery := range map[string]string{
		"not installed":             groupDiscovery,
		"no kind":                   aggregated(groupJSON("constraints.gatekeeper.sh", versionJSON("v1beta1", "Current"))),
		"nothing that can be named": aggregated(groupJSON("constraints.gatekeeper.sh", versionJSON("v1beta1", "Current", resourceJSON("reviews", "Review", "Cluster", "create")))),
		"another version":           aggregated(groupJSON("constraints.gatekeeper.sh", versionJSON("v2", "Current", resourceJSON("a", "A", "Cluster")))),
	} {
		f := newFake(t)
		f.answer("/apis", 200, discovery)
		e := refused(t, signedIn(t, f), request(everyConstraint))
		nothing := name == "not installed" || name == "no kind" // it is known that there is none
		if e.Class != provider.Unsupported || (e.Call == "constraints.gatekeeper.sh/*") != nothing || e.Message != "the cluster does not serve any kind of constraints.gatekeeper.sh/v1beta1" {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// Kinds that nobody tells of cannot be listed, which is not the same as that there are none.
func TestKindsThatAreNotToldAreMissing(t *testing.T) {
	t.Run("discovery is denied", func(t *testing.T) {
		f := newFake(t)
		f.answer("/apis", 403, refusal(403, "Forbidden", "no"))
		names, end := everything(t, signedIn(t, f))
		if len(names) != 0 || end == nil || end.Class != provider.Denied || end.Call != everyConstraint || !slices.Equal(end.Permissions, []string{"get /apis"}) {
			t.Errorf("got %v and %v", names, end)
		}
	})
	t.Run("that of the version is denied", func(t *testing.T) {
		f := newFake(t)
		f.answer("/apis", 200, `{"kind":"APIGroupList","groups":[{"name":"constraints.gatekeeper.sh","versions":[{"version":"v1beta1"}],"preferredVersion":{"version":"v1beta1"}}]}`)
		f.answer("/apis/constraints.gatekeeper.sh/v1beta1", 403, refusal(403, "Forbidden", "no"))
		names, end := everything(t, signedIn(t, f))
		if len(names) != 0 || end == nil || end.Class != provider.Denied || !slices.Equal(end.Permissions, []string{"get /apis/constraints.gatekeeper.sh/v1beta1"}) {
			t.Errorf("got %v and %v", names, end)
		}
	})
	t.Run("some are told", func(t *testing.T) {
		f := newFake(t)
		f.answer("/apis", 200, aggregated(groupJSON("constraints.gatekeeper.sh", versionJSON("v1beta1", "Stale", resourceJSON("a", "A", "Cluster")))))
		f.handle(constraints+"a", listing([]string{"a"}, never))
		names, end := everything(t, signedIn(t, f))
		if !slices.Equal(names, []string{"a"}) || end == nil || end.Class != provider.Broken {
			t.Errorf("got %v and %v", names, end)
		}
	})
}

func TestAPageOfAllKindsThatWasNotGivenOut(t *testing.T) {
	f := newFake(t)
	f.constraintKinds("a")
	p, r := signedIn(t, f), request(everyConstraint)
	for _, page := range []string{"{", `{"p":"b"}`, `{"p":"a","a":"x"}`} {
		r.Page = page
		if e := refused(t, p, r); e.Class != provider.Broken {
			t.Errorf("%s: %v", page, e)
		}
	}
}
