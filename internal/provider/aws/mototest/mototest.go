// Package mototest starts moto, the simulator of AWS, for tests. What it needs of Python is set up by test/python/setup.sh.
// It is used by tests alone.
package mototest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a simulator that is running. Its cloud is empty but for what moto itself puts into one.
type Server struct {
	URL string
}

var python = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	var problems bytes.Buffer
	setup := exec.CommandContext(context.Background(), "sh", filepath.Join(root, "test", "python", "setup.sh"))
	setup.Stderr = &problems
	out, err := setup.Output()
	if err != nil {
		return "", fmt.Errorf("set up Python for tests: %w\n%s", err, problems.String())
	}
	return strings.TrimSpace(string(out)), nil
})

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "test", "python", "setup.sh")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no test/python/setup.sh above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// Python gives the path of an interpreter that has moto and botocore.
func Python(tb testing.TB) string {
	tb.Helper()
	path, err := python()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// startTime bounds how long the simulator may take to answer first.
const startTime = 60 * time.Second

// program runs the simulator until its standard input ends: it does not outlive a test process that was killed.
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
`

// Start starts a simulator and ends it with the test. Env are further variables, such as INITIAL_NO_AUTH_ACTION_COUNT=100 or
// MOTO_IAM_LOAD_MANAGED_POLICIES=true.
func Start(tb testing.TB, env ...string) *Server {
	tb.Helper()
	s, stop, err := start(Python(tb), env)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	return s
}

var shared struct {
	sync.Mutex
	server *Server
	stop   func()
}

// Shared gives one simulator to all tests of a package, whose TestMain must be Main. Each test uses resources of its own.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s, stop, err := start(Python(tb), nil)
		if err != nil {
			tb.Fatal(err)
		}
		shared.server, shared.stop = s, stop
	}
	return shared.server
}

// Main runs the tests of a package and then ends what Shared started.
func Main(m *testing.M) {
	code := m.Run()
	if shared.stop != nil {
		shared.stop()
	}
	os.Exit(code)
}

func start(python string, env []string) (s *Server, stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(context.Background(), python, "-c", program, port) // it ends with its standard input
	cmd.Env = append(os.Environ(), env...)
	log := &tail{}
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start moto: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start moto: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in the log
	}()
	stop = func() {
		_ = stdin.Close()
		<-ended
	}
	s = &Server{URL: "http://127.0.0.1:" + port}
	if err := s.wait(ended); err != nil {
		stop()
		return nil, nil, fmt.Errorf("start moto: %w\n%s", err, log)
	}
	return s, stop, nil
}

// freePort finds a port that nothing listens on.
func freePort() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// wait waits for the first answer.
func (s *Server) wait(ended <-chan struct{}) error {
	deadline := time.After(startTime)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := s.send(context.Background(), http.MethodGet, "/moto-api/", ""); err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ended:
			return fmt.Errorf("it ended at once")
		case <-deadline:
			return fmt.Errorf("no answer after %s", startTime)
		}
	}
}

// Reset empties the cloud.
func (s *Server) Reset(tb testing.TB) {
	tb.Helper()
	s.Post(tb, "/moto-api/reset", "")
}

// Post sends plain text to one of moto's own addresses, such as /moto-api/reset-auth.
func (s *Server) Post(tb testing.TB, path, body string) {
	tb.Helper()
	if text, err := s.send(tb.Context(), http.MethodPost, path, body); err != nil {
		tb.Fatalf("moto: %v: %s", err, text)
	}
}

func (s *Server) send(ctx context.Context, method, path, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "text/plain")
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, resp.Status)
	}
	return string(text), err
}

// Run runs a Python program against the simulator: boto3 is imported, and reads endpoint, keys and region from the environment.
// It gives the program's output.
func (s *Server) Run(tb testing.TB, program string, env ...string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), Python(tb), "-c", "import boto3, json\n"+program)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	cmd.Env = append(cmd.Env, env...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("python: %v\n%s", err, problems.String())
	}
	return string(out)
}

// tail keeps the last lines of a log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for scanner := bufio.NewScanner(bytes.NewReader(p)); scanner.Scan(); {
		t.lines = append(t.lines, scanner.Text())
	}
	if extra := len(t.lines) - 40; extra > 0 {
		t.lines = t.lines[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
