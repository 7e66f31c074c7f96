package mapping

import (
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// Concerned are the names of the tables of which the resources of some units may make rows, or of whose rows they may say something. It
// reads of the specs no more than that takes, so that all others need not be prepared.
func Concerned(tables []*content.Table, units []*iac.Unit) []string {
	types, objects := map[string]bool{}, map[string]bool{}
	for _, unit := range units {
		for _, r := range unit.Resources {
			if types[r.Type] {
				continue
			}
			types[r.Type] = true
			group, _, resource := resourceOf(r.Type)
			objects[group+"/"+resource], objects[group+"/*"] = true, true
		}
	}
	var names []string
	for _, t := range tables {
		if t.List != nil && (mentions(t.Terraform, types) || mentions(t.CloudFormation, types) || lists(t, objects)) {
			names = append(names, t.Name)
		}
	}
	return names
}

func mentions(section any, types map[string]bool) bool {
	return section != nil && slices.ContainsFunc(content.MappedTypes(section), func(typ string) bool { return types[typ] })
}

// lists tells whether a call lists one of some kinds of objects, given as NewObjects does.
func lists(t *content.Table, objects map[string]bool) bool {
	return slices.ContainsFunc(append([]*content.Call{t.List}, t.Also...), func(call *content.Call) bool {
		_, resource, ok := strings.Cut(call.Op, "/")
		return ok && objects[call.Service+"/"+resource]
	})
}
