package manifest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// asRenderer has this test's program be the one that renders.
const asRenderer = "STANCE_TEST_RENDERER"

func TestMain(m *testing.M) {
	if os.Getenv(asRenderer) != "" {
		os.Exit(Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func options() Options {
	return Options{Time: 20 * time.Second, Renderer: func(ctx context.Context) *exec.Cmd {
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env = []string{asRenderer + "=1", "TZ=UTC"}
		return command
	}}
}

func files(of map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range of {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func read(t testing.TB, of map[string]string, o Options) []*iac.Unit {
	t.Helper()
	root := files(of)
	found, err := Find(t.Context(), root, o.Limits)
	if err != nil {
		t.Fatal(err)
	}
	units, err := Read(t.Context(), root, found, o)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// one is the only unit.
func one(t testing.TB, of map[string]string, o Options) *iac.Unit {
	t.Helper()
	units := read(t, of, o)
	if len(units) != 1 {
		t.Fatalf("%d units, want one", len(units))
	}
	return units[0]
}

func addresses(u *iac.Unit) []string {
	var all []string
	for _, r := range u.Resources {
		all = append(all, r.Address)
	}
	return all
}

func problems(u *iac.Unit) []string {
	var all []string
	for _, p := range u.Problems {
		all = append(all, fmt.Sprintf("%s:%d: %s: %s", p.Range.File, p.Range.Line, p.Kind, p.What))
	}
	return all
}

func find(t testing.TB, u *iac.Unit, address string) *iac.Resource {
	t.Helper()
	for _, r := range u.Resources {
		if r.Address == address {
			return r
		}
	}
	t.Fatalf("there is no %s among %v; problems %v", address, addresses(u), problems(u))
	return nil
}

// at is the value at a path: spec.containers.0.image.
func at(v *iac.Value, path string) *iac.Value {
	for name := range strings.SplitSeq(path, ".") {
		if v.Is(iac.List) {
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(v.Items) {
				return nil
			}
			v = v.Items[i]
			continue
		}
		v = v.Get(name)
	}
	return v
}

func where(v *iac.Value) string {
	if v == nil {
		return "nowhere"
	}
	return fmt.Sprintf("%s:%d", v.Range.File, v.Range.Line)
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx
          securityContext:
            privileged: yes
`

func TestPlainManifestsAreOneUnitThatHoldsWhatControllersMake(t *testing.T) {
	u := one(t, map[string]string{
		"apps/web.yaml": deployment,
		"net/policy.yaml": `kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}}
---
# nothing
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
  - {apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a}}]}
`,
		"package.json":   `{"name": "x", "kind": "app"}`,
		"values.yaml":    "apiVersionOfThings: 1\nreplicas: 2\n",
		"service.json":   `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web\ud83d\ude00"}, "spec": {"ports": [{"port": 80}]}}`,
		"notes.md":       "apiVersion: v1\nkind: Pod\n",
		".git/x.yaml":    deployment,
		"skaffold.yaml":  "apiVersion: skaffold/v2\nkind: Config\n",
		"flow/one.yaml":  `{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}`,
		"list/list.yaml": "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: other}}\n",
	}, options())
	want := []string{
		"Deployment/default/web", "ServiceAccount/default/web", "NetworkPolicy/shop/deny", "Namespace/shop", "ConfigMap/default/a", "Service/default/web😀",
	}
	got := addresses(u)
	slices.Sort(got)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s is missing in %v", w, got)
		}
	}
	if n := len(got) - len(want); n != 2 { // a replica set and a pod
		t.Errorf("got %v", got)
	}
	if len(u.Problems) > 0 {
		t.Errorf("problems %v", problems(u))
	}
	var pod, set *iac.Resource
	for _, r := range u.Resources {
		switch r.Type {
		case "v1/Pod":
			pod = r
		case "apps/v1/ReplicaSet":
			set = r
		}
	}
	d := find(t, u, "Deployment/default/web")
	privileged := at(pod.Body, "spec.containers.0.securityContext.privileged")
	if privileged.Text != "true" || privileged.Kind != iac.Bool || where(privileged) != "apps/web.yaml:14" {
		t.Errorf("privileged is %+v at %s", privileged, where(privileged))
	}
	if a, b := at(pod.Body, "metadata.ownerReferences.0.uid").Text, at(set.Body, "metadata.uid").Text; a != b || a == "" {
		t.Errorf("the pod's owner is %q, want %q", a, b)
	}
	if a, b := at(set.Body, "metadata.ownerReferences.0.uid").Text, at(d.Body, "metadata.uid").Text; a != b || a == "" {
		t.Errorf("the replica set's owner is %q, want %q", a, b)
	}
	if got := at(d.Body, "metadata.namespace"); got.Text != "default" || !got.Range.IsZero() {
		t.Errorf("namespace %+v, want the default, written nowhere", got)
	}
	if pod.Range.File != "apps/web.yaml" || pod.Range.Line != 7 {
		t.Errorf("the pod's place is %+v, want that of the template", pod.Range)
	}
	if again := one(t, map[string]string{"apps/web.yaml": deployment}, options()); at(find(t, again, d.Address).Body, "metadata.uid").Text != at(d.Body, "metadata.uid").Text {
		t.Error("the uid differs from read to read")
	}
}

func TestFoldersWithTheSameObjectAreUnitsOfTheirOwn(t *testing.T) {
	object := func(name string) string {
		return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
	}
	units := read(t, map[string]string{
		"common.yaml": object("common"), "apps/a.yaml": object("a"), "apps/deep/b.yaml": object("b"), "env/dev/c.yaml": object("c"), "env/prod/c.yaml": object("c"),
	}, options())
	got := map[string][]string{}
	for _, u := range units {
		got[u.Path] = addresses(u)
	}
	want := map[string][]string{
		".":        {"ConfigMap/default/common", "Namespace/shop", "ConfigMap/default/a", "ConfigMap/default/b"},
		"env/dev":  {"ConfigMap/default/c", "Namespace/shop"},
		"env/prod": {"ConfigMap/default/c", "Namespace/shop"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeReadIsToldWithItsPlace(t *testing.T) {
	const object = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
	for name, test := range map[string]struct {
		text   string
		limits func(*iac.Limits)
		want   string
		rest   int // objects that were read all the same
	}{
		"a syntax error":           {text: "apiVersion: v1\nkind: Pod\n  a: b\n---\n" + object, want: "x.yaml:3: broken: mapping values are not allowed in this context", rest: 1},
		"an alias without anchor":  {text: "apiVersion: v1\nkind: Pod\nspec: *x\n", want: "x.yaml:3: broken: unknown anchor 'x' referenced"},
		"an object without name":   {text: "apiVersion: v1\nkind: Pod\nmetadata: {}\n---\n" + object, want: "x.yaml:1: broken: not an object of Kubernetes: it has no name", rest: 1},
		"a template":               {text: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .name }}\n", want: "x.yaml:4: skipped: looks like a template"},
		"an alias that is a cycle": {text: "apiVersion: v1\nkind: Pod\na: &a\n  b: *a\n---\n" + object, want: "x.yaml:3: limit: values are nested more than 500 deep, or an alias refers to itself", rest: 1},
		"aliases of aliases":       {text: "apiVersion: v1\nkind: Pod\n" + bomb(12), want: "limit: the aliases expand to more than the file can hold"},
		"merges of merges":         {text: "apiVersion: v1\nkind: Pod\n" + mergeBomb(30), want: "limit: the aliases expand to more than the file can hold"},
		"many brackets":            {text: "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 100_000), want: "broken"},
		"deep brackets":            {text: "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000), want: "limit: values are nested more than 500 deep"},
		"a large file":             {text: object, limits: func(l *iac.Limits) { l.FileBytes = 10 }, want: "x.yaml:1: limit: cannot be read: the file has 55 bytes; at most 10 are read"},
		"a long text":              {text: "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("x", 100), limits: func(l *iac.Limits) { l.TextBytes = 50 }, want: "x.yaml:3: limit: a text has 100 bytes"},
		"many objects":             {text: strings.Repeat("---\n{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a}, x: 1}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {generateName: b}}\n", 3), limits: func(l *iac.Limits) { l.Resources = 1 }, want: "limit: there are more than 1 objects", rest: 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Limits = iac.DefaultLimits()
			if test.limits != nil {
				test.limits(&o.Limits)
			}
			u := one(t, map[string]string{"x.yaml": test.text}, o)
			if got := problems(u); len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
			if len(u.Resources) != test.rest {
				t.Errorf("objects %v, want %d", addresses(u), test.rest)
			}
		})
	}
}

func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return b.String()
}

func mergeBomb(levels int) string {
	var b strings.Builder
	b.WriteString("m0: &m0 {k: v}\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "m%d: &m%d {<<: [*m%d, *m%d]}\n", i, i, i-1, i-1)
	}
	return b.String()
}

func TestWordsAreReadAsKubernetesReadsThem(t *testing.T) {
	for word, want := range map[string]iac.Value{
		"yes": {Kind: iac.Bool, Text: "true"}, "Off": {Kind: iac.Bool, Text: "false"}, "0644": {Kind: iac.Number, Text: "420"}, "0x1F": {Kind: iac.Number, Text: "31"},
		"1_000": {Kind: iac.Number, Text: "1000"}, "1.50": {Kind: iac.Number, Text: "1.50"}, ".5": {Kind: iac.Number, Text: "0.5"}, "1e3": {Kind: iac.Number, Text: "1e3"},
		"+7": {Kind: iac.Number, Text: "7"}, "~": {}, "": {}, "2012-10-17": {Kind: iac.String, Text: "2012-10-17"}, "12h": {Kind: iac.String, Text: "12h"},
		"1.2.3": {Kind: iac.String, Text: "1.2.3"}, "'yes'": {Kind: iac.String, Text: "yes"}, `"12"`: {Kind: iac.String, Text: "12"}, "!!str 12": {Kind: iac.String, Text: "12"},
		"!!binary aGk=": {Kind: iac.String, Text: "hi"}, "18446744073709551615": {Kind: iac.Number, Text: "18446744073709551615"},
	} {
		documents := yamltree.Read("", []byte("a: "+word), iac.DefaultLimits())
		got := documents[0].Value.Get("a")
		if got.Kind != want.Kind || got.Text != want.Text {
			t.Errorf("%s is %d %q, want %d %q", word, got.Kind, got.Text, want.Kind, want.Text)
		}
	}
}

// What is written in an older version, or is only asked for in part, is as a server gives it.
func TestObjectsAreInTheFormInWhichTheyAreAskedFor(t *testing.T) {
	u := one(t, map[string]string{"a.yaml": `
{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 70, scaleTargetRef: {kind: Deployment, name: a}}}
---
{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: old}, spec: {replicas: 0}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {a: b, kubectl.kubernetes.io/last-applied-configuration: "{}"}}, data: {a: eA==}, stringData: {b: secret}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: x, b: z}}
`}, options())
	hpa, old, secret := find(t, u, "HorizontalPodAutoscaler/default/a"), find(t, u, "Deployment/default/old"), find(t, u, "Secret/default/s")
	if got := at(hpa.Body, "spec.metrics.0.resource.target.averageUtilization"); hpa.Type != "autoscaling/v2/HorizontalPodAutoscaler" || got == nil || got.Text != "70" || got.Range.Line != 2 {
		t.Errorf("%s: %+v", hpa.Type, got)
	}
	if old.Type != "apps/v1/Deployment" || at(old.Body, "apiVersion").Text != "apps/v1" {
		t.Errorf("%s", old.Type)
	}
	if cells := secret.Body.Get("cells"); cells.Get("Data").Text != "2" || cells.Get("Type").Text != "Opaque" || !at(secret.Body, "stringData.b").Sensitive || !at(secret.Body, "data.a").Sensitive {
		t.Errorf("%+v", secret.Body)
	}
	if annotations := at(secret.Body, "metadata.annotations"); len(annotations.Fields) != 1 {
		t.Errorf("%+v", annotations)
	}
	if got := at(find(t, u, "ConfigMap/default/c").Body, "cells.Data").Text; got != "2" {
		t.Errorf("%s keys", got)
	}
}

// What is large takes time by its size, not by its square: seconds, and a minute where the machine has much else to do.
func TestLargeInputTakesTimeByItsSize(t *testing.T) {
	var same, template, labels strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&same, "---\n{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a}, data: {a: %d}}\n", i)
		fmt.Fprintf(&template, "  - name: n%d\n    value: v\n", i)
		fmt.Fprintf(&labels, "    l%d: v\n", i)
	}
	begun := time.Now()
	units := read(t, map[string]string{
		"same/a.yaml":            strings.TrimSuffix(same.String(), "---\n"),
		"claims/a.yaml":          "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  selector:\n   matchLabels:\n" + labels.String() + "  template:\n   metadata:\n    labels:\n" + strings.ReplaceAll(labels.String(), "    l", "     l") + "   spec: {containers: [{name: a, image: b}]}\n  volumeClaimTemplates: [{metadata: {name: d}}]\n",
		"chart/Chart.yaml":       chartYAML,
		"chart/templates/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  env:\n" + template.String(),
	}, options())
	long := yamltree.Read("a.yaml", []byte(template.String()), iac.DefaultLimits())[0].Value
	lay(clone(long), []*iac.Value{long}, iac.Range{File: "a.yaml"})
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	for _, u := range units {
		if len(u.Problems) > 0 || len(u.Resources) == 0 {
			t.Errorf("%s %s: %d objects, %v", u.Kind, u.Path, len(u.Resources), problems(u))
		}
	}
}
