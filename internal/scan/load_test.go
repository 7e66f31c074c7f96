package scan

import (
	"testing"

	"github.com/stancehq/stance/internal/provider"
)

func TestAnItemListedTwiceIsOneResource(t *testing.T) {
	c := things("north", "south")
	c.Ops["things:List"].Items = "L"
	c.Page = func() int { return 1 }
	c.Ops["things:List"].Serve = func(provider.Request) (any, error) {
		return doc{"L": []doc{{"Name": "a", "Kind": "good"}, {"Name": "b", "Kind": "bad"}, {"Name": "a", "Kind": "good"}}}, nil
	}
	r := scanned(t, c, "fake_thing_kind")
	r.wantCells(t, nil)
	r.wantFindings(t, "fake_thing_kind north a PASS", "fake_thing_kind north b FAIL", "fake_thing_kind south a PASS", "fake_thing_kind south b FAIL")
	if n := r.Result.Scan.Resources; n != 4 {
		t.Errorf("%d resources", n)
	}
}

func TestOnlyCellsWithRowsThatCannotBeReadArePartial(t *testing.T) {
	c := things("north", "south", "west")
	c.Ops["things:List"].Serve = func(q provider.Request) (any, error) {
		kind := any("good")
		if q.Scope.Region == "west" {
			kind = doc{"no": "text"}
		}
		return doc{"L": []doc{{"Name": "a", "Kind": kind}, {"Name": "b", "Kind": "good"}}}, nil
	}
	c.Ops["things:Get"].Serve = func(q provider.Request) (any, error) {
		switch q.Scope.Region + q.Input["Name"].(string) {
		case "northa", "northb":
			return doc{"Size": "big"}, nil
		case "southa":
			return nil, &provider.Error{Class: provider.Denied, Call: "things:Get", Permissions: []string{"things:Get"}}
		case "southb":
			return doc{"Size": "big"}, nil
		}
		return doc{"Size": 2}, nil
	}
	c.Ops["stores:List"].Serve = func(provider.Request) (any, error) {
		return doc{"L": []doc{{"Name": "s", "Place": "north"}, {"Name": "t", "Place": "east"}}}, nil
	}
	c.Ops["stores:Get"].Serve = func(q provider.Request) (any, error) { // in east, which is no scope of its own
		if q.Scope.Region == "east" {
			return doc{"Policy": "no policy"}, nil
		}
		return doc{}, nil
	}
	r := scanned(t, c)
	size, kind, policy := "unexpected type: detail.Size is text, where BIGINT was expected", "unexpected type: Kind is an object, where VARCHAR was expected", "unexpected type: policy.Policy is text: not JSON: a value was expected at byte 0"
	r.wantCells(t, map[string]string{
		"fake_thing/north/detail":  "partial 2 " + size,
		"fake_thing/south/detail":  "partial 2 denied: things:Get",
		"fake_thing/west/list":     "partial 1 " + kind,
		"fake_store/global/policy": "partial 1 " + policy,
	})
	r.wantFindings(
		t,
		"fake_thing_kind north a PASS", "fake_thing_kind north b PASS", "fake_thing_kind south a PASS", "fake_thing_kind south b PASS",
		"fake_thing_kind west a UNKNOWN "+kind, "fake_thing_kind west b PASS",
		"fake_thing_size north a UNKNOWN "+size, "fake_thing_size north b UNKNOWN "+size, "fake_thing_size south a UNKNOWN denied: things:Get",
		"fake_thing_size south b UNKNOWN "+size, "fake_thing_size west a PASS", "fake_thing_size west b PASS",
		"fake_store_policy north s PASS", "fake_store_policy east t UNKNOWN "+policy,
		"fake_thing_each north north PASS", "fake_thing_each south south PASS", "fake_thing_each west west UNKNOWN "+kind,
		"fake_thing_any global "+me+" UNKNOWN "+kind,
	)
}

func TestRowsThatNothingTellsApart(t *testing.T) {
	c := things("north", "south")
	c.Ops["things:List"].Serve = func(q provider.Request) (any, error) {
		if q.Scope.Region == "south" {
			return doc{"L": []doc{{"Kind": "good"}, {"Kind": "good"}, {"Name": "a", "Kind": "bad"}}}, nil
		}
		return doc{"L": []doc{{"Name": "a", "Kind": "good"}}}, nil
	}
	r := scanned(t, c, "fake_thing_kind")
	r.wantCells(t, map[string]string{
		"fake_thing/south/list": "partial 2 defect: the column name, which tells the rows apart, is empty",
	})
	r.wantFindings(t, "fake_thing_kind north a PASS", "fake_thing_kind south  PASS", "fake_thing_kind south  PASS", "fake_thing_kind south a FAIL")
}
