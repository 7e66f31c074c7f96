package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"sync"
)

// tail keeps the last lines of a log, and hands all of it on if there is somewhere to.
type tail struct {
	also io.Writer // or nil

	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for scanner := bufio.NewScanner(bytes.NewReader(p)); scanner.Scan(); {
		t.lines = append(t.lines, scanner.Text())
	}
	t.lines = t.lines[max(0, len(t.lines)-30):]
	if t.also != nil {
		return t.also.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
