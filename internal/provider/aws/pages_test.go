package aws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

// form reads the body of a query request.
func form(t *testing.T, r *http.Request) url.Values {
	t.Helper()
	if err := r.ParseForm(); err != nil {
		t.Error(err)
	}
	return r.PostForm
}

func TestPagesAreFollowedToTheEnd(t *testing.T) {
	tests := []struct {
		name, call string
		input      map[string]any
		pages      []string // answers in order
		want       []string // what is in each request
	}{
		{
			"a token and a flag", "iam:ListUsers", nil,
			[]string{
				`<ListUsersResponse><ListUsersResult><Users/><IsTruncated>true</IsTruncated><Marker>a&amp;b</Marker></ListUsersResult></ListUsersResponse>`,
				`<ListUsersResponse><ListUsersResult><Users/><IsTruncated>false</IsTruncated><Marker>old</Marker></ListUsersResult></ListUsersResponse>`,
			},
			[]string{"Action=ListUsers&MaxItems=1000", "Marker=a%26b&MaxItems=1000"},
		},
		{
			"a token alone, empty at the end", "ec2:DescribeVpcs", nil,
			[]string{
				`<DescribeVpcsResponse><vpcSet/><nextToken>n</nextToken></DescribeVpcsResponse>`,
				`<DescribeVpcsResponse><vpcSet/><nextToken></nextToken></DescribeVpcsResponse>`,
			},
			[]string{"MaxResults=1000", "MaxResults=1000&NextToken=n"},
		},
		{
			"several tokens, of which one is missing", "route53:ListResourceRecordSets",
			map[string]any{"HostedZoneId": "Z1"},
			[]string{
				`<R><ResourceRecordSets/><IsTruncated>true</IsTruncated><NextRecordName>n.</NextRecordName><NextRecordType>A</NextRecordType></R>`,
				`<R><ResourceRecordSets/><IsTruncated>false</IsTruncated></R>`,
			},
			[]string{"", "name=n.&type=A"},
		},
		{
			"a nested token", "cloudfront:ListDistributions", nil,
			[]string{
				`<DistributionList><IsTruncated>true</IsTruncated><NextMarker>m</NextMarker></DistributionList>`,
				`<DistributionList><IsTruncated>false</IsTruncated></DistributionList>`,
			},
			[]string{"", "Marker=m"},
		},
		{
			"a token that is an object's last key", "dynamodb:ListTables", nil,
			[]string{`{"TableNames":["x"],"LastEvaluatedTableName":"x\"y"}`, `{"TableNames":[]}`},
			[]string{`"Limit":100`, `"ExclusiveStartTableName":"x\"y"`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var asked []string
			p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
				text := r.URL.RawQuery
				if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
					text = form(t, r).Encode()
				} else if r.Body != nil {
					var body json.RawMessage
					_ = json.NewDecoder(r.Body).Decode(&body)
					text += string(body)
				}
				asked = append(asked, text)
				clienttest.Write(w, 200, test.pages[min(len(asked), len(test.pages))-1])
			})})
			service, op, _ := strings.Cut(test.call, ":")
			request := provider.Request{Scope: provider.Scope{Region: "us-east-1"}, Service: service, Op: op, Input: test.input}
			for range 5 {
				answer, err := p.Call(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				if request.Page = answer.Next; request.Page == "" {
					break
				}
			}
			if len(asked) != len(test.want) {
				t.Fatalf("asked %q", asked)
			}
			for i, want := range test.want {
				for _, part := range strings.Split(want, "&") {
					if !strings.Contains(asked[i], part) {
						t.Errorf("page %d is asked for with %s, want %s", i+1, asked[i], part)
					}
				}
			}
		})
	}
}

func TestATokenThatComesTwiceIsBroken(t *testing.T) {
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
		clienttest.Write(w, 200, `{"TableNames":["x"],"LastEvaluatedTableName":"x"}`)
	})})
	request := provider.Request{Scope: provider.Scope{Region: "us-east-1"}, Service: "dynamodb", Op: "ListTables"}
	first, err := p.Call(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	request.Page = first.Next
	_, err = p.Call(t.Context(), request)
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "same page token twice") {
		t.Errorf("got %s", e)
	}
}

// An answer that says there is more but not where must not pass for a whole one.
func TestMorePagesWithoutATokenIsBroken(t *testing.T) {
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
		clienttest.Write(w, 200, `<ListUsersResponse><ListUsersResult><Users/><IsTruncated>true</IsTruncated></ListUsersResult></ListUsersResponse>`)
	})})
	_, err := ask(t.Context(), p, "", "iam:ListUsers", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "more pages") {
		t.Errorf("got %s", e)
	}
}

// Some operations say that there is more, and have no token at all.
func TestAPagerWithoutTokensTellsTheEnd(t *testing.T) {
	tests := []struct {
		call   string
		input  map[string]any
		answer string // with the sign of more left open
		limit  string
	}{
		{"firehose:ListDeliveryStreams", nil, `{"DeliveryStreamNames":["a"],"HasMoreDeliveryStreams":%t}`, `{"Limit":10000}`},
		{"firehose:ListTagsForDeliveryStream", map[string]any{"DeliveryStreamName": "a"}, `{"Tags":[],"HasMoreTags":%t}`, `"Limit":50`},
		{"kinesis:ListTagsForStream", map[string]any{"StreamName": "a"}, `{"Tags":[],"HasMoreTags":%t}`, `"Limit":50`},
		{"kinesisanalytics:ListApplications", nil, `{"ApplicationSummaries":[],"HasMoreApplications":%t}`, `{"Limit":50}`},
	}
	for _, test := range tests {
		for _, more := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s more=%t", test.call, more), func(t *testing.T) {
				p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					if !strings.Contains(string(body), test.limit) {
						t.Errorf("asked with %s, want %s", body, test.limit)
					}
					clienttest.Write(w, 200, fmt.Sprintf(test.answer, more))
				})})
				answer, err := ask(t.Context(), p, "us-east-1", test.call, test.input)
				switch {
				case !more:
					if err != nil || answer.Next != "" {
						t.Errorf("got %+v, %v", answer, err)
					}
				default:
					if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "more pages") {
						t.Errorf("got %s", e)
					}
				}
			})
		}
	}
}

// The size of a page is a text in some services.
func TestPageSizesThatAreText(t *testing.T) {
	for call, want := range map[string]string{
		"cloudfront:ListDistributions": "MaxItems=7", "apigatewayv2:GetApis": "maxResults=7", "route53:ListHostedZones": "maxitems=7",
	} {
		var got string
		p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.RawQuery
			clienttest.Write(w, 500, "")
		})})
		service, op, _ := strings.Cut(call, ":")
		request := provider.Request{Scope: provider.Scope{Region: "us-east-1"}, Service: service, Op: op, Limit: 7}
		_, _ = p.Call(t.Context(), request) // what was sent is all that counts
		if got != want {
			t.Errorf("%s is asked for with %q, want %q", call, got, want)
		}
	}
}

func TestPageSizes(t *testing.T) {
	tests := []struct {
		name, call string
		input      map[string]any
		limit      int
		want       string // of the limit's member; empty: not given
	}{
		{"the most that is allowed", "iam:ListUsers", nil, 0, "1000"},
		{"what is asked for", "iam:ListUsers", nil, 7, "7"},
		{"never more than is allowed", "iam:ListUsers", nil, 5000, "1000"},
		{"what the table says", "iam:ListUsers", map[string]any{"MaxItems": 3}, 7, "3"},
		{"none where EC2 is asked for named things", "ec2:DescribeVpcs", map[string]any{"VpcIds": []any{"vpc-1"}}, 7, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got string
			p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
				values := form(t, r)
				got = values.Get("MaxItems") + values.Get("MaxResults")
				clienttest.Write(w, 200, fmt.Sprintf("<%[1]sResponse><%[1]sResult/></%[1]sResponse>", values.Get("Action")))
			})})
			service, op, _ := strings.Cut(test.call, ":")
			if _, err := p.Call(t.Context(), provider.Request{
				Scope: provider.Scope{Region: "us-east-1"}, Service: service, Op: op, Input: test.input, Limit: test.limit,
			}); err != nil && service == "iam" {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("limit %q, want %q", got, test.want)
			}
		})
	}
}

func TestAPageThatWasNotGivenOutIsRefused(t *testing.T) {
	p := signedIn(t, Options{Transport: served(func(http.ResponseWriter, *http.Request) { t.Error("asked") })})
	_, err := p.Call(t.Context(), provider.Request{Service: "iam", Op: "ListUsers", Page: "2"})
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "not one that was given out") {
		t.Errorf("got %s", e)
	}
}

func TestPathsInAnswers(t *testing.T) {
	doc := []byte(`{"a":"x\"}","b":{"c":[1,{"d":2}],"e":{"f":true}},"g":[],"h":1.5}`)
	tests := map[string]string{"a": `"x\"}"`, "b.e.f": "true", "b.c": `[1,{"d":2}]`, "g": "[]", "h": "1.5", "i": "", "a.b": "", "b.x": "", "h.y": ""}
	for path, want := range tests {
		if got := string(at(doc, path)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for _, odd := range []string{"", "{}", "[]", `{"a"`, `{"a":`, `{"a":"`, `{"a":"\`} {
		at([]byte(odd), "a.b") // must end
	}
}
