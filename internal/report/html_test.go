package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

var pageDataPattern = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

func readPage(t *testing.T, page []byte) (findings [][]any, omitted float64) {
	t.Helper()
	found := pageDataPattern.FindSubmatch(page)
	if found == nil {
		t.Fatal("the page has no data")
	}
	var data struct {
		Findings [][]any
		Omitted  float64
	}
	if err := json.Unmarshal(found[1], &data); err != nil {
		t.Fatalf("the data: %v", err)
	}
	return data.Findings, data.Omitted
}

func TestPageIsOneFileThatLoadsNothing(t *testing.T) {
	page := string(write(t, "html", sampleResult(t), terminal.Terminal{}))
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d script elements end, want 2: a resource's name must not end one", n)
	}
	without := pageDataPattern.ReplaceAllString(page, "")
	for _, pattern := range []string{`(?i)<script[^>]+src=`, `(?i)<link[^>]+href="(?:https?:|/)`, `(?i)@import`, `(?i)url\(\s*['"]?https?:`, `(?i) on[a-z]+="`, ` style="`, `innerHTML`, `\beval\(`} {
		if found := regexp.MustCompile(pattern).FindString(without); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	if !strings.Contains(page, "default-src &#39;none&#39;") {
		t.Error("the page's policy must forbid the network")
	}
}

func TestPageLeavesOutPassesFirst(t *testing.T) {
	result := sampleResult(t)
	result.Findings = manyFindings(14 * 100)
	summarized(t, result)
	var out bytes.Buffer
	if err := (HTML{Most: 1000}).Write(&out, result, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	findings, omitted := readPage(t, out.Bytes())
	if len(findings) != 1000 || omitted != 400 {
		t.Fatalf("%d findings, %v left out", len(findings), omitted)
	}
	statuses := map[evaluate.Status]int{}
	for _, row := range findings {
		statuses[Statuses()[int(row[1].(float64))]]++
	}
	if statuses[evaluate.Fail] != 900 || statuses[evaluate.Unknown] != 100 || statuses[evaluate.Pass] != 0 {
		t.Errorf("kept %v", statuses)
	}
	if !strings.Contains(out.String(), "400 others") {
		t.Error("the page must say what it leaves out")
	}
}
