package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/stancehq/stance/internal/provider"
)

// maxRestarts bounds how often a list is begun again, and how often in a row a server says how to go on and then refuses that.
const maxRestarts = 5

// page says where in a list a page begins: what Answer.Next holds.
type page struct {
	// Continue is the server's token; empty at the beginning.
	Continue string `json:"c,omitempty"`
	// Limit is the size of pages, which becomes smaller where objects are large.
	Limit int `json:"l,omitempty"`
	// Last is the key of the last item that was given out, while items come in the order of their keys.
	Last string `json:"k,omitempty"`
	// Unordered says that they do not.
	Unordered bool `json:"u,omitempty"`
	// After is up to which key items were given out before the list was begun again.
	After    string `json:"a,omitempty"`
	Restarts int    `json:"r,omitempty"`

	refusals int // of this page
}

func readPage(token string) (page, error) {
	var at page
	if token == "" {
		return at, nil
	}
	if err := json.Unmarshal([]byte(token), &at); err != nil {
		return at, fmt.Errorf("page %q is not one that was given out: %w", token, err)
	}
	return at, nil
}

// next is the token of the page after a page; empty if the server's token does not lead on.
func (at page) next(token string, d *document) string {
	if token == at.Continue {
		return ""
	}
	at.Unordered = at.Unordered || d.unordered || at.Last != "" && at.Continue != "" && d.first != "" && d.first <= at.Last
	at.Continue = token
	if d.last != "" {
		at.Last = d.last
	}
	data, err := json.Marshal(at)
	if err != nil {
		return ""
	}
	return string(data)
}

// recover changes what is asked for so that an error does not come again, if that can be done. No row is given twice by it.
//
// The server keeps the state that a list began with for some minutes. A list that is read more slowly, or while the server is
// restarted, is refused with 410 in its middle. The refusal has a token with which the rest can be read in its present state.
// Where it has none, the list is begun again, and what was given out already is left out: servers list in the order of their keys.
// One that does not is read again as a whole: to see a row twice is less bad than not at all.
func (at *page) recover(got *received, err error) bool {
	var e *provider.Error
	if !errors.As(err, &e) {
		return false
	}
	if errors.Is(e.Err, provider.ErrLarge) && at.Limit > 1 {
		at.Limit = max(1, at.Limit/8)
		return true
	}
	if got == nil || got.status != http.StatusGone || at.Continue == "" || at.Restarts >= maxRestarts || at.refusals >= maxRestarts {
		return false
	}
	at.refusals++
	var said status
	if json.Unmarshal(got.body, &said) == nil && said.Metadata.Continue != "" && said.Metadata.Continue != at.Continue {
		at.Continue = said.Metadata.Continue
		return true
	}
	if !at.Unordered {
		at.After = max(at.After, at.Last)
	}
	at.Continue = ""
	at.Restarts++
	return true
}
