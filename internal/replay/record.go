package replay

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/stancehq/stance/internal/provider"
)

// Recorder is a RoundTripper that remembers what passes through it. Credentials are never kept: request headers are left
// out but for the operation's name, and answers that hand out credentials are left out whole.
type Recorder struct {
	Next http.RoundTripper
	// Rename maps hosts as they were called to hosts as they are remembered; nil keeps them.
	Rename func(*http.Request) string

	mu        sync.Mutex
	exchanges []Exchange
}

// keptHeaders are those answer headers that mean something to a client.
var keptHeaders = []string{"Content-Type", "X-Amz-Bucket-Region", "X-Amzn-Errortype", "Location"}

// RoundTrip implements http.RoundTripper.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	exchange, err := describe(request)
	if err != nil {
		return nil, err
	}
	response, err := r.Next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	if handsOutCredentials(answer) {
		return response, nil
	}
	if r.Rename != nil {
		exchange.Host = r.Rename(request)
	}
	exchange.Call = callOf(request.Context())
	exchange.Status = response.StatusCode
	exchange.Answer = string(answer)
	exchange.Header = map[string]string{}
	for _, name := range keptHeaders {
		if value := response.Header.Get(name); value != "" {
			exchange.Header[name] = value
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, exchange)
	return response, nil
}

// Recording gives what was recorded so far. Answers that a client repeats (throttled, the vendor's trouble) are left out.
func (r *Recorder) Recording() *Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	recording := &Recording{}
	for _, e := range r.exchanges {
		if e.Status != http.StatusTooManyRequests && e.Status < http.StatusInternalServerError || e.Status == http.StatusNotImplemented {
			recording.Exchanges = append(recording.Exchanges, e)
		}
	}
	return recording
}

// handsOutCredentials is broad on purpose: to lose an exchange is better than to keep a key.
func handsOutCredentials(answer []byte) bool {
	text := bytes.ToLower(answer)
	return slices.ContainsFunc(credentials, func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// credentials are words, in lower case, of answers that hand some out.
var credentials = []string{"secretaccesskey", "accesstoken", "refreshtoken", "authorizationtoken", "clientsecret", "private key-----"}

type callKey struct{}

func callOf(ctx context.Context) string {
	call, _ := ctx.Value(callKey{}).(string)
	return call
}

// Named wraps a provider so that exchanges are recorded and served under the name of the call that made them.
func Named(p provider.Provider) provider.Provider { return named{p} }

type named struct{ provider.Provider }

func (n named) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	return n.Provider.Call(context.WithValue(ctx, callKey{}, request.Service+":"+request.Op), request)
}
