// Package policy writes IAM policies that allow exactly the actions which a scan needs. It knows no call: which actions
// those are is told by the plan.
package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// MaxSize is how many characters a managed policy may have; AWS does not count white space.
const MaxSize = 6144

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource string
}

// Documents writes the policies that allow the actions, with as few as the size limit lets be: one statement per service,
// sorted. The same actions, in whatever order, give the same text. It fails for what is no action.
func Documents(actions []string) ([]string, error) {
	services, err := group(actions)
	if err != nil {
		return nil, err
	}
	var documents []document
	for _, s := range services {
		for len(s.Action) > 0 {
			if len(documents) == 0 {
				documents = append(documents, document{Version: "2012-10-17"})
			}
			last := &documents[len(documents)-1]
			n := fitting(*last, s)
			if n == 0 {
				if len(last.Statement) == 0 {
					return nil, fmt.Errorf("action %s is too long for a policy", s.Action[0])
				}
				documents = append(documents, document{Version: "2012-10-17"})
				continue
			}
			part := s
			part.Action, s.Action = s.Action[:n], s.Action[n:]
			last.Statement = append(last.Statement, part)
		}
	}
	texts := make([]string, len(documents))
	for i, d := range documents {
		text, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("write the policy: %w", err)
		}
		texts[i] = string(text) + "\n"
	}
	return texts, nil
}

// group makes a statement per service. As in IAM, case does not matter: of two spellings the first is kept.
func group(actions []string) ([]statement, error) {
	actions = slices.Clone(actions)
	slices.SortFunc(actions, func(a, b string) int {
		if order := strings.Compare(strings.ToLower(a), strings.ToLower(b)); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	actions = slices.CompactFunc(actions, strings.EqualFold)
	byService := map[string]*statement{}
	var order []string
	for _, action := range actions {
		service, name, ok := strings.Cut(action, ":")
		if !ok || service == "" || name == "" || strings.ContainsAny(action, "*? ") {
			return nil, fmt.Errorf("%q is no action of the form service:Action", action)
		}
		service = strings.ToLower(service)
		if byService[service] == nil {
			order = append(order, service)
			byService[service] = &statement{Sid: sid(service), Effect: "Allow", Resource: "*"}
		}
		byService[service].Action = append(byService[service].Action, action)
	}
	slices.Sort(order)
	statements := make([]statement, len(order))
	for i, service := range order {
		statements[i] = *byService[service]
	}
	return statements, nil
}

// sid names a statement, in which only letters and digits are allowed.
func sid(service string) string {
	var b strings.Builder
	b.WriteString("Read")
	for word := range strings.SplitSeq(service, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// fitting tells how many actions of the statement the document has room for.
func fitting(d document, s statement) int {
	return sort.Search(len(s.Action), func(n int) bool {
		more := s
		more.Action = s.Action[:n+1]
		return size(document{d.Version, append(slices.Clip(d.Statement), more)}) > MaxSize
	})
}

// size counts the characters of a policy as AWS does. The compact form has no white space, for no name in it has.
func size(d document) int {
	text, err := json.Marshal(d)
	if err != nil { // only for values that these types cannot hold
		return MaxSize + 1
	}
	return len(text)
}
