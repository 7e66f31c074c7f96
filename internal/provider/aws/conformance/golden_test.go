package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/provider/aws/api"
	"github.com/stancehq/stance/internal/provider/aws/mototest"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

var update = flag.Bool("update", false, "write the list of known differences anew")

// golden is what botocore and moto make of one operation: see testdata/golden.py.
type golden struct {
	Service, Op               string
	Requests                  []goldenRequest
	Answer                    *goldenAnswer
	RequestError, AnswerError string
}

type goldenRequest struct {
	Input      map[string]any
	Method     string
	URL        string
	HostPrefix string
	Headers    map[string]string
	Body       []byte
}

type goldenAnswer struct {
	Status  int
	Headers map[string]string
	Body    []byte
	Parsed  map[string]any
}

// goldens are made once for all tests: all operations of all services.
func goldens(t *testing.T) []golden {
	t.Helper()
	all, err := makeGoldens(mototest.Python(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var makeGoldens = func() func(python string) ([]golden, error) {
	var once sync.Once
	var all []golden
	var err error
	return func(python string) ([]golden, error) {
		once.Do(func() { all, err = runGoldens(python) })
		return all, err
	}
}()

// runGoldens shares the services among as many Pythons as there are processors.
func runGoldens(python string) ([]golden, error) {
	shares := make([]bytes.Buffer, runtime.NumCPU())
	for i, name := range api.Names() {
		service, err := api.Load(name)
		if err != nil {
			return nil, err
		}
		enc := json.NewEncoder(&shares[i%len(shares)])
		for _, op := range service.Operations {
			if err := enc.Encode(map[string]string{"service": name, "protocol": service.Metadata.Protocol, "op": op.Name}); err != nil {
				return nil, err
			}
		}
	}
	results := make([][]golden, len(shares))
	var group errgroup.Group
	for i := range shares {
		group.Go(func() (err error) {
			results[i], err = runShare(python, &shares[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(results...), nil
}

func runShare(python string, asked io.Reader) ([]golden, error) {
	cmd := exec.Command(python, "testdata/golden.py")
	cmd.Stdin = asked
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("golden.py: %w\n%s", err, problems.String())
	}
	var all []golden
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var g golden
		d := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		d.UseNumber()
		if err := d.Decode(&g); err != nil {
			return nil, fmt.Errorf("golden.py: %w", err)
		}
		all = append(all, g)
	}
	return all, scanner.Err()
}

// services prepares each service once.
type services map[string]*wire.Service

func (s services) operation(t *testing.T, service, op string) *wire.Operation {
	t.Helper()
	if s[service] == nil {
		model, err := api.Load(service)
		if err != nil {
			t.Fatal(err)
		}
		if s[service], err = wire.New(service, model); err != nil {
			t.Fatal(err)
		}
	}
	o, err := s[service].Operation(op)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// differences compares what was found with the list of what is known. A new difference fails, and so does one that is gone:
// the list must say what is true.
func differences(t *testing.T, file string, found map[string]string) {
	t.Helper()
	lines := make([]string, 0, len(found))
	for op, what := range found {
		what, _, _ = strings.Cut(what, "\n")
		if len(what) > 400 {
			what = what[:400] + "…"
		}
		lines = append(lines, op+" "+what)
	}
	slices.Sort(lines)
	if *update {
		header := "# Operations that differ from botocore, and how. Written by go test -update; a new line needs a reason in the commit.\n"
		if err := os.WriteFile(file, []byte(header+strings.Join(append(lines, ""), "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := map[string]string{}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' {
			op, what, _ := strings.Cut(line, " ")
			known[op] = what
		}
	}
	shown := 0
	for _, line := range lines {
		op, what, _ := strings.Cut(line, " ")
		if known[op] != what && shown < 30 {
			shown++
			t.Errorf("%s: %s", op, found[op])
		}
		delete(known, op)
	}
	for op, what := range known {
		t.Errorf("%s is listed in %s, but no longer differs: %s", op, file, what)
	}
}
