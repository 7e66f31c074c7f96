package kubetest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestClusterHasWhatItsWorldSaysAndAnswersEachUserByTheirRights(t *testing.T) {
	c := Start(t, Options{Apply: []string{World("sample.yaml")}, Users: []string{"stranger", "developer=developers"}, Pods: 6, Namespaces: 2})

	t.Run("the world is there", func(t *testing.T) {
		if got := names(t, c, Admin, "/api/v1/namespaces"); !slices.Contains(got, "shop") || !slices.Contains(got, "kube-system") {
			t.Errorf("namespaces %v, want shop and kube-system among them", got)
		}
		if got := names(t, c, Admin, "/apis/shop.example.com/v1/coupons"); !slices.Equal(got, []string{"spring"}) {
			t.Errorf("custom resources %v, want [spring]", got)
		}
	})
	t.Run("pods run, as their status says, and have owners", func(t *testing.T) {
		for namespace, want := range map[string]int{"shop": 2, "team-0000": 3, "team-0001": 3} {
			pods := list(t, c, Admin, "/api/v1/namespaces/"+namespace+"/pods")
			if len(pods) != want {
				t.Errorf("%d pods in %s, want %d", len(pods), namespace, want)
			}
			for _, p := range pods {
				if p.Status.Phase != "Running" || len(p.Metadata.OwnerReferences) != 1 || p.Metadata.OwnerReferences[0].UID == "" {
					t.Errorf("pod %s of %s is not running or has no owner: %+v", p.Metadata.Name, namespace, p)
				}
			}
		}
	})
	t.Run("a user has the rights that a binding gives", func(t *testing.T) {
		if got := names(t, c, "developer", "/api/v1/namespaces/shop/pods"); len(got) != 2 {
			t.Errorf("pods %v, want two", got)
		}
		for user, path := range map[string]string{"stranger": "/api/v1/namespaces/shop/pods", "developer": "/api/v1/namespaces"} {
			if got := get(t, c, user, path).StatusCode; got != http.StatusForbidden {
				t.Errorf("%s gets %d for %s, want 403", user, got, path)
			}
		}
	})
	t.Run("objects can be added and removed", func(t *testing.T) {
		const path = "/api/v1/namespaces/shop/configmaps/added"
		if err := c.Apply(t.Context(), path, "{apiVersion: v1, kind: ConfigMap, metadata: {name: added}, data: {a: b}}"); err != nil {
			t.Fatal(err)
		}
		if got := get(t, c, Admin, path).StatusCode; got != http.StatusOK {
			t.Errorf("after it was applied: %d, want 200", got)
		}
		if err := c.Delete(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if got := get(t, c, Admin, path).StatusCode; got != http.StatusNotFound {
			t.Errorf("after it was deleted: %d, want 404", got)
		}
	})
}

func TestClusterThatCannotBeMadeSaysWhy(t *testing.T) {
	unknown := filepath.Join(t.TempDir(), "unknown.yaml")
	if err := os.WriteFile(unknown, []byte("{apiVersion: v1, kind: Surprise, metadata: {name: a}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"a file that is not there":         {Options{Apply: []string{"nowhere.yaml"}}, "nowhere.yaml: no such file"},
		"a kind that there is none of":     {Options{Apply: []string{unknown}}, "apply Surprise a of " + unknown + ": the API server has no kind Surprise in v1"},
		"a flag the API server has not":    {Options{ServerArgs: []string{"--surprise"}}, "kube-apiserver ended: exit status 1; its last words:\nError: unknown flag: --surprise"},
		"a user whose groups are not said": {Options{Users: []string{"a="}}, "--user a=: want NAME[=group,...]"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(t.Context(), test.options)
			if err == nil {
				t.Fatal("it started", c.Stop())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want %q in it", err, test.want)
			}
		})
	}
}

func TestStoppedClusterLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// object is what these tests read of one.
type object struct {
	Metadata struct {
		Name            string
		OwnerReferences []struct{ UID string }
	}
	Status struct{ Phase string }
}

func get(t *testing.T, c *Cluster, user, path string) *http.Response {
	t.Helper()
	client, err := c.Client(c.Context(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Get(c.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func list(t *testing.T, c *Cluster, user, path string) []object {
	t.Helper()
	response := get(t, c, user, path)
	var all struct{ Items []object }
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s for %s: %s, %v", path, user, response.Status, err)
	}
	return all.Items
}

func names(t *testing.T, c *Cluster, user, path string) []string {
	t.Helper()
	var all []string
	for _, o := range list(t, c, user, path) {
		all = append(all, o.Metadata.Name)
	}
	return all
}
