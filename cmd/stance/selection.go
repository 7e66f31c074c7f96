package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// selection is the flags that choose checks.
type selection struct {
	checks, services, severities, frameworks []string
	adopted                                  []content.Adopted // parameters that are as the frameworks ask, and not as by default
}

func (s *selection) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&s.checks, "check", nil, "only these checks")
	flags.StringSliceVar(&s.services, "service", nil, "only checks of these services, as in s3,iam")
	flags.StringSliceVar(&s.severities, "severity", nil, "only checks of these severities, as in critical,high")
	flags.StringSliceVar(&s.frameworks, "framework", nil, "only checks that answer requirements of these frameworks, as in cis-aws-7.0")
}

// answering gives the checks that answer requirements of the frameworks that the flags name, with those requirements by check; all
// checks, with the requirements that name them, where the flags name none.
func (s *selection) answering(l *library) (checks map[string]bool, requirements map[string][]string, err error) {
	if len(s.frameworks) == 0 {
		return nil, l.Named, nil
	}
	checks, requirements = map[string]bool{}, maps.Clone(l.Named)
	frameworks, err := l.chosen(s.frameworks, "")
	if err != nil {
		return nil, nil, err
	}
	s.adopted = l.settings.Adopt(l.Library, frameworks)
	for _, f := range frameworks {
		for _, r := range f.Requirements {
			for _, c := range f.Answering(r, l.Checks) {
				checks[c.ID] = true
				if name := content.RequirementName(f, r); !slices.Contains(requirements[c.ID], name) {
					requirements[c.ID] = append(slices.Clip(requirements[c.ID]), name)
				}
			}
		}
	}
	return checks, requirements, nil
}

// choose gives the checks of a provider, of all where it is empty, that the flags select, by id. Unknown words are wrong usage.
func (s *selection) choose(provider string, l *library, catalog *plan.Catalog) (chosen []*plan.Check, requirements map[string][]string, err error) {
	answering, requirements, err := s.answering(l)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	services := vocabulary{}
	for _, c := range catalog.Checks {
		if provider == "" || c.Spec.Provider == provider {
			ids = append(ids, c.ID)
			services.add(c.Spec.Service)
		}
	}
	slices.Sort(ids)
	if err := checkFilters(
		filter{flag: "check", values: s.checks, known: ids}, filter{flag: "service", values: s.services, known: services.sorted()},
		filter{flag: "severity", values: s.severities, known: content.Severities()},
	); err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		c := catalog.Checks[id]
		if has(s.checks, id) && has(s.services, c.Spec.Service) && has(s.severities, c.Spec.Severity) && (answering == nil || answering[id]) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, nil, usage("no check has all that is asked for: `stance checks` lists them")
	}
	return chosen, requirements, nil
}

func has(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

func suggestion(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// tellAdopted says which thresholds are not those of other scans.
func (a *app) tellAdopted(adopted []content.Adopted) {
	if len(adopted) == 0 || a.quiet {
		return
	}
	parts := make([]string, len(adopted))
	for i, one := range adopted {
		parts[i] = fmt.Sprintf("%s: %s = %v", one.Check, one.Param, one.Value)
	}
	fmt.Fprintf(a.err, "as the frameworks ask: %s\n", strings.Join(parts, "; "))
}
