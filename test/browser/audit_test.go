package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/audit"
	"github.com/stancehq/stance/internal/report/terminal"
)

// writeAudit writes the page of a framework of three requirements: the first is not met in one of two accounts, the second is met, the
// third is for people.
func writeAudit(t *testing.T) string {
	t.Helper()
	check := func(id, title string) *content.Check {
		return &content.Check{ID: id, Provider: "aws", Title: title, Severity: "high", Resource: "aws_thing", Pass: "ok", Fix: content.Fix{Text: "Put it right."}}
	}
	finding := func(check string, status evaluate.Status, account, name string) evaluate.Finding {
		return evaluate.Finding{Check: check, Severity: "high", Status: status, Provider: "aws", Account: account, Resource: name, ResourceName: name, Found: "it is " + string(status)}
	}
	findings := []evaluate.Finding{
		finding("aws_thing_a", evaluate.Fail, "1", evil), finding("aws_thing_a", evaluate.Pass, "1", "first"), finding("aws_thing_a", evaluate.Pass, "2", "second"),
		finding("aws_thing_b", evaluate.Pass, "1", "third"), finding("aws_thing_b", evaluate.Pass, "2", "fourth"),
	}
	result := made(t, 0)
	result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for _, f := range findings {
			if !yield(f, nil) {
				return
			}
		}
	}
	tally, err := compliance.NewTally(result.Findings, nil)
	if err != nil {
		t.Fatal(err)
	}
	basis := &compliance.Basis{
		Tally: tally, Scopes: []compliance.Scope{{Provider: "aws", Account: "1"}, {Provider: "aws", Account: "2"}},
		Checks: []*content.Check{check("aws_thing_a", "Things are right"), check("aws_thing_b", "Things are left")},
		Asked:  func(string, compliance.Scope) bool { return true }, Params: func(string) map[string]any { return nil }, Now: time.Now(),
	}
	framework := &content.Framework{ID: "f", Title: "Framework", Version: "1", Quoted: true, Requirements: []*content.Requirement{
		{ID: "A", Title: "Heading", Group: true},
		{ID: "A(1)(i)", Parent: "A", Title: evil, Answer: "full", Checks: []string{"aws_thing_a"}},
		{ID: "A(2)", Parent: "A", Title: "Left", Answer: "full", Checks: []string{"aws_thing_b"}},
		{ID: "A(3)", Parent: "A", Title: "People", Answer: "manual", Look: "The paper."},
	}}
	path := filepath.Join(t.TempDir(), "audit.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &audit.Document{Report: compliance.Assess(basis, framework, ""), Result: result, BeforeScan: report.Scan{}, Generated: time.Now()}
	if err := (audit.HTML{}).Write(f, d, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAuditPageIsFilteredAndOpened(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(writeAudit(t), "")
	b.Until(`document.documentElement.dataset.ready`)
	shown := func(selector string) string {
		var ids []string
		b.Eval(`[...document.querySelectorAll("`+selector+`")].filter((e) => e.checkVisibility()).map((e) => e.id || e.className)`, &ids)
		return strings.Join(ids, " ")
	}
	click := func(selector string) { b.Eval(`document.querySelector("`+selector+`").click()`, nil) }
	choose := func(form, account string) {
		b.Eval(`{const s = document.querySelector("`+form+` select"); s.value = "`+account+`"; s.dispatchEvent(new Event("change"));}`, nil)
	}
	steps := []struct {
		name         string
		do           func()
		items, wants string
	}{
		{"at first all is there", func() {}, ".requirement", "r-A~281~29~28i~29 r-A~282~29 r-A~283~29"},
		{"of a status", func() { click("#requirements .chip[value='0']") }, ".requirement", "r-A~281~29~28i~29"},
		{"of a status in an account", func() { choose("#requirements", "1") }, ".requirement", ""},
		{"another status too", func() { click("#requirements .chip[value='4']") }, ".requirement", "r-A~281~29~28i~29 r-A~282~29"},
		{"what a link leads to is shown again, and opened", func() { b.Eval(`location.hash = "#r-A~283~29"`, nil) }, ".requirement, .requirement[open] .body", "r-A~281~29~28i~29 r-A~282~29 r-A~283~29 body"},
		{"a click on a check opens it", func() { click(".answering a[href='#c-aws_thing_a']") }, ".check .body", "body"},
		{"checks with what fails", func() { click("#checks .chip[value='fail']") }, ".check", "c-aws_thing_a"},
		{"and with nothing else", func() {}, ".findings tbody tr td:first-child", "verdict fail"},
		{"no filter", func() { click("#checks .chip[value='fail']") }, ".check", "c-aws_thing_a c-aws_thing_b"},
		{"checks in an account", func() { choose("#checks", "1") }, ".findings tbody tr td:first-child", "verdict pass"},
	}
	for _, s := range steps {
		s.do()
		time.Sleep(20 * time.Millisecond)
		if got := shown(s.items); got != s.wants {
			t.Errorf("%s: %q is shown, want %q", s.name, got, s.wants)
		}
	}
	choose("#checks", "")
	b.Eval(`document.querySelector("#checks input").focus()`, nil)
	b.Type("FOURTH")
	b.Until(`document.querySelector("#checks .shown").textContent === "1 of 2 checks"`)
	if got := shown(".check"); got != "c-aws_thing_b" {
		t.Errorf("a search shows %q", got)
	}
	var title string
	if b.Eval(`document.title`, &title); !strings.HasPrefix(title, "Framework 1") {
		t.Errorf("the page was taken over: its title is %q", title)
	}
	noProblems(t, b)
}

func TestAuditPageIsWholeOnPaper(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Dark(true)
	b.Open(writeAudit(t), "")
	b.Until(`document.documentElement.dataset.ready`)
	var closed int
	b.Eval(`dispatchEvent(new Event("beforeprint")); document.querySelectorAll("main details:not([open])").length`, &closed)
	if closed != 0 {
		t.Errorf("%d parts are closed on paper", closed)
	}
	b.Eval(`dispatchEvent(new Event("afterprint")); document.querySelectorAll("main .item[open]").length`, &closed)
	if closed != 0 {
		t.Errorf("%d parts stay open after printing", closed)
	}
	if pdf := b.PDF(); len(pdf) < 10_000 {
		t.Errorf("the page prints as %d bytes", len(pdf))
	}
	noProblems(t, b)
}

func TestAuditPageFitsAPhone(t *testing.T) {
	b := Start(t, 390, 800)
	b.Open(writeAudit(t), "#r-A~281~29~28i~29")
	b.Until(`document.documentElement.dataset.ready`)
	var wide int
	b.Eval(`for (const d of document.querySelectorAll("details")) d.open = true; document.documentElement.scrollWidth`, &wide)
	if wide > 390 {
		t.Errorf("the page is %d wide on a screen of 390", wide)
	}
	noProblems(t, b)
}
