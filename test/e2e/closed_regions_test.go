package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// closedRegions are those that the organization closes. In the second the company has resources, so that there are verdicts to
// lose; in the first it has none, as in most regions that are closed.
var closedRegions = []string{"ap-southeast-2", "eu-west-1"}

const policyKind = "service control policy"

// closing answers every call into a closed region as AWS does under such a policy.
func closing(w http.ResponseWriter, r *http.Request, body string) bool {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(scope, "/") // key, day, region, service, …
	if len(parts) < 4 || !slices.Contains(closedRegions, parts[2]) {
		return false
	}
	return refuse(w, parts[3], body)
}

// refuse says no in the form of the service's protocol: what a client cannot read would be another error.
func refuse(w http.ResponseWriter, service, body string) bool {
	const code = "AccessDenied"
	const message = "User: arn:aws:iam::123456789012:user/ana is not authorized to perform this operation with an explicit deny in a " + policyKind
	const fault = "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"
	switch {
	case service == "ec2":
		return say(w, http.StatusForbidden, "text/xml", "<Response><Errors>"+fault+"</Errors><RequestID>x</RequestID></Response>")
	case service == "s3":
		return say(w, http.StatusForbidden, "application/xml", fault)
	case strings.Contains(body, "Action="):
		return queryError(w, http.StatusForbidden, code, message)
	}
	w.Header().Set("X-Amzn-ErrorType", code)
	return say(w, http.StatusForbidden, "application/json", `{"__type":"`+code+`","message":"`+message+`"}`)
}

// TestClosedRegions scans an account two regions of which a policy of the organization closes, and compares with the scan of the
// same account before the policy.
func TestClosedRegions(t *testing.T) {
	before := readDocument(t, scanned(t).read(t, "all.json"))
	c := at(t, inFront(t, closing))
	r := c.run(t, "scan", "aws", "--region", "us-east-1,"+strings.Join(closedRegions, ","), "--lake", "lake", "-o", "json=closed.json", "-o", "table")
	if r.code != 0 { // gaps are no failure of the scan: that is asked for with --strict
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	proveOneMessage(t, r)
	text, err := os.ReadFile(filepath.Join(c.home, "closed.json"))
	if err != nil {
		t.Fatal(err)
	}
	after := readDocument(t, text)
	summary := strings.Join(strings.Fields(r.stdout), " ") // lines are wrapped at the terminal's width

	t.Run("have no verdict", func(t *testing.T) { proveNoVerdict(t, before.Findings, after.Findings) })
	t.Run("take no verdict from others", func(t *testing.T) { proveOthersStay(t, before.Findings, after.Findings) })
	t.Run("are said once", func(t *testing.T) {
		hidden := 0
		for _, f := range after.Findings {
			if f.Status == evaluate.Unknown && strings.Contains(f.Cause, policyKind) {
				hidden++
			}
		}
		says := "2 of 3 regions are closed by a " + policyKind + ", which alone makes " + report.Count(int64(hidden), "finding") + " UNKNOWN"
		for _, words := range []string{says, "closed by", "--exclude-region ap-southeast-2,eu-west-1"} {
			if n := strings.Count(summary, words); n != 1 {
				t.Errorf("the summary says %q %d times:\n%s", words, n, r.stdout)
			}
		}
	})
	t.Run("count as not seen", func(t *testing.T) {
		total, missing, closed := 0, 0, 0
		for _, cell := range after.Coverage {
			if !cell.Counts() {
				continue
			}
			total++
			if cell.Status != collect.OK {
				missing++
			}
			if !slices.Contains(closedRegions, cell.Region) {
				continue
			}
			closed++
			if cell.Status != collect.Denied || !strings.Contains(cell.Cause, policyKind) {
				t.Errorf("%s %s of %s is %s: %s", cell.Region, cell.Group, cell.Table, cell.Status, cell.Cause)
			}
		}
		number := func(n int) string { return strings.TrimSuffix(report.Count(int64(n), "cell"), " cells") }
		says := fmt.Sprintf("%s of %s cells not seen: %s denied (%s)", number(missing), number(total), number(closed), policyKind)
		if closed < 200 || strings.Count(summary, says) != 1 {
			t.Errorf("%d cells are closed; the coverage does not say %q:\n%s", closed, says, r.stdout)
		}
	})
}

// proveNoVerdict: of a closed region nothing is judged, and no check that spoke of it before is silent.
func proveNoVerdict(t *testing.T, before, after []evaluate.Finding) {
	t.Helper()
	unknown := map[string]bool{} // check and region
	var wrong []evaluate.Finding
	for _, f := range after {
		if byPolicy(f) {
			unknown[f.Check+" "+f.Region] = true
		} else if slices.Contains(closedRegions, f.Region) {
			wrong = append(wrong, f)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%d findings of closed regions are not UNKNOWN by the policy: %s", len(wrong), brief(wrong))
	}
	spoke := map[string]bool{}
	for _, f := range before {
		if f.Region == "eu-west-1" && (f.Status == evaluate.Pass || f.Status == evaluate.Fail) {
			spoke[f.Check] = true
		}
	}
	if len(spoke) < 20 {
		t.Errorf("only %d checks had a verdict to lose", len(spoke))
	}
	for _, id := range slices.Sorted(maps.Keys(spoke)) {
		for _, region := range closedRegions {
			// What asks about the account as a whole says it once, of the account.
			if !unknown[id+" "+region] && !unknown[id+" global"] {
				t.Errorf("%s does not say that %s is unknown", id, region)
			}
		}
	}
}

func byPolicy(f evaluate.Finding) bool {
	return f.Status == evaluate.Unknown && strings.HasPrefix(f.Cause, "denied: a "+policyKind+" closes this region")
}

// proveOthersStay: a verdict that does not rest on a closed region is the same as before, to the letter. Those that rest on the
// whole account may turn UNKNOWN, never PASS or FAIL.
func proveOthersStay(t *testing.T, before, after []evaluate.Finding) {
	t.Helper()
	wide := restsOnAllRegions(t)
	now, turned := map[string]int{}, map[string]bool{}
	for _, f := range after {
		now[written(t, f)]++
		if byPolicy(f) {
			turned[about(f)] = true
		}
	}
	var changed []evaluate.Finding
	judged := 0
	for _, f := range before {
		if slices.Contains(closedRegions, f.Region) {
			continue
		}
		switch text := written(t, f); {
		case now[text] > 0:
			now[text]--
			if f.Status == evaluate.Pass || f.Status == evaluate.Fail {
				judged++
			}
		case wide(f.Check) && turned[about(f)]:
		default:
			changed = append(changed, f)
		}
	}
	if len(changed) > 0 {
		t.Errorf("%d findings of other regions changed or are gone, such as %s", len(changed), brief(changed))
	}
	if judged < 1000 {
		t.Errorf("only %d verdicts are as before: the policy hides more than its regions", judged)
	}
	var added []evaluate.Finding
	for _, f := range after {
		if text := written(t, f); now[text] > 0 && !slices.Contains(closedRegions, f.Region) && (f.Status != evaluate.Unknown || !wide(f.Check)) {
			added = append(added, f)
		}
	}
	if len(added) > 0 {
		t.Errorf("%d findings of other regions are new, such as %s", len(added), brief(added))
	}
}

// restsOnAllRegions tells of a check, by its spec, whether what is denied in one region may make it UNKNOWN in others.
func restsOnAllRegions(t *testing.T) func(check string) bool {
	t.Helper()
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		t.Fatal(err)
	}
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	return func(id string) bool {
		check := library.Check(id)
		table := library.Table(check.Resource)
		return check.Query != "" && check.Scope != content.ScopeRegion || table.Derive != ""
	}
}

// about is what a finding speaks of.
func about(f evaluate.Finding) string {
	return strings.Join([]string{f.Check, f.Account, f.Region, f.Resource}, " ")
}

// written is all that a finding says.
func written(t *testing.T, f evaluate.Finding) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestClosedRegionsAreLeftOutAsAdvised: with --strict closed regions are gaps. With what the summary then proposes they are none,
// and all else is the same. These checks ask the simulator nothing that it does not know, so that there is no other gap.
func TestClosedRegionsAreLeftOutAsAdvised(t *testing.T) {
	c := at(t, inFront(t, closing))
	args := []string{
		"scan", "aws", "--region", "us-east-1," + strings.Join(closedRegions, ","), "--strict", "--lake", "lake", "-o", "json=out.json", "-o", "table",
		"--check", "aws_sqs_queue_encrypted,aws_sns_topic_encrypted,aws_kms_key_rotation,aws_dynamodb_table_deletion_protection",
	}
	findings := func() (others []string) {
		text, err := os.ReadFile(filepath.Join(c.home, "out.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range readDocument(t, text).Findings {
			if !slices.Contains(closedRegions, f.Region) {
				others = append(others, written(t, f))
			}
		}
		return others
	}
	r := c.run(t, args...)
	advice := regexp.MustCompile(`(?m)--exclude-region \S+$`).FindString(r.stdout)
	if r.code != 4 || !strings.Contains(r.stderr, "coverage is incomplete") || advice == "" {
		t.Fatalf("exit status %d, proposed %q\n%s%s", r.code, advice, r.stdout, r.stderr)
	}
	proveOneMessage(t, r)
	with := findings()
	r = c.run(t, append(args, strings.Fields(advice)...)...)
	if r.code != 0 || strings.Contains(r.stdout, policyKind) {
		t.Fatalf("without the closed regions: exit status %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if without := findings(); len(with) < 10 || !slices.Equal(with, without) {
		t.Errorf("with the closed regions:\n%s\nwithout them:\n%s", strings.Join(with, "\n"), strings.Join(without, "\n"))
	}
}
