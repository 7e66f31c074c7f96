package gitbase_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac/gitbase"
)

func TestCompare(t *testing.T) {
	type finding struct {
		check, unit, address string
		line                 int
	}
	key := func(f finding) gitbase.Key { return gitbase.Key{Check: f.check, Unit: f.unit, Address: f.address} }
	a, moved := finding{"c", "u", "a", 1}, finding{"c", "u", "a", 9}
	b, otherCheck, otherUnit := finding{"c", "u", "b", 2}, finding{"d", "u", "a", 1}, finding{"c", "v", "a", 1}
	for name, c := range map[string]struct {
		base, head []finding
		want       gitbase.Changes[finding]
	}{
		"nothing":         {nil, nil, gitbase.Changes[finding]{}},
		"the same":        {[]finding{a, b}, []finding{b, a}, gitbase.Changes[finding]{Unchanged: []finding{b, a}}},
		"on another line": {[]finding{a}, []finding{moved}, gitbase.Changes[finding]{Unchanged: []finding{moved}}},
		"added":           {[]finding{a}, []finding{b, a}, gitbase.Changes[finding]{Added: []finding{b}, Unchanged: []finding{a}}},
		"fixed":           {[]finding{a, b}, nil, gitbase.Changes[finding]{Fixed: []finding{a, b}}},
		"another check":   {[]finding{a}, []finding{otherCheck}, gitbase.Changes[finding]{Added: []finding{otherCheck}, Fixed: []finding{a}}},
		"another unit":    {[]finding{a}, []finding{otherUnit}, gitbase.Changes[finding]{Added: []finding{otherUnit}, Fixed: []finding{a}}},
		"one more alike":  {[]finding{a}, []finding{a, moved}, gitbase.Changes[finding]{Added: []finding{moved}, Unchanged: []finding{a}}},
		"one less alike":  {[]finding{a, moved}, []finding{a}, gitbase.Changes[finding]{Fixed: []finding{moved}, Unchanged: []finding{a}}},
	} {
		if diff := cmp.Diff(c.want, gitbase.Compare(c.base, c.head, key), cmp.AllowUnexported(finding{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
