package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Severities of a Problem.
const (
	SeverityError   = "error"   // the content cannot be used as it stands
	SeverityWarning = "warning" // it works, but says less or more than it should; an error under --strict
	SeverityNote    = "note"    // nothing is wrong, but nothing proves it right either
)

// Problem is one mistake in content, shown where it was written.
type Problem struct {
	Severity string      `json:"severity"`
	Pos      content.Pos `json:"pos"`
	// Subject is what the problem is about: "table aws_s3_bucket", "check aws_s3_bucket_versioning".
	Subject string `json:"subject"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Follows says that the problem is there only because of another, which must be read first.
	Follows bool `json:"-"`
}

// Error gives the problem on one line, the way compilers do: file:line:column: subject: message (hint).
func (p Problem) Error() string {
	var b strings.Builder
	if place := p.Pos.String(); place != "" {
		b.WriteString(place + ": ")
	}
	if p.Severity != "" && p.Severity != SeverityError {
		b.WriteString(p.Severity + ": ")
	}
	if p.Subject != "" {
		b.WriteString(p.Subject + ": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// HasErrors says whether any of the problems makes its content unusable.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == SeverityError || p.Severity == "" })
}

// SortProblems puts causes before what follows from them, and orders by place, then by text, so that a run's output is the same each time.
func SortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Follows != b.Follows {
			if b.Follows {
				return -1
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Message, b.Message),
		)
	})
}
