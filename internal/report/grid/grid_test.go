package grid

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/report/terminal"
)

// pairs stands for a driver's map that keeps its order.
type pairs struct{ keys, values []any }

func (p *pairs) Keys() []any   { return p.keys }
func (p *pairs) Values() []any { return p.values }

// decimal stands for a driver's exact number.
type decimal struct{ text string }

func (d decimal) String() string   { return d.text }
func (d decimal) Float64() float64 { return 0 }

// uuid stands for an array that says itself, on a pointer.
type uuid [16]byte

func (u *uuid) String() string { return "00000000-0000-0000-0000-000000000001" }

func rows(values ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func sampleRows() Rows {
	return Rows{
		Columns: []string{"name", "count", "nested", "name"},
		Values: rows(
			[]any{"plain", int64(7), map[string]any{"b": []any{1, nil}, "a": "<x>"}, true},
			[]any{"a|b\n\"c\", *d* 🪣", big.NewInt(0).Exp(big.NewInt(10), big.NewInt(20), nil), pairs{[]any{"k"}, []any{decimal{"1.10"}}}, nil},
			[]any{nil, nil, nil, time.Date(2026, 1, 15, 12, 0, 0, 0, time.FixedZone("", 3600))},
			[]any{"=1+1", math.NaN(), uuid{}, "@x \x1b[2J"},
			[]any{"日本", -3.5, []string{"x"}, ""},
		),
	}
}

func TestRowsAreWrittenInEveryFormat(t *testing.T) {
	tests := map[string]string{
		"json": `[
{"name": "plain", "count": 7, "nested": {"a":"<x>","b":[1,null]}, "name_2": true},
{"name": "a|b\n\"c\", *d* 🪣", "count": 100000000000000000000, "nested": {"k":1.10}, "name_2": null},
{"name": null, "count": null, "nested": null, "name_2": "2026-01-15T11:00:00Z"},
{"name": "=1+1", "count": "NaN", "nested": "00000000-0000-0000-0000-000000000001", "name_2": "@x \u001b[2J"},
{"name": "日本", "count": -3.5, "nested": ["x"], "name_2": ""}
]
`,
		"csv": `name,count,nested,name
plain,7,"{""a"":""<x>"",""b"":[1,null]}",true
"a|b` + "\x00" + `""c"", *d* 🪣",100000000000000000000,"{""k"":1.10}",
,,,2026-01-15T11:00:00Z
'=1+1,NaN,00000000-0000-0000-0000-000000000001,'@x ` + "\x1b" + `[2J
日本,-3.5,"[""x""]",
`,
		"markdown": `| name | count | nested | name |
| --- | --- | --- | --- |
| plain | 7 | \{"a":"&lt;x&gt;","b":\[1,null\]\} | true |
| a\|b<br>"c", \*d\* 🪣 | 100000000000000000000 | \{"k":1.10\} |  |
|  |  |  | 2026-01-15T11:00:00Z |
| =1+1 | NaN | 00000000-0000-0000-0000-000000000001 | &#64;x \\x1b\[2J |
| 日本 | -3.5 | \["x"\] |  |
`,
		"table": `name                              count  nested                                name
────────────────  ─────────────────────  ────────────────────────────────────  ────────────────────
plain                                 7  {"a":"<x>","b":[1,null]}              true
a|b\n"c", *d* 🪣  100000000000000000000  {"k":1.10}                            NULL
NULL                               NULL  NULL                                  2026-01-15T11:00:00Z
=1+1                                NaN  00000000-0000-0000-0000-000000000001  @x \x1b[2J
日本                               -3.5  ["x"]
`,
	}
	for format, want := range tests {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			n, err := Write(&out, format, sampleRows(), terminal.Terminal{Unicode: true})
			if err != nil || n != 5 {
				t.Fatalf("%d rows, error %v", n, err)
			}
			if want := strings.ReplaceAll(want, "\x00", "\n"); out.String() != want {
				t.Errorf("got\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

func TestTableFitsATerminal(t *testing.T) {
	long := strings.Repeat("some words ", 50)
	data := Rows{Columns: []string{"id", "arn", "about"}, Values: rows([]any{1, "arn:aws:iam::111122223333:role/" + strings.Repeat("x", 80) + "/end", long}, []any{22, "b", nil})}
	for _, width := range []int{40, 80, 120} {
		var out bytes.Buffer
		if _, err := Write(&out, "table", data, terminal.Terminal{TTY: true, Unicode: true, Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if w := terminal.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("%d columns at width %d: %s", w, width, line)
			}
		}
		if !strings.Contains(out.String(), "/end") {
			t.Errorf("an identifier keeps its end:\n%s", out.String())
		}
	}
	var out bytes.Buffer
	if _, err := Write(&out, "table", data, terminal.Terminal{}); err != nil || !strings.Contains(out.String(), strings.TrimSpace(long)) {
		t.Error("a file gets everything")
	}
}

func TestRowsBeforeAnErrorAreShown(t *testing.T) {
	broken := errors.New("out of memory")
	for _, format := range Formats() {
		var out bytes.Buffer
		n, err := Write(&out, format, Rows{Columns: []string{"a"}, Values: func(yield func([]any, error) bool) {
			if yield([]any{"first"}, nil) {
				yield(nil, broken)
			}
		}}, terminal.Terminal{})
		if !errors.Is(err, broken) || n != 1 || !strings.Contains(out.String(), "first") {
			t.Errorf("%s: %d rows, error %v, %q", format, n, err, out.String())
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAClosedOutputEndsTheQuery(t *testing.T) {
	for _, format := range Formats() {
		asked := 0
		_, err := Write(closedPipe{}, format, Rows{Columns: []string{"a"}, Values: func(yield func([]any, error) bool) {
			for asked = 0; asked < 1_000_000; asked++ {
				if !yield([]any{"0123456789"}, nil) {
					return
				}
			}
		}}, terminal.Terminal{})
		if !errors.Is(err, io.ErrClosedPipe) || asked > 50_000 {
			t.Errorf("%s: error %v after %d rows", format, err, asked)
		}
	}
}

func TestUnknownFormatNamesTheKnown(t *testing.T) {
	if _, err := Write(io.Discard, "xml", Rows{}, terminal.Terminal{}); err == nil || !strings.Contains(err.Error(), "table, json, jsonl, csv, markdown") {
		t.Error(err)
	}
}
