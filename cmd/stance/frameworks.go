package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

func (a *app) frameworksCommand() *cobra.Command {
	var format, level string
	c := &cobra.Command{
		Use: "frameworks [FRAMEWORK]", Short: "List the compliance frameworks and how far checks answer them, or the requirements of one", Args: atMostOne,
		Long: `Lists each framework for each provider: how many of its requirements checks answer in full, in part, or not at all (manual: a person must
look). With a framework: its requirements, the checks that answer each, and what is left to a person.`,
		Example: "  stance frameworks\n  stance frameworks cis-aws-7.0\n  stance frameworks nist-800-53-r5 --level moderate -o csv",
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := a.library()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if level != "" {
					return usage("--level is for one framework: name it")
				}
				return a.listFrameworks(l, format)
			}
			chosen, err := l.chosen(args, level)
			if err != nil {
				return err
			}
			return a.showFramework(l, chosen[0], level, format)
		},
	}
	formatFlag(c, &format)
	c.Flags().StringVar(&level, "level", "", "only requirements of this level, baseline or profile")
	return c
}

func (a *app) listFrameworks(l *library, format string) error {
	all, err := l.frameworks()
	if err != nil {
		return err
	}
	var rows [][]any
	for _, f := range all {
		for _, reach := range compliance.ReachOf(f, l.Checks) {
			rows = append(rows, []any{f.ID, reach.Provider, int64(reach.Full), int64(reach.Partial), int64(reach.Manual), int64(reach.Checks), versioned(f)})
		}
	}
	return a.print(format, []string{"framework", "provider", "full", "partial", "manual", "checks", "title"}, rows)
}

// versioned is a framework's name with its version, where the name does not say it.
func versioned(f *content.Framework) string {
	if strings.Contains(f.Title, f.Version) {
		return f.Title
	}
	return f.Title + " " + f.Version
}

func (a *app) showFramework(l *library, f *content.Framework, level, format string) error {
	rows := [][]any{}
	for _, r := range compliance.Wanted(f, level) {
		if r.Group {
			continue
		}
		var checks []string
		for _, c := range f.Answering(r, l.Checks) {
			checks = append(checks, c.ID)
		}
		rows = append(rows, []any{r.ID, r.Title, r.Answer, int64(len(checks)), strings.Join(checks, " "), cmp.Or(r.Left, r.Look)})
	}
	if format != "table" {
		return a.print(format, []string{"requirement", "title", "answer", "count", "checks", "left"}, rows)
	}
	a.describe(f)
	for i := range rows {
		rows[i] = append(rows[i][:4], rows[i][5])
	}
	return a.print(format, []string{"requirement", "title", "answer", "checks", "left to a person"}, rows)
}

// describe says what a framework is, and how much of it is here.
func (a *app) describe(f *content.Framework) {
	answers := compliance.AnswersOf(f)
	lines := []string{
		f.About,
		fmt.Sprintf("%s, %s (%s), %s", f.Publisher, f.Source.Document, f.Source.Date, f.Source.URL),
		fmt.Sprintf("%s: checks answer %d in full and %d in part, %d are for a person alone.",
			report.Count(int64(answers.Full+answers.Partial+answers.Manual), "requirement"), answers.Full, answers.Partial, answers.Manual),
	}
	if len(f.Levels) > 0 {
		lines = append(lines, "Levels: "+strings.Join(f.Levels, ", "))
	}
	if !f.Quoted {
		lines = append(lines, "Titles are our own words.")
	}
	if f.OwnIDs {
		lines = append(lines, "The publisher gives no identifiers: these are ours.")
	}
	if f.Missing != "" {
		lines = append(lines, "Not in here: "+f.Missing)
	}
	if f.Notice != "" {
		lines = append(lines, f.Notice)
	}
	fmt.Fprintln(a.out, versioned(f))
	for _, line := range lines {
		for _, part := range terminal.Wrap(line, a.look().Columns()) {
			fmt.Fprintln(a.out, part)
		}
	}
	fmt.Fprintln(a.out)
}
