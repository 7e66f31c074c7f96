package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/scan"
)

// keep writes what an interrupted scan leaves.
func keep(t *testing.T, id string, flags map[string][]string) {
	t.Helper()
	root, err := scan.Spools()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"id": id, "provider": "aws", "lake": "/its/lake", "started": time.Now(), "flags": flags})
	if err != nil {
		t.Fatal(err)
	}
	writeContent(t, filepath.Join(root, id), "scan.json", string(text))
	t.Cleanup(func() {
		if err := os.RemoveAll(filepath.Join(root, id)); err != nil {
			t.Error(err)
		}
	})
}

// TestAScanGoesOnWithTheFlagsThatItHad: what it was to collect need not be typed again, and cannot be typed otherwise by mistake.
func TestAScanGoesOnWithTheFlagsThatItHad(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	a := newApp()
	first := a.scanAWSCommand()
	first.Flags().StringArrayVar(&a.content, "content", nil, "")
	if err := first.ParseFlags([]string{"--region", "eu-west-1,eu-west-2", "--check", "a", "--external-id", "x y", "--content", "ours", "-o", "json=a,b.json", "--strict", "--resume"}); err != nil {
		t.Fatal(err)
	}
	flags := a.keptFlags(first)
	keep(t, "20260101T000000Z-aws-abc", flags)
	if flags["resume"] != nil || flags["content"][0] != filepath.Join(dir, "ours") {
		t.Errorf("kept %v", flags)
	}

	a = newApp()
	second, f := a.scanAWSCommand(), scanFlags{resume: "20260101T000000Z-aws-abc"}
	second.Flags().StringArrayVar(&a.content, "content", nil, "")
	if err := second.ParseFlags([]string{"--region", "eu-west-9"}); err != nil {
		t.Fatal(err)
	}
	if err := a.goOn(second, &f, "aws"); err != nil {
		t.Fatal(err)
	}
	if a.lake != "/its/lake" {
		t.Errorf("the lake is %q", a.lake)
	}
	for name, want := range map[string]string{
		"region": "[eu-west-9]", "check": "[a]", "external-id": "x y", "content": "[" + filepath.Join(dir, "ours") + "]", "output": `["json=a,b.json"]`, "strict": "true",
	} {
		if flag := second.Flags().Lookup(name); flag.Value.String() != want || !flag.Changed {
			t.Errorf("--%s is %s, want %s", name, flag.Value, want)
		}
	}
}

func TestScansCleanSaysWhatItRemoves(t *testing.T) {
	keep(t, "20260101T000000Z-aws-old", nil)
	r := stance(t, "scans", "--clean")
	r.wants(t, exitDone)
	root, err := scan.Spools()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "20260101T000000Z-aws-old")); err == nil {
		t.Error("it is still there")
	}
	if got := stance(t, "scans", "--clean").out; got != "0 kept scans removed, 0 bytes\n" || r.out == got {
		t.Errorf("got %q, then %q", r.out, got)
	}
}

func TestTheDemoKeepsNothing(t *testing.T) {
	r := stance(t, "demo", "--lake", t.TempDir(), "--service", "s3")
	r.wants(t, exitDone)
	if left := stance(t, "scans", "--clean").out; left != "0 kept scans removed, 0 bytes\n" {
		t.Errorf("it kept something: %s", left)
	}
}
