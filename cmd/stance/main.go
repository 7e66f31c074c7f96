// Stance is a cloud security posture manager: it inventories clouds read-only, checks every resource, and says what it
// saw, what is wrong and what it could not see. This package is the command line: one file per command, thin.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/stancehq/stance/internal/iac/manifest"
)

// version is set when a release is built.
var version = "dev"

// Exit statuses. Scripts rely on them.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitFindings   = 3 // a finding at or above --fail-on
	exitIncomplete = 4 // --strict, and coverage is incomplete
)

// exitError is an end that is no failure of the program: the message may be empty.
type exitError struct {
	status  int
	message string
}

func (e *exitError) Error() string { return e.message }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Sprintf(format, args...)}
}

// gcPercent is how far the Go heap may grow beyond what is in use, where GOGC does not say. Half of a scan's memory is the
// database's, which Go does not see: Go's default would let garbage take as much again.
const gcPercent = 40

// gcFree is what the Go heap may take before it is collected at all, in bytes: a scan of one file needs no more, and would be collected ten
// times.
const gcFree = 64 << 20

// collectLate begins to collect garbage when the heap has reached gcFree, and goes on by its growth.
func collectLate() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(gcFree)
	runtime.AddCleanup(new([16]byte), func(int) { // the first collection takes it
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, 0)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == renderCommand {
		os.Exit(manifest.Main(os.Stdin, os.Stdout))
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		collectLate()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first Ctrl-C asks the work to stop cleanly; once it has been seen, a second one kills as usual.
	go func() {
		<-ctx.Done()
		stop()
	}()
	a := newApp()
	a.ends = true
	a.program = calledBy(os.Args[0])
	os.Exit(a.run(ctx, os.Args[1:]))
}

// run runs one command line and gives its exit status.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitFailed, err.Error()}
		if strings.HasPrefix(exit.message, "unknown command") { // the library has no type for it
			exit.status = exitUsage
		}
	}
	if exit.status == exitUsage {
		if habit := a.habitOfWords(args); habit != nil {
			exit = habit
		}
	}
	if exit.message != "" {
		fmt.Fprintf(a.err, "stance: %s\n", exit.message)
	}
	if exit.status == exitUsage {
		fmt.Fprintln(a.err, "Try `stance --help`, or --help after any command.")
	}
	return exit.status
}
