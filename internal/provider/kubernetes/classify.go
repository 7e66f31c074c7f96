package kubernetes

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// status is how the API server words an error.
type status struct {
	Kind, Reason, Message string
	Metadata              struct{ Continue string }
	Details               struct{ RetryAfterSeconds int }
}

// fault makes an error of what the server said.
func (p *Provider) fault(q question, got *received) *provider.Error {
	said := status{}
	fault := provider.Fault{Code: fmt.Sprintf("HTTP%d", got.status)}
	isStatus := json.Unmarshal(got.body, &said) == nil && said.Kind == "Status"
	switch {
	case isStatus:
		fault.Code, fault.Message = orDefault(said.Reason, fault.Code), said.Message
	case isHTML(got):
		fault.HTML, fault.Message = true, firstWords(got.body)
	default:
		fault.Message = firstWords(got.body)
	}
	if location := got.header.Get("Location"); location != "" && got.status < http.StatusBadRequest {
		fault.Message = "it sends us on to " + location
	}
	e := &provider.Error{
		Call: q.call, Code: fault.Code, Message: provider.FirstLine(fault.Message), Status: got.status,
		RetryAfter: max(provider.RetryAfter(got.header.Get("Retry-After")), time.Duration(said.Details.RetryAfterSeconds)*time.Second),
	}
	e.Class, e.Wide = provider.Classify(p.rules, q.service, fault, got.status)
	if e.Class == provider.Denied {
		if e.Permissions = q.permissions; len(e.Permissions) == 0 {
			e.Permissions = []string{q.call}
		}
	}
	return e
}

// isHTML says whether a web page came, whatever its status.
func isHTML(got *received) bool {
	return strings.Contains(got.header.Get("Content-Type"), "html") || bytes.HasPrefix(bytes.TrimSpace(got.body), []byte("<"))
}

var (
	unseen = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>`)
	markup = regexp.MustCompile(`(?s)<[^>]*>`)
)

// firstWords is the first line that a person would read in a body.
func firstWords(body []byte) string {
	const enough = 8 << 10
	if len(body) > enough {
		body = body[:enough]
	}
	text := string(body)
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		text = html.UnescapeString(markup.ReplaceAllString(unseen.ReplaceAllString(text, ""), "\n"))
	}
	return provider.FirstLine(text)
}

// transportError makes an error of an exchange that gave no answer.
func transportError(ctx context.Context, c *cluster, call string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &provider.Error{Class: provider.Broken, Call: call, Err: err}
	host := c.base.Host
	var dns *net.DNSError
	var unknownCA x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	switch problem := signInProblem(c, err); {
	case problem != "":
		e.Class, e.Message = provider.Expired, problem
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Message = fmt.Sprintf("there is no host %s: check the kubeconfig, or the VPN", dns.Name)
	case errors.As(err, &unknownCA):
		e.Message = fmt.Sprintf("the certificate of %s is not trusted (%s): set certificate-authority of cluster %q in the kubeconfig", host, unknownCA, c.id)
	case errors.As(err, &invalid):
		e.Message = fmt.Sprintf("the certificate of %s: %s", host, invalid)
	case strings.Contains(err.Error(), "remote error: tls:"), errors.As(err, &noTLS), strings.Contains(err.Error(), "HTTP response to HTTPS"):
		e.Message = fmt.Sprintf("no TLS connection to %s: %s", host, provider.Bare(err))
	default:
		e.Class, e.Message = provider.Unanswered(host, err)
	}
	if e.Class != provider.Expired {
		e.Message += provider.Through(c.proxy())
	}
	e.Message = provider.Clip(e.Message)
	return e
}

// signInProblem words why there are no credentials to send, if that is what is wrong. The library gives it as text alone.
func signInProblem(c *cluster, err error) string {
	text := provider.Bare(err)
	said, fromPlugin := strings.CutPrefix(text, "getting credentials: ")
	switch plugin := c.config.ExecProvider; {
	case plugin != nil && fromPlugin:
		said = strings.TrimPrefix(said, "exec: ")
		if strings.HasPrefix(said, "executable ") && strings.Contains(provider.FirstLine(said), "not found") {
			hint := provider.FirstLine(plugin.InstallHint)
			return strings.TrimSpace(fmt.Sprintf("user %q signs in by the program %s, which is not installed. %s", c.user, plugin.Command, hint))
		}
		said = strings.TrimPrefix(said, "executable "+plugin.Command+" failed with ")
		return fmt.Sprintf("user %q signs in by the program %s, which fails: %s", c.user, plugin.Command, provider.FirstLine(said))
	case c.config.AuthProvider != nil && (strings.Contains(text, "refresh token") || strings.Contains(text, "id-token") || strings.Contains(text, "oidc")):
		return fmt.Sprintf("user %q signs in by %s, which fails: %s", c.user, c.config.AuthProvider.Name, provider.FirstLine(text))
	case c.config.BearerTokenFile != "" && strings.Contains(text, "token") && strings.Contains(text, c.config.BearerTokenFile):
		return provider.FirstLine(text)
	}
	return ""
}
