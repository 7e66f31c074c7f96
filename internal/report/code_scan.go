package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Code is what a scan of infrastructure code read, and what it could not.
type Code struct {
	Files    int           `json:"files"`
	Units    []CodeUnit    `json:"units"`
	Problems []CodeProblem `json:"problems,omitempty"`
	// Unmapped are resources that no table speaks of, and so no check: the most frequent type first.
	Unmapped []CodeType `json:"unmapped,omitempty"`
}

// CodeUnit is what is deployed together: a root module, a template, a chart, the manifests of a folder.
type CodeUnit struct {
	Kind      string `json:"kind"`
	Path      string `json:"path"`
	Files     int    `json:"files"`
	Resources int    `json:"resources"`
}

// CodeProblem is something that was not read, or not taken into account. Notes leave nothing unseen.
type CodeProblem struct {
	Kind string `json:"kind"` // broken, missing module, missing variable, skipped, limit, not evaluated, suppression
	What string `json:"what"`
	Unit string `json:"unit,omitempty"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Note bool   `json:"note,omitempty"`
}

// CodeType counts resources of a type.
type CodeType struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

// SortTypes puts the most frequent first.
func SortTypes(types []CodeType) {
	slices.SortFunc(types, func(a, b CodeType) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type)) })
}

// Shown in a summary, of each kind.
const (
	shownTypes    = 4
	shownProblems = 5
)

// readLine says what was read: "12 files · 2 terraform, 1 helm".
func (c *Code) readLine(dot string) string {
	kinds := map[string]int{}
	var order []string
	for _, u := range c.Units {
		if kinds[u.Kind] == 0 {
			order = append(order, u.Kind)
		}
		kinds[u.Kind]++
	}
	parts := make([]string, len(order))
	for i, kind := range order {
		parts[i] = fmt.Sprintf("%d %s", kinds[kind], kind)
	}
	if len(parts) == 0 {
		return count(int64(c.Files), "file") + ", and no infrastructure code in them"
	}
	return count(int64(c.Files), "file") + dot + strings.Join(parts, ", ")
}

// unmappedLine says what no check speaks about; empty if there is nothing.
func (c *Code) unmappedLine() string {
	if len(c.Unmapped) == 0 {
		return ""
	}
	total := 0
	var names []string
	for i, t := range c.Unmapped {
		total += t.Count
		if i < shownTypes {
			names = append(names, fmt.Sprintf("%s (%d)", t.Type, t.Count))
		}
	}
	text := count(int64(total), "resource") + " of " + count(int64(len(c.Unmapped)), "type") + " that no table knows: " + strings.Join(names, ", ")
	if more := len(c.Unmapped) - len(names); more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}

// problemLines name the first problems that leave something unseen.
func (c *Code) problemLines() (lines []string) {
	more := 0
	for _, p := range c.Problems {
		switch {
		case p.Note:
		case len(lines) == shownProblems:
			more++
		default:
			line := p.What
			if p.File != "" {
				line = at(p.File, p.Line) + ": " + line
			}
			lines = append(lines, line)
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more: -o json lists them", more))
	}
	return lines
}
