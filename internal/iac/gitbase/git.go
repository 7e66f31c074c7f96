package gitbase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// git is the program, to be run in a folder.
type git struct{ path, dir string }

// Error is what git said when it failed.
type Error struct {
	Command string
	Code    int
	Said    string
}

func (e *Error) Error() string {
	if e.Said == "" {
		return fmt.Sprintf("git %s ended with %d", e.Command, e.Code)
	}
	return fmt.Sprintf("git %s: %s", e.Command, e.Said)
}

func newGit(dir string) (*git, error) {
	// A program of that name in the folder that is scanned is not found: LookPath refuses what the search path has from there.
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("a comparison with a base revision needs the git program: %w", err)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open %s: a folder is wanted", dir)
	}
	return &git{path: path, dir: dir}, nil
}

// options lie over the configuration of the repository, which could name programs there.
var options = []string{
	"--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs",
	"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.sshCommand=false", "-c", "core.gitProxy=",
	"-c", "core.askPass=", "-c", "credential.helper=", "-c", "protocol.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
}

// said to git by its environment: what options cannot say, or older versions do not know.
var said = []string{
	"LC_ALL=C", // messages are recognized
	"GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_LITERAL_PATHSPECS=1", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat",
	"GIT_NO_LAZY_FETCH=1",     // what a partial clone lacks is not fetched
	"GIT_ALLOW_PROTOCOL=none", // nor could it be, whatever the repository allows: there is no protocol of that name
}

// kept are the variables that git needs of ours. Others, such as credentials, are none of its business; and GIT_DIR and its like, which
// hooks have set, would show it another repository.
var kept = []string{
	"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "LD_LIBRARY_PATH", "GIT_EXEC_PATH",
	"USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "PROGRAMDATA", "PROGRAMFILES", "SYSTEMROOT", "SYSTEMDRIVE", "PATHEXT", "TEMP", "TMP",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
}

func environment() []string {
	out := append([]string(nil), said...)
	for _, one := range os.Environ() {
		name, _, _ := strings.Cut(one, "=")
		upper := strings.ToUpper(name)
		keep := strings.HasPrefix(upper, "GIT_CONFIG_KEY_") || strings.HasPrefix(upper, "GIT_CONFIG_VALUE_")
		for _, k := range kept {
			keep = keep || upper == k
		}
		if keep {
			out = append(out, one)
		}
	}
	return out
}

func (g *git) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.path, append(options[:len(options):len(options)], args...)...)
	cmd.Dir, cmd.Env = g.dir, environment()
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run gives what a command writes.
func (g *git) run(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	errs := &head{}
	cmd := g.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, errs
	err := cmd.Run()
	return out.String(), failure(ctx, args[0], err, errs)
}

// failure is the error of a command, in git's words.
func failure(ctx context.Context, command string, err error, errs *head) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("git %s: %w", command, ctx.Err())
	case errors.As(err, &exit):
		return &Error{Command: command, Code: exit.ExitCode(), Said: errs.text()}
	}
	return fmt.Errorf("git %s: %w", command, err)
}

// head keeps the first of what git complains about.
type head struct{ kept []byte }

const mostSaid = 2000

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), mostSaid-len(h.kept))]...)
	return len(p), nil
}

// text is one line, without what git writes before it.
func (h *head) text() string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(h.kept), "?")), " ")
	return strings.TrimPrefix(strings.TrimPrefix(text, "fatal: "), "error: ")
}
