// Package functions is the function list of the Terraform and OpenTofu languages, written from their documented behavior on the
// functions of cty. It differs from what those programs run in three ways: arguments may be attributes known only after apply,
// whose marks the results keep by the rule of package marks; files are read below one folder only, and one that is not there is
// unknown, since it may be built; and no call can cost much more than its arguments do, whatever they are.
//
// What depends on the moment, on chance or on keys (timestamp, uuid, bcrypt, …) is unknown. Functions of providers are not here.
package functions

import (
	"io/fs"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/stancehq/stance/internal/iac"
)

// Template is the text of a template, where it is from, and what its expressions see.
type Template struct {
	Name      string // of the file below Scope.Root, or "templatestring"
	Text      string
	Variables map[string]cty.Value // with their marks
	Functions map[string]function.Function
}

// Scope is what the functions that read files and templates need to know of the module that calls them.
type Scope struct {
	// Root is the folder that is scanned: nothing outside it is read. nil: no file is there.
	Root fs.FS
	// Dir is the folder of the root module below Root, with slashes: the one in which programs are run, so that relative paths
	// (path.module is one) start there, in whatever module they are written. Empty means Root itself.
	Dir string
	// Evaluate parses and evaluates a template for templatefile and templatestring. nil: their results are unknown.
	Evaluate func(Template) (cty.Value, error)
	// Limits of zero are replaced by the default ones.
	Limits iac.Limits
}

// Table is every function by its name, and again as core::name.
func Table(scope Scope) map[string]function.Function {
	if scope.Dir == "" {
		scope.Dir = "."
	}
	standard := iac.DefaultLimits()
	if scope.Limits.TextBytes <= 0 {
		scope.Limits.TextBytes = standard.TextBytes
	}
	if scope.Limits.FileBytes <= 0 {
		scope.Limits.FileBytes = standard.FileBytes
	}
	if scope.Limits.Nesting <= 0 {
		scope.Limits.Nesting = standard.Nesting
	}
	all := map[string]function.Function{}
	for _, group := range []map[string]function.Function{
		numbers(), texts(scope.Limits), sequences(), maps(), sets(), conversions(), attempts(), secrets(), times(),
		codes(scope.Limits), documents(scope.Limits), networks(), hashes(), files(scope), unpredictable(),
	} {
		for name, f := range group {
			all[name] = f
		}
	}
	for name, f := range templates(scope, withCore(all)) {
		all[name] = f
	}
	return withCore(all)
}

// withCore gives the functions under their names and under the longer ones.
func withCore(plain map[string]function.Function) map[string]function.Function {
	both := make(map[string]function.Function, 2*len(plain))
	for name, f := range plain {
		both[name] = f
		both["core::"+name] = f
	}
	return both
}

func numbers() map[string]function.Function {
	return map[string]function.Function{
		"abs":      computed(stdlib.AbsoluteFunc),
		"ceil":     computed(stdlib.CeilFunc),
		"floor":    computed(stdlib.FloorFunc),
		"log":      computed(stdlib.LogFunc),
		"max":      computed(stdlib.MaxFunc),
		"min":      computed(stdlib.MinFunc),
		"parseint": computed(stdlib.ParseIntFunc),
		"pow":      computed(stdlib.PowFunc),
		"signum":   computed(stdlib.SignumFunc),
		"sum":      sum(),
		"alltrue":  quantifier(cty.True),
		"anytrue":  quantifier(cty.False),
		"range":    computed(stdlib.RangeFunc),
	}
}

func conversions() map[string]function.Function {
	return map[string]function.Function{
		"tobool":   converter(cty.Bool),
		"tonumber": converter(cty.Number),
		"tostring": converter(cty.String),
		"tolist":   converter(cty.List(cty.DynamicPseudoType)),
		"tomap":    converter(cty.Map(cty.DynamicPseudoType)),
		"toset":    converter(cty.Set(cty.DynamicPseudoType)),
	}
}

// unpredictable are those whose results no reading of code can tell.
func unpredictable() map[string]function.Function {
	text := parameter("value", cty.String)
	return map[string]function.Function{
		"timestamp":     never("timestamp() is the moment of the run"),
		"plantimestamp": never("plantimestamp() is the moment of the plan"),
		"uuid":          never("uuid() is made by chance"),
		"bcrypt":        never("bcrypt() is salted by chance", text),
		"rsadecrypt":    never("rsadecrypt() needs a private key", text, parameter("privatekey", cty.String)),
	}
}
