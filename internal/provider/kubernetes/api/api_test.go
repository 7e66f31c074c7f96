package api

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

func mustOperation(t testing.TB, call string) *content.Operation {
	t.Helper()
	service, op, _ := strings.Cut(call, ":")
	described, err := API().Operation(service, op)
	if err != nil {
		t.Fatal(err)
	}
	return described
}

// at follows a dotted path; lists and the values of maps are stepped into.
func at(s *content.Shape, path string) *content.Shape {
	for _, name := range strings.Split(path, ".") {
		for s.Elem != nil {
			s = s.Elem
		}
		m := s.Member(name)
		if m == nil {
			return nil
		}
		s = m.Shape
	}
	return s
}

// everyCall gives all calls that groups have.
func everyCall(t *testing.T) []string {
	t.Helper()
	var calls []string
	for _, service := range Groups() {
		for _, r := range Resources(service) {
			for _, form := range r.forms() {
				calls = append(calls, strings.TrimSuffix(service+":"+r.Version+"/"+r.Plural+"/"+string(form), "/"))
			}
		}
	}
	return calls
}

func TestEveryListHasItemsThatSayWhatTheyAre(t *testing.T) {
	for _, call := range everyCall(t) {
		op := mustOperation(t, call)
		if op.Pager == nil {
			continue
		}
		items := op.Output.Member("items")
		if items == nil || items.Shape.Kind != content.KindList || at(op.Output, "metadata.continue") == nil {
			t.Errorf("%s: the answer is no list that pages", call)
			continue
		}
		for _, path := range []string{"apiVersion", "kind", "metadata.name", "metadata.uid", "metadata.labels", "metadata.creationTimestamp"} {
			if at(items.Shape, path) == nil {
				t.Errorf("%s: an item has no %s", call, path)
			}
		}
		if at(items.Shape, "metadata.managedFields") != nil {
			t.Errorf("%s: an item has managedFields, which the client takes out", call)
		}
	}
}

func TestEveryOperationIsWhole(t *testing.T) {
	a := API()
	calls := everyCall(t)
	for name := range serverOperations() {
		calls = append(calls, Server+":"+name)
	}
	seen := map[*content.Shape]bool{}
	for _, call := range calls {
		op := mustOperation(t, call)
		if op.Permissions == nil || len(op.Errors) == 0 || op.Input.Kind != content.KindStruct {
			t.Errorf("%s: %+v", call, op)
		}
		if !slices.Contains(a.Services(), op.Service) || call != op.Service+":"+op.Name {
			t.Errorf("%s is named %s:%s", call, op.Service, op.Name)
		}
		whole(t, call, op.Input, seen)
		whole(t, call, op.Output, seen)
	}
	if got := len(calls); got < 4*340 {
		t.Errorf("%d operations, want at least %d", got, 4*340)
	}
}

func whole(t *testing.T, place string, s *content.Shape, seen map[*content.Shape]bool) {
	t.Helper()
	if seen[s] {
		return
	}
	seen[s] = true
	isScalar := scalars[s.Kind] != nil
	isContainer := s.Kind == content.KindList || s.Kind == content.KindMap
	if s.Name == "" || (!isScalar && !isContainer && s.Kind != content.KindStruct) || isContainer != (s.Elem != nil) {
		t.Errorf("%s: the shape %q of kind %q is not whole", place, s.Name, s.Kind)
	}
	for _, m := range s.Members {
		whole(t, place+"."+m.Name, m.Shape, seen)
	}
	if s.Elem != nil {
		whole(t, place+"[]", s.Elem, seen)
	}
}

// A kind beside the one that stands for all would be listed twice.
func TestWhatStandsForAllKindsIsAloneInItsGroup(t *testing.T) {
	found := false
	for _, service := range Groups() {
		kinds := Resources(service)
		if !slices.ContainsFunc(kinds, func(k *Target) bool { return k.Plural == Every }) {
			continue
		}
		found = true
		for _, k := range kinds {
			if k.Plural != Every {
				t.Errorf("%s has %s/%s beside what stands for all", service, k.Version, k.Plural)
			}
		}
	}
	if !found {
		t.Error("no group has it")
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ call, path, kind string }{
		{"core:v1/pods", "items.spec.containers.securityContext.capabilities.add", content.KindList},
		{"core:v1/pods", "items.spec.containers.resources.limits", content.KindMap},
		{"core:v1/pods", "items.spec.containers.livenessProbe.httpGet.port", content.KindAny},
		{"core:v1/pods", "items.status.startTime", content.KindTime},
		{"core:v1/pods/get", "spec.automountServiceAccountToken", content.KindBoolean},
		{"core:v1/secrets", "items.data", content.KindMap},
		{"core:v1/secrets/metadata", "items.metadata.annotations", content.KindMap},
		{"core:v1/secrets/table", "items.cells", content.KindMap},
		{"core:v1/nodes", "items.status.nodeInfo.kubeletVersion", content.KindString},
		{"core:v1/nodes/proxy/configz", "kubeletconfig.authentication.anonymous.enabled", content.KindBoolean},
		{"core:v1/nodes/proxy/configz", "kubeletconfig.readOnlyPort", content.KindInteger},
		{"core:v1/nodes/proxy/configz", "kubeletconfig.streamingConnectionIdleTimeout", content.KindString},
		{"core:v1/nodes/proxy/configz", "kubeletconfig.logging.options.json.infoBufferSize", content.KindString},
		{"core:v1/nodes/proxy/configz", "kubeletconfig.registerWithTaints.effect", content.KindString},
		{"apps:v1/deployments", "items.spec.template.spec.containers.image", content.KindString},
		{"batch:v1/cronjobs", "items.spec.jobTemplate.spec.template.spec.hostPID", content.KindBoolean},
		{"networking.k8s.io:v1/networkpolicies", "items.spec.ingress.from.ipBlock.cidr", content.KindString},
		{"networking.k8s.io:v1/networkpolicies", "items.spec.egress.ports.port", content.KindAny},
		{"rbac.authorization.k8s.io:v1/clusterroles", "items.aggregationRule.clusterRoleSelectors.matchLabels", content.KindMap},
		{"admissionregistration.k8s.io:v1/validatingwebhookconfigurations", "items.webhooks.clientConfig.caBundle", content.KindBlob},
		{"apiextensions.k8s.io:v1/customresourcedefinitions", "items.spec.versions.schema.openAPIV3Schema.not.not.type", content.KindString},
		{"apiregistration.k8s.io:v1/apiservices", "items.spec.insecureSkipTLSVerify", content.KindBoolean},
		{"gateway.networking.k8s.io:v1/gateways", "items.spec.listeners.tls.mode", content.KindString},
		{"cert-manager.io:v1/certificates", "items.status.notAfter", content.KindTime},
		{"argoproj.io:v1alpha1/applications", "items.spec.syncPolicy.automated.prune", content.KindBoolean},
		{"source.toolkit.fluxcd.io:v1/gitrepositories", "items.spec.verify.mode", content.KindString},
		{"helm.toolkit.fluxcd.io:v2/helmreleases", "items.spec.values", content.KindAny},
		{"security.istio.io:v1/peerauthentications", "items.spec.mtls.mode", content.KindString},
		{"kyverno.io:v1/clusterpolicies", "items.spec.validationFailureAction", content.KindString},
		{"templates.gatekeeper.sh:v1/constrainttemplates", "items.spec.targets.rego", content.KindString},
		{"constraints.gatekeeper.sh:v1beta1/*", "items.metadata.name", content.KindString},
		{"constraints.gatekeeper.sh:v1beta1/*", "items.spec.match.namespaceSelector.matchExpressions.values", content.KindList},
		{"constraints.gatekeeper.sh:v1beta1/*", "items.spec.parameters", content.KindAny},
		{"constraints.gatekeeper.sh:v1beta1/*", "items.status.byPod.errors.message", content.KindString},
		{"constraints.gatekeeper.sh:v1beta1/*", "items.status.auditTimestamp", content.KindTime},
		{"cilium.io:v2/ciliumnetworkpolicies", "items.spec.ingress.fromCIDR", content.KindList},
		{"projectcalico.org:v3/globalnetworkpolicies", "items.spec.selector", content.KindString},
		{"external-secrets.io:v1/secretstores", "items.spec.provider", content.KindStruct},
		{"monitoring.coreos.com:v1/prometheuses", "items.spec.containers.securityContext.privileged", content.KindBoolean},
		{"server:version", "gitVersion", content.KindString},
		{"server:readyz", "checks.ok", content.KindBoolean},
		{"server:api-resources", "resources.verbs", content.KindList},
		{"server:metrics", "families.labels", content.KindMap},
		{"server:connection", "serving_not_after", content.KindTime},
		{"server:flagz", "flags", content.KindMap},
	} {
		got := at(mustOperation(t, c.call).Output, c.path)
		if got == nil || got.Kind != c.kind {
			t.Errorf("%s %s is %+v, want %s", c.call, c.path, got, c.kind)
		}
	}
}

func TestWhatTheDefinitionClosesIsClosed(t *testing.T) {
	mode := at(mustOperation(t, "security.istio.io:v1/peerauthentications").Output, "items.spec.mtls.mode")
	if !slices.Contains(mode.Enum, "STRICT") {
		t.Errorf("mtls.mode is one of %v", mode.Enum)
	}
	gateway := mustOperation(t, "gateway.networking.k8s.io:v1/gateways").Output
	if m := at(gateway, "items.spec").Member("listeners"); !m.Required {
		t.Error("a Gateway's listeners are not required")
	}
}

func TestRecursionLeadsBackToTheSameShape(t *testing.T) {
	crd := mustOperation(t, "apiextensions.k8s.io:v1/customresourcedefinitions").Output
	schema := at(crd, "items.spec.versions.schema.openAPIV3Schema")
	if schema == nil || at(schema, "not") != schema {
		t.Error("JSONSchemaProps does not hold itself")
	}
}

func TestOneDescriptionIsSharedByAllWhoAsk(t *testing.T) {
	var wg sync.WaitGroup
	got := make([]*content.Operation, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = API().Operation("batch", "v1/jobs") })
	}
	wg.Wait()
	for _, op := range got {
		if op == nil || op != got[0] {
			t.Fatal("two questions gave two descriptions")
		}
	}
	if item := mustOperation(t, "batch:v1/jobs/get").Output; item != got[0].Output.Member("items").Shape.Elem {
		t.Error("get and list have different objects")
	}
}
