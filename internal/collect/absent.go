package collect

import (
	"strings"

	"github.com/stancehq/stance/internal/provider"
)

// absence is an error that means "not configured".
type absence struct {
	code  string
	words string // in lower case; the message must contain them, if there are any
}

// meansAbsent tells whether an error says that there is nothing to answer with. It is asked before the error's class: a
// vendor may say with the code of a denial that a feature is off.
func (c *call) meansAbsent(err *provider.Error) bool {
	if err.Code == "" {
		return false
	}
	for _, a := range c.absent {
		if a.code == err.Code && (a.words == "" || strings.Contains(strings.ToLower(err.Message), a.words)) {
			return true
		}
	}
	return false
}
