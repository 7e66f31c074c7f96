package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac/gitbase"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

// codeBefore is what the code said where a branch began. It may be nil.
type codeBefore struct {
	ref, commit string
	submodules  []string
	findings    []evaluate.Finding // to act on
}

// shownCommit is how much of a commit's name people read.
const shownCommit = 10

// before scans the code as it was where the branch began; nil where nobody asks.
func (f *codeFlags) before(ctx context.Context, o scan.CodeOptions, path string) (*codeBefore, error) {
	if f.base == "" {
		return nil, nil
	}
	dir, only := path, ""
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir, only = filepath.Dir(path), filepath.Base(path)
	}
	tree, err := gitbase.Open(ctx, dir, f.base)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, usage("--diff-base %s: %v", f.base, err)
	}
	defer tree.Close() //nolint:errcheck // nothing was written, and what could not be read was told
	o.Root = fs.FS(tree)
	if only != "" {
		o.Root = oneFile{tree, only}
	}
	outcome, err := scan.Code(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("scan %s: %w", f.base, err)
	}
	defer outcome.Close()
	before := &codeBefore{ref: f.base, commit: tree.Base, submodules: tree.Submodules}
	before.findings, err = toActOn(outcome.Result.Findings)
	return before, err
}

// toActOn are the findings that somebody must act on.
func toActOn(findings report.Findings) (kept []evaluate.Finding, err error) {
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		if f.Status != evaluate.Pass && f.Suppressed == nil {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// keyOf is what makes a finding the same in two revisions. One that becomes unknown, or fails where it was unknown, is another.
func keyOf(f evaluate.Finding) gitbase.Key {
	key := gitbase.Key{Check: f.Check + " " + string(f.Status), Address: f.ResourceName}
	if f.Location != nil {
		key.Unit, key.Address = f.Location.Unit, f.Location.Address
	}
	return key
}

// self tells a finding from the others of the same scan: one object may have several of a check, for its parts.
func self(f evaluate.Finding) string {
	return strings.Join([]string{f.Check, string(f.Status), f.Account, f.Resource, f.Found, f.Cause}, "\x00")
}

// narrow leaves what is new, and says what is gone.
func (b *codeBefore) narrow(result *report.Result) error {
	if b == nil {
		return nil
	}
	now, err := toActOn(result.Findings)
	if err != nil {
		return err
	}
	changes := gitbase.Compare(b.findings, now, keyOf)
	added := map[string]bool{}
	for _, f := range changes.Added {
		added[self(f)] = true
	}
	note := fmt.Sprintf("%s new and %s fixed since %s (%.*s); %s as before", report.Count(int64(len(changes.Added)), "finding"), report.Count(int64(len(changes.Fixed)), "finding"),
		b.ref, shownCommit, b.commit, report.Count(int64(len(changes.Unchanged)), "finding"))
	result.Scan.Notes = append(result.Scan.Notes, report.Note{Text: note})
	for _, f := range changes.Fixed {
		result.Scan.Notes = append(result.Scan.Notes, report.Note{Text: fmt.Sprintf("fixed: %s: %s (%s)", keyOf(f).Address, f.Title, f.Check)})
	}
	if len(b.submodules) > 0 {
		result.Scan.Notes = append(result.Scan.Notes, report.Note{Text: fmt.Sprintf("what %s had in submodules could not be seen", b.ref)})
	}
	return result.Narrow("new since "+b.ref, func(f evaluate.Finding) bool { return f.Suppressed == nil && added[self(f)] })
}
