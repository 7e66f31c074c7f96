package evaluate

import (
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/plan"
)

func TestFactsSpareOnlyWhatCouldChangeNothing(t *testing.T) {
	f := &facts{
		gaps: map[plan.Ref]bool{{Table: "a", Column: "policy"}: true},
		tables: map[string]tableFacts{
			"a": {single: true, unknown: map[string]bool{"tagging": true}},
			"b": {empty: true},
		},
	}
	a, b := &plan.Table{Name: "a"}, &plan.Table{Name: "b"}
	for _, c := range []struct {
		needs []need
		whole bool
	}{
		{[]need{{a, []string{"versioning", "list"}}}, true},
		{[]need{{a, []string{"policy", "list"}}}, false},                    // the ledger has a gap
		{[]need{{a, []string{"tagging", "list"}}}, false},                   // a row does not know it
		{[]need{{b, []string{"list"}}, {a, []string{"policy"}}}, false},     // one of several
		{[]need{{b, []string{"policy", "list"}}, {a, []string{"x"}}}, true}, // another table's
	} {
		if got := f.whole(c.needs); got != c.whole {
			t.Errorf("%v: whole is %v", c.needs, got)
		}
		if (*facts)(nil).whole(c.needs) {
			t.Errorf("%v: nothing is known, and so nothing is whole", c.needs)
		}
	}
	groups := []string{"policy", "tagging", "list"}
	if got := f.doubtful("a", groups); !slices.Equal(got, []string{"tagging"}) {
		t.Errorf("doubtful: %v", got)
	}
	if got := (*facts)(nil).doubtful("a", groups); !slices.Equal(got, groups) {
		t.Errorf("without facts all is doubtful: %v", got)
	}
	if !f.isSingle("a") || f.isSingle("b") || f.isEmpty("a") || !f.isEmpty("b") || (*facts)(nil).isEmpty("b") {
		t.Error("what is so of a table is told of another")
	}
}
