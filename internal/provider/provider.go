// Package provider says what the engine needs of a vendor's cloud: who is signed in, which scopes there are, and one
// generic call. It knows no service. The vendors are its subfolders; only cmd imports those. What they share is here too: how a
// request is sent, and what an error means.
package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/stancehq/stance/internal/content"
)

// Provider is one vendor's cloud, signed in. Its methods are safe for concurrent use.
//
// Call makes exactly one exchange with the vendor (redirects, a corrected clock and a refreshed credential apart). It
// neither retries nor waits: rate limits and retries are the collector's, who sees every answer.
type Provider interface {
	// ID is the folder of its content: "aws".
	ID() string
	// API describes the operations.
	API() content.API
	// Accounts lists what is to be scanned. An account that refuses is listed with its Err.
	Accounts(ctx context.Context) ([]Account, error)
	// Available says whether the service exists in the scope, from the vendor's endpoint data and at most one DNS look-up.
	// It returns nil, or an *Error of class Unsupported.
	Available(ctx context.Context, scope Scope, service string) error
	// Home is the region of the one endpoint that a service has in the scope's partition, or empty if every region has its
	// own. What such a service lists is the same from everywhere: a list is made in its home alone, while a call about a
	// resource elsewhere goes there too, in a scope without region.
	Home(scope Scope, service string) string
	// Call asks for one page. Errors are *Error, or the context's.
	Call(ctx context.Context, request Request) (*Answer, error)
}

// Account is a subscription, project, cluster: the unit that owns resources and that a sign-in is valid for.
type Account struct {
	ID        string
	Name      string
	Partition string   // aws, aws-cn, aws-us-gov; empty where a vendor has one only
	Regions   []string // to visit
	Err       error    // set if the account refused the sign-in: nothing in it can be told
	// RegionsErr is set if nobody could tell which regions the account uses: Regions are those that every account has, and
	// there may be more.
	RegionsErr error
}

// Scope is where a call goes. Region is empty for what is asked once per account.
type Scope struct {
	Account   string
	Partition string
	Region    string
}

// Request is one page of one call.
type Request struct {
	Scope       Scope
	Service, Op string
	// Older are operations to ask instead, in this order, if Op is not served.
	Older []string
	// Input holds JSON-like values by the vendor's member names: string, bool, int64, float64, []any, map[string]any.
	Input map[string]any
	// Page is what Answer.Next of the page before said; empty for the first.
	Page string
	// Limit asks for this many results a page where the operation takes a limit; 0 leaves the most that it allows.
	Limit int
}

// Answer is one page.
type Answer struct {
	// Document is the answer's body as JSON text, names as in the API description.
	Document []byte
	// Next continues; empty on the last page.
	Next string
	// Bytes on the wire.
	Bytes int
}

// Class says what an error means for a verdict, whatever the vendor calls it.
type Class string

// Classes of errors. Absent is not among them: what means "not configured" is said by the table.
const (
	Denied      Class = "denied"      // the caller lacks a permission
	Throttled   Class = "throttled"   // too many calls: wait and repeat
	Unsupported Class = "unsupported" // the service, region or feature is not there, not subscribed or not opted in
	Expired     Class = "expired"     // the sign-in ended and could not be renewed
	Gone        Class = "gone"        // the resource was deleted since it was listed
	Retryable   Class = "retryable"   // the vendor's trouble: connection reset, time-out, 5xx
	Broken      Class = "broken"      // an answer that cannot be understood, or an error of no known kind
	Skipped     Class = "skipped"     // not asked for in this scan
)

// Error is a call that gave no answer.
type Error struct {
	Class   Class
	Call    string // s3:GetBucketVersioning
	Code    string // the vendor's: AccessDenied; HTTP404 where the answer has none
	Message string // first line of the vendor's words, without request ids, at most 300 bytes
	Status  int    // HTTP status, 0 if there was none
	// Permissions are what the call needs, for class Denied.
	Permissions []string
	// By is the kind of policy above the account that denies the call to everybody in it, such as "service control policy";
	// empty if none is known to.
	By string
	// RetryAfter is the vendor's wish; 0 if it has none.
	RetryAfter time.Duration
	// Wide says of class Unsupported that it holds for every operation of the service in this account and region, such as
	// a service that is not subscribed to: the collector does not ask it again.
	Wide bool
	Err  error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Class, e.Call)
	if e.Class == Denied && len(e.Permissions) > 0 {
		s = fmt.Sprintf("%s: %s", e.Class, e.Permissions[0])
		for _, p := range e.Permissions[1:] {
			s += " + " + p
		}
		if e.Permissions[0] != e.Call {
			s += " for " + e.Call
		}
	}
	if e.Class == Denied && e.By != "" {
		s += ", which a " + e.By + " forbids"
	}
	switch {
	case e.Code != "" && e.Message != "":
		s += fmt.Sprintf(" (%s: %s)", e.Code, e.Message)
	case e.Code != "" || e.Message != "":
		s += fmt.Sprintf(" (%s%s)", e.Code, e.Message)
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
