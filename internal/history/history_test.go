package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/lake"
)

func TestWhatIsSelected(t *testing.T) {
	folder := twoScans(t)
	for selection, want := range map[string]string{
		"":            "[20260101-a 20260102-b]",
		"latest":      "[20260102-b]",
		"20260101":    "[20260101-a]",
		lake.AllScans: "[20260101-a 20260102-b]",
	} {
		h := opened(t, Options{Lake: folder, Scan: selection})
		var ids []string
		for _, m := range h.Scans() {
			ids = append(ids, m.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("%q selects %v", selection, ids)
		}
	}
	for selection, says := range map[string]string{"2026010": "give more of the id", "x": "no scan \"x\""} {
		if _, err := Open(t.Context(), Options{Lake: folder, Scan: selection}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", selection, err)
		}
	}
	if _, err := Open(t.Context(), Options{Lake: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "holds no scan yet") {
		t.Errorf("an empty lake: %v", err)
	}
}

func lines(t *testing.T, h *History) (all []string) {
	t.Helper()
	result, err := h.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %s%s", f.Check, f.Account[:1], f.Region, f.Resource, f.Status, f.Found+f.Cause))
	}
	return all
}

func TestFindingsOfASelection(t *testing.T) {
	folder := twoScans(t)
	for selection, want := range map[string][]string{
		"20260101": {
			"c2 1 north a UNKNOWNdenied: x:Get", "c3 1 north a FAILbad", "c1 1 north a FAILbad", "c1 1 north b PASS", "c1 1 south c FAILbad", "c1 4 north d FAILbad",
		},
		// Of the account that the later scan saw, what it said of the checks that it asked; of all else, what was said before.
		"": {"c2 1 north a FAILvery bad", "c3 1 north a FAILbad", "c1 1 north a PASS", "c1 1 north b FAILworse", "c1 1 north e FAILbad", "c1 4 north d FAILbad"},
	} {
		if got := lines(t, opened(t, Options{Lake: folder, Scan: selection})); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%q:\n got %q\nwant %q", selection, got, want)
		}
	}
}

func TestResultIsWhole(t *testing.T) {
	folder := twoScans(t)
	result, err := opened(t, Options{Lake: folder}).Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := result.Scan; s.ID != "20260102-b" || len(s.Notes) == 0 || s.Notes[len(s.Notes)-1].Text != "note of 20260102-b" {
		t.Errorf("header: %+v", s)
	}
	if result.Lake != folder || result.Summary.Fail != 5 || result.Summary.Pass != 1 || result.Summary.Severities["critical"].Fail != 1 {
		t.Errorf("summary: %+v", result.Summary)
	}
	if c := result.Checks["c1"]; c == nil || c.Service != "s" || c.Why != "new words" || c.Fix.Text != "mend it" || c.Fix.CLI != "mend --it" || fmt.Sprint(c.References) != "[https://example.com]" {
		t.Errorf("c1: %+v", c)
	}
	if c := result.Checks["c3"]; c == nil || c.Why != "old words" { // only the earlier scan knew it
		t.Errorf("c3: %+v", c)
	}
	if len(result.Coverage) == 0 || result.Coverage[0].Call != "x:List" || result.Coverage[0].Rows != 3 || result.Coverage[0].Millis != 5 {
		t.Errorf("coverage: %+v", result.Coverage)
	}
	for f, err := range result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		if f.Title != "Title of "+f.Check || f.ResourceName != "name of "+f.Resource || f.Tags["team"] != "a" || fmt.Sprint(f.Objectives, f.Requirements) != "[o1 o2] [r1]" {
			t.Errorf("%+v", f)
		}
		break // a caller that has enough leaves
	}
	n := 0
	for range result.Findings { // and may come again
		n++
	}
	if n != 6 {
		t.Errorf("%d findings the second time", n)
	}
}

func TestManyFindingsAreReadPageByPage(t *testing.T) {
	const many = 2*page + 7
	folder := t.TempDir()
	keep(t, folder, past{
		id: "20260101-a", day: 1, accounts: []string{one}, looked: []string{one + "/north"}, findings: []finding{{"c1", "low", "FAIL", one, "north", "", "bad"}},
		extra: fmt.Sprintf(`INSERT INTO findings SELECT 'c1', 't', 'low', 'FAIL', NULL, 'bad', 'x', '%s', 'north', 'thing', format('{:06d}', i), NULL, NULL, [], [] FROM range(%d) t(i)`, one, many-1),
	})
	result, err := opened(t, Options{Lake: folder}).Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, last := 0, ""
	for f, err := range result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && f.Resource <= last {
			t.Fatalf("%q comes after %q", f.Resource, last)
		}
		if n++; n == page { // two walks at once do not meet
			for other := range result.Findings {
				if other.Resource != "" {
					t.Errorf("another walk begins with %q", other.Resource)
				}
				break
			}
		}
		last = f.Resource
	}
	if n != many || result.Summary.Fail != many {
		t.Errorf("%d findings, %d counted", n, result.Summary.Fail)
	}
}

func TestDiff(t *testing.T) {
	h := opened(t, Options{Lake: twoScans(t), Scan: lake.AllScans})
	tell := func(before, after string) (all []string) {
		t.Helper()
		changes, err := h.Diff(t.Context(), before, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s>%s %s", c.Kind, c.Check, strings.TrimSpace(c.Account+" "+c.Region+" "+c.ResourceName), c.Before, c.Status, c.Found)))
		}
		return all
	}
	// Neither the other account nor the check that was not asked again is resolved.
	want := []string{
		"changed c2 " + one + " north name of a UNKNOWN>FAIL very bad",
		"new c1 " + one + " north name of b PASS>FAIL worse",
		"new c1 " + one + " north name of e >FAIL bad",
		"resolved c1 " + one + " north name of a FAIL>PASS bad",
		"resolved c1 " + one + " south name of c FAIL> bad",
	}
	if got := tell("20260101-a", "20260102-b"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := tell("20260102-b", "20260102-b"); len(got) != 0 {
		t.Errorf("a scan differs from itself: %q", got)
	}
}

// What a scan did not come to is not mended, and a cloud without regions is looked at wherever its rows are.
func TestOnlyWhatWasLookedAtIsResolved(t *testing.T) {
	folder := t.TempDir()
	keep(t, folder, past{
		id: "20260101-a", day: 1, accounts: []string{one}, looked: []string{one + "/global"},
		findings: []finding{
			{"c1", "low", "FAIL", one, "shop", "a", "bad"},
			{"c1", "low", "FAIL", one, "global", "b", "bad"},
			{"c2", "low", "FAIL", one, "shop", "a", "bad"},
			{"c3", "low", "UNKNOWN", one, "shop", "a", "denied: x"},
		},
	}, past{
		id: "20260102-b", day: 2, accounts: []string{one}, looked: []string{one + "/global"},
		findings: []finding{
			{"c1", "low", "UNKNOWN", one, "global", "", "broken: the list ended in the middle"},
			{"c2", "low", "FAIL", one, "shop", "b", "bad"},
			{"c3", "low", "UNKNOWN", one, "shop", "b", "denied: x"},
		},
		extra: "UPDATE findings SET resource = NULL WHERE resource = ''",
	})
	h := opened(t, Options{Lake: folder, Scan: lake.AllScans})
	changes, err := h.Diff(t.Context(), "20260101-a", "20260102-b")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, strings.TrimSpace(c.Kind+" "+c.Check+" "+c.Region+" "+c.Resource))
	}
	want := []string{"new c1 global", "new c2 shop b", "new c3 shop b", "resolved c2 shop a", "resolved c3 shop a"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestQuery(t *testing.T) {
	h := opened(t, Options{Lake: twoScans(t)})
	if got := fmt.Sprint(h.Tables()); got != "[checks coverage findings thing]" {
		t.Errorf("tables %s", got)
	}
	if columns, err := h.Columns(t.Context(), "THING"); err != nil || fmt.Sprint(columns) != "[account_id region id size scan_id]" {
		t.Errorf("columns %v, %v", columns, err)
	}
	if columns, err := h.Columns(t.Context(), "nothing"); err != nil || columns != nil {
		t.Errorf("columns of no table: %v, %v", columns, err)
	}
	for query, want := range map[string]string{
		"select id, size from thing where account_id = '" + two + "' ;\n":                         "[id size] [d 7]",
		"select count(*) as n from findings f join thing t on t.id = f.resource where t.size > 7": "[n] [0]",
		"with a as (from thing) select max(size) from a":                                          "[max(size)] [7]",
	} {
		rows, err := h.Query(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		got := fmt.Sprint(rows.Columns)
		for values, err := range rows.Values {
			if err != nil {
				t.Error(err)
			}
			got += " " + fmt.Sprint(values)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	for query, says := range map[string]string{
		"drop table thing":                      "",
		"select * from read_text('/etc/hosts')": "read_text",
		"select * from '/etc/hosts'":            "/etc/hosts",
		"select siz from thing":                 "size",
		"select * from thng":                    "thing",
		"select 1; select 2":                    "",
		"":                                      "",
	} {
		if _, err := h.Query(t.Context(), query); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q on one line", query, err, says)
		}
	}
	rows, err := h.Query(t.Context(), "select strptime(id, '%Y') from thing")
	if err == nil {
		for _, err = range rows.Values {
			if err != nil {
				break
			}
		}
	}
	if err == nil || !strings.Contains(err.Error(), "%Y") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a query that fails midway: %v", err)
	}
}

func TestExport(t *testing.T) {
	folder, out := twoScans(t), t.TempDir()
	h := opened(t, Options{Lake: folder, OutputDir: out})
	file := filepath.Join(out, "things.parquet")
	if n, err := h.Export(t.Context(), "select * from thing order by id;", file); err != nil || n != 5 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if head, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(head), "PAR1") || !strings.HasSuffix(string(head), "PAR1") {
		t.Errorf("it is no Parquet: %v", err)
	}
	for name, c := range map[string]struct{ query, file string }{
		"a query that is not let in": {"drop table thing", file},
		"a query that fails":         {"select strptime(id, '%Y') from thing", filepath.Join(out, "other.parquet")},
		"another folder":             {"select * from thing", filepath.Join(t.TempDir(), "x.parquet")},
		"the lake":                   {"select * from thing", filepath.Join(folder, "manifests", "x.parquet")},
	} {
		if _, err := h.Export(t.Context(), c.query, c.file); err == nil {
			t.Errorf("%s: it wrote", name)
		}
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
