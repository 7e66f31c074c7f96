package terraform

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/iac"
)

// files makes a tree of names and texts.
func files(pairs ...string) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return tree
}

func read(t *testing.T, tree fstest.MapFS, o Options) *iac.Unit {
	t.Helper()
	unit, err := Read(context.Background(), tree, ".", o)
	if err != nil {
		t.Fatal(err)
	}
	return unit
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

// show writes a value as one line: t"…" is text with holes, ${…} an attribute known only after apply, ?(…) an unknown, !… a secret.
func show(v *iac.Value) string {
	if v == nil {
		return "absent"
	}
	secret := ""
	if v.Sensitive {
		secret = "!"
	}
	return secret + showPlain(v)
}

func showPlain(v *iac.Value) string {
	switch v.Kind {
	case iac.Null:
		return "null"
	case iac.Bool, iac.Number:
		return v.Text
	case iac.String:
		if v.Parts == nil {
			return fmt.Sprintf("%q", v.Text)
		}
		var b strings.Builder
		for _, p := range v.Parts {
			b.WriteString(p.Text)
			if p.Symbol != nil {
				b.WriteString(p.Symbol.String())
			}
		}
		return fmt.Sprintf("t%q", b.String())
	case iac.List:
		items := showAll(v.Items)
		if v.Open != "" {
			items = append(items, "…")
		}
		return "[" + strings.Join(items, ", ") + "]"
	case iac.Object:
		var fields []string
		for _, f := range v.Fields {
			fields = append(fields, f.Key+": "+show(f.Value))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	switch {
	case v.Symbol != nil:
		return v.Symbol.String()
	case len(v.Either) > 0:
		return "either(" + strings.Join(showAll(v.Either), " | ") + ")"
	}
	return "?(" + v.Cause + ")"
}

func showAll(values []*iac.Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, show(v))
	}
	return out
}
