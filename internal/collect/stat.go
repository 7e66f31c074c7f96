package collect

import (
	"cmp"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// stat counts what was done for one cell, and what failed.
type stat struct {
	mu        sync.Mutex
	calls     int64
	retries   int64
	throttles int64
	bytes     int64
	spent     time.Duration
	answered  bool // at least one call did
	failures  failures
}

// failure is how often a class of error left something unknown, and one of its texts.
type failure struct {
	Count int64  `json:"n"`
	Cause string `json:"cause"`
}

type failures map[provider.Class]failure

func (s *stat) called(took time.Duration, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.spent += took
	s.bytes += int64(bytes)
}

func (s *stat) throttled() { s.mu.Lock(); s.throttles++; s.mu.Unlock() }
func (s *stat) retried()   { s.mu.Lock(); s.retries++; s.mu.Unlock() }
func (s *stat) succeeded() { s.mu.Lock(); s.answered = true; s.mu.Unlock() }

// fail notes something that is not known. Of the causes of a class the first by the alphabet is kept, not the first in
// time: so that two scans of the same cloud say the same. That a service does not exist gives way to all else, for it alone
// leaves nothing unknown.
func (s *stat) fail(class provider.Class, cause string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == nil {
		s.failures = failures{}
	}
	f := s.failures[class]
	f.Count++
	if f.Cause == "" || NoService(f.Cause) && !NoService(cause) || cause < f.Cause && NoService(f.Cause) == NoService(cause) {
		f.Cause = cause
	}
	s.failures[class] = f
}

// severity orders classes that failed equally often: what a person can act on comes first.
var severity = []provider.Class{
	provider.Expired, provider.Denied, provider.Throttled, provider.Broken, provider.Retryable, provider.Unsupported,
	provider.Gone, provider.Skipped, classDisabled,
}

// classDisabled marks what hangs on an account that refused the sign-in.
const classDisabled provider.Class = "disabled"

// noService is the cause of a call to a service that does not exist in a region. provider.Available names the service alone
// ("unsupported: ec2 (ec2 is not in eu-neu-9)"); what is unsupported for another reason, such as a subscription, names the call.
var noService = regexp.MustCompile(`^unsupported: (no endpoint|[^ :(]+( \(|$))`)

// NoService tells whether a cause says that a service does not exist in a region: what a list of it would give is then known
// to be nothing.
func NoService(cause string) bool { return noService.MatchString(cause) }

// worst is the class that failed most, and one of its texts. That something is not there at all is the worst only if nothing
// else failed: it must not hide what was there and could not be seen.
func (f failures) worst() (provider.Class, string) {
	classes := make([]provider.Class, 0, len(f))
	for c := range f {
		classes = append(classes, c)
	}
	slices.SortFunc(classes, func(a, b provider.Class) int {
		if x, y := a == provider.Unsupported, b == provider.Unsupported; x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(f[b].Count, f[a].Count), cmp.Compare(slices.Index(severity, a), slices.Index(severity, b)))
	})
	return classes[0], f[classes[0]].Cause
}

func (f failures) total() int64 {
	var n int64
	for _, x := range f {
		n += x.Count
	}
	return n
}

// statusOf is the status of a cell of which nothing is known, for a class of error.
func statusOf(class provider.Class) Status {
	switch class {
	case provider.Denied:
		return Denied
	case provider.Throttled:
		return Throttled
	case provider.Unsupported:
		return Unsupported
	case provider.Skipped:
		return Skipped
	case classDisabled:
		return Disabled
	case provider.Gone:
		return Partial // what remains is known, and what is gone has nothing to be known
	}
	return Failed
}

// cell fills in what the stat knows. some tells whether a part of the cell is known.
func (s *stat) cell(c Cell, some bool) Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Status, c.Calls, c.Retries, c.Throttles, c.Bytes = OK, s.calls, s.retries, s.throttles, s.bytes
	c.Millis, c.Failures = s.spent.Milliseconds(), s.failures.total()
	if c.Failures > 0 {
		var class provider.Class
		class, c.Cause = s.failures.worst()
		c.Status = statusOf(class)
		if some {
			c.Status = Partial
		}
	}
	return c
}
