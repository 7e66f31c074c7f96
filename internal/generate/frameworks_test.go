package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// promised are the frameworks that the documentation names. The loader proves each against the list of its identifiers.
var promised = []string{
	"aws-fsbp", "aws-well-architected-security", "bsi-c5-2020", "cis-aws-3.0", "cis-aws-5.0", "cis-aws-6.0", "cis-aws-7.0", "cis-controls-8.1",
	"cis-eks-1.7.0", "cis-eks-1.8.0", "cis-kubernetes-1.10", "cis-kubernetes-1.11", "cis-kubernetes-1.12", "cis-kubernetes-2.0.1", "csa-ccm-4.0",
	"cyber-essentials-3.2", "cyber-essentials-3.3", "dora-2022-2554", "ens-rd-311-2022", "essential-eight-2023-11", "fedramp-20x-ksi",
	"fedramp-r5-high", "fedramp-r5-low", "fedramp-r5-moderate", "gdpr", "hipaa-security-rule", "iso-27001-2022", "kubernetes-pod-security-standards",
	"mitre-attack-cloud", "mitre-attack-containers", "nis2-2024-2690", "nist-800-171-r2", "nist-800-171-r3", "nist-800-53-r5", "nist-csf-2.0",
	"nsa-cisa-kubernetes-1.2", "pci-dss-4.0.1", "soc2-2017",
}

// counts are the published totals of requirements, where the publisher gives one.
var counts = map[string]int{
	"cis-controls-8.1": 153, "csa-ccm-4.0": 197, "bsi-c5-2020": 121, "iso-27001-2022": 93, "nist-800-171-r2": 110, "nist-800-171-r3": 97,
	"nist-csf-2.0": 106, "soc2-2017": 61, "fedramp-r5-moderate": 323, "fedramp-r5-low": 156, "fedramp-r5-high": 410,
}

// levels are the published sizes of baselines.
var levels = map[string]map[string]int{
	"nist-800-53-r5":   {"low": 149, "moderate": 287, "high": 370, "privacy": 96},
	"cis-controls-8.1": {"ig1": 56, "ig2": 130, "ig3": 153},
}

func TestEveryFrameworkIsThereAndProved(t *testing.T) {
	root := filepath.Join("..", "..", "content")
	library, problems := content.Load(content.Dir(root))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range library.Frameworks {
		ids = append(ids, f.ID)
	}
	if !slices.Equal(ids, promised) {
		t.Errorf("got %v", ids)
	}
	lists, err := filepath.Glob(filepath.Join(root, "frameworks", "lists", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, name := range lists {
		listed = append(listed, strings.TrimSuffix(filepath.Base(name), ".yaml"))
	}
	if !slices.Equal(listed, promised) {
		t.Errorf("lists of identifiers: %v", listed)
	}
	for id, want := range counts {
		if got := len(library.Framework(id).RequirementIDs()); got != want {
			t.Errorf("%s: %d requirements, published are %d", id, got, want)
		}
	}
	for id, of := range levels {
		for level, want := range of {
			got := 0
			for _, r := range library.Framework(id).Requirements {
				if slices.Contains(r.Levels, level) {
					got++
				}
			}
			if got != want {
				t.Errorf("%s %s: %d requirements, published are %d", id, level, got, want)
			}
		}
	}
}

// A check that no framework asks for may be right; many would mean that mapping was forgotten.
func TestChecksAnswerFrameworks(t *testing.T) {
	library, problems := content.Load(content.Dir(filepath.Join("..", "..", "content")))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	answering := map[string]bool{}
	for _, f := range library.Frameworks {
		for _, r := range f.Requirements {
			for _, c := range f.Answering(r, library.Checks) {
				answering[c.ID] = true
			}
		}
	}
	var idle []string
	for _, c := range library.Checks {
		if !answering[c.ID] && (c.Severity == "critical" || c.Severity == "high") {
			idle = append(idle, c.ID)
		}
	}
	if len(idle) > 0 {
		t.Errorf("checks of weight that answer no framework: %v", idle)
	}
}
