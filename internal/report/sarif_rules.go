package report

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/content"
)

const (
	githubText = 1024 // characters of a rule's descriptions
	githubTags = 20   // of a rule
	mostNotes  = 1000 // notifications of one kind; the rest is counted
)

func (s SARIF) rule(summary CheckSummary, check *content.Check) sarifRule {
	if check == nil {
		check = &content.Check{}
	}
	r := sarifRule{
		ID:               summary.ID,
		ShortDescription: sarifText{Text: s.short(cmp.Or(summary.Title, summary.ID))},
		FullDescription:  sarifText{Text: s.short(cmp.Or(check.Why, summary.Title, summary.ID))},
		Help:             sarifHelp(summary, check),
		Properties: sarifRuleFacts{
			SecuritySeverity: securitySeverity(summary.Severity), Severity: summary.Severity,
		},
		DefaultConfiguration: sarifConfiguration{Level: sarifLevel(summary.Severity)},
	}
	for _, reference := range check.References {
		if u, err := url.Parse(reference); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			r.HelpURI = u.String()
			break
		}
	}
	tags := []string{"security"}
	for _, tag := range append([]string{check.Provider, check.Service}, check.Objectives...) {
		if tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	r.Properties.Tags = tags[:min(len(tags), githubTags)]
	return r
}

func (s SARIF) short(text string) string {
	if !s.GitHub {
		return text
	}
	if runes := []rune(text); len(runes) > githubText {
		return string(runes[:githubText-1]) + "…"
	}
	return text
}

// securitySeverity lies in the middle of what GitHub calls by the same word: critical from 9.0, high from 7.0, medium from 4.0.
func securitySeverity(severity string) string {
	numbers := map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
	return cmp.Or(numbers[severity], "0.0")
}

// sarifHelp says how to fix what fails. The texts are the content's, which its authors write as they mean it: only what would end
// a block of code is kept from doing so.
func sarifHelp(summary CheckSummary, check *content.Check) sarifText {
	var text, markdown []string
	part := func(title, body string) {
		if body = strings.TrimSpace(body); body != "" {
			text = append(text, title+": "+body)
			markdown = append(markdown, "**"+title+".** "+body)
		}
	}
	block := func(title, language, body string) {
		if body = strings.TrimSpace(body); body != "" {
			text = append(text, title+":\n"+body)
			markdown = append(markdown, "**"+title+"**\n\n"+fenced(language, body))
		}
	}
	part("Why", check.Why)
	part("Look at", check.Manual)
	part("Fix", check.Fix.Text)
	part("Caution", check.Fix.Caution)
	block("Terraform", "hcl", check.Fix.Terraform)
	block("Command line", "sh", check.Fix.CLI)
	if len(check.References) > 0 {
		text = append(text, "References:\n"+strings.Join(check.References, "\n"))
		markdown = append(markdown, "**References**\n\n- "+strings.Join(check.References, "\n- "))
	}
	if len(text) == 0 {
		return sarifText{Text: cmp.Or(summary.Title, summary.ID)}
	}
	return sarifText{Text: strings.Join(text, "\n\n"), Markdown: strings.Join(markdown, "\n\n")}
}

// fenced is a block of code in Markdown that no text in it ends.
func fenced(language, body string) string {
	longest, run := 2, 0
	for _, r := range body {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + strings.TrimSuffix(body, "\n") + "\n" + fence
}

// Notifications, by what they tell of.
const (
	noteCoverage    = "coverage"
	noteAccount     = "account"
	noteScan        = "scan"
	noteInterrupted = "interrupted"
	noteUnknown     = "unknown"
	noteSuppressed  = "suppressed"
	noteLeftOut     = "left-out"
)

func sarifReporters() []sarifReporter {
	return []sarifReporter{
		{noteCoverage, sarifText{Text: "Something was not seen, and why"}},
		{noteAccount, sarifText{Text: "An account could not be entered"}},
		{noteScan, sarifText{Text: "Something of the scan that makes much unknown"}},
		{noteInterrupted, sarifText{Text: "The scan did not come to its end"}},
		{noteUnknown, sarifText{Text: "Findings without a verdict, and why"}},
		{noteSuppressed, sarifText{Text: "Findings that somebody suppressed, and why"}},
		{noteLeftOut, sarifText{Text: "Findings that are not in this log"}},
	}
}

func (s SARIF) invocation(result *Result) sarifInvocation {
	scan := result.Scan
	n := notifier{list: []sarifNotification{}}
	if scan.Interrupted {
		n.add(noteInterrupted, "error", "the scan was interrupted: what was not reached is UNKNOWN")
	}
	for _, a := range scan.Accounts {
		if a.Error != "" {
			n.add(noteAccount, "error", accountWord(scan.Provider)+" "+a.ID+": "+a.Error)
		}
	}
	for _, note := range scan.Notes {
		n.add(noteScan, "warning", strings.TrimSpace(note.Text+". "+note.Do))
	}
	coverage := NewCoverage(result.Coverage)
	if coverage.Missing() > 0 {
		n.add(noteCoverage, "warning", coverage.Line())
	}
	for i, g := range coverage.Gaps {
		if i == mostNotes {
			n.add(noteCoverage, "warning", "and "+countOf(int64(len(coverage.Gaps)-i), "other gap", "other gaps"))
			break
		}
		n.add(noteCoverage, "warning", gapText(g))
	}
	if s.GitHub {
		n.counted(result)
	}
	return sarifInvocation{
		CommandLine: scan.Command, Started: sarifTime(scan.Started), Ended: sarifTime(scan.Finished), Successful: !scan.Interrupted, Notifications: n.list,
	}
}

type notifier struct{ list []sarifNotification }

func (n *notifier) add(kind, level, text string) {
	n.list = append(n.list, sarifNotification{sarifReference{kind}, level, sarifText{Text: unlinked(text)}})
}

// counted tells what is not among the results of the form for GitHub.
func (n *notifier) counted(result *Result) {
	shown := result.Shown()
	for _, c := range shown.Causes {
		n.add(noteUnknown, "note", countOf(c.Count, "finding is", "findings are")+" unknown: "+c.Text)
	}
	for _, r := range shown.Reasons {
		n.add(noteSuppressed, "note", countOf(r.Count, "finding is", "findings are")+" suppressed: "+r.Text)
	}
	if shown.Manual > 0 {
		n.add(noteLeftOut, "note", countOf(shown.Manual, "finding needs", "findings need")+" a person to look")
	}
	if more := shown.Fail - githubResults; more > 0 {
		n.add(noteLeftOut, "warning", "GitHub takes "+number(githubResults)+" results: the least severe "+number(more)+" failures are left out")
	}
}

// gapText says what was not seen, where and why.
func gapText(g Gap) string {
	text := g.Cause
	if text == "" {
		text = StatusWord(g.Status) + ": no cause given"
	}
	what := g.Table
	if g.Group != "" {
		what += " (" + g.Group + ")"
	}
	return fmt.Sprintf("%s: %s, in %s", text, what, cmp.Or(join(scopes(g), 3), "all"))
}

func sarifTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
