package shell

import (
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// words of SQL that are worth completing.
var words = []string{
	"select", "from", "where", "group by", "order by", "having", "limit", "join", "left join", "using", "union all", "with", "distinct", "count(*)",
	"case", "when", "then", "else", "end", "and", "or", "not", "is null", "is not null", "like", "ilike", "between", "coalesce", "unnest", "list_filter",
}

var commands = []string{".tables", ".schema", ".format", ".help", ".quit"}

var afterTable = regexp.MustCompile(`(?i)\b(?:from|join)\s+(\w+)`)

// complete proposes what the word before the cursor may become.
func (s *shell) complete(line string, pos int) (head string, completions []string, tail string) {
	runes := []rune(line)
	before, tail := string(runes[:pos]), string(runes[pos:])
	start := strings.LastIndexFunc(before, func(r rune) bool { return r != '_' && r != '.' && !isWord(r) }) + 1
	head, word := before[:start], before[start:]
	return head, s.candidates(line, head, word), tail
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func (s *shell) candidates(line, head, word string) []string {
	lower := strings.ToLower(word)
	if strings.TrimSpace(head) == "" && strings.HasPrefix(word, ".") {
		return starting(commands, lower)
	}
	previous := strings.ToLower(strings.TrimSpace(head))
	if strings.HasSuffix(previous, "from") || strings.HasSuffix(previous, "join") || strings.HasSuffix(previous, ".schema") {
		return starting(s.source.Tables(), lower)
	}
	prefix := ""
	if alias, column, ok := strings.Cut(lower, "."); ok {
		prefix, lower = alias+".", column
	}
	var found []string
	for _, match := range afterTable.FindAllStringSubmatch(line, -1) {
		columns, err := s.source.Columns(s.ctx, match[1])
		if err != nil {
			continue // the query itself will say so
		}
		for _, c := range starting(columns, lower) {
			found = append(found, prefix+c)
		}
	}
	if len(found) == 0 && prefix == "" { // before FROM is typed
		found = starting(content.CommonColumns(), lower)
	}
	if prefix == "" {
		found = append(found, starting(words, lower)...)
		found = append(found, starting(s.source.Tables(), lower)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func starting(all []string, prefix string) []string {
	var found []string
	for _, word := range all {
		if strings.HasPrefix(strings.ToLower(word), prefix) {
			found = append(found, word)
		}
	}
	return found
}
