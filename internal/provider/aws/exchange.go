package aws

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// Limits of one exchange. There is none on its whole time: large answers over slow lines are legitimate.
const (
	idleTimeout = 60 * time.Second // without a byte
	maxAnswer   = 64 << 20         // bytes
)

// received is an answer with its whole body.
type received struct {
	response *http.Response
	body     []byte
	sent     time.Time // by our own clock
}

// exchange sends a request and returns a successful answer. It repeats itself only for what says nothing about the call: a
// bucket that lives elsewhere, a clock that is wrong, credentials that have ended; each at most once.
func (p *Provider) exchange(ctx context.Context, s *session, op *wire.Operation, encoded *wire.Request, scope provider.Scope) (*received, error) {
	to, err := p.target(ctx, op, encoded, scope)
	if err != nil {
		return nil, &provider.Error{Class: provider.Unsupported, Call: op.Call(), Message: clip(err.Error()), Err: err}
	}
	var moved, skewed, renewed bool
	for {
		creds, err := s.credentials(ctx)
		if err != nil {
			return nil, p.signInError(ctx, op.Call(), s, err)
		}
		got, err := p.send(ctx, op, encoded, to, creds)
		if err != nil {
			return nil, p.transportError(ctx, op.Call(), to, err)
		}
		if status := got.response.StatusCode; status >= 200 && status < 300 {
			return got, nil
		}
		if !moved && to.bucket != "" {
			if region := movedTo(got, to.region); region != "" {
				moved = true
				p.remember(to.bucket, region)
				scope.Region = region
				if to, err = p.target(ctx, op, encoded, scope); err == nil {
					continue
				}
			}
		}
		fault := op.Fault(ctx, got.response, got.body)
		if !skewed && p.correctClock(fault.Code, got) {
			skewed = true
			continue
		}
		failure := p.classes.fault(op.Service.Name, op.Call(), fault, got.response)
		if failure.Class == provider.Expired && !renewed && s.renew(ctx, creds) {
			renewed = true
			continue
		}
		if failure.Class == provider.Denied {
			failure.Permissions = permissions(op, fault.Message)
			failure.By = above(fault.Message)
		}
		return nil, failure
	}
}

// send makes one HTTP exchange.
func (p *Provider) send(ctx context.Context, op *wire.Operation, encoded *wire.Request, to *target, creds aws.Credentials) (*received, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, encoded.Method, to.url(encoded), bytes.NewReader(encoded.Body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if len(encoded.Body) == 0 {
		request.Body, request.GetBody = nil, nil
	}
	for name, values := range encoded.Header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", "stance")
	if err := p.sign(ctx, op, request, encoded.Body, to, creds); err != nil {
		return nil, err
	}

	idle := time.AfterFunc(p.idle, func() { cancel(errIdle) })
	defer idle.Stop()
	sent := time.Now()
	response, err := p.client.Do(request)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer response.Body.Close()
	body, err := readAll(response.Body, func() { idle.Reset(p.idle) })
	if err == nil { // when we give up, a server may end its answer so that it looks whole
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, cause(ctx, err)
	}
	return &received{response: response, body: body, sent: sent}, nil
}

var (
	errIdle  = fmt.Errorf("nothing was received for %s", idleTimeout)
	errLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
)

// cause prefers why we gave up over what the network made of it.
func cause(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errIdle) {
		return errIdle
	}
	return err
}

// readAll reads a body up to the limit, and says so at each piece that arrives.
func readAll(body io.Reader, arrived func()) ([]byte, error) {
	all, err := io.ReadAll(io.LimitReader(&noticing{body, arrived}, maxAnswer+1))
	if err == nil && len(all) > maxAnswer {
		return nil, errLarge
	}
	return all, err
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
