package cloudformation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

const outerStack = `
Parameters:
  Opt: {Type: String}
Conditions:
  Has: !Equals [!Ref Opt, x]
Resources:
  Key: {Type: AWS::KMS::Key}
  First:
    Type: AWS::X::Y
    Properties:
      Name: !GetAtt Net.Outputs.Name
      Arn: !Sub "${Net.Outputs.Arn}/*"
      Missing: !GetAtt Net.Outputs.Nope
  Net:
    Type: AWS::CloudFormation::Stack
    Condition: Has
    DependsOn: Key
    Properties:
      TemplateURL: ./nested/net.yaml
      Parameters:
        KeyArn: !GetAtt Key.Arn
        Subnets: !Join [",", [!Ref Key, b]]
        When: !If [Has, yes-it-has, no]
  Gone:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://bucket.s3.amazonaws.com/x.yaml}
  Out:
    Type: AWS::X::Y
    Properties: {V: !GetAtt Gone.Outputs.X}
`

const innerStack = `
Parameters:
  KeyArn: {Type: String}
  Subnets: {Type: CommaDelimitedList}
  When: {Type: String}
Conditions:
  HasKey: !Not [!Equals [!Ref KeyArn, ""]]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Condition: HasKey
    Properties:
      Key: !Ref KeyArn
      Subnets: !Ref Subnets
      When: !Ref When
      Stack: !Ref AWS::StackId
Outputs:
  Name: {Value: !Sub "b-${AWS::Region}"}
  Arn: {Value: !GetAtt Bucket.Arn}
`

func TestNestedStacksOnDisk(t *testing.T) {
	u := read(t, map[string]string{"a/t.yaml": outerStack, "a/nested/net.yaml": innerStack}, "a/t.yaml", Options{})
	first := resource(t, u, "First").Body
	if got := show(first); got != `{Name:'b-${AWS::Region}' Arn:'${Net/Bucket.Arn}/*' Missing:?nested stack Net has no output Nope}` {
		t.Errorf("got %s", got)
	}
	bucket := resource(t, u, "Net/Bucket")
	if got := show(bucket.Body); got != `{Key:${Key.Arn} Subnets:[${Key.Ref} 'b'] When:'yes-it-has' Stack:${Net.Ref}}` {
		t.Errorf("got %s", got)
	}
	if bucket.MayExist == "" || bucket.MayExist != resource(t, u, "Net").MayExist {
		t.Errorf("got %q", bucket.MayExist)
	}
	if bucket.Range.File != "a/nested/net.yaml" || len(bucket.Calls) != 1 || bucket.Calls[0].Name != "Net" || bucket.Calls[0].Source != "./nested/net.yaml" ||
		bucket.Calls[0].Range.File != "a/t.yaml" {
		t.Errorf("got %+v", bucket)
	}
	if got := show(resource(t, u, "Out").Body); got != "{V:?output X of the nested stack Gone is not known}" {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff([]string{iac.MissingValue, iac.NotEvaluated, iac.MissingModule}, problems(u)); diff != "" {
		t.Error(diff, u.Problems)
	}
	if diff := cmp.Diff([]string{"a/t.yaml", "a/nested/net.yaml"}, u.Files); diff != "" {
		t.Error(diff)
	}
}

func TestNestedStacksThatCannotBeRead(t *testing.T) {
	for name, url := range map[string]string{
		"itself": "t.yaml", "outside": "../../x.yaml", "absolute": "/etc/x.yaml", "not there": "none.yaml", "unknown": "!Ref Nope",
	} {
		t.Run(name, func(t *testing.T) {
			u := read(t, map[string]string{"a/t.yaml": "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: " + url + "}}\n"}, "a/t.yaml", Options{})
			if len(u.Resources) != 1 || !strings.Contains(strings.Join(problems(u), " "), iac.MissingModule) {
				t.Errorf("got %v", u.Problems)
			}
		})
	}
}

func TestStacksThatNeedEachOthersOutputs(t *testing.T) {
	outer := `
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml, Parameters: {P: !GetAtt B.Outputs.O}}}
  B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml, Parameters: {P: !GetAtt A.Outputs.O}}}
`
	inner := "Parameters: {P: {Type: String}}\nResources: {R: {Type: AWS::X::Y, Properties: {V: !Ref P}}}\nOutputs: {O: {Value: !Ref P}}\n"
	u := read(t, map[string]string{"t.yaml": outer, "n.yaml": inner}, "t.yaml", Options{})
	if v := at(resource(t, u, "A/R").Body, "V"); v.Kind != iac.Unknown {
		t.Errorf("got %s", show(v))
	}
}

func TestTheCDKSaysWhereNestedTemplatesLie(t *testing.T) {
	outer := `{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": "https://x"}},
		"Metadata": {"aws:asset:path": "n.nested.template.json", "aws:asset:property": "TemplateURL"}}}}`
	u := read(t, map[string]string{"t.json": outer, "n.nested.template.json": `{"Resources": {"R": {"Type": "AWS::X::Y"}}}`}, "t.json", Options{})
	resource(t, u, "N/R")
}

func TestLoops(t *testing.T) {
	text := `
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a-1,b"}
Conditions:
  Fn::ForEach::Cs: [C, [X, Y], {"Is${C}": !Equals ["${C}", X]}]
Resources:
  Fn::ForEach::Buckets:
    - Name
    - !Ref Names
    - Bucket&{Name}:
        Type: AWS::S3::Bucket
        Condition: IsX
        Properties:
          BucketName: !Sub "${Name}-${AWS::Region}"
          Plain: !Ref Name
          Fn::ForEach::Inner: [K, [p, q], {"${K}${Name}": "${K}"}]
  Fn::ForEach::Other: [Z, !Ref AWS::NotificationARNs, {"Q${Z}": {Type: AWS::X::Y}}]
  N: {Type: AWS::X::Y, Condition: IsY}
`
	u := read(t, map[string]string{"t.yaml": text}, "t.yaml", Options{})
	if got := show(resource(t, u, "Bucketa1").Body); got != `{BucketName:'a-1-${AWS::Region}' Plain:'a-1' pa-1:'p' qa-1:'q'}` {
		t.Errorf("got %s", got)
	}
	if len(u.Resources) != 2 || resource(t, u, "Bucketb").Body.Get("Plain").Range.Line != 16 {
		t.Errorf("got %d resources", len(u.Resources))
	}
	if diff := cmp.Diff([]string{iac.NotEvaluated}, problems(u)); diff != "" {
		t.Error(diff, u.Problems)
	}
}

func TestWhatIsWrongIsAProblemAndTheRestGoesOn(t *testing.T) {
	tests := []struct {
		name, text, kind string
		line, resources  int
	}{
		{"syntax", "Resources:\n  A: {Type: AWS::X::Y\n  B: 1\n", iac.Broken, 3, 0},
		{"syntax of JSON", "{\"Resources\": {\n \"A\": {\"Type\" \"x\"}}}", iac.Broken, 2, 0},
		{"cut off JSON", "{\"Resources\": {\n \"A\": {", iac.Broken, 2, 0},
		{"not text", "Resources: \xff\xfe", iac.Broken, 1, 0},
		{"empty", "", iac.Broken, 1, 0},
		{"a key that is there twice", "Resources:\n  A:\n    Type: AWS::X::Y\n    Type: AWS::X::Z\n", iac.Broken, 3, 1},
		{"a resource without a type", "Resources:\n  A: {}\n  B: {Type: AWS::X::Y}\n", iac.Broken, 2, 1},
		{"properties that are none", "Resources:\n  A:\n    Type: AWS::X::Y\n    Properties: []\n", iac.Broken, 4, 1},
		{"an alias within itself", "Resources:\n  A: &a\n    Type: AWS::X::Y\n    Properties: {V: *a}\n", iac.Broken, 4, 1},
		{"a macro", "Transform: [Mine]\nResources:\n  A: {Type: AWS::X::Y, Properties: {V: !Ref B}}\n", iac.NotEvaluated, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := read(t, map[string]string{"t.yaml": tt.text}, "t.yaml", Options{})
			if len(u.Problems) != 1 || u.Problems[0].Kind != tt.kind || u.Problems[0].Range.Line != tt.line || len(u.Resources) != tt.resources {
				t.Errorf("got %d resources, %+v", len(u.Resources), u.Problems)
			}
		})
	}
}
