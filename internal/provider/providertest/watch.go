package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/provider"
)

// Seen is what passed between the collector and a provider.
type Seen struct {
	Calls    int64
	Requests map[string]provider.Request // the first of each call, by its name
	Breaches []string                    // what was not as the interface says, each kind once

	mu sync.Mutex
}

// watched notes what passes, and changes nothing.
type watched struct {
	provider.Provider
	seen *Seen
}

func (w *watched) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	answer, err := w.Provider.Call(ctx, request)
	call := nameOf(request)
	breach := breachOf(ctx, request, answer, err)
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	w.seen.Calls++
	if _, known := w.seen.Requests[call]; !known {
		w.seen.Requests[call] = request
	}
	if breach != "" {
		if breach = call + ": " + breach; !slices.Contains(w.seen.Breaches, breach) {
			w.seen.Breaches = append(w.seen.Breaches, breach)
		}
	}
	return answer, err
}

func nameOf(request provider.Request) string { return request.Service + ":" + request.Op }

// classes are all that an error may have.
var classes = []provider.Class{
	provider.Denied, provider.Throttled, provider.Unsupported, provider.Expired, provider.Gone, provider.Retryable, provider.Broken, provider.Skipped,
}

// breachOf says what of an answer is not as the interface says; empty if all is.
func breachOf(ctx context.Context, request provider.Request, answer *provider.Answer, err error) string {
	switch {
	case err == nil && answer == nil:
		return "neither an answer nor an error"
	case err != nil && answer != nil:
		return "an answer beside an error"
	case err == nil && !json.Valid(answer.Document):
		return "the answer is not JSON"
	case err == nil && answer.Next != "" && answer.Next == request.Page:
		return "the answer names its own page as the next"
	case err == nil:
		return ""
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ""
	}
	return errorBreach(nameOf(request), err)
}

// isNotThere says whether an error tells that what a call is about does not exist here at all: then it names the service, or the kind
// within it, and not the call.
func isNotThere(call string, e *provider.Error) bool {
	service, _, _ := strings.Cut(call, ":")
	return e.Class == provider.Unsupported && (e.Call == service || strings.HasPrefix(e.Call, service+"/"))
}

// errorBreach says what of a provider's error is not as the interface says.
func errorBreach(call string, err error) string {
	e, ok := err.(*provider.Error) //nolint:errorlint // that it is one, not that it wraps one, is promised
	switch {
	case !ok:
		return fmt.Sprintf("the error is a %T: %v", err, err)
	case e == nil:
		return "the error is a nil *provider.Error, which is no error and not nil"
	case !slices.Contains(classes, e.Class):
		return fmt.Sprintf("the error has the class %q: %v", e.Class, err)
	case call != "" && e.Call != call && !isNotThere(call, e):
		return fmt.Sprintf("the error is of the call %q: %v", e.Call, err)
	case len(e.Message) > provider.MaxMessage:
		return fmt.Sprintf("the error's message has %d bytes", len(e.Message))
	}
	return ""
}
