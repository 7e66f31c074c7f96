package compliance

import (
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Answers counts a framework's requirements by how far checks answer them.
type Answers struct {
	Full    int `json:"full"`
	Partial int `json:"partial"`
	Manual  int `json:"manual"`
}

func (a *Answers) add(answer string) {
	switch answer {
	case content.AnswerFull:
		a.Full++
	case content.AnswerPartial:
		a.Partial++
	default:
		a.Manual++
	}
}

// Reach is how far the checks of a provider answer a framework.
type Reach struct {
	Provider string
	Answers
	Checks int // that answer something
	// Unanswered are the requirements that no check of the provider answers.
	Unanswered []string
}

// ReachOf tells how far checks answer a framework, for each provider that it speaks of and checks are about. A requirement that no
// check of the provider answers is manual there.
func ReachOf(f *content.Framework, checks []*content.Check) []Reach {
	reach := map[string]*Reach{}
	answering := map[string]bool{}
	for _, c := range checks {
		if f.SpeaksOf(c.Provider) && reach[c.Provider] == nil {
			reach[c.Provider] = &Reach{Provider: c.Provider}
		}
	}
	for _, r := range f.Requirements {
		if r.Group {
			continue
		}
		answers := map[string]bool{}
		if r.Answer != content.AnswerManual {
			for _, c := range f.Answering(r, checks) {
				answers[c.Provider] = true
				if !answering[c.ID] {
					answering[c.ID] = true
					reach[c.Provider].Checks++
				}
			}
		}
		for provider, of := range reach {
			if answers[provider] {
				of.add(r.Answer)
			} else {
				of.add(content.AnswerManual)
				of.Unanswered = append(of.Unanswered, r.ID)
			}
		}
	}
	var all []Reach
	for _, of := range reach {
		all = append(all, *of)
	}
	slices.SortFunc(all, func(a, b Reach) int { return strings.Compare(a.Provider, b.Provider) })
	return all
}

// AnswersOf counts a framework's requirements, whatever provider answers them.
func AnswersOf(f *content.Framework) Answers {
	var a Answers
	for _, r := range f.Requirements {
		if !r.Group {
			a.add(r.Answer)
		}
	}
	return a
}
