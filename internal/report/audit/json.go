package audit

import (
	"fmt"
	"io"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// JSON is everything that a report knows, for programs: docs/outputs.md tells its keys. Texts are as they are, whole and unescaped.
// Findings stream through, so that a document of a million takes no more memory than one of ten.
type JSON struct{}

// Write implements Writer.
func (JSON) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	return writeObject(out, func(w *stream) {
		w.field("framework", newJSONFramework(d.Report.Framework))
		w.field("level", d.Report.Level)
		w.field("scan", report.ScanDocument(d.Result))
		w.field("generated", d.Generated.UTC())
		w.field("stance_version", d.Version)
		w.field("content", d.Content)
		w.field("score", newJSONScore(d.Report.Score))
		if d.Before != nil {
			w.field("compared_with", jsonCompared{d.BeforeScan.ID, d.BeforeScan.Started, d.BeforeScan.Finished, d.BeforeScan.Version, newJSONScore(d.Before.Score)})
		}
		w.list("scopes", func(add func(any)) {
			for i, s := range d.Report.Scopes {
				add(jsonScope{s, newJSONScore(d.Report.ByScope[i])})
			}
		})
		w.list("requirements", d.jsonRequirements)
		w.list("checks", d.jsonChecks)
		w.list("coverage", func(add func(any)) {
			for _, cell := range d.Result.Coverage {
				add(cell)
			}
		})
		w.list("changed", func(add func(any)) {
			for _, c := range d.changed() {
				add(jsonChanged{c.ID, c.Title, c.Status, c.Before})
			}
		})
		w.list("notes", func(add func(any)) {
			for _, note := range d.Report.Notes {
				add(note)
			}
		})
		w.list("findings", func(add func(any)) { w.fail(d.jsonFindings(w, add)) })
	})
}

func (d *Document) jsonFindings(w *stream, add func(any)) error {
	for f, err := range d.Result.Findings {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if add(report.FindingDocument(f)); w.err != nil {
			return w.err
		}
	}
	return nil
}

type jsonFramework struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Version   string          `json:"version"`
	Publisher string          `json:"publisher"`
	About     string          `json:"about"`
	Source    jsonPublication `json:"source"`
	Wording   string          `json:"wording"` // whose words titles are: quoted, or own
	Missing   string          `json:"missing,omitempty"`
	OwnIDs    bool            `json:"own_ids"`
	Providers []string        `json:"providers"`
	Levels    []string        `json:"levels"`
}

type jsonPublication struct {
	Document string `json:"document"`
	URL      string `json:"url"`
	Date     string `json:"date"`
}

func newJSONFramework(f *content.Framework) jsonFramework {
	wording := "own"
	if f.Quoted {
		wording = "quoted"
	}
	return jsonFramework{
		f.ID, f.Title, f.Version, f.Publisher, f.About, jsonPublication(f.Source), wording, f.Missing, f.OwnIDs, notNil(f.Providers), notNil(f.Levels),
	}
}

type jsonScore struct {
	compliance.Score
	// Percent is null where nothing was measured.
	Percent  *int         `json:"percent"`
	Formula  string       `json:"formula"`
	Attested jsonAttested `json:"attested"`
}

type jsonAttested struct {
	Met     int `json:"met"`
	NotMet  int `json:"not_met"`
	NotHere int `json:"not_applicable"`
}

func newJSONScore(s compliance.Score) jsonScore {
	score := jsonScore{Score: s, Formula: compliance.Formula, Attested: jsonAttested{s.AttestedMet, s.AttestedNotMet, s.AttestedNotHere}}
	if percent, measured := s.Percent(); measured {
		score.Percent = &percent
	}
	return score
}

type jsonCompared struct {
	ID       string    `json:"id"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Version  string    `json:"stance_version"`
	Score    jsonScore `json:"score"`
}

type jsonScope struct {
	compliance.Scope
	Score jsonScore `json:"score"`
}

type jsonChanged struct {
	ID     string            `json:"id"`
	Title  string            `json:"title"`
	Status compliance.Status `json:"status"`
	Before compliance.Status `json:"before"`
}

func notNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
