package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

const (
	defaultSession = time.Hour
	expiryWindow   = 5 * time.Minute
	homeRegion     = "us-east-1" // where to sign in if the user names no region
)

// New signs in: it finds credentials, assumes Options.Role, and asks who that is. An error says what to do about it.
func New(ctx context.Context, options Options) (*Provider, error) {
	p := newProvider(options)
	if err := p.configure(ctx); err != nil {
		return nil, err
	}
	region, err := p.signInRegion()
	if err != nil {
		return nil, err
	}
	p.identity, err = p.whoAmI(ctx, p.home, region)
	if err != nil {
		return nil, err
	}
	if options.Role != "" {
		role := options.Role
		if !strings.HasPrefix(role, "arn:") {
			role = fmt.Sprintf("arn:%s:iam::%s:role/%s", p.identity.Partition, p.identity.Account, strings.TrimPrefix(role, "role/"))
		}
		assumed := p.assume(p.home, role, region, true)
		if _, err := assumed.credentials(ctx); err != nil {
			return nil, errors.New(p.roleProblem(role, err))
		}
		p.home = assumed
		if p.identity, err = p.whoAmI(ctx, p.home, region); err != nil {
			return nil, err
		}
	}
	if err := p.checkRegions(ctx); err != nil {
		return nil, err
	}
	p.log.Info("signed in to AWS", "account", p.identity.Account, "as", p.identity.ARN)
	return p, nil
}

func newProvider(options Options) *Provider {
	p := &Provider{
		options: options, log: options.Logger, signer: v4.NewSigner(), rules: api.Endpoints(), load: api.Load, describe: api.API(),
		classes: newClassifier(options.Content), lookup: options.LookupHost, idle: idleTimeout,
		services: map[string]*loading{}, sessions: map[string]*session{}, buckets: map[string]string{},
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.lookup == nil {
		p.lookup = net.DefaultResolver.LookupHost
	}
	return p
}

// configure reads the environment and the shared configuration, unless the options bring credentials of their own.
func (p *Provider) configure(ctx context.Context) error {
	if p.options.Credentials != nil {
		p.config = aws.Config{Credentials: p.options.Credentials, HTTPClient: awshttp.NewBuildableClient()}
	} else {
		load := []func(*config.LoadOptions) error{
			config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
				o.RoleSessionName = orDefault(o.RoleSessionName, sessionName)
				o.TokenProvider = p.options.TokenPrompt
			}),
			config.WithCredentialsCacheOptions(func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow }),
		}
		if p.options.Profile != "" {
			load = append(load, config.WithSharedConfigProfile(p.options.Profile))
		}
		if p.options.Endpoint != "" {
			load = append(load, config.WithBaseEndpoint(p.options.Endpoint))
		}
		if p.options.Transport != nil {
			load = append(load, config.WithHTTPClient(p.newClient()))
		}
		var err error
		if p.config, err = config.LoadDefaultConfig(ctx, load...); err != nil {
			return errors.New(p.configProblem(err))
		}
	}
	p.client = p.newClient()
	p.home = &session{cache: newCache(p.config.Credentials)}
	return nil
}

// newClient makes the one HTTP client. It knows proxies and AWS_CA_BUNDLE, follows no redirects (a signature is for one host),
// and has no limit on the whole time of an exchange.
func (p *Provider) newClient() *http.Client {
	client := &http.Client{
		Transport:     p.options.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if client.Transport != nil {
		return client
	}
	buildable, ok := p.config.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		buildable = awshttp.NewBuildableClient()
	}
	transport := buildable.GetTransport()
	transport.ResponseHeaderTimeout = idleTimeout
	transport.MaxIdleConns = 512
	transport.MaxIdleConnsPerHost = 64
	client.Transport = transport
	return client
}

// signInRegion is where to ask who we are.
func (p *Provider) signInRegion() (string, error) {
	region := p.config.Region
	if len(p.options.Regions) > 0 {
		region = p.options.Regions[0]
	}
	if region == "" {
		region = homeRegion
	}
	partition, ok := p.rules.PartitionOf(region)
	if !ok {
		return "", provider.Misusef("there is no AWS region %q%s", region, p.likeRegion(region))
	}
	// Other helpers of the sign-in library need a region, too.
	p.config.Region = region
	if len(p.options.Regions) > 0 && !known(partition, region) {
		p.config.Region = partition.GlobalRegion
	}
	p.identity.Partition = partition.Name
	return p.config.Region, nil
}

// whoAmI asks whose credentials these are. It is allowed to everyone.
func (p *Provider) whoAmI(ctx context.Context, s *session, region string) (Identity, error) {
	if _, err := s.credentials(ctx); err != nil {
		if ctx.Err() != nil {
			return Identity{}, ctx.Err()
		}
		return Identity{}, errors.New(p.credentialProblem(err))
	}
	var answer struct{ Account, Arn string }
	scope := provider.Scope{Partition: p.identity.Partition, Region: region}
	if err := p.ask(ctx, s, scope, "sts", "GetCallerIdentity", nil, &answer); err != nil {
		return Identity{}, p.identityProblem(ctx, region, err)
	}
	id := Identity{Account: answer.Account, ARN: answer.Arn, Partition: p.identity.Partition}
	if parsed, err := arn.Parse(answer.Arn); err == nil && parsed.Partition != "" {
		id.Partition = parsed.Partition
	}
	if id.Account == "" {
		return Identity{}, fmt.Errorf("sts:GetCallerIdentity in %s answered without an account: is the endpoint AWS?", region)
	}
	return id, nil
}

// ask makes a call of our own and decodes its answer.
func (p *Provider) ask(ctx context.Context, s *session, scope provider.Scope, service, op string, input map[string]any, answer any) error {
	operation, err := p.operation(service, op)
	if err != nil {
		return err
	}
	request := provider.Request{Scope: scope, Service: service, Op: op, Input: input}
	got, err := p.patiently(ctx, func() (*provider.Answer, error) { return p.call(ctx, s, operation, request) })
	if err != nil {
		return err
	}
	if err := json.Unmarshal(got.Document, answer); err != nil {
		return fmt.Errorf("read answer of %s: %w", operation.Call(), err)
	}
	return nil
}

func orDefault(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// configProblem words what is wrong with the configuration.
func (p *Provider) configProblem(err error) string {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Sprintf("there is no AWS profile %q: see `aws configure list-profiles`", missing.Profile)
	}
	return "read the AWS configuration: " + err.Error()
}

// credentialProblem words why there are no credentials.
func (p *Provider) credentialProblem(err error) string {
	text := err.Error()
	var sso *ssocreds.InvalidTokenError
	switch {
	case errors.As(err, &sso), strings.Contains(text, "SSO token"), strings.Contains(text, "sso.Client"), strings.Contains(text, "SSO: GetRoleCredentials"):
		return "the single sign-on session has ended or was never begun: " + p.signInAgain()
	case strings.Contains(text, "no EC2 IMDS role found"), strings.Contains(text, "failed to refresh cached credentials, static credentials are empty"):
		return "no AWS credentials were found. Sign in with `aws configure` or `aws sso login`, name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	case strings.Contains(text, "ExpiredToken"):
		return "the AWS sign-in has expired: " + p.signInAgain()
	case strings.Contains(text, "AssumeRoleTokenProviderNotSet"):
		return "the profile's role asks for a code of an MFA device, and there is no terminal to ask for it"
	}
	return "get AWS credentials: " + cleanMessage(text)
}

// signInAgain is what to type.
func (p *Provider) signInAgain() string {
	profile := p.options.Profile
	if profile == "" {
		for _, source := range p.config.ConfigSources {
			if shared, ok := source.(config.SharedConfig); ok && shared.Profile != "" && shared.Profile != "default" {
				profile = shared.Profile
			}
		}
	}
	if profile == "" {
		return "sign in again, with `aws sso login` or new keys"
	}
	return fmt.Sprintf("sign in again, with `aws sso login --profile %s` or new keys for that profile", profile)
}

// identityProblem words why nobody knows who we are.
func (p *Provider) identityProblem(ctx context.Context, region string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := asError("sts:GetCallerIdentity", err)
	where := fmt.Sprintf("sign in to AWS (sts in %s)", region)
	switch {
	case e.Class == provider.Expired:
		return fmt.Errorf("the AWS sign-in has expired (%s): %s", e.Code, p.signInAgain())
	case e.Code == "InvalidClientTokenId" || e.Code == "UnrecognizedClientException" || e.Code == "AuthFailure":
		return fmt.Errorf("%s: the access key is not known there. Check the key; keys of AWS China and GovCloud work only with a region of theirs (--region cn-north-1, --region us-gov-west-1), and a region that must be switched on knows no keys before that", where)
	case e.Code == "SignatureDoesNotMatch" || e.Code == "InvalidSignatureException":
		return fmt.Errorf("%s: the secret key does not belong to the access key (%s)", where, e.Code)
	case e.Class == provider.Unsupported && !p.knownRegion(region):
		return fmt.Errorf("%s: %s, and no AWS region %q is known%s", where, e.Message, region, p.likeRegion(region))
	case e.Err != nil || e.Status == 0:
		return fmt.Errorf("%s: %s. Check the network, HTTPS_PROXY and AWS_ENDPOINT_URL", where, orDefault(e.Message, err.Error()))
	case e.Class == provider.Broken:
		return fmt.Errorf("%s: the answer is not one of AWS (%s: %s). Check AWS_ENDPOINT_URL and proxies", where, e.Code, e.Message)
	}
	return fmt.Errorf("%s: %w", where, e)
}
