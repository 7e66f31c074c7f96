package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

// rawPager is an entry of paginators-1.json.
type rawPager struct {
	InputToken  oneOrMore `json:"input_token"`
	OutputToken oneOrMore `json:"output_token"`
	ResultKey   oneOrMore `json:"result_key"`
	MoreResults string    `json:"more_results"`
	LimitKey    string    `json:"limit_key"`
}

type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*o = make(oneOrMore, 1)
		return json.Unmarshal(data, &(*o)[0])
	}
	return json.Unmarshal(data, (*[]string)(o))
}

// handPagers are pages that neither the vendor's list nor the members' names tell.
var handPagers = map[string]rawPager{
	"dynamodb:ListGlobalTables": {
		InputToken: oneOrMore{"ExclusiveStartGlobalTableName"}, OutputToken: oneOrMore{"LastEvaluatedGlobalTableName"},
		ResultKey: oneOrMore{"GlobalTables"}, LimitKey: "Limit",
	},
	"dynamodbstreams:ListStreams": {
		InputToken: oneOrMore{"ExclusiveStartStreamArn"}, OutputToken: oneOrMore{"LastEvaluatedStreamArn"},
		ResultKey: oneOrMore{"Streams"}, LimitKey: "Limit",
	},
	// These go on from the last item of a page, and say only that there is more: one page of the greatest size must do.
	"firehose:ListDeliveryStreams":       {ResultKey: oneOrMore{"DeliveryStreamNames"}, MoreResults: "HasMoreDeliveryStreams", LimitKey: "Limit"},
	"firehose:ListTagsForDeliveryStream": {ResultKey: oneOrMore{"Tags"}, MoreResults: "HasMoreTags", LimitKey: "Limit"},
	"kinesis:ListTagsForStream":          {ResultKey: oneOrMore{"Tags"}, MoreResults: "HasMoreTags", LimitKey: "Limit"},
	"kinesisanalytics:ListApplications":  {ResultKey: oneOrMore{"ApplicationSummaries"}, MoreResults: "HasMoreApplications", LimitKey: "Limit"},
	"route53:ListGeoLocations": {
		InputToken:  oneOrMore{"StartContinentCode", "StartCountryCode", "StartSubdivisionCode"},
		OutputToken: oneOrMore{"NextContinentCode", "NextCountryCode", "NextSubdivisionCode"},
		ResultKey:   oneOrMore{"GeoLocationDetailsList"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListHostedZonesByName": {
		InputToken: oneOrMore{"DNSName", "HostedZoneId"}, OutputToken: oneOrMore{"NextDNSName", "NextHostedZoneId"},
		ResultKey: oneOrMore{"HostedZones"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListTrafficPolicies": {
		InputToken: oneOrMore{"TrafficPolicyIdMarker"}, OutputToken: oneOrMore{"TrafficPolicyIdMarker"},
		ResultKey: oneOrMore{"TrafficPolicySummaries"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListTrafficPolicyVersions": {
		InputToken: oneOrMore{"TrafficPolicyVersionMarker"}, OutputToken: oneOrMore{"TrafficPolicyVersionMarker"},
		ResultKey: oneOrMore{"TrafficPolicies"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListTrafficPolicyInstances": {
		InputToken:  oneOrMore{"HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		OutputToken: oneOrMore{"HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		ResultKey:   oneOrMore{"TrafficPolicyInstances"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListTrafficPolicyInstancesByHostedZone": {
		InputToken:  oneOrMore{"TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		OutputToken: oneOrMore{"TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		ResultKey:   oneOrMore{"TrafficPolicyInstances"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
	"route53:ListTrafficPolicyInstancesByPolicy": {
		InputToken:  oneOrMore{"HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		OutputToken: oneOrMore{"HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"},
		ResultKey:   oneOrMore{"TrafficPolicyInstances"}, MoreResults: "IsTruncated", LimitKey: "MaxItems",
	},
}

// unfollowed are operations whose next page is asked for by the last item of the page before, which a pager of names cannot
// say. A scan that used them would see the first page only, so they are refused, with what to use instead.
var unfollowed = map[string]string{
	"importexport:ListJobs":  "its pages cannot be followed",
	"kinesis:DescribeStream": "its pages cannot be followed; use kinesis:DescribeStreamSummary or kinesis:ListShards",
	"s3:ListObjects":         "its pages cannot be followed; use s3:ListObjectsV2",
	"logs:GetLogEvents":      "its pages never end; use logs:FilterLogEvents",
}

var dottedPath = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// pagerOf gives an operation's pager: by hand, from the vendor's list, else told by the members' names.
func pagerOf(m *rawModel, service, op string, listed map[string]rawPager) (*content.Pager, error) {
	if _, refused := unfollowed[service+":"+op]; refused {
		return nil, nil
	}
	in, out := m.members(m.Operations.At[op].Input), m.members(m.Operations.At[op].Output)
	raw, ok := listed[op]
	if hand, is := handPagers[service+":"+op]; is {
		raw, ok = hand, true
	}
	if !ok {
		return m.inferPager(in, out), nil
	}
	p := &content.Pager{
		InputTokens: raw.InputToken, OutputTokens: raw.OutputToken, ResultKeys: raw.ResultKey,
		MoreResults: raw.MoreResults, LimitKey: raw.LimitKey,
	}
	for _, path := range slices.Concat(p.OutputTokens, p.ResultKeys, []string{p.MoreResults}) {
		if path != "" && !dottedPath.MatchString(path) {
			return nil, fmt.Errorf("pager path %q is more than a dotted name", path)
		}
		if path != "" && !out.has(m, path) {
			return nil, fmt.Errorf("pager path %q is not in the answer", path)
		}
	}
	if len(p.InputTokens) != len(p.OutputTokens) {
		return nil, fmt.Errorf("pager has %d input and %d output tokens", len(p.InputTokens), len(p.OutputTokens))
	}
	p.LimitMax = m.limitMax(in, p.LimitKey)
	return p, nil
}

// structure is the members of a shape; nil for an operation without input or output.
type structure struct{ ordered[rawRef] }

func (m *rawModel) members(ref *rawRef) structure {
	if ref == nil || m.Shapes.At[ref.Shape] == nil {
		return structure{}
	}
	return structure{m.Shapes.At[ref.Shape].Members}
}

func (s structure) has(m *rawModel, path string) bool {
	head, rest, deeper := strings.Cut(path, ".")
	ref := s.At[head]
	if ref == nil || !deeper {
		return ref != nil
	}
	return m.members(ref).has(m, rest)
}

// ofType lists the members of one type, in order.
func (s structure) ofType(m *rawModel, kind string) []string {
	var names []string
	for _, k := range s.Keys {
		if m.Shapes.At[s.At[k].Shape].Type == kind {
			names = append(names, k)
		}
	}
	return names
}

// tokens are pairs of an input member and the answer's member that it continues from, the surer first.
var tokens = [][2]string{
	{"NextToken", "NextToken"},
	{"nextToken", "nextToken"},
	{"nextToken", "NextToken"},
	{"NextToken", "nextToken"},
	{"NextPageToken", "NextPageToken"},
	{"nextPageToken", "nextPageToken"},
	{"NextMarker", "NextMarker"},
	{"PageToken", "NextPageToken"},
	{"pageToken", "nextPageToken"},
	{"Token", "NextToken"},
	{"ContinuationToken", "NextContinuationToken"},
	{"Marker", "NextMarker"},
	{"marker", "nextMarker"},
	{"Marker", "Marker"},
	{"marker", "marker"},
	{"PaginationToken", "PaginationToken"},
	{"PageToken", "PageToken"},
	{"paginationToken", "paginationToken"},
	{"PortfolioShareToken", "PortfolioShareToken"},
	{"cursor", "cursor"},
}

var (
	limitNames = []string{
		"MaxResults", "maxResults", "MaxItems", "maxItems", "MaxRecords", "maxRecords", "Limit", "limit", "PageSize", "pageSize",
		"MaxKeys", "MaxBuckets", "MaxUploads", "MaxEntries", "size", "PageLimit",
	}
	moreNames = []string{"IsTruncated", "isTruncated", "Truncated", "HasMoreResults"}
)

func (m *rawModel) inferPager(in, out structure) *content.Pager {
	for _, pair := range tokens {
		if in.At[pair[0]] == nil {
			continue
		}
		p := &content.Pager{InputTokens: []string{pair[0]}, Inferred: true}
		for _, name := range limitNames {
			if ref := in.At[name]; ref != nil && slices.Contains([]string{api.TypeInteger, api.TypeLong, api.TypeString}, m.Shapes.At[ref.Shape].Type) {
				p.LimitKey, p.LimitMax = name, m.limitMax(in, name)
				break
			}
		}
		if out.At[pair[1]] != nil {
			p.OutputTokens = []string{pair[1]}
			p.MoreResults = firstOf(out, moreNames)
			p.ResultKeys = m.results(out)
			if len(p.ResultKeys) > 0 {
				return p
			}
			continue
		}
		// The page may lie in one structure: DistributionList {Marker, NextMarker, IsTruncated, Items}.
		for _, outer := range out.ofType(m, api.TypeStructure) {
			inner := m.members(out.At[outer])
			if inner.At[pair[1]] == nil {
				continue
			}
			p.OutputTokens = []string{outer + "." + pair[1]}
			if more := firstOf(inner, moreNames); more != "" {
				p.MoreResults = outer + "." + more
			}
			for _, name := range slices.Concat(inner.ofType(m, api.TypeList), inner.ofType(m, api.TypeMap)) {
				p.ResultKeys = append(p.ResultKeys, outer+"."+name)
			}
			if len(p.ResultKeys) > 0 {
				return p
			}
			p.OutputTokens, p.MoreResults = nil, ""
		}
	}
	return nil
}

// results are the lists of an answer; if it has none, its maps; else the lists one level down.
func (m *rawModel) results(out structure) []string {
	for _, kind := range []string{api.TypeList, api.TypeMap} {
		if names := out.ofType(m, kind); len(names) > 0 {
			return names
		}
	}
	var names []string
	for _, outer := range out.ofType(m, api.TypeStructure) {
		for _, name := range m.members(out.At[outer]).ofType(m, api.TypeList) {
			names = append(names, outer+"."+name)
		}
	}
	return names
}

func firstOf(s structure, names []string) string {
	for _, name := range names {
		if s.At[name] != nil {
			return name
		}
	}
	return ""
}

// limitMax is the most that a page may hold; the maximum of a text is its length, which says nothing.
func (m *rawModel) limitMax(in structure, key string) int {
	ref := in.At[key]
	if ref == nil {
		return 0
	}
	shape := m.Shapes.At[ref.Shape]
	n, err := shape.Max.Int64()
	if err != nil || shape.Type == api.TypeString || n > 1<<31-1 {
		return 0
	}
	return int(n)
}
