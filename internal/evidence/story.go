package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// Story is all that decides on the verdicts of one check about one resource.
type Story struct {
	Check    string      `json:"check"`
	Resource string      `json:"resource"` // id or name
	Scans    []ScanStory `json:"scans"`

	others []string // resources that the check has verdicts about
}

// ScanStory is what one scan has of it.
type ScanStory struct {
	Scan       string           `json:"scan"`
	Title      string           `json:"title"`
	SQL        []Clause         `json:"sql"`
	Parameters []Parameter      `json:"parameters"`
	Row        json.RawMessage  `json:"row,omitempty"` // of a table that is made of others: the resource's row as the check saw it
	Documents  []StoryDocuments `json:"documents"`
	Verdicts   []Difference     `json:"verdicts"` // of kind "same" if they came out so
}

// Clause of a check.
type Clause struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
}

// Parameter and the value that the check was asked with.
type Parameter struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// StoryDocuments are documents of a table that the check reads: those that are the resource's or name it.
type StoryDocuments struct {
	Table string   `json:"table"`
	File  string   `json:"file"`
	All   int      `json:"all"` // in the file
	Lines []int    `json:"lines"`
	Texts []string `json:"texts"`
}

// shownDocuments bounds the documents of one table that a story shows.
const shownDocuments = 5

// told refuses a story of nothing.
func (s *Story) told() error {
	switch {
	case s == nil || len(s.Scans) > 0:
		return nil
	case len(s.others) == 0:
		return fmt.Errorf("the evidence has no verdict of a check %s", s.Check)
	}
	slices.Sort(s.others)
	hint := content.DidYouMean(s.Resource, s.others)
	if hint == "" {
		hint = "it has those about " + some(s.others)
	}
	return fmt.Errorf("the evidence has no verdict of %s about %q: %s", s.Check, s.Resource, hint)
}

// add tells what a scan has of the story.
func (s *Story) add(ctx context.Context, r *replay) error {
	verdicts, err := r.differences(ctx, "resource = $1::VARCHAR OR resource_name = $1::VARCHAR", s.Resource)
	if err != nil {
		return err
	}
	if len(verdicts) == 0 {
		return s.addOthers(ctx, r)
	}
	told := ScanStory{Scan: r.scan.ID, Verdicts: verdicts, SQL: []Clause{}, Parameters: []Parameter{}, Documents: []StoryDocuments{}}
	if len(r.checks) > 0 {
		if err := s.addCheck(ctx, r, r.checks[0], &told); err != nil {
			return err
		}
	}
	s.Scans = append(s.Scans, told)
	return nil
}

func (s *Story) addOthers(ctx context.Context, r *replay) error {
	rows, err := r.db.QueryContext(ctx, "SELECT DISTINCT resource FROM stance_compared WHERE resource <> '' LIMIT 1000")
	if err != nil {
		return fmt.Errorf("look for resources: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("look for resources: %w", err)
		}
		s.others = append(s.others, id)
	}
	return rows.Err()
}

func (s *Story) addCheck(ctx context.Context, r *replay, check *plan.Check, told *ScanStory) (err error) {
	spec := check.Spec
	told.Title = spec.Title
	for _, c := range []Clause{{"when", spec.When}, {"ask", spec.Ask}, {"pass", spec.Pass}, {"found", spec.Found}, {"query", spec.Query}, {"manual", spec.Manual}} {
		if c.SQL != "" {
			told.SQL = append(told.SQL, c)
		}
	}
	for _, p := range spec.Params {
		told.Parameters = append(told.Parameters, Parameter{p.Name, p.Default})
	}
	ids := map[string]bool{}
	for _, v := range told.Verdicts {
		ids[v.Resource] = true
	}
	delete(ids, "") // a whole scope
	for _, t := range r.tables {
		switch {
		case t.Spec.List != nil && r.has(documentsName(r.scan.ID, t.Name)):
			documents, err := r.storyDocuments(ctx, t, ids, t.Name == spec.Resource)
			if err != nil {
				return err
			}
			told.Documents = append(told.Documents, documents)
		case t.Spec.List == nil && t.Name == spec.Resource && len(ids) > 0:
			if told.Row, err = r.storyRow(ctx, t, told.Verdicts[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// storyDocuments finds the documents that are a resource's, and in other tables those that name it.
func (r *replay) storyDocuments(ctx context.Context, t *plan.Table, ids map[string]bool, own bool) (StoryDocuments, error) {
	found := StoryDocuments{Table: t.Name, File: documentsName(r.scan.ID, t.Name), Lines: []int{}, Texts: []string{}}
	var d documentLine
	read := func(line []byte) ([]byte, error) {
		d = documentLine{}
		return line, json.Unmarshal(line, &d)
	}
	for line, err := range r.lines(ctx, found.File, read) {
		if err != nil {
			return found, err
		}
		found.All++
		is := d.ID != nil && ids[*d.ID]
		for id := range ids {
			is = is || !own && len(id) > 3 && strings.Contains(string(line), id)
		}
		if is {
			if found.Lines = append(found.Lines, found.All); len(found.Texts) < shownDocuments {
				found.Texts = append(found.Texts, string(line))
			}
		}
	}
	return found, nil
}

// storyRow is the row of a derived table that a verdict is about.
func (r *replay) storyRow(ctx context.Context, t *plan.Table, v Difference) (json.RawMessage, error) {
	name := database.Ident(t.Name)
	query := fmt.Sprintf("SELECT to_json(_row)::VARCHAR FROM %s AS _row WHERE id = $1::VARCHAR AND coalesce(account_id, '') = $2::VARCHAR LIMIT 1", name)
	rows, err := r.db.QueryContext(ctx, query, v.Resource, v.Account)
	if err != nil {
		return nil, fmt.Errorf("read the row of %s: %s", t.Name, database.Message(err))
	}
	defer rows.Close()
	var text string
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read the row of %s: %w", t.Name, err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || text == "" {
		return nil, err
	}
	return json.RawMessage(text), nil
}
