package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// wrapped is an expression whose value can be compared as text: its JSON, or "error".
func wrapped(expression string) string {
	return fmt.Sprintf("try(jsonencode(nonsensitive(%s)), \"error\")", expression)
}

// Where a terraform program is found, its values are compared with ours, beside those that stand in testdata.
func TestExamplesAreWhatTerraformGives(t *testing.T) {
	var common []example
	for _, e := range examples(t) {
		if !e.ours {
			common = append(common, e)
		}
	}
	if len(common) < 200 {
		t.Fatalf("only %d examples are common to all", len(common))
	}
	program, err := exec.LookPath("terraform")
	if err != nil {
		return
	}
	theirs := console(t, program, common)
	if len(theirs) != len(common) {
		t.Fatalf("terraform gave %d values for %d expressions", len(theirs), len(common))
	}
	for i, e := range common {
		v, err := evaluate(t, wrapped(e.expression), scope())
		if err != nil {
			t.Errorf("%s: %v", e.expression, err)
			continue
		}
		if v, _ = v.UnmarkDeep(); v.Type() != cty.String || !v.IsKnown() || v.AsString() != theirs[i] {
			t.Errorf("%s gives %#v, and with terraform %s", e.expression, v, theirs[i])
		}
	}
}

// console evaluates all expressions at once, as a list of texts; the console prints a line for each.
func console(t *testing.T, program string, all []example) []string {
	t.Helper()
	dir := t.TempDir()
	var config strings.Builder
	config.WriteString("locals {\n  all = [\n")
	for _, e := range all {
		fmt.Fprintf(&config, "    %s,\n", wrapped(e.expression))
	}
	config.WriteString("  ]\n}\n")
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "console", "-no-color")
	command.Dir = dir
	command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
	command.Stdin = strings.NewReader("local.all\n")
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("terraform console: %v: %s", err, problems.String())
	}
	var values []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(strings.TrimSpace(line), ",")
		if line == "[" || line == "]" || line == "" {
			continue
		}
		var text string
		line = strings.NewReplacer("$${", "${", "%%{", "%{").Replace(line)
		if err := json.Unmarshal([]byte(line), &text); err != nil {
			text = line
		}
		values = append(values, text)
	}
	return values
}
