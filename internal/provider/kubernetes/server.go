package kubernetes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// acceptPage prefers a server's page for people as JSON, which it has since 1.35.
const acceptPage = "application/json;v=v1beta1;g=config.k8s.io;as=%[1]s,application/json;v=v1alpha1;g=config.k8s.io;as=%[1]s,text/plain"

// server asks for what is no resource.
func (p *Provider) server(ctx context.Context, c *cluster, q question, request provider.Request) (*provider.Answer, error) {
	if request.Op != "metrics" {
		if err := inputs(request.Input, nil); err != nil {
			return nil, broken(q, err)
		}
	}
	q.path = request.Op
	switch request.Op {
	case "version":
		return p.object(ctx, c, q)
	case "openid-configuration":
		q.path = ".well-known/openid-configuration"
		return p.object(ctx, c, q)
	case "readyz", "livez":
		q.query, q.accept = map[string][]string{"verbose": {""}}, "text/plain, */*"
		q.answered = []int{http.StatusInternalServerError, http.StatusServiceUnavailable}
		return p.read(ctx, c, q, readHealth)
	case "flagz":
		q.accept = fmt.Sprintf(acceptPage, "Flagz")
		return p.read(ctx, c, q, readFlags)
	case "statusz":
		q.accept = fmt.Sprintf(acceptPage, "Statusz")
		return p.read(ctx, c, q, readStatus)
	case "metrics":
		return p.metrics(ctx, c, q, request.Input)
	case "api-resources":
		return p.apiResources(ctx, c, q)
	case "connection":
		return p.connection(ctx, c, q)
	}
	return nil, broken(q, fmt.Errorf("it is described, and the client does not know it"))
}

// read asks for an answer in text and makes a document of it.
func (p *Provider) read(ctx context.Context, c *cluster, q question, read func(*received) (any, error)) (*provider.Answer, error) {
	got, err := p.ask(ctx, c, q)
	if err != nil {
		return nil, err
	}
	if isHTML(got) {
		return nil, p.fault(q, got)
	}
	doc, err := read(got)
	if errors.Is(err, errNoAnswer) {
		return nil, p.fault(q, got)
	}
	if err != nil {
		return nil, broken(q, err)
	}
	return written(q, doc, len(got.body))
}

func written(q question, doc any, bytes int) (*provider.Answer, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, broken(q, err)
	}
	return &provider.Answer{Document: data, Bytes: bytes}, nil
}

// apiResource is a row of server:api-resources.
type apiResource struct {
	Group        string   `json:"group"`
	Version      string   `json:"version"`
	Plural       string   `json:"plural"`
	Singular     string   `json:"singular"`
	Kind         string   `json:"kind"`
	Namespaced   bool     `json:"namespaced"`
	Verbs        []string `json:"verbs"`
	Categories   []string `json:"categories"`
	ShortNames   []string `json:"short_names"`
	Preferred    bool     `json:"preferred"`
	Subresources []string `json:"subresources"`
}

// apiResources tells what discovery told.
func (p *Provider) apiResources(ctx context.Context, c *cluster, q question) (*provider.Answer, error) {
	known, err := p.discover(ctx, c)
	if err != nil {
		return nil, renamed(err, q.call)
	}
	for _, root := range []string{"api", "apis"} {
		if e := known.untold[root]; e != nil {
			return nil, renamed(e, q.call)
		}
	}
	list := []apiResource{}
	for _, g := range known.groups {
		group := g.name
		if group == api.Core {
			group = ""
		}
		for i, v := range g.versions {
			for _, r := range v.resources {
				list = append(list, apiResource{
					Group: group, Version: v.name, Plural: r.plural, Singular: r.singular, Kind: r.kind, Namespaced: r.namespaced, Verbs: texts(r.verbs),
					Categories: texts(r.categories), ShortNames: texts(r.shortNames), Preferred: i == 0, Subresources: texts(r.under),
				})
			}
		}
	}
	return written(q, map[string]any{"resources": list}, 0)
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// chain writes certificates in PEM.
func chain(certificates []*x509.Certificate) string {
	var text strings.Builder
	for _, c := range certificates {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return text.String()
}

// connection tells what the TLS handshake showed.
func (p *Provider) connection(ctx context.Context, c *cluster, q question) (*provider.Answer, error) {
	state := c.tls.Load()
	if state == nil && c.base.Scheme == "https" {
		version := q
		version.path = "version"
		if got, err := p.ask(ctx, c, version); got == nil && err != nil {
			return nil, err
		}
		state = c.tls.Load()
	}
	host := c.base.Hostname()
	addresses := []string{}
	if address, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, address.String())
	} else if found, err := p.options.lookupHost(ctx, host); err == nil { // behind a proxy a name may mean nothing here
		addresses = found
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	endpoint := *c.base
	endpoint.User = nil
	doc := map[string]any{"endpoint": endpoint.String(), "host": host, "addresses": addresses}
	if state != nil && len(state.PeerCertificates) > 0 {
		certificate := state.PeerCertificates[0]
		names := slices.Clone(texts(certificate.DNSNames)) // the certificate is shared
		for _, ip := range certificate.IPAddresses {
			names = append(names, ip.String())
		}
		doc["tls_version"] = tls.VersionName(state.Version)
		doc["serving_not_before"] = certificate.NotBefore.UTC().Format(time.RFC3339)
		doc["serving_not_after"] = certificate.NotAfter.UTC().Format(time.RFC3339)
		doc["serving_names"] = names
		doc["issuer"] = certificate.Issuer.String()
		doc["serving_chain"] = chain(state.PeerCertificates)
	}
	return written(q, doc, 0)
}
