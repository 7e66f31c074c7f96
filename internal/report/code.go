package report

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
)

// inCode tells a finding about infrastructure code alone. A live finding that knows its code has a place in the cloud too.
func inCode(f evaluate.Finding) bool {
	return f.Location != nil && (f.Account == "" || f.Account == f.Location.Unit)
}

// suppressed tells a finding that somebody decided to live with. A pass needs no such decision.
func suppressed(f evaluate.Finding) bool { return f.Suppressed != nil && f.Status != evaluate.Pass }

// failed tells a finding that counts as a failure.
func failed(f evaluate.Finding) bool { return f.Status == evaluate.Fail && !suppressed(f) }

// at is a file and a line as editors and terminals open them: "modules/logs/main.tf:12".
func at(file string, line int) string {
	if line <= 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// located gives the findings with files as they are called in the repository, not in the folder that was scanned.
func (r *Result) located() Findings {
	return func(yield func(evaluate.Finding, error) bool) {
		for f, err := range r.Findings {
			if !yield(r.Scan.locate(f), err) {
				return
			}
		}
	}
}

func (s Scan) locate(f evaluate.Finding) evaluate.Finding {
	if f.Location == nil || s.Folder == "" || s.Folder == "." {
		return f
	}
	l := *f.Location
	l.File = s.file(l.File)
	l.Calls = slices.Clone(l.Calls)
	for i := range l.Calls {
		l.Calls[i].File = s.file(l.Calls[i].File)
	}
	if l.Fix != nil {
		fix := *l.Fix
		fix.File = s.file(fix.File)
		l.Fix = &fix
	}
	if f.Suppressed != nil && by(f.Suppressed.By).below() {
		said := *f.Suppressed
		said.By = s.file(said.By)
		f.Suppressed = &said
	}
	f.Location = &l
	return f
}

func (s Scan) file(name string) string {
	if name == "" {
		return ""
	}
	return path.Join(s.Folder, name)
}

// by is who suppressed a finding: "main.tf:12".
type by string

func (b by) split() (file string, line int) {
	i := strings.LastIndexByte(string(b), ':')
	if i < 0 {
		return string(b), 0
	}
	line, err := strconv.Atoi(string(b[i+1:]))
	if err != nil || line < 1 {
		return string(b), 0
	}
	return string(b[:i]), line
}

// below tells a file in the folder that was scanned.
func (b by) below() bool {
	return b != "" && !path.IsAbs(string(b)) && !strings.HasPrefix(string(b), "..") && !strings.Contains(string(b), `:\`)
}

// inSource tells that a comment beside the code suppressed a finding, or beside a call that leads to it.
func inSource(f evaluate.Finding) bool {
	file, line := by(f.Suppressed.By).split()
	if f.Location == nil || line == 0 {
		return false
	}
	return file == f.Location.File || slices.ContainsFunc(f.Location.Calls, func(c evaluate.CallSite) bool { return c.File == file })
}

// why is the reason of a suppression, with its last day.
func why(s *evaluate.Suppressed) string {
	text := s.Reason
	if text == "" {
		text = "no reason given"
	}
	if s.Accepted {
		text = "risk accepted by " + s.Owner + ": " + text
	}
	if s.Until != "" {
		text += " (until " + s.Until + ")"
	}
	return text
}

// calls is how the code comes to a finding's resource, outermost first: "module.logs (main.tf:3)".
func calls(l *evaluate.Location) []string {
	var chain []string
	for _, c := range l.Calls {
		chain = append(chain, c.Name+" ("+at(c.File, c.Line)+")")
	}
	return chain
}

// key is Key, which is another one for code that lies in another folder of the repository.
func (s Scan) key(f evaluate.Finding) string {
	if inCode(f) {
		l := *f.Location
		l.Unit = s.file(cmp.Or(l.Unit, "."))
		f.Location, f.Account = &l, l.Unit
	}
	return Key(f)
}

// ofCode tells a result that is about code, and so is read by who writes it.
func (r *Result) ofCode() bool {
	return r.Scan.Provider == "code" || r.Summary.inCode > 0 && r.Summary.inCode == r.Summary.Total()
}
