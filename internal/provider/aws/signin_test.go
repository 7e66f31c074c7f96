package aws

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/clienttest"
)

// isolate takes the test out of its user's environment. Files are the shared configuration and credentials.
func isolate(t *testing.T, configuration, credentials string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"config": configuration, "credentials": credentials} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("HOME", dir)
}

const (
	callerIs = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	someKeys = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s\n"
)

func caller(arn string) string { return strings.ReplaceAll(callerIs, "%", arn) }

func TestSignInFindsItsWay(t *testing.T) {
	tests := []struct {
		name          string
		configuration string
		env           map[string]string
		options       Options
		arn           string
		host          string // asked for the identity
		key           string
		partition     string
	}{
		{"default profile", "", nil, Options{}, "arn:aws:iam::111122223333:user/ann", "sts.us-east-1.amazonaws.com", "AKIADEFAULT", "aws"},
		{"region of the profile", "[default]\nregion = eu-west-1\n", nil, Options{}, "arn:aws:iam::111122223333:user/ann", "sts.eu-west-1.amazonaws.com", "AKIADEFAULT", "aws"},
		{"named profile", "", nil, Options{Profile: "other"}, "arn:aws:iam::111122223333:user/ann", "sts.us-east-1.amazonaws.com", "AKIAOTHER", "aws"},
		{"AWS_PROFILE", "", map[string]string{"AWS_PROFILE": "other"}, Options{}, "arn:aws:iam::111122223333:user/ann", "sts.us-east-1.amazonaws.com", "AKIAOTHER", "aws"},
		{"keys of the environment", "", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, Options{}, "arn:aws:iam::111122223333:user/ann", "sts.us-east-1.amazonaws.com", "AKIAENV", "aws"},
		{"China by the region of the environment", "", map[string]string{"AWS_REGION": "cn-north-1"}, Options{}, "arn:aws-cn:iam::111122223333:user/ann", "sts.cn-north-1.amazonaws.com.cn", "AKIADEFAULT", "aws-cn"},
		{"GovCloud by --region", "", nil, Options{Regions: []string{"us-gov-west-1"}}, "arn:aws-us-gov:iam::111122223333:user/ann", "sts.us-gov-west-1.amazonaws.com", "AKIADEFAULT", "aws-us-gov"},
		{"an endpoint of one's own", "", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}, Options{}, "arn:aws:iam::111122223333:user/ann", "127.0.0.1:5000", "AKIADEFAULT", "aws"},
		{"an endpoint for the service", "", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:6000"}, Options{}, "arn:aws:iam::111122223333:user/ann", "127.0.0.1:6000", "AKIADEFAULT", "aws"},
		{"an endpoint of the profile", "[default]\nservices = mine\n[services mine]\nsts =\n  endpoint_url = http://127.0.0.1:7000\n", nil, Options{}, "arn:aws:iam::111122223333:user/ann", "127.0.0.1:7000", "AKIADEFAULT", "aws"},
		{"endpoints that are to be ignored", "", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, Options{}, "arn:aws:iam::111122223333:user/ann", "sts.us-east-1.amazonaws.com", "AKIADEFAULT", "aws"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			isolate(t, test.configuration, someKeys)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			test.options.Content = rules(t)
			var host, authorization string
			test.options.Transport = served(func(w http.ResponseWriter, r *http.Request) {
				host, authorization = r.URL.Host, r.Header.Get("Authorization")
				clienttest.Write(w, 200, caller(test.arn))
			})
			p, err := New(t.Context(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if host != test.host || !strings.Contains(authorization, "Credential="+test.key+"/") {
				t.Errorf("asked %s with %s; want %s with %s", host, authorization, test.host, test.key)
			}
			if got := p.Identity(); got.Account != testAccount || got.ARN != test.arn || got.Partition != test.partition {
				t.Errorf("signed in as %+v", got)
			}
		})
	}
}

func TestSignInThatFailsSaysWhatToDo(t *testing.T) {
	answer := func(status int, body string, headers ...string) http.RoundTripper {
		return served(func(w http.ResponseWriter, _ *http.Request) { clienttest.Write(w, status, body, headers...) })
	}
	fault := func(code string) http.RoundTripper {
		return answer(403, "<ErrorResponse><Error><Code>"+code+"</Code><Message>words</Message></Error></ErrorResponse>")
	}
	sso := "[profile web]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = audit\nregion = eu-west-1\n[sso-session corp]\nsso_start_url = https://x.test\nsso_region = eu-west-1\n"
	tests := []struct {
		name          string
		configuration string
		credentials   string
		options       Options
		want          []string
	}{
		{"no credentials", "", "", Options{}, []string{"no AWS credentials were found", "aws configure", "--profile"}},
		{"no such profile", "", someKeys, Options{Profile: "nobody"}, []string{`no AWS profile "nobody"`, "list-profiles"}},
		{"single sign-on that ended", sso, "", Options{Profile: "web"}, []string{"single sign-on session has ended", "`aws sso login --profile web`"}},
		{"expired", "", someKeys, Options{Profile: "other", Transport: fault("ExpiredToken")}, []string{"has expired", "ExpiredToken", "--profile other"}},
		{"a key of another partition", "", someKeys, Options{Transport: fault("InvalidClientTokenId")}, []string{"access key is not known", "--region cn-north-1", "us-east-1"}},
		{"a wrong secret", "", someKeys, Options{Transport: fault("SignatureDoesNotMatch")}, []string{"secret key does not belong"}},
		{"a web page", "", someKeys, Options{Transport: answer(500, "<html><title>Corporate proxy</title></html>", "Content-Type", "text/html")}, []string{"not one of AWS", "Corporate proxy", "AWS_ENDPOINT_URL"}},
		{"a web page with status 200", "", someKeys, Options{Transport: answer(200, "<html><title>Corporate proxy</title></html>", "Content-Type", "text/html")}, []string{"Corporate proxy", "AWS_ENDPOINT_URL"}},
		{"no such region in the profile", "[default]\nregion = us-eats-1\n", someKeys, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
		})}, []string{`no AWS region "us-eats-1"`, `did you mean "us-east-1"?`}},
		{"a network that is down", "", someKeys, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
		})}, []string{"there is no host sts.us-east-1.amazonaws.com", "HTTPS_PROXY"}},
		{"no such region", "", someKeys, Options{Regions: []string{"us-eats-1"}, Transport: answer(200, caller("arn:aws:iam::111122223333:user/ann"))}, []string{`no AWS region "us-eats-1"`, `did you mean "us-east-1"?`}},
		{"no such region, after signing in", "", someKeys, Options{Regions: []string{"us-east-1", "eu-wst-1"}, Transport: answer(200, caller("arn:aws:iam::111122223333:user/ann"))}, []string{`no AWS region "eu-wst-1"`, `did you mean "eu-west-1"?`}},
		{"a region of another partition", "", someKeys, Options{Regions: []string{"us-east-1", "cn-north-1"}, Transport: answer(200, caller("arn:aws:iam::111122223333:user/ann"))}, []string{"cn-north-1 is in partition aws-cn", "sign-in is for aws"}},
		{"an excluded region that does not exist", "", someKeys, Options{ExcludeRegions: []string{"us-west-22"}, Transport: answer(200, caller("arn:aws:iam::111122223333:user/ann"))}, []string{`no AWS region "us-west-22"`, `"us-west-2"`}},
		{"a role that refuses", "", someKeys, Options{Role: "audit", Transport: served(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil || r.PostForm.Get("Action") == "AssumeRole" {
				clienttest.Write(w, 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: u is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>")
				return
			}
			clienttest.Write(w, 200, caller("arn:aws:iam::111122223333:user/ann"))
		})}, []string{"cannot assume arn:aws:iam::111122223333:role/audit as arn:aws:iam::111122223333:user/ann", "AccessDenied", "trust policy", "without an external id", "sts:AssumeRole"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			isolate(t, test.configuration, test.credentials)
			test.options.Content = rules(t)
			_, err := New(t.Context(), test.options)
			if err == nil {
				t.Fatal("signed in")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestARoleIsAssumedWithAllThatWasSaid(t *testing.T) {
	isolate(t, "", someKeys)
	var form map[string]string
	transport := served(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if r.PostForm.Get("Action") != "AssumeRole" {
			arn := "arn:aws:iam::111122223333:user/ann"
			if r.Header.Get("X-Amz-Security-Token") == "token" {
				arn = "arn:aws:sts::111122223333:assumed-role/audit/stance"
			}
			clienttest.Write(w, 200, caller(arn))
			return
		}
		form = map[string]string{}
		for name := range r.PostForm {
			form[name] = r.PostForm.Get(name)
		}
		clienttest.Write(w, 200, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	})
	p, err := New(t.Context(), Options{
		Content: rules(t), Transport: transport, Role: "audit", ExternalID: "e-1", SessionDuration: 1800e9,
		MFASerial: "arn:aws:iam::111122223333:mfa/ann", TokenPrompt: func() (string, error) { return "123456", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.Identity().ARN != "arn:aws:sts::111122223333:assumed-role/audit/stance" {
		t.Errorf("signed in as %+v", p.Identity())
	}
	want := map[string]string{
		"RoleArn": "arn:aws:iam::111122223333:role/audit", "RoleSessionName": "stance", "ExternalId": "e-1", "DurationSeconds": "1800",
		"SerialNumber": "arn:aws:iam::111122223333:mfa/ann", "TokenCode": "123456",
	}
	for name, value := range want {
		if form[name] != value {
			t.Errorf("%s is %q, want %q", name, form[name], value)
		}
	}
}
