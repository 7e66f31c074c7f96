// Package sensitive marks values of resources that must not leave a scan, whatever the file says that they were read from: those
// that the provider's schema calls sensitive. It is asked once for each unit, before anything else sees it, so that code, plans and
// states are masked alike.
package sensitive

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/iac"
)

// list has a line for each sensitive attribute of the schemas: its type, and its dotted path. To read it takes far less than to decode the
// schemas of the types that a unit has, nearly all of which hold nothing sensitive. The package's test makes it with -update.
//
//go:embed sensitive.txt
var list string

// paths are the sensitive attributes of types.
var paths = sync.OnceValue(func() map[string][][]string {
	all := map[string][][]string{}
	for line := range strings.Lines(list) {
		typ, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[typ] = append(all[typ], strings.Split(path, "."))
	}
	return all
})

// Mark marks the sensitive attributes of all resources of a unit.
func Mark(u *iac.Unit) {
	for _, r := range u.Resources {
		name := r.Type
		if r.Data {
			name = "data." + name
		}
		for _, path := range paths()[name] {
			mark(r.Body, path)
		}
	}
}

// mark follows a path, through lists as well.
func mark(v *iac.Value, path []string) {
	switch {
	case v == nil:
	case len(path) == 0:
		Conceal(v)
	case v.Kind == iac.List:
		for _, item := range v.Items {
			mark(item, path)
		}
	default:
		mark(v.Get(path[0]), path[1:])
		for _, one := range v.Either {
			mark(one, path)
		}
	}
}

// Conceal marks a value and all that lies in it.
func Conceal(v *iac.Value) {
	if v == nil {
		return
	}
	v.Sensitive = true
	for _, item := range v.Items {
		Conceal(item)
	}
	for _, f := range v.Fields {
		Conceal(f.Value)
	}
	for _, one := range v.Either {
		Conceal(one)
	}
}
