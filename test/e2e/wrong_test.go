package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
)

// between answers in place of the simulator where it wants to; where it gives false the simulator does.
type between func(w http.ResponseWriter, r *http.Request, body string) bool

// inFront is an endpoint before the world.
func inFront(t *testing.T, answer between) string {
	t.Helper()
	to, err := url.Parse(scanned(t).server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !answer(w, r, string(body)) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// say answers with a status and a text.
func say(w http.ResponseWriter, status int, kind, text string) bool {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // a client that went away is its own concern
	return true
}

func queryError(w http.ResponseWriter, status int, code, message string) bool {
	return say(w, status, "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>"+code+"</Code><Message>"+message+"</Message></Error><RequestId>x</RequestId></ErrorResponse>")
}

func TestASignInThatFailsSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		answer between
		args   []string
		env    []string
		says   []string
	}{
		"no credentials":              {nil, nil, []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}, []string{"credentials"}},
		"a profile that is not there": {nil, []string{"--profile", "nobody"}, nil, []string{"nobody"}},
		"an expired token": {func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			return queryError(w, http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
		}, nil, nil, []string{"expired"}},
		"a role that cannot be assumed": {func(w http.ResponseWriter, _ *http.Request, body string) bool {
			return strings.Contains(body, "Action=AssumeRole") && queryError(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: sts:AssumeRole")
		}, []string{"--role", "arn:aws:iam::123456789012:role/audit"}, nil, []string{"role/audit", "sts:AssumeRole"}},
		"an endpoint that answers a web page": {func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			return say(w, http.StatusOK, "text/html", "<html><head><title>Welcome to the portal</title></head></html>")
		}, nil, nil, []string{"sts in us-east-1", "web page", "AWS_ENDPOINT_URL"}},
		"an endpoint where nobody listens": {nil, nil, []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1"}, []string{"127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.answer == nil {
				c.answer = func(http.ResponseWriter, *http.Request, string) bool { return false }
			}
			command := at(t, inFront(t, c.answer), c.env...)
			r := command.run(t, append([]string{"scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning"}, c.args...)...)
			if r.code != 1 || r.stdout != "" {
				t.Errorf("exit status %d, output %q", r.code, r.stdout)
			}
			for _, words := range c.says {
				if !strings.Contains(r.stderr, words) {
					t.Errorf("the message does not say %q:\n%s", words, r.stderr)
				}
			}
			proveOneMessage(t, r)
			if _, err := os.Stat(filepath.Join(command.home, "lake", "manifests")); err == nil {
				t.Error("it wrote to the lake")
			}
		})
	}
}

func TestATokenThatExpiresMidwayLeavesTheRestUnknown(t *testing.T) {
	var requests atomic.Int64
	var expired atomic.Bool
	expired.Store(true)
	command := at(t, inFront(t, func(w http.ResponseWriter, r *http.Request, _ string) bool {
		return expired.Load() && requests.Add(1) > 12 && strings.Contains(r.Header.Get("Authorization"), "/s3/") &&
			say(w, http.StatusBadRequest, "application/xml", "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>")
	}))
	args := []string{"scan", "aws", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning,aws_iam_user_single_active_key", "-o", "json", "--strict"}
	r := command.run(t, args...)
	if r.code != 4 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	unknown := 0
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		if f.Status == evaluate.Unknown && strings.HasPrefix(f.Cause, "expired:") {
			unknown++
		}
	}
	if unknown == 0 {
		t.Error("nothing is UNKNOWN because the token expired")
	}
	expired.Store(false)
	// What is printed is all that must be typed, wherever.
	_, after, _ := strings.Cut(r.stderr, "then `")
	goOn, _, found := strings.Cut(after, "`")
	_, goOn, program := strings.Cut(goOn, " ")
	if !found || !program {
		t.Fatalf("no command to go on with:\n%s", r.stderr)
	}
	elsewhere := command
	elsewhere.dir = t.TempDir()
	if r = elsewhere.run(t, strings.Fields(goOn)...); r.code != 0 {
		t.Fatalf("resumed: exit status %d\n%s", r.code, r.stderr)
	}
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		if f.Status == evaluate.Unknown {
			t.Errorf("still unknown: %+v", f)
		}
	}
}

func TestABucketThatIsDeletedMidwayIsNotJudged(t *testing.T) {
	command := at(t, inFront(t, func(w http.ResponseWriter, r *http.Request, _ string) bool {
		return strings.HasPrefix(r.URL.Path, "/tidewater-legacy") && say(w, http.StatusNotFound, "application/xml",
			"<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>")
	}))
	r := command.run(t, "scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning,aws_s3_bucket_not_public", "-o", "json")
	if r.code != 0 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	others := 0
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		switch {
		case f.ResourceName != "tidewater-legacy":
			others++
		case f.Status != evaluate.Unknown || !strings.HasPrefix(f.Cause, "gone:"):
			t.Errorf("of the bucket that is gone: %+v", f)
		}
	}
	if others < 40 {
		t.Errorf("only %d findings of other buckets", others)
	}
}

func TestAPolicyOfFiveMegabytes(t *testing.T) {
	var policy strings.Builder
	policy.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for i := 0; policy.Len() < 5<<20; i++ {
		fmt.Fprintf(&policy, `{"Sid":"s%d","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/r%d"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::tidewater-reports/%d/*"},`, i, i, i)
	}
	policy.WriteString(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`)
	command := at(t, inFront(t, func(w http.ResponseWriter, r *http.Request, _ string) bool {
		return strings.HasPrefix(r.URL.Path, "/tidewater-uploads") && r.URL.Query().Has("policy") && say(w, http.StatusOK, "application/json", policy.String())
	}))
	r := command.run(t, "scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--service", "s3", "-o", "json")
	if r.code != 0 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	seen := false
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		if f.ResourceName != "tidewater-uploads" {
			continue
		}
		if strings.HasPrefix(f.Cause, "defect:") {
			t.Errorf("a check does not get through it: %+v", f)
		}
		if f.Check == "aws_s3_bucket_not_public" {
			seen = true
			if f.Status != evaluate.Fail {
				t.Errorf("the last of many statements was not seen: %+v", f)
			}
		}
	}
	if !seen {
		t.Error("no verdict on the policy")
	}
}

func TestTwoScansIntoOneLakeAtOnce(t *testing.T) {
	command := at(t, scanned(t).server.URL())
	var both sync.WaitGroup
	results := make([]result, 2)
	for i := range results {
		both.Go(func() {
			results[i] = command.run(t, "scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning", "-o", "json")
		})
	}
	both.Wait()
	for _, r := range results {
		if r.code != 0 {
			t.Errorf("exit status %d\n%s", r.code, r.stderr)
		}
	}
	if r := command.run(t, "query", "--lake", "lake", "-o", "csv", "select count(*) from scans"); !strings.HasSuffix(strings.TrimSpace(r.stdout), "2") && r.code == 0 {
		all := command.run(t, "scans", "--lake", "lake", "-o", "csv")
		if strings.Count(all.stdout, "\n") != 3 {
			t.Errorf("not two scans: %s%s", all.stdout, all.stderr)
		}
	}
}

func TestALakeThatIsNotWhole(t *testing.T) {
	command := at(t, scanned(t).server.URL())
	scan := []string{"scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning", "-o", "json"}
	if r := command.run(t, scan...); r.code != 0 {
		t.Fatal(r.stderr)
	}
	lake := filepath.Join(command.home, "lake")
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(lake, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// What a scan leaves that was killed while it wrote: files without a manifest.
	write("_staging/20990101T000000Z-aws-aaaaaa/aws_s3_bucket.part", "PAR1 half")
	write("tables/aws_s3_bucket/scan_id=20990101T000000Z-aws-aaaaaa/part-0.parquet", "PAR1 half")
	if r := command.run(t, "query", "--lake", "lake", "-o", "csv", "select count(*) as n from aws_s3_bucket"); r.code != 0 || strings.Contains(r.stdout, "\n0\n") {
		t.Errorf("a half written scan is in the way: %s%s", r.stdout, r.stderr)
	}
	if r := command.run(t, scan...); r.code != 0 {
		t.Errorf("a half written scan is in the way: %s", r.stderr)
	}
	write("manifests/20990101T000000Z-aws-aaaaaa.json", `{"format": 1, "id": "209901`)
	r := command.run(t, "query", "--lake", "lake", "select count(*) from aws_s3_bucket")
	if r.code != 1 || !strings.Contains(r.stderr, "20990101T000000Z-aws-aaaaaa") {
		t.Errorf("a torn manifest: exit status %d: %s", r.code, r.stderr)
	}
	proveOneMessage(t, r)
}

func TestAFullDiskLosesNothing(t *testing.T) {
	command := at(t, scanned(t).server.URL())
	r := command.run(t, "scan", "aws", "--quiet", "--lake", "lake", "--region", "us-east-1", "--check", "aws_s3_bucket_versioning", "-o", "json=/dev/full")
	if r.code != 1 || !strings.Contains(r.stderr, "no space left") {
		t.Errorf("exit status %d: %s", r.code, r.stderr)
	}
	proveOneMessage(t, r)
	if r := command.run(t, "report", "--lake", "lake", "-o", "csv"); r.code != 0 || strings.Count(r.stdout, "\n") < 30 {
		t.Errorf("the scan whose report could not be written is not in the lake: %s", r.stderr)
	}
}

// own is a check of the user's.
const own = `id: aws_own_check
title: Ours
severity: low
resource: aws_s3_bucket
%s
objectives: [versions-kept]
why: A test.
fix: {text: None.}
references: ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html"]
tests: []
`

func TestAnOwnCheckThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		says string
	}{
		"does not parse":       {`pass: "versioning_status = = 'Enabled'"`, "aws_own_check.yaml"},
		"reads a file":         {"query: select id, true as pass, content as found from read_text('/etc/passwd')", "read_text"},
		"reads a file quietly": {"query: select b.id, true as pass, f.content as found from aws_s3_bucket b, '/etc/passwd' f", "/etc/passwd"},
		"misspells a column":   {`pass: versionning_status = 'Enabled'`, "versioning_status"},
		"has an unknown key":   {"pass: versioning_status = 'Enabled'\npas: true", "pas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := at(t, scanned(t).server.URL())
			writeOwn(t, command.home, c.sql)
			r := command.run(t, "scan", "aws", "--quiet", "--content", "own", "--lake", "lake", "--region", "us-east-1", "--check", "aws_own_check", "-o", "json")
			if r.code != 1 || !strings.Contains(r.stderr, c.says) || strings.Contains(r.stdout+r.stderr, "root:x:") {
				t.Errorf("exit status %d; it should say %q:\n%s", r.code, c.says, r.stderr)
			}
			proveOneMessage(t, r)
		})
	}
}

func TestAnOwnCheckThatRunsForEver(t *testing.T) {
	command := at(t, scanned(t).server.URL())
	writeOwn(t, command.home, "query: |\n  select a.id, count(*) > 0 as pass, '' as found from aws_s3_bucket a, "+strings.Join([]string{"aws_s3_bucket b", "aws_s3_bucket c", "aws_s3_bucket d", "aws_s3_bucket e", "aws_s3_bucket f", "aws_s3_bucket g", "aws_s3_bucket h"}, ", ")+
		"\n  where length(a.name || b.name || c.name || d.name || e.name || f.name || g.name || h.name) > 3 group by a.id")
	r := command.run(t, "scan", "aws", "--quiet", "--content", "own", "--lake", "lake", "--region", "us-east-1", "--check", "aws_own_check,aws_s3_bucket_versioning", "--check-timeout", "2s", "-o", "json")
	if r.code != 0 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	others := 0
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		switch {
		case f.Check != "aws_own_check":
			others++
		case f.Status != evaluate.Unknown || !strings.HasPrefix(f.Cause, "defect:") || !strings.Contains(f.Cause, "2s"):
			t.Errorf("of the check that does not end: %+v", f)
		}
	}
	if others < 30 {
		t.Errorf("only %d findings of the other check", others)
	}
}

func writeOwn(t *testing.T, home, sql string) {
	t.Helper()
	folder := filepath.Join(home, "own", "aws", "checks", "own")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "aws_own_check.yaml"), fmt.Appendf(nil, own, sql), 0o644); err != nil {
		t.Fatal(err)
	}
}
