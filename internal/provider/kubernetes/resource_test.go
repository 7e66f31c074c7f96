package kubernetes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/provider"
)

const deployments = "/apis/apps/v1/deployments"

func TestAListIsPagedThrough(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.handle(deployments, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("continue") {
		case "":
			write(w, 200, `{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"7","continue":"two","remainingItemCount":1},
 "items":[{"metadata":{"name":"a","namespace":"x"},"spec":{"replicas":1}}]}`)
		case "two":
			write(w, 200, `{"kind":"DeploymentList","metadata":{},"items":[{"metadata":{"name":"b","namespace":"x"}}]}`)
		}
	})
	r := request("apps:v1/deployments")
	first, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"metadata": map[string]any{"resourceVersion": "7", "continue": "two", "remainingItemCount": 1.0},
		"items": []any{map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "a", "namespace": "x"}, "spec": map[string]any{"replicas": 1.0},
		}},
	}
	if diff := cmp.Diff(want, decoded(t, first)); diff != "" {
		t.Error(diff)
	}
	r.Page = first.Next
	second, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if second.Next != "" || !strings.Contains(string(second.Document), `"name":"b"`) {
		t.Errorf("got %s and next %q", second.Document, second.Next)
	}
	for i, asked := range f.requests(deployments) {
		if limit := asked.URL.Query().Get("limit"); limit != "500" {
			t.Errorf("page %d: limit %s", i+1, limit)
		}
	}
}

func TestWhatAListIsAskedWith(t *testing.T) {
	tests := []struct {
		name  string
		input map[string]any
		limit int
		path  string
		query string
	}{
		{"all namespaces", nil, 0, deployments, "limit=500"},
		{"a namespace", map[string]any{"namespace": "kube-system"}, 0, "/apis/apps/v1/namespaces/kube-system/deployments", "limit=500"},
		{"selectors", map[string]any{"labelSelector": "a=b,c", "fieldSelector": "metadata.name=x"}, 0, deployments, "fieldSelector=metadata.name%3Dx&labelSelector=a%3Db%2Cc&limit=500"},
		{"fewer", nil, 20, deployments, "limit=20"},
		{"more than a page", nil, 9000, deployments, "limit=500"},
	}
	f := newFake(t)
	p := signedIn(t, f)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f.answer(test.path, 200, `{"kind":"DeploymentList","metadata":{},"items":[]}`)
			r := request("apps:v1/deployments")
			r.Input, r.Limit = test.input, test.limit
			answered(t, p, r)
			asked := f.requests(test.path)
			if got := asked[len(asked)-1].URL.RawQuery; got != test.query {
				t.Errorf("asked with %s, want %s", got, test.query)
			}
		})
	}
}

func TestItemsAreWhatTheServerKeepsNotItsBookkeeping(t *testing.T) {
	tests := []struct{ name, item, want string }{
		{
			"managed fields", `{"metadata":{"name":"a","managedFields":[{"manager":"x","fieldsV1":{"f:a":{"}":"]"}}}],"uid":"u"}}`,
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","uid":"u"}}`,
		},
		{
			"what was applied", `{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":\"s\\\"}\"}","b":"c"},"name":"a"}}`,
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"b":"c"},"name":"a"}}`,
		},
		{
			"what was applied, alone and escaped", `{"metadata":{"annotations":{"kubectl.kubernetes.io\/last-applied-configuration":"x"},"name":"a"}}`,
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"}}`,
		},
		{"what it is, if it says so", `{"kind":"Own","apiVersion":"g/v9","metadata":{"name":"a"}}`, `{"apiVersion":"g/v9","kind":"Own","metadata":{"name":"a"}}`},
		{"white space", "{ \"metadata\" : { \"name\" : \"a\" } ,\n\"spec\" : [ 1 , { } ] }", `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":[1,{}]}`},
		{"exact numbers", `{"spec":{"n":12345678901234567890}}`, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"n":12345678901234567890}}`},
		{"nothing", `{}`, `{"apiVersion":"apps/v1","kind":"Deployment"}`},
		{"odd metadata", `{"metadata":null}`, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":null}`},
	}
	f := newFake(t)
	p := signedIn(t, f)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f.answer(deployments, 200, `{"items":[`+test.item+`],"metadata":{},"kind":"DeploymentList"}`)
			answer, err := p.Call(t.Context(), request("apps:v1/deployments"))
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Items []json.RawMessage }
			if err := json.Unmarshal(answer.Document, &got); err != nil {
				t.Fatalf("%v in %s", err, answer.Document)
			}
			var compact strings.Builder
			for _, item := range got.Items {
				compact.WriteString(strings.NewReplacer(" ", "", "\n", "").Replace(string(item)))
			}
			if compact.String() != test.want {
				t.Errorf("got  %s\nwant %s", compact.String(), test.want)
			}
		})
	}
}

func TestAListWithoutItems(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	for _, body := range []string{`{"kind":"DeploymentList","items":null}`, `{"kind":"DeploymentList"}`, `{"kind":"DeploymentList","metadata":{},"items":[]}`} {
		f.answer(deployments, 200, body)
		if diff := cmp.Diff(map[string]any{"metadata": map[string]any{}, "items": []any{}}, answered(t, p, request("apps:v1/deployments"))); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestMetadataAlone(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/secrets", 200, `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[
 {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"s","namespace":"n","managedFields":[]}}]}`)
	doc := answered(t, p, request("core:v1/secrets/metadata"))
	want := []any{map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s", "namespace": "n"}}}
	if diff := cmp.Diff(want, doc["items"]); diff != "" {
		t.Error(diff)
	}
	if accept := f.requests("/api/v1/secrets")[0].Header.Get("Accept"); accept != "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" {
		t.Errorf("accepts %s", accept)
	}
}

// A server that does not know partial objects answers with whole ones: their values go no further.
func TestMetadataAloneOfAServerThatGivesAll(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/secrets", 200, `{"kind":"SecretList","items":[{"metadata":{"name":"s"},"data":{"password":"aHVudGVyMg=="}}]}`)
	answer, err := p.Call(t.Context(), request("core:v1/secrets/metadata"))
	if err != nil || strings.Contains(string(answer.Document), "aHVudGVyMg") {
		t.Errorf("got %s, %v", answer.Document, err)
	}
	e := refused(t, p, request("core:v1/secrets/table"))
	if e.Class != provider.Broken || !strings.Contains(e.Message, "not a table") {
		t.Errorf("got %s", e)
	}
}

func TestTables(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/secrets", 200, `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"continue":"more"},
 "columnDefinitions":[{"name":"Name","type":"string"},{"name":"Data","type":"integer"},{"name":"Odd \"one\"","type":"string"}],
 "rows":[{"cells":["s",3,null],"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"s","namespace":"n","managedFields":[{}]}}},
         {"cells":["t",0,"","more"],"object":{"metadata":{"name":"t","namespace":"n"}}}]}`)
	answer, err := p.Call(t.Context(), request("core:v1/secrets/table"))
	if err != nil {
		t.Fatal(err)
	}
	item := func(name string, cells map[string]any) any {
		return map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name, "namespace": "n"}, "cells": cells}
	}
	want := []any{item("s", map[string]any{"Name": "s", "Data": 3.0, `Odd "one"`: nil}), item("t", map[string]any{"Name": "t", "Data": 0.0, `Odd "one"`: ""})}
	if diff := cmp.Diff(want, decoded(t, answer)["items"]); diff != "" {
		t.Error(diff)
	}
	asked := f.requests("/api/v1/secrets")[0]
	if answer.Next == "" || asked.URL.Query().Get("includeObject") != "Metadata" || asked.Header.Get("Accept") != "application/json;as=Table;g=meta.k8s.io;v=v1" {
		t.Errorf("next %q, asked %s accepting %s", answer.Next, asked.URL, asked.Header.Get("Accept"))
	}
}

func TestOneObject(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/namespaces/kube-system/configmaps/aws-auth", 200, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"aws-auth","managedFields":[]},"data":{"a":"b"}}`)
	r := request("core:v1/configmaps/get")
	r.Input = map[string]any{"namespace": "kube-system", "name": "aws-auth"}
	want := map[string]any{"kind": "ConfigMap", "apiVersion": "v1", "metadata": map[string]any{"name": "aws-auth"}, "data": map[string]any{"a": "b"}}
	if diff := cmp.Diff(want, answered(t, p, r)); diff != "" {
		t.Error(diff)
	}
	f.answer("/api/v1/namespaces/kube-system/configmaps/none", 404, refusal(404, "NotFound", `configmaps "none" not found`))
	r.Input["name"] = "none"
	if e := refused(t, p, r); e.Class != provider.Gone || e.Code != "NotFound" {
		t.Errorf("got %s", e)
	}
}

func TestAKubeletsConfiguration(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/nodes/n%2F1/proxy/configz", 200, `{"kubeletconfig":{"authentication":{"anonymous":{"enabled":false}}}}`)
	r := request("core:v1/nodes/proxy/configz")
	r.Input = map[string]any{"name": "n/1"}
	if doc := answered(t, p, r); doc["kubeletconfig"] == nil {
		t.Errorf("got %v", doc)
	}
	f.answer("/api/v1/nodes/dead/proxy/configz", 503, refusal(503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.1:10250: connect: no route to host"))
	r.Input["name"] = "dead"
	if e := refused(t, p, r); e.Class != provider.Broken || !strings.Contains(e.Message, "no route to host") {
		t.Errorf("got %s", e)
	}
}

// Whoever may read some objects alone is told which one is missing.
func TestADeniedObjectIsNamed(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/api/v1/namespaces/kube-system/configmaps/aws-auth", 403, refusal(403, "Forbidden", "no"))
	r := request("core:v1/configmaps/get")
	r.Input = map[string]any{"namespace": "kube-system", "name": "aws-auth"}
	if e := refused(t, p, r); !slices.Equal(e.Permissions, []string{"get core/configmaps aws-auth"}) {
		t.Errorf("it needs %v", e.Permissions)
	}
}

func TestInputsThatCannotBeAskedWith(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	tests := []struct {
		call  string
		input map[string]any
		want  string
	}{
		{"core:v1/configmaps/get", map[string]any{"name": "x"}, "namespace is required"},
		{"core:v1/configmaps/get", map[string]any{"name": "..", "namespace": "x"}, "name is required"},
		{"core:v1/nodes/proxy/configz", nil, "name is required"},
		{"apps:v1/deployments", map[string]any{"nameSpace": "x"}, `no input member "nameSpace"`},
		{"server:version", map[string]any{"x": "x"}, `no input member "x"`},
		{"server:metrics", nil, "names"},
		{"apps:v1/deploymens", nil, "deployments"},
		{"app:v1/deployments", nil, "apps"},
		{"core:v1/pods/get/up", nil, "get/up"},
	}
	for _, test := range tests {
		r := request(test.call)
		r.Input = test.input
		if e := refused(t, p, r); e.Class != provider.Broken || !strings.Contains(e.Message, test.want) {
			t.Errorf("%s: got %s, want %s", test.call, e, test.want)
		}
	}
	r := request("apps:v1/deployments")
	r.Scope.Account = "other"
	if e := refused(t, p, r); e.Class != provider.Denied {
		t.Errorf("a cluster that nobody signed in to: %s", e)
	}
	r = request("apps:v1/deployments")
	r.Page = "{"
	if e := refused(t, p, r); e.Class != provider.Broken {
		t.Errorf("a page that was not given out: %s", e)
	}
}

// items are the names in all pages of a list.
func items(t *testing.T, p *Provider, r provider.Request) []string {
	t.Helper()
	var names []string
	for pages := 0; ; pages++ {
		answer, err := p.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if pages > 100 {
			t.Fatal("the list does not end")
		}
		var doc struct {
			Items []struct{ Metadata struct{ Name string } }
		}
		if err := json.Unmarshal(answer.Document, &doc); err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Items {
			names = append(names, item.Metadata.Name)
		}
		if r.Page = answer.Next; r.Page == "" {
			return names
		}
	}
}

// listing answers lists from names, page by page; a token is the index to go on from.
func listing(names []string, refuse func(token string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := r.URL.Query().Get("continue")
		if body := refuse(token); body != "" {
			write(w, 410, body)
			return
		}
		from := 0
		_, _ = fmt.Sscanf(token, "%d", &from)
		size := 500
		_, _ = fmt.Sscanf(r.URL.Query().Get("limit"), "%d", &size)
		to := min(from+size, len(names))
		next := ""
		if to < len(names) {
			next = fmt.Sprintf("%d of list", to)
		}
		list := []string{}
		for _, name := range names[from:to] {
			list = append(list, fmt.Sprintf(`{"metadata":{"name":%q}}`, name))
		}
		write(w, 200, fmt.Sprintf(`{"kind":"DeploymentList","metadata":{"continue":%q},"items":[%s]}`, next, strings.Join(list, ",")))
	}
}
