package inventory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
)

// spooled is a row of the spool with all that says where and when it was listed.
func spooled(region, at, doc, unknown string) string {
	scope := ""
	if before, after, found := strings.Cut(region, "@"); found {
		region, scope = before, fmt.Sprintf(`,"scope":%q`, after)
	}
	if unknown == "" {
		unknown = "{}"
	}
	return fmt.Sprintf(`{"account":"111122223333","partition":"aws","region":%q%s,"at":"2026-01-15T12:00:%sZ","doc":%s,"unknown":%s}`, region, scope, at, doc, unknown)
}

func TestOneRowOfEachResource(t *testing.T) {
	const denied, skipped = `{"versioning":"denied: s3:GetBucketVersioning"}`, `{"tagging":"skipped: s3:GetBucketTagging was not asked for in this scan"}`
	for _, c := range []struct {
		name              string
		lines             []string
		want              []string // name, region and versioning
		folded, differing int64
	}{
		{"the same item on two pages", []string{spooled("a", "01", `{"Name":"x"}`, ""), spooled("a", "02", `{"Name":"x"}`, ""), spooled("a", "02", `{"Name":"y"}`, "")}, []string{"x a ?", "y a ?"}, 1, 0},
		{"the same item in another region", []string{spooled("a", "01", `{"Name":"x"}`, ""), spooled("b", "02", `{"Name":"x"}`, "")}, []string{"x a ?", "x b ?"}, 0, 0},
		{"what is known wins", []string{spooled("a", "01", `{"Name":"x","versioning":{"Status":"On"}}`, skipped), spooled("a", "02", `{"Name":"x"}`, denied[:len(denied)-1]+","+skipped[1:])}, []string{"x a On"}, 1, 1},
		{"contents that differ", []string{spooled("a", "01", `{"Name":"x","versioning":{"Status":"On"}}`, ""), spooled("a", "02", `{"Name":"x","versioning":{"Status":"Off"}}`, ""), spooled("a", "03", `{"Name":"x","versioning":{"Status":"Old"}}`, "")}, nil, 2, 1},
		{"rows without an id stay apart", []string{spooled("a", "01", `{"CreationDate":null}`, ""), spooled("a", "01", `{"CreationDate":null}`, "")}, []string{"? a ?", "? a ?"}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var first string
			for order := range 4 {
				w := newWorld(t, bucketAPI, bucketTable())
				rand.New(rand.NewPCG(uint64(order), 1)).Shuffle(len(c.lines), func(i, j int) { c.lines[i], c.lines[j] = c.lines[j], c.lines[i] })
				w.loadLines("aws_s3_bucket", c.lines...)
				settled, err := w.Settle(w.ctx, w.tables["aws_s3_bucket"])
				if err != nil || settled.Folded != c.folded || settled.Differing != c.differing {
					t.Errorf("got %+v, %v", settled, err)
				}
				if c.want != nil {
					w.want("SELECT coalesce(name, '?') || ' ' || region || ' ' || coalesce(versioning_status, '?') AS r FROM aws_s3_bucket ORDER BY r", asRows(c.want)...)
				}
				whole := strings.Join(w.ask("FROM aws_s3_bucket ORDER BY ALL"), "\n")
				if first == "" {
					first = whole
				}
				if whole != first {
					t.Errorf("in another order:\n%s\nat first:\n%s", whole, first)
				}
			}
		})
	}
}

func asRows(texts []string) (rows []string) {
	for _, text := range texts {
		rows = append(rows, fmt.Sprintf(`{"r":%q}`, text))
	}
	return rows
}

func TestGapsOfRows(t *testing.T) {
	table := bucketTable()
	table.Columns = append(table.Columns, &content.Column{Name: "year", SQL: "CAST(substr(name, 1, 4) AS INTEGER)"})
	w := newWorld(t, bucketAPI, table)
	report := w.loadLines(
		"aws_s3_bucket",
		spooled("a@global", "01", `{"Name":"2024","versioning":{"Status":"On"}}`, `{"tagging":"skipped: s3:GetBucketTagging was not asked for in this scan"}`),
		spooled("a@global", "01", `{"Name":"2025","versioning":7}`, `{"policy":"denied: s3:GetBucketPolicy"}`),
		spooled("a@global", "01", `{"Name":"2026","policy":{"Policy":"no JSON"}}`, ""),
		spooled("b@global", "01", `{"Name":"2027","policy":{"Policy":"no JSON"}}`, ""),
		spooled("c@global", "01", `{"Name":"text"}`, ""),
		spooled("d", "01", `{"CreationDate":null}`, ""),
		spooled("e", "01", `{"Name":{}}`, ""),
		spooled("f", "01", `{"Name":"x",]`, ""),
	)
	settled, err := w.Settle(w.ctx, w.tables["aws_s3_bucket"])
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		region, group string
		rows          int64
		cause         string
	}
	var got []told
	for _, g := range settled.Gaps {
		got = append(got, told{g.Region, g.Group, g.Rows, g.Cause[:min(len(g.Cause), 27)]})
	}
	want := []told{
		{"a", "policy", 1, "unexpected type: policy.Pol"},
		{"a", "versioning", 1, "unexpected type: versioning"},
		{"b", "policy", 1, "unexpected type: policy.Pol"},
		{"c", "list", 1, "defect: the expression of c"},
		{"d", "list", 1, "defect: the column arn, whi"},
		{"e", "list", 1, "unexpected type: Name is an"},
		{"f", "list", 1, "broken: the document cannot"},
		{"f", "policy", 1, "broken: the document cannot"},
		{"f", "tagging", 1, "broken: the document cannot"},
		{"f", "versioning", 1, "broken: the document cannot"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(told{})); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	for _, scope := range []Scope{{"111122223333", "a", "global"}, {"111122223333", "b", "global"}, {"111122223333", "d", "d"}} {
		if !report.Scopes[scope] {
			t.Errorf("%+v is missing in %v", scope, report.Scopes)
		}
	}
}

// What is all there twice is folded as well, and no document is held for it.
func TestATableListedTwice(t *testing.T) {
	w := newWorld(t, bucketAPI, bucketTable())
	pad := strings.Repeat("x", 2000)
	report, err := w.Load(w.ctx, w.tables["aws_s3_bucket"], func(yield func([]byte, error) bool) {
		for i := range 20_000 {
			if !yield([]byte(spooled("a", "01", fmt.Sprintf(`{"Name":"n%d","Other":%q}`, i/2, pad), "")), nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	settled, err := w.Settle(w.ctx, w.tables["aws_s3_bucket"])
	if err != nil || report.Rows != 20_000 || settled.Folded != 10_000 || settled.Differing != 0 {
		t.Errorf("%+v, %v", settled, err)
	}
	w.want("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM aws_s3_bucket", `{"n":10000,"ids":10000}`)
	t.Logf("folded in %s", time.Since(began))
}
