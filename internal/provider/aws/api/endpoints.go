package api

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Endpoint is where to send a service's requests.
type Endpoint struct {
	// URL has a scheme and a host, and for few services a base path: https://maps.geo.eu-west-1.amazonaws.com/v2
	URL string
	// SigningRegion is the region to sign for; it differs from the region asked for where a partition has one endpoint.
	SigningRegion string
	// Dual says that the host is on the dual-stack suffix (api.aws), because the service has no other.
	Dual bool
}

// EndpointRules resolve endpoints. They say nothing about whether the service exists there: RegionExists does, as far as known.
type EndpointRules struct {
	facts    *Facts
	patterns []*regexp.Regexp // of facts.Partitions
}

var endpoints = sync.OnceValues(func() (*EndpointRules, error) {
	facts, err := loadFacts()
	if err != nil {
		return nil, err
	}
	e := &EndpointRules{facts: facts}
	for _, p := range facts.Partitions {
		pattern, err := regexp.Compile(p.Pattern)
		if err != nil {
			return nil, fmt.Errorf("regions of partition %s: %w", p.Name, err)
		}
		e.patterns = append(e.patterns, pattern)
	}
	return e, nil
})

// Endpoints gives the rules; they are decoded on first use, and safe for concurrent use.
func Endpoints() *EndpointRules {
	e, err := endpoints()
	if err != nil {
		panic(err) // the binary itself is broken
	}
	return e
}

// Partitions lists all partitions by name.
func (e *EndpointRules) Partitions() []Partition { return slices.Clone(e.facts.Partitions) }

// Partition finds a partition by name.
func (e *EndpointRules) Partition(name string) (Partition, bool) {
	for _, p := range e.facts.Partitions {
		if p.Name == name {
			return p, true
		}
	}
	return Partition{}, false
}

// PartitionOf finds the partition of a region, also of one newer than the data.
func (e *EndpointRules) PartitionOf(region string) (Partition, bool) {
	for i, p := range e.facts.Partitions {
		if e.patterns[i].MatchString(region) {
			return p, true
		}
	}
	return Partition{}, false
}

// Resolve gives the endpoint of a service (as boto3 calls it) for a region. Without a region it is the one of ScanOnce, or
// that of the partition's global region.
func (e *EndpointRules) Resolve(service, partition, region string) (Endpoint, error) {
	p, ok := e.Partition(partition)
	if !ok {
		return Endpoint{}, fmt.Errorf("AWS has no partition %q%s", partition, didYouMean(partition, e.partitionNames()))
	}
	facts, ok := e.facts.Services[service]
	if !ok {
		return Endpoint{}, fmt.Errorf("AWS has no service %q that can be read%s", service, didYouMean(service, slices.Sorted(maps.Keys(e.facts.Services))))
	}
	if region == "" {
		if region, ok = e.ScanOnce(service, partition); !ok {
			region = p.GlobalRegion
		}
	}
	host, sign := e.facts.Default, region
	if slices.Contains(e.facts.DualOnly, service) {
		host = strings.ReplaceAll(host, "{dns}", "{dual}")
	}
	if rule, ok := e.facts.Rules[service][partition]; ok {
		switch {
		case rule.In[region] != "":
			host = rule.In[region]
		case rule.Host != "":
			host = rule.Host
		}
		if rule.Region != "" {
			sign = rule.Region
		}
	}
	names := strings.NewReplacer("{prefix}", facts.Prefix, "{region}", region, "{sign}", sign, "{dns}", p.DNS, "{dual}", p.Dual)
	return Endpoint{URL: "https://" + names.Replace(host), SigningRegion: sign, Dual: strings.Contains(host, "{dual}")}, nil
}

// ScanOnce says that the service answers the same in every region of the partition, or is in one region only, and where to
// ask. A table of such a service has the scope of the account.
func (e *EndpointRules) ScanOnce(service, partition string) (region string, once bool) {
	if region, ok := e.facts.NotRegional[partition][service]; ok {
		return region, true
	}
	if region, ok := e.facts.OneRegion[service]; ok && partition == "aws" {
		return region, true
	}
	rule, ok := e.facts.Rules[service][partition]
	switch {
	case !ok || rule.Host == "":
		return "", false
	case rule.Region != "":
		return rule.Region, true
	case !strings.Contains(rule.Host, "{region}"):
		p, _ := e.Partition(partition)
		return p.GlobalRegion, true
	}
	return "", false
}

func (e *EndpointRules) partitionNames() []string {
	names := make([]string, len(e.facts.Partitions))
	for i, p := range e.facts.Partitions {
		names[i] = p.Name
	}
	return names
}

// RegionExists says whether a region has a service, from the vendor's endpoint list of the day that the archive was made.
// known is false if the list does not speak of the service in this partition, or not of the region. As services spread to
// more regions every week, "known, but not there" should be confirmed by looking up the host before a region is passed over.
//
// A service with one endpoint for the partition exists in all of its regions: it can be called from any. A service that is in
// one region only exists there alone.
func RegionExists(partition, service, region string) (known, exists bool) {
	e := Endpoints()
	p, ok := e.Partition(partition)
	facts, known := e.facts.Services[service]
	if !ok || !known {
		return false, false
	}
	only, one := e.facts.OneRegion[service]
	if one && partition == "aws" {
		return true, region == only
	}
	at := slices.Index(p.Regions, region)
	bits, listed := e.facts.Exists[partition][facts.Prefix]
	if !listed || at < 0 {
		return false, false
	}
	if _, once := e.ScanOnce(service, partition); once {
		return true, true
	}
	if bits == 0 {
		return false, false
	}
	return true, bits&(1<<at) != 0
}
