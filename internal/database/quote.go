package database

import "strings"

// Ident writes a name as a quoted SQL identifier, whatever it contains; at, order, user and others are reserved words.
func Ident(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Literal writes text as a SQL string.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// List writes texts as a SQL list of strings; the empty list is typed too.
func List(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = Literal(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]::VARCHAR[]"
}
