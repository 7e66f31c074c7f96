package content

import (
	"regexp"
	"strings"
)

// A form says how a piece of YAML must look. Forms are the only description of the content's syntax: the loader walks
// files by them, and the JSON Schemas that editors use are written from them, so that the two cannot differ.
type form struct {
	kind  formKind
	about string   // what it is, for whoever writes it; shown by editors
	words []string // text: the only values allowed
	match *pattern // text: what it must look like
	keys  *pattern // dict: what its keys must look like
	least int      // list, dict: the fewest entries; integer: the smallest value
	most  int      // dict: the most entries; 0 is no limit

	fields  []field           // object
	rules   []rule            // object: which keys go together
	element *form             // list, dict
	either  map[nodeKind]form // one form per kind of node
	tags    bool              // free: fixtures' tags (!denied, !ago, …) may stand in it
}

// field is a key of an object.
type field struct {
	name     string
	form     form
	required bool
}

type formKind int

const (
	formText    formKind = iota // a string; numbers and dates are read as they are written
	formScalar                  // text that may also look like a boolean: SQL such as true
	formInteger                 // fits 64 bits
	formNumber
	formBoolean
	formObject // fixed keys
	formDict   // keys of the writer's choice, all with values of one form
	formList
	formEither // by the kind of node
	formFree   // anything
)

type nodeKind int

const (
	nodeScalar nodeKind = iota
	nodeList
	nodeMap
)

func (k nodeKind) String() string { return [...]string{"one value", "a list", "a map"}[k] }

// pattern is what a text must look like, with words for it.
type pattern struct {
	expr string // a regular expression that JSON Schema understands too
	what string // "a name such as aws_s3_bucket"
	re   *regexp.Regexp
}

func newPattern(what, expr string) *pattern {
	return &pattern{expr: expr, what: what, re: regexp.MustCompile(expr)}
}

// rule ties keys of an object together.
type rule struct {
	kind ruleKind
	keys []string // of ruleNeeds and ruleExcludes: the first needs or excludes the others
}

type ruleKind int

const (
	ruleOne      ruleKind = iota // exactly one of the keys is there
	ruleNeeds                    // the first is not there without all of the others
	ruleExcludes                 // the first is not there with any of the others
)

// Builders, so that the forms read like a list of keys.

func text(about string) form               { return form{kind: formText, about: about} }
func sql(about string) form                { return form{kind: formScalar, about: about} }
func scalar(about string) form             { return form{kind: formScalar, about: about} }
func boolean(about string) form            { return form{kind: formBoolean, about: about} }
func number(about string) form             { return form{kind: formNumber, about: about} }
func free(about string) form               { return form{kind: formFree, about: about} }
func fixture(about string) form            { return form{kind: formFree, about: about, tags: true} }
func list(about string, of form) form      { return form{kind: formList, about: about, element: &of} }
func texts(about string) form              { return list(about, text("")) }
func words(about string, w ...string) form { return form{kind: formText, about: about, words: w} }

func integer(about string, least int) form {
	return form{kind: formInteger, about: about, least: least}
}

func like(p *pattern, about string) form { return form{kind: formText, about: about, match: p} }

func dict(about string, keys *pattern, of form) form {
	return form{kind: formDict, about: about, keys: keys, element: &of}
}

func object(about string, fields ...field) form {
	return form{kind: formObject, about: about, fields: fields}
}

func either(about string, forms map[nodeKind]form) form {
	return form{kind: formEither, about: about, either: forms}
}

func must(name string, f form) field { return field{name: name, form: f, required: true} }
func may(name string, f form) field  { return field{name: name, form: f} }

func (f form) one(keys ...string) form      { return f.with(ruleOne, keys) }
func (f form) needs(keys ...string) form    { return f.with(ruleNeeds, keys) }
func (f form) excludes(keys ...string) form { return f.with(ruleExcludes, keys) }

func (f form) with(kind ruleKind, keys []string) form {
	f.rules = append(f.rules[:len(f.rules):len(f.rules)], rule{kind, keys})
	return f
}

// filled says that a list or dict has an entry at least, single that a dict has no more than one.
func (f form) filled() form { f.least = 1; return f }
func (f form) single() form { f.most = 1; return f }

func (f form) field(name string) *field {
	for i := range f.fields {
		if f.fields[i].name == name {
			return &f.fields[i]
		}
	}
	return nil
}

func (f form) names() []string {
	names := make([]string, len(f.fields))
	for i := range f.fields {
		names[i] = f.fields[i].name
	}
	return names
}

// orList writes "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
