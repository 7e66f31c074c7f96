package cloudformation

import "github.com/stancehq/stance/internal/iac"

// Sources that the transform changes themselves, so that they call the function, and those with resources of their own kind.

// bucketEvent tells a bucket of the template to call the function.
func (t *transformer) bucketEvent(f *functionState, v event) {
	at := v.place()
	t.permission(f, v, "Permission", "s3.amazonaws.com", at.set("SourceAccount", at.ref("AWS::AccountId")))
	bucket, _ := v.properties.find("Bucket")
	var events []*node
	if e := v.properties.get("Events"); e != nil && e.kind == listNode {
		events = e.items
	} else if e != nil {
		events = []*node{e}
	}
	var configurations []*node
	for _, e := range events {
		list := []entry{at.set("Event", e), at.set("Function", f.target)}
		configuration := at.object(append(list, pick(v.properties, "Filter")...)...)
		if condition := f.value.get("Condition"); condition != nil {
			configuration = at.call("Fn::If", at.list(condition, configuration, at.ref("AWS::NoValue")))
		}
		configurations = append(configurations, configuration)
	}
	t.change(bucket, "AWS::S3::Bucket", func(properties *node) *node {
		old := properties.get("NotificationConfiguration")
		lambda := at.list(configurations...)
		if had := old.get("LambdaConfigurations"); had != nil && had.kind == listNode {
			lambda.items = append(append([]*node(nil), had.items...), lambda.items...)
		}
		added := at.object(at.set("LambdaConfigurations", lambda))
		return with(properties, at.set("NotificationConfiguration", overlay(old, added)))
	})
}

// cognitoEvent tells a user pool of the template to call the function.
func (t *transformer) cognitoEvent(f *functionState, v event) {
	at := v.place()
	pool, _ := v.properties.find("UserPool")
	_, argument := orEmpty(pool.value).function()
	v.id = f.key + "Cognito" // one permission for all its triggers
	t.permission(f, v, "Permission", "cognito-idp.amazonaws.com", at.set("SourceArn", at.attribute(argument.literal(), "Arn")))
	triggers := []*node{}
	if n := v.properties.get("Trigger"); n != nil && n.kind == listNode {
		triggers = n.items
	} else if n != nil {
		triggers = append(triggers, n)
	}
	t.change(pool, "AWS::Cognito::UserPool", func(properties *node) *node {
		var list []entry
		for _, trigger := range triggers {
			list = append(list, at.set(trigger.literal(), f.target))
		}
		return with(properties, at.set("LambdaConfig", overlay(properties.get("LambdaConfig"), at.object(list...))))
	})
}

// change replaces the properties of a plain resource that a Ref names.
func (t *transformer) change(reference entry, kind string, f func(properties *node) *node) {
	name, argument := orEmpty(reference.value).function()
	if name != "Ref" {
		return
	}
	id := argument.literal()
	e, ok := t.s.resources.find(id)
	if i, made := t.order[id]; made {
		e, ok = t.out[i], true
	}
	if !ok || e.value.get("Type").literal() != kind {
		return
	}
	at := e.value.place()
	properties := e.value.get("Properties")
	if !properties.isMap() {
		properties = at.object()
	}
	changed := e
	changed.value = with(e.value, at.set("Properties", f(properties)))
	if _, made := t.order[id]; made {
		t.put(changed)
		return
	}
	// It comes later: what stands there then is the changed one.
	if !t.s.r.step(len(t.s.resources.keys)) {
		return
	}
	list := t.s.resources.entries()
	for i := range list {
		if list[i].key == id {
			list[i] = changed
		}
	}
	t.s.resources = t.s.resources.place().object(list...)
}

// with is a map with one entry set; the entry keeps the place of the one that it replaces.
func with(n *node, e entry) *node {
	list := n.entries()
	for i := range list {
		if list[i].key == e.key {
			list[i].value = e.value
			return n.place().object(list...)
		}
	}
	return n.place().object(append(list, e)...)
}

// overlay sets all entries of one map over another, which may be nil.
func overlay(under, over *node) *node {
	if !under.isMap() {
		return over
	}
	n := under
	for _, e := range over.entries() {
		n = with(n, e)
	}
	return n
}

func (t *transformer) logsEvent(f *functionState, v event) {
	at := v.place()
	t.add(f.managed, at, v.id, "AWS::Logs::SubscriptionFilter", append(pick(v.properties, "FilterPattern", "LogGroupName"), at.set("DestinationArn", f.target))...)
	group := at.object(at.set("__LogGroupName__", v.properties.get("LogGroupName")))
	arn := at.call("Fn::Sub", at.list(at.text("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*"), group))
	t.permission(f, v, "Permission", "logs.amazonaws.com", at.set("SourceArn", arn))
}

func (t *transformer) iotEvent(f *functionState, v event) {
	at := v.place()
	action := at.object(at.set("Lambda", at.object(at.set("FunctionArn", f.target))))
	payload := append(pick(v.properties, "Sql", "AwsIotSqlVersion"), at.set("Actions", at.list(action)), at.set("RuleDisabled", at.bool(false)))
	t.add(f.managed, at, v.id, "AWS::IoT::TopicRule", at.set("TopicRulePayload", at.object(payload...)))
	t.permission(f, v, "Permission", "iot.amazonaws.com", at.set("SourceAccount", at.ref("AWS::AccountId")),
		at.set("SourceArn", at.sub("arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${"+v.id+"}")))
}

func (t *transformer) simpleTable(m managed) {
	at := m.place()
	name, kind := at.set("AttributeName", at.text("id")), at.set("AttributeType", at.text("S"))
	if key, ok := m.properties.find("PrimaryKey"); ok {
		if e, ok := key.value.find("Name"); ok {
			name = e.as("AttributeName", e.value)
		}
		if e, ok := key.value.find("Type"); ok {
			short := map[string]string{"String": "S", "Number": "N", "Binary": "B"}[t.known(e.value)]
			kind = e.as("AttributeType", e.place().text(short))
		}
	}
	list := []entry{
		at.set("AttributeDefinitions", at.list(at.object(name, kind))),
		at.set("KeySchema", at.list(at.object(name, at.set("KeyType", at.text("HASH"))))),
	}
	if e, ok := m.properties.find("ProvisionedThroughput"); ok {
		list = append(list, e)
	} else {
		list = append(list, at.set("BillingMode", at.text("PAY_PER_REQUEST")))
	}
	list = append(list, pick(m.properties, "TableName", "SSESpecification", "PointInTimeRecoverySpecification")...)
	if m.properties.has("Tags") {
		list = append(list, tags(m, ""))
	}
	t.replace(m, "AWS::DynamoDB::Table", list...)
}

// layerVersion keeps its id, to which the transform adds a hash: references to it mean the same.
func (t *transformer) layerVersion(m managed) {
	list := pick(m.properties, "LayerName", "Description", "CompatibleRuntimes", "CompatibleArchitectures")
	if !m.properties.has("LayerName") {
		list = append(list, m.place().set("LayerName", m.place().text(m.key)))
	}
	if e, ok := m.properties.find("LicenseInfo"); ok {
		list = append(list, e)
	}
	if e, ok := m.properties.find("ContentUri"); ok {
		list = append(list, e.as("Content", e.place().object(bucketAndKey(e, "S3", "S3ObjectVersion")...)))
	}
	t.replace(m, "AWS::Lambda::LayerVersion", list...)
}

// application is a nested stack; applications of the repository are not on disk.
func (t *transformer) application(m managed) {
	list := pick(m.properties, "NotificationARNs", "Parameters", "TimeoutInMinutes")
	var more []entry
	if e, ok := m.properties.find("Location"); ok {
		url := e.value
		if e.value.isMap() && e.value.has("ApplicationId") {
			url = e.place().hole("an application of the Serverless Application Repository")
			more = append(more, e.place().set("serverlessrepo:applicationId", e.value.get("ApplicationId")))
			if v := e.value.get("SemanticVersion"); v != nil {
				more = append(more, e.place().set("serverlessrepo:semanticVersion", v))
			}
		}
		list = append(list, e.as("TemplateURL", url))
	}
	t.replace(m, stackType, append(list, tags(m, "lambda:createdBy", more...))...)
}

func (t *transformer) stateMachine(m managed) {
	at := m.place()
	var list []entry
	if e, ok := m.properties.find("Name"); ok {
		list = append(list, e.as("StateMachineName", e.value))
	}
	if e, ok := m.properties.find("Type"); ok {
		list = append(list, e.as("StateMachineType", e.value))
	}
	if e, ok := m.properties.find("Logging"); ok {
		list = append(list, e.as("LoggingConfiguration", e.value))
	}
	if e, ok := m.properties.find("Tracing"); ok {
		list = append(list, e.as("TracingConfiguration", e.value))
	}
	if e, ok := m.properties.find("Definition"); ok {
		list = append(list, e.as("DefinitionString", e.place().call("Fn::ToJsonString", e.value)))
	}
	if e, ok := m.properties.find("DefinitionUri"); ok {
		list = append(list, e.as("DefinitionS3Location", e.place().object(bucketAndKey(e, "", "Version")...)))
	}
	list = append(list, pick(m.properties, "DefinitionSubstitutions")...)
	list = append(list, tags(m, "stateMachine:createdBy"))
	if e, ok := m.properties.find("Role"); ok {
		list = append(list, e.as("RoleArn", e.value))
	} else {
		r := &role{id: m.key + "Role", service: "states.amazonaws.com"}
		if e, ok := m.properties.find("Policies"); ok {
			r.policies(e)
		}
		if e, ok := m.properties.find("Tracing"); ok && e.value.get("Enabled").literal() == "true" {
			r.attach(e.place(), "AWSXrayWriteOnlyAccess")
		}
		list = append(list, at.set("RoleArn", at.attribute(r.id, "Arn")))
		t.addRole(m, r, "stateMachine:createdBy")
	}
	t.replace(m, "AWS::StepFunctions::StateMachine", list...)
	target := at.ref(m.key)
	if e, ok := m.properties.find("AutoPublishAlias"); ok && t.known(e.value) != "" {
		p, version, alias := e.place(), m.key+"Version", m.key+"Alias"+alphanumeric(t.known(e.value))
		t.add(m, p, version, "AWS::StepFunctions::StateMachineVersion", p.set("StateMachineArn", p.ref(m.key)),
			p.set("StateMachineRevisionId", p.attribute(m.key, "StateMachineRevisionId")))
		t.add(m, p, alias, "AWS::StepFunctions::StateMachineAlias", e.as("Name", e.value))
		target = p.ref(alias)
	}
	for _, e := range m.properties.get("Events").entries() {
		t.machineEvent(m, e, target)
	}
}

// machineEvent is an event of a state machine: the service starts it with a role of its own.
func (t *transformer) machineEvent(m managed, e entry, target *node) {
	v, at := t.newEvent(m.key, e), e.place()
	if v.kind == "ScheduleV2" {
		t.schedule(m, v, target, "states:StartExecution", "StartExecution")
		return
	}
	services := map[string]string{
		"Schedule": "events.amazonaws.com", "CloudWatchEvent": "events.amazonaws.com", "EventBridgeRule": "events.amazonaws.com",
		"Api": "apigateway.amazonaws.com",
	}
	service := services[v.kind]
	if service == "" {
		t.s.problem(iac.NotEvaluated, "what the SAM transform makes of the event type "+v.kind+" is not known", e.value)
		return
	}
	id := v.id + "Role"
	roleARN := v.properties.get("RoleArn")
	if roleARN == nil {
		roleARN = at.attribute(id, "Arn")
		t.add(m, at, id, "AWS::IAM::Role", append([]entry{
			at.set("AssumeRolePolicyDocument", assume(at, service)),
			at.set("Policies", at.list(allowing(at, id+"StartExecutionPolicy", target, "states:StartExecution"))),
		}, pick(v.properties, "PermissionsBoundary")...)...)
	}
	if v.kind != "Api" {
		t.rule(m, v, target, "StepFunctionsTarget", roleARN)
	}
}
