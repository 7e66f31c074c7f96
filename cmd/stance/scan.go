package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/progress"
	"github.com/stancehq/stance/internal/report/terminal"
	"github.com/stancehq/stance/internal/scan"
)

func (a *app) scanCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "scan", Short: "Scan a cloud", Example: "  stance scan aws --profile prod",
		RunE: func(_ *cobra.Command, args []string) error { return wantProvider("scan", args) },
	}
	c.AddCommand(a.scanAWSCommand(), a.scanKubernetesCommand(), a.scanCodeCommand())
	return c
}

// scanFlags are those of every provider.
type scanFlags struct {
	planFlags
	outputs []string
	failOn  string
	strict  bool
	resume  string
	memory  string
	workers int
	timeout time.Duration
	code    []string // with states: their resources are linked to findings
}

func (f *scanFlags) add(c *cobra.Command) {
	f.planFlags.add(c)
	flags := c.Flags()
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "FORMAT or FORMAT=FILE (repeatable): "+strings.Join(report.FormatNames(), ", "))
	flags.StringVar(&f.failOn, "fail-on", "", "exit with 3 if a finding of this severity or above fails")
	flags.BoolVar(&f.strict, "strict", false, "exit with 4 if coverage is incomplete")
	flags.StringVar(&f.memory, "memory", "512MiB", "memory of the database and the queue together")
	flags.IntVar(&f.workers, "workers", 0, "calls at the same time (default 48)")
	flags.DurationVar(&f.timeout, "check-timeout", evaluate.DefaultTimeout, "how long one check may run")
}

func (f *scanFlags) addResume(c *cobra.Command) {
	c.Flags().StringVar(&f.resume, "resume", "", "go on with a killed or partial scan, with the flags that it had: the last one into this lake, or --resume=ID")
	c.Flags().Lookup("resume").NoOptDefVal = scan.ResumeLast
}

func (f *scanFlags) validate(c *cobra.Command) ([]report.Target, int64, error) {
	targets, err := report.ParseTargets(f.outputs)
	if err != nil {
		return nil, 0, &exitError{exitUsage, err.Error()}
	}
	if f.failOn != "" && !hasWord(report.Severities(), f.failOn) {
		return nil, 0, usage("--fail-on %s: a severity is wanted: %s", f.failOn, strings.Join(report.Severities(), ", "))
	}
	if f.workers < 0 || f.workers == 0 && c.Flags().Changed("workers") {
		return nil, 0, usage("--workers %d: at least one is wanted", f.workers)
	}
	for _, tag := range f.tags {
		if !strings.Contains(tag, "=") {
			return nil, 0, usage("--tag %s: KEY=VALUE is wanted", tag)
		}
	}
	memory, err := parseBytes(f.memory)
	if err != nil {
		return nil, 0, usage("--memory %s: %v", f.memory, err)
	}
	return targets, memory, nil
}

func hasWord(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// signer signs in to a provider. Its log goes where the live display does not garble it.
type signer func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error)

// scanOrGoOn scans into the lake of the flags or settings, or goes on with the scan that --resume means. What was asked for
// wrongly is an error of usage.
func (a *app) scanOrGoOn(c *cobra.Command, f *scanFlags, providerID string, sign signer) error {
	if err := a.goOn(c, f, providerID); err != nil {
		return err
	}
	location, err := a.lakeLocation()
	if err != nil {
		return err
	}
	return a.scan(c, f, providerID, location, func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error) {
		p, err := sign(ctx, l, logger)
		var misuse *provider.Misuse
		if errors.As(err, &misuse) {
			return nil, usage("%v", err)
		}
		return p, err
	})
}

// scan runs a scan and reports it.
func (a *app) scan(c *cobra.Command, f *scanFlags, providerID, lakeLocation string, sign signer) error {
	targets, memory, err := f.validate(c)
	if err != nil {
		return err
	}
	l, catalog, err := a.catalog(c.Context())
	if err != nil {
		return err
	}
	checks, requirements, err := f.choose(providerID, l, catalog)
	if err != nil {
		return err
	}
	if _, err := plan.New(plan.Selection{Provider: providerID, Inventory: f.inventory, Allow: f.allow}, catalog); err != nil {
		return &exitError{exitUsage, err.Error()}
	}
	a.tellAdopted(f.adopted)
	rules, err := a.muteRules()
	if err != nil {
		return err
	}
	location := absolute(lakeLocation)
	if err := lake.Probe(c.Context(), location); err != nil {
		return err
	}
	linked, linkNotes, err := f.linkedCode(c.Context(), catalog)
	if err != nil {
		return err
	}
	live := a.startLive(c.Context())
	defer live.display.Stop()
	logger := a.loggerTo(live.display)
	live.stage(scan.Connecting)
	p, err := sign(c.Context(), l, logger)
	if err != nil {
		return err
	}
	outcome, err := scan.Run(c.Context(), scan.Options{
		Provider: p, Library: l.Library, Catalog: catalog, Settings: l.settings, Checks: checks, Requirements: requirements, Inventory: f.inventory, Tags: len(f.tags) > 0, Allow: f.allow,
		Lake: location, Resume: f.resume, Flags: a.keptFlags(c), Once: !canResume(c), Memory: memory, Workers: f.workers, Timeout: f.timeout, RetryBudget: a.patience, Version: version,
		Command: commandLine(c), Again: func(id string) string { return a.again(c, id) }, Progress: live.progress, Stage: live.stage, Logger: logger,
		AllRegions: !c.Flags().Changed("region") && !c.Flags().Changed("exclude-region"),
	})
	live.display.Stop()
	if err != nil {
		return a.explainScan(err, c)
	}
	defer outcome.Close()
	outcome.Result.Lake, outcome.Result.Hints = lakeLocation, a.hints(lakeLocation, "")
	outcome.Result.Findings = scan.Link(outcome.Result.Findings, linked)
	outcome.Result.Scan.Notes = append(outcome.Result.Scan.Notes, linkNotes...)
	if err := a.applyMutes(rules, &outcome.Result); err != nil {
		return err
	}
	all := outcome.Result.Findings
	if len(f.tags) > 0 {
		err := outcome.Result.Narrow("tag "+strings.Join(f.tags, " and "), func(found evaluate.Finding) bool { return tagged(found, f.tags) })
		if err != nil {
			return err
		}
	}
	if err := a.writeReports(targets, &outcome.Result); err != nil {
		return err
	}
	if outcome.Spool != "" && !a.quiet {
		fmt.Fprintf(a.err, "Some of it could not be seen. Mend what the coverage names, then `%s` asks only for what is missing.\n", a.again(c, outcome.Spool))
	}
	if err := proveTags(all, f.tags); err != nil {
		return err
	}
	return f.verdict(&outcome.Result)
}

// canResume says whether a scan by this command can be resumed.
func canResume(c *cobra.Command) bool { return c.Flags().Lookup("resume") != nil }

// commandLine is the command without its flags: their values may be secret.
func commandLine(c *cobra.Command) string { return c.CommandPath() }

func (a *app) explainScan(err error, c *cobra.Command) error {
	var interrupted *scan.Interrupted
	if errors.As(err, &interrupted) && canResume(c) {
		return &exitError{exitFailed, fmt.Sprintf("%v\nGo on with: %s", interrupted, a.again(c, interrupted.ID))}
	}
	if interrupted != nil || errors.Is(err, context.Canceled) {
		return &exitError{exitFailed, "interrupted"}
	}
	return err
}

// writeReports writes all outputs; the one for the screen comes last, so that it can say where the others are.
func (a *app) writeReports(targets []report.Target, result *report.Result) error {
	var screen []report.Target
	for _, t := range targets {
		if t.Path == "" {
			screen = append(screen, t)
			continue
		}
		if err := t.Write(result, a.out, a.look()); err != nil {
			return err
		}
		result.Files = append(result.Files, t.Path)
	}
	for _, t := range screen {
		if err := t.Write(result, a.out, a.look()); err != nil {
			return err
		}
	}
	return nil
}

// verdict is the exit status that the flags ask for.
func (f *scanFlags) verdict(result *report.Result) error {
	if f.failOn != "" {
		for _, severity := range report.Severities() {
			if n := result.Shown().Severities[severity].Fail; n > 0 {
				return &exitError{exitFindings, fmt.Sprintf("%d %s findings fail (--fail-on %s)", n, severity, f.failOn)}
			}
			if severity == f.failOn {
				break
			}
		}
	}
	if coverage := report.NewCoverage(result.Coverage); f.strict && coverage.Missing() > 0 {
		return &exitError{exitIncomplete, "coverage is incomplete (--strict): " + coverage.Line()}
	}
	if n := result.Shown().Of(evaluate.Unknown); f.strict && n > 0 {
		return &exitError{exitIncomplete, fmt.Sprintf("%d findings are unknown (--strict)", n)}
	}
	return nil
}

// live is the display of a scan.
type live struct {
	progress *collect.Progress
	display  *progress.Display
	phase    atomic.Value
}

func (a *app) startLive(ctx context.Context) *live {
	l := &live{progress: &collect.Progress{}}
	l.phase.Store(string(scan.Connecting))
	options := progress.Options{Quiet: a.quiet}
	if f, ok := a.err.(*os.File); ok {
		options.Look = terminal.Detect(f, a.getenv)
	}
	l.display = progress.Start(ctx, a.err, options, func() progress.Snapshot {
		s := l.progress.Snapshot()
		return progress.Snapshot{
			Phase: l.phase.Load().(string), Done: s.CellsDone, Total: s.CellsTotal, Calls: s.Calls, Throttled: s.Throttled,
			Current: strings.Join(s.Services, " "),
		}
	})
	return l
}

func (l *live) stage(s scan.Stage) { l.phase.Store(string(s)) }
