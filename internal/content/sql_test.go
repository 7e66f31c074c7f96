package content

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBindSQLWritesTypedLiterals(t *testing.T) {
	values := map[string]any{
		"days": int64(90), "day": int64(1), "minus": int64(-5), "least": int64(math.MinInt64), "share": 0.25, "on": true,
		"name": "it's", "list": []string{"a", "b'c"}, "none": []string{},
	}
	for sql, want := range map[string]string{
		"a > $days":                       "a > 90",
		"a > $day and b > $days":          "a > 1 and b > 90",
		"a - $minus":                      "a - (-5)",
		"a-$minus":                        "a-(-5)", // not a comment
		"a < $least":                      "a < (-9223372036854775807 - 1)",
		"a < $share":                      "a < CAST('0.25' AS DOUBLE)",
		"$on":                             "true",
		"a = $name":                       "a = CAST('it''s' AS VARCHAR)",
		"list_contains($list, a)":         "list_contains(CAST(['a','b''c'] AS VARCHAR[]), a)",
		"$list[1]":                        "CAST(['a','b''c'] AS VARCHAR[])[1]",
		"len($none)":                      "len(CAST([] AS VARCHAR[]))",
		"'$days' || \"$days\" || $days":   "'$days' || \"$days\" || 90",
		"a -- $days\n+ $days":             "a -- $days\n+ 90",
		"/* $days /* */ $days */ $days":   "/* $days /* */ $days */ 90",
		"$$ $days $$ || $x$ $days $x$":    "$$ $days $$ || $x$ $days $x$",
		"e'\\' $days' || $days":           "e'\\' $days' || 90",
		"'it''s $days' || $days":          "'it''s $days' || 90",
		"a$days + 1":                      "a$days + 1", // one name
		"name || 'ü$days' || ü$days":      "name || 'ü$days' || ü$days",
		"no parameter":                    "no parameter",
		"case when $days>1 then$days end": "case when 90>1 then$days end",
		"'unclosed $days":                 "'unclosed $days",
	} {
		got, err := BindSQL(sql, values)
		if err != nil || got != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", sql, got, err, want)
		}
	}
}

func TestBindSQLRefuses(t *testing.T) {
	values := map[string]any{"days": int64(90), "bad": struct{}{}, "nan": math.NaN(), "zero": "a\x00b", "zeros": []string{"\x00"}}
	for sql, want := range map[string]string{
		"a > $dayz":  "there is no parameter $dayz (did you mean $days?)",
		"a > $1":     "there is no parameter $1",
		"a > $Days":  "there is no parameter $Days (did you mean $days?)",
		"a > $bad":   "parameter $bad: values of type struct {} cannot be written in SQL",
		"a > $nan":   "parameter $nan: NaN is not a number",
		"a > $zero":  "parameter $zero: the text holds a zero byte",
		"a > $zeros": "parameter $zeros: the text holds a zero byte",
	} {
		if _, err := BindSQL(sql, values); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

func TestSQLParams(t *testing.T) {
	if diff := cmp.Diff([]string{"b", "a"}, SQLParams("$b + $a + '$c' -- $d\n + $b")); diff != "" {
		t.Error(diff)
	}
}

// FuzzScanSQL holds the scanner to giving back every byte, once and in order.
func FuzzScanSQL(f *testing.F) {
	for _, seed := range []string{"a'b''c'; -- x\n$d$ $d$ /* /* */", "e'\\", "$a$", "\"", "1e5.x", "\xff$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		var whole strings.Builder
		for _, part := range scanSQL(sql) {
			if part.end <= part.start {
				t.Fatalf("an empty part in %q", sql)
			}
			whole.WriteString(sql[part.start:part.end])
		}
		if whole.String() != sql {
			t.Fatalf("%q became %q", sql, whole.String())
		}
	})
}

func TestFunctionsAreReadWithTheirTests(t *testing.T) {
	l := loadGood(t)
	const file = "testdata/good/functions/network.sql"
	want := []*Function{
		{
			Name: "holds_port", SQL: "CREATE MACRO holds_port(low, high, port) AS port BETWEEN low AND high", About: "Whether a range of ports holds one.",
			Tests: []FunctionTest{{"holds_port(low := 20, high := 25, port := 22)", "true", Pos{file, 12, 1}}}, Pos: Pos{file, 11, 1},
		},
		{
			Name: "is_internet", SQL: "CREATE MACRO is_internet(cidr) AS\n  cidr IN ('0.0.0.0/0', '::/0')",
			About: "Whether an address range is the whole internet. Both families count.",
			Tests: []FunctionTest{{"is_internet('0.0.0.0/0')", "true", Pos{file, 7, 1}}, {"is_internet('a => b;')", "false", Pos{file, 8, 1}}},
			Pos:   Pos{file, 5, 1},
		},
	}
	if diff := cmp.Diff(want, l.Functions); diff != "" {
		t.Error(diff)
	}
}

func TestMistakesInFunctions(t *testing.T) {
	for text, want := range map[string]string{
		"-- a\nCREATE MACRO f(x) AS x":                         "2:1: the statement does not end in a semicolon",
		"-- a\nCREATE TABLE f AS SELECT 1;":                    "2:1: a statement that makes no macro (write CREATE MACRO name(arguments) AS expression;)",
		"CREATE MACRO f(x) AS x;":                              "1:1: the comment that says what f is for is missing",
		"-- a\nCREATE MACRO F(x) AS x;":                        `2:1: the macro's name "F" is not lower-case`,
		"-- a\nCREATE MACRO f(x) AS x;\n-- test: f(1)":         "3:1: the test has no => (write -- test: expression => expression)",
		"-- a\nCREATE MACRO f(x) AS x;;":                       "2:24: a semicolon ends nothing",
		"-- test: 1 => 1\n":                                    "1:1: the test stands beside no macro",
		"-- a\nCREATE MACRO f(x) AS x;\n\n-- b\nDROP MACRO f;": "5:1: a statement that makes no macro (write CREATE MACRO name(arguments) AS expression;)",
	} {
		files := goodFiles()
		files["functions/f.sql"] = text
		if _, problems := Load(folderOf(files)); problems.Error() != "content/functions/f.sql:"+want {
			t.Errorf("%s:\n got %s\nwant %s", text, problems.Error(), want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]int64{"90d": 90 * 86400, "12h": 43200, "1d12h": 129600, "-30d": -30 * 86400, "0s": 0, "2w": 14 * 86400, "5m": 300} {
		if got, ok := parseSpan(text); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "-", "d", "90", "90 d", "1y", "99999999999999999999d", "365001d", "9223372036854775807w", "300000d300000d", "--1d"} {
		if got, ok := parseSpan(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}
