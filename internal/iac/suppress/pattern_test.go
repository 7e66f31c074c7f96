package suppress

import (
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

func TestPatternsOfAddresses(t *testing.T) {
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"aws_s3_bucket.a", "aws_s3_bucket.a", true},
		{"aws_s3_bucket.a", "aws_s3_bucket.ab", false},
		{"aws_s3_bucket.a", `aws_s3_bucket.a["x.y"]`, true},
		{"aws_s3_bucket.a", "module.m.aws_s3_bucket.a", false},
		{`aws_s3_bucket.a["x.y"]`, `aws_s3_bucket.a["x.y"]`, true},
		{`aws_s3_bucket.a["x.*"]`, `aws_s3_bucket.a["x.y"]`, true},
		{`aws_s3_bucket.a["x"]`, `aws_s3_bucket.a["x.y"]`, false},
		{`aws_s3_bucket.a[0]`, `aws_s3_bucket.a[1]`, false},
		{"aws_s3_bucket.*", `aws_s3_bucket.a["x.y"]`, true},
		{"aws_s3_*.*", "aws_s3_bucket.a", true},
		{"*", "aws_s3_bucket.a", false},
		{"**", "aws_s3_bucket.a", true},
		{"**", "Deployment/shop/cart", true},
		{"module.logs.**", "module.logs.aws_s3_bucket.this", true},
		{"module.logs.**", `module.logs["a.b"].module.x.aws_s3_bucket.this`, true},
		{"module.logs.*", "module.logs.aws_s3_bucket.this", false},
		{"module.logs.**", "module.logs2.aws_s3_bucket.this", false},
		{"**.aws_s3_bucket.this", "module.a.module.b.aws_s3_bucket.this", true},
		{"**.aws_s3_bucket.this", "aws_s3_bucket.this", true},
		{"module.**.this", "module.a.aws_s3_bucket.this", true},
		{"Deployment/shop/*", "Deployment/shop/my.app", true},
		{"Deployment/*/cart", "Deployment/shop/cart", true},
		{"Deployment/**", "Deployment/shop/cart", true},
		{"Deployment.shop.cart", "Deployment/shop/cart", false},
		{"LogBucket", "LogBucket", true},
		{"*Bucket", "LogBucket", true},
		{"Outer/**", "Outer/Inner/LogBucket", true},
		{strings.Repeat("**.", 200) + "x", strings.Repeat("a.", 2000) + "y", false},
	} {
		if got := splitAddress(c.pattern).matches(splitAddress(c.address)); got != c.want {
			t.Errorf("%.40s of %.40s: %v", c.pattern, c.address, got)
		}
	}
}

func TestPatternsOfText(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"*", "", true},
		{"a*", "a", true},
		{"a*b", "ab", true},
		{"a*b", "a", false},
		{"ab*b", "ab", false},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b*", "xxbxxaxx", false},
		{"a?c", "abc", false},
	} {
		if got := matchText(c.pattern, c.text); got != c.want {
			t.Errorf("%q of %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestAnEntryOfTheListHoldsIfAllItSaysDoes(t *testing.T) {
	s := Subject{
		Check: "c", Unit: "envs/dev", Address: "module.m.aws_s3_bucket.a", Tags: map[string]string{"env": "dev-1", "team": "x"},
		Block: iac.Range{File: "modules/m/main.tf", Line: 3}, At: iac.Range{File: "modules/n/versions.tf", Line: 9},
	}
	for name, c := range map[string]struct {
		say  content.Suppression
		want bool
	}{
		"nothing but the check":         {content.Suppression{}, true},
		"the check":                     {content.Suppression{Checks: map[string]bool{"c": true}}, true},
		"another check":                 {content.Suppression{Checks: map[string]bool{"d": true}}, false},
		"its folder":                    {content.Suppression{Path: []string{"modules/"}}, true},
		"files of a pattern":            {content.Suppression{Path: []string{"x", "modules/**/*.tf"}}, true},
		"where the finding points":      {content.Suppression{Path: []string{"modules/n/versions.tf"}}, true},
		"another folder":                {content.Suppression{Path: []string{"mod", "*.tf"}}, false},
		"its unit":                      {content.Suppression{Unit: []string{"envs/dev"}}, true},
		"units below a folder":          {content.Suppression{Unit: []string{"envs"}}, true},
		"another unit":                  {content.Suppression{Unit: []string{"."}}, false},
		"its tags":                      {content.Suppression{Tags: map[string]string{"env": "dev*", "team": "x"}}, true},
		"another tag":                   {content.Suppression{Tags: map[string]string{"env": "dev*", "owner": "*"}}, false},
		"its address, but another unit": {content.Suppression{Address: []string{"module.m.**"}, Unit: []string{"envs/prod"}}, false},
		"until the day before":          {content.Suppression{Until: "2026-01-14"}, false},
		"until that day":                {content.Suppression{Until: "2026-01-15"}, true},
	} {
		c.say.Reason, c.say.Pos = "r", content.Pos{File: "stance.yaml", Line: 4, Column: 5}
		now := time.Date(2026, 1, 15, 23, 59, 0, 0, time.UTC)
		l, err := New(t.Context(), Options{Listed: []content.Suppression{c.say}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Match(s); (got != nil) != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if expired := len(l.Problems()) > 0; expired != (c.say.Until == "2026-01-14") {
			t.Errorf("%s: %v", name, l.Problems())
		}
	}
}

func TestReasonsAreOneLineThatIsPrintable(t *testing.T) {
	if got := clean("a\x1b[31m\tb\u202e\n" + strings.Repeat("é", 600)); got != "a[31m b "+strings.Repeat("é", longestReason-8)+"…" {
		t.Errorf("%q", got)
	}
}
