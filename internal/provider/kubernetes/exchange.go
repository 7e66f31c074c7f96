package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Limits of one exchange. There is none on its whole time: large answers over slow lines are legitimate.
const (
	idleTimeout = 60 * time.Second // without a byte
	maxAnswer   = 64 << 20         // bytes
)

// acceptJSON is what is asked for where there is nothing to choose.
const acceptJSON = "application/json"

// question is one request and what it is for.
type question struct {
	call        string // apps:v1/deployments
	service     string
	path        string // below the cluster's address, escaped
	query       url.Values
	accept      string // empty: acceptJSON
	permissions []string
	// answered says which statuses are answers, beside those of success.
	answered []int
}

// received is an answer with its whole body.
type received struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a question. An error is a *provider.Error, or the context's; there may be a received beside it. Credentials that
// ended are renewed, and the question asked again, once.
func (p *Provider) ask(ctx context.Context, c *cluster, q question) (*received, error) {
	for again := c.renews(); ; again = false {
		got, err := p.send(ctx, c, q)
		if err != nil {
			return nil, p.transportError(ctx, c, q.call, err)
		}
		if got.status >= 200 && got.status < 300 {
			return got, nil
		}
		for _, status := range q.answered {
			if got.status == status {
				return got, nil
			}
		}
		if got.status == http.StatusUnauthorized && again {
			continue
		}
		return got, p.fault(q, got)
	}
}

// send makes one HTTP exchange.
func (p *Provider) send(ctx context.Context, c *cluster, q question) (*received, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to := c.base.JoinPath(q.path)
	to.RawQuery = q.query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Accept", orDefault(q.accept, acceptJSON))
	idle := time.AfterFunc(p.idle, func() { cancel(errIdle) })
	defer idle.Stop()
	response, err := c.client.Do(request)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer response.Body.Close()
	if response.TLS != nil {
		c.tls.Store(response.TLS)
	}
	body, err := io.ReadAll(io.LimitReader(&noticing{response.Body, func() { idle.Reset(p.idle) }}, int64(p.most)+1))
	if err == nil && ctx.Err() != nil { // giving up makes a server end its answer, which then looks whole
		err = ctx.Err()
	}
	switch {
	case err != nil:
		return nil, cause(ctx, err)
	case len(body) > p.most:
		return nil, errLarge
	}
	return &received{response.StatusCode, response.Header, body}, nil
}

var (
	errIdle  = errors.New("nothing was received for too long")
	errLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
)

// cause prefers why we gave up over what the network made of it.
func cause(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errIdle) {
		return errIdle
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
