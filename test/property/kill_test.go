package property

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/replay"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
)

// victimDir is the variable by which this test program, started once more, scans into a folder and waits to be killed.
const victimDir = "STANCE_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// kills is how many scans are killed, at random points.
const kills = 20

// victimOptions are a scan of some services that takes a while: children, groups and regions are among what it collects.
func victimOptions(c *recorded.Cloud, dir string) recorded.Options {
	return recorded.Options{Dir: dir, Checks: slowChecks(c), Faults: replay.Faults{Latency: 20 * time.Millisecond}, Workers: 4}
}

func slowChecks(c *recorded.Cloud) []*plan.Check {
	return slices.DeleteFunc(slices.Clone(c.Checks), func(check *plan.Check) bool {
		return !slices.Contains([]string{"iam", "kms", "lambda"}, check.Spec.Service)
	})
}

func victim(dir string) error {
	ctx := context.Background()
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return err
	}
	_, err = cloud.Scan(ctx, victimOptions(cloud, dir))
	return err
}

// TestAKilledScanResumesToTheSame kills scans with SIGKILL, wherever they are, and resumes them.
func TestAKilledScanResumesToTheSame(t *testing.T) {
	w := theWorld(t)
	want := findingsOf(w.base.Findings, slowChecks(w.Cloud))
	began := time.Now()
	if out, err := startVictim(t, t.TempDir()).CombinedOutput(); err != nil {
		t.Fatalf("a scan that nobody kills: %v\n%s", err, out)
	}
	whole := time.Since(began)
	luck := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var killed, resumed atomic.Int64
	t.Run("kill", func(t *testing.T) {
		for i := range kills {
			after := time.Duration(luck.Int64N(int64(whole)))
			t.Run(fmt.Sprintf("%d after %s", i, after.Round(time.Millisecond)), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if killVictim(t, dir, after) {
					killed.Add(1)
				}
				got, again := w.resume(t, dir)
				if again {
					resumed.Add(1)
				}
				for _, line := range diff(want, got) {
					t.Error(line)
				}
			})
		}
	})
	t.Logf("a scan takes %s; %d of %d were killed before their end, %d had something to resume", whole, killed.Load(), kills, resumed.Load())
	if resumed.Load() == 0 {
		t.Error("no scan was killed at a point at which there was something to resume")
	}
}

func findingsOf(all []evaluate.Finding, checks []*plan.Check) []evaluate.Finding {
	ids := map[string]bool{}
	for _, c := range checks {
		ids[c.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(f evaluate.Finding) bool { return !ids[f.Check] })
}

func startVictim(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), victimDir+"="+dir)
	return command
}

// killVictim says whether the scan was still going on.
func killVictim(t *testing.T, dir string, after time.Duration) bool {
	t.Helper()
	command := startVictim(t, dir)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() }) // it may have ended
	defer timer.Stop()
	return command.Wait() != nil
}

// resume goes on with what was killed, if anything is left of it, and gives what the lake then says.
func (w *world) resume(t *testing.T, dir string) (findings []evaluate.Finding, resumed bool) {
	t.Helper()
	ctx := context.Background()
	options := victimOptions(w.Cloud, dir)
	options.Faults, options.Resume = replay.Faults{}, scan.ResumeLast
	location := filepath.Join(dir, "lake")
	before := scansIn(t, location)
	_, err := w.Scan(ctx, options)
	switch {
	case err == nil:
		resumed = true
	case !strings.Contains(err.Error(), "there is no unfinished scan"):
		t.Fatal(err)
	case before == 0: // it was killed before it began
		options.Resume = ""
		if _, err := w.Scan(ctx, options); err != nil {
			t.Fatal(err)
		}
	}
	if n := scansIn(t, location); n != max(before, 1) && (before != 1 || !resumed || n != 2) {
		t.Errorf("the lake has %d scans, and had %d before", n, before)
	}
	h, err := history.Open(ctx, history.Options{Lake: location})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	result, err := h.Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, f)
	}
	return findings, resumed
}

// scansIn counts the whole scans of a lake; of half ones nothing is seen.
func scansIn(t *testing.T, location string) int {
	t.Helper()
	l, err := lake.Open(context.Background(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	scans, err := l.Scans(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return len(scans)
}
