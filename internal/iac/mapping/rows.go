package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Place is where the rows of a unit are: the unit's own account, and what is known of the vendor's side.
type Place struct {
	Account string
	// Number is that of the vendor's account, if it is known and Account stands for it.
	Number string
	Region string // of resources that do not say it; empty: not known
}

// UnknownRegion is the region of rows of which the code does not tell it.
const UnknownRegion = "unknown"

const globalRegion = "global"

// unit is a unit while its rows are made.
type unit struct {
	*Mapper
	place     Place
	byAddress map[string]*iac.Resource
	byType    map[string][]*iac.Resource
	companies map[*content.Companion]*company
	owners    map[*iac.Value]*iac.Resource // of companions' bodies
	made      int                          // rows so far
}

// Rows makes the rows of a unit, in the order of its resources, and tells for each type that made none how many resources it has.
func (m *Mapper) Rows(of *iac.Unit, place Place) (rows []*Row, unmapped map[string]int) {
	u := &unit{
		Mapper: m, place: place, byAddress: map[string]*iac.Resource{}, byType: map[string][]*iac.Resource{},
		companies: map[*content.Companion]*company{}, owners: map[*iac.Value]*iac.Resource{},
	}
	for _, r := range of.Resources {
		u.byAddress[r.Address] = r
		if !r.Data {
			u.byType[r.Type] = append(u.byType[r.Type], r)
		}
	}
	unmapped = map[string]int{}
	for _, r := range of.Resources {
		if r.Data {
			continue
		}
		for _, rule := range m.rules[r.Type] {
			rows = append(rows, u.rowsOf(rule, r)...)
		}
		if !m.known[r.Type] {
			unmapped[r.Type]++
		}
	}
	return rows, unmapped
}

// rowsOf are the rows that a resource makes by a rule: one, or one for each item that the rule names.
func (u *unit) rowsOf(rule *rule, r *iac.Resource) (rows []*Row) {
	e := env{unit: u, rule: rule, resource: r, item: r.Body}
	e.region = u.regionOf(&e)
	doubt := ""
	if r.MayExist != "" {
		doubt = "it may not be made: " + r.MayExist
	}
	u.items(e, rule.mapping.Rows, doubt, func(e env, doubt string) {
		if row := u.row(&e, doubt); row != nil {
			rows = append(rows, row)
		}
	})
	return rows
}

// items calls made for each item below the paths. Where it is not known what an item is, or whether there are more, it is called
// once for that, with the cause.
func (u *unit) items(e env, paths []string, doubt string, made func(e env, doubt string)) {
	if len(paths) == 0 {
		made(e, doubt)
		return
	}
	list := e.path(paths[0])
	if isAbsent(list) {
		return
	}
	if list.Kind != iac.List {
		list = &iac.Value{Kind: iac.List, Items: []*iac.Value{list}}
	}
	inner := e
	inner.outer = append(slices.Clip(e.outer), e.item)
	for i, item := range list.Items {
		inner.item = item
		inner.part = fmt.Sprintf("%s/%s/%d", e.part, paths[0], i+1)
		if cause := doubtOf(item); cause != "" {
			made(inner, cmp.Or(doubt, cause))
			continue
		}
		u.items(inner, paths[1:], doubt, made)
	}
	if list.Open != "" {
		inner.item = unknown(list.Open)
		inner.part = fmt.Sprintf("%s/%s/more", e.part, paths[0])
		made(inner, cmp.Or(doubt, list.Open))
	}
}

// row is the row that an item makes by a rule; nil if the rule leaves it out.
func (u *unit) row(e *env, doubt string) *Row {
	rule, r := e.rule, e.resource
	row := &Row{Table: rule.table.Name, Region: e.region, Resource: r, Unknown: map[string]string{}, Ranges: map[string]iac.Range{}}
	switch holds := e.holds(rule.mapping.Where); {
	case holds.no:
		return nil
	case holds.cause != "" && doubt == "":
		doubt = holds.cause
	}
	doc := []byte{'{'}
	for _, c := range rule.columns {
		var said iac.Range
		var cause string
		if doc, said, cause = u.column(doc, e, c); cause != "" {
			row.Unknown[c.Name] = cause
		}
		if doubt != "" {
			row.Unknown[c.Name] = doubt
		}
		if !said.IsZero() {
			row.Ranges[c.Name] = said
		}
	}
	for _, name := range rule.untold {
		row.Unknown[name] = Unsaid + "the code of a " + r.Type + " does not tell it"
	}
	u.made++
	row.No = u.made
	row.Document = append(appendCode(ownNumber(doc, u.place.Number, u.place.Account), row), '}')
	return row
}

// column appends a column's key and value with a comma behind, and tells where it was said and why it is not known.
func (u *unit) column(doc []byte, e *env, c *column) (_ []byte, said iac.Range, cause string) {
	value := e.source(c.Source)
	if plain := value == nil || value.Symbol == nil && len(value.Either) == 0; c.naming && plain && !c.Source.HasValue && (isAbsent(value) || value.Kind == iac.Unknown) {
		value = e.named(c.Source, rangeOf(value)) // the vendor, or a variable, will name it
		value.Text += e.part                      // rows of one resource are told apart
	}
	before := len(doc)
	doc = append(jsonscan.AppendQuoted(doc, c.Name), ':')
	w := writer{env: e, opaque: c.naming || c.Names, references: c.References}
	doc, ok := w.column(doc, value, c)
	if !ok {
		doc = doc[:before]
		return doc, rangeOf(value), cmp.Or(w.cause, "known after apply")
	}
	return append(doc, ','), rangeOf(value), ""
}

// named is what stands for a name that the code does not give: the same text as a reference to it.
func (e *env) named(s *content.Source, said iac.Range) *iac.Value {
	for len(s.First) > 0 {
		s = s.First[0]
	}
	if s.Path == "" || strings.Contains(s.Path, "/") {
		return &iac.Value{Kind: iac.String, Text: iac.Symbol{Address: e.resource.Address}.String(), Range: said}
	}
	return &iac.Value{Kind: iac.String, Text: e.field(s.Path, e.resource, e.sight(), 0), Range: said}
}

// appendCode notes in the document, and so in raw, where it came from.
func appendCode(doc []byte, row *Row) []byte {
	doc = append(doc, `"_code":{"address":`...)
	doc = jsonscan.AppendQuoted(doc, row.Resource.Address)
	doc = append(doc, `,"file":`...)
	doc = jsonscan.AppendQuoted(doc, row.Resource.Range.File)
	return append(doc, fmt.Sprintf(`,"line":%d,"row":%d}`, row.Resource.Range.Line, row.No)...)
}

// regionOf is where a resource will be.
func (u *unit) regionOf(e *env) string {
	if e.rule.global {
		return globalRegion
	}
	if e.rule.provider != nil {
		for _, path := range e.rule.provider.Code.Region {
			if v := e.path(path); v != nil && v.Kind == iac.String && v.Text != "" {
				return v.Text
			}
		}
	}
	return cmp.Or(u.place.Region, UnknownRegion)
}

// rangeOf is where a value was said: its own place, or that of the first of its parts that has one.
func rangeOf(v *iac.Value) iac.Range {
	if v == nil || !v.Range.IsZero() {
		if v == nil {
			return iac.Range{}
		}
		return v.Range
	}
	for _, item := range v.Items {
		if r := rangeOf(item); !r.IsZero() {
			return r
		}
	}
	for _, f := range v.Fields {
		if r := rangeOf(f.Value); !r.IsZero() {
			return r
		}
	}
	for _, either := range v.Either {
		if r := rangeOf(either); !r.IsZero() {
			return r
		}
	}
	return iac.Range{}
}

// withoutModules takes the calls off an address: module.a["x"].data.aws_region.here is data.aws_region.here.
func withoutModules(address string) string {
	for {
		rest, ok := strings.CutPrefix(address, "module.")
		if !ok {
			return address
		}
		depth := 0
		end := strings.IndexFunc(rest, func(c rune) bool {
			switch c {
			case '[':
				depth++
			case ']':
				depth--
			}
			return c == '.' && depth == 0
		})
		if end < 0 {
			return address
		}
		address = rest[end+1:]
	}
}
