// Package progress shows how far a scan is: on a terminal two lines that are redrawn, elsewhere a line every few seconds.
// It asks for the state and never holds up the work; what is written through it appears above the live lines.
package progress

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/report/terminal"
)

// Snapshot is the state of a scan at a moment.
type Snapshot struct {
	Phase     string // what is going on: "collecting", "evaluating"
	Done      int64  // cells finished
	Total     int64  // cells known so far; it grows while parents are listed. 0: not known
	Calls     int64  // made so far
	Throttled int64
	Unseen    int64  // cells that ended denied, failed or otherwise not seen
	Current   string // what is being asked now: "s3:GetBucketPolicy eu-west-1"
}

// Options say how to show it.
type Options struct {
	Look terminal.Terminal
	// Width gives the columns at this moment, because windows are resized; nil uses Look's.
	Width func() int
	Quiet bool
	// Now and Every are for tests: the clock, and the pause between two updates. The default is the wall clock, a tenth of
	// a second on a terminal and five seconds elsewhere.
	Now   func() time.Time
	Every time.Duration
}

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	eraseLine  = "\r\x1b[2K"
	lineUp     = "\x1b[1A"
)

// Display shows progress until it is stopped. It is safe for concurrent use.
type Display struct {
	out      io.Writer
	options  Options
	snapshot func() Snapshot
	started  time.Time
	cancel   context.CancelFunc
	finished chan struct{}

	mu      sync.Mutex
	drawn   int // live lines on the screen
	hidden  bool
	stopped bool
	rest    []byte // of a line that was written in part
	rate    rate
	spin    int
}

// Start begins to show progress on out, which is the standard error. The display ends with Stop or with the context, so
// that an interrupt gives the terminal back at once; Stop must be called in any case.
func Start(ctx context.Context, out io.Writer, options Options, snapshot func() Snapshot) *Display {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Every <= 0 {
		options.Every = 5 * time.Second
		if options.Look.TTY {
			options.Every = 100 * time.Millisecond
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	d := &Display{out: out, options: options, snapshot: snapshot, started: options.Now(), cancel: cancel, finished: make(chan struct{})}
	go d.run(ctx)
	return d
}

// Stop ends the display and gives the terminal back as it was. It may be called more than once.
func (d *Display) Stop() {
	d.cancel()
	<-d.finished
}

// Write puts whole lines above the live ones: hand the display to a logger as its output. After Stop it writes through.
func (d *Display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.live() || d.stopped {
		if _, err := d.out.Write(append(d.rest, p...)); err != nil {
			return 0, err
		}
		d.rest = nil
		return len(p), nil
	}
	d.rest = append(d.rest, p...)
	end := bytes.LastIndexByte(d.rest, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	text := d.erased() + string(d.rest[:end])
	d.rest = append([]byte(nil), d.rest[end:]...)
	if _, err := io.WriteString(d.out, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *Display) live() bool { return d.options.Look.TTY && !d.options.Quiet }

func (d *Display) run(ctx context.Context) {
	defer close(d.finished)
	defer d.end()
	if d.options.Quiet {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(d.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.draw()
		}
	}
}

// end erases the live lines and shows the cursor.
func (d *Display) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := d.erased()
	if d.hidden {
		text += showCursor
	}
	d.stopped, d.hidden = true, false
	text += string(d.rest)
	d.rest = nil
	if text != "" {
		_, _ = io.WriteString(d.out, text)
	}
}

// erased gives the commands that remove the live lines; the cursor is then where they began.
func (d *Display) erased() string {
	if d.drawn == 0 {
		return ""
	}
	text := eraseLine + strings.Repeat(lineUp+eraseLine, d.drawn-1)
	d.drawn = 0
	return text
}

func (d *Display) draw() {
	s := d.snapshot()
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.options.Now()
	perSecond := d.rate.observe(now, s.Calls)
	if !d.live() {
		_, _ = fmt.Fprintln(d.out, strings.Join(facts(s, perSecond, now.Sub(d.started)), ", "))
		return
	}
	lines := d.lines(s, perSecond, now.Sub(d.started))
	text := d.erased()
	if !d.hidden {
		text += hideCursor
		d.hidden = true
	}
	// One write, so that nothing else comes between. No line end after the last: a full screen would scroll.
	_, _ = io.WriteString(d.out, text+strings.Join(lines, "\r\n"))
	d.drawn = len(lines)
}
