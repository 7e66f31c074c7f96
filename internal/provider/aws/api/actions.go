package api

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/descriptions"
)

// Actions are the valid IAM actions, in AWS's spelling: prefix → access level → names.
type Actions map[string]map[string][]string

// IAMActions gives the list that permissions are proved against. It must not be changed.
var IAMActions = sync.OnceValues(func() (Actions, error) {
	a, err := openArchive()
	if err != nil {
		return nil, err
	}
	list, err := descriptions.Decode[Actions](a.Archive, "iam.json")
	if err != nil {
		return nil, err
	}
	return *list, nil
})

// Level says how far an action goes: Read, List, Write, "Permissions management, Write", "Tagging, Write". It fails for what
// is no action. As in IAM, case does not matter.
func (a Actions) Level(action string) (string, error) {
	prefix, name, ok := strings.Cut(action, ":")
	prefix = strings.ToLower(prefix)
	if !ok || a[prefix] == nil {
		return "", fmt.Errorf("there is no IAM action %q", action)
	}
	var names []string
	for level, list := range a[prefix] {
		if slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) }) {
			return level, nil
		}
		names = append(names, list...)
	}
	hint := ""
	if near := content.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", prefix+":"+near)
	}
	return "", fmt.Errorf("there is no IAM action %q%s", action, hint)
}
