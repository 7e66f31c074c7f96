package main

import (
	"cmp"
	"regexp"
	"strconv"
)

var versionForm = regexp.MustCompile(`^v(\d+)(?:(alpha|beta)(\d+))?$`)

// compareVersions orders versions as Kubernetes prefers them: stable before beta before alpha, then newer before older; what
// is no such version comes last, by name.
func compareVersions(a, b string) int {
	x, y := rank(a), rank(b)
	for i := range x {
		if x[i] != y[i] {
			return cmp.Compare(y[i], x[i])
		}
	}
	return cmp.Compare(a, b)
}

func rank(version string) [3]int {
	m := versionForm.FindStringSubmatch(version)
	if m == nil {
		return [3]int{}
	}
	stability := map[string]int{"": 3, "beta": 2, "alpha": 1}[m[2]]
	major, _ := strconv.Atoi(m[1]) // digits alone
	minor, _ := strconv.Atoi(m[3]) // digits alone, or empty: 0
	return [3]int{stability, major, minor}
}
