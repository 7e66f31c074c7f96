package audit

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/report/terminal"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/name, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./internal/report/audit -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./internal/report/audit -update accepts it:\n%s", name, diff)
	}
}

// written is a document in a writer's format.
func written(t *testing.T, w Writer, d *Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := w.Write(&out, d, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSampleHasEveryStatus(t *testing.T) {
	d := sample()
	for _, s := range []string{"not met", "unknown", "risk accepted", "manual", "met", "not applicable"} {
		found := false
		for _, r := range d.Report.Requirements {
			found = found || !r.Group && StatusWords(r.Status) == s
		}
		if !found {
			t.Errorf("no requirement is %s", s)
		}
	}
	if len(d.changed()) == 0 {
		t.Error("nothing changed since the scan before")
	}
}

func TestTableIsWrittenAsBefore(t *testing.T) {
	golden(t, "sample.txt", written(t, Table{}, sample()))
}
