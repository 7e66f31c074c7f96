package report

import (
	"iter"
	"slices"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
)

// What is UNKNOWN for one cause is one thing to mend, however many resources it hides: in a listing for people they share a line.
const (
	fewestShared = 5    // findings; fewer have a line each
	mostNames    = 3    // of their resources on it
	heldCauses   = 1000 // that are held of a check; if there are more, one may come on several lines
)

// line is what a listing shows on one line: a finding, or all UNKNOWN ones of a check with the same cause.
type line struct {
	namedFinding // the first of them
	findings     int64
	names        []string // the first different ones of their resources
	accounts     map[string]bool
	regions      map[string]bool
	files        map[string]bool // of code
	each         []namedFinding  // while they are too few to share a line
}

// single is the line of one finding.
func single(f namedFinding) *line { return &line{namedFinding: f, findings: 1} }

func (l *line) add(f namedFinding) {
	l.findings++
	l.accounts[f.Account], l.regions[f.Region] = true, true
	if inCode(f.Finding) {
		l.files[f.Location.File] = true
	}
	if len(l.names) < mostNames && !slices.Contains(l.names, f.name) {
		l.names = append(l.names, f.name)
	}
	if l.findings < fewestShared {
		l.each = append(l.each, f)
	} else {
		l.each = nil
	}
}

// resource names what the line is about: "170 resources: backup, default, logs +167". Those that could not even be listed are not
// counted: nobody knows how many there are.
func (l *line) resource() string {
	if l.findings == 1 || l.ofScope() {
		return l.name
	}
	text := count(l.findings, "resource") + ": " + join(l.names, mostNames)
	if more := l.findings - int64(len(l.names)); more > 0 {
		text += " +" + number(more)
	}
	return text
}

// ofScope tells a finding that says of a whole scope that its resources are not known.
func (f namedFinding) ofScope() bool {
	return f.Resource == "" && f.ResourceName == "" && (f.Location == nil || f.Location.Address == "")
}

// place is where the line's resources are, but for an account or region that is the same everywhere. Several are counted.
func (l *line) place(account, region only) string {
	f := l.Finding
	if n := int64(len(l.files)); n > 0 {
		if n > 1 {
			return count(n, "file")
		}
		return f.Location.File
	}
	if n := int64(len(l.accounts)); n > 1 {
		f.Account = count(n, accountWord(l.Provider))
	}
	if n := int64(len(l.regions)); n > 1 {
		f.Region = count(n, l.regionWord())
	}
	return placeBeside(f, account, region)
}

// regionWord is what the regions of the line are called. What has no region is in none of them.
func (l *line) regionWord() string {
	switch {
	case l.regions[collect.GlobalRegion]:
		return "place"
	case l.Provider == "kubernetes":
		return "namespace"
	}
	return "region"
}

// perFinding gives each finding a line.
func perFinding(findings iter.Seq2[namedFinding, error]) iter.Seq2[*line, error] {
	return func(yield func(*line, error) bool) {
		for f, err := range findings {
			if !yield(single(f), err) {
				return
			}
		}
	}
}

// perCause gives the UNKNOWN findings of a check that have the same cause one line, after the check's other findings. They must
// come check by check.
func perCause(findings iter.Seq2[namedFinding, error]) iter.Seq2[*line, error] {
	return func(yield func(*line, error) bool) {
		held := unknowns{lines: map[sameCause]*line{}}
		var last namedFinding
		for f, err := range findings {
			if err != nil {
				if held.flush(yield) {
					yield(single(f), err)
				}
				return
			}
			another := f.Check != last.Check || f.Severity != last.Severity
			if (another || len(held.order) == heldCauses) && !held.flush(yield) {
				return
			}
			last = f
			if f.Status == evaluate.Unknown {
				held.add(f)
			} else if !yield(single(f), nil) {
				return
			}
		}
		held.flush(yield)
	}
}

// unknowns are the UNKNOWN findings of a check, by cause.
type unknowns struct {
	lines map[sameCause]*line
	order []*line
}

// sameCause is what findings on one line have in common.
type sameCause struct {
	cause string
	scope bool // they say it of whole scopes
}

func (u *unknowns) add(f namedFinding) {
	key := sameCause{f.Cause, f.ofScope()}
	l := u.lines[key]
	if l == nil {
		l = &line{namedFinding: f, accounts: map[string]bool{}, regions: map[string]bool{}, files: map[string]bool{}}
		u.lines[key], u.order = l, append(u.order, l)
	}
	l.add(f)
}

// flush yields what is held, and tells whether more is wanted.
func (u *unknowns) flush(yield func(*line, error) bool) bool {
	lines := u.order
	u.order = nil
	clear(u.lines)
	for _, l := range lines {
		if l.each == nil {
			if !yield(l, nil) {
				return false
			}
			continue
		}
		for _, f := range l.each {
			if !yield(single(f), nil) {
				return false
			}
		}
	}
	return true
}
