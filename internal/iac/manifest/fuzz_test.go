package manifest

import (
	"testing"
	"time"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/child"
	"github.com/stancehq/stance/internal/iac/manifest/helm"
)

// Whatever a file holds, it is read or told, within its limits.
func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		deployment, workloads, "a: &a [*a]", "<<: [*x]\n---\n{{", "apiVersion: v1\nkind: List\nitems: [{kind: Pod}, [], 1]", bomb(4), mergeBomb(4),
		"apiVersion: v1\nkind: Pod\nmetadata: 1\nspec: []", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: [], replicas: x}",
		"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec: {volumeClaimTemplates: [1, {}], template: {spec: {volumes: [1], containers: [x]}}}",
		"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {jobTemplate: 1}", `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\ud83d\ude00"}}`,
	} {
		f.Add(seed)
	}
	limits := iac.DefaultLimits()
	limits.FileBytes, limits.Resources = 1<<16, 1000
	f.Fuzz(func(t *testing.T, text string) {
		o := options()
		o.Limits, o.Renderer = limits, nil
		for _, u := range read(t, map[string]string{"a.yaml": text, "k/kustomization.yaml": text, "k/a.yaml": deployment, "c/Chart.yaml": text}, o) {
			for _, r := range u.Resources {
				if r.Address == "" || r.Type == "" || !r.Body.Is(iac.Object) || r.Range.File == "" {
					t.Errorf("resource %+v", r)
				}
			}
		}
		locate(nil, "a", []byte(text))
	})
}

// Whatever a chart holds, rendering ends: with a result, or by being ended.
func FuzzChart(f *testing.F) {
	for _, seed := range []string{chartDeployment, "{{ range until 10 }}{{ . }}{{ end }}", "{{ fail \"x\" }}", "{{ include \"x\" . }}", "{{ tpl \"{{ . }}\" . }}", "{{ required \"a\" .Values.b }}", "{{ .Values.a.b.c }}"} {
		f.Add(seed, "a: {b: 1}", "name: dep\nversion: 1.0.0")
	}
	o := options()
	pool := child.NewPool(o.Renderer, 1, 2*time.Second, 300<<20)
	f.Cleanup(pool.Close)
	f.Fuzz(func(t *testing.T, template, values, metadata string) {
		chart := &helm.Chart{Source: "web", Files: map[string][]byte{
			"Chart.yaml": []byte(chartYAML), "templates/a.yaml": []byte(template), "templates/b.yaml": []byte("a: b"), "values.yaml": []byte(values),
			"charts/d/Chart.yaml": []byte(metadata),
		}}
		result, err := pool.Do(t.Context(), child.Request{Helm: &helm.Request{Chart: chart, Name: "r", Namespace: "n"}})
		if err != nil {
			t.Log(err) // it was ended, as it should be
			return
		}
		if len(result.Helm.Rendered)+len(result.Helm.Failed) == 0 && result.Helm.Error == "" {
			t.Errorf("neither text nor a failure: %+v", result.Helm)
		}
	})
}
