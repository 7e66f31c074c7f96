package providertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/scan"
)

// Sacrifice scans slowly, so that there is time to kill the process that does it. It is what the command of Suite.Victim runs.
func (s *Suite) Sacrifice(ctx context.Context, dir string) error {
	options := s.victimOptions(dir)
	options.Disturbance.Latency = 20 * time.Millisecond
	_, err := s.Scan(ctx, options)
	return err
}

func (s *Suite) victimOptions(dir string) Options {
	return Options{Dir: dir, Checks: s.Stopped, Workers: 4}
}

// kill kills scans with SIGKILL, wherever they are, and resumes them.
func (r *runner) kill(t *testing.T) {
	want := findingsOf(r.base.Findings, r.Stopped)
	began := time.Now()
	if out, err := r.Victim(t, t.TempDir()).CombinedOutput(); err != nil {
		t.Fatalf("a scan that nobody kills: %v\n%s", err, out)
	}
	whole := time.Since(began)
	luck := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var killed, resumed atomic.Int64
	t.Run("kill", func(t *testing.T) {
		for i := range r.Kills {
			after := time.Duration(luck.Int64N(int64(whole)))
			t.Run(fmt.Sprintf("%d after %s", i, after.Round(time.Millisecond)), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if kill(t, r.Victim(t, dir), after) {
					killed.Add(1)
				}
				got, again := r.resume(t, dir)
				if again {
					resumed.Add(1)
				}
				for _, line := range diff(want, got) {
					t.Error(line)
				}
			})
		}
	})
	t.Logf("a scan takes %s; %d of %d were killed before their end, %d had something to resume", whole, killed.Load(), r.Kills, resumed.Load())
	if resumed.Load() == 0 {
		t.Error("no scan was killed at a point at which there was something to resume")
	}
}

// kill says whether the scan was still going on.
func kill(t *testing.T, victim *exec.Cmd, after time.Duration) bool {
	t.Helper()
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = victim.Process.Kill() }) // it may have ended
	defer timer.Stop()
	return victim.Wait() != nil
}

// resume goes on with what was killed, if anything is left of it, and gives what the lake then says.
func (r *runner) resume(t *testing.T, dir string) (findings []evaluate.Finding, resumed bool) {
	t.Helper()
	ctx := context.Background()
	options := r.victimOptions(dir)
	options.Resume = scan.ResumeLast
	location := filepath.Join(dir, "lake")
	before := scansIn(t, location)
	_, err := r.Scan(ctx, options)
	switch {
	case err == nil:
		resumed = true
	case !strings.Contains(err.Error(), "there is no unfinished scan"):
		t.Fatal(err)
	case before == 0: // it was killed before it began
		options.Resume = ""
		if _, err := r.Scan(ctx, options); err != nil {
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
