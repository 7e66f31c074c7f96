package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/mute"
	"github.com/stancehq/stance/internal/report"
)

// muteRules are the rules of the user's file of mutes, nil if there is none. A mistake in it is wrong usage: none of it is used then.
func (a *app) muteRules() (*mute.Rules, error) {
	name := a.mutes
	if name == "" {
		if _, err := os.Stat(content.DefaultMutes); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		name = content.DefaultMutes
	}
	l, err := a.library()
	if err != nil {
		return nil, err
	}
	if _, err := l.frameworks(); err != nil {
		return nil, err
	}
	mutes, problems := content.LoadMutes(name, l.Library)
	if err := problems.Err(); err != nil {
		return nil, usage("the mutes are not right, so that none is used:\n%v", err)
	}
	rules := mute.New(mutes, time.Now())
	if ended := rules.Ended(); len(ended) > 0 && !a.quiet {
		fmt.Fprintf(a.err, "%s of %s ended, the last on %s: what it muted is back\n", report.Count(int64(len(ended)), "rule"), name, ended[len(ended)-1].Until)
	}
	return rules, nil
}

// applyMutes marks the findings of a result, and counts them anew.
func (a *app) applyMutes(rules *mute.Rules, result *report.Result) error {
	if rules == nil {
		return nil
	}
	result.Findings = rules.Apply(result.Findings, "")
	var err error
	result.Summary, err = report.Summarize(result.Findings)
	return err
}
