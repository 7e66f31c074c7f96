package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// scanTime is the time of all scans in tests.
var scanTime = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// fakeAPI describes operations by "service:Op".
type fakeAPI map[string]*content.Operation

func (f fakeAPI) Operation(service, op string) (*content.Operation, error) {
	if o := f[service+":"+op]; o != nil {
		return o, nil
	}
	return nil, fmt.Errorf("%s has no operation %s", service, op)
}

func (f fakeAPI) Services() []string { return nil }

var (
	aString  = &content.Shape{Kind: content.KindString}
	aSecret  = &content.Shape{Kind: content.KindString, Secret: true}
	aLong    = &content.Shape{Kind: content.KindInteger}
	aDouble  = &content.Shape{Kind: content.KindNumber}
	aBool    = &content.Shape{Kind: content.KindBoolean}
	aTime    = &content.Shape{Kind: content.KindTime}
	aBlob    = &content.Shape{Kind: content.KindBlob}
	anything = &content.Shape{Kind: content.KindAny}
)

func listOf(s *content.Shape) *content.Shape { return &content.Shape{Kind: content.KindList, Elem: s} }

func mapOf(s *content.Shape) *content.Shape { return &content.Shape{Kind: content.KindMap, Elem: s} }

// object takes names and shapes in turn.
func object(members ...any) *content.Shape {
	s := &content.Shape{Kind: content.KindStruct}
	for i := 0; i < len(members); i += 2 {
		s.Members = append(s.Members, content.Member{Name: members[i].(string), Shape: members[i+1].(*content.Shape)})
	}
	return s
}

func operation(output *content.Shape) *content.Operation {
	return &content.Operation{Input: object(), Output: output}
}

// world is an inventory with prepared tables.
type world struct {
	*Store
	t      testing.TB
	ctx    context.Context
	db     *database.DB
	tables map[string]*plan.Table
}

func newWorld(t testing.TB, api content.API, specs ...*content.Table) *world {
	t.Helper()
	ctx := context.Background()
	library := &content.Library{Tables: specs}
	preparer, err := plan.NewPreparer(ctx, api, library)
	if err != nil {
		t.Fatal(err)
	}
	tables, problems := preparer.Tables(ctx, specs)
	for _, p := range problems {
		t.Errorf("%v", p)
	}
	if err := preparer.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(ctx, database.Options{TempDir: t.TempDir(), Memory: 256 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	store, err := New(ctx, db, scanTime)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Store: store, t: t, ctx: ctx, db: db, tables: map[string]*plan.Table{}}
	for _, table := range tables {
		w.tables[table.Name] = table
		if table.Spec.List == nil {
			continue
		}
		if err := store.CreateTable(ctx, table); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// load puts documents into a table, each as a row of one account.
func (w *world) load(table string, documents ...string) Report {
	w.t.Helper()
	lines := make([]string, len(documents))
	for i, doc := range documents {
		lines[i] = line(w.t, doc, nil)
	}
	return w.loadLines(table, lines...)
}

func (w *world) loadLines(table string, lines ...string) Report {
	w.t.Helper()
	report, err := w.Load(w.ctx, w.tables[table], each(lines))
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

func each(lines []string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range lines {
			if !yield([]byte(l), nil) {
				return
			}
		}
	}
}

// line writes a row of the spool.
func line(t testing.TB, doc string, unknown map[string]string) string {
	t.Helper()
	head, err := json.Marshal(collect.Row{
		Account: "111122223333", Partition: "aws", Region: "us-east-1", At: scanTime, Doc: json.RawMessage(`null`), Unknown: unknown,
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(head), `"doc":null`, `"doc":`+doc, 1)
}

// ask gives the rows of a query, each as JSON.
func (w *world) ask(query string) []string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.ctx, "SELECT to_json(q)::VARCHAR FROM ("+query+") AS q")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// want compares the rows of a query.
func (w *world) want(query string, rows ...string) {
	w.t.Helper()
	got := w.ask(query)
	if strings.Join(got, "\n") != strings.Join(rows, "\n") {
		w.t.Errorf("%s\n got %s\nwant %s", query, strings.Join(got, "\n     "), strings.Join(rows, "\n     "))
	}
}
