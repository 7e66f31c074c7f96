package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/audit"
)

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
