package shell

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/report/grid"
)

// lake is a source of two tables.
type lake struct{ asked []string }

func (l *lake) Tables() []string { return []string{"aws_s3_bucket", "aws_vpc"} }

func (l *lake) Columns(_ context.Context, table string) ([]string, error) {
	return map[string][]string{"aws_s3_bucket": {"id", "name", "policy", "policy_text"}, "aws_vpc": {"id", "cidr_block"}}[table], nil
}

func (l *lake) Query(_ context.Context, query string) (grid.Rows, error) {
	l.asked = append(l.asked, query)
	if strings.Contains(query, "wrong") {
		return grid.Rows{}, errors.New("no such column")
	}
	return grid.Rows{Columns: []string{"n"}, Values: func(yield func([]any, error) bool) { yield([]any{int64(7)}, nil) }}, nil
}

func TestCompletion(t *testing.T) {
	for typed, want := range map[string][]string{ // | is the cursor
		".s|":                                           {".schema"},
		"select * from aws_s|":                          {"aws_s3_bucket"},
		"select * from aws_vpc join |":                  {"aws_s3_bucket", "aws_vpc"},
		".schema aws_v|":                                {"aws_vpc"},
		"select pol| from aws_s3_bucket":                {"policy", "policy_text"},
		"select b.policy_| from aws_s3_bucket b":        {"b.policy_text"},
		"select cid| from aws_s3_bucket":                nil,
		"select ci| from aws_s3_bucket, x join aws_vpc": {"cidr_block"},
		"sel|":                              {"select"},
		"select acc|":                       {"account_id"},
		"select n from aws_s3_bucket wher|": {"where"},
	} {
		at := strings.Index(typed, "|")
		line := strings.Replace(typed, "|", "", 1)
		s := &shell{ctx: t.Context(), source: &lake{}}
		head, found, tail := s.complete(line, at)
		if !slices.Equal(found, want) {
			t.Errorf("%s: got %q, want %q", typed, found, want)
		}
		if !strings.HasPrefix(line, head) || line[at:] != tail {
			t.Errorf("%s: parted as %q and %q", typed, head, tail)
		}
	}
}

func TestStatements(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		says            []string
		leaves          bool
	}{
		{"a query", "select 1;", []string{"7", "1 row\n"}, false},
		{"a query that is wrong", "select wrong;", []string{"no such column"}, false},
		{"tables by a word", ".tables vpc", []string{"aws_vpc\n"}, false},
		{"columns", ".schema aws_vpc", []string{"cidr_block"}, false},
		{"a table that is misspelled", ".schema aws_vcp", []string{`no table "aws_vcp"`, "aws_vpc"}, false},
		{"a format that is not known", ".format pdf", []string{"known formats are"}, false},
		{"a command that is not known", ".open x", []string{"there is no .open"}, false},
		{"help", ".help", []string{".tables", "semicolon"}, false},
		{"leaving", ".quit", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			s := &shell{Options: Options{Out: &out, Format: "table"}, ctx: t.Context(), source: &lake{}}
			if leaves := s.do(c.statement); leaves != c.leaves {
				t.Errorf("leaves: %v", leaves)
			}
			for _, words := range c.says {
				if !strings.Contains(out.String(), words) {
					t.Errorf("it does not say %q:\n%s", words, out.String())
				}
			}
		})
	}
}

func TestTheFormatStays(t *testing.T) {
	var out strings.Builder
	s := &shell{Options: Options{Out: &out, Format: "table"}, ctx: t.Context(), source: &lake{}}
	s.do(".format csv")
	s.do("select 1;")
	if got := out.String(); got != "n\n7\n" {
		t.Errorf("got %q", got)
	}
}
