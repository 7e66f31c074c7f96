package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws"
)

func (a *app) scanAWSCommand() *cobra.Command {
	var f scanFlags
	var org organization
	var o aws.Options
	c := &cobra.Command{
		Use: "aws", Short: "Scan an AWS account, or all accounts of an organization", Args: none,
		Long: `Scans read-only what your AWS profile signs in to, in every enabled region. The standard environment works: AWS_PROFILE,
AWS_REGION, AWS_ENDPOINT_URL(_SERVICE), AWS_CA_BUNDLE, HTTPS_PROXY and so on.

Exit status: 0 done; 1 failed; 2 wrong usage; 3 a finding at or above --fail-on; 4 --strict and coverage is incomplete.`,
		Example: `  stance scan aws
  stance scan aws --profile audit --role SecurityAudit --region eu-west-1,us-east-1
  stance scan aws --code infra -o sarif=stance.sarif
  stance scan aws --organization --organization-role StanceReader --lake s3://security-lake/stance
  stance scan aws --severity critical,high --fail-on high -o html=report.html`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.scanOrGoOn(c, &f, "aws", func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error) {
				o.Organization, o.OU, o.OrganizationRole = org.wanted(), org.ou, org.role
				o.Content, o.Logger, o.TokenPrompt = l.Provider("aws"), logger, a.promptToken
				return aws.New(ctx, o)
			})
		},
	}
	f.add(c)
	org.add(c)
	f.addResume(c)
	flags := c.Flags()
	flags.StringVar(&o.Profile, "profile", "", "profile of the shared AWS configuration")
	flags.StringVar(&o.Role, "role", "", "role to assume: an ARN, or a name in the caller's account")
	flags.StringVar(&o.ExternalID, "external-id", "", "external id that the role asks for")
	flags.DurationVar(&o.SessionDuration, "session-duration", 0, "length of assumed sessions (default 1h); they are renewed")
	flags.StringVar(&o.MFASerial, "mfa-serial", "", "MFA device that the role asks for; its code is prompted for")
	flags.StringSliceVar(&o.Regions, "region", nil, "only these regions (default all that are enabled)")
	flags.StringArrayVar(&f.code, "code", nil, "link findings to the Terraform code below PATH (repeatable), by its state files; or PATH is one")
	flags.StringSliceVar(&o.ExcludeRegions, "exclude-region", nil, "not these regions")
	return c
}

// promptToken asks a person for the code of an MFA device.
func (a *app) promptToken() (string, error) {
	if info, err := os.Stdin.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return "", errors.New("an MFA code is asked for, and there is no terminal to type it in")
	}
	fmt.Fprint(a.err, "MFA code: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(line), err
}
