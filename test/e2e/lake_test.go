package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestALakeThatCannotBeWrittenCostsNoCall: a scan may take an hour, and must not learn at its end that it was for nothing.
func TestALakeThatCannotBeWrittenCostsNoCall(t *testing.T) {
	for name, c := range map[string]struct {
		lake, env, says string
	}{
		"no folder can be made there":     {"/proc/x", "", "the lake /proc/x cannot be written"},
		"a bucket that does not exist":    {"s3://nobody-s-lake?use_path_style=true", "", "the lake s3://nobody-s-lake?use_path_style=true: the bucket does not exist"},
		"a bucket in no region":           {"s3://x", "AWS_REGION=", "the lake s3://x: no AWS region is set: set AWS_REGION"},
		"a kind of place that is unknown": {"ftp://x", "", "ftp"},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			command := at(t, inFront(t, func(_ http.ResponseWriter, r *http.Request, _ string) bool {
				if !strings.Contains(r.URL.Path, "nobody-s-lake") {
					calls.Add(1)
				}
				return false
			}), c.env)
			r := command.run(t, "scan", "aws", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning", "--lake", c.lake)
			if r.code != 1 || !strings.Contains(r.stderr, c.says) || calls.Load() > 0 {
				t.Errorf("exit status %d after %d calls; it should say %q:\n%s", r.code, calls.Load(), c.says, r.stderr)
			}
			proveOneMessage(t, r)
		})
	}
}

// TestTheWrittenPoliciesAreTaken types what `stance permissions -o` tells to type, as far as the simulator can.
func TestTheWrittenPoliciesAreTaken(t *testing.T) {
	w := scanned(t)
	command := at(t, w.server.URL())
	r := command.run(t, "permissions", "aws", "-o", "policies")
	if r.code != 0 {
		t.Fatal(r.stderr)
	}
	files, err := filepath.Glob(filepath.Join(command.home, "policies", "*.json"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	const create = `
import sys, boto3
iam = boto3.client("iam")
for path in sys.argv[1:]:
    arn = iam.create_policy(PolicyName=path.split("/")[-1][:-5], PolicyDocument=open(path).read())["Policy"]["Arn"]
    iam.delete_policy(PolicyArn=arn)
`
	if out, err := w.server.Command(t.Context(), append([]string{"-c", create}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("IAM does not take what was written: %v\n%s", err, out)
	}
}
