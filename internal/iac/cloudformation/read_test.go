package cloudformation

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

func files(texts map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range texts {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func read(t *testing.T, texts map[string]string, file string, o Options) *iac.Unit {
	t.Helper()
	u, err := Read(context.Background(), files(texts), file, o)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func resource(t *testing.T, u *iac.Unit, address string) *iac.Resource {
	t.Helper()
	for _, r := range u.Resources {
		if r.Address == address {
			return r
		}
	}
	t.Fatalf("no resource %s; problems: %v", address, u.Problems)
	return nil
}

// at follows a path of keys.
func at(v *iac.Value, path string) *iac.Value {
	for key := range strings.SplitSeq(path, ".") {
		v = v.Get(key)
	}
	return v
}

// show writes a value on one line: ?cause for what is unknown, ?[a|b] for what is one of several, * behind what is sensitive.
func show(v *iac.Value) string {
	if v == nil {
		return "absent"
	}
	var parts []string
	text := ""
	switch v.Kind {
	case iac.Null:
		text = "null"
	case iac.Bool, iac.Number:
		text = v.Text
	case iac.String:
		text = v.Text
		for _, p := range v.Parts {
			if p.Symbol != nil {
				text += p.Symbol.String()
			} else {
				text += p.Text
			}
		}
		text = "'" + text + "'"
	case iac.List:
		for _, item := range v.Items {
			parts = append(parts, show(item))
		}
		text = "[" + strings.Join(parts, " ") + "]"
	case iac.Object:
		for _, f := range v.Fields {
			parts = append(parts, f.Key+":"+show(f.Value))
		}
		text = "{" + strings.Join(parts, " ") + "}"
	case iac.Unknown:
		switch {
		case v.Symbol != nil:
			text = v.Symbol.String()
		case v.Either != nil:
			for _, arm := range v.Either {
				parts = append(parts, show(arm))
			}
			text = "?[" + strings.Join(parts, "|") + "]"
		default:
			text = "?" + v.Cause
		}
	}
	if v.Open != "" {
		text += "+"
	}
	if v.Sensitive {
		text += "*"
	}
	return text
}

func problems(u *iac.Unit) []string {
	var list []string
	for _, p := range u.Problems {
		list = append(list, p.Kind)
	}
	return list
}

// prelude is what the expressions of TestExpressions refer to.
const prelude = `
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Env: {Type: String, Default: prod}
  Empty: {Type: String, Default: ""}
  Open: {Type: String}
  Pick: {Type: String, AllowedValues: [a, b]}
  Only: {Type: String, AllowedValues: [a]}
  Count: {Type: Number, Default: 3}
  Ids: {Type: CommaDelimitedList, Default: "a, b,c"}
  Ports: {Type: List<Number>, Default: "80,443"}
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /ami}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Word: {Type: String, Default: on}
Mappings:
  Regions:
    us-east-1: {ami: ami-1, same: x}
    eu-west-1: {ami: ami-2, same: x}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  Opened: !Equals [!Ref Open, x]
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  T:
    Type: AWS::X::Y
    Properties:
      V: `

var expressions = []struct{ name, expression, want string }{
	{"numbers are kept as written", `1.50`, `1.50`},
	{"account ids are text", `012345678901`, `'012345678901'`},
	{"dates are text", `2012-10-17`, `'2012-10-17'`},
	{"yes is a boolean", `yes`, `true`},
	{"null", `~`, `null`},
	{"ref of a parameter", `!Ref Env`, `'prod'`},
	{"ref in long form", `{Ref: Env}`, `'prod'`},
	{"ref of a resource is a symbol", `!Ref Bucket`, `${Bucket.Ref}`},
	{"ref of a pseudo parameter is a symbol", `!Ref AWS::Region`, `${AWS::Region}`},
	{"ref of nothing", `!Ref Nothing`, `?there is no parameter or resource Nothing`},
	{"parameter without a value", `!Ref Open`, `?parameter Open has no value`},
	{"parameter without a value is one of those allowed", `!Ref Pick`, `?['a'|'b']`},
	{"parameter that can have one value", `!Ref Only`, `'a'`},
	{"number parameter", `!Ref Count`, `3`},
	{"list parameter", `!Ref Ids`, `['a' 'b' 'c']`},
	{"list of numbers", `!Ref Ports`, `[80 443]`},
	{"ssm parameter", `!Ref Image`, `?value of the SSM parameter /ami`},
	{"no echo", `!Ref Password`, `'hunter2'*`},
	{"no echo in a text", `!Sub "p:${Password}"`, `'p:hunter2'*`},
	{"getatt with dots", `!GetAtt Bucket.Arn`, `${Bucket.Arn}`},
	{"getatt as a list", `{"Fn::GetAtt": [Bucket, RegionalDomainName]}`, `${Bucket.RegionalDomainName}`},
	{"getatt of a nested attribute", `!GetAtt Bucket.A.B`, `${Bucket.A.B}`},
	{"sub with symbols", `!Sub "arn:${AWS::Partition}:s3:::${Bucket}/${Env}/*"`, `'arn:${AWS::Partition}:s3:::${Bucket.Ref}/prod/*'`},
	{"sub of exactly a symbol", `!Sub "${Bucket.Arn}"`, `${Bucket.Arn}`},
	{"sub with a literal", `!Sub "${!aws:username}-${Env}"`, `'${aws:username}-prod'`},
	{"sub with a map", `!Sub ["${a}-${Env}", {a: !Ref Count}]`, `'3-prod'`},
	{"sub with what is unknown", `!Sub "${Open}"`, `?parameter Open has no value`},
	{"sub with one of several", `!Sub "${Pick}!"`, `?['a!'|'b!']`},
	{"join", `!Join ["-", [a, !Ref Env, !Ref Count]]`, `'a-prod-3'`},
	{"join of a list parameter", `!Join ["|", !Ref Ids]`, `'a|b|c'`},
	{"join with a symbol", `!Join ["", [!GetAtt Bucket.Arn, "/*"]]`, `'${Bucket.Arn}/*'`},
	{"select", `!Select [1, [a, b]]`, `'b'`},
	{"select beyond the end", `!Select [5, [a]]`, `?Fn::Select asks for item 5 of a list of 1, counted from 0`},
	{"select of zones", `!Select [0, !GetAZs ""]`, `?the availability zones of the region are not known`},
	{"split", `!Split [",", "a,b"]`, `['a' 'b']`},
	{"split of a symbol by what it may have", `!Split [":", !GetAtt Bucket.Arn]`, `?known after apply: Bucket.Arn`},
	{"find in map", `!FindInMap [Regions, us-east-1, ami]`, `'ami-1'`},
	{"find in map by a key that is not known", `!FindInMap [Regions, !Ref AWS::Region, ami]`, `?['ami-1'|'ami-2']`},
	{"find in map where all are the same", `!FindInMap [Regions, !Ref AWS::Region, same]`, `'x'`},
	{"find in map with a default", `!FindInMap [Regions, mars, ami, {DefaultValue: none}]`, `'none'`},
	{"find in map of nothing", `!FindInMap [Regions, mars, ami]`, `?Fn::FindInMap finds nothing under these keys`},
	{"base64", `!Base64 hello`, `'aGVsbG8='`},
	{"cidr", `!Cidr [10.0.0.0/16, 3, 8]`, `['10.0.0.0/24' '10.0.1.0/24' '10.0.2.0/24']`},
	{"cidr of six", `!Select [1, !Cidr ["2001:db8::/56", 2, 64]]`, `'2001:db8:0:1::/64'`},
	{"cidr that does not fit", `!Cidr [10.0.0.0/24, 4, 8]`, `?Fn::Cidr cannot make 4 subnets of this block`},
	{"import", `!ImportValue vpc`, `?value exported by another stack as vpc`},
	{"length", `{"Fn::Length": !Ref Ids}`, `3`},
	{"json text", `{"Fn::ToJsonString": {a: [1, "<x\"", !Ref Bucket]}}`, `'{"a":[1,"<x\"","${Bucket.Ref}"]}'`},
	{"if true", `!If [IsProd, a, b]`, `'a'`},
	{"if false", `!If [IsDev, a, b]`, `'b'`},
	{"if unknown keeps both", `!If [Opened, a, !Ref Bucket]`, `?['a'|${Bucket.Ref}]`},
	{"if unknown with no value", `!If [Opened, a, !Ref AWS::NoValue]`, `?['a'|null]`},
	{"if unknown in if unknown of the same condition", `!If [Opened, !If [Opened, a, b], c]`, `?['a'|'c']`},
	{"if unknown with equal arms", `!If [Opened, a, a]`, `'a'`},
	{"no value", `!Ref AWS::NoValue`, `absent`},
	{"no value in a list", `[a, !Ref AWS::NoValue, b]`, `['a' 'b']`},
	{"no value by if", `!If [IsDev, a, !Ref AWS::NoValue]`, `absent`},
	{"dynamic reference", `"{{resolve:secretsmanager:a:SecretString:p}}"`, `?known after apply: dynamic reference to secretsmanager*`},
	{"dynamic reference that is put together", `!Join ["", ["{{resolve:ssm", ":x}}"]]`, `?known after apply: dynamic reference to ssm*`},
	{"include", `{"Fn::Transform": {Name: AWS::Include, Parameters: {Location: s3://x}}}`, `?what is included from a bucket is not known`},
	{"include beside other keys", `{a: 1, "Fn::Transform": {Name: AWS::Include}}`, `{a:1}+`},
	{"a function that there is not", `{"Fn::Nope": 1}`, `?Fn::Nope is not a function that can be evaluated`},
	{"a tag that there is not", `!Nope 1`, `?the tag !Nope is not one of CloudFormation`},
	{"condition keys of policies are plain", `{Condition: {StringEquals: {a: b}}}`, `{Condition:{StringEquals:{a:'b'}}}`},
}

func TestExpressions(t *testing.T) {
	for _, tt := range expressions {
		t.Run(tt.name, func(t *testing.T) {
			u := read(t, map[string]string{"t.yaml": prelude + tt.expression + "\n"}, "t.yaml", Options{})
			if got := show(at(resource(t, u, "T").Body, "V")); got != tt.want {
				t.Errorf("got  %s\nwant %s\nproblems %v", got, tt.want, u.Problems)
			}
		})
	}
}

func TestConditionsAreTrueFalseOrUnknown(t *testing.T) {
	tests := []struct{ name, condition, want string }{
		{"equal", `!Equals [a, a]`, "exists"},
		{"not equal", `!Equals [a, b]`, "absent"},
		{"numbers and texts are alike", `!Equals [1, "1"]`, "exists"},
		{"words are compared as written", `!Equals [!Ref Word, on]`, "exists"},
		{"unknown", `!Equals [!Ref Open, a]`, "unknown"},
		{"not unknown", `!Not [!Equals [!Ref Open, a]]`, "unknown"},
		{"a region that is not known", `!Equals [!Ref AWS::Region, us-east-1]`, "unknown"},
		{"a symbol is itself", `!Equals [!Ref AWS::Region, !Ref AWS::Region]`, "exists"},
		{"a symbol is never empty", `!Equals [!Ref AWS::Region, ""]`, "absent"},
		{"text with a hole that cannot match", `!Equals [!Sub "x-${AWS::Region}", y-1]`, "absent"},
		{"none of the allowed values", `!Equals [!Ref Pick, c]`, "absent"},
		{"one of the allowed values", `!Equals [!Ref Pick, a]`, "unknown"},
		{"and with a false one", `!And [!Condition Opened, !Condition IsDev]`, "absent"},
		{"and with an unknown one", `!And [!Condition Opened, !Condition IsProd]`, "unknown"},
		{"or with a true one", `!Or [!Condition Opened, !Condition IsProd]`, "exists"},
		{"or with an unknown one", `!Or [!Condition Opened, !Condition IsDev]`, "unknown"},
		{"find in map", `!Equals [!FindInMap [Regions, !Ref AWS::Region, same], x]`, "exists"},
		{"a condition that there is not", `!Condition Nope`, "unknown"},
		{"a circle", `!Condition C`, "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(prelude, "Conditions:", "Conditions:\n  C: "+tt.condition, 1) + "1\n    Condition: C\n"
			u := read(t, map[string]string{"t.yaml": text}, "t.yaml", Options{})
			got := "absent"
			for _, r := range u.Resources {
				if r.Address == "T" {
					if got = "exists"; r.MayExist != "" {
						got = "unknown"
					}
				}
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestInAResourceItsConditionHolds(t *testing.T) {
	u := read(t, map[string]string{"t.yaml": prelude + "!If [Opened, a, b]\n    Condition: Opened\n"}, "t.yaml", Options{})
	r := resource(t, u, "T")
	if got := show(at(r.Body, "V")); got != "'a'" {
		t.Errorf("got %s", got)
	}
	if want := "condition Opened is not known: parameter Open has no value"; r.MayExist != want {
		t.Errorf("got %q, want %q", r.MayExist, want)
	}
}

func TestParametersAreGiven(t *testing.T) {
	texts := map[string]string{
		"t.yaml": prelude + `!Sub "${Open} ${Env} ${Count} ${AWS::Region} ${AWS::AccountId} ${AWS::Partition} ${AWS::URLSuffix}"`,
		"a.json": `[{"ParameterKey": "Open", "ParameterValue": "file"}, {"ParameterKey": "Env", "ParameterValue": "dev"}]`,
		"b.json": `{"Parameters": {"Count": 7, "Open": "later"}}`,
	}
	o := Options{
		Parameters: map[string]string{"Env": "given"}, ParameterFiles: []string{"a.json", "b.json"},
		Region: "cn-north-1", AccountID: "111122223333",
	}
	u := read(t, texts, "t.yaml", o)
	if got, want := show(at(resource(t, u, "T").Body, "V")), "'later given 7 cn-north-1 111122223333 aws-cn amazonaws.com.cn'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"a.json", "b.json", "t.yaml"}, u.Files); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{iac.MissingValue, iac.MissingValue}, problems(u)); diff != "" { // Pick and Only
		t.Error(diff)
	}
}

func TestJSONIsReadAsYAMLIs(t *testing.T) {
	text := `{
	"Parameters": {"P": {"Type": "String", "Default": "\ud83d\ude00"}},
	"Resources": {"T": {"Type": "AWS::X::Y", "DependsOn": ["A", "B"], "Properties": {
		"V": {"Fn::Join": ["", ["a\/", {"Ref": "P"}]]},
		"N": 1e400
	}}}
}`
	u := read(t, map[string]string{"t.json": text}, "t.json", Options{})
	r := resource(t, u, "T")
	if got := show(r.Body); got != "{V:'a/😀' N:1e400}" {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff([]string{"A", "B"}, r.DependsOn); diff != "" {
		t.Error(diff)
	}
	if got := r.Body.Get("N").Range; got.Line != 5 || got.EndLine != 5 || got.Column != 3 || text[got.StartByte:got.EndByte] != `"N": 1e400` {
		t.Errorf("got %+v", got)
	}
}
