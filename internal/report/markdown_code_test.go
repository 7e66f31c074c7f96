package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func TestCommentFitsAndSaysWhatItLeavesOut(t *testing.T) {
	texts := map[string]string{
		"plain":      "versioning is off",
		"escapes":    strings.Repeat("<&@|", 500),
		"zero width": "a" + strings.Repeat("\u0301", 5000),
		"hostile":    strings.Repeat(hostile, 20),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			result := codeResult(t)
			base := codeFindings()
			var findings []evaluate.Finding
			for i := range 3000 {
				f := base[i%2*2] // critical and medium
				l := *f.Location
				l.Address, l.Line = fmt.Sprintf("aws_s3_bucket.b[%d]", i), i+1
				l.Fix = &evaluate.Patch{File: l.File, About: text, Diff: "@@ -1 +1 @@\n-" + text[:min(len(text), 100)] + "\n+b\n", Edits: []evaluate.Edit{{Line: 1, EndLine: 1, Text: "b"}}}
				f.Location, f.Found = &l, text
				unknown, accepted := f, f
				unknown.Status, unknown.Cause = evaluate.Unknown, fmt.Sprintf("cause %d: %s", i, text)
				accepted.Suppressed = &evaluate.Suppressed{Reason: fmt.Sprintf("reason %d: %s", i, text), By: "x.tf:1"}
				findings = append(findings, f, unknown, accepted)
			}
			for i := range 100 {
				result.Scan.Notes = append(result.Scan.Notes, Note{Text: text, Do: text})
				result.Coverage = append(result.Coverage, collect.Cell{Table: fmt.Sprint(i) + text, Group: text, Status: collect.Failed, Cause: text, Account: text})
			}
			result.Findings = listed(findings)
			summarized(t, result)
			comment := string(write(t, "md", result, terminal.Terminal{}))
			if len(comment) > 65_536 {
				t.Errorf("%d bytes", len(comment))
			}
			listed := strings.Count(comment, "aws_s3_bucket.b[") + strings.Count(comment, `aws\_s3\_bucket.b\[`)
			if listed == 0 || !strings.Contains(comment, "and 1,") || !strings.Contains(comment, "3,000 findings fail") {
				t.Errorf("it lists %d and says how many more: %.300s", listed, comment)
			}
			for _, part := range []string{"3,000 findings are unknown", "3,000 findings are suppressed", "other reasons", "other gaps", "scan 20260115T120000Z-c0de"} {
				if !strings.Contains(comment, part) {
					t.Errorf("it does not say %q", part)
				}
			}
			if n := strings.Count(comment, "<details>"); n != strings.Count(comment, "</details>") {
				t.Errorf("%d details begin, and others end", n)
			}
		})
	}
}

func TestCommentHasNothingThatTheReaderDidNotWrite(t *testing.T) {
	comment := string(write(t, "md", codeResult(t), terminal.Terminal{}))
	for _, bad := range []string{"<script", "k](https", " @team", "\x1b", "\u202e", "\xff", "\x00"} {
		if strings.Contains(comment, bad) {
			t.Errorf("it has %q", bad)
		}
	}
	cells := regexp.MustCompile(`(^|[^\\])\|`)
	for line := range strings.Lines(comment) {
		if strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| infra") {
			if n := len(cells.FindAllString(line, -1)); n != 4 {
				t.Errorf("%d bars in a row of three cells: %s", n, line)
			}
		}
	}
}
