package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/descriptions"
	"github.com/stancehq/stance/internal/iac/schema"
)

const database = `{"schema": {
  "resource": {"entities": [
    {"$id": "1", "cloudFormationType": "Shop::Door", "primaryIdentifier": ["Name"], "arnTemplate": "arn:door/${Name}",
     "properties": {
       "Name": {"type": {"type": "string"}, "required": true, "documentation": "…"},
       "Parts": {"type": {"type": "array", "element": {"type": "ref", "reference": {"$ref": "10"}}}},
       "Spare": {"type": {"type": "ref", "reference": {"$ref": "11"}}},
       "Tags": {"type": {"type": "array", "element": {"type": "tag"}}},
       "Key": {"type": {"type": "string"}, "relationshipRefs": [{"cloudFormationType": "Shop::Key", "propertyName": "Arn"}]},
       "Wide": {"type": {"type": "boolean"}, "defaultValue": "false"},
       "Doc": {"type": {"type": "union", "types": [{"type": "json"}, {"type": "map", "element": {"type": "date-time"}}]}}},
     "attributes": {"Arn": {"type": {"type": "string"}}}}]},
  "typeDefinition": {"entities": [
    {"$id": "10", "name": "Part", "properties": {"Of": {"type": {"type": "ref", "reference": {"$ref": "10"}}}}},
    {"$id": "11", "name": "Nothing", "properties": {}},
    {"$id": "12", "name": "Unused", "properties": {}}]}}}`

func readDatabase(text string) (*library, error) {
	var spec specification
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return nil, err
	}
	return readSpecification(&spec)
}

// The archive is read as the embedded ones are: a part has the structs that its types need, and no others.
func TestADatabaseIsPacked(t *testing.T) {
	l, err := readDatabase(database)
	if err != nil {
		t.Fatal(err)
	}
	data, err := l.pack([]schema.Source{serviceSpec})
	if err != nil {
		t.Fatal(err)
	}
	archive, err := descriptions.Open("it", string(data))
	if err != nil {
		t.Fatal(err)
	}
	index, err := descriptions.Decode[schema.Index](archive, schema.IndexFile)
	if diff := cmp.Diff(&schema.Index{Sources: []schema.Source{serviceSpec}, Parts: [][]string{{"Shop::Door"}}}, index); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	part, err := descriptions.Decode[schema.Part](archive, schema.PartFile(0))
	text := schema.Shape{Kind: schema.KindString}
	strct := func(number int) schema.Shape { return schema.Shape{Kind: schema.KindStruct, Struct: number} }
	list := func(of schema.Shape) schema.Shape { return schema.Shape{Kind: schema.KindList, Elem: &of} }
	want := &schema.Part{
		Types: []*schema.Type{{
			Name: "Shop::Door", Identifier: []string{"Name"}, ARN: "arn:door/${Name}",
			Attributes: []*schema.Attribute{
				{Name: "Doc", Shape: schema.Shape{Kind: schema.KindUnion, Or: []*schema.Shape{
					{Kind: schema.KindAny}, {Kind: schema.KindMap, Elem: &schema.Shape{Kind: schema.KindTime}},
				}}},
				{Name: "Key", Shape: text, Refers: []string{"Shop::Key.Arn"}},
				{Name: "Name", Shape: text, Required: true},
				{Name: "Parts", Shape: list(strct(0))},
				{Name: "Spare", Shape: strct(1)},
				{Name: "Tags", Shape: list(strct(2))},
				{Name: "Wide", Shape: schema.Shape{Kind: schema.KindBoolean}, Default: json.RawMessage("false")},
			},
			Outputs: []*schema.Attribute{{Name: "Arn", Shape: text}},
		}},
		Structs: [][]*schema.Attribute{
			{{Name: "Of", Shape: strct(0)}},
			{},
			{{Name: "Key", Shape: text, Required: true}, {Name: "Value", Shape: text, Required: true}},
		},
	}
	if diff := cmp.Diff(want, part); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestDatabasesThatAreNotUnderstoodAreRefused(t *testing.T) {
	for _, c := range []struct{ old, anew, want string }{
		{`"type": "boolean"`, `"type": "moment"`, `Shop::Door: Wide: the type "moment" is not understood`},
		{`"$ref": "11"`, `"$ref": "13"`, "Shop::Door: Spare: there is no struct 13"},
		{`"defaultValue": "false"`, `"defaultValue": "no"`, "Shop::Door: Wide: the default no is no JSON"},
		{`, "element": {"type": "tag"}`, ``, "Shop::Door: Tags: array of nothing"},
	} {
		if _, err := readDatabase(strings.ReplaceAll(database, c.old, c.anew)); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestEqualStructsAreMerged(t *testing.T) {
	l, err := readDatabase(strings.ReplaceAll(database, `{"$id": "12", "name": "Unused", "properties": {}}`,
		`{"$id": "12", "name": "A", "properties": {"X": {"type": {"type": "ref", "reference": {"$ref": "13"}}}}},
		 {"$id": "13", "name": "B", "properties": {"Y": {"type": {"type": "string"}}}},
		 {"$id": "14", "name": "C", "properties": {"X": {"type": {"type": "ref", "reference": {"$ref": "15"}}}}},
		 {"$id": "15", "name": "D", "properties": {"Y": {"type": {"type": "string"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, attributes := range l.structs {
		if attributes != nil {
			kept++
		}
	}
	if kept != 4 { // of tags, of parts, A and B
		t.Errorf("%d structs are kept", kept)
	}
}
