package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// discovery is what a cluster serves, read once on first use. What could not be read for the moment is read again.
type discovery struct {
	turn  chan struct{} // one reads, the others wait
	known *served
}

func newDiscovery() discovery {
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	return discovery{turn: turn}
}

// discover gives what a cluster serves. An error is a *provider.Error that passes, or that the sign-in ended, or the context's.
func (p *Provider) discover(ctx context.Context, c *cluster) (*served, error) {
	select {
	case <-c.discovery.turn:
		defer func() { c.discovery.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.discovery.known != nil {
		return c.discovery.known, nil
	}
	known, err := p.readDiscovery(ctx, c)
	if err != nil {
		return nil, err
	}
	c.discovery.known = known
	return known, nil
}

// served is what a cluster serves. What it would not tell counts as served: the call will show.
type served struct {
	groups []*servedGroup
	// untold are why the core group ("api") or all others ("apis") could not be read.
	untold map[string]*provider.Error
}

type servedGroup struct {
	name     string // of the service: core
	versions []*servedVersion
}

// servedVersion is a version of a group. The vendor lists the one to prefer first.
type servedVersion struct {
	name      string
	resources []*servedResource
	// open says that there may be more resources: the server that has them was not reached, or would not tell.
	open bool
	// down says that the server that has the resources was not reached.
	down bool
	// untold is why it is open, if an error said so.
	untold *provider.Error
}

type servedResource struct {
	plural, singular, kind               string
	namespaced                           bool
	verbs, shortNames, categories, under []string
}

func (s *served) group(service string) *servedGroup {
	if i := slices.IndexFunc(s.groups, func(g *servedGroup) bool { return g.name == service }); i >= 0 {
		return s.groups[i]
	}
	return nil
}

// root is the path below which a group lies.
func root(service string) string {
	if service == api.Core {
		return "api"
	}
	return "apis"
}

// mayServe says whether a group is there, as far as known.
func (s *served) mayServe(service string) bool {
	return s.group(service) != nil || s.untold[root(service)] != nil
}

// mayHave says whether some version of a group may have a resource: one that is only served in a version that is not understood
// is not nothing.
func (s *served) mayHave(service, plural string) bool {
	if s.untold[root(service)] != nil {
		return true
	}
	g := s.group(service)
	return g != nil && slices.ContainsFunc(g.versions, func(v *servedVersion) bool { return v.open || v.down || v.has(plural) })
}

// version finds a version of a group; one that nobody would tell of is open.
func (s *served) version(service, name string) *servedVersion {
	if e := s.untold[root(service)]; e != nil {
		return &servedVersion{name: name, open: true, untold: e}
	}
	if g := s.group(service); g != nil {
		for _, v := range g.versions {
			if v.name == name {
				return v
			}
		}
	}
	return nil
}

func (v *servedVersion) resource(plural string) *servedResource {
	if i := slices.IndexFunc(v.resources, func(r *servedResource) bool { return r.plural == plural }); i >= 0 {
		return v.resources[i]
	}
	return nil
}

// has says whether there is a resource, or any of them for api.Every.
func (v *servedVersion) has(plural string) bool {
	if plural == api.Every {
		return len(v.resources) > 0
	}
	return v.resource(plural) != nil
}

// errNotServed says that a cluster has none of the versions asked for.
var errNotServed = errors.New("the cluster does not serve")

// choose takes the first of the targets that the cluster serves. Those of which it is known come before those that it may have.
// Down says that the server behind the target was not reached.
func (s *served) choose(service string, targets []*api.Target) (t *api.Target, down bool, err error) {
	var maybe *api.Target
	var maybeDown bool
	for _, t := range targets {
		v := s.version(service, t.Version)
		if v == nil {
			continue
		}
		if t.Plural == api.Every {
			if len(v.kinds()) > 0 {
				return t, v.down, nil
			}
			continue
		}
		if r := v.resource(t.Plural); r != nil {
			if verb := verbOf(t); len(r.verbs) > 0 && !slices.Contains(r.verbs, verb) && t.Form != api.Configz {
				err = fmt.Errorf("%w %q of %s %s", errNotServed, verb, t.APIVersion(), t.Plural)
				continue
			}
			return t, v.down, nil
		}
		if v.open && maybe == nil {
			maybe, maybeDown = t, v.down
		}
	}
	if maybe != nil {
		return maybe, maybeDown, nil
	}
	if err != nil {
		return nil, false, err
	}
	versions := targets[0].APIVersion()
	for _, t := range targets[1:] {
		versions += ", nor " + t.Version
	}
	what := targets[0].Plural
	if what == api.Every {
		what = "any kind"
	}
	return nil, false, fmt.Errorf("%w %s of %s", errNotServed, what, versions)
}

func verbOf(t *api.Target) string {
	if t.Form == api.Get {
		return "get"
	}
	return "list"
}
