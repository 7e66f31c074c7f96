package scan

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// advised is an error with what to do about it, on one line.
type advised struct {
	error
	text string
}

func (e *advised) Error() string { return e.text }

func (e *advised) Unwrap() error { return e.error }

// advise says of an error that ended a scan what can be done, and how to go on: nothing that was collected is lost.
func (r *runner) advise(err error, id string) error {
	text, goOn, kept := err.Error(), "", ""
	if !r.Once {
		goOn, kept = ", then go on with "+r.resume(id)+": what was collected is kept", " (what was collected is kept: "+r.resume(id)+")"
	}
	switch {
	case noSpace(err):
		text += ": make room there" + goOn
	case strings.Contains(text, "Out of Memory Error"):
		text, _, _ = strings.Cut(text, "\n") // the database goes on with settings that nobody can reach
		text += fmt.Sprintf(": give it more with --memory (it had %d MiB), or room for its files in TMPDIR", r.Memory>>20) + goOn
	default:
		text += kept
	}
	return &advised{err, text}
}

// resume is what to type to go on, after the command's name where that is known.
func (r *runner) resume(id string) string {
	if r.Again != nil {
		return r.Again(id)
	}
	return strings.TrimSpace(r.Command + " --resume=" + id)
}

// noSpace tells whether an error is that of a full disk, or of a quota. The database hands over no more than words.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		strings.Contains(err.Error(), "No space left on device") || strings.Contains(err.Error(), "Disk quota exceeded")
}
