package cloudformation

import "strings"

// functionState is a function while it is transformed.
type functionState struct {
	managed
	role   *role
	target *node  // what invokes it: its ARN or its alias
	ref    *node  // the same, by Ref
	alias  string // its alias's id
}

func (t *transformer) function(m managed) {
	at := m.place()
	f := &functionState{managed: m, target: at.attribute(m.key, "Arn"), ref: at.ref(m.key)}
	list := pick(m.properties, "FunctionName", "Handler", "Runtime", "Description", "MemorySize", "Timeout", "VpcConfig", "Environment",
		"ReservedConcurrentExecutions", "Layers", "FileSystemConfigs", "KmsKeyArn", "ImageConfig", "PackageType", "Architectures",
		"EphemeralStorage", "SnapStart", "RuntimeManagementConfig", "LoggingConfig", "RecursiveLoop", "CodeSigningConfigArn",
		"TenancyConfig", "DurableConfig")
	list = append(list, functionCode(m))
	if e, ok := m.properties.find("Tracing"); ok && t.known(e.value) != "Disabled" {
		list = append(list, e.as("TracingConfig", e.place().object(e.as("Mode", e.value))))
	}
	if e, ok := m.properties.find("DeadLetterQueue"); ok {
		list = append(list, e.as("DeadLetterConfig", e.value.place().object(pick(e.value, "TargetArn")...)))
	}
	list = append(list, tags(m, "lambda:createdBy"))
	if e, ok := m.properties.find("Role"); ok && !e.value.isNull() {
		list = append(list, e)
	} else {
		f.role = t.functionRole(m)
		list = append(list, at.set("Role", at.attribute(f.role.id, "Arn")))
	}
	t.replace(m, "AWS::Lambda::Function", list...)
	t.publish(f)
	t.invokeConfig(f)
	for _, e := range m.properties.get("Events").entries() {
		t.functionEvent(f, e)
	}
	if f.role != nil {
		t.addRole(m, f.role, "lambda:createdBy")
	}
	t.functionURL(f)
}

func functionCode(m managed) entry {
	at := m.place()
	var list []entry
	var from entry
	if e, ok := m.properties.find("InlineCode"); ok {
		from, list = e, []entry{e.as("ZipFile", e.value)}
	} else if e, ok := m.properties.find("ImageUri"); ok {
		from, list = e, []entry{e}
	} else if e, ok := m.properties.find("CodeUri"); ok {
		from, list = e, bucketAndKey(e, "S3", "S3ObjectVersion")
	} else {
		return at.set("Code", at.hole("the code is added when the template is packaged"))
	}
	list = append(list, pick(m.properties, "SourceKMSKeyArn")...)
	return from.as("Code", from.place().object(list...))
}

func (t *transformer) functionRole(m managed) *role {
	r := &role{id: m.key + "Role", service: "lambda.amazonaws.com"}
	at := m.place()
	if m.properties.has("DurableConfig") {
		r.attach(at, "AWSLambdaBasicDurableExecutionRolePolicy")
	} else {
		r.attach(at, "AWSLambdaBasicExecutionRole")
	}
	if e, ok := m.properties.find("Tracing"); ok && t.known(e.value) != "Disabled" {
		if partition := t.s.r.partition(); partition == "" || partition == "aws" {
			r.attach(e.place(), "AWSXrayWriteOnlyAccess")
		} else {
			r.attach(e.place(), "AWSXRayDaemonWriteAccess")
		}
	}
	if e, ok := m.properties.find("VpcConfig"); ok && !e.value.isNull() {
		r.attach(e.place(), "AWSLambdaVPCAccessExecutionRole")
	}
	if e, ok := m.properties.find("Policies"); ok {
		r.policies(e)
	}
	if e, ok := m.properties.find("DeadLetterQueue"); ok {
		action := map[string]string{"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}[e.value.get("Type").literal()]
		if arn := e.value.get("TargetArn"); arn != nil && action != "" {
			r.allow(e.place(), "DeadLetterQueuePolicy", arn, action)
		}
	}
	return r
}

// publish adds a version and an alias.
func (t *transformer) publish(f *functionState) {
	e, ok := f.properties.find("AutoPublishAlias")
	name := t.known(e.value)
	if !ok || name == "" {
		return
	}
	at := e.place()
	version := f.key + "Version"
	f.alias = f.key + "Alias" + alphanumeric(name)
	t.s.aliases[f.key+".Version"], t.s.aliases[f.key+".Alias"] = version, f.alias
	description := pick(f.properties, "VersionDescription")
	for i := range description {
		description[i].key = "Description"
	}
	t.add(f.managed, at, version, "AWS::Lambda::Version", append(description, at.set("FunctionName", at.ref(f.key)))...)
	alias := []entry{
		e.as("Name", e.value), at.set("FunctionName", at.ref(f.key)),
		at.set("FunctionVersion", at.attribute(version, "Version")),
	}
	t.add(f.managed, at, f.alias, "AWS::Lambda::Alias", append(alias, pick(f.properties, "ProvisionedConcurrencyConfig")...)...)
	f.target, f.ref = at.ref(f.alias), at.ref(f.alias)
	t.deployment(f, at)
}

// deployment adds what CodeDeploy needs to shift traffic between versions.
func (t *transformer) deployment(f *functionState, at place) {
	e, ok := f.properties.find("DeploymentPreference")
	if !ok || t.known(e.value.get("Enabled")) == "false" || e.value.get("Enabled").literal() == "false" {
		return
	}
	const application, service = "ServerlessDeploymentApplication", "CodeDeployServiceRole"
	bare := managed{entry: f.entry}
	bare.value = at.object()
	t.add(bare, at, application, "AWS::CodeDeploy::Application", at.set("ComputePlatform", at.text("Lambda")))
	roleARN := at.attribute(service, "Arn")
	if own, ok := e.value.find("Role"); ok {
		roleARN = own.value
	} else {
		t.add(bare, at, service, "AWS::IAM::Role", at.set("AssumeRolePolicyDocument", assume(at, "codedeploy.amazonaws.com")),
			at.set("ManagedPolicyArns", at.list(managedPolicy(at, "AWSCodeDeployRoleForLambda"))))
	}
	list := []entry{
		at.set("ApplicationName", at.ref(application)), at.set("ServiceRoleArn", roleARN),
		at.set("AutoRollbackConfiguration", at.object(at.set("Enabled", at.bool(true)), at.set("Events",
			at.texts("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")))),
		at.set("DeploymentStyle", at.object(at.set("DeploymentOption", at.text("WITH_TRAFFIC_CONTROL")), at.set("DeploymentType", at.text("BLUE_GREEN")))),
	}
	if kind, ok := e.value.find("Type"); ok {
		name := kind.value
		if text := t.known(kind.value); strings.HasPrefix(text, "Canary") || strings.HasPrefix(text, "Linear") || text == "AllAtOnce" {
			name = kind.place().text("CodeDeployDefault.Lambda" + text)
		}
		list = append(list, kind.as("DeploymentConfigName", name))
	}
	if alarms := e.value.get("Alarms"); alarms != nil && alarms.kind == listNode {
		var names []*node
		for _, alarm := range alarms.items {
			names = append(names, at.object(at.set("Name", alarm)))
		}
		list = append(list, at.set("AlarmConfiguration", at.object(at.set("Enabled", at.bool(true)), at.set("Alarms", at.list(names...)))))
	}
	list = append(list, pick(e.value, "TriggerConfigurations")...)
	t.add(f.managed, e.place(), f.key+"DeploymentGroup", "AWS::CodeDeploy::DeploymentGroup", list...)
}

// destinationActions are what a function must be allowed to do to a destination.
var destinationActions = map[string][2]string{
	"SQS": {"sqs:SendMessage", "SQSPolicy"}, "SNS": {"sns:publish", "SNSPolicy"},
	"Lambda": {"lambda:InvokeFunction", "LambdaPolicy"}, "EventBridge": {"events:PutEvents", "EventBridgePolicy"},
	"S3Bucket": {"s3:PutObject", "S3Policy"},
}

// invokeConfig adds what happens to asynchronous invocations, and the queues and topics that it leaves to the transform.
func (t *transformer) invokeConfig(f *functionState) {
	e, ok := f.properties.find("EventInvokeConfig")
	if !ok || !e.value.isMap() {
		return
	}
	at, id := e.place(), f.key+"EventInvokeConfig"
	list := pick(e.value, "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
	var destinations []entry
	for _, d := range e.value.get("DestinationConfig").entries() {
		kind, p := d.value.get("Type").literal(), d.place()
		arn := t.destination(f.managed, d, id+d.key, kind)
		if arn == nil {
			continue
		}
		destinations = append(destinations, d.as(d.key, p.object(p.set("Destination", arn))))
		if action, ok := destinationActions[kind]; ok && f.role != nil {
			f.role.allow(p, id+d.key+action[1], arn, action[0])
			if kind == "S3Bucket" {
				f.role.allow(p, id+d.key+action[1]+"List", arn, "s3:ListBucket")
			}
		}
	}
	if len(destinations) > 0 {
		list = append(list, at.set("DestinationConfig", at.object(destinations...)))
	}
	qualifier := at.text("$LATEST")
	if alias, ok := f.properties.find("AutoPublishAlias"); ok {
		qualifier = alias.value
	}
	t.add(f.managed, at, id, "AWS::Lambda::EventInvokeConfig", append(list, at.set("FunctionName", at.ref(f.key)), at.set("Qualifier", qualifier))...)
}

// destination is where results go. Where no ARN is written, or an arm of If is nothing, the transform makes a queue or a topic.
func (t *transformer) destination(m managed, d entry, id, kind string) *node {
	p, arn := d.place(), d.value.get("Destination")
	if kind != "SQS" && kind != "SNS" {
		return arn
	}
	made, resource := id+"Queue", "AWS::SQS::Queue"
	own := p.attribute(made, "Arn")
	if kind == "SNS" {
		made, resource = id+"Topic", "AWS::SNS::Topic"
		own = p.ref(made)
	}
	if name, argument := arn.function(); name == "Fn::If" && argument.kind == listNode && len(argument.items) == 3 {
		condition, yes, no := argument.items[0], argument.items[1], argument.items[2]
		if !yes.isNoValue() && !no.isNoValue() {
			return arn
		}
		if !yes.isNoValue() {
			not := p.text("NOT" + condition.literal())
			t.extra = append(t.extra, p.set(not.text, p.call("Fn::Not", p.list(p.call("Condition", condition)))))
			condition = not
		}
		m.value = p.object(p.set("Condition", condition))
		t.add(m, p, made, resource)
		return branches(arn, func(n *node) *node {
			if n.isNoValue() {
				return own
			}
			return n
		})
	}
	if arn == nil || arn.isNoValue() {
		t.add(m, p, made, resource)
		return own
	}
	return arn
}

// functionURL adds the URL of a function and, if it is open to anyone, the permissions that make it so.
func (t *transformer) functionURL(f *functionState) {
	e, ok := f.properties.find("FunctionUrlConfig")
	if !ok || !e.value.isMap() {
		return
	}
	at := e.place()
	target := at.set("TargetFunctionArn", at.ref(f.key))
	list := append(pick(e.value, "AuthType", "Cors", "InvokeMode"), target)
	if alias, ok := f.properties.find("AutoPublishAlias"); ok {
		list = append(list, alias.as("Qualifier", alias.value))
	}
	t.add(f.managed, at, f.key+"Url", "AWS::Lambda::Url", list...)
	auth, ok := e.value.find("AuthType")
	if !ok || t.known(auth.value) != "NONE" {
		return
	}
	p := auth.place()
	t.add(f.managed, p, f.key+"UrlPublicPermissions", "AWS::Lambda::Permission", p.set("Action", p.text("lambda:InvokeFunctionUrl")),
		p.set("FunctionName", f.ref), auth.as("FunctionUrlAuthType", auth.value), p.set("Principal", p.text("*")))
	t.add(f.managed, p, f.key+"URLInvokeAllowPublicAccess", "AWS::Lambda::Permission", p.set("Action", p.text("lambda:InvokeFunction")),
		p.set("FunctionName", f.ref), p.set("InvokedViaFunctionUrl", p.bool(true)), p.set("Principal", p.text("*")))
}
