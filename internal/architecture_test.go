// Package internal holds no code: its one test keeps the order of the packages below it.
package internal

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/stancehq/stance/"

// order is the one in which data flows. A package imports only what is left of it, so that each can be understood, tested and
// replaced without those to its right.
var order = []string{
	"content", "normalize", "database", "descriptions", "provider", "plan", "iac", "collect", "inventory", "evaluate", "mute", "compliance", "lake", "report", "history", "evidence",
	"scan", "shell", "replay",
}

// forTests are the packages that no part of the product imports.
var forTests = []string{"moto", "kubetest", "provider/clienttest", "provider/providertest", "collect/collecttest", "iac/codetest", "provider/aws/mototest"}

// listed is a package with the packages of this module that it imports, tests apart.
type listed struct {
	name    string // the path below internal, or cmd/stance
	program bool   // a command or a generator, which puts things together
	imports []string
}

func list(t *testing.T) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{.Name}} {{join .Imports " "}}`, "./...", "../cmd/...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("list the packages: %v", err)
	}
	var packages []listed
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		p := listed{name: below(words[0]), program: words[1] == "main"}
		for _, path := range words[2:] {
			if name, own := strings.CutPrefix(path, module+"internal/"); own {
				p.imports = append(p.imports, name)
			}
		}
		packages = append(packages, p)
	}
	return packages
}

func below(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "internal/")
}

// place is where a package stands in the order; -1 if nowhere.
func place(name string) int {
	first, _, _ := strings.Cut(name, "/")
	return slices.Index(order, first)
}

// vendor is the provider that a package belongs to, or empty.
func vendor(name string) string {
	rest, _ := strings.CutPrefix(name, "provider/")
	if rest == name {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

func TestPackagesImportOnlyWhatIsLeftOfThem(t *testing.T) {
	for _, p := range list(t) {
		if p.program || p.name == "internal" || slices.Contains(forTests, p.name) {
			continue
		}
		here := place(p.name)
		if here < 0 {
			t.Errorf("%s has no place in the order of the packages", p.name)
			continue
		}
		for _, name := range p.imports {
			if place(name) > here {
				t.Errorf("%s imports %s, which is right of it", p.name, name)
			}
			if slices.Contains(forTests, name) {
				t.Errorf("%s imports %s, which is for tests", p.name, name)
			}
		}
	}
}

// What the engine knows of a cloud stands in the interface and in content, or a second provider would need a second engine.
func TestOnlyProgramsImportAProvider(t *testing.T) {
	for _, p := range list(t) {
		for _, name := range p.imports {
			if of := vendor(name); of != "" && of != vendor(p.name) && !p.program {
				t.Errorf("%s imports %s: only commands, generators and tests know a provider", p.name, name)
			}
		}
	}
}
