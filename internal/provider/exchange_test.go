package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// line is a network of which a test says what it does.
type line func(*http.Request) (*http.Response, error)

func (l line) RoundTrip(r *http.Request) (*http.Response, error) { return l(r) }

func answering(body io.Reader) line {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{}, Body: io.NopCloser(body)}, nil
	}
}

// send makes an exchange over a line, with a limit of 10 bytes.
func send(ctx context.Context, t *testing.T, l line) (*Received, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return Exchange{Client: &http.Client{Transport: l}, Idle: time.Minute, Most: 10}.Send(request)
}

func TestAnAnswerIsReadUpToTheLimit(t *testing.T) {
	for _, text := range []string{"", "x", strings.Repeat("x", 10)} {
		got, err := send(t.Context(), t, answering(strings.NewReader(text)))
		if err != nil || got.Response.StatusCode != http.StatusTeapot || string(got.Body) != text {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	if got, err := send(t.Context(), t, answering(strings.NewReader(strings.Repeat("x", 11)))); !errors.Is(err, ErrLarge) || got.Body != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTheHeadOfAnAnswerIsThereWithoutItsBody(t *testing.T) {
	got, err := send(t.Context(), t, answering(io.MultiReader(strings.NewReader("x"), broken{})))
	if !errors.Is(err, io.ErrUnexpectedEOF) || got == nil || got.Response.StatusCode != http.StatusTeapot || got.Body != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Only silence ends an exchange: there is no limit on its whole time.
func TestSilenceEndsAnExchange(t *testing.T) {
	slow := func(pause time.Duration) io.Reader {
		body, out := io.Pipe()
		go func() {
			for range 9 {
				<-time.After(pause)
				_, _ = io.WriteString(out, "x")
			}
			_ = out.Close() // as if it were whole
		}()
		return body
	}
	tests := []struct {
		name string
		line line
		err  string
	}{
		{"never for long", func(r *http.Request) (*http.Response, error) { return answering(slow(time.Minute - 1))(r) }, ""},
		{"within the body", func(r *http.Request) (*http.Response, error) { return answering(slow(time.Minute + 1))(r) }, "nothing was received for 1m0s"},
		{"before the head", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "nothing was received for 1m0s"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := time.Now()
				got, err := send(t.Context(), t, test.line)
				switch {
				case test.err == "" && (err != nil || string(got.Body) != "xxxxxxxxx" || !got.Sent.Equal(before)):
					t.Errorf("got %+v, %v", got, err)
				case test.err != "" && (!errors.Is(err, ErrIdle) || err.Error() != test.err):
					t.Errorf("got %+v, %v", got, err)
				}
			})
		})
	}
}

// When we give up, an answer may end so that it looks whole.
func TestAnAnswerThatEndsAsWeGiveUpIsNone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got, err := send(ctx, t, answering(io.MultiReader(strings.NewReader("x"), ending(cancel))))
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrIdle) || got.Body != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

type ending func()

func (e ending) Read([]byte) (int, error) {
	e()
	return 0, io.EOF
}
