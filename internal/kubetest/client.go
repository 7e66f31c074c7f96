package kubetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"

	"go.yaml.in/yaml/v4"
)

// Client speaks HTTP to the API server as a user does, by that user's certificate.
func (c *Cluster) Client(user string) (*http.Client, error) {
	text, err := os.ReadFile(c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Authority string `yaml:"certificate-authority-data"`
			}
		}
		Users []struct {
			Name string
			User struct {
				Certificate string `yaml:"client-certificate-data"`
				Key         string `yaml:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.Kubeconfig, err)
	}
	for _, u := range config.Users {
		if u.Name == user {
			return newClient(config.Clusters[0].Cluster.Authority, u.User.Certificate, u.User.Key)
		}
	}
	return nil, fmt.Errorf("%s has no user %s", c.Kubeconfig, user)
}

// newClient takes PEM in base64.
func newClient(encoded ...string) (*http.Client, error) {
	parts := make([][]byte, len(encoded))
	for i, part := range encoded {
		var err error
		if parts[i], err = base64.StdEncoding.DecodeString(part); err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
	}
	certificate, err := tls.X509KeyPair(parts[1], parts[2])
	if err != nil {
		return nil, fmt.Errorf("read a client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(parts[0])
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}}, nil
}

// Apply creates an object as admin, or makes it as it says, which is its YAML or JSON; path is that of the object:
// /api/v1/namespaces/shop/configmaps/a. What the object is must agree with that.
func (c *Cluster) Apply(ctx context.Context, path, object string) error {
	return c.as(ctx, http.MethodPatch, path+"?fieldManager=kubetest&force=true&fieldValidation=Strict", object)
}

// Delete deletes the object at a path, as admin.
func (c *Cluster) Delete(ctx context.Context, path string) error {
	return c.as(ctx, http.MethodDelete, path, "")
}

func (c *Cluster) as(ctx context.Context, method, path, body string) error {
	client, err := c.Client(Admin)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/apply-patch+yaml")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	return err
}
