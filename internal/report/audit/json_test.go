package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// programs are the writers for programs.
func programs() map[string]Writer {
	return map[string]Writer{"json": JSON{}, "csv": CSV{}, "oscal": OSCAL{}}
}

func TestFormatsForProgramsAreWrittenAsBefore(t *testing.T) {
	for name, w := range programs() {
		t.Run(name, func(t *testing.T) { golden(t, "sample."+name, written(t, w, sample())) })
	}
}

func TestTheSameDocumentIsWrittenTheSame(t *testing.T) {
	for name, w := range programs() {
		if !bytes.Equal(written(t, w, sample()), written(t, w, sample())) {
			t.Errorf("%s differs from one time to the next", name)
		}
	}
}

// readJSON also holds that no list is null.
func readJSON(t *testing.T, raw []byte) (all struct {
	Framework    struct{ ID, Wording, Missing string }
	Scan         struct{ Summary struct{ Fail int64 } }
	Score        map[string]any
	Scopes       []struct{ Account string }
	Requirements []struct {
		ID, Parent string
		Group      bool
		Status     compliance.Status
		Scopes     []struct{ Account, Status string }
		Checks     []struct {
			Check, Loose string
			NotAsked     []string `json:"not_asked"`
		}
		Attestation *struct{ Author, At string }
		Expired     *struct{ Author string } `json:"expired_attestation"`
	}
	Checks []struct {
		ID           string
		Params       map[string]any
		SQL          map[string]string
		Requirements []string
	}
	Coverage []any
	Changed  []struct{ ID, Status, Before string }
	Notes    []string
	Findings []evaluate.Finding
},
) {
	t.Helper()
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(raw, []byte("\n")) {
		if bytes.Contains(line, []byte(": null")) || bytes.Contains(line, []byte(":null")) && !bytes.Contains(line, []byte(`"percent":null`)) {
			t.Errorf("something is null: %s", line)
		}
	}
	return all
}

func TestJSONHasAllThatIsKnown(t *testing.T) {
	d := sample()
	all := readJSON(t, written(t, JSON{}, d))
	if all.Framework.ID != "acme-2.0" || all.Framework.Wording != "own" || all.Framework.Missing == "" || all.Scan.Summary.Fail == 0 {
		t.Errorf("%+v %+v", all.Framework, all.Scan)
	}
	percent, _ := d.Report.Score.Percent()
	if all.Score["percent"] != float64(percent) || all.Score["formula"] != compliance.Formula || all.Score["attested"].(map[string]any)["met"] != float64(1) {
		t.Errorf("score %v", all.Score)
	}
	if len(all.Requirements) != len(d.Report.Requirements) || len(all.Scopes) != 2 || len(all.Coverage) != len(d.Result.Coverage) || len(all.Changed) != len(d.changed()) {
		t.Error("something is missing")
	}
	attested, expired, loose, notAsked := 0, 0, 0, 0
	for _, r := range all.Requirements {
		if !r.Group && len(r.Scopes) != 2 {
			t.Errorf("%s has %d accounts", r.ID, len(r.Scopes))
		}
		if r.Attestation != nil && r.Attestation.At == "attestations.yaml:3" {
			attested++
		}
		if r.Expired != nil {
			expired++
		}
		for _, c := range r.Checks {
			if c.Loose != "" {
				loose++
			}
			notAsked += len(c.NotAsked)
		}
	}
	if attested != 1 || expired != 1 || loose != 1 || notAsked != 1 {
		t.Errorf("%d attested, %d expired, %d loose, %d not asked", attested, expired, loose, notAsked)
	}
	if len(all.Checks) != 9 || len(all.Findings) != len(sampleFindings()) || all.Findings[1].ResourceName != hostile {
		t.Errorf("%d checks, %d findings", len(all.Checks), len(all.Findings))
	}
	for _, c := range all.Checks {
		if c.Params == nil || len(c.SQL) == 0 && c.ID != "aws_organizations_account_under_scp" || len(c.Requirements) == 0 {
			t.Errorf("%+v", c)
		}
	}
}

func TestBrokenFindingsAreAnErrorOfFormatsThatHaveThem(t *testing.T) {
	broken := errors.New("the lake is gone")
	for name, w := range programs() {
		d := sample()
		d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
			if yield(sampleFindings()[0], nil) {
				yield(evaluate.Finding{}, broken)
			}
		}
		if err := w.Write(io.Discard, d, terminal.Terminal{}); name != "csv" && !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want one that says %q", name, err, broken)
		}
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestAFullDiskEndsTheReport(t *testing.T) {
	for name, w := range programs() {
		d, asked := many(500_000), 0
		all := d.Result.Findings
		d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
			for f, err := range all {
				if asked++; !yield(f, err) {
					return
				}
			}
		}
		if err := w.Write(&full{10}, d, terminal.Terminal{}); !errors.Is(err, io.ErrClosedPipe) || asked > 100_000 {
			t.Errorf("%s: error %v after %d findings", name, err, asked)
		}
	}
}

// many is the sample with n findings more of its checks, each made as it is asked for.
func many(n int) *Document {
	d := sample()
	some := sampleFindings()
	d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for _, one := range some {
			for i := range n / len(some) {
				f := one
				f.ResourceName = fmt.Sprintf("%s-%d", one.ResourceName, i)
				f.Resource = "arn:aws:x:::" + f.ResourceName
				f.Tags = map[string]string{"some": strings.Repeat("x", 200)}
				if !yield(f, nil) {
					return
				}
			}
		}
	}
	return d
}

func TestManyFindingsTakeNoMoreMemory(t *testing.T) {
	for name, w := range programs() {
		held := func(n int) uint64 {
			d, most, count := many(n), uint64(0), 0
			all := d.Result.Findings
			d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
				for f, err := range all {
					if count++; count%(n/4) == 0 {
						var m runtime.MemStats
						runtime.GC()
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
					if !yield(f, err) {
						return
					}
				}
			}
			if err := w.Write(io.Discard, d, terminal.Terminal{}); err != nil {
				t.Fatal(err)
			}
			return most
		}
		few, lots := held(2_000), held(100_000)
		if lots > few+4<<20 {
			t.Errorf("%s holds %d kB with 100,000 findings, %d kB with 2,000", name, lots>>10, few>>10)
		}
	}
}

func TestANameOfAMegabyteIsHarmless(t *testing.T) {
	d := sample()
	long := strings.Repeat("a\n", 1<<19)
	findings := sampleFindings()
	findings[0].ResourceName, findings[0].Found, findings[0].Resource = long, long, long
	d.Result.Findings, d.Result.Scan.Accounts[0].Name, d.Report.Scopes[0].Name = listed(findings), long, long
	for name, w := range programs() {
		raw := written(t, w, d)
		if name != "json" && len(raw) > 2<<20 {
			t.Errorf("%s has %d bytes", name, len(raw))
		}
	}
	validOSCAL(t, written(t, OSCAL{}, d))
}

func TestEmptyReportIsWritten(t *testing.T) {
	d := sample()
	d.Result.Findings, d.Result.Coverage, d.Before = listed(nil), nil, nil
	d.Result.Scan.Accounts, d.Result.Scan.Notes = []report.Account{}, nil
	d.Report = assess(d, nil, nil)
	resum(d)
	readJSON(t, written(t, JSON{}, d))
	validOSCAL(t, written(t, OSCAL{}, d))
	if lines := strings.Count(string(written(t, CSV{}, d)), "\n"); lines != 1+11 {
		t.Errorf("%d lines, want a header and one for each requirement", lines)
	}
}
