package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/provider"
)

// signInsAtOnce bounds how many accounts are entered at the same time.
const signInsAtOnce = 8

// Accounts implements provider.Provider.
func (p *Provider) Accounts(ctx context.Context) ([]provider.Account, error) {
	accounts := []provider.Account{{ID: p.identity.Account, Partition: p.identity.Partition}}
	if p.options.Organization {
		var err error
		if accounts, err = p.organization(ctx); err != nil {
			return nil, err
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(signInsAtOnce)
	for i := range accounts {
		if accounts[i].Err != nil {
			continue
		}
		group.Go(func() error { return p.enter(groupCtx, &accounts[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return accounts, nil
}

// enter signs in to an account and finds its regions. What the account refuses is the account's; only the end of ctx is ours.
func (p *Provider) enter(ctx context.Context, account *provider.Account) error {
	s, err := p.session(account.ID)
	if err == nil {
		if _, err = s.credentials(ctx); err != nil {
			err = p.signInError(ctx, "sts:AssumeRole", s, err)
		}
	}
	if err == nil {
		err = p.findRegions(ctx, s, account)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		account.Err = err
		p.log.Warn("an account refuses", "account", account.ID, "name", account.Name, "cause", err.Error())
	}
	return nil
}

// member is the session of another account of the organization.
func (p *Provider) member(account string) *session {
	name := orDefault(p.options.OrganizationRole, DefaultOrganizationRole)
	role := fmt.Sprintf("arn:%s:iam::%s:role/%s", p.identity.Partition, account, strings.TrimPrefix(name, "role/"))
	return p.assume(p.home, role, p.config.Region, false)
}

// listed is an account as Organizations lists it.
type listed struct {
	ID     string `json:"Id"`
	Name   string
	Status string
	State  string // newer than Status, which the vendor will drop
}

// organization lists the accounts of the organization, or of a part of it.
func (p *Provider) organization(ctx context.Context) ([]provider.Account, error) {
	var found []listed
	add := func(accounts []listed) { found = append(found, accounts...) }
	var err error
	if p.options.OU == "" {
		err = p.listAccounts(ctx, "ListAccounts", nil, add)
	} else {
		err = p.walk(ctx, p.options.OU, add)
	}
	if err != nil {
		return nil, p.organizationProblem(ctx, err)
	}
	slices.SortFunc(found, func(a, b listed) int { return strings.Compare(a.ID, b.ID) })
	accounts := make([]provider.Account, 0, len(found))
	for _, a := range found {
		account := provider.Account{ID: a.ID, Name: a.Name, Partition: p.identity.Partition}
		if status := orDefault(a.State, a.Status); status != "" && status != "ACTIVE" {
			account.Err = &provider.Error{Class: provider.Unsupported, Call: "sts:AssumeRole", Message: "the account is " + strings.ToLower(status)}
		}
		accounts = append(accounts, account)
	}
	if len(accounts) == 0 {
		return nil, fmt.Errorf("there is no account in %s", orDefault(p.options.OU, "the organization"))
	}
	return accounts, nil
}

// walk lists the accounts of an organizational unit and of all below it.
func (p *Provider) walk(ctx context.Context, ou string, add func([]listed)) error {
	if err := p.listAccounts(ctx, "ListAccountsForParent", map[string]any{"ParentId": ou}, add); err != nil {
		return err
	}
	var below []string
	err := p.askAll(ctx, p.home, p.here(), "organizations", "ListOrganizationalUnitsForParent", map[string]any{"ParentId": ou}, func(page []byte) error {
		var answer struct {
			OrganizationalUnits []struct {
				ID string `json:"Id"`
			}
		}
		if err := decode(page, &answer); err != nil {
			return err
		}
		for _, unit := range answer.OrganizationalUnits {
			below = append(below, unit.ID)
		}
		return nil
	})
	for _, unit := range below {
		if err == nil {
			err = p.walk(ctx, unit, add)
		}
	}
	return err
}

func (p *Provider) listAccounts(ctx context.Context, op string, input map[string]any, add func([]listed)) error {
	return p.askAll(ctx, p.home, p.here(), "organizations", op, input, func(page []byte) error {
		var answer struct{ Accounts []listed }
		if err := decode(page, &answer); err != nil {
			return err
		}
		add(answer.Accounts)
		return nil
	})
}

// here is the scope of questions about the caller's own account.
func (p *Provider) here() provider.Scope {
	return provider.Scope{Account: p.identity.Account, Partition: p.identity.Partition}
}

// askAll makes a call of our own, all pages of it.
func (p *Provider) askAll(ctx context.Context, s *session, scope provider.Scope, service, op string, input map[string]any, page func([]byte) error) error {
	operation, err := p.operation(service, op)
	if err != nil {
		return err
	}
	request := provider.Request{Scope: scope, Service: service, Op: op, Input: input}
	for {
		answer, err := p.patiently(ctx, func() (*provider.Answer, error) { return p.call(ctx, s, operation, request) })
		if err != nil {
			return err
		}
		if err := page(answer.Document); err != nil {
			return fmt.Errorf("read answer of %s: %w", operation.Call(), err)
		}
		if request.Page = answer.Next; request.Page == "" {
			return nil
		}
	}
}

func decode(page []byte, answer any) error { return json.Unmarshal(page, answer) }

// organizationProblem words why the accounts cannot be listed.
func (p *Provider) organizationProblem(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *provider.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("list the accounts of the organization: %w", err)
	}
	switch {
	case e.Code == "AWSOrganizationsNotInUseException":
		return fmt.Errorf("account %s is in no organization: leave out --organization", p.identity.Account)
	case e.Class == provider.Denied:
		return fmt.Errorf("list the accounts of the organization as %s: %w. Only its management account, or one that it delegates to, may", p.identity.ARN, e)
	case strings.Contains(e.Code, "ParentNotFound"), strings.Contains(e.Code, "OrganizationalUnitNotFound"), e.Code == "InvalidInputException":
		return fmt.Errorf("organizational unit %q: %s (%s)", p.options.OU, e.Message, e.Code)
	}
	return fmt.Errorf("list the accounts of the organization: %w", e)
}
