package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// manyUnknown is a result of which n findings are unknown for the same cause.
func manyUnknown(n int) *report.Result {
	return &report.Result{Findings: func(yield func(evaluate.Finding, error) bool) {
		for i := range n {
			name := fmt.Sprintf("account-%d", i)
			if !yield(evaluate.Finding{
				Check: "c", Severity: "high", Status: evaluate.Unknown, Cause: "denied: list", Account: "1", ResourceType: "t", Resource: name, ResourceName: name,
			}, nil) {
				return
			}
		}
	}}
}

func TestFindingsThatShareALineAreToldHowToListEach(t *testing.T) {
	const hint = "6 unknown findings of the same check and cause stand together on 1 line: --each lists them one by one\n"
	for _, c := range []struct {
		findings  int
		format    string
		each      bool
		quiet     bool
		err       string
		mentioned int // of the resources
	}{
		{findings: 6, format: "table", err: hint, mentioned: 3},
		{findings: 6, format: "table", quiet: true, mentioned: 3},
		{findings: 6, format: "table", each: true, mentioned: 6},
		{findings: 4, format: "table", mentioned: 4},
		{findings: 0, format: "table", err: "no findings\n"},
		{findings: 6, format: "csv", mentioned: 6},
		{findings: 6, format: "jsonl", mentioned: 6},
	} {
		t.Run(fmt.Sprintf("%d %s each=%v quiet=%v", c.findings, c.format, c.each, c.quiet), func(t *testing.T) {
			var out, err bytes.Buffer
			a := newApp()
			a.out, a.err, a.quiet = &out, &err, c.quiet
			targets, parseErr := report.ParseTargets([]string{c.format})
			if parseErr != nil {
				t.Fatal(parseErr)
			}
			if err := a.listFindings(manyUnknown(c.findings), targets[0], c.each); err != nil {
				t.Fatal(err)
			}
			mentioned := 0
			for i := range c.findings {
				if strings.Contains(out.String(), fmt.Sprintf("account-%d", i)) {
					mentioned++
				}
			}
			if err.String() != c.err || mentioned != c.mentioned {
				t.Errorf("%d resources are named, want %d; the standard error says %q\n%s", mentioned, c.mentioned, err.String(), out.String())
			}
		})
	}
}

func TestWhatPassesIsListedWithoutNULL(t *testing.T) {
	lake, _ := scanDemo(t)
	r := stance(t, "findings", "--status", "pass", "--lake", lake)
	r.wants(t, exitDone)
	if !strings.Contains(r.out, "PASS") || strings.Contains(r.out, "NULL") || strings.Contains(r.out, "<nil>") {
		t.Error(r.out)
	}
	json := stance(t, "query", "select found from findings where status = 'PASS' limit 1", "--lake", lake, "-o", "json")
	if !strings.Contains(json.out, `"found": null`) {
		t.Errorf("what was not found is null for programs: %s", json.out)
	}
}
