package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client speaks to the API server as one user.
type client struct {
	url  string
	http *http.Client

	known map[string]map[string]resource // by apiVersion, then by kind; of one goroutine
}

// resource is where the objects of a kind are.
type resource struct {
	path       string // of all of them: /apis/apps/v1
	plural     string
	namespaced bool
	status     bool // has the subresource
}

// object is a Kubernetes object.
type object map[string]any

// The forms of a change.
const (
	asJSON  = "application/json"
	asApply = "application/apply-patch+yaml" // JSON is YAML
	asMerge = "application/merge-patch+json"
)

func newClient(url string, authority *x509.Certificate, p pair) (*client, error) {
	certificate, err := tls.X509KeyPair(p.certificate, p.key)
	if err != nil {
		return nil, fmt.Errorf("read the client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}
	return &client{url: url, http: &http.Client{Transport: transport, Timeout: time.Minute}, known: map[string]map[string]resource{}}, nil
}

// send gives the answer, or what the API server says is wrong.
func (c *client) send(ctx context.Context, method, path, form string, body any) ([]byte, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", asJSON)
	if form != "" {
		request.Header.Set("Content-Type", form)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = refusal(response.Status, answer)
	}
	return answer, err
}

// refusal is what a Status object says, or the plain text.
func refusal(status string, answer []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &said) != nil || said.Message == "" {
		said.Message = string(answer[:min(len(answer), 300)])
	}
	return fmt.Errorf("%s: %s", status, said.Message)
}

// list gives all objects below a path.
func (c *client) list(ctx context.Context, path string) ([]object, error) {
	answer, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", path, err)
	}
	var all struct {
		Items []object `json:"items"`
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, fmt.Errorf("list %s: %w", path, err)
	}
	return all.Items, nil
}

// find asks the API server where objects of a kind are.
func (c *client) find(ctx context.Context, apiVersion, kind string) (resource, error) {
	kinds, ok := c.known[apiVersion]
	if !ok {
		var err error
		if kinds, err = c.discover(ctx, apiVersion); err != nil {
			return resource{}, fmt.Errorf("find the kinds of %s: %w", apiVersion, err)
		}
		c.known[apiVersion] = kinds
	}
	found, ok := kinds[kind]
	if !ok {
		delete(c.known, apiVersion) // a definition may add it
		return resource{}, fmt.Errorf("the API server has no kind %s in %s", kind, apiVersion)
	}
	return found, nil
}

func (c *client) discover(ctx context.Context, apiVersion string) (map[string]resource, error) {
	path := "/apis/" + apiVersion
	if !strings.Contains(apiVersion, "/") {
		path = "/api/" + apiVersion
	}
	answer, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	var all struct {
		Resources []struct {
			Name, Kind string
			Namespaced bool
		}
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, err
	}
	kinds, statuses := map[string]resource{}, map[string]bool{}
	for _, r := range all.Resources {
		name, sub, is := strings.Cut(r.Name, "/")
		switch {
		case !is:
			kinds[r.Kind] = resource{path: path, plural: name, namespaced: r.Namespaced}
		case sub == "status":
			statuses[name] = true
		}
	}
	for kind, r := range kinds {
		r.status = statuses[r.plural]
		kinds[kind] = r
	}
	return kinds, nil
}

// of is the path of one object, or of all in the namespace if it has no name.
func (r resource) of(namespace, name string) string {
	path := r.path
	if r.namespaced && namespace != "" {
		path += "/namespaces/" + namespace
	}
	path += "/" + r.plural
	if name != "" {
		path += "/" + name
	}
	return path
}
