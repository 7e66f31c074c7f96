package main

import (
	"slices"
	"strings"
	"testing"

	codedata "github.com/stancehq/stance/content/aws/code"
	"github.com/stancehq/stance/internal/descriptions"
	"github.com/stancehq/stance/internal/iac/schema"
)

// Whether the archives are as the packages have it, only the packages tell: schemagen -check. That they are those of the pins,
// they tell themselves.
func TestTheArchivesAreOfThePinnedReleases(t *testing.T) {
	for _, c := range []struct {
		name, data string
		language   *schema.Language
		want       []schema.Source
	}{
		{"terraform.zip", codedata.Terraform, schema.Terraform, []schema.Source{cdktf, pulumi}},
		{"cloudformation.zip", codedata.CloudFormation, schema.CloudFormation, []schema.Source{serviceSpec}},
	} {
		if got := c.language.Sources(); !slices.Equal(got, c.want) {
			t.Errorf("content/aws/code/%s is stale: run go run ./internal/iac/schema/schemagen\nit is of %v", c.name, got)
		}
		archive, err := descriptions.Open(c.name, c.data)
		if err != nil {
			t.Fatal(err)
		}
		if got := archive.Notice(); got != notice(c.want) || !strings.Contains(got, "DO NOT EDIT") {
			t.Errorf("the notice of %s is %q", c.name, got)
		}
	}
}
