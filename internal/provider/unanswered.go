package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Unanswered says what became of an exchange with a host that gave no answer, as far as that is the same for every vendor. What a
// user can do about it, as with a name that is not known or a certificate that is not trusted, the vendor knows and words first.
func Unanswered(host string, err error) (class Class, message string) {
	var wrongHost x509.HostnameError
	switch {
	case errors.Is(err, ErrLarge):
		return Broken, err.Error()
	case errors.Is(err, ErrIdle):
		return Retryable, fmt.Sprintf("%s: %s", host, err)
	case errors.As(err, &wrongHost):
		return Broken, fmt.Sprintf("the certificate is not for %s: %s", host, wrongHost)
	case errors.Is(err, io.ErrUnexpectedEOF), strings.HasPrefix(Bare(err), "stream error:"): // the second is HTTP/2's
		return Retryable, fmt.Sprintf("the answer of %s ended in the middle", host)
	case errors.Is(err, io.EOF):
		return Retryable, fmt.Sprintf("%s closed the connection without an answer", host)
	}
	// Resets, refusals, time-outs, broken streams: the collector's time budget bounds how often they are tried.
	return Retryable, Bare(err)
}

// Through ends a message about an exchange with the proxy that it went through, if there is one.
func Through(proxy *url.URL) string {
	if proxy == nil {
		return ""
	}
	return fmt.Sprintf(" (through the proxy %s)", proxy.Redacted())
}

// Bare takes off what net/http puts before an error: the method and the whole URL.
func Bare(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil || !strings.HasPrefix(err.Error(), "Get ") && !strings.HasPrefix(err.Error(), "Post ") &&
			!strings.HasPrefix(err.Error(), "Head ") {
			return err.Error()
		}
		err = inner
	}
}
