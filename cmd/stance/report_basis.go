package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/mute"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/audit"
)

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
	hash := packHash()[:16]
	if len(a.content) > 0 {
		hash += " with " + strings.Join(a.content, ", ")
	}
	return hash
}
