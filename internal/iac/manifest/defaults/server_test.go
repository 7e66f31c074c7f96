package defaults_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/defaults"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
	"github.com/stancehq/stance/internal/kubetest"
)

// The API server is the one that knows: what it makes of each object is what is made of it here.
func TestObjectsAreAsTheServerCompletesThem(t *testing.T) {
	cluster := kubetest.Start(t, kubetest.Options{ServerArgs: []string{"--runtime-config=api/all=true", "--disable-admission-plugins=ServiceAccount,DefaultTolerationSeconds,Priority"}})
	client, err := cluster.Client(kubetest.Admin)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	text, err := os.ReadFile(filepath.Join("testdata", "bare.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, d := range yamltree.Read("bare.yaml", text, iac.DefaultLimits()) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		version, kind := d.Value.Get("apiVersion").Text, d.Value.Get("kind").Text
		tested[version+"/"+kind] = true
		t.Run(kind+"/"+d.Value.Get("metadata").Get("name").Text, func(t *testing.T) {
			want := create(t, client, cluster.URL, version, kind, yamltree.JSON(d.Value))
			metadata := d.Value.Get("metadata")
			metadata.Fields = append(metadata.Fields, iac.Field{Key: "uid", Value: &iac.Value{Kind: iac.String, Text: want["metadata"].(map[string]any)["uid"].(string)}})
			got := defaults.Apply(d.Value)
			clean(want, got)
			if diff := cmp.Diff(want, comparable(t, got)); diff != "" {
				t.Errorf("the server's (-) and ours (+):\n%s", diff)
			}
		})
	}
	for _, kind := range defaults.Known() {
		if !tested[kind] && kind != "autoscaling/v1/HorizontalPodAutoscaler" { // the server stores it as v2
			t.Errorf("nothing proves the defaults of %s", kind)
		}
	}
}

// create has the server complete an object, and store nothing.
func create(t *testing.T, client *http.Client, url, version, kind string, object any) map[string]any {
	t.Helper()
	path := "/apis/" + version
	if version == "v1" {
		path = "/api/v1"
	}
	if defaults.Namespaced(version, kind) {
		path += "/namespaces/default"
	}
	plural := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(plural, "s"):
		plural += "es"
	case strings.HasSuffix(plural, "y"):
		plural = strings.TrimSuffix(plural, "y") + "ies"
	default:
		plural += "s"
	}
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Post(url+path+"/"+plural+"?dryRun=All", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("%s %v: %s", response.Status, err, answer)
	}
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var created map[string]any
	if err := decoder.Decode(&created); err != nil {
		t.Fatal(err)
	}
	return created
}

// unknown stands for what only the server knows.
const unknown = "known after apply"

// clean takes out what is the object's own and not its kind's, and what we say that nobody knows.
func clean(server map[string]any, ours *iac.Value) {
	delete(server, "status")
	metadata := server["metadata"].(map[string]any)
	for _, name := range []string{"uid", "creationTimestamp", "generation", "resourceVersion", "managedFields", "namespace"} {
		delete(metadata, name)
	}
	written := ours.Get("metadata")
	written.Fields = slices.DeleteFunc(written.Fields, func(f iac.Field) bool { return f.Key == "uid" })
	if server["rules"] == nil { // of a role: null, which is nothing
		delete(server, "rules")
	}
	blank(server, ours)
}

func blank(server any, ours *iac.Value) {
	switch server := server.(type) {
	case map[string]any:
		for key, value := range server {
			if of := ours.Get(key); of.Is(iac.Unknown) {
				server[key] = unknown
			} else {
				blank(value, of)
			}
		}
	case []any:
		for i, value := range server {
			if ours.Is(iac.List) && i < len(ours.Items) {
				blank(value, ours.Items[i])
			}
		}
	}
}

func comparable(t *testing.T, v *iac.Value) any {
	t.Helper()
	switch v.Kind {
	case iac.Unknown:
		return unknown
	case iac.List:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, comparable(t, item))
		}
		return list
	case iac.Object:
		object := map[string]any{}
		for _, f := range v.Fields {
			object[f.Key] = comparable(t, f.Value)
		}
		return object
	}
	return yamltree.JSON(v)
}
