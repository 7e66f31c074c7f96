package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

func kind(k string) api.Type { return api.Type{Kind: k} }

func TestSchemasAreConverted(t *testing.T) {
	text, whatever := kind(content.KindString), kind(content.KindAny)
	for _, c := range []struct {
		name, schema string
		want         api.Type
	}{
		{"text", `{"type":"string"}`, text},
		{"closed text", `{"type":"string","enum":["B","A",""]}`, api.Type{Kind: content.KindString, Enum: []string{"B", "A", ""}}},
		{"time", `{"type":"string","format":"date-time"}`, kind(content.KindTime)},
		{"bytes", `{"type":"string","format":"byte"}`, kind(content.KindBlob)},
		{"a format of no kind of its own", `{"type":"string","format":"uri"}`, text},
		{"integer", `{"type":"integer","format":"int32","enum":[1]}`, kind(content.KindInteger)},
		{"number", `{"type":"number"}`, kind(content.KindNumber)},
		{"boolean", `{"type":"boolean"}`, kind(content.KindBoolean)},
		{"integer or text, built in", `{"format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]}`, whatever},
		{"integer or text, custom", `{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true}`, whatever},
		{"nothing said", `{}`, whatever},
		{"an object of unknown fields", `{"type":"object","x-kubernetes-preserve-unknown-fields":true}`, whatever},
		{"a list of which nothing is said", `{"type":"array"}`, api.Type{Kind: content.KindList, Elem: &whatever}},
		{"list", `{"type":"array","items":{"type":"string"}}`, api.Type{Kind: content.KindList, Elem: &text}},
		{"map", `{"type":"object","additionalProperties":{"type":"string"}}`, api.Type{Kind: content.KindMap, Elem: &text}},
		{"map of anything", `{"type":"object","additionalProperties":true}`, api.Type{Kind: content.KindMap, Elem: &whatever}},
		{"no other fields", `{"type":"object","additionalProperties":false}`, whatever},
		{"reference", `{"$ref":"#/components/schemas/a.B"}`, api.Type{Ref: "a.B"}},
		{"reference with a default", `{"allOf":[{"$ref":"#/components/schemas/a.B"}],"default":{}}`, api.Type{Ref: "a.B"}},
		{
			"struct, also where it may have other fields",
			`{"type":"object","required":["b"],"x-kubernetes-preserve-unknown-fields":true,"properties":{"b":{"type":"string"},"a":{}}}`,
			api.Type{Kind: content.KindStruct, Members: []api.Member{{Name: "a", Type: whatever}, {Name: "b", Required: true, Type: text}}},
		},
	} {
		var s schema
		if err := json.Unmarshal([]byte(c.schema), &s); err != nil {
			t.Fatal(err)
		}
		got, err := convert(&s)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

func TestSchemasThatAreNotUnderstoodAreRefused(t *testing.T) {
	for _, text := range []string{`{"$ref":"other.json#/X"}`, `{"properties":{"a":{"items":{"type":"tuple"}}}}`} {
		var s schema
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if got, err := convert(&s); err == nil {
			t.Errorf("%s gave %+v", text, got)
		}
	}
}

const twoVersions = `
# a stream
apiVersion: v1
kind: Namespace
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: shop.example
  scope: Namespaced
  names: {kind: Cart, plural: carts}
  versions:
    - name: v1
      served: true
      schema: {openAPIV3Schema: {type: object, properties: {metadata: {type: object}, spec: {type: object, properties: {size: {type: integer}}}}}}
    - name: v1alpha1
      served: false
      schema: {openAPIV3Schema: {type: object}}
`

func TestServedVersionsOfDefinitionsAreRead(t *testing.T) {
	c := newCollection()
	if err := c.addDefinitions([]byte(twoVersions)); err != nil {
		t.Fatal(err)
	}
	want := []api.Kind{{Version: "v1", Plural: "carts", Kind: "Cart", Namespaced: true, Custom: true}}
	if diff := cmp.Diff(want, c.index.Groups["shop.example"]); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	var names []string
	for _, m := range c.objects["shop.example"]["v1/carts"].Members {
		names = append(names, m.Name+":"+m.Ref+m.Kind)
	}
	if want := []string{"apiVersion:string", "kind:string", "metadata:" + api.ObjectMeta, "spec:struct"}; !slices.Equal(names, want) {
		t.Errorf("fields: %v", names)
	}
	if err := c.addDefinitions([]byte(twoVersions)); err == nil || !strings.Contains(err.Error(), "shop.example:v1/carts is defined twice") {
		t.Errorf("the same again: %v", err)
	}
}

func TestVersionsAreOrderedAsKubernetesPrefersThem(t *testing.T) {
	got := []string{"foo1", "v1alpha2", "v3beta1", "v1", "v10", "v11alpha1", "v2", "v3beta10", "bar"}
	slices.SortFunc(got, compareVersions)
	if want := []string{"v10", "v2", "v1", "v3beta10", "v3beta1", "v11alpha1", "v1alpha2", "bar", "foo1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestModulesWithAnotherDigestAreRefused(t *testing.T) {
	wanted := []module{{Path: "a.example/m", Version: "v1.0.0", Sum: "h1:good"}}
	for answer, want := range map[string]string{
		`{"Path":"a.example/m","Version":"v1.0.0","Dir":"/m","Sum":"h1:good"}`: "",
		`{"Path":"a.example/m","Version":"v1.0.0","Dir":"/m","Sum":"h1:evil"}`: "a.example/m@v1.0.0 has the digest h1:evil",
		`{"Path":"a.example/m","Version":"v1.0.0","Error":"not found"}`:        "a.example/m@v1.0.0: not found",
		``: "a.example/m@v1.0.0 was not fetched",
	} {
		folders, err := readDownloads([]byte(answer), wanted)
		if want == "" && (err != nil || folders["a.example/m"] != "/m") {
			t.Errorf("%s: %v, %v", answer, folders, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", answer, err, want)
		}
	}
}

// source writes a Go package and gives a reader of it, under the name a.example/m/v1.
func source(t *testing.T, text string) *goTypes {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "v1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "v1", "types.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	meta := map[string]*api.Type{"io.k8s.apimachinery.pkg.apis.meta.v1.Time": {Kind: content.KindTime}}
	return newGoTypes(meta, map[string]string{"a.example/m": folder})
}

func TestGoTypesGiveTheFieldsOfTheirJSON(t *testing.T) {
	types := source(t, `package v1
import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
type Mode string
type Common struct { Zone string `+"`json:\"zone\"`"+` }
type Thing struct {
	metav1.TypeMeta `+"`json:\",inline\"`"+`
	Common `+"`json:\",inline\"`"+`
	Mode Mode `+"`json:\"mode,omitempty\"`"+`
	Wait *metav1.Duration `+"`json:\"wait,omitempty\"`"+`
	At metav1.Time `+"`json:\"at\"`"+`
	Data []byte `+"`json:\"data\"`"+`
	Hidden string `+"`json:\"-\"`"+`
	Children []*Thing `+"`json:\"children,omitempty\"`"+`
	Limits map[string]int64 `+"`json:\"limits,omitzero\"`"+`
}`)
	got, err := types.named("a.example/m/v1", "Thing")
	if err != nil {
		t.Fatal(err)
	}
	const name = "example.a.m.v1.Thing"
	if got.Ref != name {
		t.Fatalf("got %+v", got)
	}
	want := &api.Type{Kind: content.KindStruct, Members: []api.Member{
		{Name: "apiVersion", Type: kind(content.KindString)},
		{Name: "at", Required: true, Type: api.Type{Ref: "io.k8s.apimachinery.pkg.apis.meta.v1.Time"}},
		{Name: "children", Type: api.Type{Kind: content.KindList, Elem: &api.Type{Ref: name}}},
		{Name: "data", Required: true, Type: kind(content.KindBlob)},
		{Name: "kind", Type: kind(content.KindString)},
		{Name: "limits", Type: api.Type{Kind: content.KindMap, Elem: &api.Type{Kind: content.KindInteger}}},
		{Name: "mode", Type: kind(content.KindString)},
		{Name: "wait", Type: kind(content.KindString)},
		{Name: "zone", Required: true, Type: kind(content.KindString)},
	}}
	if diff := cmp.Diff(want, types.shapes[name]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGoTypesThatAreNotUnderstoodAreRefused(t *testing.T) {
	types := source(t, `package v1
import "b.example/n"
type Own struct{}
func (*Own) MarshalJSON() ([]byte, error) { return nil, nil }
type Nameless struct { A string }
type Far struct { A n.T `+"`json:\"a\"`"+` }
type Odd struct { A chan int `+"`json:\"a\"`"+` }
`)
	for name, want := range map[string]string{
		"Own":      "writes its JSON itself",
		"Nameless": "A has no JSON name",
		"Far":      "the source of b.example/n is not among the modules",
		"Odd":      "is not understood",
		"Nonesuch": "has no type Nonesuch",
	} {
		if _, err := types.named("a.example/m/v1", name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
