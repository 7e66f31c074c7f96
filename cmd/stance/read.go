package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

// history opens the lake for reading.
func (a *app) history(ctx context.Context, o history.Options) (*history.History, error) {
	location, err := a.lakeLocation()
	if err != nil {
		return nil, err
	}
	o.Lake = location
	h, err := history.Open(ctx, o)
	return h, a.afterDemo(err)
}

// afterDemo tells who has run the demo, and looks for its findings in an empty lake, where they are.
func (a *app) afterDemo(err error) error {
	var empty *lake.Empty
	if !errors.As(err, &empty) || a.lake != "" {
		return err
	}
	data, problem := a.dataFolder()
	demo := filepath.Join(data, "demo", "lake")
	if _, missing := os.Stat(demo); problem != nil || missing != nil {
		return err
	}
	return fmt.Errorf("%w; that of the demo is --lake %s", err, quote(demo))
}

// read opens the lake, lets read do its work, and says which file is damaged if it cannot.
func (a *app) read(ctx context.Context, o history.Options, read func(h *history.History) error) error {
	h, err := a.history(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(h.Explain(ctx, read(h)), h.Close())
}

const scanHelp = "a scan's id or its beginning, or latest (default the latest state of each account)"

func (a *app) diffCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "diff [BEFORE [AFTER]]", Short: "Tell what changed between two scans", Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usage("unexpected %q: two scans are compared", args[2])
			}
			return nil
		},
		Long:    "Compares the findings of two scans: what is new, what is resolved, what changed. Without arguments, the last two scans of the provider of the last one.",
		Example: "  stance diff\n  stance diff 20260101T0800 20260102T0800",
		RunE: func(c *cobra.Command, args []string) error {
			return a.read(c.Context(), history.Options{Scan: lake.AllScans}, func(h *history.History) error { return a.diff(c.Context(), h, args, format) })
		},
	}
	formatFlag(c, &format)
	return c
}

func (a *app) diff(ctx context.Context, h *history.History, args []string, format string) error {
	before, after, err := a.pair(h.Scans(), args)
	if err != nil {
		return err
	}
	changes, err := h.Diff(ctx, before, after)
	if err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.err, "%s → %s: %s\n", before, after, report.Count(int64(len(changes)), "change"))
	}
	rows := make([]report.Change, len(changes))
	for i, change := range changes {
		rows[i] = report.Change{Kind: change.Kind, Finding: change.Finding, Before: change.Before}
	}
	return report.Changes(a.out, format, rows, a.look())
}

// pair finds the two scans to compare.
func (a *app) pair(scans []lake.Manifest, args []string) (before, after string, err error) {
	find := func(prefix string) (string, error) {
		i := slices.IndexFunc(scans, func(m lake.Manifest) bool { return strings.HasPrefix(m.ID, prefix) })
		if i < 0 {
			return "", usage("no scan %q in the lake: `%s` lists them", prefix, a.reading("scans"))
		}
		return scans[i].ID, nil
	}
	last := scans[len(scans)-1]
	after = last.ID
	if len(args) == 2 {
		if after, err = find(args[1]); err != nil {
			return "", "", err
		}
	}
	if len(args) > 0 {
		before, err = find(args[0])
		return before, after, err
	}
	for _, m := range slices.Backward(scans[:len(scans)-1]) {
		if m.Provider == last.Provider {
			return m.ID, after, nil
		}
	}
	return "", "", usage("there is one scan of %s only: nothing to compare with", last.Provider)
}
