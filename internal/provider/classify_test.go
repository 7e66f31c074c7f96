package provider

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{"": 0, "2": 2 * time.Second, "-1": 0, "soon": 0, "Mon, 02 Jan 2006 15:04:05 GMT": 0} {
		if got := RetryAfter(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
