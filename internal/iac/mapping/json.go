package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// Symbols in JSON text are marked while it is read, by characters that no text is written with.
const markOpens, markCloses = "\uE000", "\uE001"

// fromJSON is the value that a JSON text holds. A symbol within one of its texts stays one. Text that is no JSON is unknown.
func fromJSON(v *iac.Value) *iac.Value {
	switch {
	case isAbsent(v):
		return nil
	case v.Kind == iac.Unknown && len(v.Either) > 0:
		all := *v
		all.Either = nil
		for _, one := range v.Either {
			if one = fromJSON(one); one == nil {
				one = &iac.Value{Kind: iac.Null}
			}
			all.Either = append(all.Either, one)
		}
		return &all
	case v.Kind != iac.String:
		return v
	case v.Sensitive: // of which parts is not known
		return &iac.Value{Kind: iac.Unknown, Cause: "sensitive: it is masked", Range: v.Range}
	}
	var symbols []*iac.Symbol
	text := v.Text
	for _, part := range v.Parts {
		if part.Symbol == nil {
			text += part.Text
			continue
		}
		text += markOpens + strconv.Itoa(len(symbols)) + markCloses
		symbols = append(symbols, part.Symbol)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return &iac.Value{Kind: iac.Unknown, Cause: fmt.Sprintf("the text is no JSON: %v", err), Range: v.Range}
	}
	r := jsonReader{symbols: symbols, like: v}
	return r.value(decoded)
}

// jsonReader makes values of decoded JSON, all of them at the place of the text that they stood in.
type jsonReader struct {
	symbols []*iac.Symbol
	like    *iac.Value
}

func (r *jsonReader) value(decoded any) *iac.Value {
	made := &iac.Value{Range: r.like.Range}
	switch decoded := decoded.(type) {
	case bool:
		made.Kind, made.Text = iac.Bool, strconv.FormatBool(decoded)
	case json.Number:
		made.Kind, made.Text = iac.Number, decoded.String()
	case string:
		return r.text(made, decoded)
	case []any:
		made.Kind = iac.List
		for _, item := range decoded {
			made.Items = append(made.Items, r.value(item))
		}
	case map[string]any:
		made.Kind = iac.Object
		for _, key := range sortedKeys(decoded) {
			made.Fields = append(made.Fields, iac.Field{Key: key, Value: r.value(decoded[key])})
		}
	}
	return made
}

// text puts the symbols back that were marked.
func (r *jsonReader) text(made *iac.Value, text string) *iac.Value {
	made.Kind = iac.String
	if !strings.Contains(text, markOpens) {
		made.Text = text
		return made
	}
	for i, piece := range strings.Split(text, markOpens) {
		number, rest, ok := strings.Cut(piece, markCloses)
		at, err := strconv.Atoi(number)
		if i == 0 || !ok || err != nil || at >= len(r.symbols) {
			rest = piece
		} else {
			made.Parts = append(made.Parts, iac.Part{Symbol: r.symbols[at]})
		}
		if rest != "" {
			made.Parts = append(made.Parts, iac.Part{Text: rest})
		}
	}
	if len(made.Parts) == 1 && made.Parts[0].Symbol != nil {
		return &iac.Value{Kind: iac.Unknown, Symbol: made.Parts[0].Symbol, Range: made.Range}
	}
	return made
}
