package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// Provider is one or several clusters, signed in. It implements provider.Provider.
type Provider struct {
	options  Options
	log      *slog.Logger
	describe content.API
	rules    []content.ErrorRule
	idle     time.Duration // without a byte, before an exchange is given up
	most     int           // bytes of an answer
	clusters []*cluster
}

var _ provider.Provider = (*Provider)(nil)

func newProvider(options Options) *Provider {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.lookupHost == nil {
		options.lookupHost = net.DefaultResolver.LookupHost
	}
	if options.pause == nil {
		options.pause = pause
	}
	p := &Provider{options: options, log: options.Logger, describe: api.API(), idle: options.Timeout, most: provider.MaxAnswer}
	if p.idle <= 0 {
		p.idle = provider.IdleTimeout
	}
	if options.Content != nil {
		p.rules = options.Content.Errors
	}
	return p
}

// ID implements provider.Provider.
func (p *Provider) ID() string { return "kubernetes" }

// API implements provider.Provider.
func (p *Provider) API() content.API { return p.describe }

// Home implements provider.Provider. A cluster has no regions.
func (p *Provider) Home(provider.Scope, string) string { return "" }

// Available implements provider.Provider: a service is an API group.
func (p *Provider) Available(ctx context.Context, scope provider.Scope, service string) error {
	c, err := p.cluster(scope.Account)
	if err != nil || service == api.Server {
		return nil //nolint:nilerr // the call says it
	}
	known, err := p.discover(ctx, c)
	if err != nil {
		return err
	}
	if known.mayServe(service) {
		return nil
	}
	return &provider.Error{
		Class: provider.Unsupported, Call: service, Message: fmt.Sprintf("the cluster does not serve the API group %s", service),
	}
}

// Call implements provider.Provider. It makes a second exchange only for what says nothing about the call: credentials that
// ended, an answer too large for its page, a list that is continued too late. The cluster's discovery is read before the
// first call.
func (p *Provider) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	call := request.Service + ":" + request.Op
	fail := func(err error) (*provider.Answer, error) {
		return nil, &provider.Error{Class: provider.Broken, Call: call, Message: provider.Clip(err.Error()), Err: err}
	}
	described, err := p.describe.Operation(request.Service, request.Op)
	if err != nil {
		return fail(err)
	}
	c, err := p.cluster(request.Scope.Account)
	if err != nil {
		var e *provider.Error
		if errors.As(err, &e) {
			own := *e
			return nil, &own
		}
		return nil, &provider.Error{Class: provider.Denied, Call: call, Message: provider.Clip(err.Error()), Err: err}
	}
	q := question{call: call, service: request.Service, permissions: described.Permissions}
	if name := text(request.Input, described.NamedBy); name != "" {
		q.permissions = described.PermissionsFor(name)
	}
	if request.Service == api.Server {
		return p.server(ctx, c, q, request)
	}
	t, err := api.Resource(request.Service, request.Op)
	if err != nil {
		return fail(err)
	}
	targets := []*api.Target{t}
	for _, op := range request.Older {
		older, err := olderTarget(t, op)
		if err != nil {
			return fail(err)
		}
		targets = append(targets, older)
	}
	return p.resource(ctx, c, q, targets, request)
}

// olderTarget is what an older operation asks: the same kind in the same form, in a version that need not be described.
func olderTarget(t *api.Target, op string) (*api.Target, error) {
	version, rest, _ := strings.Cut(op, "/")
	plural, form, _ := strings.Cut(rest, "/")
	if version == "" || plural == "" || api.Form(form) != t.Form {
		return nil, fmt.Errorf("%s cannot take the place of %s %s", op, t.APIVersion(), t.Plural)
	}
	older := *t
	older.Version, older.Plural = version, plural
	return &older, nil
}

// cluster finds an account. The error is a *provider.Error if the cluster refused the sign-in.
func (p *Provider) cluster(account string) (*cluster, error) {
	for _, c := range p.clusters {
		if c.id != account {
			continue
		}
		if c.err != nil {
			return nil, c.err
		}
		return c, nil
	}
	return nil, fmt.Errorf("not signed in to cluster %s", account)
}
