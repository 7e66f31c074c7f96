// Package mototest gives tests the simulator of package moto: it is ended with the test, and what goes wrong fails the test.
// It is used by tests alone.
package mototest

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/moto"
)

// Server is a simulator that is running.
type Server struct{ *moto.Server }

// Python gives the path of an interpreter that has moto and botocore.
func Python(tb testing.TB) string {
	tb.Helper()
	path, err := moto.Python(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Start starts a simulator and ends it with the test. For env see moto.Start.
func Start(tb testing.TB, env ...string) *Server {
	tb.Helper()
	s := start(tb, env...)
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func start(tb testing.TB, env ...string) *Server {
	tb.Helper()
	s, err := moto.Start(context.Background(), env...) // a shared one outlives the test that starts it
	if err != nil {
		tb.Fatal(err)
	}
	return &Server{s}
}

var shared struct {
	sync.Mutex
	server *Server
}

// Shared gives one simulator to all tests of a package, whose TestMain must be Main. Each test uses resources of its own.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = start(tb)
	}
	return shared.server
}

// Main runs the tests of a package and then ends what Shared started.
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		_ = shared.server.Stop() // it ends with this process in any case
	}
	os.Exit(code)
}

// Post sends plain text to one of moto's own addresses, such as /moto-api/reset-auth.
func (s *Server) Post(tb testing.TB, path, body string) {
	tb.Helper()
	if text, err := s.Send(tb.Context(), http.MethodPost, path, body); err != nil {
		tb.Fatalf("moto: %v: %s", err, text)
	}
}

// Run runs a Python program against the simulator: boto3 is imported, and reads endpoint, keys and region from the environment.
// It gives the program's output.
func (s *Server) Run(tb testing.TB, program string, env ...string) string {
	tb.Helper()
	command := s.Command(tb.Context(), "-c", "import boto3, json\n"+program)
	command.Env = append(command.Env, env...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		tb.Fatalf("python: %v\n%s", err, problems.String())
	}
	return string(out)
}
