package progress

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stancehq/stance/internal/report/terminal"
)

// screen is an output that may be read while it is written.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func state() Snapshot {
	return Snapshot{Phase: "collecting", Done: 12, Total: 431, Calls: 60, Throttled: 2, Unseen: 1, Current: "s3:GetBucketPolicy eu-west-1"}
}

// rendered plays the commands of a terminal back to the lines that a person sees.
func rendered(t *testing.T, raw string) []string {
	t.Helper()
	lines, row, column := [][]rune{{}}, 0, 0
	for raw != "" {
		commands := map[string]func(){
			hideCursor: func() {}, showCursor: func() {},
			"\r":      func() { column = 0 },
			"\x1b[2K": func() { lines[row] = nil },
			lineUp:    func() { row = max(0, row-1) },
			"\x1b[2m": func() {}, "\x1b[0m": func() {},
			"\n": func() {
				row++
				if row == len(lines) {
					lines = append(lines, nil)
				}
				column = 0
			},
		}
		known := false
		for command, do := range commands {
			if strings.HasPrefix(raw, command) {
				do()
				raw, known = raw[len(command):], true
				break
			}
		}
		if known {
			continue
		}
		r := []rune(raw)[0]
		if r == 0x1b {
			t.Fatalf("unknown command %q", raw[:min(10, len(raw))])
		}
		for len(lines[row]) <= column {
			lines[row] = append(lines[row], ' ')
		}
		lines[row][column] = r
		column++
		raw = raw[len(string(r)):]
	}
	var text []string
	for _, line := range lines {
		text = append(text, string(line))
	}
	return text
}

func TestTerminalShowsTwoLinesAndGivesThemBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &screen{}
		d := Start(t.Context(), out, Options{Look: terminal.Terminal{TTY: true, Unicode: true, Width: 80}}, state)
		time.Sleep(2050 * time.Millisecond)
		synctest.Wait()
		shown := rendered(t, out.String())
		if len(shown) != 2 || !strings.Contains(shown[0], "collecting") || !strings.Contains(shown[0], "12/431 cells · 0:02") ||
			shown[1] != "  60 calls · 0/s · 2 throttled · 1 not seen · s3:GetBucketPolicy eu-west-1" {
			t.Errorf("shown: %q", shown)
		}
		if n := strings.Count(out.String(), hideCursor); n != 1 {
			t.Errorf("the cursor was hidden %d times", n)
		}
		fmt.Fprintf(d, "warning: ")
		fmt.Fprintf(d, "something\n")
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if shown := rendered(t, out.String()); len(shown) != 3 || shown[0] != "warning: something" || !strings.Contains(shown[1], "collecting") {
			t.Errorf("a log line stands above the live ones: %q", shown)
		}
		d.Stop()
		d.Stop()
		if shown := rendered(t, out.String()); strings.TrimSpace(strings.Join(shown[1:], "")) != "" {
			t.Errorf("left on the screen: %q", shown)
		}
		if !strings.HasSuffix(out.String(), showCursor) {
			t.Error("the cursor stays hidden")
		}
		fmt.Fprintf(d, "done\n")
		if shown := rendered(t, out.String()); shown[1] != "done" {
			t.Errorf("after the end lines pass through: %q", shown)
		}
	})
}

func TestInterruptGivesTheTerminalBackAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		out := &screen{}
		d := Start(ctx, out, Options{Look: terminal.Terminal{TTY: true, Width: 80}}, state)
		time.Sleep(time.Second)
		interrupt()
		synctest.Wait()
		if !strings.HasSuffix(out.String(), showCursor) {
			t.Errorf("the cursor stays hidden: %q", out.String())
		}
		d.Stop()
	})
}

func TestFilesGetALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &screen{}
		calls := int64(0)
		d := Start(t.Context(), out, Options{}, func() Snapshot {
			s := state()
			calls += 100
			s.Calls = calls
			s.Current = "evil\x1b[2J"
			return s
		})
		time.Sleep(11 * time.Second)
		d.Stop()
		want := "collecting: 12/431 cells, 100 calls, 0/s, 2 throttled, 1 not seen, evil\\x1b[2J, 0:05\n" +
			"collecting: 12/431 cells, 200 calls, 20/s, 2 throttled, 1 not seen, evil\\x1b[2J, 0:10\n"
		if out.String() != want {
			t.Errorf("got  %q\nwant %q", out.String(), want)
		}
	})
}

func TestAPhaseWithoutCallsIsNamedAlone(t *testing.T) {
	s := Snapshot{Phase: "reading the code"}
	if got := strings.Join(facts(s, 0, 5*time.Second), ", "); got != "reading the code, 0:05" {
		t.Error(got)
	}
	s.Calls = 1
	if got := strings.Join(facts(s, 0, 5*time.Second), ", "); got != "reading the code: 0 cells, 1 calls, 0/s, 0:05" {
		t.Error(got)
	}
}

func TestQuietSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &screen{}
		d := Start(t.Context(), out, Options{Quiet: true, Look: terminal.Terminal{TTY: true}}, state)
		time.Sleep(time.Minute)
		d.Stop()
		if out.String() != "" {
			t.Errorf("said %q", out.String())
		}
	})
}

func TestLinesNeverWrap(t *testing.T) {
	for _, width := range []int{20, 40, 80, 200} {
		d := &Display{options: Options{Look: terminal.Terminal{TTY: true, Unicode: true}, Width: func() int { return width }}}
		s := state()
		s.Current = strings.Repeat("long ", 100)
		for _, line := range d.lines(s, 1234, time.Hour) {
			if w := terminal.Width(line); w >= width {
				t.Errorf("%d columns at width %d: %q", w, width, line)
			}
		}
	}
}
