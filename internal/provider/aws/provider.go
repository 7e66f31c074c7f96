package aws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/api"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// Provider is AWS, signed in. It implements provider.Provider.
type Provider struct {
	options  Options
	log      *slog.Logger
	config   aws.Config
	client   *http.Client
	signer   *v4.Signer
	rules    endpointRules
	load     func(service string) (*api.Service, error)
	describe content.API
	classes  *classifier
	lookup   func(ctx context.Context, host string) ([]string, error)

	identity Identity
	home     *session // the caller, after Options.Role

	idle  time.Duration // without a byte, before an exchange is given up
	skew  atomic.Int64  // nanoseconds that the vendor's clock is ahead of ours
	hosts hostCache

	mu       sync.Mutex
	services map[string]*loading
	sessions map[string]*session // by account
	buckets  map[string]string   // the regions of buckets that were found elsewhere
}

// endpointRules are the vendor's endpoint data: *api.EndpointRules.
type endpointRules interface {
	Partition(name string) (api.Partition, bool)
	PartitionOf(region string) (api.Partition, bool)
	Resolve(service, partition, region string) (api.Endpoint, error)
	ScanOnce(service, partition string) (region string, once bool)
}

// loading is a service that is being prepared, or is.
type loading struct {
	once    sync.Once
	service *wire.Service
	err     error
}

var _ provider.Provider = (*Provider)(nil)

// ID implements provider.Provider.
func (p *Provider) ID() string { return "aws" }

// API implements provider.Provider.
func (p *Provider) API() content.API { return p.describe }

// Identity is the caller's, after Options.Role.
func (p *Provider) Identity() Identity { return p.identity }

// Call implements provider.Provider.
func (p *Provider) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	op, err := p.operation(request.Service, request.Op)
	if err == nil && op.Model.Refused != "" {
		err = fmt.Errorf("%s is not for scans: %s", op.Call(), op.Model.Refused)
	}
	if err != nil {
		return nil, &provider.Error{Class: provider.Broken, Call: request.Service + ":" + request.Op, Message: clip(err.Error()), Err: err}
	}
	s, err := p.session(request.Scope.Account)
	if err != nil {
		return nil, &provider.Error{Class: provider.Denied, Call: op.Call(), Message: clip(err.Error()), Err: err}
	}
	return p.call(ctx, s, op, request)
}

// call makes one call as a session.
func (p *Provider) call(ctx context.Context, s *session, op *wire.Operation, request provider.Request) (*provider.Answer, error) {
	fail := func(err error) (*provider.Answer, error) {
		return nil, &provider.Error{Class: provider.Broken, Call: op.Call(), Message: clip(err.Error()), Err: err}
	}
	input, err := pageInput(op, request)
	if err != nil {
		return fail(err)
	}
	encoded, err := op.Encode(ctx, input)
	if err != nil {
		return fail(err)
	}
	got, err := p.exchange(ctx, s, op, encoded, request.Scope)
	if err != nil {
		return nil, err
	}
	doc, err := op.Decode(ctx, got.Response, got.Body)
	if err != nil {
		return fail(err)
	}
	next, err := nextPage(op, request.Page, doc)
	if err != nil {
		return fail(err)
	}
	return &provider.Answer{Document: doc, Next: next, Bytes: len(got.Body)}, nil
}

// operation finds a described operation and prepares its service on first use.
func (p *Provider) operation(service, op string) (*wire.Operation, error) {
	p.mu.Lock()
	l := p.services[service]
	if l == nil {
		l = &loading{}
		p.services[service] = l
	}
	p.mu.Unlock()
	l.once.Do(func() {
		var model *api.Service
		if model, l.err = p.load(service); l.err == nil {
			l.service, l.err = wire.New(service, model)
		}
	})
	if l.err != nil {
		return nil, l.err
	}
	return l.service.Operation(op)
}

// now is the time by the vendor's clock, as far as known.
func (p *Provider) now() time.Time { return time.Now().Add(time.Duration(p.skew.Load())) }

// session finds the sign-in for an account. The empty account is the caller's.
func (p *Provider) session(account string) (*session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sessions[account]; s != nil {
		return s, nil
	}
	if account == "" || p.home != nil && account == p.identity.Account {
		return p.home, nil
	}
	if p.options.Organization {
		s := p.member(account)
		p.sessions[account] = s
		return s, nil
	}
	return nil, fmt.Errorf("not signed in to account %s", account)
}

// asError gives the *provider.Error in err, or makes one of class broken.
func asError(call string, err error) *provider.Error {
	var e *provider.Error
	if errors.As(err, &e) {
		return e
	}
	return &provider.Error{Class: provider.Broken, Call: call, Message: clip(err.Error()), Err: err}
}
