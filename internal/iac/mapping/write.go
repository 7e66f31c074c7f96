package mapping

import (
	"bytes"
	"math/big"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/plan"
)

// writer writes one column's value as JSON of the column's type, or notes why it cannot.
type writer struct {
	*env
	opaque bool // any text will do, for it only names the thing
	// references to other things will do as well, but for those that may be secrets.
	references bool
	// whose says that it matters whose account something is in.
	whose bool
	// lenient writes null for what is not known: the caller tells of it.
	lenient bool
	cause   string
}

// Masked stands for a value that never leaves the code.
const Masked = "(sensitive)"

// column writes a value; false if it is not known, and then cause says why.
func (w *writer) column(dst []byte, v *iac.Value, c *column) ([]byte, bool) {
	if isAbsent(v) {
		return append(dst, "null"...), true
	}
	switch c.as {
	case "":
		return w.typed(dst, v, c.typ)
	case plan.SemanticPolicy, plan.SemanticJSON:
		if v.Kind == iac.List && len(v.Items) == 1 && c.as == plan.SemanticPolicy {
			v = v.Items[0]
		}
		w.opaque, w.whose = true, true // an open ARN in a policy is specific
		if v.Sensitive && v.Kind == iac.String {
			return dst, w.fail("sensitive: it is masked")
		}
	case plan.SemanticTags:
		w.opaque = true
	}
	if c.typ.Elem != nil && c.typ.Key == nil {
		return w.typed(dst, v, c.typ)
	}
	return w.free(dst, v)
}

func (w *writer) fail(cause string) bool {
	if w.cause == "" {
		w.cause = cause
	}
	return false
}

// typed writes a value of a DuckDB type.
func (w *writer) typed(dst []byte, v *iac.Value, t *plan.Type) ([]byte, bool) {
	switch {
	case isAbsent(v):
		return append(dst, "null"...), true
	case v.Kind == iac.Unknown && len(v.Either) > 0:
		return w.either(dst, v, t)
	case t.Elem != nil && t.Key == nil:
		return w.list(dst, v, t)
	case t.Elem != nil:
		return w.mapOf(dst, v, t)
	case t.Fields != nil:
		return w.structure(dst, v, t)
	}
	return w.leaf(dst, v, t.Leaf)
}

// either writes a value that is one of several: known if all come to the same.
func (w *writer) either(dst []byte, v *iac.Value, t *plan.Type) ([]byte, bool) {
	before := len(dst)
	var first []byte
	for i, one := range v.Either {
		try := writer{env: w.env, opaque: w.opaque, whose: w.whose, references: w.references}
		text, ok := try.typed(nil, one, t)
		if !ok || i > 0 && !bytes.Equal(text, first) {
			return dst[:before], w.fail(causeOf(v))
		}
		first = text
	}
	return append(dst, first...), true
}

func (w *writer) list(dst []byte, v *iac.Value, t *plan.Type) ([]byte, bool) {
	if v.Kind == iac.Unknown && v.Symbol == nil {
		return dst, w.fail(causeOf(v))
	}
	items := []*iac.Value{v}
	if v.Kind == iac.List {
		if items = v.Items; v.Open != "" {
			return dst, w.fail(v.Open)
		}
	}
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		var ok bool
		if dst, ok = w.typed(dst, item, t.Elem); !ok {
			return dst, false
		}
	}
	return append(dst, ']'), true
}

func (w *writer) mapOf(dst []byte, v *iac.Value, t *plan.Type) ([]byte, bool) {
	v = alone(v)
	switch {
	case v.Kind == iac.Unknown:
		return dst, w.fail(causeOf(v))
	case v.Kind != iac.Object:
		return w.free(dst, v) // of another kind: the inventory says so
	case v.Open != "":
		return dst, w.fail(v.Open)
	}
	dst = append(dst, '{')
	for i, f := range v.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, f.Key), ':')
		var ok bool
		if dst, ok = w.typed(dst, f.Value, t.Elem); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}

func (w *writer) structure(dst []byte, v *iac.Value, t *plan.Type) ([]byte, bool) {
	v = alone(v)
	switch {
	case v.Kind == iac.Unknown:
		return dst, w.fail(causeOf(v))
	case v.Kind != iac.Object:
		return w.free(dst, v)
	case v.Open != "":
		return dst, w.fail(v.Open)
	}
	dst = append(dst, '{')
	first := true
	for _, field := range t.Fields {
		value := memberOf(v, field.Name)
		if isAbsent(value) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsonscan.AppendQuoted(dst, field.Name), ':')
		var ok bool
		if dst, ok = w.typed(dst, value, field.Type); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}

// memberOf gives an object's member. CloudFormation writes them large where some of the vendor's calls write them small, and JSON
// that calls take may be written either way.
func memberOf(v *iac.Value, name string) *iac.Value {
	if exact := v.Get(name); exact != nil {
		return exact
	}
	for _, f := range v.Fields {
		if strings.EqualFold(f.Key, name) {
			return f.Value
		}
	}
	return nil
}

// alone takes a list's only item: blocks are lists, however many there may be.
func alone(v *iac.Value) *iac.Value {
	if v.Kind == iac.List && len(v.Items) == 1 && v.Open == "" {
		return v.Items[0]
	}
	return v
}

// leaf writes a scalar of a SQL type. Terraform's and CloudFormation's scalars are often texts of another type.
func (w *writer) leaf(dst []byte, v *iac.Value, typ string) ([]byte, bool) {
	v = alone(v)
	if v.Kind == iac.List && len(v.Items) == 0 && v.Open == "" {
		return append(dst, "null"...), true // none of a list's items was the one
	}
	if typ == "JSON" {
		return w.free(dst, v)
	}
	if v.Sensitive {
		v = &iac.Value{Kind: iac.String, Text: Masked}
	}
	text, ok := w.scalar(v)
	if !ok {
		return dst, false
	}
	switch {
	case v.Kind == iac.List || v.Kind == iac.Object:
		return w.free(dst, v)
	case typ == "BOOLEAN":
		switch lower := strings.ToLower(text); lower {
		case "true", "false":
			return append(dst, lower...), true
		case "1":
			return append(dst, "true"...), true
		case "0":
			return append(dst, "false"...), true
		}
	case strings.HasPrefix(typ, "VARCHAR"), strings.HasPrefix(typ, "TIMESTAMP"):
		return jsonscan.AppendQuoted(dst, text), true
	default:
		if number, ok := plainNumber(text); ok {
			return append(dst, number...), true
		}
	}
	if v.Sensitive || text == Masked {
		return dst, w.fail("sensitive: it is masked")
	}
	return jsonscan.AppendQuoted(dst, text), true // the inventory says that it is of an unexpected type
}

// plainNumber writes a number without an exponent, as JSON.
func plainNumber(text string) (string, bool) {
	f, _, err := big.ParseFloat(strings.TrimSpace(text), 10, 512, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return "", false
	}
	if f.IsInt() {
		whole := f.Text('f', 0)
		return whole, len(whole) < 400
	}
	return f.Text('g', 17), true
}

// scalar gives the text of a scalar; false if it is not known.
func (w *writer) scalar(v *iac.Value) (string, bool) {
	switch {
	case v.Kind == iac.Unknown && v.Symbol != nil && w.stands(v.Symbol):
		return w.symbol(*v.Symbol, w.sight()), true
	case v.Kind == iac.Unknown && w.opaque && (!w.whose || v.Symbol == nil):
		return iac.Symbol{Address: w.resource.Address}.String(), true
	case v.Kind == iac.Unknown:
		return "", w.fail(causeOf(v))
	case v.Kind == iac.String && v.Parts != nil:
		for _, part := range v.Parts {
			if part.Symbol != nil && !w.stands(part.Symbol) {
				return "", w.fail("known after apply: " + part.Symbol.Address + "." + part.Symbol.Attribute)
			}
		}
		return w.text(v, w.sight()), true
	}
	return v.Text, true
}

// stands tells whether a symbol may stand as text in the column.
func (w *writer) stands(s *iac.Symbol) bool {
	if w.whose && w.strange(*s, w.sight()) {
		return false
	}
	return w.opaque || w.names(s) || w.references && !secretive().MatchString(s.Attribute)
}

// free writes a value as it is. What is unknown in a policy or in tags leaves the whole unknown.
func (w *writer) free(dst []byte, v *iac.Value) ([]byte, bool) {
	switch {
	case isAbsent(v):
		return append(dst, "null"...), true
	case w.lenient && v.Kind == iac.Unknown:
		return append(dst, "null"...), true
	case v.Kind == iac.Unknown && len(v.Either) > 0:
		return w.either(dst, v, &plan.Type{Leaf: "JSON"})
	case v.Kind == iac.Unknown && v.Symbol == nil:
		return dst, w.fail(causeOf(v))
	case v.Open != "" && !w.lenient:
		return dst, w.fail(v.Open)
	case v.Kind == iac.List:
		dst = append(dst, '[')
		for i, item := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			var ok bool
			if dst, ok = w.free(dst, item); !ok {
				return dst, false
			}
		}
		return append(dst, ']'), true
	case v.Kind == iac.Object:
		return w.object(dst, v)
	case v.Sensitive:
		return jsonscan.AppendQuoted(dst, Masked), true
	case v.Kind == iac.Bool:
		return append(dst, v.Text...), true
	case v.Kind == iac.Number:
		if number, ok := plainNumber(v.Text); ok {
			return append(dst, number...), true
		}
	}
	text, ok := w.scalar(v)
	if !ok {
		return dst, false
	}
	return jsonscan.AppendQuoted(dst, text), true
}

func (w *writer) object(dst []byte, v *iac.Value) ([]byte, bool) {
	dst = append(dst, '{')
	for i, f := range v.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, f.Key), ':')
		var ok bool
		if dst, ok = w.free(dst, f.Value); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}
