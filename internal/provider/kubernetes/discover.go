package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// acceptDiscovery asks for everything in one answer, which servers since 1.27 give; others answer in the form that they have.
const acceptDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

// discoveryAtOnce bounds how many versions are asked for at the same time, where each has to be.
const discoveryAtOnce = 8

// groupList is an answer of /api or /apis, in the form of any version.
type groupList struct {
	Kind  string
	Items []struct { // APIGroupDiscoveryList
		Metadata struct{ Name string }
		Versions []struct {
			Version   string
			Freshness string
			Resources []struct {
				Resource, SingularResource, Scope string
				ResponseKind                      struct{ Kind string }
				Verbs, ShortNames, Categories     []string
				Subresources                      []struct{ Subresource string }
			}
		}
	}
	Versions []string   // APIVersions
	Groups   []struct { // APIGroupList
		Name             string
		Versions         []struct{ Version string }
		PreferredVersion struct{ Version string }
	}
}

// resourceList is an answer of /apis/{group}/{version}.
type resourceList struct {
	Resources []struct {
		Name, SingularName, Kind      string
		Namespaced                    bool
		Verbs, ShortNames, Categories []string
	}
}

func (p *Provider) readDiscovery(ctx context.Context, c *cluster) (*served, error) {
	s := &served{untold: map[string]*provider.Error{}}
	for _, path := range []string{"api", "apis"} {
		q := question{call: "server:api-resources", service: api.Server, path: path, accept: acceptDiscovery, permissions: []string{"get /" + path}}
		got, err := p.ask(ctx, c, q)
		var list groupList
		if err == nil {
			err = decodeDiscovery(q.call, got, &list)
		}
		if err == nil {
			err = p.addGroups(ctx, c, s, path, &list)
		}
		var e *provider.Error
		switch {
		case err == nil:
		case !errors.As(err, &e) || passes(e):
			return nil, err
		default:
			p.log.Debug("the cluster does not tell its kinds", "account", c.id, "path", path, "cause", e.Error())
			s.untold[path] = e
		}
	}
	return s, nil
}

// passes says whether an error is of the moment, or of all calls together.
func passes(e *provider.Error) bool {
	return e.Class == provider.Throttled || e.Class == provider.Retryable || e.Class == provider.Expired
}

func decodeDiscovery(call string, got *received, into any) error {
	if err := json.Unmarshal(got.body, into); err != nil {
		return &provider.Error{Class: provider.Broken, Call: call, Message: fmt.Sprintf("discovery is not JSON: %q", firstWords(got.body)), Err: err}
	}
	return nil
}

func (p *Provider) addGroups(ctx context.Context, c *cluster, s *served, path string, list *groupList) error {
	switch {
	case list.Kind == "APIGroupDiscoveryList":
		s.addAggregated(list)
		return nil
	case path == "api":
		g := &servedGroup{name: api.Core}
		for _, v := range list.Versions {
			g.versions = append(g.versions, &servedVersion{name: v})
		}
		s.groups = append(s.groups, g)
	default:
		for _, found := range list.Groups {
			g := &servedGroup{name: found.Name}
			for _, v := range found.Versions {
				version := &servedVersion{name: v.Version}
				if v.Version == found.PreferredVersion.Version {
					g.versions = append([]*servedVersion{version}, g.versions...)
					continue
				}
				g.versions = append(g.versions, version)
			}
			s.groups = append(s.groups, g)
		}
	}
	return p.addVersions(ctx, c, s, path)
}

// addAggregated takes the answer that has everything. A version whose server is not reached is stale: what it lists is what it
// was seen with before, if it was.
func (s *served) addAggregated(list *groupList) {
	for _, found := range list.Items {
		g := &servedGroup{name: orDefault(found.Metadata.Name, api.Core)}
		for _, v := range found.Versions {
			stale := v.Freshness == "Stale"
			version := &servedVersion{name: v.Version, open: stale, down: stale}
			for _, r := range v.Resources {
				if r.ResponseKind.Kind == "" && len(r.Verbs) == 0 { // a mere parent of subresources
					continue
				}
				resource := &servedResource{
					plural: r.Resource, singular: r.SingularResource, kind: r.ResponseKind.Kind, namespaced: r.Scope == "Namespaced",
					verbs: r.Verbs, shortNames: r.ShortNames, categories: r.Categories,
				}
				for _, sub := range r.Subresources {
					resource.under = append(resource.under, sub.Subresource)
				}
				version.resources = append(version.resources, resource)
			}
			g.versions = append(g.versions, version)
		}
		s.groups = append(s.groups, g)
	}
}

// addVersions asks for the resources of each version, of servers that do not tell them together.
func (p *Provider) addVersions(ctx context.Context, c *cluster, s *served, path string) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(discoveryAtOnce)
	for _, g := range s.groups {
		if root(g.name) != path {
			continue
		}
		for _, v := range g.versions {
			group.Go(func() error { return p.addResources(groupCtx, c, g.name, v) })
		}
	}
	return group.Wait()
}

// addResources asks for the resources of one version. If its server is down, that is the version's, not the cluster's.
func (p *Provider) addResources(ctx context.Context, c *cluster, service string, v *servedVersion) error {
	q := question{call: "server:api-resources", service: api.Server, path: versionPath(service, v.name)}
	q.permissions = []string{"get /" + q.path}
	got, err := p.ask(ctx, c, q)
	var list resourceList
	if err == nil {
		err = decodeDiscovery(q.call, got, &list)
	}
	var e *provider.Error
	if err != nil {
		if !errors.As(err, &e) || e.Class == provider.Throttled || e.Class == provider.Expired || e.Class == provider.Retryable && e.Status == 0 {
			return err
		}
		v.open, v.down, v.untold = true, e.Class == provider.Retryable, e
		return nil
	}
	for _, r := range list.Resources {
		if plural, sub, is := strings.Cut(r.Name, "/"); is {
			if parent := v.resource(plural); parent != nil {
				parent.under = append(parent.under, sub)
			}
			continue
		}
		v.resources = append(v.resources, &servedResource{
			plural: r.Name, singular: r.SingularName, kind: r.Kind, namespaced: r.Namespaced,
			verbs: r.Verbs, shortNames: r.ShortNames, categories: r.Categories,
		})
	}
	return nil
}

// versionPath is where a version of a group lies.
func versionPath(service, version string) string {
	if service == api.Core {
		return "api/" + url.PathEscape(version)
	}
	return "apis/" + url.PathEscape(service) + "/" + url.PathEscape(version)
}
