// Package browser drives a headless Chromium for tests: it opens pages, runs JavaScript in them, takes pictures, and keeps
// everything that a page complains about. It speaks the DevTools protocol over a pair of pipes and needs nothing but the
// browser itself; setup.sh installs that.
package browser

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Find looks for Chromium or Chrome: $CHROMIUM, then the usual names.
func Find() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path, nil
	}
	names := []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium found: run test/browser/setup.sh (or: apt-get install chromium), or set CHROMIUM to its path")
}

// Browser is a running Chromium with one page.
type Browser struct {
	tb      testing.TB
	in      *os.File
	session string

	mu       sync.Mutex
	next     int
	waiting  map[int]chan reply
	events   map[string]chan struct{}
	problems []string
	gone     error
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	SessionID string `json:"sessionId,omitempty"`
}

// patience is how long one command may take: a page with a hundred thousand findings on a busy machine included.
const patience = 90 * time.Second

// Start runs Chromium with an empty page of the given size. The test fails if there is none. It ends with the test.
func Start(tb testing.TB, width, height int) *Browser {
	tb.Helper()
	path, err := Find()
	if err != nil {
		tb.Fatal(err)
	}
	theirs, in, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(tb.TempDir(), "profile"), fmt.Sprintf("--window-size=%d,%d", width, height))
	cmd.ExtraFiles = []*os.File{theirs, theirOut} // file descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		cancel()
		tb.Fatalf("start %s: %v", path, err)
	}
	_, _ = theirs.Close(), theirOut.Close()
	b := &Browser{tb: tb, in: in, waiting: map[int]chan reply{}, events: map[string]chan struct{}{}}
	read := make(chan struct{})
	go func() { defer close(read); b.read(out) }()
	tb.Cleanup(func() {
		b.tryClose()
		_ = in.Close()
		<-read
		cancel()
		_ = cmd.Wait()
	})

	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	b.Resize(width, height)
	return b
}

// tryClose asks Chromium to leave, so that it does not write into the profile while that is removed.
func (b *Browser) tryClose() {
	b.session = ""
	_, _ = b.send("Browser.close", nil)
}

// Open loads a file and waits until its program has run.
func (b *Browser) Open(path, fragment string) {
	b.tb.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		b.tb.Fatal(err)
	}
	// An empty page between them makes a change of the fragment alone a new page too.
	b.navigate("about:blank")
	b.navigate("file://" + path + fragment)
}

func (b *Browser) navigate(address string) {
	b.tb.Helper()
	loaded := b.event("Page.loadEventFired")
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	select {
	case <-loaded:
	case <-time.After(patience):
		b.tb.Fatalf("%s did not load", address)
	}
}

// Eval runs an expression in the page, waits for it if it is a promise, and stores its value.
func (b *Browser) Eval(expression string, value any) {
	b.tb.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &answer)
	if e := answer.ExceptionDetails; e != nil {
		b.tb.Fatalf("run %q in the page: %s %s", expression, e.Text, e.Exception.Description)
	}
	if value == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, value); err != nil {
		b.tb.Fatalf("read the value of %q: %v: %s", expression, err, answer.Result.Value)
	}
}

// Until waits until an expression is true, looking again after each frame.
func (b *Browser) Until(expression string) {
	b.tb.Helper()
	var ok bool
	b.Eval(fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 30000;
		const look = () => { if (%s) done(true); else if (performance.now() > end) done(false); else setTimeout(look, 15); };
		look();
	})`, expression), &ok)
	if !ok {
		b.tb.Fatalf("waited in vain until %s", expression)
	}
}

// Type types text into what has the focus, as a keyboard would.
func (b *Browser) Type(text string) {
	b.tb.Helper()
	b.call("Input.insertText", map[string]any{"text": text}, nil)
}

// Press presses a key such as Tab, Enter or ArrowRight.
func (b *Browser) Press(key string) {
	b.tb.Helper()
	params := map[string]any{"type": "keyDown", "key": key, "code": key}
	codes := map[string]int{"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowLeft": 37}
	if code, ok := codes[key]; ok {
		params["windowsVirtualKeyCode"] = code
	}
	switch key {
	case "Enter":
		params["text"] = "\r"
	case "Tab", "ArrowRight", "ArrowLeft":
	default:
		params["text"] = key
	}
	b.call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	delete(params, "text")
	b.call("Input.dispatchKeyEvent", params, nil)
}

// Resize sets the size of the page's window.
func (b *Browser) Resize(width, height int) {
	b.tb.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Dark makes the page believe that its reader prefers a dark screen.
func (b *Browser) Dark(dark bool) {
	b.tb.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Screenshot is the window as PNG; full takes the whole page.
func (b *Browser) Screenshot(full bool) []byte {
	b.tb.Helper()
	return b.picture("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": full})
}

// PDF prints the page on A4.
func (b *Browser) PDF() []byte {
	b.tb.Helper()
	return b.picture("Page.printToPDF", map[string]any{"printBackground": true, "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69})
}

func (b *Browser) picture(method string, params map[string]any) []byte {
	b.tb.Helper()
	var answer struct{ Data string }
	b.call(method, params, &answer)
	raw, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil {
		b.tb.Fatal(err)
	}
	return raw
}

// Problems are the exceptions, console errors, policy violations and network requests since the start.
func (b *Browser) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.problems...)
}

func (b *Browser) call(method string, params, result any) {
	b.tb.Helper()
	answer, err := b.send(method, params)
	if err != nil {
		b.tb.Fatalf("%s: %v", method, err)
	}
	if result != nil {
		if err := json.Unmarshal(answer, result); err != nil {
			b.tb.Fatalf("%s: %v", method, err)
		}
	}
}

func (b *Browser) send(method string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if params == nil {
		raw = nil
	}
	b.mu.Lock()
	if b.gone != nil {
		b.mu.Unlock()
		return nil, b.gone
	}
	b.next++
	id, answer := b.next, make(chan reply, 1)
	b.waiting[id] = answer
	b.mu.Unlock()
	line, err := json.Marshal(message{ID: id, Method: method, Params: raw, SessionID: b.session})
	if err != nil {
		return nil, err
	}
	if _, err := b.in.Write(append(line, 0)); err != nil {
		return nil, fmt.Errorf("talk to the browser: %w", err)
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return nil, errors.New(r.Error.Message)
		}
		return r.Result, nil
	case <-time.After(patience):
		return nil, errors.New("no answer")
	}
}

func (b *Browser) event(method string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	happened := make(chan struct{}, 1)
	b.events[method] = happened
	return happened
}

func (b *Browser) read(out *os.File) {
	defer func() { _ = out.Close() }()
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			b.gone = fmt.Errorf("the browser is gone: %w", err)
			for id, w := range b.waiting {
				w <- reply{Error: &struct{ Message string }{b.gone.Error()}}
				delete(b.waiting, id)
			}
			b.mu.Unlock()
			return
		}
		var m message
		if json.Unmarshal(line[:len(line)-1], &m) == nil {
			b.heard(m)
		}
	}
}

func (b *Browser) heard(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w := b.waiting[m.ID]; m.ID != 0 && w != nil {
		r := reply{Result: m.Result}
		if m.Error != nil {
			r.Error = &struct{ Message string }{m.Error.Message}
		}
		w <- r
		delete(b.waiting, m.ID)
		return
	}
	if happened := b.events[m.Method]; happened != nil {
		select {
		case happened <- struct{}{}:
		default:
		}
	}
	if problem := complaint(m); problem != "" {
		b.problems = append(b.problems, problem)
	}
}
