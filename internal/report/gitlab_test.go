package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/report/terminal"
)

func TestCodeQualityIsWhatGitLabReads(t *testing.T) {
	for name, result := range map[string]*Result{"live": sampleResult(t), "code": codeResult(t)} {
		t.Run(name, func(t *testing.T) {
			var issues []gitlabIssue
			if err := json.Unmarshal(write(t, "gitlab", result, terminal.Terminal{}), &issues); err != nil {
				t.Fatal(err)
			}
			if want := result.Summary.Fail; int64(len(issues)) != want {
				t.Errorf("%d issues, want the %d failures", len(issues), want)
			}
			seen := map[string]bool{}
			for i, issue := range issues {
				if seen[issue.Fingerprint] || issue.Fingerprint == "" {
					t.Errorf("issue %d has the fingerprint of another: GitLab shows one of them", i)
				}
				seen[issue.Fingerprint] = true
				if !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, issue.Severity) {
					t.Errorf("issue %d: severity %s", i, issue.Severity)
				}
				if issue.Location.Lines.Begin < 1 || strings.HasPrefix(issue.Location.Path, ".") || strings.HasPrefix(issue.Location.Path, "/") || issue.Location.Path == "" {
					t.Errorf("issue %d: %+v", i, issue.Location)
				}
				if issue.Description == "" || issue.Check == "" || strings.ContainsAny(issue.Description, "\n\x1b\u202e") {
					t.Errorf("issue %d: %q", i, issue.Description)
				}
			}
		})
	}
	var issues []gitlabIssue
	if err := json.Unmarshal(write(t, "gitlab", codeResult(t), terminal.Terminal{}), &issues); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gitlabLocation{"infra/modules/bucket/main.tf", gitlabLines{12}}, issues[0].Location); diff != "" {
		t.Error(diff)
	}
}
