// Package rbac writes the permissions of a scan as Kubernetes' own objects: a ClusterRole with exactly the verbs and kinds that
// the calls need, and its binding. A permission is "list apps/deployments", "get core/nodes/proxy" or "get /version".
package rbac

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Name is what the role, and who holds it, are called unless the user says otherwise.
const Name = "stance"

// Rule is a rule of a ClusterRole.
type Rule struct {
	APIGroups       []string `yaml:"apiGroups,omitempty,flow"`
	Resources       []string `yaml:"resources,omitempty,flow"`
	NonResourceURLs []string `yaml:"nonResourceURLs,omitempty,flow"`
	Verbs           []string `yaml:"verbs,flow"`
}

// Subject is who a role is bound to.
type Subject struct {
	Kind      string `yaml:"kind"` // User, Group or ServiceAccount
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"` // of a ServiceAccount
	APIGroup  string `yaml:"apiGroup,omitempty"`
}

// ParseSubject reads user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME.
func ParseSubject(text string) (Subject, error) {
	kind, name, _ := strings.Cut(text, ":")
	switch strings.ToLower(kind) {
	case "user", "group":
		if name == "" {
			break
		}
		return Subject{Kind: map[string]string{"user": "User", "group": "Group"}[strings.ToLower(kind)], Name: name, APIGroup: apiGroup}, nil
	case "serviceaccount":
		namespace, account, ok := strings.Cut(name, "/")
		if !ok || namespace == "" || account == "" {
			break
		}
		return Subject{Kind: "ServiceAccount", Name: account, Namespace: namespace}, nil
	}
	return Subject{}, fmt.Errorf("%q: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME is wanted", text)
}

const apiGroup = "rbac.authorization.k8s.io"

// discovery is what a client must read to learn which kinds a cluster has. Clusters grant it to all who are signed in, unless
// somebody took it away.
var discovery = []string{"get /api", "get /api/*", "get /apis", "get /apis/*", "get /version"}

// Rules are the fewest rules that grant exactly the permissions, and discovery.
func Rules(permissions []string) ([]Rule, error) {
	verbs := map[string][]string{} // by group/resource or URL
	for _, p := range slices.Concat(discovery, permissions) {
		verb, on, ok := strings.Cut(p, " ")
		if !ok || verb == "" || !strings.Contains(on, "/") {
			return nil, fmt.Errorf("%q is no permission of Kubernetes", p)
		}
		if !slices.Contains(verbs[on], verb) {
			verbs[on] = append(verbs[on], verb)
		}
	}
	type like struct{ group, verbs string }
	rules := map[like]*Rule{}
	for on, list := range verbs {
		slices.Sort(list)
		group, resource, _ := strings.Cut(on, "/")
		key := like{group, strings.Join(list, " ")}
		rule := rules[key]
		if rule == nil {
			rule = &Rule{Verbs: list}
			rules[key] = rule
		}
		switch group {
		case "":
			rule.NonResourceURLs = append(rule.NonResourceURLs, on)
		case "core":
			rule.APIGroups, rule.Resources = []string{""}, append(rule.Resources, resource)
		default:
			rule.APIGroups, rule.Resources = []string{group}, append(rule.Resources, resource)
		}
	}
	all := make([]Rule, 0, len(rules))
	for _, rule := range rules {
		slices.Sort(rule.Resources)
		slices.Sort(rule.NonResourceURLs)
		all = append(all, *rule)
	}
	slices.SortFunc(all, func(a, b Rule) int {
		return slices.Compare(slices.Concat(a.APIGroups, a.Verbs, a.NonResourceURLs), slices.Concat(b.APIGroups, b.Verbs, b.NonResourceURLs))
	})
	return joined(all), nil
}

// joined puts groups with the same resources and verbs into one rule.
func joined(rules []Rule) []Rule {
	var out []Rule
	for _, rule := range rules {
		i := slices.IndexFunc(out, func(r Rule) bool {
			return len(r.Resources) > 0 && slices.Equal(r.Resources, rule.Resources) && slices.Equal(r.Verbs, rule.Verbs)
		})
		if i >= 0 {
			out[i].APIGroups = append(out[i].APIGroups, rule.APIGroups...)
			continue
		}
		out = append(out, rule)
	}
	return out
}

type meta struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"`
}

// Manifest writes the ClusterRole, its binding, and the namespace and service account if the role is for one, as a stream of YAML.
func Manifest(permissions []string, to Subject) (string, error) {
	rules, err := Rules(permissions)
	if err != nil {
		return "", err
	}
	type object struct {
		APIVersion string    `yaml:"apiVersion"`
		Kind       string    `yaml:"kind"`
		Metadata   meta      `yaml:"metadata"`
		Rules      []Rule    `yaml:"rules,omitempty"`
		RoleRef    *Subject  `yaml:"roleRef,omitempty"`
		Subjects   []Subject `yaml:"subjects,omitempty"`
	}
	var objects []object
	if to.Kind == "ServiceAccount" {
		objects = append(objects,
			object{APIVersion: "v1", Kind: "Namespace", Metadata: meta{Name: to.Namespace}},
			object{APIVersion: "v1", Kind: "ServiceAccount", Metadata: meta{Name: to.Name, Namespace: to.Namespace}})
	}
	objects = append(
		objects,
		object{APIVersion: apiGroup + "/v1", Kind: "ClusterRole", Metadata: meta{Name: Name}, Rules: rules},
		object{
			APIVersion: apiGroup + "/v1", Kind: "ClusterRoleBinding", Metadata: meta{Name: Name},
			RoleRef: &Subject{Kind: "ClusterRole", Name: Name, APIGroup: apiGroup}, Subjects: []Subject{to},
		},
	)
	var b bytes.Buffer
	w := yaml.NewEncoder(&b)
	w.SetIndent(2)
	for _, o := range objects {
		if err := w.Encode(o); err != nil {
			return "", fmt.Errorf("write the role: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("write the role: %w", err)
	}
	return b.String(), nil
}
