package rbac

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRulesGrantExactlyWhatIsAskedAndDiscovery(t *testing.T) {
	got, err := Rules([]string{
		"list core/pods", "list core/namespaces", "get core/configmaps", "list apps/deployments", "list extensions/deployments", "get /readyz", "list core/pods", "get core/nodes/proxy",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{APIGroups: []string{""}, Resources: []string{"configmaps", "nodes/proxy"}, Verbs: []string{"get"}},
		{APIGroups: []string{""}, Resources: []string{"namespaces", "pods"}, Verbs: []string{"list"}},
		{APIGroups: []string{"apps", "extensions"}, Resources: []string{"deployments"}, Verbs: []string{"list"}},
		{NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*", "/readyz", "/version"}, Verbs: []string{"get"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"list", "list pods", "", " core/pods", "get core/pods ", "get core/pods a b", "get /version a"} {
		if _, err := Rules([]string{bad}); err == nil {
			t.Errorf("%q is taken for a permission", bad)
		}
	}
}

func TestRulesGrantObjectsByTheirNames(t *testing.T) {
	got, err := Rules([]string{
		"get core/configmaps b", "get core/configmaps a", "get core/configmaps b", "list core/configmaps", "get core/secrets b", "get core/secrets a",
		"get apps/deployments a", "get apps/deployments", "get apps/deployments b", "list apps/deployments",
		"list example.com/*", "list example.com/things", "get example.com/things one",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{APIGroups: []string{""}, Resources: []string{"configmaps", "secrets"}, ResourceNames: []string{"a", "b"}, Verbs: []string{"get"}},
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list"}},
		{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "list"}},
		{APIGroups: []string{"example.com"}, Resources: []string{"things"}, ResourceNames: []string{"one"}, Verbs: []string{"get"}},
		{APIGroups: []string{"example.com"}, Resources: []string{"*"}, Verbs: []string{"list"}},
		{NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*", "/version"}, Verbs: []string{"get"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestSubjects(t *testing.T) {
	for text, want := range map[string]Subject{
		"user:ann":                   {Kind: "User", Name: "ann", APIGroup: apiGroup},
		"Group:oidc:auditors":        {Kind: "Group", Name: "oidc:auditors", APIGroup: apiGroup},
		"serviceaccount:audit/reads": {Kind: "ServiceAccount", Name: "reads", Namespace: "audit"},
	} {
		if got, err := ParseSubject(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "ann", "user:", "serviceaccount:ann", "serviceaccount:/ann", "role:x"} {
		if _, err := ParseSubject(bad); err == nil {
			t.Errorf("%q is taken for a subject", bad)
		}
	}
}

func TestManifestMakesTheServiceAccountThatItBinds(t *testing.T) {
	text, err := Manifest([]string{"list core/pods"}, Subject{Kind: "ServiceAccount", Name: "stance", Namespace: "audit"})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for line := range strings.Lines(text) {
		if kind, ok := strings.CutPrefix(line, "kind: "); ok {
			kinds = append(kinds, strings.TrimSpace(kind))
		}
	}
	if diff := cmp.Diff([]string{"Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s\n%s", diff, text)
	}
}
