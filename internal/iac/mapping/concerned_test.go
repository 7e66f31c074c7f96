package mapping

import (
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

func TestConcernedTables(t *testing.T) {
	pods := &content.Call{Service: "core", Op: "v1/pods"}
	tables := []*content.Table{
		{Name: "bucket", List: &content.Call{}, Terraform: parsed(`{"resource": "aws_s3_bucket", "with": {"v": {"resource": ["aws_s3_bucket_versioning"]}}}`)},
		{Name: "rule", List: &content.Call{}, Terraform: parsed(`[{"resource": ["aws_sg_rule"]}, {"resource": "aws_sg"}]`), CloudFormation: parsed(`{"resource": "AWS::EC2::SecurityGroup"}`)},
		{Name: "pod", List: pods},
		{Name: "any_pod", List: &content.Call{Service: "core", Op: "v1/nodes"}, Also: []*content.Call{pods}},
		{Name: "derived", Derive: "SELECT * FROM pod"},
		{Name: "none", List: &content.Call{Service: "s3", Op: "ListThings"}},
	}
	for _, c := range []struct {
		types []string
		want  []string
	}{
		{nil, nil},
		{[]string{"aws_s3_bucket"}, []string{"bucket"}},
		{[]string{"aws_s3_bucket_versioning"}, []string{"bucket"}}, // says something of buckets
		{[]string{"aws_sg", "aws_vpc"}, []string{"rule"}},
		{[]string{"AWS::EC2::SecurityGroup"}, []string{"rule"}},
		{[]string{"v1/Pod"}, []string{"pod", "any_pod"}},
	} {
		unit := &iac.Unit{}
		for _, typ := range c.types {
			unit.Resources = append(unit.Resources, &iac.Resource{Type: typ})
		}
		if got := Concerned(tables, []*iac.Unit{unit}); !slices.Equal(got, c.want) {
			t.Errorf("%v concern %v, want %v", c.types, got, c.want)
		}
	}
}
