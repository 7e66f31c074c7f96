package providertest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// denial is one call that is denied.
type denial struct {
	*runner
	call       string
	plan       *plan.Plan
	ids        []string // of the checks that are asked again
	dependents []string // of them, those that say UNKNOWN
}

func (d *denial) prove(t *testing.T, got *Scan) {
	if len(d.ids) == 0 {
		t.Fatal("no check can be touched by this call: why is it planned?")
	}
	denied := d.deniedCells(got)
	if len(denied) == 0 { // nothing exists that it would be made for
		d.compare(t, d.ids, got.Findings, func(f evaluate.Finding) string { return fmt.Sprintf("%+v", f) })
		return
	}
	d.compare(t, slices.DeleteFunc(slices.Clone(d.ids), func(id string) bool { return slices.Contains(d.dependents, id) }), got.Findings, verdict)
	touched := d.touchedRows(t, got, denied)
	for _, id := range d.ids {
		if slices.Contains(d.dependents, id) {
			d.proveDependent(t, d.Catalog.Checks[id], got, denied, touched)
		}
	}
}

// deniedCells are the cells of which something is unknown because of the denial.
func (d *denial) deniedCells(got *Scan) (cells []collect.Cell) {
	for _, c := range got.Cells {
		if c.Status != collect.OK && strings.HasPrefix(c.Cause, string(provider.Denied)+":") && d.names(c.Cause) {
			cells = append(cells, c)
		}
	}
	return cells
}

// names says whether a cause names the call or what it needs to be allowed.
func (d *denial) names(cause string) bool {
	if strings.Contains(cause, d.call+" ") || strings.HasSuffix(cause, d.call) {
		return true
	}
	service, op, _ := strings.Cut(d.call, ":")
	described, err := d.api.Operation(service, op)
	return err == nil && slices.ContainsFunc(described.Permissions, func(p string) bool { return strings.Contains(cause, p) })
}

func verdict(f evaluate.Finding) string {
	return fmt.Sprint(f.Check, " ", f.Status, " ", f.Account, " ", f.Region, " ", f.Resource, " ", f.Cause)
}

// compare fails for every finding of the checks that is not as it is undisturbed.
func (d *denial) compare(t *testing.T, ids []string, findings []evaluate.Finding, as func(evaluate.Finding) string) {
	t.Helper()
	counts := map[string]int{}
	for _, f := range d.base.Findings {
		if slices.Contains(ids, f.Check) {
			counts[as(f)]++
		}
	}
	for _, f := range findings {
		if slices.Contains(ids, f.Check) {
			counts[as(f)]--
		}
	}
	for text, n := range counts {
		switch {
		case n > 0:
			t.Errorf("a check that does not read the call lost %s", text)
		case n < 0:
			t.Errorf("a check that does not read the call gained %s", text)
		}
	}
}

type place struct{ account, region string }

// touchedRows are the rows of each table of which a denied group is not known.
func (d *denial) touchedRows(t *testing.T, got *Scan, denied []collect.Cell) map[string]map[string]bool {
	t.Helper()
	groups := map[string]map[string]bool{}
	for _, c := range denied {
		if c.Group != plan.GroupList {
			if groups[c.Table] == nil {
				groups[c.Table] = map[string]bool{}
			}
			groups[c.Table][c.Group] = true
		}
	}
	touched := map[string]map[string]bool{}
	if len(groups) == 0 {
		return touched
	}
	h, err := history.Open(context.Background(), history.Options{Lake: got.Lake})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for table, unknown := range groups {
		touched[table] = map[string]bool{}
		rows, err := h.Query(context.Background(), "SELECT account_id, region, id, to_json(unknown)::VARCHAR FROM "+table+" WHERE unknown IS NOT NULL")
		if err != nil {
			t.Fatal(err)
		}
		for values, err := range rows.Values {
			if err != nil {
				t.Fatal(err)
			}
			causes := map[string]string{}
			if err := json.Unmarshal([]byte(fmt.Sprint(values[3])), &causes); err != nil {
				t.Fatal(err)
			}
			for group := range maps.Keys(unknown) {
				if d.names(causes[group]) {
					touched[table][fmt.Sprint(values[0], values[1], values[2])+" "+group] = true
				}
			}
		}
	}
	return touched
}

// proveDependent proves that a check which reads the call says nothing about what was touched but UNKNOWN, with the cause,
// and of the rest what it says undisturbed.
func (d *denial) proveDependent(t *testing.T, check *plan.Check, got *Scan, denied []collect.Cell, touched map[string]map[string]bool) {
	t.Helper()
	before := map[string]evaluate.Finding{}
	excused := false // something else is not known anyway, and one cause is told of several
	for _, f := range d.base.Findings {
		if f.Check == check.ID {
			before[fmt.Sprint(f.Account, f.Region, f.Resource)] = f
			excused = excused || f.Status == evaluate.Unknown
		}
	}
	lists, relevant := d.listsDenied(check, denied)
	told := map[place]bool{}
	asked := false
	for _, f := range got.Findings {
		if f.Check != check.ID {
			continue
		}
		asked = true
		key := fmt.Sprint(f.Account, f.Region, f.Resource)
		if f.Status == evaluate.Unknown {
			if d.names(f.Cause) {
				told[place{f.Account, f.Region}] = true
			} else if !excused {
				t.Errorf("%s is UNKNOWN with a cause that does not name the call: %s", check.ID, verdict(f))
			}
			continue
		}
		was, known := before[key]
		switch {
		case !known:
			t.Errorf("%s says of something that is not there undisturbed: %s", check.ID, verdict(f))
		case verdict(was) != verdict(f):
			t.Errorf("%s changed its verdict to %s", check.ID, verdict(f))
		case d.isTouched(check, f, touched, lists, relevant):
			t.Errorf("%s says %s although it cannot know: %s", check.ID, f.Status, verdict(f))
		}
	}
	if len(before) > 0 && !asked {
		t.Errorf("%s is silent", check.ID)
	}
	for at := range lists {
		if !excused && !told[at] && !told[place{at.account, collect.GlobalRegion}] {
			t.Errorf("%s does not say that the list of %s is missing", check.ID, at.region)
		}
	}
}

// listsDenied are the scopes in which rows of the check's own table may be missing; relevant, those in which anything is
// missing that a check over whole tables reads.
func (d *denial) listsDenied(check *plan.Check, denied []collect.Cell) (lists, relevant map[place]bool) {
	lists, relevant = map[place]bool{}, map[place]bool{}
	reads := d.readGroups(check)
	for _, c := range denied {
		at := place{c.Account, c.Region}
		if c.Table == check.Spec.Resource && c.Group == plan.GroupList {
			lists[at] = true
		}
		if reads[c.Table+" "+c.Group] {
			relevant[at] = true
		}
	}
	return lists, relevant
}

// readGroups are the column groups, as "table group", that a check's SQL reads, through derived tables; a table's list always.
func (d *denial) readGroups(check *plan.Check) map[string]bool {
	reads := map[string]bool{}
	var follow func(refs []plan.Ref)
	follow = func(refs []plan.Ref) {
		for _, ref := range refs {
			table := d.Catalog.Tables[ref.Table]
			if table.Spec.List == nil {
				follow(table.Reads)
				continue
			}
			reads[ref.Table+" "+plan.GroupList] = true
			for _, column := range table.Columns {
				if column.Name == ref.Column {
					for _, group := range column.Groups {
						reads[ref.Table+" "+group] = true
					}
				}
			}
		}
	}
	for _, refs := range [][]plan.Ref{check.When, check.Pass, check.Query} {
		follow(refs)
	}
	return reads
}

// isTouched says whether a verdict rests on what was denied.
func (d *denial) isTouched(check *plan.Check, f evaluate.Finding, touched map[string]map[string]bool, lists, relevant map[place]bool) bool {
	resource := d.Catalog.Tables[check.Spec.Resource]
	if check.Spec.Query == "" && resource.Spec.List != nil {
		// A list that failed is told of its scope; rows that are there were found all the same, by another list of the table.
		if len(resource.Spec.Also) == 0 && (lists[place{f.Account, f.Region}] || lists[place{f.Account, collect.GlobalRegion}]) {
			return true
		}
		for group := range d.readGroups(check) {
			table, name, _ := strings.Cut(group, " ")
			if table == resource.Name && touched[table][fmt.Sprint(f.Account, f.Region, f.Resource)+" "+name] {
				return true
			}
		}
		return false
	}
	switch check.Spec.Scope {
	case "region":
		return relevant[place{f.Account, f.Region}] || relevant[place{f.Account, collect.GlobalRegion}]
	case "organization":
		return len(relevant) > 0
	}
	for at := range relevant {
		if at.account == f.Account {
			return true
		}
	}
	return false
}
