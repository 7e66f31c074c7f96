package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/kubernetes"
	"github.com/stancehq/stance/internal/provider/kubernetes/rbac"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
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
			for _, verb := range rule.Verbs {
				for _, url := range rule.NonResourceURLs {
					permissions = append(permissions, verb+" "+url)
				}
				for _, group := range rule.APIGroups {
					for _, resource := range rule.Resources {
						if group == "*" || resource == "*" || verb == "*" {
							return nil, fmt.Errorf("the printed role has a star: %+v", rule)
						}
						if group == "" {
							group = "core"
						}
						permissions = append(permissions, verb+" "+group+"/"+resource)
					}
				}
			}
		}
	}
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
			group, resource, _ := strings.Cut(on, "/")
			switch {
			case p == lacking:
			case group == "":
				fmt.Fprintf(&b, "  - {nonResourceURLs: [%q], verbs: [%s]}\n", on, verb)
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
	for _, cell := range audited.Coverage {
		if cell.Status == collect.Denied || strings.Contains(cell.Cause, "denied") {
			t.Errorf("denied with the whole role: %s %s: %s", cell.Table, cell.Group, cell.Cause)
		}
	}
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
	*recorded.Cloud
	checks []*plan.Check
	reads  map[string][]string // the tables of a check
	plan   *plan.Plan
	calls  []*plan.PlannedCall
}

// TestThePrintedRoleIsNotMore: with one permission less, exactly the checks that depend on it turn UNKNOWN, and say which
// permission is missing.
func TestThePrintedRoleIsNotMore(t *testing.T) {
	r := &rights{company: scannedCluster(t), reads: map[string][]string{}}
	var err error
	if r.Cloud, err = recorded.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, check := range r.Catalog.Checks {
		if check.Spec.Provider != "kubernetes" {
			continue
		}
		r.checks = append(r.checks, check)
		own, err := plan.New(plan.Selection{Provider: "kubernetes", Checks: []*plan.Check{check}}, r.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		for _, tp := range own.Tables {
			r.reads[check.ID] = append(r.reads[check.ID], tp.Table.Name)
		}
	}
	if r.plan, err = plan.New(plan.Selection{Provider: "kubernetes", Checks: r.checks}, r.Catalog); err != nil {
		t.Fatal(err)
	}
	if r.calls, err = r.plan.Calls(recorded.APIs(), "kubernetes"); err != nil {
		t.Fatal(err)
	}
	before := r.document(t)
	var refused, served atomic.Int64
	t.Run("without", func(t *testing.T) {
		for _, permission := range r.roles.permissions {
			if !r.isServed(permission, before.Coverage) {
				continue
			}
			served.Add(1)
			t.Run(permission, func(t *testing.T) {
				t.Parallel()
				if r.proveWithout(t, permission, before.Findings) {
					refused.Add(1)
				}
			})
		}
	})
	t.Logf("%d permissions, %d of them for what the cluster has; %d were asked for, and refused", len(r.roles.permissions), served.Load(), refused.Load())
	if refused.Load() < 30 {
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

// proveWithout scans as the user who lacks a permission, those checks alone that it can matter to. It says whether it was
// asked for at all.
func (r *rights) proveWithout(t *testing.T, permission string, before []evaluate.Finding) bool {
	dependents, fed := map[string]bool{}, map[string]bool{}
	for _, call := range r.calls {
		if !slices.Contains(call.Permissions, permission) {
			continue
		}
		for _, id := range r.plan.Dependents(call.Name()) {
			dependents[id] = true
		}
		for _, feed := range call.Feeds {
			fed[feed.Table] = true
		}
	}
	checks := slices.DeleteFunc(slices.Clone(r.checks), func(c *plan.Check) bool {
		return !dependents[c.ID] && !slices.ContainsFunc(r.reads[c.ID], func(table string) bool { return fed[table] })
	})
	if len(checks) == 0 {
		return false
	}
	findings, denied := r.scanWithout(t, permission, checks)
	turned := map[string]bool{}
	for _, f := range findings {
		if f.Status == evaluate.Unknown && strings.Contains(f.Cause, permission) {
			turned[f.Check] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(turned)) {
		if !dependents[id] {
			t.Errorf("%s turned UNKNOWN and does not depend on it", id)
		}
	}
	if !denied {
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(dependents)) {
		if !turned[id] && judged(before, id) {
			t.Errorf("%s depends on it and did not turn UNKNOWN", id)
		}
	}
	return true
}

func (r *rights) scanWithout(t *testing.T, permission string, checks []*plan.Check) (findings []evaluate.Finding, denied bool) {
	t.Helper()
	signedIn, err := kubernetes.New(t.Context(), kubernetes.Options{
		Content: r.Library.Provider("kubernetes"), Kubeconfig: r.Kubeconfig, Contexts: []string{r.Context(r.roles.without(permission))},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	outcome, err := scan.Run(t.Context(), scan.Options{
		Provider: signedIn, Library: r.Library, Catalog: r.Catalog, Settings: content.DefaultSettings(r.Library), Checks: checks,
		Lake: filepath.Join(dir, "lake"), Spools: filepath.Join(dir, "spools"), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer outcome.Close()
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, f)
	}
	return findings, slices.ContainsFunc(outcome.Result.Coverage, func(c collect.Cell) bool { return strings.Contains(c.Cause, permission) })
}
