package main

import (
	"context"
	"fmt"
	"net/http"
)

// What follows is the little that the controllers of a cluster would do and that the API server, or those who use it, count on.

// controller is who these objects' fields are said to be of.
const controller = "?fieldManager=kube-controller-manager&force=true&fieldValidation=Strict"

// settleNamespaces gives each namespace the service account that its pods have unless they name another, without which no pod
// is admitted, and the certificate that pods know the API server by.
func (w *writer) settleNamespaces(ctx context.Context) error {
	// The API server makes these some time after it is ready.
	for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		namespace := object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
		if _, err := w.send(ctx, http.MethodPatch, "/api/v1/namespaces/"+name+controller, asApply, namespace); err != nil {
			return fmt.Errorf("create namespace %s: %w", name, err)
		}
	}
	namespaces, err := w.list(ctx, "/api/v1/namespaces")
	if err != nil {
		return err
	}
	for _, n := range namespaces {
		if err := w.settleNamespace(ctx, n.text("metadata", "name")); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) settleNamespace(ctx context.Context, namespace string) error {
	account := object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "default"}}
	root := object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "kube-root-ca.crt"},
		"data": map[string]any{"ca.crt": w.authority},
	}
	for path, o := range map[string]object{"serviceaccounts/default": account, "configmaps/kube-root-ca.crt": root} {
		path = "/api/v1/namespaces/" + namespace + "/" + path + controller
		if _, err := w.send(ctx, http.MethodPatch, path, asApply, o); err != nil {
			return fmt.Errorf("create %s in namespace %s: %w", o.name(), namespace, err)
		}
	}
	return nil
}

// settleTaints gives a node that is ready the taints of its YAML alone: each node is made with one that says it is not.
func (w *writer) settleTaints(ctx context.Context, path string, node object) error {
	if !node.condition("Ready") {
		return nil
	}
	patch := object{"spec": map[string]any{"taints": node.at("spec", "taints")}}
	if _, err := w.send(ctx, http.MethodPatch, path, asMerge, patch); err != nil {
		return fmt.Errorf("set its taints: %w", err)
	}
	return nil
}

// aggregateRoles fills the cluster roles that are the sum of others, such as view.
func (w *writer) aggregateRoles(ctx context.Context) error {
	const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
	// A role that is a sum may be a part of another: view is one of edit, which is one of admin.
	for range 3 {
		roles, err := w.list(ctx, path)
		if err != nil {
			return err
		}
		for _, role := range roles {
			if role.at("aggregationRule") == nil {
				continue
			}
			sum := object{
				"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
				"metadata": map[string]any{"name": role.text("metadata", "name")}, "rules": sumOf(role, roles),
			}
			if _, err := w.send(ctx, http.MethodPatch, path+"/"+role.text("metadata", "name")+controller, asApply, sum); err != nil {
				return fmt.Errorf("aggregate %s: %w", role.text("metadata", "name"), err)
			}
		}
	}
	return nil
}

// sumOf is the rules of all roles that a role's aggregation selects by their labels.
func sumOf(role object, roles []object) []any {
	rules := []any{}
	selectors, _ := role.at("aggregationRule", "clusterRoleSelectors").([]any)
	for _, part := range roles {
		for _, each := range selectors {
			selector, _ := each.(map[string]any)
			if selects(object(selector), part) {
				more, _ := part["rules"].([]any)
				rules = append(rules, more...)
				break
			}
		}
	}
	return rules
}

// selects tells whether an object has all labels that a selector names.
func selects(selector, o object) bool {
	want, _ := selector["matchLabels"].(map[string]any)
	for key, value := range want {
		if o.at("metadata", "labels", key) != value {
			return false
		}
	}
	return len(want) > 0
}
