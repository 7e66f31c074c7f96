package aws

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stancehq/stance/internal/content"
)

// Options say who signs in and what is to be scanned. The zero value is what the AWS command line would do.
type Options struct {
	// Profile of the shared configuration; empty: AWS_PROFILE, else default.
	Profile string
	// Role to assume first: an ARN, or a name in the caller's own account.
	Role       string
	ExternalID string
	// SessionDuration of assumed roles; 0: one hour. Sessions are renewed before they end.
	SessionDuration time.Duration
	// MFASerial is the device that the role asks for; TokenPrompt reads its code. Profiles that name a device use TokenPrompt too.
	MFASerial   string
	TokenPrompt func() (string, error)

	// Organization scans every account of the organization, through OrganizationRole in each.
	Organization bool
	// OU limits Organization to an organizational unit (or root) and all below it.
	OU string
	// OrganizationRole is the role's name in each account; empty: OrganizationAccountAccessRole.
	OrganizationRole string

	// Regions to visit, exactly; empty: those that are enabled in each account.
	Regions []string
	// ExcludeRegions are left out of them.
	ExcludeRegions []string

	// Content is provider.yaml: what error codes mean.
	Content *content.Provider
	Logger  *slog.Logger

	// Credentials replace the default chain, and with it the environment and the shared configuration: for recorded clouds.
	Credentials aws.CredentialsProvider
	// Endpoint replaces AWS_ENDPOINT_URL: all services are asked there.
	Endpoint string
	// Transport replaces the network. Services then count as available everywhere, without a DNS look-up.
	Transport http.RoundTripper
	// LookupHost replaces the DNS look-up by which a service's existence in a region is told.
	LookupHost func(ctx context.Context, host string) ([]string, error)
}

// DefaultOrganizationRole is what AWS Organizations makes in accounts that it creates.
const DefaultOrganizationRole = "OrganizationAccountAccessRole"

// sessionName is what assumed roles are called in the vendor's audit log.
const sessionName = "stance"

// Identity is who a sign-in turned out to be.
type Identity struct {
	Account   string
	ARN       string
	Partition string
}
