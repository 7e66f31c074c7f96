// Package moto starts the simulator of AWS that tests and the recorder use, and can fill it with the invented company of
// test/world. What it needs of Python is set up by test/python/setup.sh. No part of the product imports it.
package moto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Server is a running simulator. Its cloud is empty but for what moto itself puts into one.
type Server struct {
	Address string // host:port
	python  string
	command *exec.Cmd
	stdin   io.Closer
	ended   chan struct{} // closed when the process has ended
	log     tail
}

// startTime bounds how long the simulator may take to answer first.
const startTime = time.Minute

// program runs the simulator until its standard input ends: it does not outlive a process that was killed.
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
`

// root is the repository.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Start starts a simulator on a free port of this machine. It ends with the context, or when it is stopped. Env are further
// variables, such as MOTO_IAM_LOAD_MANAGED_POLICIES=true or INITIAL_NO_AUTH_ACTION_COUNT=100.
func Start(ctx context.Context, env ...string) (*Server, error) {
	python, err := Python(ctx)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address) // a listener's address has a port
	s := &Server{Address: address, python: python, ended: make(chan struct{})}
	s.command = exec.CommandContext(ctx, python, "-c", program, port)
	// Without its public images, whose snapshots it would give to the account by the thousand.
	s.command.Env = slices.Concat(os.Environ(), []string{"MOTO_EC2_LOAD_DEFAULT_AMIS=false"}, env)
	s.command.Stdout, s.command.Stderr = &s.log, &s.log
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	go func() {
		defer close(s.ended)
		_ = s.command.Wait() // how it ended is in the log
	}()
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start moto: %w\n%s", err, &s.log), s.Stop())
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

// freeAddress finds a port that nothing listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// await waits for the first answer.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := s.Send(ctx, http.MethodGet, "/moto-api/", ""); err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-s.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", context.Cause(ctx))
		}
	}
}

// URL is what AWS_ENDPOINT_URL is set to.
func (s *Server) URL() string { return "http://" + s.Address }

// Stop ends the simulator.
func (s *Server) Stop() error {
	_ = s.stdin.Close() // which is enough to end it; to wait for that is not
	err := s.command.Process.Kill()
	<-s.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Send sends plain text to one of moto's own addresses, such as /moto-api/reset-auth, and gives the answer.
func (s *Server) Send(ctx context.Context, method, path, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("ask moto: %w", err)
	}
	request.Header.Set("Content-Type", "text/plain")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask moto: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, response.Status)
	}
	return string(text), err
}
