// Package kubetest starts the Kubernetes control plane that tests use: a real API server on this machine, filled with the objects
// of a world. The program that runs it, kubeworld, is built by test/kube/setup.sh; its own doc says what such a cluster has and
// what it lacks. No part of the product imports this package.
package kubetest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Options say what is in a cluster. The zero value is one as it is new.
type Options struct {
	Name       string   // of the cluster in the kubeconfig; "world" if empty
	Apply      []string // YAML files, or folders of them, whose objects are applied
	Users      []string // NAME[=group,...]: who else has a context and a client certificate; they may do what the world lets them
	ServerArgs []string // further flags of kube-apiserver: --runtime-config=api/all=true
	Pods       int      // that many running pods, of deployments in the namespaces team-0000 and so on
	Namespaces int      // over which Pods are spread; at least 1 then
}

// Cluster is a running control plane. Its current context is that of the user admin, who may do all.
type Cluster struct {
	Kubeconfig string // path
	URL        string // of the API server: https://127.0.0.1:port
	command    *exec.Cmd
	stdin      io.Closer
	ended      chan struct{} // closed when the program has ended
	outcome    error         // of it, once it has ended
	log        strings.Builder
}

// Admin is the user of the current context.
const Admin = "admin"

// stopTime bounds how long the program may take to end once it is told to.
const stopTime = 30 * time.Second

// Start starts a cluster that ends with the test. It takes some three seconds and 350 MB of memory.
func Start(tb testing.TB, o Options) *Cluster {
	tb.Helper()
	c, err := New(context.Background(), o) // the test's context ends before its clean-up
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// New starts a cluster, which ends with the context or when it is stopped.
func New(ctx context.Context, o Options) (*Cluster, error) {
	program, err := program(ctx)
	if err != nil {
		return nil, err
	}
	see(slices.Concat(o.Apply, []string{filepath.Join(root(), "test", "kube")})...)
	c := &Cluster{command: exec.CommandContext(ctx, program, o.args()...), ended: make(chan struct{})}
	c.command.Cancel = func() error { return c.command.Process.Signal(syscall.SIGTERM) } // so that it removes its folder
	c.command.WaitDelay = stopTime
	c.command.Stderr = &c.log
	if c.stdin, err = c.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start kubeworld: %w", err)
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start kubeworld: %w", err)
	}
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start kubeworld: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	go func() {
		defer close(c.ended)
		c.outcome = c.command.Wait()
	}()
	if err == nil {
		var ready struct{ Kubeconfig, URL string }
		err = json.Unmarshal(line, &ready)
		c.Kubeconfig, c.URL = ready.Kubeconfig, ready.URL
	} else {
		err = errors.New("it ended before it was ready")
	}
	if err != nil {
		return nil, fmt.Errorf("start kubeworld: %w", errors.Join(err, c.Stop()))
	}
	return c, nil
}

func (o Options) args() []string {
	var args []string
	add := func(flag string, values ...string) {
		for _, value := range values {
			args = append(args, flag, value)
		}
	}
	if o.Name != "" {
		add("--name", o.Name)
	}
	add("--apply", o.Apply...)
	add("--user", o.Users...)
	add("--apiserver-arg", o.ServerArgs...)
	if o.Pods > 0 {
		add("--pods", strconv.Itoa(o.Pods))
		add("--namespaces", strconv.Itoa(max(o.Namespaces, 1)))
	}
	return args
}

// root is the repository.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// World is the path of a file or folder of test/kube/world.
func World(path ...string) string {
	return filepath.Join(slices.Concat([]string{root(), "test", "kube", "world"}, path)...)
}

// program is the path of kubeworld. It is not built here: that takes minutes, which nobody expects of a test.
func program(ctx context.Context) (string, error) {
	setup := filepath.Join(root(), "test", "kube", "setup.sh")
	command := exec.CommandContext(ctx, "sh", setup, "--where")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("find the Kubernetes API server for tests: %w", err)
	}
	path := strings.TrimSpace(string(out))
	if _, err := os.Stat(path); err != nil {
		return "", errors.New("the Kubernetes API server for tests is not built as the code is now: run make setup, or test/kube/setup.sh")
	}
	return path, nil
}

// see looks at what the program is made of and what it reads, so that the go command runs a test again after a change to it.
func see(paths ...string) {
	for _, path := range paths {
		_ = filepath.WalkDir(path, func(string, fs.DirEntry, error) error { return nil })
	}
}

// Context is the name of a user's context in the kubeconfig.
func (c *Cluster) Context(user string) string { return user }

// Stop ends the cluster, and tells if it had ended before, or how it failed.
func (c *Cluster) Stop() error {
	_ = c.stdin.Close() // which ends it, if it has not ended
	select {
	case <-c.ended:
	case <-time.After(stopTime):
		_ = c.command.Process.Kill()
		<-c.ended
	}
	if c.outcome != nil {
		return fmt.Errorf("kubeworld ended: %w\n%s", c.outcome, &c.log)
	}
	return nil
}
