package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac/manifest"
)

// TestMain gives all tests a home of their own. Where a scan calls itself to render charts, it is this program that it calls.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == renderCommand {
		os.Exit(manifest.Main(os.Stdin, os.Stdout))
	}
	home, err := os.MkdirTemp("", "stance-cmd-")
	if err == nil {
		for name, value := range map[string]string{"HOME": home, "XDG_DATA_HOME": "", "XDG_CACHE_HOME": "", "STANCE_LAKE": ""} {
			if err == nil {
				err = os.Setenv(name, value)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(home); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// ran is what a command line did.
type ran struct {
	code     int
	out, err string
}

func stance(t *testing.T, args ...string) ran {
	t.Helper()
	var out, err bytes.Buffer
	a := newApp()
	a.out, a.err = &out, &err
	code := a.run(t.Context(), args)
	return ran{code, out.String(), err.String()}
}

// wants says what is not as it should be.
func (r ran) wants(t *testing.T, code int, said ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit status %d, want %d", r.code, code)
	}
	for _, words := range said {
		if !strings.Contains(r.err, words) {
			t.Errorf("the standard error does not say %q", words)
		}
	}
	if t.Failed() {
		t.Logf("standard error:\n%s", r.err)
	}
}

// scanDemo scans two checks of the recorded cloud into a lake whose name a shell would break, and gives the lake.
func scanDemo(t *testing.T) (lake string, r ran) {
	t.Helper()
	lake = filepath.Join(t.TempDir(), "my lake's")
	r = stance(t, "demo", "--lake", lake, "--check", "aws_s3_bucket_versioning,aws_s3_bucket_not_public")
	r.wants(t, exitDone)
	return lake, r
}

// words are those that a shell makes of a command.
func words(t *testing.T, command string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `set -- `+command+`; for w in "$@"; do printf '%s\n' "$w"; done`).Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}
