package main

import (
	"fmt"
	"regexp"
	"strings"
)

// The package has a folder of JavaScript for each type, written by a generator: what is read here is that generator's form.
// Classes say what can be read of a block, functions what can be written in it.

// folder is what the files of one type's folder say.
type folder struct {
	typ     string                        // aws_s3_bucket; empty if the folder is not a type's
	data    bool                          // a data source
	root    *class                        // the type itself
	classes map[string]*class             // by name
	items   map[string]string             // class of a list or map → class of its items
	maps    map[string]bool               // which of those are maps
	written map[string]map[string]written // function → attribute → how it is written; the type's own under ""
}

// class is a block, or the whole type.
type class struct {
	name    string
	scalars []scalar
	nested  []nested
	getters map[string]string // field that holds a block → its getter
	resets  map[string]bool   // getters of what may be left out
}

// scalar is an attribute that is no struct.
type scalar struct {
	name, getter, method string
	set                  bool
}

// nested is a block, or an attribute whose value has attributes of its own.
type nested struct {
	name, field, class      string
	set, computed, required bool
}

// written is how an attribute is written.
type written struct {
	block         bool
	nesting, kind string // list and stringList, simple and string, struct and SecurityGroupTimeouts
}

var (
	classLine    = regexp.MustCompile(`^class (\w+) extends cdktf\.(\w+) \{`)
	functionLine = regexp.MustCompile(`^function (\w+)ToHclTerraform\(struct\) \{`)
	typeLine     = regexp.MustCompile(`^            terraformResourceType: '(\w+)',`)
	getterLine   = regexp.MustCompile(`^    get (\w+)\(\) \{`)
	resetLine    = regexp.MustCompile(`^    reset(\w+)\(\) \{`)
	itemLine     = regexp.MustCompile(`^        return new (?:\w+\.)?(\w+)\(this\.terraformResource, `)
	fieldLine    = regexp.MustCompile(`^        this\.(_\w+) = new (?:\w+\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\);`)
	traitsLine   = regexp.MustCompile(`^        // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)`)
	fieldReturn  = regexp.MustCompile(`^        return this\.(_\w+);`)
	scalarReturn = regexp.MustCompile(`^        return .*\bthis\.(get\w+Attribute|interpolationForAttribute)\('(\w+)'\)`)
	keyLine      = regexp.MustCompile(`^ +(\w+): \{$`)
	blockLine    = regexp.MustCompile(`^ +isBlock: (true|false),`)
	nestingLine  = regexp.MustCompile(`^ +type: "(\w+)",`)
	storageLine  = regexp.MustCompile(`^ +storageClassType: "(\w+)",`)
)

func newFolder() *folder {
	return &folder{
		classes: map[string]*class{}, items: map[string]string{}, maps: map[string]bool{}, written: map[string]map[string]written{},
	}
}

// reader goes through one file of a folder.
type reader struct {
	*folder
	class    *class // the one that the line is in
	list     string // the list or map class that the line is in
	getter   string
	traits   map[string][2]bool // as the last comments said: computed, required
	function string
	key      string
	inAttrs  bool
	entry    written
}

// read adds what a file says.
func (f *folder) read(text string) error {
	r := &reader{folder: f, traits: map[string][2]bool{}}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "}":
			r.class, r.list, r.function, r.inAttrs = nil, "", "", false
		case !strings.HasPrefix(line, " "):
			if err := r.top(line); err != nil {
				return err
			}
		case strings.TrimSpace(line) == "const attrs = {" && (r.function != "" || r.class != nil):
			r.inAttrs = true
		case r.inAttrs:
			r.attr(line)
		case r.class != nil:
			r.member(line)
		case r.list != "":
			if m := itemLine.FindStringSubmatch(line); m != nil {
				r.items[r.list] = m[1]
			}
		}
	}
	return nil
}

// top reads a line that begins a class or a function.
func (r *reader) top(line string) error {
	if m := functionLine.FindStringSubmatch(line); m != nil {
		r.function = m[1]
		r.written[m[1]] = map[string]written{}
		return nil
	}
	m := classLine.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	c := &class{name: m[1], getters: map[string]string{}, resets: map[string]bool{}}
	switch m[2] {
	case "TerraformResource", "TerraformDataSource":
		if r.root != nil {
			return fmt.Errorf("%s and %s are both types", r.root.name, c.name)
		}
		r.root, r.data, r.class = c, m[2] == "TerraformDataSource", c
		r.written[""] = map[string]written{}
	case "ComplexObject":
		r.classes[c.name], r.class = c, c
	case "ComplexList", "ComplexMap":
		r.list, r.maps[c.name] = c.name, m[2] == "ComplexMap"
	case "TerraformProvider":
	default:
		return fmt.Errorf("class %s is a %s, which is not understood", m[1], m[2])
	}
	return nil
}

// attr reads a line of how attributes are written.
func (r *reader) attr(line string) {
	switch strings.TrimSpace(line) {
	case "};":
		r.inAttrs = false
	case "},":
		r.written[r.function][r.key] = r.entry
	default:
		if m := keyLine.FindStringSubmatch(line); m != nil {
			r.key, r.entry = m[1], written{}
		} else if m := blockLine.FindStringSubmatch(line); m != nil {
			r.entry.block = m[1] == "true"
		} else if m := nestingLine.FindStringSubmatch(line); m != nil {
			r.entry.nesting = m[1]
		} else if m := storageLine.FindStringSubmatch(line); m != nil {
			r.entry.kind = m[1]
		}
	}
}

// member reads a line of a class.
func (r *reader) member(line string) {
	if m := getterLine.FindStringSubmatch(line); m != nil {
		r.getter = m[1]
	} else if m := scalarReturn.FindStringSubmatch(line); m != nil {
		r.class.scalars = append(r.class.scalars, scalar{name: m[2], getter: r.getter, method: m[1], set: strings.Contains(line, "Fn.tolist(")})
	} else if m := fieldReturn.FindStringSubmatch(line); m != nil {
		if r.class.getters[m[1]] == "" {
			r.class.getters[m[1]] = r.getter
		}
	} else if m := resetLine.FindStringSubmatch(line); m != nil {
		r.class.resets[m[1]] = true
	} else if m := traitsLine.FindStringSubmatch(line); m != nil {
		r.traits[m[1]] = [2]bool{m[2] == "true", m[4] == "true"}
	} else if m := fieldLine.FindStringSubmatch(line); m != nil {
		t := r.traits[m[3]] // of the line before
		r.class.nested = append(r.class.nested, nested{name: m[3], field: m[1], class: m[2], set: m[4] == "true", computed: t[0], required: t[1]})
	} else if m := typeLine.FindStringSubmatch(line); m != nil {
		r.typ = m[1]
	}
}
