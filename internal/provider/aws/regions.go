package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

// enabledFromTheStart are the regions that accounts have without switching them on. Every region that came after them must be
// switched on; so the list does not grow. Partitions that are not named have all of theirs.
var enabledFromTheStart = map[string][]string{
	"aws": {
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	},
}

// checkRegions proves the regions that the user named. A name that is not in the vendor's data may be that of a new region:
// the vendor is asked then.
func (p *Provider) checkRegions(ctx context.Context) error {
	partition, ok := p.rules.Partition(p.identity.Partition)
	if !ok {
		return fmt.Errorf("the account %s is in partition %q, which is not known", p.identity.Account, p.identity.Partition)
	}
	var listed []string
	for _, region := range slices.Concat(p.options.Regions, p.options.ExcludeRegions) {
		if known(partition, region) {
			continue
		}
		other, ok := p.rules.PartitionOf(region)
		if ok && other.Name != partition.Name && known(other, region) {
			return provider.Misusef("region %s is in partition %s, but the sign-in is for %s", region, other.Name, partition.Name)
		}
		if ok && listed == nil {
			listed = p.allRegions(ctx)
		}
		if !slices.Contains(listed, region) {
			return provider.Misusef("there is no AWS region %q%s", region, p.likeRegion(region))
		}
	}
	return nil
}

func known(partition api.Partition, region string) bool {
	return slices.Contains(partition.Regions, region)
}

func (p *Provider) knownRegion(region string) bool {
	partition, ok := p.rules.PartitionOf(region)
	return ok && known(partition, region)
}

// likeRegion suggests a region of the sign-in's partition, or of the first.
func (p *Provider) likeRegion(region string) string {
	name := orDefault(p.identity.Partition, "aws")
	partition, _ := p.rules.Partition(name)
	if hint := content.DidYouMean(region, partition.Regions); hint != "" {
		return "; " + hint
	}
	return ""
}

// allRegions lists every region of the partition, or nothing if that is not allowed.
func (p *Provider) allRegions(ctx context.Context) []string {
	regions, err := p.describeRegions(ctx, p.home, p.identity.Partition, true)
	if err != nil {
		return []string{}
	}
	return regions
}

// findRegions finds the regions to visit in an account. Those that the user names are all that there are to visit.
func (p *Provider) findRegions(ctx context.Context, s *session, account *provider.Account) error {
	regions := slices.Clone(p.options.Regions)
	if len(regions) == 0 {
		var err error
		if regions, account.RegionsErr, err = p.enabledRegions(ctx, s, account.ID, account.Partition); err != nil {
			return err
		}
	}
	regions = slices.DeleteFunc(regions, func(r string) bool { return slices.Contains(p.options.ExcludeRegions, r) })
	slices.Sort(regions)
	account.Regions = slices.Compact(regions)
	return nil
}

// enabledRegions asks EC2, then account management; if both refuse, the regions that all accounts have must do, and missing
// says why there may be others.
func (p *Provider) enabledRegions(ctx context.Context, s *session, account, partition string) (regions []string, missing, err error) {
	regions, first := p.describeRegions(ctx, s, partition, false)
	if first == nil && len(regions) > 0 {
		return regions, nil, nil
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	regions, second := p.listRegions(ctx, s, partition)
	if second == nil && len(regions) > 0 {
		return regions, nil, nil
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	var e *provider.Error
	if errors.As(first, &e) && e.Class == provider.Expired {
		return nil, nil, first
	}
	if first == nil {
		first = &provider.Error{Class: provider.Broken, Call: "ec2:DescribeRegions", Message: "it names no region"}
	}
	p.log.Warn("which regions are enabled cannot be told: visiting those that every account has", "account", account,
		"ec2", fmt.Sprint(first), "account_management", fmt.Sprint(second))
	if regions := enabledFromTheStart[partition]; regions != nil {
		return slices.Clone(regions), first, nil
	}
	data, _ := p.rules.Partition(partition)
	return slices.Clone(data.Regions), first, nil
}

func (p *Provider) describeRegions(ctx context.Context, s *session, partition string, all bool) ([]string, error) {
	var answer struct {
		Regions []struct{ RegionName, OptInStatus string }
	}
	input := map[string]any{}
	if all {
		input["AllRegions"] = true
	}
	scope := provider.Scope{Partition: partition, Region: p.config.Region}
	if err := p.ask(ctx, s, scope, "ec2", "DescribeRegions", input, &answer); err != nil {
		return nil, err
	}
	var names []string
	for _, r := range answer.Regions {
		// A simulator may list the regions of all partitions; a sign-in is for one.
		if of, ok := p.rules.PartitionOf(r.RegionName); ok && of.Name != partition {
			continue
		}
		if all || r.OptInStatus == "" || strings.EqualFold(r.OptInStatus, "opt-in-not-required") || strings.EqualFold(r.OptInStatus, "opted-in") {
			names = append(names, r.RegionName)
		}
	}
	return names, nil
}

func (p *Provider) listRegions(ctx context.Context, s *session, partition string) ([]string, error) {
	input := map[string]any{"RegionOptStatusContains": []any{"ENABLED", "ENABLED_BY_DEFAULT"}}
	var names []string
	err := p.askAll(ctx, s, provider.Scope{Partition: partition}, "account", "ListRegions", input, func(page []byte) error {
		var answer struct{ Regions []struct{ RegionName string } }
		if err := decode(page, &answer); err != nil {
			return err
		}
		for _, r := range answer.Regions {
			names = append(names, r.RegionName)
		}
		return nil
	})
	return names, err
}
