package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/mute"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/audit"
)

// reportFlags are those of `stance report`.
type reportFlags struct {
	scan, compare, level, attestations, evidence string
	outputs                                      []string
	coverage                                     bool
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use: "report [FRAMEWORK ...]", Short: "Report on an earlier scan, or on how it meets a compliance framework",
		Long: `Without a framework: the findings of an earlier scan, in any format of a scan.

With one: how each of its requirements is met, on what that rests, what was not looked at, and how every check decides. all stands for
every framework that speaks of what was scanned. Where there are several, the names of files hold {framework}.

Rules of mutes.yaml and answers of attestations.yaml (in the lake, beside its tables, or --attestations) are shown apart from what was
measured.`,
		Example: "  stance report\n  stance report -o html=report.html -o csv=findings.csv\n  stance report --coverage\n" +
			"  stance report cis-aws-7.0 -o html=cis.html -o pdf=cis.pdf\n  stance report nist-800-53-r5 --level moderate --compare 20260101T0800\n" +
			"  stance report all -o csv='reports/{framework}.csv'\n  stance report soc2-2017 --evidence soc2.zip",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.reportFrameworks(c.Context(), args, &f)
			}
			for _, flag := range []string{"compare", "level", "attestations"} {
				if c.Flags().Changed(flag) {
					return usage("--%s is for the report on a framework: name one, as in `%s report cis-aws-7.0`", flag, a.program)
				}
			}
			return a.reportScan(c.Context(), &f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.scan, "scan", "", scanHelp)
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "FORMAT or FORMAT=FILE (repeatable): "+strings.Join(report.FormatNames(), ", ")+
		"; on a framework: "+strings.Join(audit.FormatNames(), ", "))
	flags.BoolVar(&f.coverage, "coverage", false, "what was not seen, and why")
	flags.StringVar(&f.level, "level", "", "only requirements of this level, baseline or profile of the framework")
	flags.StringVar(&f.compare, "compare", "", "an earlier scan to compare with: its id or the beginning of it")
	flags.StringVar(&f.evidence, "evidence", "", "write a signed bundle of the documents behind the verdicts to this file: see `stance verify`")
	flags.StringVar(&f.attestations, "attestations", "", "file of people's answers (default "+content.AttestationsFile+" in the lake)")
	return c
}

// reportScan reports a scan, whatever frameworks say.
func (a *app) reportScan(ctx context.Context, f *reportFlags) error {
	targets, err := report.ParseTargets(f.outputs)
	if err != nil {
		return &exitError{exitUsage, err.Error()}
	}
	rules, err := a.muteRules()
	if err != nil {
		return err
	}
	return a.read(ctx, history.Options{Scan: f.scan}, func(h *history.History) error {
		result, err := h.Result(ctx)
		if err != nil {
			return err
		}
		if f.coverage {
			return report.CoverageTable(a.out, result, a.look())
		}
		if f.evidence != "" {
			if err := a.evidenceOf(ctx, h, f.evidence, nil, "all checks of the scan"); err != nil {
				return err
			}
		}
		if err := a.applyMutes(rules, result); err != nil {
			return err
		}
		result.Hints = a.hints(result.Lake, f.scan)
		return a.writeReports(targets, result)
	})
}

// reportFrameworks reports on frameworks.
func (a *app) reportFrameworks(ctx context.Context, ids []string, f *reportFlags) error {
	targets, err := report.ParseTargetsOf(audit.Formats(nil), f.outputs)
	if err != nil {
		return &exitError{exitUsage, err.Error()}
	}
	l, err := a.library()
	if err != nil {
		return err
	}
	frameworks, err := l.chosen(ids, f.level)
	if err != nil {
		return err
	}
	if err := severalTargets(targets, len(frameworks)); err != nil {
		return err
	}
	rules, err := a.muteRules()
	if err != nil {
		return err
	}
	return a.read(ctx, history.Options{Scan: f.scan}, func(h *history.History) error {
		w, err := a.auditor(ctx, h, l, rules, f)
		if err != nil {
			return err
		}
		if frameworks, err = spokenOf(frameworks, w.basis.Scopes, slices.Contains(ids, allFrameworks)); err != nil {
			return err
		}
		if f.compare != "" {
			if err := a.read(ctx, history.Options{Scan: f.compare}, func(before *history.History) error { return w.compareWith(ctx, before, rules) }); err != nil {
				return err
			}
		}
		if f.evidence != "" {
			if err := a.evidenceOf(ctx, h, f.evidence, answeringAny(frameworks, l.Checks, f.level), titles(frameworks)); err != nil {
				return err
			}
		}
		for _, framework := range frameworks {
			d, err := w.document(framework, f.level)
			if err != nil {
				return err
			}
			if err := a.writeAudit(targets, d, len(frameworks) > 1); err != nil {
				return err
			}
		}
		return nil
	})
}

// evidenceOf writes a bundle of the verdicts of some checks, of all where there are none.
func (a *app) evidenceOf(ctx context.Context, h *history.History, file string, checks []string, about string) error {
	l, catalog, err := a.catalog(ctx)
	if err != nil {
		return err
	}
	return a.writeEvidence(ctx, file, h, l, catalog, checks, about)
}

// answeringAny are the checks that answer a requirement of any of the frameworks, by id.
func answeringAny(frameworks []*content.Framework, checks []*content.Check, level string) []string {
	var ids []string
	for _, f := range frameworks {
		for _, r := range compliance.Wanted(f, level) {
			for _, c := range f.Answering(r, checks) {
				ids = append(ids, c.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func titles(frameworks []*content.Framework) string {
	names := make([]string, len(frameworks))
	for i, f := range frameworks {
		names[i] = versioned(f)
	}
	return strings.Join(names, ", ")
}

// allFrameworks stands for every framework that speaks of what was scanned.
const allFrameworks = "all"

// chosen finds frameworks by their ids, each once.
func (l *library) chosen(ids []string, level string) ([]*content.Framework, error) {
	var chosen []*content.Framework
	for _, id := range ids {
		some := []string{id}
		if id == allFrameworks {
			every, err := l.frameworks()
			if err != nil {
				return nil, err
			}
			some = nil
			for _, f := range every {
				some = append(some, f.ID)
			}
		}
		for _, id := range some {
			f, err := l.framework(id)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(chosen, f) {
				chosen = append(chosen, f)
			}
		}
	}
	for _, f := range chosen {
		switch {
		case level == "" || slices.Contains(f.Levels, level):
		case len(f.Levels) == 0:
			return nil, usage("--level %s: %s has no levels", level, f.ID)
		default:
			return nil, usage("--level %s: %s has %s%s", level, f.ID, strings.Join(f.Levels, ", "), suggestion(content.DidYouMean(level, f.Levels)))
		}
	}
	return chosen, nil
}

// placeholder is where the framework's id goes in the name of a file.
const placeholder = "{framework}"

func severalTargets(targets []report.Target, frameworks int) error {
	for _, t := range targets {
		if frameworks > 1 && t.Path != "" && !strings.Contains(t.Path, placeholder) {
			return usage("-o %s=%s: %d reports would go to one file: write %s in its name, as in %s.%s", t.Format.Name, t.Path, frameworks, placeholder, placeholder, t.Format.Name)
		}
	}
	return nil
}

// spokenOf leaves the frameworks that speak of a provider that was scanned. One that was asked for by name must.
func spokenOf(frameworks []*content.Framework, scopes []compliance.Scope, all bool) ([]*content.Framework, error) {
	var spoken []*content.Framework
	for _, f := range frameworks {
		switch {
		case slices.ContainsFunc(scopes, func(s compliance.Scope) bool { return f.SpeaksOf(s.Provider) }):
			spoken = append(spoken, f)
		case !all:
			var scanned []string
			for _, s := range scopes {
				if !slices.Contains(scanned, s.Provider) {
					scanned = append(scanned, s.Provider)
				}
			}
			return nil, usage("%s speaks of %s, but the scan is of %s: `stance scan %s` comes first, or another --scan or --lake",
				f.ID, strings.Join(f.Providers, " and "), strings.Join(scanned, " and "), f.Providers[0])
		}
	}
	return spoken, nil
}

// auditor makes documents of one selection of scans.
type auditor struct {
	result  *report.Result
	basis   *compliance.Basis
	rules   *mute.Rules
	params  map[string]map[string]any
	before  *compliance.Basis
	earlier report.Scan
	now     time.Time
	source  string // hash of the content
}

// maxKept bounds the findings that are kept in memory for several reports; more are read anew for each.
const maxKept = 200_000

func (a *app) auditor(ctx context.Context, h *history.History, l *library, rules *mute.Rules, f *reportFlags) (*auditor, error) {
	w := &auditor{rules: rules, now: time.Now().UTC().Truncate(time.Second), source: a.contentHash()}
	database.Frugal(true)
	defer database.Frugal(false)
	var err error
	if w.result, err = h.Result(ctx); err != nil {
		return nil, err
	}
	if w.result.Findings, err = kept(w.result.Findings, w.result.Summary.Total()); err != nil {
		return nil, err
	}
	w.result.Hints = a.hints(w.result.Lake, f.scan)
	if w.basis, w.params, err = basis(ctx, h, w.result, rules, l.Checks, w.now); err != nil {
		return nil, err
	}
	w.basis.Attestations, err = a.attestations(ctx, h, l, f.attestations)
	return w, err
}

// kept holds findings in memory where they are not too many: each report walks them once or twice.
func kept(findings report.Findings, total int64) (report.Findings, error) {
	if total > maxKept {
		return findings, nil
	}
	all, shared := make([]evaluate.Finding, 0, total), sharing{map[string]string{}, map[string]evaluate.Finding{}}
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		all = append(all, shared.of(f))
	}
	return func(yield func(evaluate.Finding, error) bool) {
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
	}, nil
}

// sharing keeps once what many findings have in common.
type sharing struct {
	texts  map[string]string
	checks map[string]evaluate.Finding
}

func (s sharing) of(f evaluate.Finding) evaluate.Finding {
	first, known := s.checks[f.Check]
	if !known {
		first = f
		s.checks[f.Check] = f
	}
	f.Check, f.Title, f.Severity, f.Provider, f.ResourceType = first.Check, first.Title, first.Severity, first.Provider, first.ResourceType
	f.Objectives, f.Requirements, f.Params = first.Objectives, first.Requirements, first.Params
	for _, text := range []*string{&f.Account, &f.Region, &f.Cause} {
		if kept, is := s.texts[*text]; is {
			*text = kept
		} else {
			s.texts[*text] = *text
		}
	}
	return f
}

func basis(ctx context.Context, h *history.History, result *report.Result, rules *mute.Rules, checks []*content.Check, now time.Time) (*compliance.Basis, map[string]map[string]any, error) {
	tally, err := compliance.NewTally(result.Findings, rules)
	if err != nil {
		return nil, nil, err
	}
	scopes, err := h.Scopes()
	if err != nil {
		return nil, nil, err
	}
	params, err := h.Params(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &compliance.Basis{
		Tally: tally, Scopes: scopes, Checks: checks, Asked: h.Asked(), Now: now,
		Params: func(check string) map[string]any { return params[check] },
	}, params, nil
}

// compareWith takes an earlier scan as what documents compare with. People's answers of today say nothing of it.
func (w *auditor) compareWith(ctx context.Context, h *history.History, rules *mute.Rules) error {
	result, err := h.Result(ctx)
	if err != nil {
		return err
	}
	w.earlier = result.Scan
	w.before, _, err = basis(ctx, h, result, rules, w.basis.Checks, w.now)
	return err
}

func (w *auditor) document(f *content.Framework, level string) (*audit.Document, error) {
	d := &audit.Document{Report: compliance.Assess(w.basis, f, level), Params: w.params, Generated: w.now, Version: version, Content: w.source}
	if w.before != nil {
		d.Before, d.BeforeScan = compliance.Assess(w.before, f, level), w.earlier
	}
	answers := map[string]bool{}
	for _, r := range d.Report.Requirements {
		for _, c := range r.Checks {
			answers[c.Check.ID] = true
		}
	}
	result, all := *w.result, w.rules.Apply(w.result.Findings, f.ID)
	result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for found, err := range all {
			if err == nil && (!answers[found.Check] || !f.SpeaksOf(found.Provider)) {
				continue
			}
			if !yield(found, err) {
				return
			}
		}
	}
	d.Result = &result
	var err error
	result.Summary, err = report.Summarize(result.Findings)
	return d, err
}

func (a *app) writeAudit(targets []report.Target, d *audit.Document, several bool) error {
	bound := audit.Formats(d)
	for _, t := range targets {
		at := slices.IndexFunc(bound, func(f report.Format) bool { return f.Name == t.Format.Name })
		t.Format = bound[at]
		t.Path = strings.ReplaceAll(t.Path, placeholder, d.Report.Framework.ID)
		if t.Path != "" && several {
			if err := os.MkdirAll(filepath.Dir(t.Path), 0o755); err != nil {
				return fmt.Errorf("make the folder of %s: %w", t.Path, err)
			}
		}
		if err := t.Write(d.Result, a.out, a.look()); err != nil {
			return err
		}
	}
	if several {
		fmt.Fprintln(a.out)
	}
	return nil
}

// attestations reads people's answers, from the file of the flag or from beside the lake's tables.
func (a *app) attestations(ctx context.Context, h *history.History, l *library, name string) ([]*content.Attestation, error) {
	data, shown := []byte(nil), name
	var err error
	if name != "" {
		data, err = os.ReadFile(name)
	} else {
		shown = content.AttestationsFile
		data, err = h.Attestations(ctx)
	}
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return nil, usage("the attestations %s cannot be read: %v", shown, err)
	}
	if data == nil {
		return nil, nil
	}
	if _, err := l.frameworks(); err != nil {
		return nil, err
	}
	all, problems := content.ReadAttestations(data, shown, l.Library)
	if err := problems.Err(); err != nil {
		return nil, usage("the attestations are not right, so that none is used:\n%v", err)
	}
	return all, nil
}

// contentHash names the content of the run: that of the binary, and whether the user's own is laid over it.
func (a *app) contentHash() string {
	sum := sha256.Sum256(embedded.Pack)
	hash := hex.EncodeToString(sum[:8])
	if len(a.content) > 0 {
		hash += " with " + strings.Join(a.content, ", ")
	}
	return hash
}
