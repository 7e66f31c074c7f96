package plan

import (
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// FunctionsOf are those of some functions that the SQL of tables and checks can come to, each after those that it uses. To make a
// function takes a millisecond, and a scan of one file comes to a few of hundreds.
func FunctionsOf(tables []*Table, checks []*Check, functions []*content.Function) []*content.Function {
	of := map[string][]*content.Function{}
	for _, f := range functions {
		name := strings.ToLower(f.Name)
		of[name] = append(of[name], f)
	}
	r := newReach(nil, functions)
	for _, t := range tables {
		r.text(t.Select)
	}
	for _, c := range checks {
		for _, text := range []string{c.Spec.When, c.Spec.Ask, c.Spec.Pass, c.Spec.Found, c.Spec.Query} {
			r.text(text)
		}
	}
	var reached []*content.Function
	for _, name := range r.order {
		reached = append(reached, of[name]...)
	}
	return reached
}
