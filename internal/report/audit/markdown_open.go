package audit

import (
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/evaluate"
)

// open lists the requirements that are not met or unknown, with the checks that speak against them. What those found stands once, below.
func (w *markdownWriter) open() {
	w.print("## Not met and unknown\n\n")
	none := true
	for _, status := range []compliance.Status{compliance.NotMet, compliance.Unknown} {
		for i := range w.Report.Requirements {
			if r := &w.Report.Requirements[i]; !r.Group && r.Status == status {
				w.openOne(r)
				none = false
			}
		}
	}
	if none {
		w.print("None.\n")
	}
	w.print("\n")
}

func (w *markdownWriter) openOne(r *compliance.Result) {
	w.print("- %s: **%s**. %s\n", requirementName(r), StatusWords(r.Status), markdownText(sentence(because(r, r.Why))))
	checks, _ := w.answering(r)
	for _, c := range checks {
		said := doubt(c)
		if c.Counts.Fail+c.Counts.Unknown+c.Counts.Muted == 0 && said == "" && len(c.NotAsked) == 0 {
			continue
		}
		w.print("  - %s: %s", markdownCode(c.Check.ID), countsLine(c.Counts))
		if said != "" {
			w.print("; %s", markdownText(said))
		}
		if len(c.NotAsked) > 0 {
			w.print("; not asked in %s", markdownText(few(c.NotAsked, 5)))
		}
		w.print("\n")
	}
}

// countsLine says how many findings have which standing: "3 fail, 5 pass".
func countsLine(c compliance.Counts) string {
	var parts []string
	for _, one := range standingCounts(c) {
		parts = append(parts, number(one.N)+" "+standingWords(one.Standing))
	}
	if parts == nil {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

// findings lists what does not pass, check by check.
func (w *markdownWriter) findings(found map[string]*picked) {
	w.print("## Findings, check by check\n\nWhat does not pass; what passes is counted.\n\n")
	for _, c := range w.weighed() {
		p := found[c.Check.ID]
		if c.worst == "" || c.worst == standPass || p == nil {
			continue
		}
		w.print("### %s: %s\n\n%s answers %s: %s.", markdownName(c.Check.Severity), markdownName(c.Check.Title), markdownCode(c.Check.ID),
			markdownText(few(c.answers, 20)), countsLine(c.Counts))
		if c.Check.Why != "" {
			w.print(" %s", markdownText(c.Check.Why))
		}
		if c.Check.Fix.Text != "" {
			w.print("\n\n**To put it right.** %s", markdownText(c.Check.Fix.Text))
		}
		w.print("\n\n")
		w.table("Verdict", "Resource", "Where", "What was found")
		var left []string
		for _, s := range standings() {
			if s == standPass {
				continue
			}
			for _, f := range p.rows[s] {
				w.finding(f, s)
			}
			if n := p.left(s); n > 0 {
				left = append(left, number(n)+" "+leftWords(s, n))
			}
		}
		w.print("\n")
		if len(left) > 0 {
			w.print("Not listed: %s.\n\n", strings.Join(left, ", "))
		}
	}
}

func (w *markdownWriter) finding(f evaluate.Finding, s standing) {
	row := newRow(f, s, nil)
	verdict := standingWords(s)
	if row.Verdict != "" {
		verdict += " (it is: " + row.Verdict + ")"
	}
	said := markdownText(row.Said)
	if row.Aside != nil {
		said = strings.TrimSpace(said + " *" + asideLine(row.Aside) + "*")
	}
	place := markdownName(f.Account)
	if f.Region != "" {
		place += "/" + markdownName(f.Region)
	}
	resource := markdownName(row.Name)
	if row.ID != "" {
		resource += " " + markdownCode(row.ID)
	}
	w.row(verdict, resource, place, said)
}

// asideLine says why a finding was set aside, by whom and until when.
func asideLine(s *evaluate.Suppressed) string {
	line := "muted: "
	if s.Accepted {
		line = "accepted: "
	}
	line += markdownText(s.Reason)
	for _, part := range []struct{ word, text string }{{"owner", s.Owner}, {"ticket", s.Ticket}, {"until", s.Until}, {"said in", s.By}} {
		if part.text != "" {
			line += "; " + part.word + " " + markdownName(part.text)
		}
	}
	return line
}

func (w *markdownWriter) attestations() {
	all := w.attested()
	if len(all) == 0 {
		return
	}
	w.print("## Attestations\n\nAnswers of people. They were not measured, and change neither a status nor the score.\n\n")
	w.table("Requirements", "Answer", "Author", "Given", "Until", "Note", "Written in")
	for _, a := range all {
		var ids []string
		for _, r := range a.Results {
			ids = append(ids, r.ID)
		}
		answer := a.AnswerWords()
		if a.Ended {
			answer += " (**ended**: it no longer counts)"
		}
		if len(a.Accounts) > 0 {
			answer += " for " + markdownText(few(a.Accounts, 20))
		}
		w.row(markdownText(strings.Join(ids, ", ")), answer, markdownName(a.Author), markdownName(a.Date), markdownName(a.Until), markdownText(a.Note),
			markdownName(a.Pos.File)+":"+number(int64(a.Pos.Line)))
	}
	w.print("\n")
}

func (w *markdownWriter) verify() {
	w.print("## How to verify this report\n\n"+
		"1. %s shows how a check decides, in SQL, and the calls that it rests on.\n"+
		"2. %s writes what this report rests on into one file.\n"+
		"3. %s checks that file, on any computer, without access to what was scanned.\n\n"+
		"Mutes, accepted risks and attestations are statements of people. Nothing checks whether they are true.\n",
		markdownCode("stance checks ID"), markdownCode(w.evidenceCommand()), markdownCode("stance verify bundle.zip"))
}
