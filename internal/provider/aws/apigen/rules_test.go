package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

func model(t *testing.T, text string) *rawModel {
	t.Helper()
	m := &rawModel{}
	if err := json.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadsAreToldByName(t *testing.T) {
	for name, want := range map[string]bool{
		"ListBuckets": true, "GetUser": true, "DescribeInstances": true, "BatchGetProjects": true, "Scan": true, "Query": true,
		"HeadBucket": true, "IsVpcPeered": true, "AdminGetUser": true,
		"ListenForNothing": false, "GetawayPlan": false, "IssueCertificate": false, "DeleteBucket": false, "UpdateGetRule": false,
		"BatchDeleteImage": false, "CheckInLicense": false,
	} {
		if got := isRead("some", name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !isRead("sts", "AssumeRole") || isRead("eks-auth", "AssumeRoleForPodIdentity") {
		t.Error("reads of other names are told by service and name")
	}
}

func TestExtrasMergeIntoTheModelAndKeepTheOrder(t *testing.T) {
	m := model(t, `{"metadata":{"serviceId":"Old","endpointPrefix":"x"},"shapes":{"S":{"type":"structure","members":{"B":{"shape":"T"},"A":{"shape":"T"}}},"T":{"type":"string"}}}`)
	if err := json.Unmarshal([]byte(`{"metadata":{"serviceId":"New"},"shapes":{"S":{"members":{"C":{"shape":"T"}}},"T":{"type":"timestamp"}}}`), m); err != nil {
		t.Fatal(err)
	}
	if m.Metadata.ServiceID != "New" || m.Metadata.EndpointPrefix != "x" || m.Shapes.At["T"].Type != "timestamp" {
		t.Errorf("%+v", m)
	}
	if got := m.Shapes.At["S"].Members.Keys; !slices.Equal(got, []string{"B", "A", "C"}) {
		t.Errorf("members are %q", got)
	}
}

func TestProtocolAndSigningNameAreChosen(t *testing.T) {
	for text, want := range map[string]string{
		`{"protocol":"query","protocols":["query","json"],"endpointPrefix":"e"}`:                                             "json e",
		`{"protocol":"smithy-rpc-v2-cbor","protocols":["smithy-rpc-v2-cbor","json"],"endpointPrefix":"e","signingName":"s"}`: "json s",
		`{"protocol":"rest-xml","endpointPrefix":"e"}`:                                                                       "rest-xml e",
	} {
		m := metadata(model(t, `{"metadata":`+text+`}`))
		if got := m.Protocol + " " + m.SigningName; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// pageShapes are the shapes that the models below use.
const pageShapes = `"Text":{"type":"string"},"Flag":{"type":"boolean"},"Count":{"type":"integer","max":500},"Long":{"type":"string","max":64},
	"Items":{"type":"list","member":{"shape":"Text"}},"Tags":{"type":"map","key":{"shape":"Text"},"value":{"shape":"Text"}},
	"Page":{"type":"structure","members":{"Marker":{"shape":"Text"},"NextMarker":{"shape":"Text"},"IsTruncated":{"shape":"Flag"},"Items":{"shape":"Items"}}},
	"Holder":{"type":"structure","members":{"Inner":{"shape":"Items"}}}`

func TestPagersAreToldByTheMembersNames(t *testing.T) {
	for name, c := range map[string]struct{ in, out, want string }{
		"same token":                {`"NextToken":{"shape":"Text"},"MaxResults":{"shape":"Count"}`, `"Users":{"shape":"Items"},"NextToken":{"shape":"Text"}`, "NextToken>NextToken Users limit MaxResults 500"},
		"token of the next page":    {`"PageToken":{"shape":"Text"}`, `"Users":{"shape":"Items"},"NextPageToken":{"shape":"Text"}`, "PageToken>NextPageToken Users"},
		"next marker before marker": {`"Marker":{"shape":"Text"}`, `"Users":{"shape":"Items"},"Marker":{"shape":"Text"},"NextMarker":{"shape":"Text"},"IsTruncated":{"shape":"Flag"}`, "Marker>NextMarker Users more IsTruncated"},
		"page in a structure":       {`"Marker":{"shape":"Text"},"MaxItems":{"shape":"Long"}`, `"UserList":{"shape":"Page"}`, "Marker>UserList.NextMarker UserList.Items more UserList.IsTruncated limit MaxItems 0"},
		"several lists":             {`"NextToken":{"shape":"Text"}`, `"Users":{"shape":"Items"},"Errors":{"shape":"Items"},"NextToken":{"shape":"Text"}`, "NextToken>NextToken Users+Errors"},
		"a map":                     {`"NextToken":{"shape":"Text"}`, `"Tags":{"shape":"Tags"},"NextToken":{"shape":"Text"}`, "NextToken>NextToken Tags"},
		"lists one level down":      {`"NextToken":{"shape":"Text"}`, `"Users":{"shape":"Holder"},"NextToken":{"shape":"Text"}`, "NextToken>NextToken Users.Inner"},
		"nothing to go on from":     {`"NextToken":{"shape":"Text"}`, `"Users":{"shape":"Items"}`, "none"},
		"nothing that grows":        {`"NextToken":{"shape":"Text"}`, `"NextToken":{"shape":"Text"}`, "none"},
		"a credential is no token":  {`"AccessToken":{"shape":"Text"}`, `"Users":{"shape":"Items"},"AccessToken":{"shape":"Text"}`, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			m := model(t, `{"operations":{"ListUsers":{"input":{"shape":"In"},"output":{"shape":"Out"}}},"shapes":{"In":{"type":"structure","members":{`+
				c.in+`}},"Out":{"type":"structure","members":{`+c.out+`}},`+pageShapes+`}}`)
			p, err := pagerOf(m, "some", "ListUsers", nil)
			if err != nil {
				t.Fatal(err)
			}
			got := "none"
			if p != nil {
				got = strings.Join(p.InputTokens, "+") + ">" + strings.Join(p.OutputTokens, "+") + " " + strings.Join(p.ResultKeys, "+")
				if p.MoreResults != "" {
					got += " more " + p.MoreResults
				}
				if p.LimitKey != "" {
					got += " limit " + p.LimitKey + " " + strconv.Itoa(p.LimitMax)
				}
				if !p.Inferred {
					t.Error("it is not marked as inferred")
				}
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestListedPagersMustBeDottedNamesOfTheAnswer(t *testing.T) {
	m := model(t, `{"operations":{"ListUsers":{"input":{"shape":"In"},"output":{"shape":"Out"}}},"shapes":{"In":{"type":"structure","members":{"Marker":{"shape":"Text"}}},
		"Out":{"type":"structure","members":{"List":{"shape":"Page"}}},`+pageShapes+`}}`)
	for output, ok := range map[string]bool{"List.NextMarker": true, "List.Items[-1]": false, "A || B": false, "List.Nothing": false} {
		listed := map[string]rawPager{"ListUsers": {InputToken: oneOrMore{"Marker"}, OutputToken: oneOrMore{output}, ResultKey: oneOrMore{"List.Items"}}}
		if _, err := pagerOf(m, "some", "ListUsers", listed); (err == nil) != ok {
			t.Errorf("%s: %v", output, err)
		}
	}
}

func TestPermissionsFollowTheRuleUnlessSaid(t *testing.T) {
	known := iamActions{}
	for _, a := range []string{"s3:ListAllMyBuckets", "s3:GetBucketCORS", "s3:GetBucketTagging", "gw:GET", "gw:GetPortal"} {
		known[strings.ToLower(a)] = a
	}
	service := func(name string, ops ...string) *api.Service {
		s := &api.Service{Name: name, Metadata: api.Metadata{SigningName: name}}
		for _, op := range ops {
			s.Operations = append(s.Operations, &api.Operation{Name: op})
		}
		return s
	}
	s3, gw := service("s3", "ListBuckets", "GetBucketCors", "GetBucketTagging", "GetNew"), service("gateway", "GetApis", "GetPortal")
	file := &iamFile{
		Prefixes:   map[string]string{"gateway": "gw"},
		Default:    map[string][]string{"gateway": {"gw:GET"}},
		Operations: map[string]map[string][]string{"s3": {"ListBuckets": {"s3:ListAllMyBuckets"}}},
		Unknown:    map[string][]string{"s3": {"GetNew"}},
		Never:      []never{{Because: "no", Operations: []string{"s3:GetBucketTagging"}}},
	}
	if err := permissions([]*api.Service{s3, gw}, file, known); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"s3:ListAllMyBuckets"}, {"s3:GetBucketCORS"}, nil, nil} {
		if got := s3.Operations[i].Permissions; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", s3.Operations[i].Name, got, want)
		}
	}
	if !s3.Operations[3].Unverified || s3.Operations[2].Refused != "no" {
		t.Errorf("%+v %+v", s3.Operations[3], s3.Operations[2])
	}
	if got := gw.Operations[0].Permissions; !slices.Equal(got, []string{"gw:GET"}) || gw.Operations[1].Permissions != nil {
		t.Errorf("%q, %q", got, gw.Operations[1].Permissions)
	}
}

func TestPermissionsThatDoNotExistOrAreNotNeededFail(t *testing.T) {
	s := []*api.Service{{Name: "s3", Metadata: api.Metadata{SigningName: "s3"}, Operations: []*api.Operation{{Name: "ListBuckets"}}}}
	for name, file := range map[string]*iamFile{
		"no such action": {Operations: map[string]map[string][]string{"s3": {"ListBuckets": {"s3:ListBuckets"}}}},
		"rule fails":     {},
		"not needed":     {Operations: map[string]map[string][]string{"s3": {"ListBuckets": {"s3:listallmybuckets"}, "GetGone": {"s3:ListAllMyBuckets"}}}},
	} {
		if err := permissions(s, file, iamActions{"s3:listallmybuckets": "s3:ListAllMyBuckets"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestEndpointRulesNameRealServicesAndPartitions(t *testing.T) {
	f := &endpointsFile{DualOnly: []string{"ec3"}, Exceptions: []map[string]any{{"services": []any{"iam"}, "aws-moon": "{prefix}"}}}
	err := addRules(&api.Facts{Rules: map[string]map[string]api.Rule{}, OneRegion: map[string]string{}}, []string{"ec2", "iam"}, f)
	if err == nil || !strings.Contains(err.Error(), `"ec3"`) || !strings.Contains(err.Error(), `"aws-moon"`) {
		t.Errorf("%v", err)
	}
}
