package kubernetes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// everyPage says where in the lists of all kinds of a group a page begins. Kinds are listed one after the other, in the order of
// their plurals.
type everyPage struct {
	everyPlace
	// Left are the kinds that could not be listed, each with the place of the page that failed. They are asked for once more
	// after all others, so that one kind that is refused does not hide the rest, nor is forgotten.
	Left []everyPlace `json:"f,omitempty"`
	// Again says that this is one of those.
	Again bool `json:"g,omitempty"`
}

// everyPlace is a page of one kind's list.
type everyPlace struct {
	Plural string `json:"p"`
	// At is the page as for the list of one kind; empty at the beginning.
	At json.RawMessage `json:"a,omitempty"`
}

// every asks for one page of the objects of all kinds that the cluster has in a group and version.
func (p *Provider) every(ctx context.Context, c *cluster, q question, t *api.Target, v *servedVersion, request provider.Request) (*provider.Answer, error) {
	kinds := v.kinds()
	at, err := readEvery(request.Page, kinds)
	if err != nil {
		return nil, broken(q, err)
	}
	var first *provider.Error
	for {
		answer, err := p.oneOf(ctx, c, q, t, v, &at.everyPlace, request)
		if err == nil {
			return at.after(answer, kinds), nil
		}
		var e *provider.Error
		if !errors.As(err, &e) || passes(e) || at.Again {
			return nil, at.also(err)
		}
		first = cmp.Or(first, e)
		at.Left = append(at.Left, at.everyPlace)
		if at.forward(kinds); at.Again { // what is left has just failed
			return nil, at.also(first)
		}
	}
}

// after is an answer that leads on to the page after it.
func (at *everyPage) after(answer *provider.Answer, kinds []string) *provider.Answer {
	at.At = json.RawMessage(answer.Next)
	if answer.Next != "" || at.forward(kinds) {
		answer.Next = at.token()
	}
	return answer
}

// oneOf asks for one page of one kind.
func (p *Provider) oneOf(ctx context.Context, c *cluster, q question, t *api.Target, v *servedVersion, at *everyPlace, request provider.Request) (*provider.Answer, error) {
	if at.Plural == api.Every {
		return nil, v.untoldError(q.call)
	}
	r := v.resource(at.Plural)
	one := *t
	one.Plural, one.Kind, one.Namespaced = r.plural, r.kind, r.namespaced
	request.Page = string(at.At)
	return p.list(ctx, c, q, &one, identity{one.APIVersion(), one.Kind}, request)
}

// kinds are the plurals of what can be listed, in order. Where there may be more of them Every comes first, which cannot be.
func (v *servedVersion) kinds() []string {
	var all []string
	if v.open {
		all = append(all, api.Every)
	}
	for _, r := range v.resources {
		if len(r.verbs) == 0 || slices.Contains(r.verbs, "list") {
			all = append(all, r.plural)
		}
	}
	slices.Sort(all)
	return all
}

// untoldError says why nobody knows which kinds there are.
func (v *servedVersion) untoldError(call string) error {
	why := provider.Error{Class: provider.Broken, Message: "the server that has its kinds was not reached"}
	if v.untold != nil {
		why = *v.untold
	}
	if why.Call = call; passes(&why) { // it is not asked again
		why.Class = provider.Broken
	}
	return &why
}

func readEvery(token string, kinds []string) (everyPage, error) {
	at := everyPage{everyPlace: everyPlace{Plural: kinds[0]}}
	if token == "" {
		return at, nil
	}
	at = everyPage{}
	if err := json.Unmarshal([]byte(token), &at); err != nil {
		return at, fmt.Errorf("page %q is not one that was given out: %w", token, err)
	}
	if !slices.Contains(kinds, at.Plural) {
		return at, fmt.Errorf("page %q is of a kind that there is none of", token)
	}
	return at, nil
}

// forward goes to the next kind, or to one that was left. It says whether there is one.
func (at *everyPage) forward(kinds []string) bool {
	if !at.Again {
		if i, found := slices.BinarySearch(kinds, at.Plural); found && i+1 < len(kinds) {
			at.everyPlace = everyPlace{Plural: kinds[i+1]}
			return true
		}
	}
	if len(at.Left) == 0 {
		return false
	}
	at.everyPlace, at.Left, at.Again = at.Left[0], at.Left[1:], true
	return true
}

func (at *everyPage) token() string {
	data, err := json.Marshal(at)
	if err != nil { // a page that is no JSON, which none is
		return ""
	}
	return string(data)
}

// also adds to an error how many other kinds could not be listed.
func (at *everyPage) also(err error) error {
	var e *provider.Error
	if !at.Again || len(at.Left) == 0 || !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Message = provider.Clip(fmt.Sprintf("%s; %d more of its kinds failed", e.Message, len(at.Left)))
	return &own
}
