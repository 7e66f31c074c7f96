package lake

import "slices"

// Asked gives, for each of the scans selected as Scans lists them, the checks whose findings in the selection are its own, sorted.
func (v *Views) Asked() [][]string {
	asked := make([][]string, len(v.scans))
	if v.all {
		for i, m := range v.scans {
			asked[i] = slices.Sorted(slices.Values(m.Checks))
		}
		return asked
	}
	for i, shares := range latest(v.findingClaims()) {
		for _, s := range shares {
			asked[i] = append(asked[i], s.name)
		}
		slices.Sort(asked[i])
		asked[i] = slices.Compact(asked[i])
	}
	return asked
}
