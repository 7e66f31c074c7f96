package database

import (
	"regexp"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// rewrites turn DuckDB's words into ours, the first that matches. Where a pattern has a group called names, it lists what
// may have been meant instead of the group word.
var rewrites = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`(?s)^Binder Error: Referenced column "(?P<word>.+?)" (?:was )?not found.*?(?:Candidate bindings: (?P<names>.+?)(?:\n.*)?)?$`), `column "$word" does not exist`},
	{regexp.MustCompile(`(?s)^Binder Error: (?:Table|Values list) "(?P<table>.+?)" does not have a column named "(?P<word>.+?)".*?(?:Candidate bindings: (?P<names>.+?)(?:\n.*)?)?$`), `column "$word" of $table does not exist`},
	{regexp.MustCompile(`(?s)^Binder Error: Could not find key "(?P<word>.+?)" in struct.*?(?:Candidate Entries: (?P<names>.+?)(?:\n.*)?)?$`), `field "$word" does not exist`},
	{regexp.MustCompile(`(?s)^Binder Error: Referenced table "(?P<word>.+?)" not found!.*?(?:Candidate tables: (?P<names>.+?)(?:\n.*)?)?$`), `table "$word" is not in this query`},
	{regexp.MustCompile(`(?s)^Catalog Error: Table with name "?(?P<word>.+?)"? does not exist!.*?(?:Did you mean (?P<names>.+?)\?(?:\n.*)?)?$`), `table "$word" does not exist`},
	{regexp.MustCompile(`(?s)^Catalog Error: \w+(?: \w+)? Function with name "?(?P<word>.+?)"? does not exist!.*?(?:Did you mean (?P<names>.+?)\?(?:\n.*)?)?$`), `function "$word" does not exist`},
	{regexp.MustCompile(`(?s)^Binder Error: No function matches the given name and argument types '(?P<word>.+?)'\..*$`), `no function fits $word`},
	{regexp.MustCompile(`(?s)^Binder Error: TRY can not be used in combination with a scalar subquery.*$`), `a subquery stands in a clause about one row; write a query: check`},
	{regexp.MustCompile(`(?s)^Binder Error: aggregates are not allowed inside the TRY expression.*$`), `an aggregate stands in a clause about one row; write a query: check, or use the list functions`},
	{regexp.MustCompile(`(?s)^Not implemented Error: .*BindExpression: WINDOW.*$`), `a window function stands in a clause about one row; write a query: check`},
	{regexp.MustCompile(`(?s)^Binder Error: UNNEST not supported here.*$`), `unnest stands in a clause about one row; use the list functions, or write a query: check`},
}

// quoted are names in a list such as DuckDB writes: "a", "b".
var quoted = regexp.MustCompile(`"([^"]+)"`)

// kind is the word that DuckDB's messages begin with.
var kind = regexp.MustCompile(`^(Binder|Catalog|Parser|Conversion|Invalid Input|Out of Range|Permission|Not implemented|Constraint) Error: `)

// Message says on one line what is wrong with a statement: what does not exist, where the text cannot be read, and what
// may have been meant. The statement itself, which DuckDB repeats, is left out.
func Message(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	for _, r := range rewrites {
		if match := r.pattern.FindStringSubmatch(text); match != nil {
			return r.pattern.ReplaceAllString(text, r.text) + meant(r.pattern, match)
		}
	}
	text, _, _ = strings.Cut(text, "\n\nLINE ")
	text, _, _ = strings.Cut(text, "\n\tCandidate functions")
	return strings.Join(strings.Fields(kind.ReplaceAllString(text, "")), " ")
}

// meant suggests the one of the names that DuckDB offers which is near what was written, if any is.
func meant(pattern *regexp.Regexp, match []string) string {
	i := pattern.SubexpIndex("names")
	if i < 0 {
		return ""
	}
	var names []string
	for _, name := range quoted.FindAllStringSubmatch(match[i], -1) {
		names = append(names, name[1])
	}
	if hint := content.DidYouMean(match[pattern.SubexpIndex("word")], names); hint != "" {
		return "; " + hint
	}
	return ""
}
