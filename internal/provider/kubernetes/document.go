package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// lastApplied is the annotation in which kubectl keeps the whole object as it was applied, the values of a Secret too.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// identity is what lists leave out of their items.
type identity struct{ apiVersion, kind string }

// document is an answer about a resource, on its way to what Answer.Document holds.
type document struct {
	form  api.Form
	as    identity
	after string // items up to this key are left out: they were given before
	out   bytes.Buffer

	first, last string // keys of the items that came
	unordered   bool   // the items did not come in the order of their keys

	members, metadata []pair // of the object at hand
}

// listAnswer is the parts of a list or a table.
type listAnswer struct{ kind, apiVersion, metadata, items, rows, columns []byte }

// writeList writes a list, or a table, as a list of items. It gives the token of the next page.
func (d *document) writeList(body []byte) (next string, err error) {
	if !json.Valid(body) {
		return "", fmt.Errorf("the answer is not JSON: %q", firstWords(body))
	}
	var a listAnswer
	parts := map[string]*[]byte{
		"kind": &a.kind, "apiVersion": &a.apiVersion, "metadata": &a.metadata, "items": &a.items, "rows": &a.rows, "columnDefinitions": &a.columns,
	}
	eachMember(body, func(key, value []byte) {
		if part := parts[string(key)]; part != nil {
			*part = value
		}
	})
	kind := unquote(a.kind)
	if kind != "Table" && !strings.HasSuffix(kind, "List") {
		return "", fmt.Errorf("the answer is a %q, not a list", kind)
	}
	if d.form == api.Table && kind != "Table" {
		return "", fmt.Errorf("the answer is a %q, not a table", kind)
	}
	eachMember(a.metadata, func(key, value []byte) {
		if string(key) == "continue" {
			next = unquote(value)
		}
	})
	d.out.Grow(len(body) + len(body)/16)
	d.out.WriteByte('{')
	member(&d.out, "metadata", orEmpty(a.metadata))
	member(&d.out, "items", []byte("["))
	if kind == "Table" {
		err = d.rows(a.rows, a.columns)
	} else {
		err = eachElement(a.items, func(item []byte) error { return d.item(item, nil) })
	}
	d.out.WriteString("]}")
	return next, err
}

func orEmpty(object []byte) []byte {
	if len(object) == 0 {
		return []byte("{}")
	}
	return object
}

// rows writes the rows of a table: an item of each row's object and of its cells by their columns' names.
func (d *document) rows(rows, columns []byte) error {
	var names []struct{ Name string }
	if err := json.Unmarshal(columns, &names); err != nil {
		return fmt.Errorf("read the columns of the table: %w", err)
	}
	return eachElement(rows, func(row []byte) error {
		var object []byte
		var cells bytes.Buffer
		cells.WriteByte('{')
		eachMember(row, func(key, value []byte) {
			switch string(key) {
			case "object":
				object = value
			case "cells":
				for i, cell := range elements(value) {
					if i < len(names) { // of some kinds a server gives more cells than it names
						member(&cells, names[i].Name, cell)
					}
				}
			}
		})
		cells.WriteByte('}')
		return d.item(orEmpty(object), cells.Bytes())
	})
}

// item writes an element of the list.
func (d *document) item(item, cells []byte) error {
	if item[0] != '{' {
		return errors.New("an item of the list is no object")
	}
	d.split(item)
	if key := d.key(); key != "" {
		d.unordered = d.unordered || key <= d.last
		if d.first == "" {
			d.first = key
		}
		d.last = key
		if d.after != "" && key <= d.after {
			return nil
		}
	}
	if last := d.out.Bytes()[d.out.Len()-1]; last == '}' {
		d.out.WriteByte(',')
	}
	d.write(cells)
	return nil
}

// object writes an answer that is one object.
func (d *document) object(object []byte) {
	d.split(object)
	d.write(nil)
}

// split takes an object apart, and its metadata.
func (d *document) split(object []byte) {
	d.members, d.metadata = members(d.members[:0], object), d.metadata[:0]
	for _, m := range d.members {
		if m.key == "metadata" {
			d.metadata = members(d.metadata, m.value)
		}
	}
}

// key is by what the server orders a list: namespace/name, or the name of what has no namespace.
func (d *document) key() string {
	var namespace, name string
	for _, m := range d.metadata {
		switch m.key {
		case "namespace":
			namespace = unquote(m.value)
		case "name":
			name = unquote(m.value)
		}
	}
	if name == "" || namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// write writes the object that was split as documents have it: with what it is, and without what the server keeps for itself.
func (d *document) write(cells []byte) {
	apiVersion, kind := quote(d.as.apiVersion), quote(d.as.kind)
	whole := d.form != api.Metadata && d.form != api.Table // else it says of itself that it is a part
	for _, m := range d.members {
		switch {
		case whole && m.key == "apiVersion":
			apiVersion = m.value
		case whole && m.key == "kind":
			kind = m.value
		}
	}
	d.out.WriteByte('{')
	member(&d.out, "apiVersion", apiVersion)
	member(&d.out, "kind", kind)
	for _, m := range d.members {
		switch {
		case m.key == "metadata":
			member(&d.out, m.key, nil)
			d.writeMetadata(m.value)
		case m.key == "apiVersion" || m.key == "kind":
		case whole: // a server that knows no parts gives the whole, and it must not be kept
			member(&d.out, m.key, m.value)
		}
	}
	if cells != nil {
		member(&d.out, "cells", cells)
	}
	d.out.WriteByte('}')
}

// writeMetadata writes an object's metadata without who set which field, and without what was applied.
func (d *document) writeMetadata(metadata []byte) {
	if metadata[0] != '{' {
		d.out.Write(metadata)
		return
	}
	d.out.WriteByte('{')
	for _, m := range d.metadata {
		switch m.key {
		case "managedFields":
		case "annotations":
			d.annotations(m.value)
		default:
			member(&d.out, m.key, m.value)
		}
	}
	d.out.WriteByte('}')
}

func (d *document) annotations(annotations []byte) {
	all := members(nil, annotations)
	kept := slices.DeleteFunc(slices.Clone(all), func(m pair) bool { return m.key == lastApplied })
	switch len(kept) {
	case len(all):
		member(&d.out, "annotations", annotations)
	case 0:
	default:
		member(&d.out, "annotations", []byte("{"))
		for _, m := range kept {
			member(&d.out, m.key, m.value)
		}
		d.out.WriteByte('}')
	}
}
