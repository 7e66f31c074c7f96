package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// writer writes objects through the API.
type writer struct {
	*client
	authority string            // the authority's certificate as PEM
	uids      map[string]string // of what was applied, by identity
}

func newWriter(c *client, authority string) *writer {
	return &writer{client: c, authority: authority, uids: map[string]string{}}
}

// by is who the objects' fields are said to be of.
const by = "?fieldManager=kubeworld&force=true&fieldValidation=Strict"

// applyAll applies objects in their order, and does in between what controllers would do in a cluster.
func (w *writer) applyAll(ctx context.Context, all []manifest) error {
	for stage := range stageLast + 1 {
		for _, m := range all {
			if m.stage() != stage {
				continue
			}
			if err := w.apply(ctx, m.object); err != nil {
				return fmt.Errorf("apply %s of %s: %w", m.name(), m.file, err)
			}
		}
		var err error
		switch stage {
		case stageNamespaces:
			err = w.settleNamespaces(ctx)
		case stageDefinitions:
			err = w.awaitDefinitions(ctx, all)
		case stageRest:
			err = w.aggregateRoles(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// name is how messages call an object.
func (o object) name() string {
	return o.text("kind") + " " + strings.TrimPrefix(o.text("metadata", "namespace")+"/", "/") + o.text("metadata", "name")
}

// identity tells an object from all others.
func identity(apiVersion, kind, namespace, name string) string {
	return strings.Join([]string{apiVersion, kind, namespace, name}, "|")
}

// apply creates an object, or makes it as it says, and then sets its status, which the API server takes by a way of its own.
func (w *writer) apply(ctx context.Context, o object) error {
	r, err := w.find(ctx, o.text("apiVersion"), o.text("kind"))
	if err != nil {
		return err
	}
	metadata, _ := o["metadata"].(map[string]any)
	namespace := o.text("metadata", "namespace")
	if r.namespaced && namespace == "" {
		namespace = "default"
	}
	if err := w.nameOwners(o, namespace); err != nil {
		return err
	}
	path := r.of(namespace, o.text("metadata", "name"))
	status, has := o["status"]
	body := maps.Clone(o)
	if r.status {
		delete(body, "status")
	}
	answer, err := w.send(ctx, http.MethodPatch, path+by, asApply, body)
	if err != nil {
		return err
	}
	var made object
	if err := json.Unmarshal(answer, &made); err != nil {
		return err
	}
	w.uids[identity(o.text("apiVersion"), o.text("kind"), namespace, o.text("metadata", "name"))] = made.text("metadata", "uid")
	if !has || !r.status {
		return nil
	}
	only := object{"apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": map[string]any{"name": metadata["name"]}, "status": status}
	if _, err := w.send(ctx, http.MethodPatch, subresource(path, "status")+by, asApply, only); err != nil {
		return fmt.Errorf("set its status: %w", err)
	}
	if o.text("kind") == "Node" {
		return w.settleTaints(ctx, path, o)
	}
	return nil
}

func subresource(path, name string) string { return path + "/" + name }

// nameOwners gives the references to owners the uid that the API server gave those; it insists on one.
func (w *writer) nameOwners(o object, namespace string) error {
	owners, _ := o.at("metadata", "ownerReferences").([]any)
	for _, each := range owners {
		fields, is := each.(map[string]any)
		if !is || fields["uid"] != nil {
			continue
		}
		owner := object(fields)
		apiVersion, kind, name := owner.text("apiVersion"), owner.text("kind"), owner.text("name")
		uid, ok := w.uids[identity(apiVersion, kind, namespace, name)]
		if !ok { // one that is in no namespace may own what is
			uid, ok = w.uids[identity(apiVersion, kind, "", name)]
		}
		if !ok {
			return fmt.Errorf("its owner, %s %s %s, is not applied before it", apiVersion, kind, name)
		}
		fields["uid"] = uid
	}
	return nil
}

// awaitDefinitions waits until the kinds that custom resource definitions add can be used.
func (w *writer) awaitDefinitions(ctx context.Context, all []manifest) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for _, m := range all {
		if m.stage() != stageDefinitions {
			continue
		}
		if err := until(ctx, func() bool { return w.established(ctx, m.object) }); err != nil {
			return fmt.Errorf("wait for %s of %s to be established: %w", m.name(), m.file, err)
		}
	}
	return nil
}

// established tells whether the API server both says so and lists the kind in each version that is served.
func (w *writer) established(ctx context.Context, definition object) bool {
	path := "/apis/" + definition.text("apiVersion") + "/customresourcedefinitions/" + definition.text("metadata", "name")
	answer, err := w.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return false
	}
	var now object
	if err := json.Unmarshal(answer, &now); err != nil || !now.condition("Established") {
		return false
	}
	versions, _ := now.at("spec", "versions").([]any)
	for _, each := range versions {
		fields, _ := each.(map[string]any)
		if fields["served"] != true {
			continue
		}
		apiVersion := now.text("spec", "group") + "/" + object(fields).text("name")
		if _, err := w.find(ctx, apiVersion, now.text("spec", "names", "kind")); err != nil {
			delete(w.known, apiVersion)
			return false
		}
	}
	return true
}

// condition tells whether a condition of the status is true.
func (o object) condition(kind string) bool {
	conditions, _ := o.at("status", "conditions").([]any)
	for _, each := range conditions {
		fields, _ := each.(map[string]any)
		if c := object(fields); c.text("type") == kind && c.text("status") == "True" {
			return true
		}
	}
	return false
}
