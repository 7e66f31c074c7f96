package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// endpointsFile is endpoints.yaml.
type endpointsFile struct {
	Default    string `yaml:"default"`
	Partitions map[string]struct {
		DNS          string `yaml:"dns"`
		Dual         string `yaml:"dual"`
		GlobalRegion string `yaml:"global_region"`
		Regions      string `yaml:"regions"`
	} `yaml:"partitions"`
	DualOnly      []string                     `yaml:"dual_only"`
	Exceptions    []map[string]any             `yaml:"exceptions"`
	OneRegionOnly map[string][]string          `yaml:"one_region_only"`
	NotRegional   map[string]map[string]string `yaml:"not_regional"`
}

// regionList is botocore's endpoints.json, as far as it says which region has which service.
type regionList struct {
	Partitions []struct {
		Partition string              `json:"partition"`
		Regions   map[string]struct{} `json:"regions"`
		Services  map[string]struct {
			Endpoints      map[string]json.RawMessage `json:"endpoints"`
			IsRegionalized *bool                      `json:"isRegionalized"`
		} `json:"services"`
	} `json:"partitions"`
}

// partitionList is botocore's partitions.json; it knows regions sooner than endpoints.json.
type partitionList struct {
	Partitions []struct {
		ID      string              `json:"id"`
		Regions map[string]struct{} `json:"regions"`
	} `json:"partitions"`
}

// facts joins the hand-kept rules with botocore's lists. Every name in the rules must be one of botocore's services; those
// without reads may be named too.
func facts(services []*api.Service, names []string, f *endpointsFile, regions regionList, partitions partitionList) (*api.Facts, error) {
	out := &api.Facts{
		Default: f.Default, Services: map[string]api.ServiceFacts{}, Rules: map[string]map[string]api.Rule{},
		OneRegion: map[string]string{}, NotRegional: f.NotRegional, Exists: map[string]map[string]uint64{},
	}
	for _, s := range services {
		out.Services[s.Name] = api.ServiceFacts{Prefix: s.Metadata.EndpointPrefix}
	}
	if err := addPartitions(out, f, partitions); err != nil {
		return nil, err
	}
	if err := addRules(out, names, f); err != nil {
		return nil, err
	}
	for _, p := range regions.Partitions {
		at := slices.IndexFunc(out.Partitions, func(q api.Partition) bool { return q.Name == p.Partition })
		if at < 0 {
			return nil, fmt.Errorf("endpoints.yaml: partition %s is missing", p.Partition)
		}
		out.Exists[p.Partition] = map[string]uint64{}
		for prefix, s := range p.Services {
			var bits uint64
			for region := range s.Endpoints {
				if i := slices.Index(out.Partitions[at].Regions, region); i >= 0 {
					bits |= 1 << i
				}
			}
			out.Exists[p.Partition][prefix] = bits
		}
	}
	return out, nil
}

func addPartitions(out *api.Facts, f *endpointsFile, list partitionList) error {
	for _, p := range list.Partitions {
		said, ok := f.Partitions[p.ID]
		if !ok {
			return fmt.Errorf("endpoints.yaml: partition %s is missing", p.ID)
		}
		pattern, err := regexp.Compile(said.Regions)
		if err != nil {
			return fmt.Errorf("endpoints.yaml: regions of %s: %w", p.ID, err)
		}
		partition := api.Partition{Name: p.ID, DNS: said.DNS, Dual: said.Dual, GlobalRegion: said.GlobalRegion, Pattern: said.Regions}
		for region := range p.Regions {
			if pattern.MatchString(region) { // not aws-global
				partition.Regions = append(partition.Regions, region)
			}
		}
		slices.Sort(partition.Regions)
		if len(partition.Regions) > 64 {
			return errors.New("a partition has more than 64 regions: they no longer fit a bit set")
		}
		out.Partitions = append(out.Partitions, partition)
	}
	slices.SortFunc(out.Partitions, func(a, b api.Partition) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func addRules(out *api.Facts, names []string, f *endpointsFile) error {
	var errs []error
	named := func(service string) string {
		if !slices.Contains(names, service) {
			errs = append(errs, fmt.Errorf("endpoints.yaml: there is no service %q", service))
		}
		return service
	}
	for _, service := range f.DualOnly {
		out.DualOnly = append(out.DualOnly, named(service))
	}
	for _, exception := range f.Exceptions {
		services, _ := exception["services"].([]any)
		for _, service := range services {
			name, _ := service.(string)
			rules := map[string]api.Rule{}
			for partition, rule := range exception {
				if partition == "services" {
					continue
				}
				if _, ok := f.Partitions[partition]; !ok {
					errs = append(errs, fmt.Errorf("endpoints.yaml: there is no partition %q", partition))
				}
				rules[partition] = parseRule(rule)
			}
			out.Rules[named(name)] = rules
		}
	}
	for region, services := range f.OneRegionOnly {
		for _, service := range services {
			out.OneRegion[named(service)] = region
		}
	}
	return errors.Join(errs...)
}

// parseRule reads 'host template @signing-region', or a map of region → template.
func parseRule(v any) api.Rule {
	if regions, ok := v.(map[string]any); ok {
		r := api.Rule{In: map[string]string{}}
		for region, host := range regions {
			r.In[region], _ = host.(string)
		}
		return r
	}
	text, _ := v.(string)
	host, region, _ := strings.Cut(text, " @")
	return api.Rule{Host: host, Region: region}
}
