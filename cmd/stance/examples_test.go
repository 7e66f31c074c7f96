package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is the file that a page shows, indented.
var example = regexp.MustCompile(`(?m)^    # yaml-language-server.*\n(?:    .*\n)+`)

// shown gives the example of a page about content.
func shown(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "contributing", page))
	if err != nil {
		t.Fatal(err)
	}
	block := example.FindString(string(text))
	if block == "" {
		t.Fatalf("%s shows no example", page)
	}
	return strings.ReplaceAll("\n"+block, "\n    ", "\n")[1:]
}

func writeContent(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTheExamplesOfThePagesAreRight: what a newcomer copies must pass what the pages tell to run, and replace nothing.
func TestTheExamplesOfThePagesAreRight(t *testing.T) {
	const table, check = "aws_location_tracker", "aws_location_tracker_own_key"
	for _, line := range []string{"tables " + table, "checks " + check} {
		if r := stance(t, strings.Fields(line)...); r.code != exitUsage {
			t.Errorf("stance %s: the name is taken: choose another example", line)
		}
	}
	folder := t.TempDir()
	writeContent(t, folder, "aws/tables/location.yaml", shown(t, "a-table.md"))
	writeContent(t, folder, "aws/checks/location/"+check+".yaml", shown(t, "a-check.md"))
	lint := stance(t, "lint", "--content", folder, "--strict")
	lint.wants(t, exitDone)
	if strings.Contains(lint.out, folder) || lint.code != exitDone {
		t.Errorf("lint says\n%s", lint.out)
	}
	proof := stance(t, "test", "--content", folder, "--check", check)
	proof.wants(t, exitDone)
	if !strings.Contains(proof.out, "1 check, 3 fixtures") {
		t.Errorf("test says\n%s", proof.out)
	}
	stance(t, "tables", "--content", folder, table).wants(t, exitDone)
}

func TestLintTellsTheCauseBeforeWhatFollows(t *testing.T) {
	folder := t.TempDir()
	writeContent(t, folder, "aws/provider.yaml", "id: aws\ntitle: AWS\n")
	writeContent(t, folder, "objectives.yaml", "objectives:\n  customer-keys: {title: Keys of our own, domain: encryption, about: Disks say nothing, why: They are stolen}\n")
	writeContent(t, folder, "aws/tables/location.yaml", strings.Replace(shown(t, "a-table.md"), "path: details.KmsKeyId", "path: details.KmsKey", 1))
	writeContent(t, folder, "aws/checks/location/aws_location_tracker_own_key.yaml", shown(t, "a-check.md"))
	r := stance(t, "lint", folder)
	r.wants(t, exitFailed)
	cause, effect := strings.Index(r.out, "KmsKey"), strings.Index(r.out, "mistakes of its own")
	if cause < 0 || effect < cause {
		t.Errorf("got\n%s\n%s", r.out, r.err)
	}
	writeContent(t, folder, "aws/checks/location/aws_location_tracker_own_key.yaml", strings.Replace(shown(t, "a-check.md"), "pass: kms_key_id", "pass: kms_key_idd", 1))
	writeContent(t, folder, "aws/tables/location.yaml", shown(t, "a-table.md"))
	if r := stance(t, "lint", folder); !strings.Contains(r.out, ": 1 error, ") {
		t.Errorf("got\n%s\n%s", r.out, r.err)
	}
}
