package sensitive

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

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
