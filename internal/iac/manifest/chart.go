package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/ignore"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/child"
	"github.com/stancehq/stance/internal/iac/manifest/helm"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

const (
	maxChartFile  = 5 << 20 // as Helm has it
	maxChartBytes = 64 << 20
	maxChartDepth = 12
)

// collector gathers a chart's files, and those of the charts that it depends on.
type collector struct {
	r     *reader
	b     *unitBuilder
	bytes int64
	calls map[string]iac.Call // by the folder of a dependency
}

// chart reads a chart as a unit.
func (r *reader) chart(ctx context.Context, dir string) (*iac.Unit, error) {
	b := newUnit(iac.Helm, dir, &r.o)
	c := r.found.charts[dir]
	switch {
	case c.library:
		b.problem(iac.Skipped, c.at, "it is a library for other charts, and has no objects of its own")
		return b.unit, nil
	case r.pool == nil:
		b.problem(iac.Skipped, c.at, "charts are not rendered here")
		return b.unit, nil
	}
	gather := &collector{r: r, b: b, calls: map[string]iac.Call{}}
	chart := gather.collect(dir, []string{dir})
	if gather.bytes > maxChartBytes {
		b.problem(iac.LimitReached, c.at, "the chart has more than %d MiB of files", maxChartBytes>>20)
		return b.unit, nil
	}
	request := helm.Request{
		Chart: chart, Set: r.o.Set, Name: r.o.Release, Namespace: b.namespace, KubeVersion: r.o.KubeVersion, APIVersions: r.o.APIVersions,
	}
	if request.Name == "" {
		request.Name = c.name
	}
	for _, values := range r.o.Values {
		request.Values = append(request.Values, values.Text)
	}
	answer, err := r.pool.Do(ctx, child.Request{Helm: &request})
	if errors.Is(err, child.ErrEnded) {
		b.problem(iac.LimitReached, c.at, "rendering the chart %s: %v", c.name, err)
		return b.unit, nil
	}
	if err != nil {
		return nil, fmt.Errorf("render the chart in %s: %w", dir, err)
	}
	gather.take(c, answer.Helm)
	return b.unit, nil
}

func (c *collector) problem(kind, file, format string, args ...any) {
	c.b.problem(kind, iac.Range{File: file, Line: 1}, format, args...)
}

// collect gathers a chart; way are the folders that lead to it.
func (c *collector) collect(dir string, way []string) *helm.Chart {
	out := &helm.Chart{Source: dir, Files: map[string][]byte{}}
	rules := c.rules(dir)
	vendored := map[string]bool{}
	err := fs.WalkDir(c.r.root, dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		name := strings.TrimPrefix(file, dir+"/")
		info, err := fs.Stat(c.r.root, file) // what a link leads to, if that is within the root
		if err != nil {
			c.problem(iac.Broken, file, "cannot be read: %v", err)
			return nil
		}
		if parent := path.Dir(name); parent == "charts" {
			return c.vendored(out, file, entry, vendored, way)
		}
		if entry.IsDir() {
			if rules.Ignore(name, info) || entry.Name() == ".git" || c.r.found.charts[file] != nil {
				return fs.SkipDir
			}
			return nil
		}
		if !info.Mode().IsRegular() || rules.Ignore(name, info) {
			return nil
		}
		if text := c.read(file, info); text != nil {
			out.Files[name] = text
		}
		return nil
	})
	if err != nil {
		c.problem(iac.Broken, dir+"/Chart.yaml", "the chart cannot be read: %v", err)
	}
	c.neighbors(out, dir, vendored, way)
	return out
}

func (c *collector) rules(dir string) *ignore.Rules {
	rules := ignore.Empty()
	if text, err := yamltree.File(c.r.root, path.Join(dir, ignore.HelmIgnore), maxChartFile); err == nil {
		if own, err := ignore.Parse(bytes.NewReader(text)); err == nil {
			rules = own
		}
	}
	rules.AddDefaults()
	return rules
}

func (c *collector) read(file string, info fs.FileInfo) []byte {
	if info.Size() > maxChartFile {
		c.problem(iac.LimitReached, file, "the file has %d bytes; Helm reads at most %d", info.Size(), maxChartFile)
		return nil
	}
	if c.bytes += info.Size(); c.bytes > maxChartBytes {
		return nil
	}
	text, err := fs.ReadFile(c.r.root, file)
	c.b.file(file)
	if err != nil {
		c.problem(iac.Broken, file, "cannot be read: %v", err)
		return nil
	}
	if text == nil {
		text = []byte{}
	}
	return text
}

// vendored adds what lies in charts/: folders, and archives.
func (c *collector) vendored(out *helm.Chart, file string, entry fs.DirEntry, names map[string]bool, way []string) error {
	base := entry.Name()
	if strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if entry.IsDir() {
		if sub := c.r.found.charts[file]; sub != nil && len(way) < maxChartDepth {
			names[sub.name] = true
			c.called(out.Source, sub)
			out.Dependencies = append(out.Dependencies, c.collect(file, append(way, file)))
		}
		return fs.SkipDir
	}
	info, err := fs.Stat(c.r.root, file)
	if err != nil || path.Ext(base) != ".tgz" || !info.Mode().IsRegular() {
		return err
	}
	if text := c.read(file, info); text != nil {
		for _, d := range c.r.found.charts[out.Source].dependencies {
			if strings.HasPrefix(base, d.name+"-") {
				names[d.name] = true
			}
		}
		out.Dependencies = append(out.Dependencies, &helm.Chart{Source: file, Archive: text})
	}
	return nil
}

func (c *collector) called(from string, sub *chartFile) {
	call := iac.Call{Name: sub.name, Source: sub.dir, Range: iac.Range{File: path.Join(from, "Chart.yaml"), Line: 1}}
	for _, d := range c.r.found.charts[from].dependencies {
		if d.name == sub.name {
			call.Range = d.at
		}
	}
	c.calls[sub.dir] = call
}

// neighbors adds dependencies that are not vendored but lie elsewhere in the scanned folder: where file:// says, or by name.
func (c *collector) neighbors(out *helm.Chart, dir string, have map[string]bool, way []string) {
	for _, d := range c.r.found.charts[dir].dependencies {
		if have[d.name] || len(way) >= maxChartDepth {
			continue
		}
		sub := c.r.found.neighbor(dir, d)
		if sub == nil || contains(way, sub.dir) {
			continue
		}
		have[d.name] = true
		c.called(dir, sub)
		out.Dependencies = append(out.Dependencies, c.collect(sub.dir, append(way, sub.dir)))
	}
}

func contains(list []string, one string) bool {
	for _, each := range list {
		if each == one {
			return true
		}
	}
	return false
}

func (f *Found) neighbor(dir string, d dependency) *chartFile {
	if at, found := strings.CutPrefix(d.repository, "file://"); found {
		return f.charts[path.Join(dir, at)]
	}
	var best *chartFile
	for _, at := range sorted(f.charts) {
		c := f.charts[at]
		if c.name != d.name || at == dir || f.within(at) != "" {
			continue
		}
		if best == nil || path.Dir(at) == path.Dir(dir) && path.Dir(best.dir) != path.Dir(dir) {
			best = c
		}
	}
	return best
}

// take makes resources of what was rendered.
func (c *collector) take(chart *chartFile, result helm.Result) {
	if result.Error != "" {
		c.b.problem(iac.NotEvaluated, chart.at, "the chart %s cannot be rendered: %s", chart.name, result.Error)
	}
	for _, m := range result.Missing {
		at := iac.Range{File: path.Join(m.Of, "Chart.yaml"), Line: 1}
		if of := c.r.found.charts[m.Of]; of != nil {
			for _, d := range of.dependencies {
				if d.name == m.Name {
					at = d.at
				}
			}
		}
		c.b.problem(iac.MissingModule, at, "the dependency %s %s is not on disk; run helm dependency build to have it scanned", m.Name, m.Version)
	}
	for _, f := range result.Failed {
		kind, what := iac.NotEvaluated, "the template fails, and is left out: "
		if f.Required {
			kind, what = iac.MissingValue, "the template needs a value, and is left out: "
		}
		c.b.problem(kind, iac.Range{File: f.Source, Line: f.Line}, "%s%s", what, f.What)
	}
	var all []*rendered
	for i := range result.Rendered {
		all = append(all, c.parse(&result.Rendered[i]))
	}
	for _, one := range all {
		for _, o := range one.objects {
			c.b.learn(o)
		}
	}
	for _, one := range all {
		for _, o := range one.objects {
			if r := c.b.add(o); r != nil {
				r.Calls = one.calls
			}
		}
	}
	c.b.control()
}

// rendered is what a template gave.
type rendered struct {
	objects []*iac.Value
	calls   []iac.Call
}

func (c *collector) parse(one *helm.Rendered) *rendered {
	out := &rendered{calls: c.way(one.Source)}
	c.b.file(one.Source)
	archive := path.Ext(one.Source) == ".tgz"
	for _, d := range yamltree.Read(one.Source, []byte(one.Text), c.r.o.Limits) {
		if d.Err != nil {
			kind, line := d.Problem()
			what, at := "what the template gives cannot be read: line %d of it: %v", iac.Range{File: one.Source, Line: 1}
			if one.AsIs && !archive {
				what, at.Line = "line %d: %v", line
			}
			c.b.problem(kind, at, what, line, d.Err)
			continue
		}
		if !d.Value.Is(iac.Object) {
			continue
		}
		for _, o := range flatten(d.Value) {
			if !neverInstalled(o) {
				out.objects = append(out.objects, o)
			}
		}
	}
	if one.AsIs && !archive {
		return out
	}
	var source []byte
	if !archive {
		source, _ = fs.ReadFile(c.r.root, one.Source)
	}
	locate(out.objects, one.Source, source)
	return out
}

// neverInstalled tells hooks that are no part of an installed release: tests, and what is done before it is deleted or rolled back.
func neverInstalled(o *iac.Value) bool {
	hooks := text(o.Get("metadata").Get("annotations").Get("helm.sh/hook"))
	if hooks == "" {
		return false
	}
	for hook := range strings.SplitSeq(hooks, ",") {
		hook = strings.TrimSpace(hook)
		if strings.HasSuffix(hook, "install") || strings.HasSuffix(hook, "upgrade") || hook == "crd-install" {
			return false
		}
	}
	return true
}

// way is through which dependencies one comes to a file.
func (c *collector) way(source string) []iac.Call {
	var best string
	for dir := range c.calls {
		if strings.HasPrefix(source, dir+"/") && len(dir) > len(best) {
			best = dir
		}
	}
	if best == "" {
		return nil
	}
	call := c.calls[best]
	if parent := path.Dir(call.Range.File); parent != c.b.unit.Path && parent != best {
		return append(c.way(parent+"/x"), call)
	}
	return []iac.Call{call}
}
