package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes"
	"github.com/stancehq/stance/internal/provider/kubernetes/rbac"
)

// Users of the cluster beside its admin.
const (
	auditor = "auditor" // has the role that is printed
	trusted = "trusted" // has the role that is printed for one who lets secrets be listed
)

// roles are what the command prints, and who has them.
type roles struct {
	printed, withSecrets string
	permissions          []string // that the printed role grants, each as calls name it
}

// without is the user who lacks a permission.
func (r roles) without(permission string) string {
	return fmt.Sprintf("lacks-%d", slices.Index(r.permissions, permission))
}

func (r roles) users() []string {
	users := []string{auditor, trusted}
	for _, p := range r.permissions {
		users = append(users, r.without(p))
	}
	return users
}

func (c *company) printedRoles(t *testing.T) (r roles, err error) {
	for role, args := range map[*string][]string{
		&r.printed:     {"--subject", "user:" + auditor},
		&r.withSecrets: {"--subject", "user:" + trusted, "--allow", "secrets"},
	} {
		printed := c.command().run(t, append([]string{"permissions", "kubernetes"}, args...)...)
		if printed.code != 0 {
			return r, errors.New(printed.stderr)
		}
		*role = printed.stdout
	}
	r.permissions, err = granted(r.printed)
	return r, err
}

// granted reads the ClusterRole of a manifest.
func granted(manifest string) (permissions []string, err error) {
	for documents := yaml.NewDecoder(strings.NewReader(manifest)); ; {
		var d struct {
			Kind  string
			Rules []rbac.Rule
		}
		if err := documents.Decode(&d); errors.Is(err, io.EOF) {
			slices.Sort(permissions)
			return slices.Compact(permissions), nil
		} else if err != nil {
			return nil, fmt.Errorf("read the printed role: %w", err)
		}
		for _, rule := range d.Rules {
			own, err := single(&rule)
			if err != nil {
				return nil, err
			}
			permissions = append(permissions, own...)
		}
	}
}

// constraints is the group whose kinds each cluster makes for itself, so that a role cannot name them.
const constraints = "constraints.gatekeeper.sh"

// single are the permissions that a rule grants, each as calls name it.
func single(rule *rbac.Rule) (permissions []string, err error) {
	for _, verb := range rule.Verbs {
		for _, url := range rule.NonResourceURLs {
			permissions = append(permissions, verb+" "+url)
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				if group == "*" || resource == "*" && group != constraints || verb == "*" {
					return nil, fmt.Errorf("the printed role has a star: %+v", rule)
				}
				if group == "" {
					group = "core"
				}
				permission := verb + " " + group + "/" + resource
				for _, name := range rule.ResourceNames {
					permissions = append(permissions, permission+" "+name)
				}
				if len(rule.ResourceNames) == 0 {
					permissions = append(permissions, permission)
				}
			}
		}
	}
	return permissions, nil
}

// manifest is all roles with their bindings. Whoever lacks a permission has the others.
func (r roles) manifest() string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(r.printed, "name: stance\n", "name: stance-"+auditor+"\n"))
	b.WriteString("---\n" + strings.ReplaceAll(r.withSecrets, "name: stance\n", "name: stance-"+trusted+"\n"))
	for _, lacking := range r.permissions {
		user := r.without(lacking)
		fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: %s}\nrules:\n", user)
		for _, p := range r.permissions {
			verb, on, _ := strings.Cut(p, " ")
			on, name, _ := strings.Cut(on, " ")
			group, resource, _ := strings.Cut(on, "/")
			switch {
			case p == lacking:
			case group == "":
				fmt.Fprintf(&b, "  - {nonResourceURLs: [%q], verbs: [%s]}\n", on, verb)
			case name != "":
				fmt.Fprintf(&b, "  - {apiGroups: [%q], resources: [%q], resourceNames: [%q], verbs: [%s]}\n", strings.TrimSuffix(group, "core"), resource, name, verb)
			default:
				fmt.Fprintf(&b, "  - {apiGroups: [%q], resources: [%q], verbs: [%s]}\n", strings.TrimSuffix(group, "core"), resource, verb)
			}
		}
		fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: %s}\n", user)
		fmt.Fprintf(&b, "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}\nsubjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]\n", user, user)
	}
	return b.String()
}

// TestThePrintedRoleIsEnough: with exactly the role that is printed nothing is denied, and the findings are the admin's.
func TestThePrintedRoleIsEnough(t *testing.T) {
	c := scannedCluster(t)
	outcome := c.scan(t, auditor, "--lake", "audited", "-o", "json")
	if outcome.code != 0 {
		t.Fatal(outcome.stderr)
	}
	audited, all := readDocument(t, []byte(outcome.stdout)), c.document(t)
	nothingDenied(t, audited.Coverage)
	seen := map[string]int{}
	for i, findings := range [][]evaluate.Finding{all.Findings, audited.Findings} {
		for _, f := range findings {
			seen[brief([]evaluate.Finding{f})+" of "+f.Check] += 1 - 2*i
		}
	}
	for _, what := range slices.Sorted(maps.Keys(seen)) {
		if seen[what] != 0 {
			t.Errorf("the admin has it %d times more than the auditor: %s", seen[what], what)
		}
	}
}

// TestSecretsAreListedOnlyIfThatIsAllowed: the opt-in and the right must come together.
func TestSecretsAreListedOnlyIfThatIsAllowed(t *testing.T) {
	c := scannedCluster(t)
	if slices.Contains(c.roles.permissions, "list core/secrets") {
		t.Error("the printed role lists secrets, and nobody allowed that")
	}
	const check = "kubernetes_service_account_no_static_token"
	for user, want := range map[string]expectation{
		auditor: {Check: check, Resource: "deployer", Status: "UNKNOWN", Cause: "list core/secrets"},
		trusted: {Check: check, Resource: "deployer", Status: "FAIL"},
	} {
		outcome := c.scan(t, user, "--lake", "lake-"+user, "--allow", "secrets", "--check", check, "-o", "json")
		want.compare(t, readDocument(t, []byte(outcome.stdout)).Findings)
	}
}

// rights is what is needed to try the printed role without one of its permissions.
type rights struct {
	*company
	*lacking
}

// TestThePrintedRoleIsNotMore: with one permission less, exactly the checks that depend on it turn UNKNOWN, and say which
// permission is missing.
func TestThePrintedRoleIsNotMore(t *testing.T) {
	r := &rights{scannedCluster(t), planLacking(t, "kubernetes", func(*plan.PlannedCall) bool { return true })}
	r.signIn = r.without
	before := r.document(t)
	served := slices.DeleteFunc(slices.Clone(r.roles.permissions), func(permission string) bool { return !r.isServed(permission, before.Coverage) })
	refused := r.proveEach(t, served, before.Findings)
	t.Logf("%d permissions, %d of them for what the cluster has; %d were asked for, and refused", len(r.roles.permissions), len(served), refused)
	if refused < 30 {
		t.Error("too few permissions were tried")
	}
}

// isServed says whether the cluster has anything of what a permission is for.
func (r *rights) isServed(permission string, coverage []collect.Cell) bool {
	for _, call := range r.calls {
		if !slices.Contains(call.Permissions, permission) {
			continue
		}
		for _, feed := range call.Feeds {
			if slices.ContainsFunc(coverage, func(c collect.Cell) bool {
				return c.Table == feed.Table && c.Status != collect.Unsupported && c.Status != collect.Skipped
			}) {
				return true
			}
		}
	}
	return false
}

// without signs in as the user who lacks a permission.
func (r *rights) without(t *testing.T, permission string) provider.Provider {
	t.Helper()
	signedIn, err := kubernetes.New(t.Context(), kubernetes.Options{
		Content: r.Library.Provider("kubernetes"), Kubeconfig: r.Kubeconfig, Contexts: []string{r.Context(r.roles.without(permission))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return signedIn
}
