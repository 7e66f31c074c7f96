package browser

import (
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// codeResult is a scan of code: a failure that is called by a module, and a suppressed one.
func codeResult(t *testing.T) *report.Result {
	t.Helper()
	result := made(t, 0)
	f := finding(0)
	f.Account = "envs/prod"
	f.Location = &evaluate.Location{
		File: "modules/thing/main.tf", Line: 12, EndLine: 14, Address: `module.a["` + evil + `"].aws_thing.this`, Resource: "aws_thing", Unit: "envs/prod",
		Calls: []evaluate.CallSite{{Name: "module.a", File: "envs/prod/main.tf", Line: 3}},
		Fix:   &evaluate.Patch{File: "modules/thing/main.tf", Diff: "-  open = true\n+  open = false\n"},
	}
	accepted := f
	at := *f.Location
	at.Address, at.Line = "aws_thing.accepted", 30
	accepted.Location, accepted.Suppressed = &at, &evaluate.Suppressed{Reason: "agreed " + evil, Until: "2027-01-01", By: "main.tf:29"}
	result.Scan.Provider, result.Scan.Folder = "code", "infra"
	result.Findings = func(yield func(evaluate.Finding, error) bool) { _ = yield(f, nil) && yield(accepted, nil) }
	var err error
	if result.Summary, err = report.Summarize(result.Findings); err != nil {
		t.Fatal(err)
	}
	return result
}

func TestReportShowsWhereCodeIs(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(writeResult(t, codeResult(t)), "#group=none")
	b.Until(`document.documentElement.dataset.ready`)
	if got := b.shown(); got != 1 {
		t.Errorf("at first only what counts as failed is shown: %d", got)
	}
	says := func(parts ...string) {
		t.Helper()
		b.Eval(`document.querySelector(".finding-head").click()`, nil)
		var text string
		b.Eval(`document.querySelector(".finding").innerText`, &text)
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("the finding does not say %q:\n%s", part, text)
			}
		}
	}
	says("infra/modules/thing/main.tf:12-14", "aws_thing.this", "module.a (infra/envs/prod/main.tf:3)", "envs/prod", "+  open = false", "1 of 5 are wrong")
	b.Eval(`document.querySelector('#statuses [data-value="FAIL"]').click(); document.querySelector('#statuses [data-value="SUPPRESSED"]').click()`, nil)
	if got := b.shown(); got != 1 {
		t.Errorf("what is suppressed stands apart: %d", got)
	}
	says("Suppressed", "agreed", "(until 2027-01-01)", "by infra/main.tf:29", "1 of 5 are wrong")
	var panel string
	b.Eval(`document.querySelector(".overview").innerText`, &panel)
	if !strings.Contains(panel, "1 suppressed finding: 1 agreed") {
		t.Errorf("the summary counts it: %s", panel)
	}
	noProblems(t, b)
}
