package api

import (
	"sync"

	"github.com/stancehq/stance/internal/descriptions"
)

// Facts is what the archive says of all services at once, so that a host can be told without decoding a service.
type Facts struct {
	Sources     map[string]string            `json:"sources"` // package → version that the archive was made from
	Services    map[string]ServiceFacts      `json:"services"`
	Partitions  []Partition                  `json:"partitions"`
	Default     string                       `json:"default"`    // host template
	DualOnly    []string                     `json:"dual_only"`  // services that answer on the dual-stack suffix only
	Rules       map[string]map[string]Rule   `json:"rules"`      // service → partition → host, where it is not the default
	OneRegion   map[string]string            `json:"one_region"` // service → the only region of partition aws that has it
	NotRegional map[string]map[string]string `json:"not_regional"`
	// Exists is partition → endpoint prefix → set of regions, as bits by the index in Partition.Regions.
	Exists map[string]map[string]uint64 `json:"exists"`
}

// ServiceFacts is what endpoints need to know of a service.
type ServiceFacts struct {
	Prefix string `json:"prefix"`
}

// Partition is a set of regions with accounts of their own.
type Partition struct {
	Name         string   `json:"name"`          // aws, aws-cn, aws-us-gov, …
	DNS          string   `json:"dns"`           // amazonaws.com
	Dual         string   `json:"dual"`          // api.aws
	GlobalRegion string   `json:"global_region"` // us-east-1: signs for what has no region
	Pattern      string   `json:"pattern"`       // matches its regions, also those newer than the data
	Regions      []string `json:"regions"`       // by name
}

// Rule is a host that differs from the default. Host may use {prefix}, {region}, {sign}, {dns}, {dual}.
type Rule struct {
	Host   string            `json:"host,omitempty"`
	Region string            `json:"region,omitempty"` // the partition has one endpoint: sign for this region
	In     map[string]string `json:"in,omitempty"`     // region → host; the default elsewhere
}

var loadFacts = sync.OnceValues(func() (*Facts, error) {
	a, err := openArchive()
	if err != nil {
		return nil, err
	}
	return descriptions.Decode[Facts](a.Archive, "facts.json")
})
