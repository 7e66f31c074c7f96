package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

const noOptIn = "skipped: core:v1/secrets/table (it needs --allow secrets)"

// serviceAccounts are findings of two checks: of the first fail 2 and are unknown n, over a few namespaces; of the second, which
// could list nothing, one per cluster is unknown.
func serviceAccounts(n int) []evaluate.Finding {
	finding := func(check, cluster, namespace, name string, status evaluate.Status, found, cause string) evaluate.Finding {
		f := evaluate.Finding{
			Check: check, Title: "Service accounts have no static token", Severity: "high", Status: status, Found: found, Cause: cause,
			Provider: "kubernetes", Account: cluster, Region: namespace, ResourceType: "kubernetes_service_account",
		}
		if name != "" {
			f.Resource, f.ResourceName = "/api/v1/namespaces/"+namespace+"/serviceaccounts/"+name, name
		}
		return f
	}
	const first, second = "kubernetes_service_account_no_static_token", "kubernetes_users_not_service_accounts"
	all := []evaluate.Finding{
		finding(first, "prod", "shop", "robot", evaluate.Fail, "a token that never ends", ""),
		finding(first, "prod", "shop", "locked", evaluate.Unknown, "", "denied: core:v1/serviceaccounts"),
	}
	for i := range n {
		name := []string{"default", "builder", "deployer", "logs"}[i/4%4]
		all = append(all, finding(first, "prod", fmt.Sprintf("team-%d", i%4), name, evaluate.Unknown, "", noOptIn))
	}
	all = append(all, finding(first, "prod", "zoo", "keeper", evaluate.Fail, "a token that never ends", ""))
	for i := range 6 {
		all = append(all, finding(second, fmt.Sprintf("cluster-%d", i), "global", "", evaluate.Unknown, "", noOptIn))
	}
	return all
}

func serviceAccountsResult(tb testing.TB, n int) *Result {
	tb.Helper()
	result := &Result{Scan: Scan{Provider: "kubernetes"}, Findings: listed(serviceAccounts(n))}
	summarized(tb, result)
	return result
}

func TestUnknownFindingsOfTheSameCauseShareALine(t *testing.T) {
	for name, look := range map[string]terminal.Terminal{
		"file": {Unicode: true}, "narrow": {TTY: true, Unicode: true, Width: 60}, "wide": {TTY: true, Unicode: true, Width: 160},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			printed, err := FindingsTable(&out, serviceAccountsResult(t, 170), false, look)
			if want := (Listing{Findings: 179, Lines: 2, Shared: 176}); err != nil || printed != want {
				t.Errorf("got %+v, error %v; want %+v", printed, err, want)
			}
			golden(t, "findings-shared-"+name+".txt", out.Bytes())
		})
	}
}

func TestFewUnknownFindingsHaveALineEach(t *testing.T) {
	for n, lines := range map[int]int{fewestShared - 1: fewestShared - 1, fewestShared: 1} {
		var out bytes.Buffer
		if _, err := FindingsTable(&out, serviceAccountsResult(t, n), false, terminal.Terminal{}); err != nil {
			t.Fatal(err)
		}
		got := 0
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "no_static_token") && strings.Contains(line, noOptIn) {
				got++
			}
		}
		if got != lines {
			t.Errorf("%d findings are on %d lines, want %d:\n%s", n, got, lines, out.String())
		}
	}
}

func TestEachFindingHasALineIfThatIsAskedFor(t *testing.T) {
	var out bytes.Buffer
	printed, err := FindingsTable(&out, serviceAccountsResult(t, 170), true, terminal.Terminal{})
	if err != nil || printed != (Listing{Findings: 179}) || strings.Count(out.String(), "\n") != 2+179 {
		t.Errorf("%+v, error %v:\n%s", printed, err, out.String())
	}
}

func TestOtherFormatsHaveEveryUnknownFinding(t *testing.T) {
	for _, format := range []string{"json", "jsonl", "csv", "ocsf"} {
		if n := strings.Count(string(write(t, format, serviceAccountsResult(t, 170), terminal.Terminal{})), "it needs --allow secrets"); n < 176 {
			t.Errorf("%s has %d", format, n)
		}
	}
}

// What a check holds back is bounded: where every finding has a cause of its own, they come out as they would without sharing.
func TestFindingsOfManyCausesAreAllListed(t *testing.T) {
	const n = 2*heldCauses + 7
	many := make([]evaluate.Finding, n)
	for i := range many {
		many[i] = serviceAccounts(0)[1]
		many[i].ResourceName, many[i].Cause = fmt.Sprintf("account-%d", i), fmt.Sprintf("denied: call %d", i)
	}
	var names []string
	for l, err := range perCause(named(listed(many))) {
		if err != nil || l.findings != 1 {
			t.Fatalf("%d findings on a line, error %v", l.findings, err)
		}
		names = append(names, l.name)
	}
	if len(names) != n || names[0] != "account-0" || names[n-1] != fmt.Sprintf("account-%d", n-1) {
		t.Errorf("%d of %d, in the order of %v", len(names), n, names[:min(3, len(names))])
	}
}

func TestNoTableForPeopleSaysNULL(t *testing.T) {
	result := sampleResult(t)
	for i := range result.Coverage {
		result.Coverage[i].Cause = ""
	}
	findings := sampleFindings()
	for i := range findings {
		findings[i].Found, findings[i].Cause = "", ""
	}
	result.Findings = listed(findings)
	summarized(t, result)
	for _, look := range []terminal.Terminal{{}, {TTY: true, Width: 200}, {TTY: true, Width: 60}} {
		var out bytes.Buffer
		if _, err := FindingsTable(&out, result, false, look); err != nil {
			t.Fatal(err)
		}
		if err := CoverageTable(&out, result, look); err != nil {
			t.Fatal(err)
		}
		changes := sampleChanges()
		for i := range changes {
			changes[i].Found = ""
		}
		if err := Changes(&out, "table", changes, look); err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"md", "html", "table"} {
			out.Write(write(t, format, result, look))
		}
		for _, word := range []string{"NULL", "<nil>", "&lt;nil"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("it says %s:\n%.4000s", word, out.String())
			}
		}
	}
}

func TestTheSummarySaysWhatToAllow(t *testing.T) {
	findings := serviceAccounts(3)
	findings[3].Cause = "skipped: core:v1/configmaps (it needs --allow config-map-bodies)"
	result := &Result{Scan: Scan{Provider: "kubernetes"}, Findings: listed(findings)}
	summarized(t, result)
	const want = "10 findings: 9 skipped without --allow secrets,config-map-bodies, 1 denied (core:v1/serviceaccounts)\n"
	if got := string(write(t, "table", result, terminal.Terminal{Width: 120})); !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
	if got := string(write(t, "md", result, terminal.Terminal{})); !strings.Contains(got, "(it needs --allow secrets)") {
		t.Errorf("Markdown does not say what to allow:\n%s", got)
	}
}
