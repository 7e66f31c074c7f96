package lake_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/moto"
)

// A reader that knows nothing of manifests: pyarrow, over the folder of a table.
const pyarrow = `
import sys, pyarrow.dataset as ds
table = ds.dataset(sys.argv[1], partitioning="hive").to_table()
for row in sorted(table.to_pylist(), key=lambda r: r["name"]):
    print(row["name"], dict(row["tags"]), row["rules"], row["raw"], row["total"], row["scan_id"])
`

func TestPyarrowReadsStructsListsAndMaps(t *testing.T) {
	python, err := moto.Python(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l := openLake(t, dir)
	scan(t, l, "s1", 1, map[string][]string{"A": {"one", `two "quoted" 🪣`}})
	out, err := exec.CommandContext(t.Context(), python, "-c", pyarrow, filepath.Join(dir, "tables", "aws_s3_bucket")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const rest = `{'k': 'v'} [{'id': 'x', 'days': 3}] {"a": 1} 17014118346046923173168730371588410572 s1`
	if got, want := string(out), "one "+rest+"\ntwo \"quoted\" 🪣 "+rest+"\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestALakeInABucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	server, err := moto.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	make := server.Command(t.Context(), "-c", "import boto3; boto3.client('s3').create_bucket(Bucket='lake')")
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("make the bucket: %v\n%s", err, out)
	}
	location := fmt.Sprintf("s3://lake/a/prefix?region=us-east-1&use_path_style=true&endpoint=%s", server.URL())
	l := openLake(t, location)
	scan(t, l, "s1", 1, map[string][]string{"A": {"a1"}, "B": {"b1"}}, "c1")
	scan(t, l, "s2", 2, map[string][]string{"A": {"a2"}}, "c1")
	if got := names(t, openLake(t, location), "", "aws_s3_bucket", "name"); got != "a2 b1" {
		t.Errorf("got %q", got)
	}
	if _, err := openLake(t, location).Scan(t.Context(), "s3"); err == nil || !strings.Contains(err.Error(), "no scan") {
		t.Errorf("a scan that is not there: %v", err)
	}
}
