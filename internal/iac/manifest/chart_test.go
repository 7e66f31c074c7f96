package manifest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

const chartYAML = "apiVersion: v2\nname: web\nversion: 1.0.0\n"

const chartDeployment = `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}
  namespace: {{ .Release.Namespace }}
  annotations:
    checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
spec:
  template:
    spec:
      {{- with .Values.podSecurityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image }}:{{ .Values.tag | default .Chart.AppVersion }}"
          {{- if .Values.privileged }}
          securityContext:
            privileged: true
          {{- else }}
          securityContext:
            privileged: false
          {{- end }}
        - name: sidecar
          image: sidecar:1
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "name" . }}
spec:
  type: {{ .Values.type }}
`

func webChart(more map[string]string) map[string]string {
	all := map[string]string{
		"web/Chart.yaml": chartYAML, "web/templates/deployment.yaml": chartDeployment,
		"web/templates/_helpers.tpl": `{{- define "name" }}{{ .Release.Name }}-web{{ end }}`,
		"web/templates/config.yaml":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {at: {{ now | quote }}, key: {{ randAlphaNum 5 | quote }}, host: {{ getHostByName \"localhost\" | quote }}, crt: {{ (genCA \"a\" 1).Cert | quote }}}\n",
		"web/templates/NOTES.txt":    "{{ fail \"notes are not rendered\" }}",
		"web/templates/tests/t.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
		"web/values.yaml":            "enabled: true\nimage: nginx\ntag: \"1\"\ntype: ClusterIP\npodSecurityContext:\n  runAsNonRoot: true\n  runAsUser: 1000\n",
		"web/values.schema.json":     `{"required": ["neverThere"]}`,
		"web/crds/thing.yaml":        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com, scope: Cluster, names: {kind: Thing}}\n",
		"web/templates/thing.yaml":   "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: one}\n",
	}
	for name, text := range more {
		if text == "" {
			delete(all, name)
			continue
		}
		all[name] = text
	}
	return all
}

func TestChartIsRenderedWithPlacesInItsTemplates(t *testing.T) {
	o := options()
	o.Values = []Values{{"extra.yaml", []byte("tag: \"2\"\n")}}
	o.Set = []string{"type=NodePort", "privileged=true"}
	o.Namespace = "shop"
	u := one(t, webChart(nil), o)
	if len(u.Problems) > 0 {
		t.Fatalf("problems %v", problems(u))
	}
	d, s, thing := find(t, u, "Deployment/shop/web-web"), find(t, u, "Service/shop/web-web"), find(t, u, "Thing/one")
	for path, want := range map[string]string{
		"spec.template.spec.containers.0.image":                      "nginx:2 web/templates/deployment.yaml:18",
		"spec.template.spec.containers.1.image":                      "sidecar:1 web/templates/deployment.yaml:27",
		"spec.template.spec.containers.1.name":                       "sidecar web/templates/deployment.yaml:26",
		"spec.template.spec.containers.0.securityContext.privileged": "true web/templates/deployment.yaml:16", // one of two: cannot be told
		"spec.template.spec.securityContext.runAsUser":               "1000 web/templates/deployment.yaml:13",
		"spec.template.spec.dnsPolicy":                               "ClusterFirst :0",
		"metadata.name":                                              "web-web web/templates/deployment.yaml:5",
	} {
		if got := at(d.Body, path); got == nil || got.Text+" "+where(got) != want {
			t.Errorf("%s is %+v at %s, want %s", path, got, where(got), want)
		}
	}
	if got := at(s.Body, "spec.type"); got.Text != "NodePort" || where(got) != "web/templates/deployment.yaml:35" {
		t.Errorf("type %s at %s", got.Text, where(got))
	}
	if s.Range.Line != 30 || s.Name.Line != 31 || d.Range.Line != 2 || d.Name.Line != 3 || thing.Range.Line != 1 {
		t.Errorf("places: service %+v %+v, deployment %+v", s.Range, s.Name, d.Range)
	}
	data := find(t, u, "ConfigMap/shop/c").Body.Get("data")
	if data.Get("key").Text != "xxxxx" || data.Get("host").Text != "" || !strings.HasPrefix(data.Get("at").Text, "2026-01-01") || data.Get("crt").Text != "placeholder" {
		t.Errorf("data %+v", data)
	}
	if crd := find(t, u, "CustomResourceDefinition/things.example.com"); where(at(crd.Body, "spec.group")) != "web/crds/thing.yaml:4" {
		t.Errorf("%s", where(at(crd.Body, "spec.group")))
	}
	if slices.Contains(addresses(u), "Pod/shop/t") {
		t.Error("a test of the chart counts as installed")
	}
}

func TestWhatAChartLacksIsTold(t *testing.T) {
	dependencies := func(text string) string { return chartYAML + "dependencies:\n" + text }
	for name, test := range map[string]struct {
		files map[string]string
		o     func(*Options)
		want  []string // problems
		have  []string // addresses, among others
		lack  []string
	}{
		"a value that is required": {
			files: webChart(map[string]string{"web/templates/config.yaml": "# one\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ required \"give a name\" .Values.name }}}\n"}),
			want:  []string{"web/templates/config.yaml:4: missing variable: the template needs a value, and is left out: give a name"},
			have:  []string{"Deployment/default/web-web", "Service/default/web-web"},
		},
		"a template that fails, and one that cannot be parsed": {
			files: webChart(map[string]string{"web/templates/a.yaml": "\n{{ template \"inner\" . }}", "web/templates/_inner.tpl": "{{ define \"inner\" }}{{ fail \"not so\" }}{{ end }}", "web/templates/b.yaml": "{{ if }}"}),
			want: []string{
				"web/templates/a.yaml:1: not evaluated: the template fails, and is left out: not so",
				"web/templates/b.yaml:1: not evaluated: the template fails, and is left out: missing value for if",
			},
			have: []string{"Deployment/default/web-web"},
		},
		"a template that gives no YAML": {
			files: webChart(map[string]string{"web/templates/a.yaml": "a: b\n  c: d\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"}),
			want:  []string{"web/templates/a.yaml:1: broken: what the template gives cannot be read: line 2 of it: mapping values are not allowed in this context"},
			have:  []string{"Pod/default/p"},
		},
		"a dependency": {
			files: webChart(map[string]string{"web/Chart.yaml": dependencies("  - {name: redis, version: 1.x.x, repository: \"https://charts.example.com\"}\n  - {name: idle, version: 1, repository: \"https://x\", condition: idle.enabled}\n"), "web/values.yaml": "enabled: true\nidle: {enabled: false}\n"}),
			want:  []string{"web/Chart.yaml:5: missing module: the dependency redis 1.x.x is not on disk; run helm dependency build to have it scanned"},
			have:  []string{"Deployment/default/web-web"},
		},
		"nothing, for its dependencies are vendored, next door, or at a path": {
			files: webChart(map[string]string{
				"web/Chart.yaml":                 dependencies("  - {name: redis, version: 1.x.x, repository: \"https://charts.example.com\", alias: cache}\n  - {name: door, version: \">0\", repository: \"https://x\"}\n  - {name: path, version: 0.1.0, repository: \"file://../libs/path\"}\n"),
				"web/charts/redis/Chart.yaml":    "apiVersion: v2\nname: redis\nversion: 1.2.3\n",
				"web/charts/redis/templates/a.y": "", "web/charts/redis/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\n",
				"door/Chart.yaml": "apiVersion: v2\nname: door\nversion: 3.0.0\n", "door/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: door}\n",
				"libs/path/Chart.yaml": "apiVersion: v2\nname: path\nversion: 0.1.0\ntype: library\n", "libs/path/templates/_a.tpl": `{{ define "lib" }}lib{{ end }}`,
				"web/templates/lib.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ include \"lib\" . }}}\n",
			}),
			have: []string{"ConfigMap/default/cache", "ConfigMap/default/door", "ConfigMap/default/lib"},
		},
		"an archive": {
			files: webChart(map[string]string{"web/charts/redis-1.0.0.tgz": archived(t, map[string]string{"redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.0.0\n", "redis/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: packed}\n"})}),
			have:  []string{"ConfigMap/default/packed"},
		},
		"an archive that is none": {
			files: webChart(map[string]string{"web/charts/redis-1.0.0.tgz": "no"}),
			want:  []string{"web/Chart.yaml:1: not evaluated: the chart web cannot be rendered: read web/charts/redis-1.0.0.tgz: unexpected EOF"},
		},
		"a renderer": {
			files: webChart(nil), o: func(o *Options) { o.Renderer = nil },
			want: []string{"web/Chart.yaml:1: skipped: charts are not rendered here"},
		},
		"a version of Kubernetes": {
			files: webChart(map[string]string{"web/templates/a.yaml": "{{ if semverCompare \"<1.20\" .Capabilities.KubeVersion.Version }}\napiVersion: v1\nkind: Pod\nmetadata: {name: old}\n{{ end }}{{ if and (.Capabilities.APIVersions.Has \"apps/v1/Deployment\") (.Capabilities.APIVersions.Has \"a/v1\") }}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: has}\n{{ end }}"}),
			o:     func(o *Options) { o.KubeVersion, o.APIVersions = "1.19.2", []string{"a/v1"} },
			have:  []string{"Pod/default/old", "Pod/default/has"},
		},
		"what may be looked at": {
			files: webChart(map[string]string{"web/templates/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ if lookup \"v1\" \"Pod\" \"\" \"\" }}full{{ else }}empty{{ end }}}\n", "web/templates/b.yaml": "{{ env \"HOME\" }}"}),
			have:  []string{"Pod/default/empty"},
			want:  []string{"web/templates/b.yaml:1: not evaluated: the template fails, and is left out: function \"env\" not defined"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			if test.o != nil {
				test.o(&o)
			}
			var u *iac.Unit
			for _, each := range read(t, test.files, o) {
				if each.Path == "web" {
					u = each
				}
			}
			if diff := cmp.Diff(test.want, problems(u)); diff != "" {
				t.Error(diff)
			}
			got := addresses(u)
			for _, w := range test.have {
				if !slices.Contains(got, w) {
					t.Errorf("%s is missing in %v", w, got)
				}
			}
		})
	}
}

func archived(t *testing.T, of map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	w := tar.NewWriter(packed)
	for name, text := range of {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestObjectsOfDependenciesSayHowTheCodeComesToThem(t *testing.T) {
	u := one(t, webChart(map[string]string{
		"web/Chart.yaml":              chartYAML + "dependencies:\n  - name: redis\n    version: 1.2.3\n    repository: https://x\n",
		"web/charts/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.2.3\n", "web/charts/redis/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: redis}\n",
	}), options())
	r := find(t, u, "ConfigMap/default/redis")
	if len(r.Calls) != 1 || r.Calls[0].Name != "redis" || r.Calls[0].Source != "web/charts/redis" || r.Calls[0].Range.File != "web/Chart.yaml" || r.Calls[0].Range.Line != 5 {
		t.Errorf("calls %+v", r.Calls)
	}
	if where(r.Body.Get("metadata")) != "web/charts/redis/templates/a.yaml:3" {
		t.Error(where(r.Body.Get("metadata")))
	}
}

func TestChartThatNeverEndsIsEndedAndTheOthersAreRead(t *testing.T) {
	o := options()
	o.Time, o.Memory, o.Workers = 2*time.Second, 300<<20, 2
	all := map[string]string{}
	for name, template := range map[string]string{
		"loop":   "{{ range until 100000 }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}",
		"text":   `{{ repeat 1000000000 "xxxxxxxxxx" }}`,
		"double": `{{ $x := "xxxxxxxxxx" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}`,
		"calls":  `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
		"fine":   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\n",
		"fine2":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\n",
	} {
		all[name+"/Chart.yaml"] = "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n"
		all[name+"/templates/a.yaml"] = template
	}
	begun := time.Now()
	units := read(t, all, o)
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, u := range units {
		got := problems(u)
		switch {
		case strings.HasPrefix(u.Path, "fine"):
			if len(u.Resources) != 1 || len(got) > 0 {
				t.Errorf("%s: %v %v", u.Path, addresses(u), got)
			}
		case u.Path == "calls" && len(got) == 1 && strings.Contains(got[0], "exceeded maximum template depth"):
		case len(got) != 1 || !strings.HasPrefix(got[0], u.Path+"/Chart.yaml:1: limit: rendering the chart "+u.Path+": it was ended"):
			t.Errorf("%s: problems %q", u.Path, got)
		default:
			t.Log(got[0])
		}
	}
}

func TestHundredChartsAreRenderedInSeconds(t *testing.T) {
	all := map[string]string{}
	for i := range 100 {
		for name, text := range webChart(nil) {
			all[fmt.Sprintf("charts/c%d/%s", i, name)] = text
		}
	}
	begun := time.Now()
	units := read(t, all, options())
	took := time.Since(begun)
	t.Logf("%s", took)
	if len(units) != 100 || took > 10*time.Second {
		t.Errorf("%d charts in %s", len(units), took)
	}
	for _, u := range units {
		if len(u.Problems) > 0 || len(u.Resources) < 6 {
			t.Errorf("%s: %v", u.Path, problems(u))
		}
	}
}
