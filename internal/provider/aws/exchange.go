package aws

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// idleTimeout bounds also how long we wait for the head of an answer.
const idleTimeout = provider.IdleTimeout

// exchange sends a request and returns a successful answer. It repeats itself only for what says nothing about the call: a
// bucket that lives elsewhere, a clock that is wrong, credentials that have ended; each at most once.
func (p *Provider) exchange(ctx context.Context, s *session, op *wire.Operation, encoded *wire.Request, scope provider.Scope) (*provider.Received, error) {
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
		if status := got.Response.StatusCode; status >= 200 && status < 300 {
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
		fault := op.Fault(ctx, got.Response, got.Body)
		if !skewed && p.correctClock(fault.Code, got) {
			skewed = true
			continue
		}
		failure := p.classes.fault(op.Service.Name, op.Call(), fault, got.Response)
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
func (p *Provider) send(ctx context.Context, op *wire.Operation, encoded *wire.Request, to *target, creds aws.Credentials) (*provider.Received, error) {
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
	return provider.Exchange{Client: p.client, Idle: p.idle, Most: provider.MaxAnswer}.Send(request)
}
