package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	aws "github.com/stancehq/stance/internal/provider/aws/api"
	kubernetes "github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// apis are the vendors' descriptions of all providers.
func apis() plan.APIs { return plan.APIs{"aws": aws.API(), "kubernetes": kubernetes.API()} }

// library is the content of a run: what is in the binary, overlaid by the user's folders.
type library struct {
	*content.Library
	pack     *content.Pack
	settings *content.Settings
	complete bool // with the pack's frameworks
}

const defaultSettings = "stance.yaml"

func (a *app) library() (*library, error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	whole, err := a.overlay(pack, func(*content.Library) {})
	if err != nil {
		return nil, err
	}
	l := &library{Library: whole, pack: pack, complete: len(a.content) > 0}
	if l.settings, err = a.loadSettings(whole); err != nil {
		return nil, err
	}
	return l, nil
}

// overlay is what is in the binary with the user's folders laid over it, each of which it tells.
func (a *app) overlay(pack *content.Pack, tell func(own *content.Library)) (*content.Library, error) {
	whole, err := pack.Library()
	if err != nil {
		return nil, err
	}
	if len(a.content) > 0 { // whose frameworks may refer to ours
		if whole.Frameworks, err = pack.Frameworks(); err != nil {
			return nil, err
		}
	}
	for _, name := range a.content {
		own, err := loadFolder(whole, name)
		if err != nil {
			return nil, err
		}
		whole = content.Overlay(whole, own)
		tell(own)
	}
	return whole, nil
}

func loadFolder(base *content.Library, name string) (*content.Library, error) {
	if info, err := os.Stat(name); err != nil {
		return nil, usage("--content %s: %v", name, err)
	} else if !info.IsDir() {
		return nil, usage("--content %s: a folder is wanted", name)
	}
	own, problems := content.LoadOver(base, content.Dir(name))
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the content of %s is not right:\n%w", name, err)
	}
	return own, nil
}

func (a *app) loadSettings(l *content.Library) (*content.Settings, error) {
	name := a.settingsFile()
	if name == "" {
		return content.DefaultSettings(l), nil
	}
	settings, problems := content.LoadSettings(name, l)
	if err := problems.Err(); err != nil {
		return nil, usage("the settings are not right:\n%v", err)
	}
	return settings, nil
}

// settingsFile is the file that holds the settings, empty if there is none.
func (a *app) settingsFile() string {
	if a.settings != "" {
		return a.settings
	}
	for _, dir := range []string{".", a.near} {
		if dir == "" {
			continue
		}
		name := filepath.Join(dir, defaultSettings)
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return name
		}
	}
	return ""
}

// catalog is the content of a run, and the same prepared.
func (a *app) catalog(ctx context.Context) (*library, *plan.Catalog, error) {
	l, err := a.library()
	if err != nil {
		return nil, nil, err
	}
	catalog, err := l.catalog(ctx)
	return l, catalog, err
}

// catalog is the prepared content. A mistake in the user's own content stops the run.
func (l *library) catalog(ctx context.Context) (*plan.Catalog, error) {
	catalog, problems, err := plan.Restore(ctx, l.Library, l.pack, apis())
	if err != nil {
		return nil, err
	}
	if plan.HasErrors(problems) {
		return nil, fmt.Errorf("the content is not right:\n%s", problemText(problems))
	}
	return catalog, nil
}

// listed is a catalog of the checks by their specs alone: what they read is not in it.
func (l *library) listed() *plan.Catalog {
	catalog := &plan.Catalog{Checks: make(map[string]*plan.Check, len(l.Checks))}
	for _, spec := range l.Checks {
		catalog.Checks[spec.ID] = &plan.Check{Spec: spec, ID: spec.ID}
	}
	return catalog
}

func problemText(problems []plan.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// frameworks are all of the content, by id, the user's own among them. They are read when they are first asked for: a scan without
// them need not.
func (l *library) frameworks() ([]*content.Framework, error) {
	if l.complete {
		return l.Frameworks, nil
	}
	base, err := l.pack.Frameworks()
	if err != nil {
		return nil, err
	}
	l.Library = content.Overlay(&content.Library{
		Providers: l.Providers, Tables: l.Tables, Checks: l.Checks, Functions: l.Functions, Objectives: l.Objectives, Frameworks: base, Named: l.Named,
	}, &content.Library{Frameworks: l.Frameworks})
	l.complete = true
	return l.Frameworks, nil
}

// framework finds a framework by id, or tells which there are.
func (l *library) framework(id string) (*content.Framework, error) {
	all, err := l.frameworks()
	if err != nil {
		return nil, err
	}
	if f := l.Framework(id); f != nil {
		return f, nil
	}
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.ID
	}
	hint := suggestion(content.DidYouMean(id, ids))
	if hint == "" { // a name without its version is near to all its versions
		for _, known := range ids {
			if strings.HasPrefix(known, strings.ToLower(id)) {
				hint += ", " + known
			}
		}
		if hint != "" {
			hint = " (there is " + strings.TrimPrefix(hint, ", ") + ")"
		}
	}
	return nil, usage("there is no framework %q%s: `stance frameworks` lists them", id, hint)
}
