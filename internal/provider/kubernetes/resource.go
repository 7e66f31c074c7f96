package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// pageSize is how many objects a page has unless the caller wants fewer.
const pageSize = 500

// Accept headers of the forms that are not whole objects. No other form is acceptable: what a part is asked for may hold secrets
// as a whole.
const (
	acceptMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	acceptTable    = "application/json;as=Table;g=meta.k8s.io;v=v1"
)

// resource asks for a resource in the form that the operation names, at the first of the targets that the cluster serves.
func (p *Provider) resource(ctx context.Context, c *cluster, q question, targets []*api.Target, request provider.Request) (*provider.Answer, error) {
	known, err := p.discover(ctx, c)
	if err != nil {
		return nil, renamed(err, q.call)
	}
	t, down, err := known.choose(request.Service, targets)
	if err != nil {
		call := q.call
		if !known.mayHave(request.Service, targets[0].Plural) {
			call = request.Service + "/" + targets[0].Plural // named so, it says that there is none, not that one cannot be read
		}
		return nil, &provider.Error{Class: provider.Unsupported, Call: call, Message: err.Error(), Err: err}
	}
	q.path = versionPath(request.Service, t.Version)
	var answer *provider.Answer
	switch {
	case t.Plural == api.Every:
		answer, err = p.every(ctx, c, q, t, known.version(request.Service, t.Version), request)
	case t.Form == api.Get:
		answer, err = p.get(ctx, c, q, t, request)
	case t.Form == api.Configz:
		answer, err = p.configz(ctx, c, q, t, request)
	default:
		as := identity{t.APIVersion(), t.Kind}
		answer, err = p.list(ctx, c, q, t, as, request)
	}
	var e *provider.Error
	if down && errors.As(err, &e) && e.Class == provider.Retryable {
		own := *e // discovery met the same, so that it is not of this moment
		own.Class, own.Message = provider.Broken, provider.Clip(fmt.Sprintf("the aggregated API %s is down: %s", t.APIVersion(), e.Message))
		return nil, &own
	}
	return answer, err
}

// renamed says of which call an error of discovery is.
func renamed(err error, call string) error {
	var e *provider.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Call = call
	return &own
}

// below leads to a resource of the version, or to one object of it.
func (q *question) below(t *api.Target, input map[string]any, name string) {
	if namespace := text(input, "namespace"); namespace != "" && t.Namespaced {
		q.path += "/namespaces/" + url.PathEscape(namespace)
	}
	q.path += "/" + url.PathEscape(t.Plural)
	if name != "" {
		q.path += "/" + url.PathEscape(name)
	}
}

func text(input map[string]any, name string) string {
	s, _ := input[name].(string)
	return s
}

// inputs says what is wrong with an input.
func inputs(input map[string]any, required []string, optional ...string) error {
	for _, name := range required {
		if value := text(input, name); value == "" || value == "." || value == ".." { // a path would mean another
			return fmt.Errorf("input member %s is required, and a name", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(input)) {
		if !slices.Contains(required, name) && !slices.Contains(optional, name) {
			return fmt.Errorf("there is no input member %q", name)
		}
	}
	return nil
}

func broken(q question, err error) *provider.Error {
	return &provider.Error{Class: provider.Broken, Call: q.call, Message: provider.Clip(err.Error()), Err: err}
}

// get asks for one object.
func (p *Provider) get(ctx context.Context, c *cluster, q question, t *api.Target, request provider.Request) (*provider.Answer, error) {
	required := []string{"name"}
	if t.Namespaced {
		required = append(required, "namespace")
	}
	if err := inputs(request.Input, required); err != nil {
		return nil, broken(q, err)
	}
	q.below(t, request.Input, text(request.Input, "name"))
	got, err := p.ask(ctx, c, q)
	if err != nil {
		return nil, err
	}
	if !isObject(got.body) {
		return nil, broken(q, fmt.Errorf("the answer is no JSON object: %q", firstWords(got.body)))
	}
	d := document{form: t.Form, as: identity{t.APIVersion(), t.Kind}}
	d.object(got.body)
	return &provider.Answer{Document: d.out.Bytes(), Bytes: len(got.body)}, nil
}

// configz asks a node's kubelet, through the API server, for its configuration.
func (p *Provider) configz(ctx context.Context, c *cluster, q question, t *api.Target, request provider.Request) (*provider.Answer, error) {
	if err := inputs(request.Input, []string{"name"}); err != nil {
		return nil, broken(q, err)
	}
	q.below(t, request.Input, text(request.Input, "name"))
	q.path += "/" + string(t.Form)
	return p.object(ctx, c, q)
}

// object asks for what is passed on as it is.
func (p *Provider) object(ctx context.Context, c *cluster, q question) (*provider.Answer, error) {
	got, err := p.ask(ctx, c, q)
	if err != nil {
		return nil, err
	}
	if !isObject(got.body) {
		return nil, broken(q, fmt.Errorf("the answer is no JSON object: %q", firstWords(got.body)))
	}
	return &provider.Answer{Document: got.body, Bytes: len(got.body)}, nil
}

func isObject(body []byte) bool {
	return jsonscan.Kind(body, jsonscan.Space(body, 0)) == jsonscan.Object && json.Valid(body)
}

// list asks for one page of all objects.
func (p *Provider) list(ctx context.Context, c *cluster, q question, t *api.Target, as identity, request provider.Request) (*provider.Answer, error) {
	at, err := readPage(request.Page)
	if err == nil {
		err = inputs(request.Input, nil, "namespace", "fieldSelector", "labelSelector")
	}
	if err != nil {
		return nil, broken(q, err)
	}
	q.below(t, request.Input, "")
	switch t.Form {
	case api.Metadata:
		q.accept = acceptMetadata
	case api.Table:
		q.accept = acceptTable
	}
	if at.Limit == 0 {
		at.Limit = pageSize
		if request.Limit > 0 {
			at.Limit = min(at.Limit, request.Limit)
		}
	}
	for {
		got, err := p.ask(ctx, c, q.page(t, &at, request.Input))
		if err == nil {
			return readList(q, t, as, at, got)
		}
		if !at.recover(got, err) {
			return nil, notAList(err)
		}
		p.log.Debug("a page is asked for again", "call", q.call, "account", c.id, "cause", err.Error())
	}
}

// notAList takes "not found" of a list for what it means: there is no such resource. Nothing can be gone before it was listed.
func notAList(err error) error {
	var e *provider.Error
	if !errors.As(err, &e) || e.Class != provider.Gone {
		return err
	}
	own := *e
	own.Class = provider.Unsupported
	return &own
}

// page is the question for one page.
func (q question) page(t *api.Target, at *page, input map[string]any) question {
	q.query = url.Values{"limit": {strconv.Itoa(at.Limit)}}
	if at.Continue != "" {
		q.query.Set("continue", at.Continue)
	}
	if t.Form == api.Table {
		q.query.Set("includeObject", "Metadata")
	}
	for _, name := range []string{"fieldSelector", "labelSelector"} {
		if value := text(input, name); value != "" {
			q.query.Set(name, value)
		}
	}
	return q
}

func readList(q question, t *api.Target, as identity, at page, got *received) (*provider.Answer, error) {
	d := document{form: t.Form, as: as, after: at.After}
	next, err := d.writeList(got.body)
	if err != nil {
		return nil, broken(q, err)
	}
	answer := &provider.Answer{Document: d.out.Bytes(), Bytes: len(got.body)}
	if next == "" {
		return answer, nil
	}
	if answer.Next = at.next(next, &d); answer.Next == "" {
		return nil, broken(q, errors.New("the answer names its own page as the next"))
	}
	return answer, nil
}
