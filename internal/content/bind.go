package content

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// BindSQL puts values in the place of the $names of a SQL text, as literals of their type; text in quotes and comments is
// left alone. Values are int64 (int), float64, bool, string and []string. A name that has no value is an error.
func BindSQL(sql string, values map[string]any) (string, error) {
	if !strings.Contains(sql, "$") {
		return sql, nil
	}
	var bound strings.Builder
	for _, part := range scanSQL(sql) {
		text := sql[part.start:part.end]
		if part.kind != sqlParam {
			bound.WriteString(text)
			continue
		}
		value, ok := values[text[1:]]
		if !ok {
			message := "there is no parameter " + text
			if near := Nearest(text[1:], slices.Sorted(maps.Keys(values))); near != "" {
				message += " (did you mean $" + near + "?)"
			}
			return "", fmt.Errorf("%s", message)
		}
		literal, err := sqlLiteral(value)
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", text, err)
		}
		bound.WriteString(literal)
	}
	return bound.String(), nil
}

// SQLParams lists the $names that a SQL text reads, each once, in the order of their first use.
func SQLParams(sql string) []string {
	var names []string
	for _, part := range scanSQL(sql) {
		if name := sql[part.start:part.end]; part.kind == sqlParam && !contains(names, name[1:]) {
			names = append(names, name[1:])
		}
	}
	return names
}

// sqlLiteral writes a value so that it has its type and means the same wherever an operand may stand: x IN ['a']::VARCHAR[]
// would cast the answer, and x IN (['a']) would ask for a list among lists.
func sqlLiteral(v any) (string, error) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return sqlLiteral(int64(v))
	case int64:
		if v == math.MinInt64 {
			return "(-9223372036854775807 - 1)", nil
		}
		if v < 0 {
			return "(" + strconv.FormatInt(v, 10) + ")", nil
		}
		return strconv.FormatInt(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%v is not a number", v)
		}
		return "CAST('" + strconv.FormatFloat(v, 'g', -1, 64) + "' AS DOUBLE)", nil
	case string:
		text, err := sqlText(v)
		return "CAST(" + text + " AS VARCHAR)", err
	case []string:
		texts := make([]string, len(v))
		for i, s := range v {
			var err error
			if texts[i], err = sqlText(s); err != nil {
				return "", err
			}
		}
		return "CAST([" + strings.Join(texts, ",") + "] AS VARCHAR[])", nil
	}
	return "", fmt.Errorf("values of type %T cannot be written in SQL", v)
}

func sqlText(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("the text holds a zero byte")
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'", nil
}
