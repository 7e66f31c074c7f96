package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// GitLab writes a code quality report of GitLab CI: a JSON list of the failures that count. The format knows problems only. What
// is unknown, to be looked at or suppressed is none, and stands in the other formats; so does the coverage.
//
// A path must be there. For what lies in a cloud it is made of account, region, type and id, and is no file.
type GitLab struct{}

type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// Write implements Writer.
func (GitLab) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := newLines(out)
	var keys uniqueKeys
	w.text("[")
	n := 0
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if !failed(f) {
			continue
		}
		w.separator(n)
		n++
		w.value(gitlabIssue{
			Description: terminal.Clean(f.Title + ": " + Label(f) + ": " + cmp.Or(f.Found, "it fails")),
			Check:       f.Check, Fingerprint: keys.of(f.Check, result.Scan.key(f)), Severity: gitlabSeverity(f.Severity), Location: newGitLabLocation(f),
		})
		if w.err != nil {
			return w.err
		}
	}
	w.text("]\n")
	return w.flush()
}

func newGitLabLocation(f evaluate.Finding) gitlabLocation {
	l := gitlabLocation{Path: standIn(f), Lines: gitlabLines{Begin: 1}}
	if f.Location != nil && f.Location.File != "" {
		l.Path, l.Lines.Begin = below(f.Location.File), max(1, f.Location.Line)
	}
	return l
}

func gitlabSeverity(severity string) string {
	words := map[string]string{"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}
	return cmp.Or(words[severity], "info")
}

// uniqueKeys tells findings apart that say several things of one address, as of the rules of a security group: GitLab shows one
// of those with the same fingerprint. Only the keys of one check are held.
type uniqueKeys struct {
	check string
	seen  map[string]int
}

func (u *uniqueKeys) of(check, key string) string {
	if u.seen == nil || u.check != check {
		u.check, u.seen = check, map[string]int{}
	}
	u.seen[key]++
	if n := u.seen[key]; n > 1 {
		return hash(key, strconv.Itoa(n))
	}
	return key
}
