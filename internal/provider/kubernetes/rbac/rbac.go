// Package rbac writes the permissions of a scan as Kubernetes' own objects: a ClusterRole with exactly the verbs and kinds that
// the calls need, and its binding. A permission is "list apps/deployments", "get core/nodes/proxy" or "get /version";
// "list constraints.gatekeeper.sh/*" is of all kinds of a group, and "get core/configmaps aws-auth" of objects of one name.
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
	ResourceNames   []string `yaml:"resourceNames,omitempty,flow"`
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

// right is what may be done with a kind, or with a URL.
type right struct {
	verb, group, resource string // the group of a URL is empty, and the resource is the URL
}

// Rules are the fewest rules that grant exactly the permissions, and discovery.
func Rules(permissions []string) ([]Rule, error) {
	rights, err := parse(slices.Concat(discovery, permissions))
	if err != nil {
		return nil, err
	}
	type object struct{ group, resource, names string }
	verbs := map[object][]string{}
	for r, names := range rights {
		on := object{r.group, r.resource, strings.Join(names, " ")}
		verbs[on] = append(verbs[on], r.verb)
	}
	type like struct{ group, names, verbs string }
	rules := map[like]*Rule{}
	for on, list := range verbs {
		slices.Sort(list)
		key := like{on.group, on.names, strings.Join(list, " ")}
		rule := rules[key]
		if rule == nil {
			rule = &Rule{Verbs: list, ResourceNames: strings.Fields(on.names)}
			rules[key] = rule
		}
		switch on.group {
		case "":
			rule.NonResourceURLs = append(rule.NonResourceURLs, on.resource)
		case "core":
			rule.APIGroups, rule.Resources = []string{""}, append(rule.Resources, on.resource)
		default:
			rule.APIGroups, rule.Resources = []string{on.group}, append(rule.Resources, on.resource)
		}
	}
	all := make([]Rule, 0, len(rules))
	for _, rule := range rules {
		slices.Sort(rule.Resources)
		slices.Sort(rule.NonResourceURLs)
		all = append(all, *rule)
	}
	slices.SortFunc(all, func(a, b Rule) int { return slices.Compare(a.order(), b.order()) })
	return joined(all), nil
}

func (r *Rule) order() []string {
	return slices.Concat(r.APIGroups, r.Verbs, r.NonResourceURLs, r.Resources, r.ResourceNames)
}

// parse gives the rights that permissions are, each with the names that it is limited to, sorted; none means that it is not. What a
// wider right grants already is left out.
func parse(permissions []string) (map[right][]string, error) {
	rights := map[right][]string{}
	for _, p := range permissions {
		words := strings.Split(p, " ")
		if len(words) < 2 || len(words) > 3 || slices.Contains(words, "") || !strings.Contains(words[1], "/") {
			return nil, fmt.Errorf("%q is no permission of Kubernetes", p)
		}
		r := right{verb: words[0], resource: words[1]}
		if group, resource, _ := strings.Cut(words[1], "/"); group != "" {
			r.group, r.resource = group, resource
		} else if len(words) == 3 {
			return nil, fmt.Errorf("%q is no permission of Kubernetes: nothing at a URL has a name", p)
		}
		names, known := rights[r]
		switch {
		case len(words) == 2:
			rights[r] = nil
		case !known || len(names) > 0:
			rights[r] = append(names, words[2])
		}
	}
	for r, names := range rights {
		if _, all := rights[right{r.verb, r.group, "*"}]; all && r.resource != "*" && r.group != "" {
			delete(rights, r)
			continue
		}
		slices.Sort(names)
		rights[r] = slices.Compact(names)
	}
	return rights, nil
}

// joined puts groups with the same resources and verbs into one rule.
func joined(rules []Rule) []Rule {
	var out []Rule
	for _, rule := range rules {
		i := slices.IndexFunc(out, func(r Rule) bool {
			return len(r.Resources) > 0 && slices.Equal(r.Resources, rule.Resources) && slices.Equal(r.Verbs, rule.Verbs) &&
				slices.Equal(r.ResourceNames, rule.ResourceNames)
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
