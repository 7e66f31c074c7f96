package kubernetes

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc" // a sign-in that the kubeconfig may name
	"k8s.io/client-go/rest"

	"github.com/stancehq/stance/internal/provider"
)

// cluster is an account: a cluster and the way to it.
type cluster struct {
	target
	base   *url.URL
	client *http.Client
	err    *provider.Error // why nothing can be asked of it

	discovery discovery
	tls       atomic.Pointer[tls.ConnectionState] // of the last connection
}

// signInCall is what an error of the sign-in itself is about, which has no call.
const signInCall = "sign-in"

func newCluster(t target) *cluster {
	c := &cluster{target: t, discovery: newDiscovery()}
	refuse := func(class provider.Class, err error) *cluster {
		c.err = &provider.Error{Class: class, Call: signInCall, Message: provider.Clip(err.Error()), Err: err}
		return c
	}
	if t.err != nil {
		return refuse(provider.Broken, t.err)
	}
	var err error
	if c.base, _, err = rest.DefaultServerUrlFor(t.config); err != nil {
		return refuse(provider.Broken, fmt.Errorf("the address %q of the cluster: %w", t.config.Host, err))
	}
	if err := certificateEnded(t); err != nil {
		return refuse(provider.Expired, err)
	}
	t.config.UserAgent = "stance"
	client, err := rest.HTTPClientFor(t.config)
	if err != nil {
		return refuse(provider.Broken, fmt.Errorf("user %q: %w", t.user, err))
	}
	own := *client
	// The library puts the credentials into every request, whatever its host: they must not follow a redirect.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.client = &own
	return c
}

// certificateEnded says whether the user's certificate is out of date. The cluster would only say "Unauthorized".
func certificateEnded(t target) error {
	data := t.config.CertData
	if len(data) == 0 && t.config.CertFile != "" {
		var err error
		if data, err = os.ReadFile(t.config.CertFile); err != nil {
			return nil //nolint:nilerr // the library says it better
		}
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil //nolint:nilerr // the library says it better
	}
	switch now := time.Now(); {
	case now.After(certificate.NotAfter):
		return fmt.Errorf("the client certificate of %q ended on %s: renew it", t.user, certificate.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(certificate.NotBefore):
		return fmt.Errorf("the client certificate of %q begins on %s: is this machine's clock right?", t.user, certificate.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// renews says whether a second request may bring other credentials than the first.
func (c *cluster) renews() bool {
	return c.config.ExecProvider != nil || c.config.AuthProvider != nil || c.config.BearerTokenFile != ""
}

// proxy gives the proxy that requests go through, or nil.
func (c *cluster) proxy() *url.URL {
	find := http.ProxyFromEnvironment
	if c.config.Proxy != nil {
		find = c.config.Proxy
	}
	proxy, err := find(&http.Request{URL: c.base})
	if err != nil {
		return nil
	}
	return proxy
}
