package kubernetes

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
)

// etcdMost is the size of a request that etcd takes, and so of the largest object there is.
const etcdMost = 3 << 19

// giants are values as large as an object can have: one text, very many members, very many elements.
func giants(t *testing.T) map[string]any {
	t.Helper()
	const size = etcdMost - 1<<10 // the rest is for what every object has
	many := map[string]any{}
	for i := range size / 32 {
		many[fmt.Sprintf("member-%08d", i)] = "x" + fmt.Sprint(i)
	}
	var list []any
	for i := range size / 16 {
		list = append(list, map[string]any{"n": float64(i)})
	}
	values := map[string]any{"text": strings.Repeat("a \"quoted\" line,\n\ttab, \\, é, 漢, 😀 and \u2028;", size/64), "members": many, "elements": list}
	for name, value := range values {
		if n := len(encoded(t, value)); n > size || n < size*2/3 {
			t.Fatalf("%s has %d bytes", name, n)
		}
	}
	return values
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Objects as large as they can be arrive whole, and small ones beside them. Of one that nests more deeply than any that is meant
// nothing is known, which its list and its row say.
func TestObjectsOfOneAndAHalfMegabytes(t *testing.T) {
	const table = "kubernetes_custom_resource_definition"
	s := newScanner(t)
	s.Inventory = []string{table}
	want := giants(t)
	want["small"] = "y"
	var all []string
	for name, value := range want {
		all = append(all, object(t, "", name, map[string]any{"spec": map[string]any{"group": "g", "more": value}}))
	}
	deep := strings.Repeat(`{"d":`, 9_000) + "1" + strings.Repeat("}", 9_000) // the API server takes 10,000
	all = append(all, object(t, "", "deep", map[string]any{"spec": json.RawMessage(deep)}))
	f := newFake(t)
	f.answer("/apis", 200, aggregated(groupJSON("apiextensions.k8s.io", versionJSON("v1", "Current", resourceJSON("customresourcedefinitions", "CustomResourceDefinition", "Cluster")))))
	f.serving("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "CustomResourceDefinition", all, 500, nil)
	const tooDeep = "broken: the document cannot be read (nested too deeply"
	if c := s.scan(t, f).lists[table]; c.Status != collect.Partial || c.Rows != int64(len(all)) || c.Failures != 1 || !strings.HasPrefix(c.Cause, tooDeep) {
		t.Errorf("%+v", c)
	}
	read := 0
	for _, row := range s.query(t, `select name, "group", raw::varchar, coalesce(unknown['list'], '') from `+table) {
		if name, known := row[0].(string); known {
			read++
			var raw struct{ Spec struct{ More any } }
			if err := json.Unmarshal([]byte(row[2].(string)), &raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got, wanted := encoded(t, raw.Spec.More), encoded(t, want[name]); got != wanted || row[1] != "g" {
				t.Errorf("%s of %v has %d bytes, want %d", name, row[1], len(got), len(wanted))
			}
		} else if cause := row[3].(string); !strings.HasPrefix(cause, tooDeep) || row[2] != nil {
			t.Errorf("a row of which nothing is known: %v", row)
		}
	}
	if read != len(want) {
		t.Errorf("%d objects, want %d", read, len(want))
	}
}

// A config map has up to 1 MiB, in one text or in very many keys; what it says is looked through, counted and not shown.
func TestConfigMapsOfAMegabyte(t *testing.T) {
	const table = "kubernetes_config_map_body"
	s := newScanner(t, "kubernetes_config_map_no_secrets")
	s.Inventory, s.Allow = []string{table}, []string{"config-map-bodies"}
	text, many := strings.Repeat("a line of settings = nothing\n", 1<<20/30), map[string]any{}
	for i := range 1 << 20 / 32 {
		many[fmt.Sprintf("member-%08d", i)] = fmt.Sprintf("value-%d", i)
	}
	f := newFake(t)
	f.serving("/api/v1/configmaps", "ConfigMap", []string{
		object(t, "n", "keys", map[string]any{"data": many}), object(t, "n", "text", map[string]any{"data": map[string]any{"all": text}}),
		object(t, "n", "secret", map[string]any{"data": map[string]any{"all": text + "-----BEGIN PRIVATE KEY-----\nMII\n"}}),
	}, 1, nil)
	got := s.scan(t, f)
	if c := got.lists[table]; c.Status != collect.OK || c.Rows != 3 {
		t.Errorf("%+v", c)
	}
	const check = "kubernetes_config_map_no_secrets"
	if diff := cmp.Diff([]string{check + " keys PASS", check + " secret FAIL all (private key)", check + " text PASS"}, got.findings); diff != "" {
		t.Error(diff)
	}
	rows := s.query(t, "select name, len(map_keys(data)), contains(raw::varchar, 'settings') or contains(data::varchar, 'settings') from "+table+" order by name")
	if diff := cmp.Diff([][]any{{"keys", int64(len(many)), false}, {"secret", int64(1), false}, {"text", int64(1), false}}, rows); diff != "" {
		t.Error(diff)
	}
}
