package cloudformation

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

const samTemplate = `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 10
    Environment: {Variables: {A: global, B: global}}
    Layers: [one]
  Api:
    TracingEnabled: true
Conditions:
  Maybe: !Equals [!Ref AWS::Region, x]
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Condition: Maybe
    Properties:
      CodeUri: s3://bucket/key?versionId=3
      Handler: a.b
      Timeout: 20
      Tracing: Active
      VpcConfig: {SubnetIds: [s]}
      Environment: {Variables: {B: own}}
      Layers: [two]
      Tags: {team: x}
      AutoPublishAlias: live
      Policies:
        - AWSLambdaRole
        - arn:aws:iam::111122223333:policy/Mine
        - Statement: [{Effect: Allow, Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*"}]
        - S3ReadPolicy: {BucketName: !Ref Bucket}
        - !If [Maybe, !Ref AWS::NoValue, AmazonS3FullAccess]
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Up: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: "s3:ObjectCreated:*"}}
        Q: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5}}
        Get: {Type: Api, Properties: {Path: "/x/{id}", Method: get}}
        Http: {Type: HttpApi}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false}}
  Bucket:
    Type: AWS::S3::Bucket
  Queue:
    Type: AWS::SQS::Queue
  Table:
    Type: AWS::Serverless::SimpleTable
    Properties: {PrimaryKey: {Name: k, Type: Number}, SSESpecification: {SSEEnabled: true}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      EndpointConfiguration: PRIVATE
      DefinitionBody: {openapi: 3.0.1}
      MethodSettings: [{HttpMethod: "*", ResourcePath: "/*", LoggingLevel: INFO}]
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: !GetAtt Fn.Arn}
      Logging: {Level: ALL}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: ./layer}
  App:
    Type: AWS::Serverless::Application
    Properties: {Location: ./app.yaml, Parameters: {P: 1}}
  Linked:
    Type: AWS::Serverless::Connector
  Uses:
    Type: AWS::X::Y
    Properties: {Alias: !Ref Fn.Alias, Stage: !Ref Api.Stage, Version: !GetAtt Fn.Version.Version}
`

var transformed = []struct{ address, kind, path, want string }{
	{"Fn", "AWS::Lambda::Function", "Code", `{S3Bucket:'bucket' S3Key:'key' S3ObjectVersion:'3'}`},
	{"Fn", "AWS::Lambda::Function", "Runtime", `'python3.13'`},
	{"Fn", "AWS::Lambda::Function", "Timeout", `20`},
	{"Fn", "AWS::Lambda::Function", "Environment.Variables", `{A:'global' B:'own'}`},
	{"Fn", "AWS::Lambda::Function", "Layers", `['one' 'two']`},
	{"Fn", "AWS::Lambda::Function", "TracingConfig", `{Mode:'Active'}`},
	{"Fn", "AWS::Lambda::Function", "Role", `${FnRole.Arn}`},
	{"Fn", "AWS::Lambda::Function", "Tags", `[{Key:'lambda:createdBy' Value:'SAM'} {Key:'team' Value:'x'}]`},
	{"FnRole", "AWS::IAM::Role", "AssumeRolePolicyDocument.Statement", `[{Action:['sts:AssumeRole'] Effect:'Allow' Principal:{Service:['lambda.amazonaws.com']}}]`},
	{"FnRole", "AWS::IAM::Role", "ManagedPolicyArns", `['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' ` +
		`'arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess' 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole' ` +
		`'arn:aws:iam::aws:policy/service-role/AWSLambdaRole' 'arn:aws:iam::111122223333:policy/Mine' ` +
		`'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole']`},
	{"FnRole", "AWS::IAM::Role", "Policies", `[{PolicyName:'FnRolePolicy2' PolicyDocument:{Statement:[{Effect:'Allow' Action:'s3:*' Resource:'${Bucket.Arn}/*'}]}} ` +
		`{PolicyName:'FnRolePolicy3' PolicyDocument:?the SAM policy template S3ReadPolicy}]`},
	{"FnAliaslive", "AWS::Lambda::Alias", "FunctionVersion", `${FnVersion.Version}`},
	{"FnUrl", "AWS::Lambda::Url", "AuthType", `'NONE'`},
	{"FnUrlPublicPermissions", "AWS::Lambda::Permission", "Principal", `'*'`},
	{"FnUpPermission", "AWS::Lambda::Permission", "SourceAccount", `${AWS::AccountId}`},
	{"Bucket", "AWS::S3::Bucket", "NotificationConfiguration.LambdaConfigurations", `[?[{Event:'s3:ObjectCreated:*' Function:${FnAliaslive.Ref}}|null]]`},
	{"FnQ", "AWS::Lambda::EventSourceMapping", "EventSourceArn", `${Queue.Arn}`},
	{"FnGetPermissionProd", "AWS::Lambda::Permission", "SourceArn", `'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessRestApi.Ref}/*/GET/x/*'`},
	{"FnHttpPermission", "AWS::Lambda::Permission", "SourceArn", `'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessHttpApi.Ref}/*/*'`},
	{"FnTick", "AWS::Events::Rule", "State", `'DISABLED'`},
	{"ServerlessRestApi", "AWS::ApiGateway::RestApi", "Body.swagger", `'2.0'`},
	{"ServerlessRestApiProdStage", "AWS::ApiGateway::Stage", "TracingEnabled", `true`},
	{"ServerlessHttpApiApiGatewayDefaultStage", "AWS::ApiGatewayV2::Stage", "StageName", `'$default'`},
	{"Table", "AWS::DynamoDB::Table", "AttributeDefinitions", `[{AttributeName:'k' AttributeType:'N'}]`},
	{"Table", "AWS::DynamoDB::Table", "SSESpecification.SSEEnabled", `true`},
	{"Table", "AWS::DynamoDB::Table", "BillingMode", `'PAY_PER_REQUEST'`},
	{"Api", "AWS::ApiGateway::RestApi", "EndpointConfiguration", `{Types:['PRIVATE']}`},
	{"Apiv1Stage", "AWS::ApiGateway::Stage", "MethodSettings", `[{HttpMethod:'*' ResourcePath:'/*' LoggingLevel:'INFO'}]`},
	{"Machine", "AWS::StepFunctions::StateMachine", "DefinitionString", `'{"StartAt":"${Fn.Arn}"}'`},
	{"Machine", "AWS::StepFunctions::StateMachine", "LoggingConfiguration.Level", `'ALL'`},
	{"MachineRole", "AWS::IAM::Role", "AssumeRolePolicyDocument.Version", `'2012-10-17'`},
	{"Layer", "AWS::Lambda::LayerVersion", "Content.S3Bucket", `?where packaging uploads it is not known`},
	{"App/R", "AWS::X::Y", "V", `1`},
	{"Uses", "AWS::X::Y", "Alias", `${FnAliaslive.Ref}`},
	{"Uses", "AWS::X::Y", "Stage", `${Apiv1Stage.Ref}`},
	{"Uses", "AWS::X::Y", "Version", `${FnVersion.Version}`},
}

func TestServerlessResourcesBecomeWhatTheTransformMakes(t *testing.T) {
	u := read(t, map[string]string{
		"t.yaml": samTemplate, "app.yaml": "Parameters: {P: {Type: Number}}\nResources: {R: {Type: AWS::X::Y, Properties: {V: !Ref P}}}\n",
	}, "t.yaml", Options{Partition: "aws"})
	for _, tt := range transformed {
		r := resource(t, u, tt.address)
		if got := show(at(r.Body, tt.path)); got != tt.want || r.Type != tt.kind {
			t.Errorf("%s %s %s:\n got %s\nwant %s", tt.address, r.Type, tt.path, got, tt.want)
		}
	}
	for _, address := range []string{"Fn", "FnRole", "FnUrl", "FnQ", "ServerlessRestApi"} {
		if resource(t, u, address).MayExist == "" {
			t.Errorf("%s exists whatever its condition is", address)
		}
	}
	if diff := cmp.Diff([]string{iac.NotEvaluated}, problems(u)); diff != "" {
		t.Error(diff, u.Problems)
	}
}

func TestServerlessRangesAreThoseOfTheTemplate(t *testing.T) {
	u := read(t, map[string]string{"t.yaml": samTemplate, "app.yaml": "Resources: {R: {Type: AWS::X::Y}}\n"}, "t.yaml", Options{})
	tests := []struct{ address, path, text string }{
		{"Fn", "Code", "CodeUri: s3://"},
		{"Fn", "TracingConfig", "Tracing: Active"},
		{"Fn", "Runtime", "Runtime: python3.13"},
		{"FnRole", "Policies", "Policies:"},
		{"FnRole", "AssumeRolePolicyDocument", "Fn:\n"},
		{"FnUrl", "AuthType", "AuthType: NONE"},
		{"FnUrlPublicPermissions", "Principal", "AuthType: NONE"},
		{"FnQ", "EventSourceArn", "Queue: !GetAtt"},
		{"FnTick", "State", "Enabled: false"},
		{"Bucket", "NotificationConfiguration", "Up: {Type: S3"},
		{"Machine", "LoggingConfiguration", "Logging: {Level"},
		{"ServerlessRestApiProdStage", "TracingEnabled", "TracingEnabled: true"},
	}
	for _, tt := range tests {
		r := at(resource(t, u, tt.address).Body, tt.path).Range
		if got := samTemplate[r.StartByte:r.EndByte]; !strings.HasPrefix(got, tt.text) {
			t.Errorf("%s %s: got %q", tt.address, tt.path, got)
		}
	}
	role := resource(t, u, "FnRole")
	if got := samTemplate[role.Name.StartByte:role.Name.EndByte]; got != "Fn" {
		t.Errorf("got %q", got)
	}
}

func TestRoutesSayWhoMayCall(t *testing.T) {
	u := read(t, map[string]string{"t.yaml": `
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      Auth:
        DefaultAuthorizer: Mine
        Authorizers: {Mine: {FunctionArn: !GetAtt Fn.Arn}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: post, Auth: {Authorizer: NONE}}}
`}, "t.yaml", Options{})
	paths := at(resource(t, u, "Api").Body, "Body.paths./a")
	if got := show(at(paths, "get.security")) + show(at(paths, "post.security")); got != "[{Mine:[]}][{NONE:[]}]" {
		t.Errorf("got %s", got)
	}
	if body := at(resource(t, u, "Api").Body, "Body"); body.Open == "" {
		t.Error("the definition is taken as whole, though Auth adds to it")
	}
	if !slices.ContainsFunc(u.Resources, func(r *iac.Resource) bool { return r.Address == "ApiMineAuthorizerPermission" }) {
		t.Error("the authorizer cannot be invoked")
	}
}
