package e2e

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/moto"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
)

// enforced are the services whose permissions the simulator enforces as AWS does. It gets the signatures of services with
// paths wrong.
var enforced = []string{"ec2", "iam", "s3", "sts", "kms", "dynamodb", "logs", "secretsmanager", "ssm", "cloudtrail", "ecr", "ecs", "config", "sqs", "sns", "rds", "elbv2", "redshift", "elasticache", "acm"}

// misnamed are calls for which the simulator asks another permission than AWS does.
var misnamed = []string{"s3:GetBucketEncryption", "s3:GetBucketOwnershipControls", "s3:GetBucketReplication", "s3:GetObjectLockConfiguration"}

// permissions is a simulator that enforces them, and users of it.
type permissions struct {
	*recorded.Cloud
	server *moto.Server
	checks []*plan.Check
	plan   *plan.Plan
	calls  []*plan.PlannedCall
	keys   map[string][]string // by the action that the user lacks
}

// TestThePrintedPolicyIsEnoughAndNotMore: with exactly the policy that is printed no call is denied; with one action less,
// exactly the checks that depend on it turn UNKNOWN, and say which action is missing.
func TestThePrintedPolicyIsEnoughAndNotMore(t *testing.T) {
	p := preparePermissions(t)
	var ids []string
	for _, c := range p.checks {
		ids = append(ids, c.ID)
	}
	printed := at(t, p.server.URL()).run(t, "permissions", "aws", "--check", strings.Join(ids, ","))
	if printed.code != 0 {
		t.Fatal(printed.stderr)
	}
	actions := actionsOf(t, printed.stdout)
	p.build(t, actions)

	whole := p.command(t, "").run(t, "scan", "aws", "--region", "us-east-1", "--quiet", "--lake", "lake", "--check", strings.Join(ids, ","), "-o", "json")
	if whole.code != 0 {
		t.Fatal(whole.stderr)
	}
	before := readDocument(t, []byte(whole.stdout))
	for _, c := range before.Coverage {
		if c.Status == collect.Denied || strings.Contains(c.Cause, "denied") {
			t.Errorf("denied with the whole policy: %s %s: %s", c.Table, c.Group, c.Cause)
		}
	}
	var refused atomic.Int64
	t.Run("without", func(t *testing.T) {
		for _, action := range actions {
			t.Run(action, func(t *testing.T) {
				t.Parallel()
				if p.proveWithout(t, action, before.Findings) {
					refused.Add(1)
				}
			})
		}
	})
	t.Logf("%d checks, %d calls; %d of %d actions were asked for, and refused", len(ids), before.Scan.Calls, refused.Load(), len(actions))
	if refused.Load() < 80 {
		t.Error("too few actions were tried: the small world lacks resources")
	}
}

func preparePermissions(t *testing.T) *permissions {
	t.Helper()
	cloud, err := recorded.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := &permissions{Cloud: cloud}
	for _, c := range cloud.Checks {
		if p.isEnforced(t, c) {
			p.checks = append(p.checks, c)
		}
	}
	if len(p.checks) < 50 {
		t.Fatalf("only %d checks can be tried", len(p.checks))
	}
	if p.plan, err = plan.New(plan.Selection{Provider: "aws", Checks: p.checks}, cloud.Catalog); err != nil {
		t.Fatal(err)
	}
	if p.calls, err = p.plan.Calls(recorded.APIs(), "aws"); err != nil {
		t.Fatal(err)
	}
	if p.server, err = moto.Start(context.Background(), "INITIAL_NO_AUTH_ACTION_COUNT=1000000"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// isEnforced says whether all calls of a check go to services that the simulator can refuse.
func (p *permissions) isEnforced(t *testing.T, c *plan.Check) bool {
	t.Helper()
	own, err := plan.New(plan.Selection{Provider: "aws", Checks: []*plan.Check{c}}, p.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := own.Calls(recorded.APIs(), "aws")
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(calls, func(call *plan.PlannedCall) bool {
		return !slices.Contains(enforced, call.Service) || slices.Contains(misnamed, call.Name())
	})
}

// actionsOf reads the printed documents.
func actionsOf(t *testing.T, printed string) []string {
	t.Helper()
	var actions []string
	for documents := json.NewDecoder(strings.NewReader(printed)); documents.More(); {
		var d struct {
			Statement []struct {
				Effect, Resource string
				Action           []string
			}
		}
		if err := documents.Decode(&d); err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Statement {
			if s.Effect != "Allow" || s.Resource != "*" {
				t.Errorf("statement %+v", s)
			}
			actions = append(actions, s.Action...)
		}
	}
	return actions
}

func (p *permissions) build(t *testing.T, actions []string) {
	t.Helper()
	command := p.server.Command(t.Context(), append([]string{"-m", "world.small", p.server.URL()}, actions...)...)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("build world.small: %v %s", err, out)
	}
	if err := json.Unmarshal(out, &p.keys); err != nil {
		t.Fatal(err)
	}
}

func (p *permissions) command(t *testing.T, lacking string) command {
	t.Helper()
	c := at(t, p.server.URL())
	c.env = append(c.env, "AWS_ACCESS_KEY_ID="+p.keys[lacking][0], "AWS_SECRET_ACCESS_KEY="+p.keys[lacking][1])
	return c
}

// proveWithout scans as the user who lacks an action, those checks alone that the action can matter to. It says whether
// the action was asked for at all: for some there is no resource.
func (p *permissions) proveWithout(t *testing.T, action string, before []evaluate.Finding) bool {
	dependents, fed := map[string]bool{}, map[string]bool{}
	for _, call := range p.calls {
		if !slices.Contains(call.Permissions, action) {
			continue
		}
		for _, id := range p.plan.Dependents(call.Name()) {
			dependents[id] = true
		}
		for _, feed := range call.Feeds {
			fed[feed.Table] = true
		}
	}
	var checks []*plan.Check
	for _, c := range p.checks {
		own, err := plan.New(plan.Selection{Provider: "aws", Checks: []*plan.Check{c}}, p.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		if dependents[c.ID] || slices.ContainsFunc(own.Tables, func(tp plan.TablePlan) bool { return fed[tp.Table.Name] }) {
			checks = append(checks, c)
		}
	}
	if len(checks) == 0 {
		return false // of the sign-in alone
	}
	findings, denied := p.scan(t, action, checks)
	turned := map[string]bool{}
	for _, f := range findings {
		if f.Status == evaluate.Unknown && strings.Contains(f.Cause, action) {
			turned[f.Check] = true
		}
	}
	for id := range turned {
		if !dependents[id] {
			t.Errorf("%s turned UNKNOWN and does not depend on %s", id, action)
		}
	}
	if !denied {
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(dependents)) {
		if !turned[id] && judged(before, id) {
			t.Errorf("%s depends on %s and did not turn UNKNOWN", id, action)
		}
	}
	return true
}

// judged says whether a check has a verdict, so that it has something to lose.
func judged(findings []evaluate.Finding, id string) bool {
	return slices.ContainsFunc(findings, func(f evaluate.Finding) bool {
		return f.Check == id && (f.Status == evaluate.Pass || f.Status == evaluate.Fail)
	})
}

func (p *permissions) scan(t *testing.T, lacking string, checks []*plan.Check) (findings []evaluate.Finding, denied bool) {
	t.Helper()
	signedIn, err := aws.New(t.Context(), aws.Options{
		Content: p.Library.Provider("aws"), Transport: p.server.Transport(), Regions: []string{"us-east-1"},
		Credentials: credentials.NewStaticCredentialsProvider(p.keys[lacking][0], p.keys[lacking][1], ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	outcome, err := scan.Run(t.Context(), scan.Options{
		Provider: signedIn, Library: p.Library, Catalog: p.Catalog, Settings: content.DefaultSettings(p.Library), Checks: checks,
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
	return findings, slices.ContainsFunc(outcome.Result.Coverage, func(c collect.Cell) bool { return strings.Contains(c.Cause, lacking) })
}
