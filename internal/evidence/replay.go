package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
)

// replay is one scan, asked again of its documents.
type replay struct {
	*archive
	q      *questions
	scan   *scanManifest
	checks []*plan.Check
	tables []*plan.Table
	db     *database.DB
}

// run builds the tables, asks the checks, and puts the verdicts of the bundle beside the new ones.
func (r *replay) run(ctx context.Context, memory int64) (err error) {
	if r.db, err = database.Open(ctx, database.Options{Memory: memory, Threads: 1}); err != nil {
		return err
	}
	if err := evaluate.CreateFunctions(ctx, r.db.DB, r.q.functions); err != nil {
		return err
	}
	store, err := inventory.New(ctx, r.db, r.scan.Started)
	if err != nil {
		return err
	}
	if memory == 0 {
		memory = database.DefaultMemory
	}
	if err := r.load(ctx, store, memory); err != nil {
		return err
	}
	cells, err := r.cells(ctx, coverageName(r.scan.ID))
	if err != nil {
		return err
	}
	if _, err := evaluate.Run(ctx, r.db.DB, evaluate.Options{
		Tables: r.q.tables, Checks: r.checks, Cells: inventory.Collected(cells), EmitPass: true,
	}, nil); err != nil {
		return err
	}
	return r.loadVerdicts(ctx)
}

func (r *replay) close() error {
	if r.db == nil {
		return nil
	}
	return r.db.Close()
}

func (r *replay) load(ctx context.Context, store *inventory.Store, memory int64) error {
	group, loading := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var derived []*plan.Table
	for _, t := range r.tables {
		if t.Spec.List == nil {
			derived = append(derived, t)
			continue
		}
		group.Go(func() error {
			if err := store.CreateTable(loading, t); err != nil {
				return err
			}
			name := documentsName(r.scan.ID, t.Name)
			if !r.has(name) { // a file that should be there is told; a table that was not collected has none
				return nil
			}
			rows := r.lines(loading, name, r.documentCheck(t))
			if _, err := store.Restore(loading, t, givenColumns(t), rows); err != nil {
				return err
			}
			_, err := store.Compact(loading, memory)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return store.Derive(ctx, derived)
}

// documentLine is what must be in each line of documents.
type documentLine struct {
	Account string                     `json:"account"`
	ID      *string                    `json:"id"`
	Doc     json.RawMessage            `json:"doc"`
	Unknown map[string]*string         `json:"unknown"`
	Columns map[string]json.RawMessage `json:"columns"`
}

// documentCheck refuses lines that are no documents, and says in each what the bundle cannot know of a table.
func (r *replay) documentCheck(t *plan.Table) func(line []byte) ([]byte, error) {
	beyond := r.q.beyond(t)
	return func(line []byte) ([]byte, error) {
		var d documentLine
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, err
		}
		switch {
		case d.Account == "":
			return nil, errors.New("it names no account")
		case len(d.Doc) == 0 || d.Doc[0] != '{' && !bytes.Equal(d.Doc, []byte("null")):
			return nil, errors.New("doc is no object")
		case len(beyond) == 0:
			return line, nil
		}
		return withUnknown(line, d.Unknown, beyond)
	}
}

func withUnknown(line []byte, unknown map[string]*string, more map[string]string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, err
	}
	if unknown == nil {
		unknown = map[string]*string{}
	}
	for group, cause := range more {
		if unknown[group] == nil {
			unknown[group] = &cause
		}
	}
	text, err := json.Marshal(unknown)
	if err != nil {
		return nil, err
	}
	members["unknown"] = text
	return json.Marshal(members)
}

// verdictsTable holds what the bundle says, beside findings, which holds what was said now.
const verdictsTable = `CREATE OR REPLACE TABLE stance_said (check_id VARCHAR, account_id VARCHAR, region VARCHAR, resource VARCHAR, resource_name VARCHAR,
	status VARCHAR, cause VARCHAR, found VARCHAR)`

// verdictLine is what is compared of a verdict.
type verdictLine struct {
	Check        string `json:"check_id"`
	Account      string `json:"account_id"`
	Region       string `json:"region"`
	Resource     string `json:"resource"`
	ResourceName string `json:"resource_name"`
	Status       string `json:"status"`
	Cause        string `json:"cause"`
	Found        string `json:"found"`
}

// Bounds of one statement that writes verdicts.
const (
	verdictsAtOnce     = 2000
	verdictBytesAtOnce = 4 << 20
)

func (r *replay) loadVerdicts(ctx context.Context) error {
	if _, err := r.db.ExecContext(ctx, verdictsTable); err != nil {
		return fmt.Errorf("prepare the comparison: %w", err)
	}
	asked := map[string]bool{}
	for _, id := range r.scan.Checks {
		asked[id] = true
	}
	var some []verdictLine
	size := 0
	flush := func() error {
		text, err := json.Marshal(some)
		if err == nil && len(some) > 0 {
			_, err = r.db.ExecContext(ctx, `INSERT INTO stance_said BY NAME SELECT unnest(v) FROM (SELECT unnest(json_transform($1::VARCHAR,
				'[{"check_id":"VARCHAR","account_id":"VARCHAR","region":"VARCHAR","resource":"VARCHAR","resource_name":"VARCHAR","status":"VARCHAR","cause":"VARCHAR","found":"VARCHAR"}]')) AS v)`, string(text))
		}
		some, size = some[:0], 0
		if err != nil {
			return fmt.Errorf("read the verdicts of the bundle: %w", err)
		}
		return nil
	}
	for v, err := range r.verdicts(ctx) {
		if err != nil {
			return err
		}
		if !asked[v.Check] {
			continue
		}
		some = append(some, v)
		if size += len(v.Cause) + len(v.Found) + len(v.Resource) + len(v.ResourceName); len(some) == verdictsAtOnce || size > verdictBytesAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// verdicts yields those of the bundle.
func (r *replay) verdicts(ctx context.Context) iter.Seq2[verdictLine, error] {
	return func(yield func(verdictLine, error) bool) {
		var v verdictLine
		read := func(line []byte) ([]byte, error) {
			var f evaluate.Finding
			if err := json.Unmarshal(line, &f); err != nil {
				return nil, err
			}
			v = verdictLine{f.Check, f.Account, f.Region, f.Resource, f.ResourceName, string(f.Status), f.Cause, f.Found}
			return line, nil
		}
		for _, err := range r.lines(ctx, findingsName(r.scan.ID), read) {
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// comparedSQL pairs verdicts about the same thing. Where a check says several things of one, they are paired in order.
const comparedSQL = `WITH was AS (SELECT *, row_number() OVER (PARTITION BY check_id, account_id, region, resource ORDER BY status, cause, found, resource_name) AS n FROM stance_said),
now AS (SELECT *, row_number() OVER (PARTITION BY check_id, account_id, region, resource ORDER BY status, cause, found, resource_name) AS n FROM (
	SELECT check_id, account_id, coalesce(region, '') AS region, coalesce(resource, '') AS resource, coalesce(resource_name, '') AS resource_name,
		status, coalesce(cause, '') AS cause, coalesce(found, '') AS found FROM findings)),
pairs AS (SELECT check_id, account_id, region, resource, coalesce(was.resource_name, now.resource_name) AS resource_name,
	was.status AS was_status, was.cause AS was_cause, was.found AS was_found, now.status AS now_status, now.cause AS now_cause, now.found AS now_found,
	CASE WHEN now.status IS NULL THEN 'missing' WHEN was.status IS NULL THEN 'additional'
		WHEN (was.status, was.cause, was.found) = (now.status, now.cause, now.found) THEN 'same' ELSE 'differs' END AS kind
	FROM was FULL JOIN now USING (check_id, account_id, region, resource, n))
`

// shownDifferences bounds those that a report names; all are counted.
const shownDifferences = 1000

// compare says which verdicts came out the same, and which did not.
func (r *replay) compare(ctx context.Context) (s ScanReport, err error) {
	s = ScanReport{ID: r.scan.ID}
	if _, err := r.db.ExecContext(ctx, "CREATE OR REPLACE TABLE stance_compared AS "+comparedSQL+"SELECT * FROM pairs"); err != nil {
		return s, fmt.Errorf("compare the verdicts: %w", err)
	}
	row := r.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE kind = 'same'), count(*) FILTER (WHERE kind = 'differs'), count(*) FILTER (WHERE kind = 'missing'),
		count(*) FILTER (WHERE kind = 'additional') FROM stance_compared`)
	if err := row.Scan(&s.Same, &s.Differing, &s.Missing, &s.Additional); err != nil {
		return s, fmt.Errorf("compare the verdicts: %w", err)
	}
	s.Differences, err = r.differences(ctx, "kind <> 'same'")
	return s, err
}

// differences gives pairs of verdicts for which a condition holds.
func (r *replay) differences(ctx context.Context, condition string, args ...any) (list []Difference, err error) {
	rows, err := r.db.QueryContext(ctx, fmt.Sprintf(`SELECT kind, check_id, account_id, region, resource, resource_name, coalesce(was_status, ''), coalesce(was_cause, ''), coalesce(was_found, ''),
		coalesce(now_status, ''), coalesce(now_cause, ''), coalesce(now_found, '') FROM stance_compared WHERE %s ORDER BY ALL LIMIT %d`, condition, shownDifferences), args...)
	if err != nil {
		return nil, fmt.Errorf("compare the verdicts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Difference
		if err := rows.Scan(&d.Kind, &d.Check, &d.Account, &d.Region, &d.Resource, &d.ResourceName, &d.Was.Status, &d.Was.Cause, &d.Was.Found,
			&d.Is.Status, &d.Is.Cause, &d.Is.Found); err != nil {
			return nil, fmt.Errorf("compare the verdicts: %w", err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// only leaves one check of a scan.
func only(scan *scanManifest, check string) *scanManifest {
	own := *scan
	own.Checks = slices.DeleteFunc(slices.Clone(scan.Checks), func(id string) bool { return id != check })
	return &own
}
