package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// proposed finds the commands that the summary proposes.
var proposed = regexp.MustCompile(`(?m)(?:^next +|^ {11}|: |— |- )(stance .*?)(?:  .*| says where and why)?$`)

func proposals(text string) (commands []string) {
	for _, match := range proposed.FindAllStringSubmatch(text, -1) {
		commands = append(commands, match[1])
	}
	return commands
}

// TestProposedCommandsWorkAsTheyStand: each reads the lake that the scan wrote, which is not the one by default.
func TestProposedCommandsWorkAsTheyStand(t *testing.T) {
	lake, r := scanDemo(t)
	t.Chdir(t.TempDir())
	commands := append(proposals(r.out), proposals(stance(t, "report", "--lake", lake).out)...)
	all := strings.Join(commands, "\n")
	for _, wanted := range []string{"stance findings ", "stance checks ", "stance report -o html="} {
		if !strings.Contains(all, wanted) {
			t.Errorf("no %q among\n%s\nof\n%s", wanted, all, r.out)
		}
	}
	for _, command := range commands {
		t.Run(command, func(t *testing.T) {
			stance(t, words(t, command)[1:]...).wants(t, exitDone)
		})
	}
	look := proposals(r.err)
	if len(look) != 1 {
		t.Fatalf("the demo proposes %q", r.err)
	}
	stance(t, append(words(t, look[0])[1:], "select count(*) from findings")...).wants(t, exitDone)
}

func TestTheLakeByDefaultIsNotNamed(t *testing.T) {
	a := newApp()
	location, err := a.lakeLocation()
	if err != nil {
		t.Fatal(err)
	}
	if h := a.hints(location, ""); h.Reading != "" {
		t.Errorf("got %q", h.Reading)
	}
	if h := a.hints("it's", "2026"); h.Reading != ` --lake 'it'\''s' --scan 2026` {
		t.Errorf("got %q", h.Reading)
	}
}

func TestQuietMeansNoHints(t *testing.T) {
	lake, _ := scanDemo(t)
	for _, line := range []string{"demo --quiet --check aws_s3_bucket_versioning", "report --quiet", "report -q --coverage"} {
		r := stance(t, append(strings.Fields(line), "--lake", lake)...)
		r.wants(t, exitDone)
		if strings.Contains(r.out+r.err, "stance ") {
			t.Errorf("%s proposes commands:\n%s%s", line, r.out, r.err)
		}
	}
}

func TestWhoRanTheDemoIsToldWhereItsFindingsAre(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	before := stance(t, "findings")
	before.wants(t, exitFailed, "holds no scan yet")
	if strings.Contains(before.err, "--lake") {
		t.Errorf("it names a lake that is not there: %s", before.err)
	}
	stance(t, "demo", "--check", "aws_s3_bucket_versioning").wants(t, exitDone)
	after := stance(t, "findings")
	after.wants(t, exitFailed, "that of the demo is --lake ")
	_, flag, _ := strings.Cut(strings.TrimSpace(after.err), "that of the demo is ")
	stance(t, append([]string{"findings"}, words(t, flag)...)...).wants(t, exitDone)
}

// A hint that a shell does not find is none: without stance on the PATH, it begins with the path that was typed.
func TestHintsBeginWithWhatTheShellFinds(t *testing.T) {
	dir := t.TempDir()
	installed, other := filepath.Join(dir, "stance"), filepath.Join(dir, "my builds", "stance")
	if err := os.Mkdir(filepath.Dir(other), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{installed, other} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, calledBy, want string }{
		{dir, "stance", "stance"},
		{dir, installed, "stance"},
		{dir, other, "'" + other + "'"},
		{t.TempDir(), installed, installed},
	} {
		t.Setenv("PATH", c.path)
		if got := calledBy(c.calledBy); got != c.want {
			t.Errorf("%s, with %s as PATH: %s; want %s", c.calledBy, c.path, got, c.want)
		}
	}
}
