package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/moto"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws"
)

// enforced are the services whose permissions the simulator enforces as AWS does. It gets the signatures of services with
// paths wrong.
var enforced = []string{"ec2", "iam", "s3", "sts", "kms", "dynamodb", "logs", "secretsmanager", "ssm", "cloudtrail", "ecr", "ecs", "config", "sqs", "sns", "rds", "elbv2", "redshift", "elasticache", "acm"}

// misnamed are calls for which the simulator asks another permission than AWS does.
var misnamed = []string{"s3:GetBucketEncryption", "s3:GetBucketOwnershipControls", "s3:GetBucketReplication", "s3:GetObjectLockConfiguration"}

// permissions is a simulator that enforces them, and users of it.
type permissions struct {
	*lacking
	server *moto.Server
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
	nothingDenied(t, before.Coverage)
	refused := p.proveEach(t, actions, before.Findings)
	t.Logf("%d checks, %d calls; %d of %d actions were asked for, and refused", len(ids), before.Scan.Calls, refused, len(actions))
	if refused < 80 {
		t.Error("too few actions were tried: the small world lacks resources")
	}
}

func preparePermissions(t *testing.T) *permissions {
	t.Helper()
	p := &permissions{lacking: planLacking(t, "aws", isEnforced)}
	if len(p.checks) < 50 {
		t.Fatalf("only %d checks can be tried", len(p.checks))
	}
	p.signIn = p.without
	var err error
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

// isEnforced says whether the simulator can refuse a call.
func isEnforced(call *plan.PlannedCall) bool {
	return slices.Contains(enforced, call.Service) && !slices.Contains(misnamed, call.Name())
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

func (p *permissions) command(t *testing.T, lacks string) command {
	t.Helper()
	c := at(t, p.server.URL())
	c.env = append(c.env, "AWS_ACCESS_KEY_ID="+p.keys[lacks][0], "AWS_SECRET_ACCESS_KEY="+p.keys[lacks][1])
	return c
}

// without signs in as the user who lacks an action.
func (p *permissions) without(t *testing.T, action string) provider.Provider {
	t.Helper()
	signedIn, err := aws.New(t.Context(), aws.Options{
		Content: p.Library.Provider("aws"), Transport: p.server.Transport(), Regions: []string{"us-east-1"},
		Credentials: credentials.NewStaticCredentialsProvider(p.keys[action][0], p.keys[action][1], ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return signedIn
}
