package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Limits of one exchange. There is none on its whole time: large answers over slow lines are legitimate.
const (
	IdleTimeout = 60 * time.Second // without a byte
	MaxAnswer   = 64 << 20         // bytes
)

// Errors of an exchange that was given up.
var (
	ErrIdle  = errors.New("nothing was received")
	ErrLarge = fmt.Errorf("the answer is larger than %d MiB", MaxAnswer>>20)
)

// Exchange is how requests are sent.
type Exchange struct {
	Client *http.Client
	Idle   time.Duration // without a byte, before it is given up
	Most   int           // bytes of a body
}

// Received is an answer that was read.
type Received struct {
	Response *http.Response // its body is closed
	Body     []byte
	Sent     time.Time // when the request was sent, by our own clock
}

// Send sends a request and reads the whole body of its answer. An error is ErrIdle, ErrLarge, or what the network said; Unanswered
// words it. If only the body could not be read, an answer without it is there beside the error.
func (x Exchange) Send(request *http.Request) (*Received, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	defer cancel(nil)
	idle := time.AfterFunc(x.Idle, func() { cancel(fmt.Errorf("%w for %s", ErrIdle, x.Idle)) })
	defer idle.Stop()
	sent := time.Now()
	response, err := x.Client.Do(request.WithContext(ctx))
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(&noticing{response.Body, func() { idle.Reset(x.Idle) }}, int64(x.Most)+1))
	if err == nil { // when we give up, a server may end its answer so that it looks whole
		err = ctx.Err()
	}
	got := &Received{Response: response, Sent: sent}
	switch {
	case err != nil:
		return got, cause(ctx, err)
	case len(body) > x.Most:
		return got, ErrLarge
	}
	got.Body = body
	return got, nil
}

// cause prefers why we gave up over what the network made of it.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); errors.Is(why, ErrIdle) {
		return why
	}
	return err
}

// noticing calls arrived whenever something was read.
type noticing struct {
	io.Reader
	arrived func()
}

func (n *noticing) Read(p []byte) (int, error) {
	count, err := n.Reader.Read(p)
	n.arrived()
	return count, err
}
