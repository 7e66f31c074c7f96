package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/report"
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
	const k8s = "kubernetes"
	for _, row := range []string{
		fmt.Sprintf("\n| tables of AWS | %d |", tables["aws"]),
		fmt.Sprintf("\n| tables of Kubernetes | %d: %d that are collected, %d made of others in SQL, %d of facts |", tables[k8s], collected[k8s], derived[k8s], facts[k8s]),
		fmt.Sprintf("\n| checks of AWS | %d, ", checks["aws"]),
		fmt.Sprintf("\n| checks of Kubernetes | %d, ", checks[k8s]),
		fmt.Sprintf("\n| fixtures | %s, ", strings.TrimSuffix(report.Count(int64(fixtures), "fixture"), " fixtures")),
	} {
		if !strings.Contains(string(text), row) {
			t.Errorf("the README does not say %q", strings.TrimSpace(row))
		}
	}
}
