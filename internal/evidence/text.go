package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// shownLines bounds the files and verdicts that the text names one by one; JSON has more.
const shownLines = 50

// JSON writes the report as one document.
func (r *Report) JSON(out io.Writer) error {
	text, err := indented(struct {
		OK bool `json:"ok"`
		*Report
	}{r.OK(), r})
	if err == nil {
		_, err = out.Write(text)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// Text writes the report for people. What stands in a bundle may have been written by anybody: it cannot command the terminal.
func (r *Report) Text(out io.Writer) error {
	p := &printer{out: bufio.NewWriter(out)}
	about := ""
	if r.About != "" {
		about = ": " + r.About
	}
	p.line("bundle", "%s, made %s by Stance %s%s", r.Bundle, r.Created.UTC().Format("2006-01-02 15:04 MST"), r.Version, about)
	p.signature(r.Signature)
	p.files(r.Files)
	if r.Story != nil {
		p.story(r.Story)
	} else {
		for _, s := range r.Scans {
			p.scan(s)
		}
	}
	if len(r.Given) > 0 && r.Story == nil {
		p.line("secrets", "%s of what was read of secrets, which are not in the bundle: the values are taken as Stance read them", says(len(r.Given)))
	}
	p.list("problem", r.Problems)
	p.line("result", "%s", r.verdict())
	return p.out.Flush()
}

// verdict is the report in one sentence.
func (r *Report) verdict() string {
	signed := r.Signature.Valid && r.Files.ok()
	switch {
	case !signed:
		return "FAILED: it is not as it was signed"
	case !r.OK() && r.Current:
		return "FAILED: the evidence is as it was signed; of its documents this version's checks do not say all the same"
	case !r.OK():
		return "FAILED: it is as it was signed, but not all verdicts follow from its documents"
	case r.Story != nil:
		return "ok: the verdict follows from the documents"
	case r.Current:
		return "ok: this version's checks say the same of the documents"
	}
	return "ok: all verdicts follow from the documents"
}

func says(n int) string {
	if n == 1 {
		return "1 check speaks"
	}
	return fmt.Sprintf("%d checks speak", n)
}

// printer writes lines that begin with a word on what they are about.
type printer struct{ out *bufio.Writer }

func (p *printer) line(about, format string, args ...any) {
	fmt.Fprintf(p.out, "%-11s%s\n", about, terminal.Clean(fmt.Sprintf(format, args...)))
}

// list writes a line for each of some texts.
func (p *printer) list(about string, texts []string) {
	for i, t := range texts {
		if i == shownLines {
			p.line("", "and %d more: -o json has them", len(texts)-i)
			return
		}
		p.line(about, "%s", t)
	}
}

// block writes a text of several lines, indented.
func (p *printer) block(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(p.out, "    %s\n", terminal.Clean(strings.TrimRight(line, "\r\n")))
	}
}

func (p *printer) signature(s Signature) {
	if !s.Valid {
		p.line("signature", "NOT VALID: %s", s.Problem)
		return
	}
	p.line("signature", "valid, of the key sha256:%s", s.Fingerprint)
	if s.Expected {
		p.line("", "which is the one that was asked for")
		return
	}
	p.line("", "no key was asked for: this proves that nothing has changed since it was signed, not who signed it (--fingerprint)")
}

func (p *printer) files(f Files) {
	p.line("files", "%d of %d as they were signed", f.Same, f.Listed)
	p.list("changed", f.Changed)
	p.list("missing", f.Missing)
	p.list("unlisted", f.Unlisted)
}

func (p *printer) scan(s ScanReport) {
	p.line("scan", "%s: %s the same, %d differ, %d missing, %d additional", s.ID, plural(int(s.Same), "verdict"), s.Differing, s.Missing, s.Additional)
	var texts []string
	for _, d := range s.Differences {
		texts = append(texts, d.text())
	}
	for i, t := range texts {
		if i == shownLines {
			p.line("", "and %d more: -o json has them", int(s.Differing+s.Missing+s.Additional)-i)
			return
		}
		p.line(s.Differences[i].Kind, "%s", t)
	}
}

// text says which verdict it is, what it was, and what it is.
func (d Difference) text() string {
	what := d.Check + " of " + d.subject() + ": "
	switch d.Kind {
	case "missing":
		return what + d.Was.text() + " is in the bundle, and does not follow"
	case "additional":
		return what + d.Is.text() + " follows, and is not in the bundle"
	}
	return what + d.Was.text() + " → " + d.Is.text()
}

// subject is what the verdict is about.
func (d Difference) subject() string {
	name := d.Resource
	if name == "" {
		name = "all that is there"
	}
	return fmt.Sprintf("%s (%s/%s)", name, d.Account, d.Region)
}

func (v Verdict) text() string {
	for _, detail := range []string{v.Cause, v.Found} {
		if detail != "" {
			return v.Status + " (" + detail + ")"
		}
	}
	return v.Status
}

func (p *printer) story(s *Story) {
	for _, scan := range s.Scans {
		p.line("scan", "%s", scan.Scan)
		p.line("check", "%s: %s", s.Check, scan.Title)
		for _, c := range scan.SQL {
			p.line(c.Name, "")
			p.block(c.SQL)
		}
		for _, param := range scan.Parameters {
			value, _ := plain(param.Value) // it was JSON
			p.line("parameter", "%s = %s", param.Name, value)
		}
		for _, d := range scan.Documents {
			p.documents(d)
		}
		if len(scan.Row) > 0 {
			p.line("row", "as it was made of the documents")
			p.json(string(scan.Row))
		}
		for _, v := range scan.Verdicts {
			if v.Kind == "same" {
				p.line("verdict", "%s: %s, and so it is when it is asked again", v.subject(), v.Was.text())
				continue
			}
			p.line("verdict", "%s: %s", v.Kind, v.text())
		}
	}
}

func (p *printer) documents(d StoryDocuments) {
	p.line("documents", "%s: %d of %d are about it", d.File, len(d.Lines), d.All)
	for i, t := range d.Texts {
		p.line("", "line %d", d.Lines[i])
		p.json(t)
	}
	if more := len(d.Lines) - len(d.Texts); more > 0 {
		p.line("", "and %d more", more)
	}
}

// json writes JSON so that people can read it.
func (p *printer) json(text string) {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err == nil {
		text = b.String()
	}
	p.block(text)
}
