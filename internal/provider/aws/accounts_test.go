package aws

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestRegionsOfAnAccount(t *testing.T) {
	described := `<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>` +
		`<item><regionName>af-south-1</regionName><optInStatus>opted-in</optInStatus></item>` +
		`<item><regionName>ap-east-1</regionName><optInStatus>not-opted-in</optInStatus></item>` +
		`<item><regionName>cn-north-1</regionName><optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>`
	denied := `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>`
	tests := []struct {
		name    string
		options Options
		ec2     string
		account string // answer of account:ListRegions; empty: denied
		want    []string
		warned  bool
	}{
		{"enabled ones", Options{}, described, "", []string{"af-south-1", "us-east-1"}, false},
		{"less those that are excluded", Options{ExcludeRegions: []string{"us-east-1"}}, described, "", []string{"af-south-1"}, false},
		{"exactly those that are named", Options{Regions: []string{"eu-west-1", "ap-east-1", "eu-west-1"}}, denied, "", []string{"ap-east-1", "eu-west-1"}, false},
		{"by account management, if EC2 refuses", Options{}, denied, `{"Regions":[{"RegionName":"eu-west-3"}]}`, []string{"eu-west-3"}, false},
		{"those that every account has, if both refuse", Options{}, denied, "", enabledFromTheStart["aws"], true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log, text := logged()
			test.options.Logger = log
			test.options.Transport = served(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasPrefix(r.URL.Host, "ec2."):
					status := 200
					if test.ec2 == denied {
						status = 403
					}
					clienttest.Write(w, status, test.ec2)
				case test.account != "":
					clienttest.Write(w, 200, test.account)
				default:
					clienttest.Write(w, 403, `{"message":"no"}`, "X-Amzn-Errortype", "AccessDeniedException")
				}
			})
			accounts, err := signedIn(t, test.options).Accounts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(accounts) != 1 || accounts[0].ID != testAccount || !slices.Equal(accounts[0].Regions, test.want) {
				t.Errorf("got %+v, want %v", accounts, test.want)
			}
			var e *provider.Error
			if missing := errors.As(accounts[0].RegionsErr, &e); missing != test.warned || missing && (e.Class != provider.Denied || e.Permissions[0] != "ec2:DescribeRegions") {
				t.Errorf("what is missing: %v", accounts[0].RegionsErr)
			}
			if warned := strings.Contains(text.String(), "level=WARN"); warned != test.warned {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// organizationOf answers for an organization: 111122223333 manages; 222222222222 lets us in; 333333333333 refuses;
// 444444444444 is suspended. The first two are in unit ou-a, the third in ou-b below it.
func organizationOf(t *testing.T) http.RoundTripper {
	account := func(id, status string) string {
		return `{"Id":"` + id + `","Name":"n` + id[:1] + `","Status":"` + status + `"}`
	}
	return served(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		body := new(strings.Builder)
		if r.Body != nil {
			buffer := make([]byte, 4096)
			n, _ := r.Body.Read(buffer)
			body.Write(buffer[:n])
		}
		switch {
		case strings.HasSuffix(target, ".ListAccounts") && !strings.Contains(body.String(), "NextToken"):
			clienttest.Write(w, 200, `{"Accounts":[`+account("444444444444", "SUSPENDED")+`,`+account("111122223333", "ACTIVE")+`],"NextToken":"n"}`)
		case strings.HasSuffix(target, ".ListAccounts"):
			clienttest.Write(w, 200, `{"Accounts":[`+account("333333333333", "ACTIVE")+`,`+account("222222222222", "ACTIVE")+`]}`)
		case strings.HasSuffix(target, ".ListAccountsForParent") && strings.Contains(body.String(), `"ou-a"`):
			clienttest.Write(w, 200, `{"Accounts":[`+account("222222222222", "ACTIVE")+`]}`)
		case strings.HasSuffix(target, ".ListAccountsForParent") && strings.Contains(body.String(), `"ou-b"`):
			clienttest.Write(w, 200, `{"Accounts":[`+account("333333333333", "ACTIVE")+`]}`)
		case strings.HasSuffix(target, ".ListOrganizationalUnitsForParent") && strings.Contains(body.String(), `"ou-a"`):
			clienttest.Write(w, 200, `{"OrganizationalUnits":[{"Id":"ou-b"}]}`)
		case strings.HasSuffix(target, ".ListOrganizationalUnitsForParent") && strings.Contains(body.String(), `"ou-b"`):
			clienttest.Write(w, 200, `{"OrganizationalUnits":[]}`)
		case target != "":
			clienttest.Write(w, 400, `{"__type":"ParentNotFoundException","message":"no such parent"}`)
		case strings.Contains(body.String(), "AssumeRole") && strings.Contains(body.String(), "333333333333"):
			clienttest.Write(w, 403, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: u is not authorized to perform: sts:AssumeRole on resource: r</Message></Error></ErrorResponse>`)
		case strings.Contains(body.String(), "AssumeRole"):
			clienttest.Write(w, 200, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAMEMBER</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		default:
			key := "AKIATEST"
			if r.Header.Get("X-Amz-Security-Token") != "" {
				key = "ASIAMEMBER"
			}
			if !strings.Contains(r.Header.Get("Authorization"), key) {
				t.Errorf("%s is asked with %s", r.URL.Host, r.Header.Get("Authorization"))
			}
			clienttest.Write(w, 200, `<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>`)
		}
	})
}

func TestAnOrganizationIsEnteredAsFarAsItLets(t *testing.T) {
	p := signedIn(t, Options{Organization: true, Transport: organizationOf(t)})
	accounts, err := p.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 4 {
		t.Fatalf("got %+v", accounts)
	}
	for i, id := range []string{"111122223333", "222222222222", "333333333333", "444444444444"} {
		if accounts[i].ID != id || accounts[i].Partition != "aws" || accounts[i].Name != "n"+id[:1] {
			t.Errorf("got %+v, want %s", accounts[i], id)
		}
	}
	for _, account := range accounts[:2] {
		if account.Err != nil || !slices.Equal(account.Regions, []string{"us-east-1"}) {
			t.Errorf("got %+v", account)
		}
	}
	refused := clienttest.Problem(t, accounts[2].Err)
	if refused.Class != provider.Denied || refused.Call != "sts:AssumeRole" ||
		!strings.Contains(refused.Message, "cannot assume arn:aws:iam::333333333333:role/OrganizationAccountAccessRole as arn:aws:iam::111122223333:user/ann") ||
		!strings.Contains(refused.Message, "trust policy") {
		t.Errorf("got %s", refused)
	}
	if suspended := clienttest.Problem(t, accounts[3].Err); suspended.Class != provider.Unsupported || suspended.Message != "the account is suspended" {
		t.Errorf("got %s", suspended)
	}
}

func TestAnOrganizationalUnitIsWalked(t *testing.T) {
	p := signedIn(t, Options{Organization: true, OU: "ou-a", OrganizationRole: "audit", Regions: []string{"us-east-1"}, Transport: organizationOf(t)})
	accounts, err := p.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 2 || accounts[0].ID != "222222222222" || accounts[1].ID != "333333333333" {
		t.Fatalf("got %+v", accounts)
	}
	if !strings.Contains(accounts[1].Err.Error(), "role/audit") {
		t.Errorf("got %v", accounts[1].Err)
	}
	p = signedIn(t, Options{Organization: true, OU: "ou-c", Transport: organizationOf(t)})
	if _, err := p.Accounts(t.Context()); err == nil || !strings.Contains(err.Error(), `organizational unit "ou-c"`) {
		t.Errorf("a unit that does not exist: %v", err)
	}
}

func TestAnOrganizationThatCannotBeListed(t *testing.T) {
	tests := map[string]string{
		"AWSOrganizationsNotInUseException": "leave out --organization",
		"AccessDeniedException":             "management account",
	}
	for code, want := range tests {
		p := signedIn(t, Options{Organization: true, Transport: served(func(w http.ResponseWriter, _ *http.Request) {
			clienttest.Write(w, 400, `{"__type":"`+code+`","message":"no"}`)
		})})
		if _, err := p.Accounts(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", code, err)
		}
	}
}
