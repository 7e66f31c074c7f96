package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/evaluate"
)

func TestResourcesOfOneNameAreToldApart(t *testing.T) {
	f := func(name, account, region, resource string) evaluate.Finding {
		return evaluate.Finding{Check: "c", ResourceType: "aws_thing", ResourceName: name, Account: account, Region: region, Resource: resource}
	}
	tests := map[string]struct {
		give   []evaluate.Finding
		placed bool
		want   []string
	}{
		"names that differ":          {[]evaluate.Finding{f("a", "1", "x", "i"), f("b", "1", "x", "j")}, alone, []string{"a", "b"}},
		"by region":                  {[]evaluate.Finding{f("a", "1", "x", "i"), f("a", "1", "y", "j")}, alone, []string{"a (x)", "a (y)"}},
		"by account":                 {[]evaluate.Finding{f("a", "1", "x", "i"), f("a", "2", "x", "j")}, alone, []string{"a (1)", "a (2)"}},
		"by id":                      {[]evaluate.Finding{f("a", "1", "x", "arn:y:sg/i"), f("a", "1", "x", "arn:y:sg/j")}, alone, []string{"a (i)", "a (j)"}},
		"by the whole id":            {[]evaluate.Finding{f("a", "1", "x", "arn:y:role/r/p"), f("a", "1", "x", "arn:y:user/u/p")}, alone, []string{"a (arn:y:role/r/p)", "a (arn:y:user/u/p)"}},
		"a place beside says it":     {[]evaluate.Finding{f("a", "1", "x", "i"), f("a", "1", "y", "j")}, besidePlace, []string{"a", "a"}},
		"nothing tells them":         {[]evaluate.Finding{f("a", "1", "x", "i"), f("a", "1", "x", "i")}, alone, []string{"a", "a"}},
		"a whole scope":              {[]evaluate.Finding{f("", "1", "x", "")}, alone, []string{"all aws_thing in 1/x"}},
		"a whole scope, by its side": {[]evaluate.Finding{f("", "1", "x", "")}, besidePlace, []string{"all aws_thing"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, distinct(tt.give, tt.placed)); diff != "" {
				t.Error(diff)
			}
		})
	}
	one, other := f("a", "1", "x", "i"), f("a", "1", "x", "j")
	other.Check = "another"
	if diff := cmp.Diff([]string{"a", "a"}, distinct([]evaluate.Finding{one, other}, alone)); diff != "" {
		t.Errorf("findings of other checks: %s", diff)
	}
}

func TestWorstFirstTellsResourcesOfOneNameApart(t *testing.T) {
	f := evaluate.Finding{
		Check: "c", Title: "T", Severity: "high", Status: evaluate.Fail, ResourceName: "wide-open", Found: "all traffic", Account: "1", Region: "x", Resource: "sg-1",
	}
	second, third := f, f
	second.Region, third.Resource = "y", "sg-1"
	for want, findings := range map[string][]evaluate.Finding{
		"wide-open (x), wide-open (y): all traffic": {f, second}, "wide-open (2): all traffic": {f, third}, "wide-open (2) +1: all traffic": {f, third, third},
	} {
		w := &summaryWriter{width: 100}
		if got := w.examples(CheckSummary{Counts: Counts{Fail: int64(len(findings))}, Examples: findings}, 89); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
