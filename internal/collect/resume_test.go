package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// victimDir makes this test binary a scan of the world in that folder, to be killed.
const victimDir = "STANCE_COLLECT_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		cloud, p := world(victimSize)
		cloud.Latency = 2 * time.Millisecond
		cloud.Page = func() int { return 7 }
		_, err := Run(context.Background(), Options{
			Provider: cloud, Accounts: accounts(worldRegions...), Plan: p, Dir: dir, Resume: true, Rate: 1e6, MaxRate: 1e6, Workers: 4,
			Now: func() time.Time { return scanTime },
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const victimSize = 60

// TestKilledScanResumesToTheSameResult kills a scan again and again, each time a little later, and lets the next one go on.
func TestKilledScanResumesToTheSameResult(t *testing.T) {
	cloud, p := world(victimSize)
	clean := collectAll(t, options(t, cloud, p, worldRegions...))
	want := everything(t, clean.Spool, p)
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			dir := t.TempDir()
			r := rand.New(rand.NewPCG(seed, 7))
			killed := 0
			for range 12 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), victimDir+"="+dir)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				kill := time.AfterFunc(time.Duration(20+r.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
				err := cmd.Wait()
				kill.Stop()
				if stderr.Len() > 0 {
					t.Fatalf("the scan said: %s", &stderr)
				}
				if err != nil {
					killed++
				}
			}
			if killed == 0 {
				t.Error("no scan was killed before its end")
			}
			cloud, p := world(victimSize)
			opt := options(t, cloud, p, worldRegions...)
			opt.Dir, opt.Resume = dir, true
			res := collectAll(t, opt)
			if diff := cmp.Diff(want, everything(t, res.Spool, p)); diff != "" {
				t.Errorf("rows differ (-undisturbed +killed):\n%s", diff)
			}
			if diff := cmp.Diff(states(clean), states(res)); diff != "" {
				t.Errorf("cells differ (-undisturbed +killed):\n%s", diff)
			}
		})
	}
}

// TestInterruptedScansResumeToTheSameResult stops a scan at random moments, and goes on until it is done.
func TestInterruptedScansResumeToTheSameResult(t *testing.T) {
	cloud, p := world(30)
	clean := collectAll(t, options(t, cloud, p, worldRegions...))
	want := everything(t, clean.Spool, p)
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 3))
		opt := options(t, nil, p, worldRegions...)
		opt.Resume, opt.KeepDenied, opt.Seed = true, seed%2 == 0, 0
		for runs := 0; ; runs++ {
			cloud, _ := world(30)
			cloud.Latency = 10 * time.Millisecond
			cloud.Page = func() int { return 4 }
			opt.Provider, opt.Workers = cloud, 3
			var res *Result
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(500*(runs+1)))*time.Millisecond)
				defer cancel()
				var err error
				if res, err = Run(ctx, opt); err != nil {
					t.Fatal(err)
				}
				res.Spool.Close()
			})
			if !res.Interrupted {
				if diff := cmp.Diff(states(clean), states(res)); diff != "" {
					t.Errorf("seed %d, after %d runs: cells differ (-undisturbed +interrupted):\n%s", seed, runs, diff)
				}
				break
			}
		}
		s, err := OpenSpool(opt.Dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, everything(t, s, p)); diff != "" {
			t.Errorf("seed %d: rows differ (-undisturbed +interrupted):\n%s", seed, diff)
		}
		s.Close()
	}
}

// TestEveryPrefixOfTheJournalResumes: whatever line or byte the journal ends at, the result is the same, and what it
// tells of is not asked again.
func TestEveryPrefixOfTheJournalResumes(t *testing.T) {
	cloud, p := world(5)
	opt := options(t, cloud, p, worldRegions...)
	opt.KeepDenied = true
	clean := collectAll(t, opt)
	want := everything(t, clean.Spool, p)
	all := cloud.Total()
	if err := clean.Spool.Close(); err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(filepath.Join(opt.Dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	var cuts []int
	for i, b := range journal {
		if b == '\n' {
			cuts = append(cuts, i+1, min(i+40, len(journal))) // after the line, and in the next
		}
	}
	last := all + 1
	for _, cut := range cuts {
		dir := t.TempDir()
		copyFiles(t, opt.Dir, dir)
		if err := os.WriteFile(filepath.Join(dir, journalName), journal[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		cloud, p := world(5)
		again := options(t, cloud, p, worldRegions...)
		again.Dir, again.Resume, again.KeepDenied = dir, true, true
		res, _ := inBubble(t, again)
		s, err := OpenSpool(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(want, everything(t, s, p))
		s.Close()
		if diff != "" {
			t.Fatalf("cut at %d of %d: rows differ:\n%s", cut, len(journal), diff)
		}
		if diff := cmp.Diff(states(clean), states(res)); diff != "" {
			t.Fatalf("cut at %d of %d: cells differ:\n%s", cut, len(journal), diff)
		}
		if cut == len(journal) && cloud.Total() != 0 {
			t.Errorf("a finished scan made %d calls when it was resumed", cloud.Total())
		}
		if n := cloud.Total(); n > all {
			t.Errorf("cut at %d: %d calls, more than a whole scan's %d", cut, n, all)
		}
		last = cloud.Total()
	}
	if last != 0 {
		t.Errorf("the last resume made %d calls", last)
	}
}

func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, lockName)); err != nil {
		t.Fatal(err)
	}
}

func onePlan(get ...*content.Call) *plan.Plan {
	child := callOf("", "s:Children", "C", "Of=Name")
	child.For = "thing"
	return planOf(
		tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), get...), tableOf("child", content.ScopeRegion, child),
		tableOf("other", content.ScopeRegion, callOf("", "o:List", "L")),
	)
}

func oneCloud() *collecttest.Cloud {
	return &collecttest.Cloud{Ops: map[string]*collecttest.Op{
		"s:List": serve(doc{"L": []doc{{"Name": "a"}, {"Name": "b"}}}), "s:Get": serve(doc{"D": 1}),
		"s:Children": serveBy("Of", func(of string) (any, error) { return doc{"C": []doc{{"Of": of}}}, nil }),
		"o:List":     serve(doc{"L": []doc{{"O": 1}}}),
	}}
}

func TestResumeTriesAgainWhatMayPass(t *testing.T) {
	get := callOf("detail", "s:Get", "", "N=Name")
	for name, tc := range map[string]struct {
		first error
		keep  bool
		calls map[string]int // of the second run
	}{
		"denied":                   {denied("s:Get"), false, map[string]int{"s:List": 1, "s:Get": 2, "s:Children": 2}},
		"denied, to be kept":       {denied("s:Get"), true, nil},
		"broken":                   {&provider.Error{Class: provider.Broken}, false, map[string]int{"s:List": 1, "s:Get": 2, "s:Children": 2}},
		"unsupported":              {&provider.Error{Class: provider.Unsupported}, false, nil},
		"gone since it was listed": {&provider.Error{Class: provider.Gone}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := oneCloud()
			cloud.Before = func(q provider.Request) error {
				if q.Op == "Get" {
					return tc.first
				}
				return nil
			}
			opt := options(t, cloud, onePlan(get), "eu-west-1")
			collectAll(t, opt).Spool.Close()
			cloud = oneCloud()
			opt.Provider, opt.Resume, opt.KeepDenied = cloud, true, tc.keep
			res := collectAll(t, opt)
			if diff := cmp.Diff(tc.calls, cloud.Calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if tc.calls != nil && res.Totals.ByStatus[OK] != 4 {
				t.Errorf("cells %v", res.Totals.ByStatus)
			}
			want := []string{`eu-west-1 {"Of":"a"}`, `eu-west-1 {"Of":"b"}`}
			if diff := cmp.Diff(want, rowsOf(t, res.Spool, "child")); diff != "" {
				t.Errorf("children (-want +got):\n%s", diff)
			}
			if n := len(rowsOf(t, res.Spool, "thing")); n != 2 {
				t.Errorf("%d rows: the first run's count too", n)
			}
		})
	}
}

func TestResumeOfAnotherPlanIsRefused(t *testing.T) {
	get := callOf("detail", "s:Get", "", "N=Name")
	start := func(t *testing.T) Options {
		opt := options(t, oneCloud(), onePlan(get), "eu-west-1", "us-east-1")
		collectAll(t, opt).Spool.Close()
		opt.Resume = true
		return opt
	}
	for name, tc := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"without resume": {func(o *Options) { o.Resume = false }, "holds a scan already: resume it, or choose another folder"},
		"other account":  {func(o *Options) { o.Accounts[0].ID = "999" }, "it was to collect account 111122223333 too"},
		"other regions": {
			func(o *Options) { o.Accounts = accounts("eu-west-1") },
			"it was to collect the regions eu-west-1, us-east-1 of account 111122223333, not eu-west-1",
		},
		"fewer tables": {func(o *Options) { o.Plan.Tables = o.Plan.Tables[:2] }, "it was to collect table other too"},
		"other groups": {func(o *Options) { o.Plan.Tables[0].Groups = nil }, "table thing is collected otherwise now"},
		"other call":   {func(o *Options) { o.Plan = onePlan(callOf("detail", "s:Get", "D", "N=Name")) }, "table thing is collected otherwise now"},
	} {
		t.Run(name, func(t *testing.T) {
			opt := start(t)
			tc.change(&opt)
			_, err := Run(t.Context(), opt)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), opt.Dir) {
				t.Errorf("got %v, want %q and the folder", err, tc.want)
			}
		})
	}
	t.Run("regions in another order are the same", func(t *testing.T) {
		opt := start(t)
		opt.Accounts = accounts("us-east-1", "eu-west-1")
		collectAll(t, opt)
	})
}

func TestTwoScansInOneFolderAreRefused(t *testing.T) {
	opt := options(t, oneCloud(), onePlan(), "eu-west-1")
	res := collectAll(t, opt)
	opt.Resume = true
	_, err := Run(t.Context(), opt)
	if !errors.Is(err, errLocked) {
		t.Fatalf("got %v", err)
	}
	if err := res.Spool.Close(); err != nil {
		t.Fatal(err)
	}
	collectAll(t, opt)
}
