package report

import (
	"iter"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
)

// Where names stand: a place beside them tells some of them apart already.
const (
	alone       = false
	besidePlace = true
)

// distinct names the resources of some findings, and tells those of a check apart that have the same name: by region, by
// account, or by the end of their ids, whichever comes first to tell all of them.
func distinct(findings []evaluate.Finding, placed bool) []string {
	names := make([]string, len(findings))
	same := map[string][]int{}
	for i, f := range findings {
		names[i] = Label(f)
		if placed && f.ResourceName == "" && f.Resource == "" {
			names[i] = "all " + f.ResourceType
		}
		key := f.Check + "\x00" + names[i]
		if placed {
			key += "\x00" + place(f)
		}
		same[key] = append(same[key], i)
	}
	for _, twins := range same {
		if len(twins) < 2 {
			continue
		}
		for _, by := range []func(evaluate.Finding) string{
			unit,
			func(f evaluate.Finding) string { return f.Region },
			func(f evaluate.Finding) string { return f.Account },
			func(f evaluate.Finding) string { return tail(f.Resource) },
			func(f evaluate.Finding) string { return f.Resource },
		} {
			if !apart(findings, twins, by) {
				continue
			}
			for _, i := range twins {
				names[i] += " (" + by(findings[i]) + ")"
			}
			break
		}
	}
	return names
}

// unit is where a finding about code belongs; empty of others.
func unit(f evaluate.Finding) string {
	if !inCode(f) {
		return ""
	}
	return f.Location.Unit
}

// apart tells whether a property is another one in each finding.
func apart(findings []evaluate.Finding, which []int, by func(evaluate.Finding) string) bool {
	seen := map[string]bool{}
	for _, i := range which {
		value := by(findings[i])
		if value == "" || seen[value] {
			return false
		}
		seen[value] = true
	}
	return true
}

// tail is the end of an id that differs from resource to resource: "sg-1" of "arn:aws:ec2:…:security-group/sg-1".
func tail(id string) string { return id[strings.LastIndexAny(id, ":/")+1:] }

// namedFinding is a finding with what its resource is called in a list.
type namedFinding struct {
	evaluate.Finding
	name string
}

// named names findings as they pass. They come check by check; of a check with very many, only neighbors are told apart.
func named(findings Findings) iter.Seq2[namedFinding, error] {
	const neighbors = 1000
	return func(yield func(namedFinding, error) bool) {
		var held []evaluate.Finding
		flush := func() bool {
			for i, name := range distinct(held, besidePlace) {
				if !yield(namedFinding{held[i], name}, nil) {
					return false
				}
			}
			held = held[:0]
			return true
		}
		for f, err := range findings {
			if err != nil {
				if flush() {
					yield(namedFinding{}, err)
				}
				return
			}
			if len(held) > 0 && (held[0].Check != f.Check || len(held) == neighbors) && !flush() {
				return
			}
			held = append(held, f)
		}
		flush()
	}
}
