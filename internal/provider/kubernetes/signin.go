package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/provider"
)

// signInsAtOnce bounds how many clusters are asked at the same time.
const signInsAtOnce = 8

// Calls that sign-in itself makes are repeated here, because the collector sees only those of a scan. It is less than for calls
// of a scan: a person waits for it, and a cluster that was switched off is the most likely reason.
const (
	patienceTries = 3
	patienceFirst = 500 * time.Millisecond
)

// New finds the clusters and signs in to each. One that refuses is listed with its error; if all do, that is the error here.
func New(ctx context.Context, options Options) (*Provider, error) {
	p := newProvider(options)
	targets, err := p.options.targets()
	if err != nil {
		return nil, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(signInsAtOnce)
	for _, t := range targets {
		c := newCluster(t)
		p.clusters = append(p.clusters, c)
		if c.err == nil {
			group.Go(func() error { return p.signIn(groupCtx, c) })
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return p, p.refused()
}

// refused is the error of all clusters together, or nil if one of them lets us in.
func (p *Provider) refused() error {
	var all []error
	for _, c := range p.clusters {
		if c.err == nil {
			continue
		}
		all = append(all, fmt.Errorf("sign in to cluster %s: %s", c.id, words(c.err)))
	}
	if len(all) == len(p.clusters) {
		return errors.Join(all...)
	}
	for _, c := range p.clusters {
		if c.err != nil {
			p.log.Warn("a cluster refuses", "account", c.id, "name", c.name, "cause", c.err.Error())
		}
	}
	return nil
}

// words are what an error says, without what the ledger wants of it.
func words(e *provider.Error) string {
	if e.Code == "" || e.Message == "" {
		return e.Code + e.Message
	}
	return e.Message + " (" + e.Code + ")"
}

// Accounts implements provider.Provider.
func (p *Provider) Accounts(context.Context) ([]provider.Account, error) {
	accounts := make([]provider.Account, 0, len(p.clusters))
	for _, c := range p.clusters {
		a := provider.Account{ID: c.id, Name: c.name}
		if c.err != nil {
			a.Err = c.err
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

// signIn asks what everybody may ask who is signed in. What the cluster refuses is the cluster's; only the end of ctx is ours.
func (p *Provider) signIn(ctx context.Context, c *cluster) error {
	version, err := p.patiently(ctx, c, question{call: "server:version", path: "version", permissions: []string{"get /version"}})
	if err == nil {
		err = isKubernetes(c, version.body)
	}
	if err == nil || isClass(err, provider.Denied) {
		// Versions are told to strangers too, who know no kinds.
		_, err = p.patiently(ctx, c, question{call: "server:api-resources", path: "api", permissions: []string{"get /api"}})
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *provider.Error
	switch {
	case err == nil:
	case !errors.As(err, &e):
		c.err = &provider.Error{Class: provider.Broken, Call: signInCall, Message: provider.Clip(err.Error()), Err: err}
	case e.Class == provider.Denied && strings.Contains(e.Message, "system:anonymous"):
		c.err = &provider.Error{
			Class: provider.Denied, Call: signInCall, Code: e.Code, Status: e.Status,
			Message: fmt.Sprintf("the cluster does not know who asks: user %q of the kubeconfig has no credentials", c.user),
		}
	case e.Class == provider.Denied && strings.Contains(e.Message, "cannot impersonate"):
		c.err = e
	case e.Class == provider.Unsupported:
		c.err = notKubernetes(c, words(e))
	case e.Class == provider.Denied: // what kinds there are will be seen call by call
		p.log.Debug("the cluster does not tell its kinds", "account", c.id, "cause", e.Error())
	case e.Class == provider.Expired && e.Status == http.StatusUnauthorized:
		own := *e
		own.Message = fmt.Sprintf("the cluster does not accept the credentials of user %q: they ended, or are another cluster's", c.user)
		c.err = &own
	default:
		c.err = e
	}
	return nil
}

// isKubernetes looks whether a version is one: many things answer 200 to whatever they are asked.
func isKubernetes(c *cluster, body []byte) error {
	var version struct{ GitVersion string }
	if err := json.Unmarshal(body, &version); err != nil || version.GitVersion == "" {
		return notKubernetes(c, firstWords(body))
	}
	return nil
}

func notKubernetes(c *cluster, answer string) *provider.Error {
	return &provider.Error{
		Class: provider.Broken, Call: signInCall, Message: provider.Clip(fmt.Sprintf("%s is no Kubernetes API server: it answers %q", c.base.Host, answer)),
	}
}

func isClass(err error, class provider.Class) bool {
	var e *provider.Error
	return errors.As(err, &e) && e.Class == class
}

// patiently repeats a question that met the cluster's or the network's trouble. What was waited for once is not waited for again.
func (p *Provider) patiently(ctx context.Context, c *cluster, q question) (*received, error) {
	wait := patienceFirst
	for try := 1; ; try++ {
		got, err := p.ask(ctx, c, q)
		var e *provider.Error
		var timeout net.Error
		if err == nil || try == patienceTries || !errors.As(err, &e) || e.Class != provider.Throttled && e.Class != provider.Retryable ||
			errors.Is(err, provider.ErrIdle) || errors.As(err, &timeout) && timeout.Timeout() {
			return got, err
		}
		if err := p.options.pause(ctx, max(e.RetryAfter, rand.N(wait))); err != nil { //nolint:gosec // spreads load, keeps no secret
			return nil, err
		}
		wait *= 2
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
