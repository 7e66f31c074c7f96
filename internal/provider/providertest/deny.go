package providertest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/plan"
)

// deny denies every call of the full plan. No check that reads it may say PASS or FAIL about what the denial touched, and no
// other check may change.
//
// A denial repeats only the checks that name a table which the call feeds: SQL can name no other tables than those of its
// plan, so that the rest would be asked of the same rows. For the same reason calls of which no check names tables of two
// are denied in one scan. What is repeated is compared with the undisturbed scan of everything.
func (r *runner) deny(t *testing.T) {
	denials := r.denials(t)
	if len(denials) < r.LeastCalls {
		t.Fatalf("only %d calls are planned", len(denials))
	}
	for call := range r.base.Seen.Requests {
		if !slices.ContainsFunc(denials, func(d *denial) bool { return d.call == call }) {
			t.Errorf("an undisturbed scan makes the call %s, which is not planned", call)
		}
	}
	batches := batched(denials)
	t.Logf("%d calls in %d scans", len(denials), len(batches))
	for i, batch := range batches {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			got := r.scanDenied(t, batch)
			for _, d := range batch {
				t.Run(d.call, func(t *testing.T) { d.prove(t, got) })
			}
		})
	}
}

// denials are all calls of the full plan, with the checks that each can matter to.
func (r *runner) denials(t *testing.T) []*denial {
	t.Helper()
	p, err := plan.New(plan.Selection{Provider: r.id, Checks: r.Checks}, r.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := p.Calls(plan.APIs{r.id: r.api}, r.id)
	if err != nil {
		t.Fatal(err)
	}
	touching := r.checksByTable(t)
	byCall := map[string]*denial{}
	var all []*denial
	for _, c := range calls {
		d := byCall[c.Name()]
		if d == nil {
			d = &denial{runner: r, call: c.Name(), plan: p, dependents: p.Dependents(c.Name())}
			byCall[c.Name()] = d
			all = append(all, d)
		}
		for _, feed := range c.Feeds {
			d.ids = slices.Concat(d.ids, slices.Collect(maps.Keys(touching[feed.Table])))
		}
		if len(c.Feeds) == 0 { // it is made before another call: those that need that one depend on it
			d.ids = slices.Concat(d.ids, d.dependents)
		}
	}
	for _, d := range all {
		slices.Sort(d.ids)
		d.ids = slices.Compact(d.ids)
	}
	return all
}

// batched puts denials together that share no check.
func batched(denials []*denial) [][]*denial {
	slices.SortStableFunc(denials, func(a, b *denial) int { return len(b.ids) - len(a.ids) })
	var batches [][]*denial
	var taken []map[string]bool
	for _, d := range denials {
		i := slices.IndexFunc(taken, func(ids map[string]bool) bool {
			return !slices.ContainsFunc(d.ids, func(id string) bool { return ids[id] })
		})
		if i < 0 {
			i = len(batches)
			batches, taken = append(batches, nil), append(taken, map[string]bool{})
		}
		batches[i] = append(batches[i], d)
		for _, id := range d.ids {
			taken[i][id] = true
		}
	}
	return batches
}

// scanDenied scans once with all calls of a batch denied.
func (r *runner) scanDenied(t *testing.T, batch []*denial) *Scan {
	t.Helper()
	deny := map[string]bool{}
	var checks []*plan.Check
	for _, d := range batch {
		deny[d.call] = true
		for _, id := range d.ids {
			checks = append(checks, r.Catalog.Checks[id])
		}
	}
	got, err := r.Scan(context.Background(), Options{Dir: t.TempDir(), Checks: checks, Disturbance: Disturbance{Deny: deny}})
	if err != nil {
		t.Fatal(err)
	}
	r.honest(t, got.Seen)
	return got
}

// checksByTable says which checks a table can matter to: those whose own plan collects it, be it as a parent.
func (r *runner) checksByTable(t *testing.T) map[string]map[string]bool {
	t.Helper()
	byTable := map[string]map[string]bool{}
	for _, c := range r.Checks {
		p, err := plan.New(plan.Selection{Provider: r.id, Checks: []*plan.Check{c}}, r.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range p.Tables {
			name := table.Table.Name
			if byTable[name] == nil {
				byTable[name] = map[string]bool{}
			}
			byTable[name][c.ID] = true
		}
	}
	return byTable
}
