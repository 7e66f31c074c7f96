package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func TestTargetsAreReadFromFlags(t *testing.T) {
	tests := map[string]struct {
		give []string
		want []string // format=path
		err  string
	}{
		"nothing is the table":             {nil, []string{"table="}, ""},
		"a file leaves the table":          {[]string{"html=r.html"}, []string{"html=r.html", "table="}, ""},
		"a format takes the output":        {[]string{"json"}, []string{"json="}, ""},
		"a dash is the output":             {[]string{"csv=-"}, []string{"csv="}, ""},
		"several files":                    {[]string{"json=a=b", "md=c"}, []string{"json=a=b", "md=c", "table="}, ""},
		"two formats on one output":        {[]string{"json", "csv"}, nil, "both go to the standard output"},
		"one file twice":                   {[]string{"json=a", "csv=./a"}, nil, "written twice"},
		"a format that does not exist":     {[]string{"xml"}, nil, `unknown format "xml": known are table, json`},
		"a file without a name":            {[]string{"json="}, nil, "no file"},
		"markdown has its long name, too":  {[]string{"markdown=x.md"}, []string{"md=x.md", "table="}, ""},
		"an empty value is no format":      {[]string{""}, nil, "unknown format"},
		"the output, and a file named dot": {[]string{"json", "csv=."}, []string{"json=", "csv=."}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			targets, err := ParseTargets(tt.give)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, target := range targets {
				got = append(got, target.Format.Name+"="+target.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTargetsAreWritten(t *testing.T) {
	result := sampleResult(t)
	path := filepath.Join(t.TempDir(), "out.json")
	format, err := Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	if err := (Target{Format: format, Path: path}).Write(result, io.Discard, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, write(t, "json", result, terminal.Terminal{})) {
		t.Errorf("the file differs from the output (%v)", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: findings are for their owner", info.Mode())
	}
	page, err := Lookup("html")
	if err != nil {
		t.Fatal(err)
	}
	if err := (Target{Format: page}).Write(result, io.Discard, terminal.Terminal{TTY: true}); err == nil || !strings.Contains(err.Error(), "-o html=report.html") {
		t.Errorf("html on a screen: %v", err)
	}
	if err := (Target{Format: format, Path: "/dev/null"}).Write(result, io.Discard, terminal.Terminal{}); err != nil && runtime.GOOS != "windows" {
		t.Errorf("a device: %v", err)
	}
	if err := (Target{Format: format, Path: filepath.Join(path, "no")}).Write(result, io.Discard, terminal.Terminal{}); err == nil || !strings.Contains(err.Error(), "write json to "+path) {
		t.Errorf("a file below a file: %v", err)
	}
}

func TestJSONHasTheThreePartsAndEveryFinding(t *testing.T) {
	var document struct {
		Scan     map[string]any
		Coverage []collect.Cell
		Findings []evaluate.Finding
	}
	d := json.NewDecoder(bytes.NewReader(write(t, "json", sampleResult(t), terminal.Terminal{})))
	d.DisallowUnknownFields()
	if err := d.Decode(&document); err != nil {
		t.Fatal(err)
	}
	var want []evaluate.Finding
	for _, f := range sampleFindings() {
		want = append(want, complete(f))
	}
	if diff := cmp.Diff(want, document.Findings); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sampleResult(t).Coverage, document.Coverage); diff != "" {
		t.Error(diff)
	}
	empty := sampleResult(t)
	empty.Coverage, empty.Findings = nil, listed(nil)
	if got := string(write(t, "json", empty, terminal.Terminal{})); !strings.Contains(got, `"coverage": [],`) || !strings.Contains(got, `"findings": []}`) {
		t.Errorf("empty lists are not null: %s", got)
	}
}

func TestJSONLinesNameTheirType(t *testing.T) {
	types := map[string]int{}
	for line := range strings.Lines(string(write(t, "jsonl", sampleResult(t), terminal.Terminal{}))) {
		var object struct{ Type string }
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		types[object.Type]++
	}
	if diff := cmp.Diff(map[string]int{"scan": 1, "coverage": 7, "finding": 14}, types); diff != "" {
		t.Error(diff)
	}
}

func TestCSVHoldsNoFormula(t *testing.T) {
	raw := write(t, "csv", sampleResult(t), terminal.Terminal{})
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(sampleFindings()) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		for _, value := range row {
			if value != "" && strings.ContainsRune("=+-@\t\r\n", rune(value[0])) {
				t.Errorf("row %d: %q would be a formula", i, value)
			}
		}
	}
	if bytes.Contains(raw, []byte("\r\n")) {
		t.Error("a record ends in more than a line feed")
	}
}

func TestManyFindingsTakeNoMoreMemoryThanAFew(t *testing.T) {
	const n = 20_000
	for _, name := range []string{"json", "jsonl", "csv", "ocsf", "sarif", "github", "gitlab", "junit", "md"} {
		result := sampleResult(t)
		result.Findings = manyFindings(n)
		format, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		peak := &peakWriter{every: 2 << 20}
		peak.look()
		before := peak.heap
		if err := format.Writer.Write(peak, result, terminal.Terminal{}); err != nil {
			t.Fatal(err)
		}
		peak.look()
		if grown := int64(peak.most) - int64(before); grown > 8<<20 {
			t.Errorf("%s: %d MiB more in use while writing %d findings (%d MiB written)", name, grown>>20, n, peak.written>>20)
		}
	}
}

// peakWriter looks at the live heap now and then while it is written to.
type peakWriter struct {
	every, written, next int64
	heap, most           uint64
}

func (p *peakWriter) Write(b []byte) (int, error) {
	p.written += int64(len(b))
	if p.written >= p.next {
		p.next = p.written + p.every
		p.look()
	}
	return len(b), nil
}

func (p *peakWriter) look() {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	p.heap = stats.HeapAlloc
	p.most = max(p.most, p.heap)
}

func TestSummaryFitsAScreen(t *testing.T) {
	result := sampleResult(t)
	var findings []evaluate.Finding
	for _, f := range sampleFindings() {
		for i := range 20 {
			f.Check = strings.Repeat("x", i) + f.Check
			findings = append(findings, f)
		}
	}
	result.Findings = listed(findings)
	result.Files = []string{"a.html", "b.json"}
	summarized(t, result)
	for _, width := range []int{40, 60, 80, 100, 200} {
		text := string(write(t, "table", result, terminal.Terminal{TTY: true, Unicode: true, Width: width}))
		if n := strings.Count(text, "\n"); n > 40 {
			t.Errorf("%d lines at width %d", n, width)
		}
		for line := range strings.Lines(text) {
			if w := terminal.Width(strings.TrimSuffix(line, "\n")); w > width && width >= 60 {
				t.Errorf("%d columns at width %d: %s", w, width, line)
			}
		}
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Error("a resource's name reached the terminal as a command")
		}
	}
}

func TestCoverageIsNeverRoundedUp(t *testing.T) {
	cells := make([]collect.Cell, 100_000)
	for i := range cells {
		cells[i].Status = collect.OK
	}
	cells[7] = collect.Cell{Status: collect.Denied, Call: "s3:GetBucketPolicy", Cause: "denied: s3:GetBucketPolicy"}
	cells[8].Status = collect.Skipped
	if got, want := NewCoverage(cells).Line(), "99.9 %: 1 of 99,999 cells not seen: 1 denied (s3:GetBucketPolicy)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cells[7].Status = collect.OK
	if got, want := NewCoverage(cells).Line(), "100 %: 99,999 cells, all seen"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
