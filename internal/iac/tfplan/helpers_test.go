package tfplan

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform"
)

// files makes a tree of names and texts.
func files(pairs ...string) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return tree
}

// read reads one file of a tree, with the code around it.
func read(t *testing.T, tree fstest.MapFS, file string) *Reading {
	t.Helper()
	source := terraform.Open(tree, iac.Limits{})
	roots, _ := source.Roots(context.Background())
	r, err := Read(context.Background(), tree, file, Options{Code: source, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func find(t *testing.T, unit *iac.Unit, address string) *iac.Resource {
	t.Helper()
	var have []string
	for _, r := range unit.Resources {
		if r.Address == address {
			return r
		}
		have = append(have, r.Address)
	}
	t.Fatalf("no %s in %v; problems: %v", address, have, unit.Problems)
	return nil
}

// at follows a dotted path; the first item of lists is taken.
func at(v *iac.Value, path string) *iac.Value {
	for _, key := range strings.Split(path, ".") {
		if v != nil && v.Kind == iac.List && len(v.Items) > 0 {
			v = v.Items[0]
		}
		v = v.Get(key)
	}
	return v
}

// show writes a value as one line: ${…} an attribute known only after apply, ?(…) an unknown, !… a secret.
func show(v *iac.Value) string {
	if v == nil {
		return "absent"
	}
	text := ""
	switch v.Kind {
	case iac.Null:
		text = "null"
	case iac.Bool, iac.Number, iac.String:
		text = v.Text
		for _, p := range v.Parts {
			if text += p.Text; p.Symbol != nil {
				text += p.Symbol.String()
			}
		}
	case iac.List:
		var items []string
		for _, item := range v.Items {
			items = append(items, show(item))
		}
		text = "[" + strings.Join(items, " ") + "]"
	case iac.Object:
		var items []string
		for _, f := range v.Fields {
			items = append(items, f.Key+":"+show(f.Value))
		}
		text = "{" + strings.Join(items, " ") + "}"
	case iac.Unknown:
		if text = "?(" + v.Cause + ")"; v.Symbol != nil {
			text = v.Symbol.String()
		}
	}
	if v.Sensitive {
		return "!" + text
	}
	return text
}

func problems(unit *iac.Unit) string {
	var all []string
	for _, p := range unit.Problems {
		all = append(all, p.Kind+": "+p.What)
	}
	return strings.Join(all, "; ")
}
