// Package e2e runs the real binary against a simulated AWS and a real Kubernetes API server.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/moto"
	"github.com/stancehq/stance/internal/report"
)

// Of TestMain: the binary, and a folder for all that lives longer than a test.
var binary, shared string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if shared, err = os.MkdirTemp("", "stance-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(shared)
	binary = filepath.Join(shared, "stance")
	build := exec.Command("go", "build", "-o", binary, "github.com/stancehq/stance/cmd/stance")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build stance: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if world.server != nil {
		if err := world.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if theCluster.Cluster != nil {
		if err := theCluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return code
}

// result is one run of the binary.
type result struct {
	code           int
	stdout, stderr string
}

// run is a command line with its surroundings: a home of its own, and nothing of the machine's credentials.
type command struct {
	home string
	env  []string
	dir  string
}

func (c command) run(t *testing.T, args ...string) result {
	t.Helper()
	command := c.command(t, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (c command) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary, args...)
	command.Dir = c.dir
	if command.Dir == "" {
		command.Dir = c.home
	}
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + c.home, "TMPDIR=" + os.TempDir(), "AWS_CONFIG_FILE=" + filepath.Join(c.home, "config"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(c.home, "credentials"), "AWS_EC2_METADATA_DISABLED=true",
	}, c.env...)
	return command
}

// at is a command whose AWS is an endpoint.
func at(t *testing.T, endpoint string, env ...string) command {
	t.Helper()
	return command{home: t.TempDir(), env: append([]string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
	}, env...)}
}

// document is what -o json writes.
type document struct {
	Scan     report.Scan        `json:"scan"`
	Coverage []collect.Cell     `json:"coverage"`
	Findings []evaluate.Finding `json:"findings"`
}

func readDocument(t *testing.T, text []byte) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatalf("the JSON output: %v", err)
	}
	return d
}

// theWorld is a simulator with the company and its odd resources in it, and one scan of all of it in two regions.
type theWorld struct {
	once    sync.Once
	err     error
	server  *moto.Server
	home    string
	outcome result
}

var world theWorld

const regions = "us-east-1,eu-west-1"

func scanned(t *testing.T) *theWorld {
	t.Helper()
	world.once.Do(func() {
		world.server, world.err = moto.Start(context.Background())
		if world.err == nil {
			world.err = world.server.Build(t.Context(), "world.odd")
		}
		if world.err != nil {
			return
		}
		world.home = filepath.Join(shared, "home")
		if world.err = os.Mkdir(world.home, 0o700); world.err != nil {
			return
		}
		world.outcome = world.command(t).run(t, "scan", "aws", "--region", regions, "--lake", "lake",
			"-o", "json=all.json", "-o", "csv=all.csv", "-o", "jsonl=all.jsonl", "-o", "ocsf=all.ocsf", "-o", "md=all.md", "-o", "html=all.html", "-o", "table")
	})
	if world.err != nil {
		t.Fatal(world.err)
	}
	return &world
}

func (w *theWorld) command(t *testing.T) command {
	c := at(t, w.server.URL())
	c.home = w.home
	return c
}

func (w *theWorld) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.home, name))
	if err != nil {
		t.Fatalf("%v\n%s", err, w.outcome.stderr)
	}
	return text
}
