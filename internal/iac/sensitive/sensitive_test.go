package sensitive

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/schema"
)

var update = flag.Bool("update", false, "write the list of sensitive attributes anew")

func TestTheListIsThatOfTheSchemas(t *testing.T) {
	var lines []string
	for _, language := range []*schema.Language{schema.Terraform, schema.CloudFormation} {
		for _, name := range language.Types() {
			typ, ok := language.Type(name)
			if !ok {
				t.Fatalf("no %s", name)
			}
			for _, path := range sensitiveBelow(typ.Attributes, 0) {
				lines = append(lines, name+" "+path)
			}
		}
	}
	text := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("sensitive.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(text, list); diff != "" {
		t.Errorf("go test ./internal/iac/sensitive -update writes it anew (-want +got):\n%s", diff)
	}
}

// sensitiveBelow gives dotted paths. Shapes may be recursive.
func sensitiveBelow(attributes []*schema.Attribute, depth int) (paths []string) {
	for _, a := range attributes {
		if a.Sensitive {
			paths = append(paths, a.Name)
			continue
		}
		shape := &a.Shape
		for shape.Elem != nil {
			shape = shape.Elem
		}
		if depth < 8 {
			for _, path := range sensitiveBelow(shape.Attributes, depth+1) {
				paths = append(paths, a.Name+"."+path)
			}
		}
	}
	return paths
}

func TestMarkFollowsPathsThroughListsAndBranches(t *testing.T) {
	secret, other, either := text("a"), text("b"), text("c")
	mark(object(iac.Field{Key: "block", Value: &iac.Value{Kind: iac.List, Items: []*iac.Value{
		object(iac.Field{Key: "token", Value: secret}, iac.Field{Key: "name", Value: other}),
		{Kind: iac.Unknown, Either: []*iac.Value{object(iac.Field{Key: "token", Value: either})}},
	}}}), []string{"block", "token"})
	if !secret.Sensitive || other.Sensitive || !either.Sensitive {
		t.Errorf("%v, %v, %v", secret.Sensitive, other.Sensitive, either.Sensitive)
	}
}

func text(s string) *iac.Value { return &iac.Value{Kind: iac.String, Text: s} }

func object(fields ...iac.Field) *iac.Value { return &iac.Value{Kind: iac.Object, Fields: fields} }

func TestMarkMarksWhatTheSchemaCallsSensitive(t *testing.T) {
	for _, c := range []struct {
		about, typ, key string
		data            bool
		value           *iac.Value
		marked          bool
	}{
		{"a text", "aws_db_instance", "password", false, text("hunter2"), true},
		{"all in a list", "aws_elasticache_user", "passwords", false, &iac.Value{Kind: iac.List, Items: []*iac.Value{text("hunter2")}}, true},
		{"all in a map", "aws_glue_connection", "connection_properties", false, object(iac.Field{Key: "PASSWORD", Value: text("hunter2")}), true},
		{"one of two", "aws_db_instance", "password", false, &iac.Value{Kind: iac.Unknown, Cause: "x", Either: []*iac.Value{text("hunter2"), text("x")}}, true},
		{"another attribute", "aws_db_instance", "engine", false, text("mysql"), false},
		{"another type", "nothing_known", "password", false, text("hunter2"), false},
	} {
		for _, kind := range []string{iac.Terraform, iac.TerraformPlan, iac.TerraformState} {
			Mark(&iac.Unit{Kind: kind, Resources: []*iac.Resource{{Type: c.typ, Data: c.data, Body: object(iac.Field{Key: c.key, Value: c.value})}}})
			leaf := c.value
			switch {
			case len(leaf.Items) > 0:
				leaf = leaf.Items[0]
			case len(leaf.Fields) > 0:
				leaf = leaf.Fields[0].Value
			case len(leaf.Either) > 0:
				leaf = leaf.Either[0]
			}
			if c.value.Sensitive != c.marked || leaf.Sensitive != c.marked {
				t.Errorf("%s in a %s: %v, %v", c.about, kind, c.value.Sensitive, leaf.Sensitive)
			}
		}
	}
}

func TestMarkPassesByResourcesWithoutABody(_ *testing.T) {
	Mark(&iac.Unit{Kind: iac.Terraform, Resources: []*iac.Resource{{Type: "aws_db_instance"}}})
	Mark(&iac.Unit{Kind: iac.CloudFormation, Resources: []*iac.Resource{{Type: "AWS::S3::Bucket", Body: object()}}})
}
