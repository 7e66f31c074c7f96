package manifest

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

func overlay(more map[string]string) map[string]string {
	all := map[string]string{
		"base/kustomization.yaml": "resources: [web.yaml, ./service.yaml]\n",
		"base/web.yaml":           strings.ReplaceAll(deployment, "yes", "true"),
		"base/service.yaml":       "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: 80}]\n",
		"prod/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
namePrefix: prod-
resources: [../base]
components: [../parts/quota]
patches:
  - path: replicas.yaml
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: NodePort
images: [{name: nginx, newTag: "1.27"}]
configMapGenerator:
  - name: settings
    files: [config/a.properties]
`,
		"prod/replicas.yaml":             "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n",
		"prod/config/a.properties":       "a=b\n",
		"parts/quota/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [quota.yaml]\n",
		"parts/quota/quota.yaml":         "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: 3}}\n",
	}
	for name, text := range more {
		all[name] = text
	}
	return all
}

func TestOverlayIsBuiltWithPlacesInItsSources(t *testing.T) {
	u := one(t, overlay(nil), options())
	if u.Kind != iac.Kustomize || u.Path != "prod" || len(u.Problems) > 0 {
		t.Fatalf("%s %s: %v", u.Kind, u.Path, problems(u))
	}
	d, s := find(t, u, "Deployment/shop/prod-web"), find(t, u, "Service/shop/prod-web")
	for _, test := range []struct {
		v    *iac.Value
		path string
		want string
	}{
		{d.Body, "spec.replicas", "3 prod/replicas.yaml:5"},
		{d.Body, "spec.template.spec.containers.0.image", "nginx:1.27 base/web.yaml:12"},
		{d.Body, "spec.template.spec.containers.0.securityContext.privileged", "true base/web.yaml:14"},
		{d.Body, "metadata.namespace", "shop base/web.yaml:3"},
		{d.Body, "metadata.annotations", "nothing"},
		{s.Body, "spec.type", "NodePort prod/kustomization.yaml:14"},
		{s.Body, "spec.ports.0.port", "80 base/service.yaml:5"},
		{find(t, u, "ResourceQuota/shop/prod-q").Body, "spec.hard.pods", "3 parts/quota/quota.yaml:4"},
	} {
		v := at(test.v, test.path)
		got := "nothing"
		if v != nil {
			got = v.Text + " " + where(v)
		}
		if got != test.want {
			t.Errorf("%s is %s, want %s", test.path, got, test.want)
		}
	}
	if d.Range.File != "base/web.yaml" || d.Range.Line != 1 {
		t.Errorf("place %+v", d.Range)
	}
	for _, r := range u.Resources {
		if r.Type == "v1/ConfigMap" && r.Range.File != "prod/kustomization.yaml" {
			t.Errorf("%s lies in %s", r.Address, r.Range.File)
		}
	}
	want := []string{"base/kustomization.yaml", "base/service.yaml", "base/web.yaml", "parts/quota/kustomization.yaml", "parts/quota/quota.yaml", "prod/config/a.properties", "prod/kustomization.yaml", "prod/replicas.yaml"}
	if diff := cmp.Diff(want, u.Files); diff != "" {
		t.Error(diff)
	}
}

// What a kustomization fetches is refused, whatever it looks like; the rest of it is built.
func TestKustomizationsReachNothingBeyondTheFolder(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	asked := make(chan struct{}, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			asked <- struct{}{}
			c.Close()
		}
	}()
	at := listener.Addr().String()
	const rest = "resources:\n- here.yaml\n"
	for name, test := range map[string]struct {
		text string
		more map[string]string
		want string // of the only problem
	}{
		"a base by HTTP":                  {text: rest + "- http://" + at + "/base\n", want: "k/kustomization.yaml:3: missing module: resources: http://" + at + "/base is fetched from elsewhere"},
		"a base by git":                   {text: rest + "- git::https://" + at + "/a/b\n", want: "is fetched from elsewhere"},
		"a base with no scheme":           {text: rest + "- github.com/a/b\n", want: "resources: github.com/a/b is fetched from elsewhere"},
		"a base like a folder":            {text: rest + "- github.com/a/b\n", more: map[string]string{"k/github.com/a/b/kustomization.yaml": "resources: []\n"}},
		"a base by SSH":                   {text: rest + "- git@" + at + ":a/b.git\n", want: "is fetched from elsewhere"},
		"a folder above":                  {text: rest + "- ../../etc\n", want: "missing module: resources: ../../etc is not on disk below the scanned folder"},
		"an absolute path":                {text: rest + "- /etc/passwd\n", want: "is not on disk"},
		"a component":                     {text: rest + "components: [\"https://" + at + "/c\"]\n", want: "components: https://" + at + "/c is fetched"},
		"a patch":                         {text: rest + "patches: [{path: \"http://" + at + "/p.yaml\"}]\n", want: "patches: http://" + at},
		"an old patch":                    {text: rest + "patchesJson6902: [{path: \"http://" + at + "/p.yaml\", target: {kind: Pod, name: a, version: v1}}]\n", want: "patchesJson6902: http://"},
		"a strategic patch":               {text: rest + "patchesStrategicMerge: [\"http://" + at + "/p.yaml\"]\n", want: "patchesStrategicMerge: http://"},
		"a file of a config map":          {text: rest + "configMapGenerator: [{name: c, files: [\"a=http://" + at + "/f\"]}]\n", want: "configMapGenerator: http://"},
		"variables of a secret":           {text: rest + "secretGenerator: [{name: c, envs: [\"http://" + at + "/f\"]}]\n", want: "secretGenerator: http://"},
		"a schema":                        {text: rest + "openapi: {path: \"http://" + at + "/s.json\"}\n", want: "openapi: http://"},
		"definitions":                     {text: rest + "crds: [\"http://" + at + "/s.json\"]\n", want: "crds: http://"},
		"a replacement":                   {text: rest + "replacements: [{path: \"http://" + at + "/s.yaml\"}]\n", want: "replacements: http://"},
		"a transformer's patch":           {text: rest + "transformers: [t.yaml]\n", more: map[string]string{"k/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: http://" + at + "/p.yaml\n"}, want: "a transformer reads from an address"},
		"a transformer within":            {text: rest + "transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: t}\n  path: http://" + at + "/p.yaml\n", want: "a transformer reads from an address"},
		"a chart":                         {text: rest + "helmCharts: [{name: a, repo: \"http://" + at + "\"}]\n", want: "skipped: helmCharts needs Helm's program"},
		"a chart as a generator":          {text: rest + "generators: [g.yaml]\n", more: map[string]string{"k/g.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: a\n"}, want: "HelmChartInflationGenerator needs Helm's program"},
		"a folder without kustomization":  {text: rest + "- empty\n", more: map[string]string{"k/empty/a.txt": ""}, want: "k/empty holds no kustomization"},
		"a file that is a bomb":           {text: rest + "- bomb.yaml\n", more: map[string]string{"k/bomb.yaml": bomb(12)}, want: "limit: the aliases expand"},
		"a generator whose file is there": {text: rest + "configMapGenerator: [{name: c, files: [\"a=f.txt\"]}]\n", more: map[string]string{"k/f.txt": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := map[string]string{"k/kustomization.yaml": test.text, "k/here.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: here}}\n"}
			for file, text := range test.more {
				all[file] = text
			}
			u := one(t, all, options())
			got := problems(u)
			if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
			if !slices.Contains(addresses(u), "ConfigMap/default/here") {
				t.Errorf("the rest is not built: %v", addresses(u))
			}
		})
	}
	if len(asked) > 0 {
		t.Error("something was fetched")
	}
}

func TestKustomizationThatCannotBeBuiltSaysWhy(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown field":  {"resourcess: [a]\n", "k/kustomization.yaml:1: not evaluated: the kustomization cannot be built: "},
		"no YAML":           {"a: b\n c: d\n", "k/kustomization.yaml:2: broken: the kustomization cannot be read: mapping values"},
		"a program":         {"transformers: [t.yaml]\nresources: [here.yaml]\n", "k/kustomization.yaml:1: skipped: transformers: it needs a plugin"},
		"a patch of nobody": {"resources: [here.yaml]\npatches: [{patch: \"{apiVersion: v1, kind: Pod, metadata: {name: gone}}\"}]\n", "not evaluated: its patches are left out, for one cannot be applied: no resource matches strategic merge patch"},
		"itself":            {"resources: [.]\n", "not evaluated: the kustomization cannot be built: "},
	} {
		t.Run(name, func(t *testing.T) {
			units := read(t, map[string]string{
				"k/kustomization.yaml": test.text, "k/here.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: here}}\n",
				"k/t.yaml": "apiVersion: example.com/v1\nkind: Run\nmetadata: {name: t, annotations: {config.kubernetes.io/function: \"exec: {path: /bin/true}\"}}\n",
			}, options())
			got := problems(units[len(units)-1])
			if len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
		})
	}
}

func TestKustomizationThatGrowsWithoutEndIsEnded(t *testing.T) {
	var patch strings.Builder
	patch.WriteString("- {op: add, path: /data, value: {a: x}}\n")
	for range 60 {
		patch.WriteString("- {op: copy, from: /data, path: /data/b}\n- {op: copy, from: /data, path: /data/c}\n")
	}
	o := options()
	o.Time, o.Memory = 5*time.Second, 300<<20
	u := one(t, map[string]string{
		"k/kustomization.yaml": "resources: [here.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", "k/p.yaml": patch.String(),
		"k/here.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: here}}\n",
	}, o)
	if got := problems(u); len(got) != 1 || !strings.Contains(got[0], "limit: building the kustomization: it was ended") {
		t.Errorf("problems %q", got)
	}
}
