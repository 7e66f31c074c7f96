package plan

import "slices"

// beyond gives the references that are not among the others. A table of which columns are read counts as read for its
// rows too.
func beyond(refs, others []Ref) (more []Ref) {
	for _, r := range refs {
		if !slices.ContainsFunc(others, func(o Ref) bool { return o == r || (r.Column == "" && o.Table == r.Table) }) {
			more = append(more, r)
		}
	}
	return more
}
