package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestInterruptedScanGoesOnAsPrinted presses Ctrl-C in the middle of a scan, types what it then prints, and compares with a scan
// that nobody disturbed.
func TestInterruptedScanGoesOnAsPrinted(t *testing.T) {
	to, err := url.Parse(scanned(t).server.URL())
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoint{world: httputil.NewSingleHostReverseProxy(to)}
	address := inFront(t, e.answer)
	// Services with children, with rows that are sealed and thus asked for again, of the account and of regions.
	args := []string{"scan", "aws", "--region", regions, "--service", "ec2,iam,kms,lambda,sqs", "--lake", "lake", "-o", "json"}
	whole := at(t, address).run(t, args...)
	if whole.code != 0 {
		t.Fatalf("exit status %d\n%s", whole.code, whole.stderr)
	}
	want, calls := readDocument(t, []byte(whole.stdout)).Findings, e.calls.Load()

	c := at(t, address)
	stopped := e.interrupt(t, c, calls/2, args...)
	if stopped.code != 1 || stopped.stdout != "" { // half a report would be taken for a whole one
		t.Errorf("exit status %d, output %q", stopped.code, stopped.stdout)
	}
	proveOneMessage(t, stopped)
	var done, total int
	_, after, _ := strings.Cut(stopped.stderr, "stance: interrupted: ")
	if n, err := fmt.Sscanf(after, "%d of %d cells are collected and kept", &done, &total); n != 2 || done == 0 || done >= total {
		t.Errorf("%d of %d cells are kept (%v):\n%s", done, total, err, stopped.stderr)
	}
	line := regexp.MustCompile(`(?m)^Go on with: (.+)$`).FindStringSubmatch(stopped.stderr)
	if line == nil {
		t.Fatalf("no command to go on with:\n%s", stopped.stderr)
	}

	e.reset(0)
	c.dir = t.TempDir() // it is all that must be typed, wherever
	resumed := c.shell(t, line[1])
	if resumed.code != whole.code {
		t.Fatalf("%s: exit status %d\n%s", line[1], resumed.code, resumed.stderr)
	}
	if n := e.calls.Load(); n >= calls {
		t.Errorf("it made %d calls, and the whole scan %d: nothing was kept", n, calls)
	}
	if len(want) < 500 {
		t.Errorf("only %d findings are compared", len(want))
	}
	got := readDocument(t, []byte(resumed.stdout)).Findings
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || written(t, want[i]) != written(t, got[i]) {
			t.Errorf("%d findings, undisturbed %d; the first that differs:\n%s\nundisturbed:\n%s", len(got), len(want), brief(got[min(i, len(got)):]), brief(want[min(i, len(want)):]))
			break
		}
	}
	if r := c.run(t, "scans", "--lake", filepath.Join(c.home, "lake"), "-o", "csv"); r.code != 0 || strings.Count(r.stdout, "\n") != 2 {
		t.Errorf("the lake holds not one scan: %s%s", r.stdout, r.stderr)
	}
}

// endpoint is the world, slow without end after some calls: a scan that waits for it is in its middle for as long as it takes to
// interrupt it, however fast or slow the machine is.
type endpoint struct {
	world                 http.Handler
	free, calls, answered atomic.Int64  // free is how many calls are answered; 0 all
	stuck                 chan struct{} // closed when those are answered, and no more will be
}

func (e *endpoint) reset(free int64) {
	e.stuck = make(chan struct{})
	e.answered.Store(0)
	e.calls.Store(0)
	e.free.Store(free)
}

func (e *endpoint) answer(w http.ResponseWriter, r *http.Request, _ string) bool {
	n, free := e.calls.Add(1), e.free.Load()
	if free > 0 && n > free {
		<-r.Context().Done() // until the client goes away
		return true
	}
	e.world.ServeHTTP(w, r)
	if e.answered.Add(1) == free {
		close(e.stuck)
	}
	return true
}

// interrupt runs a command until the endpoint answers no more, and then does what Ctrl-C does.
func (e *endpoint) interrupt(t *testing.T, c command, free int64, args ...string) result {
	t.Helper()
	e.reset(free)
	command := c.command(t, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case <-e.stuck:
	case err := <-ended:
		t.Fatalf("it ended before it could be interrupted: %v\n%s", err, &stderr)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// shell runs a line as a person types it. Where it says no more than stance, that is the program that is tested.
func (c command) shell(t *testing.T, line string) result {
	t.Helper()
	like := c.command(t)
	command := exec.CommandContext(t.Context(), "sh", "-c", line)
	command.Dir, command.Env = like.Dir, slices.Clone(like.Env)
	if strings.HasPrefix(line, "stance ") {
		command.Env = append(command.Env, "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}
