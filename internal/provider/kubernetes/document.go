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
	eachMember(body, func(key string, value []byte) {
		if part := parts[key]; part != nil {
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
	eachMember(a.metadata, func(key string, value []byte) {
		if key == "continue" {
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
		var problem error
		eachMember(row, func(key string, value []byte) {
			switch key {
			case "object":
				object = value
			case "cells":
				i := 0
				problem = eachElement(value, func(cell []byte) error {
					if i == len(names) {
						return errors.New("a row of the table has more cells than there are columns")
					}
					member(&cells, names[i].Name, cell)
					i++
					return nil
				})
			}
		})
		cells.WriteByte('}')
		if problem != nil {
			return problem
		}
		return d.item(orEmpty(object), cells.Bytes())
	})
}

// item writes an element of the list.
func (d *document) item(item, cells []byte) error {
	if item[0] != '{' {
		return errors.New("an item of the list is no object")
	}
	if key := keyOf(item); key != "" {
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
	d.object(item, cells)
	return nil
}

// keyOf is by what the server orders a list: namespace/name, or the name of what has no namespace.
func keyOf(item []byte) string {
	var namespace, name string
	eachMember(item, func(key string, value []byte) {
		if key != "metadata" {
			return
		}
		eachMember(value, func(key string, value []byte) {
			switch key {
			case "namespace":
				namespace = unquote(value)
			case "name":
				name = unquote(value)
			}
		})
	})
	if name == "" || namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// object writes an object as documents have it: with what it is, and without what the server keeps for itself.
func (d *document) object(item, cells []byte) {
	own := map[string][]byte{}
	eachMember(item, func(key string, value []byte) {
		if key == "apiVersion" || key == "kind" {
			own[key] = value
		}
	})
	whole := d.form != api.Metadata && d.form != api.Table // else it says of itself that it is a part
	d.out.WriteByte('{')
	for _, m := range [][2]string{{"apiVersion", d.as.apiVersion}, {"kind", d.as.kind}} {
		switch value, said := own[m[0]]; {
		case whole && said:
			member(&d.out, m[0], value)
		case m[1] != "":
			member(&d.out, m[0], []byte(quote(m[1])))
		}
	}
	eachMember(item, func(key string, value []byte) {
		switch {
		case key == "metadata":
			member(&d.out, key, nil)
			d.metadata(value)
		case own[key] != nil || !whole: // a server that knows no parts gives the whole, and it must not be kept
		default:
			member(&d.out, key, value)
		}
	})
	if cells != nil {
		member(&d.out, "cells", cells)
	}
	d.out.WriteByte('}')
}

// metadata writes an object's metadata without who set which field, and without what was applied.
func (d *document) metadata(metadata []byte) {
	if metadata[0] != '{' {
		d.out.Write(metadata)
		return
	}
	d.out.WriteByte('{')
	eachMember(metadata, func(key string, value []byte) {
		switch key {
		case "managedFields":
		case "annotations":
			d.annotations(value)
		default:
			member(&d.out, key, value)
		}
	})
	d.out.WriteByte('}')
}

func (d *document) annotations(annotations []byte) {
	var keys []string
	eachMember(annotations, func(key string, _ []byte) { keys = append(keys, key) })
	if !slices.Contains(keys, lastApplied) {
		member(&d.out, "annotations", annotations)
		return
	}
	if len(keys) == 1 {
		return
	}
	member(&d.out, "annotations", []byte("{"))
	eachMember(annotations, func(key string, value []byte) {
		if key != lastApplied {
			member(&d.out, key, value)
		}
	})
	d.out.WriteByte('}')
}
