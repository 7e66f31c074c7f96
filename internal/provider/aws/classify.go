package aws

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// classifier says what an error means, by the rules of provider.yaml.
type classifier struct{ rules []content.ErrorRule }

func newClassifier(p *content.Provider) *classifier {
	if p == nil {
		return &classifier{}
	}
	return &classifier{rules: p.Errors}
}

// fault makes an error of what a service said.
func (c *classifier) fault(service, call string, fault wire.Fault, response *http.Response) *provider.Error {
	e := &provider.Error{
		Call: call, Code: fault.Code, Message: cleanMessage(fault.Message), Status: response.StatusCode,
		RetryAfter: provider.RetryAfter(response.Header.Get("Retry-After")),
	}
	e.Class, e.Wide = c.class(service, fault, response.StatusCode)
	return e
}

// class finds the first rule that holds.
func (c *classifier) class(service string, fault wire.Fault, status int) (class provider.Class, wide bool) {
	return provider.Classify(c.rules, service, provider.Fault(fault), status)
}

// transportError makes an error of an exchange that gave no answer.
func (p *Provider) transportError(ctx context.Context, call string, to *target, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &provider.Error{Class: provider.Broken, Call: call, Err: err}
	host := to.base.Host
	var dns *net.DNSError
	var unknownCA x509.UnknownAuthorityError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound && !to.configured:
		e.Class, e.Message = provider.Unsupported, fmt.Sprintf("there is no host %s", dns.Name)
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Message = fmt.Sprintf("there is no host %s: check the endpoint that is configured", dns.Name)
	case errors.As(err, &unknownCA):
		e.Message = fmt.Sprintf("the certificate of %s is not trusted (%s): behind a proxy that opens TLS, set AWS_CA_BUNDLE to its certificate", host, err)
	default:
		e.Class, e.Message = provider.Unanswered(host, err)
	}
	if e.Class != provider.Unsupported {
		e.Message += provider.Through(p.proxy(to.base))
	}
	e.Message = clip(e.Message)
	return e
}

// actionIn finds the action in the vendor's words about a denial.
var actionIn = regexp.MustCompile(`not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)`)

// permissions says what was lacking: the action that the vendor names, else what the call needs.
func permissions(op *wire.Operation, message string) []string {
	if m := actionIn.FindStringSubmatch(message); m != nil {
		return []string{m[1]}
	}
	if len(op.Model.Permissions) > 0 {
		return op.Model.Permissions
	}
	return []string{op.Call()}
}

// policyIn finds in the vendor's words that a policy of the organization denies the call: by a statement, or because it allows
// other calls only. What other policies say is the caller's, or one resource's.
var policyIn = regexp.MustCompile(`(?:explicit deny in a|no) (service control policy)\b`)

// above names the kind of policy above the account that denies a call; empty if the vendor names none.
func above(message string) string {
	if m := policyIn.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// noise is what differs from call to call: request identifiers and encoded details. It would make equal causes look different.
var noise = regexp.MustCompile(`(?i)[\s;,.(]*(encoded authorization failure message:\s*\S+|\(?(service: [^;()]+; status code: \d+; error code: \w+; )?(extended )?(request|host)[ -]?id:?\s*[0-9a-z+/=_-]{8,}(; proxy: \w+)?\)?)`)

// cleanMessage keeps the first line that says something, without noise.
func cleanMessage(text string) string { return provider.FirstLine(noise.ReplaceAllString(text, "")) }

func clip(text string) string { return provider.Clip(text) }
