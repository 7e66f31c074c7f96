// Package child runs work in processes that can be killed, since some of it cannot be stopped: rendering of charts and building of
// kustomizations. A process serves many requests, one after the other; when it takes too long, or too much memory, it is ended, and
// another takes its place.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/iac/manifest/helm"
	"github.com/stancehq/stance/internal/iac/manifest/kustomize"
)

// Request is what a child is to do: one of both.
type Request struct {
	Memory    int64 // that it may take, in bytes
	Helm      *helm.Request
	Kustomize *kustomize.Request
}

// Result is its answer.
type Result struct {
	Helm      helm.Result
	Kustomize kustomize.Result
}

// Main is the child: it reads requests, one JSON document each, and writes a line of JSON for each, until its input ends.
func Main(stdin io.Reader, stdout io.Writer) int {
	in, out := json.NewDecoder(bufio.NewReaderSize(stdin, 1<<20)), bufio.NewWriterSize(stdout, 1<<20)
	limited := false
	for {
		var request Request
		if err := in.Decode(&request); errors.Is(err, io.EOF) {
			return 0
		} else if err != nil {
			return 1
		}
		if !limited && request.Memory > 0 {
			limitMemory(request.Memory)
			limited = true
		}
		var result Result
		if request.Helm != nil {
			result.Helm = helm.Render(*request.Helm)
		}
		if request.Kustomize != nil {
			result.Kustomize = kustomize.Build(*request.Kustomize)
		}
		if json.NewEncoder(out).Encode(result) != nil || out.Flush() != nil {
			return 1
		}
	}
}

// ErrEnded is that a request took more time or memory than it may.
var ErrEnded = errors.New("it was ended")

// Pool is some processes.
type Pool struct {
	command func(context.Context) *exec.Cmd
	time    time.Duration
	memory  int64
	idle    chan *process // nil stands for one that is not started
}

// NewPool is a pool of at most so many processes, each started by command when it is needed. A request takes at most so much time, and
// bytes of memory.
func NewPool(command func(context.Context) *exec.Cmd, size int, most time.Duration, memory int64) *Pool {
	p := &Pool{command: command, time: most, memory: memory, idle: make(chan *process, size)}
	for range size {
		p.idle <- nil
	}
	return p
}

// Do has a request done. The error is the context's, that of starting a process, or ErrEnded.
func (p *Pool) Do(ctx context.Context, r Request) (Result, error) {
	var one *process
	select {
	case one = <-p.idle:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	if one == nil {
		var err error
		if one, err = p.start(ctx); err != nil {
			p.idle <- nil
			return Result{}, err
		}
	}
	r.Memory = p.memory
	result, err := one.do(ctx, r, p.time)
	if err != nil {
		one = nil
	}
	p.idle <- one
	return result, err
}

// Close ends all processes, once they are idle.
func (p *Pool) Close() {
	for range cap(p.idle) {
		if one := <-p.idle; one != nil {
			one.end()
		}
	}
}

// process is a child.
type process struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	stderr  tail
}

func (p *Pool) start(ctx context.Context) (*process, error) {
	// Not this request's context: the process serves others after it.
	one := &process{command: p.command(context.WithoutCancel(ctx))}
	if one.command.Env == nil {
		one.command.Env = []string{"TZ=UTC", fmt.Sprintf("GOMEMLIMIT=%d", p.memory*3/4)}
	}
	one.command.Stderr = &one.stderr
	var err error
	if one.stdin, err = one.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the process that renders: %w", err)
	}
	stdout, err := one.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the process that renders: %w", err)
	}
	one.stdout = bufio.NewReaderSize(stdout, 1<<20)
	if err := one.command.Start(); err != nil {
		return nil, fmt.Errorf("start the process that renders: %w", err)
	}
	return one, nil
}

func (one *process) do(ctx context.Context, r Request, most time.Duration) (Result, error) {
	timed, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	stop := context.AfterFunc(timed, func() { _ = one.command.Process.Kill() })
	defer stop()
	var result Result
	text, err := json.Marshal(r)
	if err != nil {
		return result, fmt.Errorf("write a request: %w", err)
	}
	if _, err = one.stdin.Write(text); err == nil {
		var line []byte
		if line, err = one.stdout.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &result)
		}
	}
	if err == nil {
		return result, nil
	}
	one.end() // so that all it had to say is there
	switch {
	case ctx.Err() != nil:
		return result, ctx.Err()
	case timed.Err() != nil:
		return result, fmt.Errorf("%w after %s", ErrEnded, most)
	case strings.Contains(one.stderr.String(), "out of memory"), strings.Contains(one.stderr.String(), "cannot allocate"):
		return result, fmt.Errorf("%w: it needs more than %d MiB of memory", ErrEnded, r.Memory>>20)
	case strings.Contains(one.stderr.String(), "stack overflow"), strings.Contains(one.stderr.String(), "stack exceeds"):
		return result, fmt.Errorf("%w: it calls itself without end", ErrEnded)
	}
	return result, fmt.Errorf("%w: %s", ErrEnded, one.stderr.last())
}

// end kills the process and waits for it.
func (one *process) end() {
	_ = one.command.Process.Kill()
	_ = one.stdin.Close()
	_ = one.command.Wait()
}
