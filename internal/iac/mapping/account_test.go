package mapping

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac/terraform"
)

const accountSection = `{"resource": "aws_thing", "attributes": {"arn": "arn:x:{region}:{account_id}:{name}"}, "columns": {"name": "name", "policy": "policy"}}`

// accountProviders are the settings that tell accounts apart.
func accountProviders() []*content.Provider {
	return []*content.Provider{{ID: "aws", Code: content.Code{
		Partition: "aws", Region: []string{"region", "provider/region"},
		Account: []string{"provider/allowed_account_ids", "provider/assume_role.role_arn", "arn"},
		SignIn:  []string{"provider/profile", "provider/assume_role.role_arn"},
		Symbols: map[string]string{"data.aws_caller_identity.account_id": "{account_id}", "data.aws_region.name": "{region}"},
	}}}
}

const accountCode = `
provider "aws" {
  region = "eu-west-1"
  %s
}
provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
  %s
}
provider "aws" {
  alias = "partner"
  assume_role { role_arn = "arn:aws:iam::444455556666:role/deploy" }
}
provider "aws" {
  alias   = "somebody"
  profile = "somebody"
}
data "aws_caller_identity" "own" {}
data "aws_caller_identity" "virginia" { provider = aws.virginia }
data "aws_caller_identity" "partner"  { provider = aws.partner }
data "aws_caller_identity" "somebody" { provider = aws.somebody }
data "aws_region" "virginia"          { provider = aws.virginia }
resource "aws_thing" "partner"  {
  provider = aws.partner
  name     = "p"
}
resource "aws_thing" "somebody" {
  provider = aws.somebody
  name     = "s"
}
resource "aws_thing" "it" {
  name   = "thing-111122223333"
  policy = jsonencode({ Who = %s })
}
`

func TestWhoseAccount(t *testing.T) {
	const number = `allowed_account_ids = ["111122223333"]`
	for _, test := range []struct{ name, ours, virginia, who, want string }{
		{"one's own", "", "", "data.aws_caller_identity.own.account_id", `000000000001`},
		{"a provider of another region", "", "", "data.aws_caller_identity.virginia.account_id", `000000000001`},
		{"a provider that signs in likewise", `profile = "a"`, `profile = "a"`, "data.aws_caller_identity.virginia.account_id", `000000000001`},
		{"a provider of another account", "", "", "data.aws_caller_identity.partner.account_id", `444455556666`},
		{"a provider that signs in as somebody else", "", "", "data.aws_caller_identity.somebody.account_id", `?known after apply: data.aws_caller_identity.somebody.account_id`},
		{"what a provider of another account makes", "", "", "aws_thing.partner.arn", `arn:x:eu-west-1:444455556666:p`},
		{"what somebody else makes", "", "", "aws_thing.somebody.arn", `?known after apply: aws_thing.somebody.arn`},
		{"the region of another provider", "", "", "data.aws_region.virginia.name", `us-east-1`},
		{"a number that may be anybody's", "", "", `"111122223333"`, `111122223333`},
		{"the number that the provider says", number, "", `"111122223333"`, `000000000001`},
		{"in an ARN", number, "", `"arn:aws:iam::111122223333:role/111122223333-a"`, `arn:aws:iam::000000000001:role/111122223333-a`},
		{"two numbers", number, `allowed_account_ids = ["222233334444"]`, "data.aws_caller_identity.virginia.account_id", `222233334444`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := New(thing(accountSection), accountProviders(), SectionTerraform)
			if err != nil {
				t.Fatal(err)
			}
			code := strings.Replace(strings.Replace(strings.Replace(accountCode, "%s", test.ours, 1), "%s", test.virginia, 1), "%s", test.who, 1)
			unit, err := terraform.Read(t.Context(), fstest.MapFS{"main.tf": {Data: []byte(code)}}, ".", terraform.Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows, _ := m.Rows(unit, Place{Account: "000000000001", Number: m.Account(unit)})
			row := rows[len(rows)-1]
			for _, r := range rows {
				if r.Resource.Address == "aws_thing.it" {
					row = r
				}
			}
			want, unknown := strings.CutPrefix(test.want, "?")
			if unknown {
				if got := row.Unknown["policy"]; got != want {
					t.Errorf("the policy is unknown for %q, want %q", got, want)
				}
				return
			}
			if doc := string(row.Document); !strings.Contains(doc, `\"`+want+`\"`) || !strings.Contains(doc, `"name":"thing-111122223333"`) {
				t.Errorf("got %s, want %s in it, and the name as it is", doc, want)
			}
		})
	}
}
