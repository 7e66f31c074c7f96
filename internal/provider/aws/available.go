package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

// Available implements provider.Provider. The vendor's list of what is where lags behind and is wrong for some services, so a
// service that it does not list in a region counts as missing only if its host has no address either.
func (p *Provider) Available(ctx context.Context, scope provider.Scope, service string) error {
	missing := func(message string) error {
		return &provider.Error{Class: provider.Unsupported, Call: service, Message: message}
	}
	model, err := p.load(service)
	if err != nil {
		return &provider.Error{Class: provider.Broken, Call: service, Message: clip(err.Error()), Err: err}
	}
	partition := p.partitionOf(scope)
	to, err := p.endpoint(ctx, service, model.Metadata, partition, scope.Region)
	if err != nil {
		return missing(err.Error())
	}
	if to.configured || p.options.Transport != nil || p.proxy(to.base) != nil {
		return nil // a name that cannot be looked up here says nothing
	}
	if known, exists := api.RegionExists(partition, service, to.region); known && exists {
		return nil
	}
	found, err := p.hosts.exists(ctx, to.base.Hostname(), p.lookup)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && !found {
		return missing(fmt.Sprintf("%s is not in %s", service, to.region))
	}
	return nil
}

// Home implements provider.Provider.
func (p *Provider) Home(scope provider.Scope, service string) string {
	region, _ := p.rules.ScanOnce(service, p.partitionOf(scope))
	return region
}

// proxy gives the proxy that requests to an address go through, or nil. A proxy looks up names itself.
func (p *Provider) proxy(u *url.URL) *url.URL {
	transport, ok := p.client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return nil
	}
	proxy, err := transport.Proxy(&http.Request{URL: u})
	if err != nil {
		return nil
	}
	return proxy
}

// hostCache remembers which hosts have an address, so that each is looked up once however many accounts are scanned.
type hostCache struct {
	mu    sync.Mutex
	hosts map[string]*hostLookup
}

type hostLookup struct {
	done  chan struct{}
	found bool
	err   error
}

// exists says whether a host has an address. An error means that it cannot be told.
func (c *hostCache) exists(ctx context.Context, host string, lookup func(context.Context, string) ([]string, error)) (bool, error) {
	c.mu.Lock()
	if c.hosts == nil {
		c.hosts = map[string]*hostLookup{}
	}
	l := c.hosts[host]
	if l == nil {
		l = &hostLookup{done: make(chan struct{})}
		c.hosts[host] = l
		go func() {
			defer close(l.done)
			// One caller's cancellation must not become an answer for the others.
			_, err := lookup(context.WithoutCancel(ctx), host)
			var dns *net.DNSError
			switch {
			case err == nil:
				l.found = true
			case errors.As(err, &dns) && dns.IsNotFound:
			default:
				l.err = err
			}
		}()
	}
	c.mu.Unlock()
	select {
	case <-l.done:
		return l.found, l.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
