package plan

import (
	"fmt"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// versionedAPI has things whose size is a number, and older ones.
type versionedAPI map[string]*content.Shape

func (a versionedAPI) Services() []string { return nil }

func (a versionedAPI) Operation(_, op string) (*content.Operation, error) {
	shape := a[op]
	if shape == nil {
		return nil, fmt.Errorf("there is no %s", op)
	}
	list := &content.Shape{Kind: content.KindList, Elem: shape}
	return &content.Operation{
		Service: "svc", Name: op, Input: &content.Shape{Kind: content.KindStruct},
		Output: &content.Shape{Kind: content.KindStruct, Members: []content.Member{{Name: "items", Shape: list}}},
	}, nil
}

func TestLintProvesThatOlderVersionsAnswerTheSame(t *testing.T) {
	thing := func(size string) *content.Shape {
		return &content.Shape{Kind: content.KindStruct, Members: []content.Member{
			{Name: "name", Shape: &content.Shape{Kind: content.KindString}}, {Name: "size", Shape: &content.Shape{Kind: size}},
		}}
	}
	api := versionedAPI{
		"v2/things": thing(content.KindInteger), "v1/things": thing(content.KindInteger), "v1beta1/things": thing(content.KindString),
		"v1alpha1/things": {Kind: content.KindStruct, Members: []content.Member{{Name: "name", Shape: &content.Shape{Kind: content.KindString}}}},
	}
	for op, want := range map[string]string{
		"v1/things": "", "v1beta1/things": "column size is text", "v1alpha1/things": "does not have the path size", "v0/things": "there is no v0/things",
	} {
		list := call(GroupList, "svc:v2/things")
		list.Items, list.Older = "items", []string{op}
		spec := &content.Table{Name: "thing", Provider: "x", List: list, ID: "name", Columns: []*content.Column{{Name: "name", Path: "name"}, {Name: "size", Path: "size"}}}
		t.Run(op, func(t *testing.T) { lintTable(t, spec, api, want) })
	}
}
