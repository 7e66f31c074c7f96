// Package moto starts the simulator of AWS that tests and the recorder use, with the invented company of test/world in it.
// No part of the product imports it.
package moto

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Server is a running simulator.
type Server struct {
	Address string // host:port
	python  string
	command *exec.Cmd
	output  *strings.Builder
}

// root is the repository.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Start starts a simulator on a free port of this machine. env are further variables, such as MOTO_IAM_LOAD_MANAGED_POLICIES=true.
func Start(ctx context.Context, env ...string) (*Server, error) {
	python, err := Python(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	s := &Server{Address: address, python: python, output: &strings.Builder{}}
	s.command = exec.CommandContext(ctx, python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	s.command.Env = append(os.Environ(), env...)
	s.command.Stdout, s.command.Stderr = nil, s.output
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Python is one that has moto, boto3 and pyarrow; it is set up if need be.
func Python(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, "sh", filepath.Join(root(), "test", "python", "setup.sh"))
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("set up Python for the tests: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// await waits until the simulator answers.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/moto-api/", http.NoBody)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("moto did not start: %s", s.output.String())
		case <-tick.C:
		}
	}
}

// URL is what AWS_ENDPOINT_URL is set to.
func (s *Server) URL() string { return "http://" + s.Address }

// Stop ends the simulator.
func (s *Server) Stop() error {
	err := s.command.Process.Kill()
	_ = s.command.Wait() // it was killed
	return err
}

// Build puts the invented company into the simulator; module is a Python module of the folder test with a main program.
func (s *Server) Build(ctx context.Context, module string) error {
	command := exec.CommandContext(ctx, s.python, "-m", module, s.URL())
	command.Dir = filepath.Join(root(), "test")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", module, err, lastLines(string(out)))
	}
	return nil
}

func lastLines(text string) string {
	var lines []string
	for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// Transport leads requests to the simulator, whatever host they are for, so that a client behaves as it does with AWS.
func (s *Server) Transport() http.RoundTripper {
	dialer := &net.Dialer{}
	return plain{&http.Transport{
		MaxIdleConnsPerHost: 64,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, s.Address)
		},
	}}
}

// plain takes the TLS off: the connection stays on this machine.
type plain struct{ next http.RoundTripper }

func (p plain) RoundTrip(request *http.Request) (*http.Response, error) {
	clone := request.Clone(request.Context())
	clone.URL.Scheme = "http"
	return p.next.RoundTrip(clone)
}
