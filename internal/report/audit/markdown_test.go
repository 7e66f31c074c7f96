package audit

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestMarkdownIsWrittenAsBefore(t *testing.T) {
	golden(t, "sample.md", written(t, Markdown{}, sample()))
}

func TestMarkdownTablesAreWhole(t *testing.T) {
	columns := 0
	for i, line := range strings.Split(string(written(t, Markdown{}, sample())), "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns != 0 && n != columns {
			t.Errorf("line %d has %d cells, its table %d: %s", i+1, n-1, columns-1, line)
		}
		columns = n
	}
}

func TestMarkdownMeansNothingElse(t *testing.T) {
	text := string(written(t, Markdown{}, sample()))
	for _, pattern := range []string{`<img`, `</script`, `[^\\]\]\(javascript`, `@all`, "\x1b", "\u202e"} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			t.Errorf("the text has %q", found)
		}
	}
}

func TestMarkdownListsSomeOfManyFindings(t *testing.T) {
	text := string(written(t, Markdown{}, crowded(47_000, "")))
	if n := strings.Count(text, "| fail |"); n != 50 {
		t.Errorf("%d failures of a check are listed, want 50", n)
	}
	if want := fmt.Sprintf("Not listed: %s that fail.", number(2000-50)); !strings.Contains(text, want) {
		t.Errorf("the text does not say %q", want)
	}
	if strings.Contains(text, "| pass |") {
		t.Error("what passes is counted, not listed")
	}
}
