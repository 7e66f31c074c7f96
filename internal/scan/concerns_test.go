package scan

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
)

// TestRowsChangeOnlyWhatTheyConcern walks the content: where a check says which verdicts a row of a table can change, no other verdict
// may be another one when the row is taken away. The rows are those of the samples, which hold several resources each.
func TestRowsChangeOnlyWhatTheyConcern(t *testing.T) {
	library, catalog := packed(t)
	w := &concernWorld{library: library, catalog: catalog, kept: map[string]int{}}
	for _, c := range catalog.Checks {
		if len(c.Concerns) > 0 {
			w.checks = append(w.checks, c)
		}
	}
	root := os.DirFS("../../content")
	files, err := sampleFiles(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		w.file(t, file, fstest.MapFS{path.Join("sample", path.Base(file)): {Data: text}})
	}
	for _, c := range w.checks {
		for table := range c.Concerns {
			if key := c.ID + " " + table; w.kept[key] == 0 {
				t.Errorf("%s says whom a row of %s concerns, and no sample has one that leaves another verdict as it is", c.ID, table)
			}
		}
	}
}

type concernWorld struct {
	library *content.Library
	catalog *plan.Catalog
	checks  []*plan.Check
	kept    map[string]int // how often a row left another verdict as it was, by "check table"
}

func (w *concernWorld) file(t *testing.T, name string, tree fstest.MapFS) {
	r := &codeRunner{CodeOptions: CodeOptions{
		Root: tree, Library: w.library, Catalog: w.catalog, Settings: content.DefaultSettings(w.library), Checks: w.checks, Timeout: evaluate.DefaultTimeout,
		Now: time.Now, Stage: func(Stage) {},
	}, started: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
	if err := r.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{}
	for _, c := range r.checks {
		for table := range c.Concerns {
			tables[table] = true
		}
	}
	if len(r.checks) == 0 {
		return
	}
	all, checks := r.rows.lines, r.checks
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		r.checks = slices.DeleteFunc(slices.Clone(checks), func(c *plan.Check) bool { return c.Concerns[table].Row == "" })
		if !slices.ContainsFunc(r.checks, func(c *plan.Check) bool { return w.kept[c.ID+" "+table] < enough }) {
			continue
		}
		before := w.verdicts(t, r, all)
		for i, line := range all[table] {
			if i%((len(all[table])+someRows-1)/someRows) != 0 {
				continue
			}
			touched := w.verdicts(t, r, with(all, table, i, r.unknownRow(table, line)))
			gone := w.verdicts(t, r, with(all, table, i))
			for verdict, was := range before {
				check, _, _ := strings.Cut(verdict, " ")
				switch {
				case strings.HasPrefix(was, "UNKNOWN"):
				case touched[verdict] != was:
				case gone[verdict] != was:
					t.Errorf("%s: without %s of %s: %s is %q, was %q, and would not be unknown if it were not known", name, line.Resource.Address, table, verdict, gone[verdict], was)
				default:
					w.kept[check+" "+table]++
				}
			}
		}
	}
}

// someRows is about how many rows of each table and sample are taken away, until all checks that read it were proved often enough.
const (
	someRows = 4
	enough   = 20
)

// with gives the rows of all tables with others in the place of one.
func with(all map[string][]codeRow, table string, i int, others ...codeRow) map[string][]codeRow {
	lines := maps.Clone(all)
	lines[table] = slices.Concat(all[table][:i], others, all[table][i+1:])
	return lines
}

// unknownRow is a row of which every column is said not to be known.
func (r *codeRunner) unknownRow(table string, line codeRow) codeRow {
	row := *line.Row
	row.Unknown = map[string]string{}
	for _, p := range r.catalog.Tables[table].Paths {
		row.Unknown[p.Column] = "known after apply"
	}
	line.Row = &row
	return line
}

// verdicts asks the checks about some rows: by check and id of the resource.
func (w *concernWorld) verdicts(t *testing.T, r *codeRunner, lines map[string][]codeRow) map[string]string {
	own, rows := *r, *r.rows
	rows.lines = lines
	own.rows = &rows
	if err := own.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer own.db.Close()
	if _, err := own.ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for f, err := range evaluate.Findings(context.WithoutCancel(t.Context()), own.db.DB) {
		if err != nil {
			t.Fatal(err)
		}
		verdicts[f.Check+" "+f.Resource] = string(f.Status) + " " + f.Found
	}
	return verdicts
}
