package scan

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	embedded "github.com/stancehq/stance/content"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
)

// packed is the content that comes with the program.
func packed(t *testing.T) (*content.Library, *plan.Catalog) {
	t.Helper()
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		t.Fatal(err)
	}
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	catalog, problems, err := plan.Restore(t.Context(), library, pack, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return library, catalog
}

func TestAFailureIsPlacedAtTheRuleThatItNames(t *testing.T) {
	const check, six = "aws_vpc_security_group_no_admin_ports_from_internet", "aws_vpc_security_group_no_admin_ports_from_internet_ipv6"
	for _, test := range []struct{ name, check, text, want string }{
		{"a block of the group", check, `resource "aws_security_group" "a" {
  vpc_id = "vpc-1"
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["10.0.0.0/8",
      "0.0.0.0/0"] # here
  }
}`, "FAIL"},
		{"a resource of its own", check, `resource "aws_security_group" "a" { vpc_id = "vpc-1" }
resource "aws_vpc_security_group_ingress_rule" "web" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0" # here
}`, "FAIL"},
		{"a group that passes", check, `resource "aws_security_group" "a" { vpc_id = "vpc-1" } # here
resource "aws_vpc_security_group_ingress_rule" "web" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}`, "PASS"},
		{"the one of two that speaks of IPv6", six, `resource "aws_security_group" "a" { vpc_id = "vpc-1" }
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}
resource "aws_vpc_security_group_ingress_rule" "ssh_v6" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv6         = "::/0" # here
}`, "FAIL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			library, catalog := packed(t)
			outcome, err := Code(t.Context(), CodeOptions{
				Root: fstest.MapFS{"main.tf": {Data: []byte(test.text)}}, Library: library, Catalog: catalog, Settings: content.DefaultSettings(library),
				Checks: []*plan.Check{catalog.Checks[test.check]}, Timeout: time.Minute,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer outcome.Close()
			before, _, _ := strings.Cut(test.text, "# here")
			want := fmt.Sprintf("%s aws_security_group.a %d", test.want, strings.Count(before, "\n")+1)
			var got []string
			for f, err := range outcome.Result.Findings {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, describe(f))
			}
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %s", got, want)
			}
		})
	}
}

func describe(f evaluate.Finding) string {
	return fmt.Sprintf("%s %s %d", f.Status, f.Location.Address, f.Location.Line)
}
