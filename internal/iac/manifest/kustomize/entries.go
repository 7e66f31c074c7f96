package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

func (l *loader) pathOrText(v *iac.Value, field string) *iac.Value {
	if !v.Is(iac.String) || !strings.Contains(v.Text, "\n") && !strings.HasPrefix(strings.TrimSpace(v.Text), "{") {
		return l.path(v, field)
	}
	if !l.harmless([]byte(v.Text), v.Range, field) {
		return nil
	}
	if strings.HasPrefix(field, "patches") {
		l.k.Inline = append(l.k.Inline, Inline{v.Text, v.Range.Line})
	}
	return v
}

// inPath is an object with a path in it, or with what that file would hold.
func (l *loader) inPath(v *iac.Value, field string) *iac.Value {
	if patch := v.Get("patch"); patch.Is(iac.String) {
		l.k.Inline = append(l.k.Inline, Inline{patch.Text, patch.Range.Line})
	}
	at := v.Get("path")
	if at == nil || at.Is(iac.Null) || at.Is(iac.String) && at.Text == "" {
		return v
	}
	checked := l.path(at, field)
	if checked == nil {
		return nil
	}
	return with(v, "path", checked)
}

// generator is one of a config map or secret. One whose files are missing is left out whole, since what it would hold is not known.
func (l *loader) generator(v *iac.Value, field string) *iac.Value {
	for _, name := range []string{"files", "envs"} {
		list := v.Get(name)
		if !list.Is(iac.List) {
			continue
		}
		checked := &iac.Value{Kind: iac.List, Range: list.Range}
		for _, item := range list.Items {
			key, entry, named := strings.Cut(item.Text, "=")
			if !named {
				key, entry = "", item.Text
			}
			one := *item
			one.Text = entry
			c := l.path(&one, field)
			if c == nil {
				return nil
			}
			if named {
				c.Text = key + "=" + c.Text
			}
			checked.Items = append(checked.Items, c)
		}
		v = with(v, name, checked)
	}
	if env := v.Get("env"); env.Is(iac.String) && env.Text != "" {
		c := l.path(env, field)
		if c == nil {
			return nil
		}
		v = with(v, "env", c)
	}
	return v
}

func with(v *iac.Value, key string, value *iac.Value) *iac.Value {
	out := *v
	out.Fields = append([]iac.Field(nil), v.Fields...)
	for i := range out.Fields {
		if out.Fields[i].Key == key {
			out.Fields[i].Value = value
		}
	}
	return &out
}

// file adds a file, unless it cannot be read or would fetch something.
func (l *loader) file(at, field string, from iac.Range) bool {
	text, err := yamltree.File(l.root, at, l.limits.FileBytes)
	if limit := (*yamltree.LimitError)(nil); errors.As(err, &limit) {
		l.problem(iac.LimitReached, from, "%s: %v", at, err)
		return false
	}
	if err != nil {
		l.problem(iac.Broken, from, "%s cannot be read: %v", at, err)
		return false
	}
	if name := path.Ext(at); (name == ".yaml" || name == ".yml" || name == ".json") && !l.harmless(text, from, field) {
		return false
	}
	l.add(&l.k.Files, at)
	return true
}

// harmless tells that no limit is reached in YAML and that no transformer in it fetches anything. The files that such a one names are
// added. Text that is not YAML is left to the library.
func (l *loader) harmless(text []byte, from iac.Range, field string) bool {
	plugin := field == "generators" || field == "transformers" || field == "validators"
	for _, d := range yamltree.Read("", text, l.limits) {
		if limit := (*yamltree.LimitError)(nil); errors.As(d.Err, &limit) {
			l.problem(iac.LimitReached, from, "%v", d.Err)
			return false
		}
		builtIn := d.Value.Get("apiVersion").Is(iac.String) && d.Value.Get("apiVersion").Text == "builtin"
		if plugin && !builtIn && d.Value.Is(iac.Object) {
			l.problem(iac.Skipped, from, "%s: it needs a plugin, which is a program of its own", field)
			return false
		}
		if builtIn && !l.transformer(d.Value, from) {
			return false
		}
	}
	return true
}

func (l *loader) transformer(v *iac.Value, from iac.Range) bool {
	if kind := v.Get("kind"); kind != nil && strings.HasPrefix(kind.Text, "Helm") {
		l.problem(iac.Skipped, from, "%s needs Helm's program; render the chart on its own", kind.Text)
		return false
	}
	ok := true
	visit(v, func(text string) {
		if lower := strings.ToLower(text); strings.Contains(lower, "http:") || strings.Contains(lower, "https:") {
			ok = false
		}
		if _, after, named := strings.Cut(text, "="); named {
			text = after
		}
		if at, found := l.locate(text); found && len(text) < 1000 {
			if info, err := fs.Stat(l.root, at); err == nil && info.Mode().IsRegular() && info.Size() <= l.limits.FileBytes {
				l.add(&l.k.Files, at)
			}
		}
	})
	if !ok {
		l.problem(iac.MissingModule, from, "a transformer reads from an address, which a scan does not do")
	}
	return ok
}

func visit(v *iac.Value, text func(string)) {
	if v == nil {
		return
	}
	if v.Kind == iac.String {
		text(v.Text)
	}
	for _, item := range v.Items {
		visit(item, text)
	}
	for _, f := range v.Fields {
		visit(f.Value, text)
	}
}
