package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// SARIF writes a log of SARIF 2.1.0 with one run. A check is a rule, and a finding a result, unless it passed:
//
//	status    kind     level
//	FAIL      fail     critical and high: error; medium: warning; low and info: note
//	UNKNOWN   open     none
//	MANUAL    review   none
//
// The standard wants level none wherever the kind is not fail. What is suppressed has suppressions. A finding about code has a
// physical location below %SRCROOT%, the root of its repository; one about a cloud has a logical location alone. What was not
// seen is told by notifications of the invocation.
//
// GitHub reads less than the standard says. It opens an alert for every result, whatever its kind and its suppressions, and
// refuses a log in which one result has no file. For it there is the second form, in which the results are the failures that
// count, resources of a cloud lie in files named after them, and how much is unknown or suppressed is told by notifications.
type SARIF struct{ GitHub bool }

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifRoot   = "%SRCROOT%"
	// sarifFingerprint is named with its version, as the standard asks for.
	sarifFingerprint = "stanceFinding/v1"
	homepage         = "https://github.com/stancehq/stance"
	githubResults    = 25_000 // of a run; with more, GitHub refuses it
)

// Write implements Writer.
func (s SARIF) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := &sarifWriter{SARIF: s, lines: newLines(out), scan: result.Scan, rules: map[string]int{}, share: newShare(result.Shown(), githubResults)}
	tool := sarifTool{sarifDriver{Name: "Stance", Version: result.Scan.Version, InformationURI: homepage, Rules: []sarifRule{}, Notifications: sarifReporters()}}
	for i, check := range result.Shown().Checks {
		w.rules[check.ID] = i
		tool.Driver.Rules = append(tool.Driver.Rules, s.rule(check, result.Checks[check.ID]))
	}
	w.text(`{"$schema": "` + sarifSchema + `", "version": "2.1.0", "runs": [{` + "\n" + `"tool": `)
	w.value(tool)
	w.text(",\n\"invocations\": [")
	w.value(s.invocation(result))
	w.text("],\n\"originalUriBaseIds\": ")
	w.value(map[string]any{sarifRoot: map[string]any{"description": sarifText{Text: "the root of the repository that was scanned"}}})
	w.text(",\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [")
	if err := w.results(result); err != nil {
		return err
	}
	w.text("]}]}\n")
	return w.flush()
}

type sarifWriter struct {
	SARIF
	*lines
	scan  Scan
	rules map[string]int
	share share
}

func (w *sarifWriter) results(result *Result) error {
	n := 0
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.Status == evaluate.Pass || w.GitHub && (!failed(f) || !w.share.takes(f)) {
			continue
		}
		w.separator(n)
		n++
		if w.value(w.result(f)); w.err != nil {
			return w.err
		}
	}
	return nil
}

func (w *sarifWriter) result(f evaluate.Finding) sarifResult {
	r := sarifResult{
		RuleID: f.Check, Kind: "fail", Level: sarifLevel(f.Severity),
		Locations:    []sarifLocation{w.location(f)},
		Fingerprints: map[string]string{sarifFingerprint: w.scan.key(f)},
		Properties: sarifResultFacts{
			Status: string(f.Status), Severity: f.Severity, Provider: f.Provider, Region: f.Region, ResourceType: f.ResourceType, Resource: f.Resource,
			Requirements: f.Requirements,
		},
	}
	if i, ok := w.rules[f.Check]; ok {
		r.RuleIndex = &i
	}
	switch f.Status {
	case evaluate.Unknown:
		r.Kind, r.Level = "open", "none"
	case evaluate.Manual:
		r.Kind, r.Level = "review", "none"
	}
	if !inCode(f) {
		r.Properties.Account = f.Account
	}
	message := unlinked(Label(f) + ": " + cmp.Or(said(f), f.Title))
	if f.Location != nil {
		r.Properties.Unit = f.Location.Unit
		r.Related = w.related(f.Location.Calls)
		for i, call := range f.Location.Calls { // GitHub shows only those that the message links to
			before := ", by "
			if i == 0 {
				before = ". Called by "
			}
			message += before + "[" + linkText(call.Name) + "](" + fmt.Sprint(i+1) + ")"
		}
		r.Fixes = sarifFixes(f.Location.Fix)
	}
	r.Message = sarifText{Text: message}
	if suppressed(f) {
		r.Suppressions = []sarifSuppression{sarifSuppressed(f)}
	}
	return r
}

func (w *sarifWriter) location(f evaluate.Finding) sarifLocation {
	l := sarifLocation{Logical: []sarifLogical{{Name: Label(f), Full: cmp.Or(f.Resource, Label(f)), Kind: "resource"}}}
	switch {
	case f.Location != nil && f.Location.File != "":
		if f.Location.Address != "" {
			l.Logical[0].Full = f.Location.Address
		}
		l.Physical = &sarifPhysical{Artifact: sarifFile(f.Location.File), Region: sarifSpan(f.Location)}
	case w.GitHub:
		l.Physical = &sarifPhysical{Artifact: sarifArtifact{URI: fileURI(standIn(f))}}
	}
	if w.GitHub && l.Physical.Region == nil {
		l.Physical.Region = &sarifRegion{StartLine: 1}
	}
	return l
}

// standIn is a path for what lies in no file, for readers that know nothing else: "aws/111122223333/eu-west-1/aws_s3_bucket/logs".
func standIn(f evaluate.Finding) string {
	name := strings.NewReplacer("/", "_", "\\", "_").Replace(cmp.Or(f.Resource, f.ResourceName, "all"))
	return path.Join(cmp.Or(f.Provider, "cloud"), cmp.Or(f.Account, "-"), cmp.Or(f.Region, "global"), f.ResourceType, strings.Trim(name, "."))
}

// sarifSpan is a location's region: nil if no line is known. The standard's regions end before their last column, ours with it.
func sarifSpan(l *evaluate.Location) *sarifRegion {
	if l.Line <= 0 {
		return nil
	}
	r := &sarifRegion{StartLine: l.Line, StartColumn: max(0, l.Column)}
	if l.EndLine < l.Line {
		return r
	}
	r.EndLine = l.EndLine
	if l.EndColumn > 0 && l.Column > 0 && (l.EndLine > l.Line || l.EndColumn >= l.Column) {
		r.EndColumn = l.EndColumn + 1
	}
	return r
}

func (w *sarifWriter) related(calls []evaluate.CallSite) []sarifLocation {
	var related []sarifLocation
	for i, call := range calls {
		text := call.Name + " is called here"
		if call.Source != "" {
			text += "; its source is " + call.Source
		}
		l := sarifLocation{ID: i + 1, Message: &sarifText{Text: unlinked(text)}, Physical: &sarifPhysical{Artifact: sarifFile(call.File)}}
		if call.Line > 0 {
			l.Physical.Region = &sarifRegion{StartLine: call.Line}
		}
		related = append(related, l)
	}
	return related
}

func sarifSuppressed(f evaluate.Finding) sarifSuppression {
	s := sarifSuppression{Kind: "external", Status: "accepted", Justification: unlinked(why(f.Suppressed))}
	if inSource(f) {
		s.Kind = "inSource"
	}
	if file, line := by(f.Suppressed.By).split(); line > 0 && by(file).below() {
		s.Location = &sarifLocation{Physical: &sarifPhysical{Artifact: sarifFile(file), Region: &sarifRegion{StartLine: line}}}
	}
	return s
}

// sarifFixes is nil where there is no patch, or none that JSON can carry without a change.
func sarifFixes(p *evaluate.Patch) []sarifFix {
	if p == nil || len(p.Edits) == 0 || p.File == "" {
		return nil
	}
	change := sarifChange{Artifact: sarifFile(p.File)}
	for _, e := range p.Edits {
		if !utf8.ValidString(e.Text) || e.Line < 1 {
			return nil
		}
		change.Replacements = append(change.Replacements, sarifReplacement{
			Deleted:  sarifRegion{StartLine: e.Line, StartColumn: max(1, e.Column), EndLine: max(e.Line, e.EndLine), EndColumn: max(1, e.EndColumn)},
			Inserted: &sarifText{Text: e.Text},
		})
	}
	return []sarifFix{{Description: sarifText{Text: unlinked(cmp.Or(p.About, "a change with which the check passes"))}, Changes: []sarifChange{change}}}
}

func sarifFile(name string) sarifArtifact {
	return sarifArtifact{URI: fileURI(name), URIBase: sarifRoot}
}

// fileURI makes a relative URI of a path below the root. A colon could otherwise end a scheme.
func fileURI(name string) string {
	segments := strings.Split(below(name), "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

// below is a path that cannot leave the root, without a beginning that says so.
func below(name string) string { return strings.TrimLeft(path.Clean("/"+name), "/") }

// unlinked is text for a message: on one line, with what controls or reorders text made visible, and with no link, which messages
// may have.
func unlinked(s string) string { return strings.ReplaceAll(terminal.Clean(s), "](", "] (") }

// linkText escapes what would end a link's text.
func linkText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(terminal.Clean(s))
}

func sarifLevel(severity string) string {
	levels := map[string]string{"critical": "error", "high": "error", "medium": "warning"}
	return cmp.Or(levels[severity], "note")
}
