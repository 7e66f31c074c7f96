package moto

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Command is a Python program that has boto3, whose endpoint, keys and region are those of the simulator.
func (s *Server) Command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, s.python, args...)
	command.Dir = filepath.Join(root(), "test")
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.URL(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	return command
}

// Build puts the invented company into the simulator; module is a Python module of the folder test with a main program.
func (s *Server) Build(ctx context.Context, module string) error {
	if out, err := s.Command(ctx, "-m", module, s.URL()).CombinedOutput(); err != nil {
		var last tail
		_, _ = last.Write(out) // never fails
		return fmt.Errorf("build %s: %w\n%s", module, err, &last)
	}
	return nil
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
	t.lines = t.lines[max(0, len(t.lines)-40):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
