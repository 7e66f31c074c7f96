package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

// TestTheReadmeCountsWhatThereIs fails when content was added, and the README still counts what there was.
func TestTheReadmeCountsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	library, err := newApp().proof(nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, collected, derived, facts := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, table := range library.Tables {
		tables[table.Provider]++
		switch {
		case table.List != nil:
			collected[table.Provider]++
		case table.Derive != "":
			derived[table.Provider]++
		default:
			facts[table.Provider]++
		}
	}
	checks, fixtures := map[string]int{}, 0
	for _, check := range library.Checks {
		checks[check.Provider]++
		fixtures += len(check.Tests)
	}
	packed, err := newApp().library()
	if err != nil {
		t.Fatal(err)
	}
	catalog, _, err := plan.Restore(t.Context(), packed.Library, packed.pack, nil)
	if err != nil {
		t.Fatal(err)
	}
	code, err := scan.CodeAnswers(packed.Library, catalog)
	if err != nil {
		t.Fatal(err)
	}
	frameworks, err := packed.frameworks()
	if err != nil {
		t.Fatal(err)
	}
	const k8s = "kubernetes"
	for _, row := range []string{
		fmt.Sprintf("\n| tables of AWS | %d |", tables["aws"]),
		fmt.Sprintf("\n| tables of Kubernetes | %d: %d that are collected, %d made of others in SQL, %d of facts |", tables[k8s], collected[k8s], derived[k8s], facts[k8s]),
		fmt.Sprintf("\n| checks of AWS | %d, ", checks["aws"]),
		fmt.Sprintf("\n| checks of Kubernetes | %d, ", checks[k8s]),
		fmt.Sprintf("\n| checks that code answers | Terraform %d, CloudFormation %d, Kubernetes %d: ", len(code[iac.Terraform]), len(code[iac.CloudFormation]), len(code[iac.Kubernetes])),
		fmt.Sprintf("\n| frameworks | %d versions", len(frameworks)),
		fmt.Sprintf("\n| fixtures | %s, ", strings.TrimSuffix(report.Count(int64(fixtures), "fixture"), " fixtures")),
	} {
		if !strings.Contains(string(text), row) {
			t.Errorf("the README does not say %q", strings.TrimSpace(row))
		}
	}
}
