package providertest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

type doc = map[string]any

// paged is a cloud that gives lists of so many items, on pages of three.
func paged(sizes map[string]int) *lists {
	cloud := &lists{Cloud: &collecttest.Cloud{Page: func() int { return 3 }, Ops: map[string]*collecttest.Op{}}}
	for name, n := range sizes {
		items := []int{}
		for i := range n {
			items = append(items, i)
		}
		cloud.Ops["s:"+name] = &collecttest.Op{Items: "L", Serve: func(provider.Request) (any, error) {
			return doc{"L": items, "Other": "stays", "Odd": doc{"M": []string{"a", "b"}}}, nil
		}}
	}
	cloud.Ops["s:Get"] = &collecttest.Op{Serve: func(provider.Request) (any, error) { return doc{"L": []int{1, 2, 3, 4, 5, 6, 7, 8}}, nil }}
	return cloud
}

// lists describes a second list, deeper in the answer.
type lists struct{ *collecttest.Cloud }

func (l *lists) API() content.API { return deeper{l.Cloud.API()} }

type deeper struct{ content.API }

func (d deeper) Operation(service, name string) (*content.Operation, error) {
	op, err := d.API.Operation(service, name)
	if err == nil && op.Pager != nil {
		op.Pager.ResultKeys = append(op.Pager.ResultKeys, "Odd.M", "Absent.Here")
	}
	return op, err
}

// all puts the pages of a call together again, and says how many there were and how many of them were empty.
func all(t *testing.T, p provider.Provider, op string) (items, more string, pages, empty int) {
	t.Helper()
	var list []int
	var odd []string
	token := ""
	for range 1000 {
		answer, err := p.Call(t.Context(), provider.Request{Service: "s", Op: op, Page: token, Input: doc{"A": "b"}})
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			L     []int
			Other string
			Odd   struct{ M []string }
		}
		if err := json.Unmarshal(answer.Document, &page); err != nil {
			t.Fatal(err)
		}
		if page.Other != "stays" && op != "Get" {
			t.Errorf("the rest of the answer is lost: %s", answer.Document)
		}
		list, odd = append(list, page.L...), append(odd, page.Odd.M...)
		pages++
		if len(page.L)+len(page.Odd.M) == 0 {
			empty++
		}
		if token = answer.Next; token == "" {
			return fmt.Sprint(list), fmt.Sprint(odd), pages, empty
		}
	}
	t.Fatalf("%s has no end", op)
	return "", "", 0, 0
}

func TestPagesCutOtherwiseHoldTheSame(t *testing.T) {
	cloud := paged(map[string]int{"None": 0, "One": 1, "Page": 3, "Many": 40})
	emptied := 0
	cuts := map[int]bool{}
	for _, op := range []string{"None", "One", "Page", "Many"} {
		items, odd, whole, _ := all(t, cloud, op)
		for seed := range uint64(20) {
			split := SplitPages(cloud, seed)
			gotItems, gotOdd, pages, empty := all(t, split, op)
			if gotItems != items || gotOdd != odd {
				t.Errorf("%s, seed %d: got %s %s, want %s %s", op, seed, gotItems, gotOdd, items, odd)
			}
			if pages < whole {
				t.Errorf("%s, seed %d: %d pages of %d", op, seed, pages, whole)
			}
			if _, _, again, _ := all(t, split, op); again != pages {
				t.Errorf("%s, seed %d: %d pages, then %d", op, seed, pages, again)
			}
			emptied += empty
			if op == "Many" {
				cuts[pages] = true
			}
		}
	}
	if emptied == 0 || len(cuts) < 3 {
		t.Errorf("%d empty pages, %v pages of the same list: chance does little", emptied, cuts)
	}
}

func TestWhatIsNotPagedIsNotCut(t *testing.T) {
	cloud := paged(nil)
	for seed := range uint64(10) {
		if items, _, pages, _ := all(t, SplitPages(cloud, seed), "Get"); pages != 1 || items != "[1 2 3 4 5 6 7 8]" {
			t.Errorf("seed %d: %d pages, %s", seed, pages, items)
		}
	}
	if _, err := SplitPages(cloud, 1).Call(t.Context(), provider.Request{Service: "s", Op: "Unknown"}); err == nil {
		t.Error("an operation that does not exist answers")
	}
}
