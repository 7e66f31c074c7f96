package api

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
)

func TestUnknownCallsSuggestNearOnes(t *testing.T) {
	for call, want := range map[string]string{
		"app:v1/deployments":         `no Kubernetes API group "app" is described; did you mean "apps"?`,
		"serer:version":              `no Kubernetes API group "serer" is described; did you mean "server"?`,
		"apps:v1/deployment":         `apps has no resource "deployment"; did you mean "deployments"?`,
		"apps:v1/StatefulSet":        `apps has no resource "StatefulSet"; did you mean "statefulsets"?`,
		"core:v1/deployments":        `core has no resource "deployments"; it is in apps`,
		"core:v1/nonesuch":           `core has no resource "nonesuch"`,
		"apps:v1beta1/deployments":   `apps has no deployments in version "v1beta1", only in v1`,
		"autoscaling:/horizontal":    `autoscaling has no resource "horizontal"`,
		"core:pods":                  `core:pods names no resource: an operation is version/plural, such as core:v1/componentstatuses`,
		"core:v1/pods/tabel":         `core:v1/pods cannot be read as "tabel", only whole or as metadata, table, get; did you mean "table"?`,
		"core:v1/pods/":              `core:v1/pods cannot be read as "", only whole or as metadata, table, get`,
		"core:v1/pods/proxy/configz": `core:v1/pods cannot be read as "proxy/configz", only whole or as metadata, table, get`,
		"core:v1/nodes/proxy":        `core:v1/nodes cannot be read as "proxy", only whole or as metadata, table, get, proxy/configz`,
		"server:verson":              `the API server has no answer "verson" that is described; did you mean "version"?`,
		":v1/pods":                   `no Kubernetes API group "" is described`,
		"core:v1/*":                  `the kinds of core have shapes of their own: name one of them, such as core:v1/componentstatuses`,
		"constraints.gatekeeper.sh:v1beta1/k8srequiredlabels": `the kinds of constraints.gatekeeper.sh are not known beforehand: constraints.gatekeeper.sh:v1beta1/* is all of them`,
		"constraints.gatekeeper.sh:v1beta1/*/get":             `constraints.gatekeeper.sh:v1beta1/* cannot be read as "get", only whole or as metadata, table`,
		"constraints.gatekeeper.sh:v1/*":                      `constraints.gatekeeper.sh has no * in version "v1", only in v1beta1`,
		"gateway.networking.k8s.io:v1/gw":                     `gateway.networking.k8s.io has no resource "gw"`,
	} {
		service, op, _ := strings.Cut(call, ":")
		_, err := API().Operation(service, op)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", call, err, want)
		}
	}
}

func TestInputsSayWhatACallNeeds(t *testing.T) {
	for call, want := range map[string]string{
		"core:v1/pods":                        "namespace fieldSelector labelSelector limit continue",
		"core:v1/pods/metadata":               "namespace fieldSelector labelSelector limit continue",
		"core:v1/pods/table":                  "namespace fieldSelector labelSelector limit continue",
		"core:v1/nodes":                       "fieldSelector labelSelector limit continue",
		"core:v1/configmaps/get":              "namespace! name!",
		"core:v1/nodes/get":                   "name!",
		"core:v1/nodes/proxy/configz":         "name!",
		"cert-manager.io:v1/clusterissuers":   "fieldSelector labelSelector limit continue",
		"cert-manager.io:v1/issuers/get":      "namespace! name!",
		"server:version":                      "",
		"constraints.gatekeeper.sh:v1beta1/*": "fieldSelector labelSelector limit continue",
		"server:metrics":                      "names!",
	} {
		var got []string
		for _, m := range mustOperation(t, call).Input.Members {
			name := m.Name
			if m.Required {
				name += "!"
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s takes %v, want %s", call, got, want)
		}
	}
}

func TestPermissionsAreRightsOfARole(t *testing.T) {
	for call, want := range map[string][]string{
		"apps:v1/deployments":                 {"list apps/deployments"},
		"core:v1/secrets/metadata":            {"list core/secrets"},
		"core:v1/secrets/table":               {"list core/secrets"},
		"core:v1/configmaps/get":              {"get core/configmaps"},
		"core:v1/nodes/proxy/configz":         {"get core/nodes/proxy"},
		"cert-manager.io:v1/certificates":     {"list cert-manager.io/certificates"},
		"constraints.gatekeeper.sh:v1beta1/*": {"list constraints.gatekeeper.sh/*"},
		"server:openid-configuration":         {"get /.well-known/openid-configuration"},
		"server:api-resources":                {"get /api", "get /apis"},
		"server:connection":                   {},
	} {
		if got := mustOperation(t, call).Permissions; !cmp.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", call, got, want)
		}
	}
}

func TestListsPageByContinueAndLimit(t *testing.T) {
	want := &content.Pager{
		InputTokens: []string{"continue"}, OutputTokens: []string{"metadata.continue"}, LimitKey: "limit", LimitMax: 500,
		ResultKeys: []string{"items"},
	}
	for _, call := range []string{"core:v1/pods", "core:v1/secrets/metadata", "core:v1/secrets/table", "argoproj.io:v1alpha1/applications", "constraints.gatekeeper.sh:v1beta1/*"} {
		if diff := cmp.Diff(want, mustOperation(t, call).Pager); diff != "" {
			t.Errorf("%s (-want +got):\n%s", call, diff)
		}
	}
	for _, call := range []string{"core:v1/configmaps/get", "core:v1/nodes/proxy/configz", "server:version"} {
		if mustOperation(t, call).Pager != nil {
			t.Errorf("%s pages", call)
		}
	}
}

func TestResourceSaysWhatIsAsked(t *testing.T) {
	for call, want := range map[string]Target{
		"core:v1/nodes/proxy/configz": {Version: "v1", Plural: "nodes", Kind: "Node", Form: Configz},
		"core:v1/secrets/table":       {Version: "v1", Plural: "secrets", Kind: "Secret", Namespaced: true, Form: Table},
		"apps:v1/deployments":         {Group: "apps", Version: "v1", Plural: "deployments", Kind: "Deployment", Namespaced: true},
		"rbac.authorization.k8s.io:v1/clusterroles/get": {
			Group: "rbac.authorization.k8s.io", Version: "v1", Plural: "clusterroles", Kind: "ClusterRole", Form: Get,
		},
		"constraints.gatekeeper.sh:v1beta1/*": {
			Group: "constraints.gatekeeper.sh", Version: "v1beta1", Plural: Every, Kind: "Constraint", Custom: true,
		},
		"cert-manager.io:v1/clusterissuers/metadata": {
			Group: "cert-manager.io", Version: "v1", Plural: "clusterissuers", Kind: "ClusterIssuer", Custom: true, Form: Metadata,
		},
	} {
		service, op, _ := strings.Cut(call, ":")
		got, err := Resource(service, op)
		if err != nil || *got != want {
			t.Errorf("%s asks %+v, %v; want %+v", call, got, err, want)
		}
	}
	core, errCore := Resource("core", "v1/pods")
	apps, errApps := Resource("apps", "v1/daemonsets")
	if err := errors.Join(errCore, errApps); err != nil {
		t.Fatal(err)
	}
	if core.APIVersion() != "v1" || apps.APIVersion() != "apps/v1" {
		t.Errorf("objects say apiVersion %s and %s", core.APIVersion(), apps.APIVersion())
	}
}

func TestVersionsAreInTheOrderOfPreference(t *testing.T) {
	for _, c := range []struct {
		service, plural string
		want            []string
	}{
		{"autoscaling", "horizontalpodautoscalers", []string{"v2", "v1"}},
		{"admissionregistration.k8s.io", "mutatingadmissionpolicies", []string{"v1", "v1beta1", "v1alpha1"}},
		{"resource.k8s.io", "resourceclaims", []string{"v1", "v1beta2", "v1beta1"}},
		{"core", "pods", []string{"v1"}},
		{"core", "deployments", nil},
		{"nonesuch", "pods", nil},
	} {
		if got := Versions(c.service, c.plural); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %v, want %v", c.service, c.plural, got, c.want)
		}
	}
}

func TestServicesAreTheGroupsAndTheServer(t *testing.T) {
	services := API().Services()
	if !slices.IsSorted(services) || len(services) != len(Groups())+1 || !slices.Contains(services, Server) {
		t.Errorf("services: %v", services)
	}
}

func TestABrokenArchiveIsAnError(t *testing.T) {
	if _, err := readArchive("this is no archive"); err == nil || !strings.Contains(err.Error(), "open the embedded Kubernetes descriptions") {
		t.Error(err)
	}
}
