package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// What a cluster can have but once is looked at once: files that have the same object are alternatives, namespaces are one, and of
// the rest the first counts.
func TestAnObjectIsInAUnitOnce(t *testing.T) {
	const web = "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: web}\nspec: {replicas: 0, template: {spec: {containers: [{name: web, image: \"web:%\"}]}}}\n"
	units := read(t, map[string]string{
		"a/web.yaml":   strings.Replace(web, "%", "1", 1),
		"a/demo.yaml":  strings.Replace(web, "%", "2", 1),
		"a/space.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n",
		"a/twice.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n",
		"a/jobs.yaml":  "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-}\nspec: {suspend: true}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-}\nspec: {suspend: true, parallelism: 2}\n",
	}, options())
	var paths []string
	jobs := 0
	for _, u := range units {
		paths = append(paths, u.Path)
		for _, r := range u.Resources {
			if strings.Contains(r.Address, "#") {
				t.Errorf("%s is there again", r.Address)
			}
			if r.Type == "batch/v1/Job" {
				jobs++
			}
		}
	}
	slices.Sort(paths)
	if want := []string{".", "a/web.yaml"}; !slices.Equal(paths, want) || jobs != 2 {
		t.Errorf("units %v, %d jobs", paths, jobs)
	}
	main := units[slices.IndexFunc(units, func(u *iac.Unit) bool { return u.Path == "." })]
	if got := at(find(t, main, "Namespace/shop").Body, "metadata.labels.team"); got == nil || got.Text != "shop" {
		t.Errorf("the labels of the second namespace are lost: %+v", got)
	}
	if len(main.Problems) != 1 || !strings.Contains(main.Problems[0].What, "ConfigMap c is here for a second time") {
		t.Errorf("%v", main.Problems)
	}
}
