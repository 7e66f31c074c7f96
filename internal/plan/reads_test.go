package plan

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// lineageCase is a block of testdata/lineage-cases.sql, whose head explains the form.
type lineageCase struct {
	name  string
	reads []Ref
	err   string
	query string
}

func readLineageCases(t *testing.T) (schema string, cases []lineageCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/lineage-cases.sql")
	if err != nil {
		t.Fatal(err)
	}
	schema, rest, ok := strings.Cut(string(text), "-- cases\n")
	if !ok {
		t.Fatal("no line -- cases")
	}
	for block := range strings.SplitSeq(strings.TrimSpace(rest), "\n\n") {
		var c lineageCase
		var query []string
		for line := range strings.SplitSeq(block, "\n") {
			key, value, ok := strings.Cut(strings.TrimPrefix(line, "-- "), ": ")
			switch {
			case !strings.HasPrefix(line, "-- ") || !ok:
				query = append(query, line)
			case key == "case":
				c.name = value
			case key == "error":
				c.err = value
			case key == "reads":
				for ref := range strings.SplitSeq(value, ", ") {
					table, column, _ := strings.Cut(ref, ".")
					c.reads = append(c.reads, Ref{table, column})
				}
			case key == "rows":
				for table := range strings.SplitSeq(value, ", ") {
					c.reads = append(c.reads, Ref{Table: table})
				}
			}
		}
		c.query, c.reads = strings.TrimSuffix(strings.Join(query, "\n"), ";"), tidy(c.reads)
		cases = append(cases, c)
	}
	return schema, cases
}

// lineagePlanner makes a planner from the schema at the head of the cases.
func lineagePlanner(t *testing.T, schema string) *Planner {
	t.Helper()
	p, problems, err := NewPlanner(t.Context(), nil, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := p.db.ExecContext(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	rows, err := p.db.QueryContext(t.Context(), "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var c Column
		if err := rows.Scan(&table, &c.Name, &c.Type); err != nil {
			t.Fatal(err)
		}
		if p.tables[table] == nil {
			p.tables[table] = &Table{Name: table, Spec: &content.Table{Name: table}}
		}
		p.tables[table].Columns = append(p.tables[table].Columns, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReads(t *testing.T) {
	schema, cases := readLineageCases(t)
	p := lineagePlanner(t, schema)
	if len(cases) != 91 {
		t.Errorf("there are %d cases, want 91", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := p.Reads(t.Context(), c.query)
			if c.err != "" {
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.err)) {
					t.Errorf("got %v, want an error with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.reads) {
				t.Errorf("got  %v\nwant %v", got, c.reads)
			}
			bound, err := p.bound(t.Context(), c.query)
			if err != nil {
				t.Fatal("bound:", err)
			}
			if more := beyond(got, bound); len(more) > 0 {
				t.Errorf("reads %v, which the bound query does not", more)
			}
		})
	}
}

// The trap of lambda parameters with a column's name is refused before lineage is asked for; all other cases pass the
// gate but those that use query_table.
func TestLineageCasesPassTheGate(t *testing.T) {
	schema, cases := readLineageCases(t)
	p := lineagePlanner(t, schema)
	p.rules.TableFunctions["buckets_in"] = true
	refused := regexp.MustCompile(`^(query_table|lambda parameter with a column's name.*|unknown table|sample)$`)
	for _, c := range cases {
		_, err := p.Gate(t.Context(), c.query, false)
		if (err != nil) != refused.MatchString(c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
