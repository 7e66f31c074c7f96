package patch

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/content"
)

// edit makes one edit at several places of a file.
func (w *work) edit(t *tree, root *node, e *content.CodeEdit, places [][]string) error {
	ed := &treeEditor{tree: t, value: e.To}
	switch {
	case e.Remove != "":
		ed.mode = modeRemove
	case e.Change != "":
		ed.mode = modeChange
	}
	if err := ed.each(e.Path(), places, root); err != nil {
		return err
	}
	file := w.Resource.Range.File
	w.now[file] = apply(t.text, ed.changes)
	if len(ed.changes) > 0 {
		w.said(e)
	}
	return nil
}

// cloudFormation makes the edits in the properties of a resource.
func (w *work) cloudFormation() error {
	for _, e := range w.Edits {
		t, err := w.tree()
		if err != nil {
			return err
		}
		resource, err := w.template(t)
		if err != nil {
			return err
		}
		steps := append([]string{"Properties"}, strings.Split(e.Path(), ".")...)
		if err := w.edit(t, resource, e, [][]string{steps}); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) tree() (*tree, error) {
	file := w.Resource.Range.File
	text, err := w.text(file)
	if err != nil {
		return nil, err
	}
	if w.Parsed == nil {
		return parseTree(file, text)
	}
	if t := w.Parsed.trees[file]; t != nil && bytes.Equal(t.text, text) {
		return t, nil
	}
	t, err := parseTree(file, text)
	if err == nil && bytes.Equal(text, w.was[file]) {
		if w.Parsed.trees == nil {
			w.Parsed.trees = map[string]*tree{}
		}
		w.Parsed.trees[file] = t
	}
	return t, err
}

// template finds the resource in its template. Edits of its properties do not change where it begins.
func (w *work) template(t *tree) (*node, error) {
	missing := fmt.Errorf("%s is not written as such in %s", w.Resource.Address, w.Resource.Range.File)
	if len(t.documents) == 0 {
		return nil, missing
	}
	resources := t.documents[0].get("Resources")
	if resources == nil || resources.kind != mapNode {
		return nil, missing
	}
	for i, name := range resources.keys {
		if name.start != w.Resource.Range.StartByte {
			continue
		}
		r := resources.items[i]
		if kind := r.get("Type"); kind == nil || kind.value != w.Resource.Type {
			return nil, fmt.Errorf("%s is made by a transform", w.Resource.Address)
		}
		return r, nil
	}
	return nil, missing
}

// podSpecs are where kinds of workloads have the spec of their pods.
var podSpecs = map[string][]string{
	"Pod":                   {"spec"},
	"PodTemplate":           {"template", "spec"},
	"Deployment":            {"spec", "template", "spec"},
	"DaemonSet":             {"spec", "template", "spec"},
	"StatefulSet":           {"spec", "template", "spec"},
	"ReplicaSet":            {"spec", "template", "spec"},
	"ReplicationController": {"spec", "template", "spec"},
	"Job":                   {"spec", "template", "spec"},
	"CronJob":               {"spec", "jobTemplate", "spec", "template", "spec"},
}

// kubernetes makes the edits in an object.
func (w *work) kubernetes() error {
	for _, e := range w.Edits {
		t, err := w.tree()
		if err != nil {
			return err
		}
		object := w.object(t)
		if object == nil {
			return fmt.Errorf("%s is not written as such in %s", w.Resource.Address, w.Resource.Range.File)
		}
		first, rest, _ := strings.Cut(e.Path(), ".")
		if first != "pod" && first != "container" {
			if err := w.edit(t, object, e, [][]string{strings.Split(e.Path(), ".")}); err != nil {
				return err
			}
			continue
		}
		spec, err := podSpec(object)
		if err != nil {
			return err
		}
		root, places := spec, [][]string{strings.Split(rest, ".")}
		if first == "container" {
			root, places, err = w.containers(spec, rest)
		}
		if err != nil {
			return err
		}
		if err := w.edit(t, root, e, places); err != nil {
			return err
		}
	}
	return nil
}

// object is the one in which the resource's first line is: what controllers make of it has places within it.
func (w *work) object(t *tree) (found *node) {
	at := offsetOf(t.text, w.Resource.Range.Line, w.Resource.Range.Column)
	var look func(n *node)
	look = func(n *node) {
		if at < n.start || at >= n.end {
			return
		}
		if n.kind == mapNode && n.get("apiVersion") != nil && n.get("kind") != nil {
			found = n
			if list := n.get("items"); list != nil && list.kind == listNode && strings.HasSuffix(n.get("kind").value, "List") {
				found = nil
				look(list)
			}
			return
		}
		if n.kind == listNode {
			for _, item := range n.items {
				look(item)
			}
		}
	}
	for _, d := range t.documents {
		look(d)
	}
	return found
}

// offsetOf is where a line has a column, which counts characters.
func offsetOf(text []byte, line, column int) int {
	at := 0
	for range line - 1 {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	for ; column > 1 && at < len(text) && text[at] != '\n'; column-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

func podSpec(object *node) (*node, error) {
	kind := object.get("kind").value
	steps, ok := podSpecs[kind]
	if !ok {
		return nil, fmt.Errorf("a %s has no pods", kind)
	}
	n := object
	for _, name := range steps {
		if n = n.get(name); n == nil || n.kind != mapNode {
			return nil, fmt.Errorf("the %s has no %s", kind, strings.Join(steps, "."))
		}
		if n.anchor {
			return nil, errShared
		}
	}
	return n, nil
}

// containers gives the paths of the containers that an edit is for, below a map that has them by number.
func (w *work) containers(spec *node, path string) (*node, [][]string, error) {
	root := &node{kind: mapNode}
	var places [][]string
	for _, name := range []string{"containers", "initContainers"} {
		list := spec.get(name)
		if list == nil || list.kind != listNode {
			continue
		}
		if list.anchor {
			return nil, nil, errShared
		}
		for i, item := range list.items {
			called := item.get("name")
			if w.Part != "" && (called == nil || called.value != w.Part) {
				continue
			}
			id := fmt.Sprintf("%s %d", name, i)
			root.keys, root.items, root.colons = append(root.keys, &node{value: id}), append(root.items, item), append(root.colons, 0)
			places = append(places, append([]string{id}, strings.Split(path, ".")...))
		}
	}
	if len(places) == 0 {
		return nil, nil, fmt.Errorf("there is no container %s", w.Part)
	}
	return root, places, nil
}
