package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/mute"
	"github.com/stancehq/stance/internal/report"
)

// findingFilters leave some findings of all.
type findingFilters struct {
	severities, statuses, checks, accounts, regions, frameworks []string
	// answering gives by check those of frameworks whose requirements it answers; nil where none is named.
	answering map[string][]string
}

func (a *app) findingsCommand() *cobra.Command {
	var scanID, format string
	var each bool
	var f findingFilters
	c := &cobra.Command{
		Use: "findings", Short: "List the findings of earlier scans", Args: none,
		Example: "  stance findings --severity critical,high\n  stance findings --status unknown\n  stance findings --check aws_s3_bucket_not_public -o json\n" +
			"  stance findings --framework cis-aws-7.0 -o csv",
		RunE: func(c *cobra.Command, _ []string) error {
			targets, err := report.ParseTargets([]string{format})
			if err != nil {
				return &exitError{exitUsage, err.Error()}
			}
			if err := f.checkWords(); err != nil {
				return err
			}
			if err := f.readFrameworks(a); err != nil {
				return err
			}
			rules, err := a.muteRules()
			if err != nil {
				return err
			}
			return a.read(c.Context(), history.Options{Scan: scanID}, func(h *history.History) error {
				result, err := h.Result(c.Context())
				if err != nil {
					return err
				}
				result.Findings = f.setAside(rules, result.Findings)
				if err := a.applyMutes(rules, result); err != nil {
					return err
				}
				if err := f.checkSeen(h, result); err != nil {
					return err
				}
				if err := result.Narrow(f.words(), f.keep); err != nil {
					return err
				}
				return a.listFindings(result, targets[0], each)
			})
		},
	}
	c.Flags().StringVar(&scanID, "scan", "", scanHelp)
	c.Flags().BoolVar(&each, "each", false, "a line for each finding, also where many are unknown for the same cause (other formats than table always have all)")
	c.Flags().StringVarP(&format, "output", "o", "table", "format: table, json, jsonl, csv, ocsf, sarif, github, gitlab, junit or md")
	c.Flags().StringSliceVar(&f.severities, "severity", nil, "only these severities")
	c.Flags().StringSliceVar(&f.statuses, "status", []string{"fail", "unknown", "manual"}, "only these statuses: pass, fail, unknown, manual")
	c.Flags().StringSliceVar(&f.checks, "check", nil, "only these checks")
	c.Flags().StringSliceVar(&f.accounts, "account", nil, "only these accounts")
	c.Flags().StringSliceVar(&f.regions, "region", nil, "only these regions; global is what has none")
	c.Flags().StringSliceVar(&f.frameworks, "framework", nil, "only checks that answer requirements of these frameworks; what is muted in them alone is muted here")
	return c
}

// checkWords refuses words that no finding can have.
func (f *findingFilters) checkWords() error {
	var statuses []string
	for _, s := range report.Statuses() {
		statuses = append(statuses, strings.ToLower(string(s)))
	}
	for i, s := range f.statuses {
		f.statuses[i] = strings.ToLower(s)
	}
	return checkFilters(
		filter{flag: "severity", values: f.severities, known: content.Severities()}, filter{flag: "status", values: f.statuses, known: statuses},
	)
}

// checkSeen refuses what the scans that are read never looked at.
func (f *findingFilters) checkSeen(h *history.History, result *report.Result) error {
	const where = " in what the scans looked at"
	accounts, regions := vocabulary{}, vocabulary{}
	for _, m := range h.Scans() {
		accounts.add(m.Accounts...)
	}
	for _, account := range result.Scan.Accounts {
		regions.add(account.Regions...)
	}
	for _, cell := range result.Coverage {
		regions.add(region(cell.Region))
	}
	if len(f.regions) > 0 { // resources may lie where nothing was listed apart, such as in a namespace
		for found, err := range result.Findings {
			if err != nil {
				return err
			}
			regions.add(region(found.Region))
		}
	}
	return checkFilters(
		filter{"check", f.checks, slices.Sorted(maps.Keys(result.Checks)), where},
		filter{"account", f.accounts, accounts.sorted(), where}, filter{"region", f.regions, regions.sorted(), where},
	)
}

func region(name string) string {
	if name == "" {
		return "global"
	}
	return name
}

// readFrameworks finds the checks that answer requirements of the frameworks that are named.
func (f *findingFilters) readFrameworks(a *app) error {
	if len(f.frameworks) == 0 {
		return nil
	}
	l, err := a.library()
	if err != nil {
		return err
	}
	f.answering = map[string][]string{}
	for _, id := range f.frameworks {
		framework, err := l.framework(id)
		if err != nil {
			return err
		}
		for _, r := range framework.Requirements {
			for _, c := range framework.Answering(r, l.Checks) {
				if !slices.Contains(f.answering[c.ID], framework.ID) {
					f.answering[c.ID] = append(f.answering[c.ID], framework.ID)
				}
			}
		}
	}
	return nil
}

// setAside marks what is muted in the frameworks that are named. A finding that counts in one of them is not set aside because it is
// muted in another.
func (f *findingFilters) setAside(rules *mute.Rules, findings report.Findings) report.Findings {
	if rules == nil || f.answering == nil {
		return findings
	}
	return func(yield func(evaluate.Finding, error) bool) {
		for found, err := range findings {
			if err == nil && found.Suppressed == nil {
				for _, framework := range f.answering[found.Check] {
					if found.Suppressed = rules.For(found, framework); found.Suppressed == nil {
						break
					}
				}
			}
			if !yield(found, err) {
				return
			}
		}
	}
}

func (f *findingFilters) keep(found evaluate.Finding) bool {
	if f.answering != nil && f.answering[found.Check] == nil {
		return false
	}
	return has(f.severities, found.Severity) && has(f.statuses, strings.ToLower(string(found.Status))) && has(f.checks, found.Check) &&
		has(f.accounts, found.Account) && has(f.regions, region(found.Region))
}

// words say which findings the flags leave: "severity critical or high, status fail".
func (f *findingFilters) words() string {
	var parts []string
	for _, part := range []struct {
		name   string
		values []string
	}{{"severity", f.severities}, {"status", f.statuses}, {"check", f.checks}, {"account", f.accounts}, {"region", f.regions}, {"framework", f.frameworks}} {
		if len(part.values) > 0 {
			parts = append(parts, part.name+" "+oneOf(part.values))
		}
	}
	return strings.Join(parts, ", ")
}

// oneOf lists words: "fail, unknown or manual".
func oneOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func (a *app) listFindings(result *report.Result, target report.Target, each bool) error {
	if target.Format.Name != "table" || target.Path != "" {
		return target.Write(result, a.out, a.look())
	}
	listed, err := report.FindingsTable(a.out, result, each, a.look())
	if err != nil || a.quiet {
		return err
	}
	if listed.Suppressed > 0 {
		fmt.Fprintf(a.err, "%s not listed: -o json has all, with the reasons\n", report.Count(listed.Suppressed, "suppressed finding"))
	}
	switch {
	case listed.Findings == 0:
		fmt.Fprintln(a.err, "no findings")
	case listed.Lines > 0:
		fmt.Fprintf(a.err, "%s of the same check and cause stand together on %s: --each lists them one by one\n",
			report.Count(listed.Shared, "unknown finding"), report.Count(listed.Lines, "line"))
	}
	return nil
}
