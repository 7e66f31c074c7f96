package kubernetes

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/stancehq/stance/internal/provider"
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
			return nil, transportError(ctx, c, q.call, err)
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
	to := c.base.JoinPath(q.path)
	to.RawQuery = q.query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Accept", orDefault(q.accept, acceptJSON))
	got, err := provider.Exchange{Client: c.client, Idle: p.idle, Most: p.most}.Send(request)
	if got != nil && got.Response.TLS != nil {
		c.tls.Store(got.Response.TLS)
	}
	if err != nil {
		return nil, err
	}
	return &received{got.Response.StatusCode, got.Response.Header, got.Body}, nil
}
