package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestMisuseIsToldAndEndsWithTwo(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "stance.yaml")
	if err := os.WriteFile(settings, []byte("parms:\n  x: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lake, _ := scanDemo(t)
	for _, c := range []struct{ line, says string }{
		{"scan", "name the provider: aws"},
		{"scan azure", "name the provider: aws"},
		{"plan", "name the provider: aws"},
		{"tables s3", "`stance tables --service s3`"},
		{"checks s3", "`stance checks --service s3`"},
		{"tables aws_s3_buckt", `did you mean "aws_s3_bucket"`},
		{"scan aws --workers 0", "--workers 0"},
		{"demo --workers -3", "--workers -3"},
		{"scan aws --resume=nope", "nope"},
		{"scan aws --resume=nope --lake " + lake[:3], "nope"},
		{"scan kubernetes --context a --all-contexts", "--context and --all-contexts do not go together"},
		{"scan kubernetes --kubeconfig /nonexistent", "there is no kubeconfig /nonexistent"},
		{"scan kubernetes --namespace shop", "unknown flag: --namespace: a scan is of the whole cluster; `stance findings --region NAMESPACE`"},
		{"findings -n shop", "`stance findings --region NAMESPACE`"},
		{"scan kubernetes -A", "a scan is of the whole cluster"},
		{"tables findings", "`stance query` and then .schema findings"},
		{"checks aws_s3_bucket_versioning --settings " + settings, `"params"`},
		{"permissions aws --output=", "-o"},
	} {
		t.Run(c.line, func(t *testing.T) { stance(t, strings.Split(c.line, " ")...).wants(t, exitUsage, c.says) })
	}
	for _, sql := range []string{"describe aws_s3_bucket", "show tables"} {
		stance(t, "query", "--lake", lake, sql).wants(t, exitFailed, "stance tables", ".schema")
	}
	stance(t, "diff", "--lake", lake, "2020").wants(t, exitUsage, "`stance scans --lake "+quote(lake)+"`")
}

// Hands used to other tools are told the command to type.
func TestHabitsAreToldWhatToTypeInstead(t *testing.T) {
	for _, c := range []struct{ line, says string }{
		{"scan k8s", "`stance scan kubernetes`"},
		{"scan kube --context prod", "`stance scan kubernetes`"},
		{"scan gke", "`stance scan kubernetes`"},
		{"scan EKS -n shop", "`stance scan kubernetes`"},
		{"plan aks", "`stance plan kubernetes`"},
		{"permissions k8s", "`stance permissions kubernetes`"},
		{"scan amazon", "`stance scan aws`"},
		{"k8s", "`stance scan kubernetes`"},
		{"aws --profile prod", "`stance scan aws`"},
		{"get pods", "`stance query \"select region, name from kubernetes_pod\"`"},
		{"get pods -n shop", "from kubernetes_pod\"`"},
		{"get svc,po", "from kubernetes_service\"`"},
		{"describe deployments.apps/web", "from kubernetes_deployment\"`"},
		{"get networkpolicies", "from kubernetes_network_policy\"`"},
		{"list aws_s3_bucket", "from aws_s3_bucket\"`"},
		{"get ingresses", "from kubernetes_ingress\"`"},
		{"get findings", "`stance findings`"},
		{"-q list checks", "`stance checks`"},
		{"get nonsense", "`stance tables`"},
		{"get", "`stance findings`"},
		{"explain", "`stance checks ID`"},
		{"explain aws_s3_bucket_versioning", "`stance checks aws_s3_bucket_versioning`"},
		{"explain pods", "`stance tables kubernetes_pod`"},
		{"explain aws_s3_bucket_versionin", "did you mean `stance checks aws_s3_bucket_versioning`?"},
		{"explain aws_s3_buckt", "did you mean `stance tables aws_s3_bucket`?"},
		{"explain bucket_versioning", "did you mean `stance checks aws_s3_bucket_versioning`"},
		{"explain xyzzy-xyzzy", `none is called "xyzzy-xyzzy"`},
	} {
		t.Run(c.line, func(t *testing.T) {
			r := stance(t, strings.Split(c.line, " ")...)
			r.wants(t, exitUsage, c.says)
			if lines := strings.Count(r.err, "\n"); lines != 2 || r.out != "" {
				t.Errorf("one suggestion and where the help is are wanted:\n%s%s", r.out, r.err)
			}
		})
	}
}

func TestHabitsAreToldTheProgramAsItWasCalled(t *testing.T) {
	var err bytes.Buffer
	a := newApp()
	a.err, a.program = &err, "./bin/stance"
	for _, args := range [][]string{{"get", "findings"}, {"scan", "aws", "-n", "shop"}} {
		err.Reset()
		if code := a.run(t.Context(), args); code != exitUsage || !strings.Contains(err.String(), "`./bin/stance findings") {
			t.Errorf("%v: status %d, %s", args, code, err.String())
		}
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	flag, command := stance(t, "--version"), stance(t, "version")
	if flag.out != command.out || !strings.HasPrefix(flag.out, "stance dev ("+runtime.Version()) {
		t.Errorf("got %q and %q", flag.out, command.out)
	}
}

func TestAnOutputThatCannotBeMadeIsNamedAsItWasGiven(t *testing.T) {
	lake, _ := scanDemo(t)
	r := stance(t, "report", "--lake", lake, "-o", "csv=/nonexistent/dir/x.csv")
	r.wants(t, exitFailed, "/nonexistent/dir/x.csv: no such file or directory")
	if strings.Contains(r.err, ".stance-") {
		t.Errorf("it names a file that nobody asked for: %s", r.err)
	}
}

func TestADamagedFileIsNamed(t *testing.T) {
	lake, _ := scanDemo(t)
	files, err := filepath.Glob(filepath.Join(lake, "tables", "findings", "*", "part-0.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	inside := append([]byte{}, whole...)
	for i := 40; i < len(inside)/3; i++ {
		inside[i] = inside[i]*7 + 13
	}
	for name, text := range map[string][]byte{"its end": whole[:len(whole)-9], "its pages": inside} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(files[0], text, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, line := range [][]string{{"findings"}, {"report"}, {"query", "select * from findings"}} {
				r := stance(t, append(line, "--lake", lake)...)
				r.wants(t, exitFailed, "tables/findings/", "is damaged", "move manifests/")
				if strings.Contains(r.err, "SELECT") || strings.Contains(r.err, "LINE 1") {
					t.Errorf("%v prints our SQL: %s", line, r.err)
				}
			}
		})
	}
}
