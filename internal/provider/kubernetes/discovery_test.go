package kubernetes

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/provider"
)

func TestDiscoveryIsReadOnceHoweverManyAsk(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 200, `{"kind":"DeploymentList","items":[]}`)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Call(t.Context(), request("apps:v1/deployments")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(f.requests("/apis")); n != 1 {
		t.Errorf("/apis was asked %d times", n)
	}
}

// noKind is how a call is named of whose kind there is nothing.
func noKind(call string) string {
	service, op, _ := strings.Cut(call, ":")
	_, plural, _ := strings.Cut(op, "/")
	return service + "/" + plural
}

// What is served in a version that is not understood is not nothing.
func TestOnlyAKindThatNoVersionServesIsNothing(t *testing.T) {
	s := &served{groups: []*servedGroup{{name: "apps", versions: []*servedVersion{
		{name: "v1beta9", resources: []*servedResource{{plural: "deployments"}}}, {name: "v1beta8"},
	}}}}
	if !s.mayHave("apps", "deployments") || s.mayHave("apps", "statefulsets") || s.mayHave("batch", "jobs") {
		t.Error("what is served is not told from what is not")
	}
	s.groups[0].versions[1].open = true
	if !s.mayHave("apps", "statefulsets") {
		t.Error("what nobody would tell is taken for nothing")
	}
}

func TestWhatIsNotServedIsNotAskedFor(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	tests := []struct {
		call  string
		older []string
		want  string
	}{
		{"apps:v1/statefulsets", nil, "the cluster does not serve statefulsets of apps/v1"},
		{
			"admissionregistration.k8s.io:v1/mutatingadmissionpolicies",
			[]string{"v1beta1/mutatingadmissionpolicies", "v1alpha1/mutatingadmissionpolicies"},
			"the cluster does not serve mutatingadmissionpolicies of admissionregistration.k8s.io/v1, nor v1beta1, nor v1alpha1",
		},
		{"networking.k8s.io:v1/ingresses", nil, "the cluster does not serve ingresses of networking.k8s.io/v1"},
	}
	for _, test := range tests {
		r := request(test.call)
		r.Older = test.older
		if e := refused(t, p, r); e.Class != provider.Unsupported || e.Message != test.want || e.Wide || e.Call != noKind(test.call) {
			t.Errorf("got %+v", e)
		}
	}
	if n := len(f.asked); n != 4 { // version, api; api and apis
		t.Errorf("%d requests", n)
	}
}

func TestOlderVersionsTakeThePlaceOfOneThatIsNotServed(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	path := "/apis/admissionregistration.k8s.io/v1beta1/validatingadmissionpolicies"
	f.answer(path, 200, `{"kind":"ValidatingAdmissionPolicyList","items":[{"metadata":{"name":"a"}}]}`)
	r := request("admissionregistration.k8s.io:v1/validatingadmissionpolicies")
	r.Older = []string{"v1beta1/validatingadmissionpolicies"}
	want := []any{map[string]any{
		"apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "ValidatingAdmissionPolicy", "metadata": map[string]any{"name": "a"},
	}}
	if diff := cmp.Diff(want, answered(t, p, r)["items"]); diff != "" {
		t.Error(diff)
	}
}

func TestWhichGroupsAreAvailable(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	for service, there := range map[string]bool{"core": true, "apps": true, "server": true, "cert-manager.io": true, "networking.k8s.io": false} {
		err := p.Available(t.Context(), provider.Scope{Account: "prod"}, service)
		if there != (err == nil) {
			t.Errorf("%s: %v", service, err)
		}
		if e := (*provider.Error)(nil); err != nil && (!errors.As(err, &e) || e.Class != provider.Unsupported || e.Wide || e.Call != service) {
			t.Errorf("%s: %v", service, err)
		}
	}
}

// An aggregated API that is down is no missing kind.
func TestAnAggregatedAPIThatIsDown(t *testing.T) {
	legacyDown := func(f *fake) {
		f.answer("/apis", 200, `{"kind":"APIGroupList","groups":[{"name":"cert-manager.io","versions":[{"groupVersion":"cert-manager.io/v1","version":"v1"}],"preferredVersion":{"version":"v1"}}]}`)
		f.answer("/apis/cert-manager.io/v1", 503, "service unavailable", "Content-Type", "text/plain")
	}
	const path = "/apis/cert-manager.io/v1/certificates"
	for name, prepare := range map[string]func(*fake){"told at once": func(*fake) {}, "told by version": legacyDown} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			prepare(f)
			p := signedIn(t, f)
			f.answer(path, 503, "service unavailable", "Content-Type", "text/plain")
			e := refused(t, p, request("cert-manager.io:v1/certificates"))
			if e.Class != provider.Broken || e.Message != "the aggregated API cert-manager.io/v1 is down: service unavailable" {
				t.Errorf("got %s", e)
			}
			f.answer(path, 200, `{"kind":"CertificateList","items":[]}`)
			answered(t, p, request("cert-manager.io:v1/certificates"))
			f.answer(path, 403, refusal(403, "Forbidden", "no"))
			if e := refused(t, p, request("cert-manager.io:v1/certificates")); e.Class != provider.Denied {
				t.Errorf("got %s", e)
			}
		})
	}
}

func TestServersThatTellTheirKindsVersionByVersion(t *testing.T) {
	f := newFake(t)
	f.answer("/api", 200, `{"kind":"APIVersions","versions":["v1"]}`)
	f.answer("/api/v1", 200, `{"kind":"APIResourceList","groupVersion":"v1","resources":[
 {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list"],"shortNames":["po"],"categories":["all"]},
 {"name":"pods/log","namespaced":true,"kind":"Pod","verbs":["get"]}]}`)
	f.answer("/apis", 200, `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","preferredVersion":{"version":"v1"},
 "versions":[{"groupVersion":"apps/v1beta1","version":"v1beta1"},{"groupVersion":"apps/v1","version":"v1"}]}]}`)
	f.answer("/apis/apps/v1", 200, `{"kind":"APIResourceList","resources":[{"name":"deployments","namespaced":true,"kind":"Deployment","verbs":["list"]}]}`)
	f.answer("/apis/apps/v1beta1", 200, `{"kind":"APIResourceList","resources":[]}`)
	p := signedIn(t, f)
	f.answer(deployments, 200, `{"kind":"DeploymentList","items":[]}`)
	answered(t, p, request("apps:v1/deployments"))
	if e := refused(t, p, request("core:v1/secrets")); e.Class != provider.Unsupported {
		t.Errorf("got %s", e)
	}
	want := []any{
		map[string]any{
			"group": "", "version": "v1", "plural": "pods", "singular": "pod", "kind": "Pod", "namespaced": true, "verbs": []any{"get", "list"},
			"categories": []any{"all"}, "short_names": []any{"po"}, "preferred": true, "subresources": []any{"log"},
		},
		map[string]any{
			"group": "apps", "version": "v1", "plural": "deployments", "singular": "", "kind": "Deployment", "namespaced": true, "verbs": []any{"list"},
			"categories": []any{}, "short_names": []any{}, "preferred": true, "subresources": []any{},
		},
	}
	if diff := cmp.Diff(want, answered(t, p, request("server:api-resources"))["resources"]); diff != "" {
		t.Error(diff)
	}
}

// Who may not read discovery may still read what it needs.
func TestDiscoveryThatIsDenied(t *testing.T) {
	f := newFake(t)
	f.answer("/api", 403, refusal(403, "Forbidden", `User "x" cannot get path "/api"`))
	f.answer("/apis", 403, refusal(403, "Forbidden", `User "x" cannot get path "/apis"`))
	p := signedIn(t, f)
	f.answer(deployments, 200, `{"kind":"DeploymentList","items":[]}`)
	answered(t, p, request("apps:v1/deployments"))
	f.answer("/apis/cert-manager.io/v1/certificates", 404, "404 page not found", "Content-Type", "text/plain")
	if e := refused(t, p, request("cert-manager.io:v1/certificates")); e.Class != provider.Unsupported {
		t.Errorf("got %s", e)
	}
	if err := p.Available(t.Context(), provider.Scope{Account: "prod"}, "cert-manager.io"); err != nil {
		t.Error(err)
	}
	if e := refused(t, p, request("server:api-resources")); e.Class != provider.Denied || e.Permissions[0] != "get /api" {
		t.Errorf("got %s", e)
	}
}

// What is of the moment is not kept.
func TestDiscoveryThatFailsIsReadAgain(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 200, `{"kind":"DeploymentList","items":[]}`)
	f.answer("/apis", 429, refusal(429, "TooManyRequests", "x"))
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Throttled || e.Call != "apps:v1/deployments" {
		t.Errorf("got %s", e)
	}
	f.handle("/apis", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Call(ctx, request("apps:v1/deployments")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	f.answer("/apis", 200, groupDiscovery)
	answered(t, p, request("apps:v1/deployments"))
}

func TestAResourceThatCannotBeListed(t *testing.T) {
	f := newFake(t)
	f.answer("/api", 200, aggregated(groupJSON("", versionJSON("v1", "Current", resourceJSON("pods", "Pod", "Namespaced", "create")))))
	p := signedIn(t, f)
	if e := refused(t, p, request("core:v1/pods")); e.Class != provider.Unsupported || !strings.Contains(e.Message, `"list"`) {
		t.Errorf("got %s", e)
	}
}
