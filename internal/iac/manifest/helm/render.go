package helm

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/strvals"
)

// DefaultKubeVersion is that of a cluster if nothing is said.
const DefaultKubeVersion = "v1.36.0"

// maxOutput bounds what a chart gives, in bytes.
const maxOutput = 64 << 20

// Render renders a chart. A template that fails is left out, and the others are rendered all the same.
func Render(r Request) (result Result) {
	defer func() {
		if p := recover(); p != nil {
			result = Result{Error: fmt.Sprint(p)}
		}
	}()
	l, err := load(r.Chart)
	if err != nil {
		return Result{Error: err.Error()}
	}
	values, err := r.values()
	if err != nil {
		return Result{Error: err.Error()}
	}
	if err := util.ProcessDependencies(l.root, values); err != nil {
		return Result{Error: "its dependencies cannot be told: " + err.Error()}
	}
	capabilities, err := r.capabilities()
	if err != nil {
		return Result{Error: err.Error()}
	}
	release := common.ReleaseOptions{Name: r.Name, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	all, err := commonutil.ToRenderValuesWithSchemaValidation(l.root, values, release, capabilities, true)
	if err != nil {
		return Result{Error: "its values cannot be put together: " + err.Error()}
	}
	p := newPass(l)
	p.missing(l.root, r.Chart.Source)
	p.render(all)
	p.custom()
	return p.result
}

func (r Request) values() (map[string]any, error) {
	values := map[string]any{}
	for i, text := range r.Values {
		more, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read values file %d: %w", i+1, err)
		}
		values = loader.MergeMaps(values, more)
	}
	for _, set := range r.Set {
		if err := strvals.ParseInto(set, values); err != nil {
			return nil, fmt.Errorf("set %s: %w", set, err)
		}
	}
	return values, nil
}

// pass is the rendering of one chart.
type pass struct {
	*loaded
	files  map[string]*common.File // by the engine's name of it
	stack  []string                // of templates that are being rendered, by the engine's name
	result Result
}

// newPass marks the begin and the end of each template, so that it is known which one fails, however deep in others.
func newPass(l *loaded) *pass {
	p := &pass{loaded: l, files: map[string]*common.File{}}
	p.mark(l.root)
	return p
}

func (p *pass) mark(c *chart.Chart) {
	templates := make([]*common.File, 0, len(c.Templates))
	for _, f := range c.Templates {
		name := path.Join(c.ChartFullPath(), f.Name)
		copied := &common.File{Name: f.Name, Data: f.Data}
		base := path.Base(f.Name)
		switch {
		case base == "NOTES.txt":
			continue
		case !strings.HasPrefix(base, "_"):
			copied.Data = fmt.Appendf(nil, "{{ stanceEnter %q }}%s{{ stanceLeave }}", name, f.Data)
		}
		p.sources[copied] = p.sources[f]
		p.files[name] = copied
		templates = append(templates, copied)
	}
	c.Templates = templates
	for _, sub := range c.Dependencies() {
		p.mark(sub)
	}
}

func (p *pass) render(values common.Values) {
	e := engine.Engine{CustomTemplateFuncs: p.functions()}
	for range len(p.files) + 1 {
		p.stack = nil
		out, err := e.Render(p.root, values)
		if err == nil {
			p.keep(out)
			return
		}
		if !p.drop(err) {
			p.result.Error = err.Error()
			return
		}
	}
}

func (p *pass) keep(out map[string]string) {
	total := 0
	for name, text := range out {
		if total += len(text); total > maxOutput {
			p.result = Result{Error: fmt.Sprintf("it gives more than %d bytes", maxOutput)}
			return
		}
		if f := p.files[name]; f != nil && strings.TrimSpace(text) != "" {
			p.result.Rendered = append(p.result.Rendered, Rendered{Source: p.sources[f], Name: name, Text: text})
		}
	}
	slices.SortFunc(p.result.Rendered, func(a, b Rendered) int { return strings.Compare(a.Name, b.Name) })
}

var (
	// place is where the engine says that something is wrong.
	place = regexp.MustCompile(`([^\s()"]+/[^\s():"]+):(\d+)`)
	// doing is what a template was about when it failed.
	doing = regexp.MustCompile(`^.*>: (error calling \w+: )?`)
	// marks are of the program, not of the chart.
	marks = regexp.MustCompile(`\{\{ stance(Enter "[^"]*"|Leave) \}\}`)
)

// drop leaves out the template that failed; false if it is not known which.
func (p *pass) drop(err error) bool {
	what := marks.ReplaceAllString(err.Error(), "")
	found := place.FindAllStringSubmatch(what, -1)
	name, line := "", 0
	if len(p.stack) > 0 {
		name = p.stack[len(p.stack)-1] // others may include it, and will do without
	}
	for _, m := range found {
		if p.files[m[1]] != nil && (name == "" || name == m[1]) {
			name = m[1]
			line, _ = strconv.Atoi(m[2])
			break
		}
	}
	f := p.files[name]
	if f == nil || len(f.Data) == 0 {
		return false
	}
	f.Data = nil // it stays, since others may include it
	what, required := strings.CutPrefix(lastWords(what), requiredMark)
	p.result.Failed = append(p.result.Failed, Failure{Source: p.sources[f], Line: max(line, 1), What: what, Required: required})
	return true
}

// lastWords are what the engine says at the end: what went wrong, after all that it was doing.
func lastWords(what string) string {
	if at := strings.Index(what, requiredMark); at >= 0 {
		return what[at:]
	}
	if _, after, found := strings.Cut(what, "): "); found {
		what = after
	}
	lines := strings.Split(strings.TrimSpace(what), "\n")
	const most = 500
	last := doing.ReplaceAllString(strings.TrimSpace(lines[len(lines)-1]), "")
	if len(last) > most {
		last = strings.ToValidUTF8(last[:most], "") + "…"
	}
	return last
}

// missing gathers the dependencies that the values want and that are not at hand.
func (p *pass) missing(c *chart.Chart, source string) {
	for _, d := range c.Metadata.Dependencies {
		if d != nil && !slices.ContainsFunc(c.Dependencies(), func(have *chart.Chart) bool { return have.Name() == d.Name }) {
			p.result.Missing = append(p.result.Missing, Dependency{Of: source, Name: d.Name, Version: d.Version, Repository: d.Repository})
		}
	}
	for _, sub := range c.Dependencies() {
		p.missing(sub, source)
	}
}

// custom adds the files of crds/, which are no templates.
func (p *pass) custom() {
	for _, crd := range p.root.CRDObjects() {
		p.result.Rendered = append(p.result.Rendered, Rendered{Source: p.sources[crd.File], Name: crd.Filename, Text: string(crd.File.Data), AsIs: true})
	}
}
