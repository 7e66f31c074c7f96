package scan

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

const trustingQueue = `provider "aws" {
  region = "eu-west-1"
  %s
}
resource "aws_sqs_queue" "q" {
  name   = "q"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sqs:*", Resource = "*" }] })
}
`

// TestOwnAccountNumber: the number of the account is one's own in each unit that is deployed to it, and units stay apart.
func TestOwnAccountNumber(t *testing.T) {
	library, catalog := packed(t)
	const number = `allowed_account_ids = ["111122223333"]`
	for _, test := range []struct{ name, first, second, account, want string }{
		{"nobody says it", "", "", "", "[a/main.tf FAIL b/main.tf FAIL]"},
		{"one unit says it", number, "", "", "[a/main.tf PASS b/main.tf FAIL]"},
		{"both say it", number, number, "", "[a/main.tf PASS b/main.tf PASS]"},
		{"the user says it", "", "", "111122223333", "[a/main.tf PASS b/main.tf PASS]"},
		{"the code knows better than the user", `allowed_account_ids = ["444455556666"]`, "", "111122223333", "[a/main.tf FAIL b/main.tf PASS]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome, err := Code(t.Context(), CodeOptions{
				Root: fstest.MapFS{
					"a/main.tf": {Data: fmt.Appendf(nil, trustingQueue, test.first)},
					"b/main.tf": {Data: fmt.Appendf(nil, trustingQueue, test.second)},
				},
				Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Timeout: time.Minute,
				Checks: []*plan.Check{catalog.Checks["aws_sqs_queue_trusted_accounts_only"]}, Account: test.account,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer outcome.Close()
			var lines []string
			for f, err := range outcome.Result.Findings {
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, fmt.Sprintf("%s %s", f.Location.File, f.Status))
			}
			slices.Sort(lines)
			if got := fmt.Sprint(lines); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
