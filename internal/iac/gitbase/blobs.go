package gitbase

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// maxBlob bounds what one file takes in memory, far above what is read of code.
const maxBlob = 256 << 20

var errClosed = errors.New("the tree is closed")

// blobs reads objects through one git cat-file --batch, which is begun when it is needed first.
type blobs struct {
	ctx context.Context // of the tree, as long as it is open
	git *git

	mu     sync.Mutex
	cancel context.CancelFunc // kills the program
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errs   *head
	failed error // once something is wrong, what follows in the pipe means nothing
}

func (b *blobs) start() error {
	ctx, cancel := context.WithCancel(b.ctx)
	cmd := b.git.command(ctx, "cat-file", "--batch")
	b.cancel, b.errs = cancel, &head{}
	cmd.Stderr = b.errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.cmd, b.in, b.out = cmd, in, bufio.NewReaderSize(out, 1<<16)
	return nil
}

// read gives the content of an object.
func (b *blobs) read(object string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed == nil && b.cmd == nil {
		b.failed = b.start()
	}
	if b.failed != nil {
		return nil, b.failed
	}
	text, err := b.ask(object)
	if err != nil {
		if b.ctx.Err() != nil {
			err = b.ctx.Err()
		}
		b.failed = fmt.Errorf("git cat-file: %w", err)
		return nil, b.failed
	}
	return text, nil
}

func (b *blobs) ask(object string) ([]byte, error) {
	if _, err := io.WriteString(b.in, object+"\n"); err != nil {
		return nil, err
	}
	header, err := b.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("it ended (%s): %w", b.errs.text(), err)
	}
	words := strings.Fields(header) // object, type, size
	if len(words) != 3 {
		return nil, fmt.Errorf("object %s is not there (%s)", object, strings.TrimSpace(header))
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || size < 0 || size > maxBlob {
		return nil, fmt.Errorf("object %s has %s bytes", object, words[2])
	}
	text := make([]byte, size+1) // a line feed ends it
	if _, err := io.ReadFull(b.out, text); err != nil {
		return nil, err
	}
	return text[:size], nil
}

func (b *blobs) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cancel != nil {
		defer b.cancel()
	}
	if b.cmd == nil {
		b.failed = errClosed
		return nil
	}
	b.in.Close()
	broken := b.failed != nil
	if broken { // it may wait for somebody to read what it writes
		b.cancel()
	}
	err := b.cmd.Wait()
	b.cmd, b.failed = nil, errClosed
	if broken || b.ctx.Err() != nil {
		return nil // that was told, or it was ended on purpose
	}
	return failure(b.ctx, "cat-file", err, b.errs)
}
