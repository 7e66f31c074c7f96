package tfplan

import (
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// module is what a plan says of the code of a module, in whatever instances it is called.
type module struct {
	resources map[string]*written // aws_s3_bucket.logs, data.aws_region.here
	calls     map[string]*call
	outputs   map[string]*expression
	defaults  map[string]int  // of variables
	secrets   map[string]bool // variables that are sensitive
	parent    *module
	call      *call // by which the parent calls it
}

// call is a module call.
type call struct {
	source    string
	at, end   int
	arguments block
	forEach   *expression
	module    *module
}

// written is a resource as the code has it.
type written struct {
	provider  string
	body      block
	forEach   *expression
	dependsOn []string
}

// block is what stands between two braces, by name.
type block map[string]*expression

// expression is one argument, or all nested blocks of a name.
type expression struct {
	constant   int // where the value is; -1: it is no constant
	references []string
	blocks     []block // nil: it is an argument
}

// blocksOf are the blocks, if it is not an argument.
func (e *expression) blocksOf() []block {
	if e == nil {
		return nil
	}
	return e.blocks
}

// configuration reads a module and those that it calls.
func (d *document) configuration(at int, parent *module, by *call, depth int) *module {
	m := &module{
		resources: map[string]*written{}, calls: map[string]*call{}, outputs: map[string]*expression{}, defaults: map[string]int{}, secrets: map[string]bool{},
		parent: parent, call: by,
	}
	if depth > mostModules {
		d.tell(iac.LimitReached, "modules call each other too deeply", at)
		return m
	}
	f := d.fields(at)
	for _, r := range d.items(f.at("resources")) {
		said := d.fields(r)
		m.resources[d.string(said.at("address"))] = &written{
			provider: d.string(said.at("provider_config_key")), body: d.block(said.at("expressions")),
			forEach: d.expression(said.at("for_each_expression")), dependsOn: d.strings(said.at("depends_on")),
		}
	}
	for _, o := range d.members(f.at("outputs")) {
		m.outputs[o.key] = d.expression(d.get(o.at, "expression"))
	}
	for _, v := range d.members(f.at("variables")) {
		said := d.fields(v.at)
		m.defaults[v.key] = said.at("default")
		m.secrets[v.key] = d.isTrue(said.at("sensitive"))
	}
	for _, c := range d.members(f.at("module_calls")) {
		said := d.fields(c.at)
		made := &call{
			source: d.string(said.at("source")), at: c.at, end: c.end, arguments: d.block(said.at("expressions")), forEach: d.expression(said.at("for_each_expression")),
		}
		made.module = d.configuration(said.at("module"), m, made, depth+1)
		m.calls[c.key] = made
	}
	return m
}

func (d *document) block(at int) block {
	if d.kind(at) != jsonscan.Object {
		return nil
	}
	b := block{}
	for _, f := range d.members(at) {
		b[f.key] = d.expression(f.at)
	}
	return b
}

// expression reads an argument: an object with its constant value, or with its references; or nested blocks: a list of objects, or
// one, by name.
func (d *document) expression(at int) *expression {
	switch d.kind(at) {
	case jsonscan.List:
		e := &expression{constant: -1, blocks: []block{}}
		for _, item := range d.items(at) {
			e.blocks = append(e.blocks, d.block(item))
		}
		return e
	case jsonscan.Object:
	default:
		return nil
	}
	e := &expression{constant: -1}
	for _, f := range d.members(at) {
		switch {
		case f.key == "constant_value":
			e.constant = f.at
		case f.key == "references" && d.kind(f.at) == jsonscan.List:
			e.references = d.strings(f.at)
		default:
			return &expression{constant: -1, blocks: []block{d.block(at)}}
		}
	}
	return e
}
