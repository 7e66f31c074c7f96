package history

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

// scanned is a scan of which only the manifest matters.
type scanned struct {
	accounts []report.Account
	regions  map[string][]string
	checks   []string
}

func manifests(t *testing.T, scans ...scanned) *History {
	t.Helper()
	folder := t.TempDir()
	l, err := lake.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i, s := range scans {
		header, err := json.Marshal(report.Scan{Accounts: s.accounts})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, a := range s.accounts {
			ids = append(ids, a.ID)
		}
		w, err := l.Begin(lake.Manifest{ID: fmt.Sprint("scan", i), Provider: "aws", Started: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), Accounts: ids, Checks: s.checks, Regions: s.regions})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(t.Context(), func(m *lake.Manifest) { m.Scan = header }); err != nil {
			t.Fatal(err)
		}
	}
	return opened(t, Options{Lake: folder})
}

func TestScopesTellWhatWasLeftOut(t *testing.T) {
	narrow := scanned{accounts: []report.Account{{ID: "1"}}, regions: map[string][]string{"1": {"eu-west-1"}}}
	other := scanned{accounts: []report.Account{{ID: "1", Name: "prod"}}, regions: map[string][]string{"1": {"eu-central-1", "eu-west-1"}}}
	whole := scanned{accounts: []report.Account{{ID: "1"}}}
	refused := scanned{accounts: []report.Account{{ID: "1", Error: "denied"}}}
	for name, c := range map[string]struct {
		scans []scanned
		want  compliance.Scope
	}{
		"one region":                       {[]scanned{narrow}, compliance.Scope{Provider: "aws", Account: "1", Only: "eu-west-1"}},
		"several scans of some":            {[]scanned{narrow, other}, compliance.Scope{Provider: "aws", Account: "1", Name: "prod", Only: "eu-central-1, eu-west-1"}},
		"everywhere, and one region later": {[]scanned{whole, narrow}, compliance.Scope{Provider: "aws", Account: "1"}},
		"an account that refused":          {[]scanned{narrow, refused}, compliance.Scope{Provider: "aws", Account: "1", Error: "denied", Only: "eu-west-1"}},
	} {
		got, err := manifests(t, c.scans...).Scopes()
		if err != nil || !slices.Equal(got, []compliance.Scope{c.want}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestWhatWasAskedIsByAccount(t *testing.T) {
	h := manifests(t, scanned{accounts: []report.Account{{ID: "1"}}, checks: []string{"a"}}, scanned{accounts: []report.Account{{ID: "1"}, {ID: "2"}}, checks: []string{"b"}})
	asked := h.Asked()
	for at, want := range map[[2]string]bool{{"a", "1"}: true, {"b", "1"}: true, {"a", "2"}: false, {"b", "2"}: true, {"b", "3"}: false} {
		if got := asked(at[0], compliance.Scope{Provider: "aws", Account: at[1]}); got != want {
			t.Errorf("%v: %v", at, got)
		}
	}
	if asked("b", compliance.Scope{Provider: "kubernetes", Account: "1"}) {
		t.Error("a check was asked of another provider's account")
	}
}

func TestFrameworksAreTables(t *testing.T) {
	library := &content.Library{
		Checks: []*content.Check{{ID: "c1", Provider: "x", Objectives: []string{"o1"}}},
		Frameworks: []*content.Framework{{ID: "f", Title: "it's", Requirements: []*content.Requirement{
			{ID: "1", Group: true}, {ID: "1.1", Parent: "1", Answer: content.AnswerPartial, Objectives: []string{"o1"}, Left: "more"}, {ID: "2", Answer: content.AnswerManual, Look: "there"},
		}}},
	}
	h := opened(t, Options{Lake: twoScans(t), Frameworks: func() (*content.Library, error) { return library, nil }})
	for query, want := range map[string]string{
		`SELECT title, "full", partial, manual FROM frameworks`:                                                            "[it's 0 1 1]",
		"SELECT id, parent, answer, checks, remaining, look FROM requirements WHERE id = '1.1'":                            "[1.1 1 partial [c1] more <nil>]",
		"SELECT count(*) FROM requirements r JOIN findings f ON list_contains(r.checks, f.check_id) AND f.status = 'FAIL'": "[3]",
	} {
		rows, err := h.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range rows.Values {
			if err != nil || fmt.Sprint(row) != want {
				t.Errorf("%s: got %v, %v", query, row, err)
			}
		}
	}
	if without := opened(t, Options{Lake: twoScans(t)}); slices.Contains(without.Tables(), "frameworks") {
		t.Error("tables that nobody fills are listed")
	}
}
