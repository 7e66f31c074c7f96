package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// session is the sign-in for one account.
type session struct {
	cache *aws.CredentialsCache
	role  string // the ARN of the role that was assumed; empty for the user's own credentials
}

func (s *session) credentials(ctx context.Context) (aws.Credentials, error) {
	if s == nil || s.cache == nil {
		return aws.Credentials{}, errors.New("no credentials are configured")
	}
	return s.cache.Retrieve(ctx)
}

// renew gets new credentials in the place of those that the vendor calls expired, and says whether they are new. Of several
// calls that find out at once, the first renews for all.
func (s *session) renew(ctx context.Context, expired aws.Credentials) bool {
	current, err := s.cache.Retrieve(ctx)
	if err == nil && !same(current, expired) {
		return true
	}
	s.cache.Invalidate()
	current, err = s.cache.Retrieve(ctx)
	return err != nil || !same(current, expired) // with an error, the next attempt reports it
}

func same(a, b aws.Credentials) bool {
	return a.AccessKeyID == b.AccessKeyID && a.SecretAccessKey == b.SecretAccessKey && a.SessionToken == b.SessionToken
}

// assume makes a session of a role, entered with the credentials of another. Nothing is asked before the first use.
func (p *Provider) assume(from *session, role, region string, prompt bool) *session {
	config := p.config.Copy()
	config.Credentials = from.cache
	if region != "" {
		config.Region = region
	}
	if p.options.Endpoint != "" {
		config.BaseEndpoint = aws.String(p.options.Endpoint)
	}
	config.HTTPClient = p.client
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(config), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = sessionName
		o.Duration = p.options.SessionDuration
		if o.Duration == 0 {
			o.Duration = defaultSession
		}
		if p.options.ExternalID != "" {
			o.ExternalID = aws.String(p.options.ExternalID)
		}
		if prompt && p.options.MFASerial != "" {
			o.SerialNumber = aws.String(p.options.MFASerial)
			o.TokenProvider = p.options.TokenPrompt
		}
	})
	return &session{cache: newCache(provider), role: role}
}

// newCache renews credentials some time before they end, so that a call that is under way does not outlive them.
func newCache(from aws.CredentialsProvider) *aws.CredentialsCache {
	if cache, ok := from.(*aws.CredentialsCache); ok {
		return cache
	}
	return aws.NewCredentialsCache(from, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow })
}

// signInError words why there are no credentials for a call.
func (p *Provider) signInError(ctx context.Context, call string, s *session, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &provider.Error{Class: provider.Expired, Call: call, Err: err}
	var fault smithy.APIError
	if errors.As(err, &fault) {
		e.Code = fault.ErrorCode()
		if c, _ := p.classes.class("sts", wire.Fault{Code: e.Code, Message: fault.ErrorMessage()}, 0); c != provider.Broken {
			e.Class = c
		}
	}
	if s != nil && s.role != "" {
		e.Message = clip(p.roleProblem(s.role, err))
		if e.Class == provider.Denied {
			e.Permissions = []string{"sts:AssumeRole"}
		}
		return e
	}
	e.Message = clip(p.credentialProblem(err))
	return e
}

// roleProblem says why a role could not be assumed, and what to look at.
func (p *Provider) roleProblem(role string, err error) string {
	caller := p.identity.ARN
	if caller == "" {
		caller = "the caller"
	}
	var fault smithy.APIError
	if !errors.As(err, &fault) {
		return fmt.Sprintf("cannot assume %s as %s: %s", role, caller, cleanMessage(err.Error()))
	}
	check := ""
	switch fault.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		check = fmt.Sprintf("; check that it exists, that its trust policy allows this caller%s, and that the caller is allowed sts:AssumeRole on it",
			p.externalIDHint())
	case "ExpiredToken", "ExpiredTokenException":
		check = "; the caller's own sign-in has ended: " + p.signInAgain()
	case "RegionDisabledException":
		check = "; STS is switched off in this region for that account"
	case "ValidationError":
		if strings.Contains(fault.ErrorMessage(), "DurationSeconds") {
			check = "; shorten the session: the role or role chaining allows less"
		}
	}
	return fmt.Sprintf("cannot assume %s as %s (%s: %s)%s", role, caller, fault.ErrorCode(), short(cleanMessage(fault.ErrorMessage())), check)
}

// short leaves room for what to do next.
func short(text string) string {
	const most = 90
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func (p *Provider) externalIDHint() string {
	if p.options.ExternalID != "" {
		return " with this external id"
	}
	return " without an external id"
}
