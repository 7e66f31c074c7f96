package content

import (
	"fmt"
	"math"
)

// convert gives a value as the parameter's type: int64, float64, bool, string or []string. The error completes a sentence:
// "is …, but a whole number is wanted".
func (p *Param) convert(v any) (any, error) {
	switch p.Type {
	case TypeInteger:
		if n, ok := v.(int64); ok {
			return n, nil
		}
	case TypeNumber:
		switch n := v.(type) {
		case int64:
			return float64(n), nil
		case float64:
			if !math.IsNaN(n) && !math.IsInf(n, 0) {
				return n, nil
			}
		}
	case TypeBoolean:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case TypeString:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case TypeStrings:
		if list, ok := v.([]any); ok {
			return convertStrings(list)
		}
	}
	return nil, fmt.Errorf("is %s, but %s is wanted", describe(v), typeWords[p.Type])
}

func convertStrings(list []any) ([]string, error) {
	texts := make([]string, len(list))
	for i, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("holds %s, but each item must be text: put it in quotes", describe(item))
		}
		texts[i] = s
	}
	return texts, nil
}

// typeWords are the types of parameters in words.
var typeWords = map[string]string{
	TypeInteger: "a whole number", TypeNumber: "a number", TypeBoolean: "true or false", TypeString: "text", TypeStrings: "a list of texts",
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return shown(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	return fmt.Sprint(v)
}
