package cloudformation

import (
	"fmt"

	"github.com/stancehq/stance/internal/iac"
)

// event is one of a function's or state machine's Events.
type event struct {
	entry
	id         string // what the transform calls it: the function's id and its own
	kind       string
	properties *node
}

func (t *transformer) newEvent(owner string, e entry) event {
	return event{entry: e, id: owner + e.key, kind: e.value.get("Type").literal(), properties: orEmpty(e.value.get("Properties"))}
}

func (t *transformer) functionEvent(f *functionState, e entry) {
	v := t.newEvent(f.key, e)
	switch v.kind {
	case "Api", "HttpApi":
		t.routePermission(f, v)
	case "S3":
		t.bucketEvent(f, v)
	case "SNS":
		t.topicEvent(f, v)
	case "SQS", "Kinesis", "DynamoDB", "MSK", "MQ", "SelfManagedKafka", "DocumentDB":
		t.sourceMapping(f, v)
	case "Schedule", "CloudWatchEvent", "EventBridgeRule":
		t.rule(f.managed, v, f.target, "LambdaTarget", nil)
		at := v.place()
		t.permission(f, v, "Permission", "events.amazonaws.com", at.set("SourceArn", at.attribute(v.id, "Arn")))
	case "ScheduleV2":
		t.schedule(f.managed, v, f.target, "lambda:InvokeFunction", "Lambda")
	case "CloudWatchLogs":
		t.logsEvent(f, v)
	case "IoTRule":
		t.iotEvent(f, v)
	case "AlexaSkill":
		var token []entry
		if id, ok := v.properties.find("SkillId"); ok {
			token = append(token, id.as("EventSourceToken", id.value))
		}
		t.permission(f, v, "Permission", "alexa-appkit.amazon.com", token...)
	case "Cognito":
		t.cognitoEvent(f, v)
	default:
		t.s.problem(iac.NotEvaluated, fmt.Sprintf("what the SAM transform makes of the event type %q is not known", v.kind), e.value)
	}
}

// permission lets a service invoke the function.
func (t *transformer) permission(f *functionState, v event, suffix, principal string, more ...entry) {
	at := v.place()
	t.add(f.managed, at, v.id+suffix, "AWS::Lambda::Permission", append([]entry{
		at.set("Action", at.text("lambda:InvokeFunction")), at.set("FunctionName", f.ref), at.set("Principal", at.text(principal)),
	}, more...)...)
}

// sourcePolicies are the managed policies that a function needs to read a source.
var sourcePolicies = map[string]string{
	"SQS": "AWSLambdaSQSQueueExecutionRole", "Kinesis": "AWSLambdaKinesisExecutionRole",
	"DynamoDB": "AWSLambdaDynamoDBExecutionRole", "MSK": "AWSLambdaMSKExecutionRole",
}

func (t *transformer) sourceMapping(f *functionState, v event) {
	at := v.place()
	list := []entry{at.set("FunctionName", f.ref)}
	var kafka []entry
	for _, e := range v.properties.entries() {
		switch e.key {
		case "Stream", "Queue", "Broker", "Cluster":
			if e.key != "Queue" || v.kind == "SQS" {
				list = append(list, e.as("EventSourceArn", e.value))
			}
		case "KafkaBootstrapServers":
			p := e.place()
			list = append(list, e.as("SelfManagedEventSource", p.object(e.as("Endpoints", p.object(e)))))
		case "DestinationConfig":
			if d := e.value.get("OnFailure").get("Destination"); d != nil {
				p := e.place()
				list = append(list, e.as(e.key, p.object(p.set("OnFailure", p.object(p.set("Destination", d))))))
			}
		case "ConsumerGroupId", "SchemaRegistryConfig":
			kafka = append(kafka, e)
		case "SecretsManagerKmsKeyId":
		default:
			list = append(list, e)
		}
	}
	if name := map[string]string{"MSK": "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafka": "SelfManagedKafkaEventSourceConfig"}[v.kind]; name != "" && kafka != nil {
		list = append(list, kafka[0].as(name, at.object(kafka...)))
	}
	t.add(f.managed, at, v.id, "AWS::Lambda::EventSourceMapping", list...)
	if f.role == nil {
		return
	}
	if policy := sourcePolicies[v.kind]; policy != "" {
		f.role.attach(at, policy)
	} else {
		f.role.inline = append(f.role.inline, at.object(at.set("PolicyName", at.text(v.id+"Policy")),
			at.set("PolicyDocument", at.hole(fmt.Sprintf("the policy that the SAM transform writes for a source of type %s", v.kind)))))
	}
}

// rule adds an EventBridge rule for Schedule and event patterns. Roles are for state machines: functions have permissions.
func (t *transformer) rule(m managed, v event, target *node, suffix string, roleARN *node) {
	at := v.place()
	var list []entry
	for _, e := range v.properties.entries() {
		switch e.key {
		case "Schedule":
			e.key = "ScheduleExpression"
		case "Pattern":
			e.key = "EventPattern"
		case "Enabled":
			state := at.text("DISABLED")
			if t.known(e.value) == "true" || e.value.literal() == "true" {
				state = at.text("ENABLED")
			}
			e = e.as("State", state)
		case "Name", "Description", "EventBusName", "State", "EventPattern":
		default:
			continue
		}
		list = append(list, e)
	}
	id := at.set("Id", at.text(v.id+suffix))
	if own := v.properties.get("Target").get("Id"); own != nil {
		id.value = own
	}
	entries := []entry{at.set("Arn", target), id}
	if roleARN != nil {
		entries = append(entries, at.set("RoleArn", roleARN))
	}
	entries = append(entries, pick(v.properties, "Input", "InputPath", "InputTransformer", "RetryPolicy")...)
	entries = append(entries, t.deadLetter(m, v, at.attribute(v.id, "Arn"), "events.amazonaws.com")...)
	t.add(m, at, v.id, "AWS::Events::Rule", append(list, at.set("Targets", at.list(at.object(entries...))))...)
}

// deadLetter gives where failed events go; without an ARN the transform makes a queue.
func (t *transformer) deadLetter(m managed, v event, source *node, service string) []entry {
	e, ok := v.properties.find("DeadLetterConfig")
	if !ok {
		return nil
	}
	at := e.place()
	if arn := e.value.get("Arn"); arn != nil {
		return []entry{e.as("DeadLetterConfig", at.object(at.set("Arn", arn)))}
	}
	queue := v.deadLetterQueue(e)
	t.add(m, at, queue, "AWS::SQS::Queue")
	t.queuePolicy(m, at, queue, at.object(at.set("Service", at.text(service))), source)
	return []entry{e.as("DeadLetterConfig", at.object(at.set("Arn", at.attribute(queue, "Arn"))))}
}

func (v event) deadLetterQueue(e entry) string {
	if own := e.value.get("QueueLogicalId").literal(); own != "" {
		return own
	}
	return v.id + "Queue"
}

func (t *transformer) queuePolicy(m managed, at place, queue string, principal, source *node) {
	statement := at.object(
		at.set("Action", at.text("sqs:SendMessage")), at.set("Effect", at.text("Allow")), at.set("Principal", principal),
		at.set("Resource", at.attribute(queue, "Arn")),
		at.set("Condition", at.object(at.set("ArnEquals", at.object(at.set("aws:SourceArn", source))))),
	)
	t.add(m, at, queue+"Policy", "AWS::SQS::QueuePolicy", at.set("Queues", at.list(at.ref(queue))),
		at.set("PolicyDocument", at.object(at.set("Version", at.text("2012-10-17")), at.set("Statement", at.list(statement)))))
}

// schedule adds a schedule of EventBridge Scheduler and the role that it runs with.
func (t *transformer) schedule(m managed, v event, target *node, action, policy string) {
	at := v.place()
	list := pick(v.properties, "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "ScheduleExpression",
		"ScheduleExpressionTimezone", "StartDate", "State")
	if !v.properties.has("FlexibleTimeWindow") {
		list = append(list, at.set("FlexibleTimeWindow", at.object(at.set("Mode", at.text("OFF")))))
	}
	if e, ok := v.properties.find("Name"); ok {
		list = append(list, e)
	} else if v.properties.get("OmitName").literal() != "true" {
		list = append(list, at.set("Name", at.text(v.id)))
	}
	entries := append([]entry{at.set("Arn", target)}, pick(v.properties, "Input", "RetryPolicy")...)
	entries = append(entries, t.deadLetter(m, v, at.attribute(v.id, "Arn"), "scheduler.amazonaws.com")...)
	if e, ok := v.properties.find("RoleArn"); ok {
		entries = append(entries, e)
	} else {
		id := v.id + "Role"
		entries = append(entries, at.set("RoleArn", at.attribute(id, "Arn")))
		policies := at.list(allowing(at, v.id+policy+"Policy", target, action))
		if e, ok := v.properties.find("DeadLetterConfig"); ok {
			queue := e.value.get("Arn")
			if queue == nil {
				queue = at.attribute(v.deadLetterQueue(e), "Arn")
			}
			policies.items = append(policies.items, allowing(e.place(), v.id+"SQSPolicy", queue, "sqs:SendMessage"))
		}
		t.add(m, at, id, "AWS::IAM::Role", append([]entry{
			at.set("AssumeRolePolicyDocument", assume(at, "scheduler.amazonaws.com")), at.set("Policies", policies),
		}, pick(v.properties, "PermissionsBoundary")...)...)
	}
	t.add(m, at, v.id, "AWS::Scheduler::Schedule", append(list, at.set("Target", at.object(entries...)))...)
}

func (t *transformer) topicEvent(f *functionState, v event) {
	at := v.place()
	topic := v.properties.get("Topic")
	list := append(pick(v.properties, "FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy"), at.set("TopicArn", topic))
	queue, ok := v.properties.find("SqsSubscription")
	if !ok || queue.value.literal() == "false" {
		t.add(f.managed, at, v.id, "AWS::SNS::Subscription", append(list, at.set("Endpoint", f.target), at.set("Protocol", at.text("lambda")))...)
		t.permission(f, v, "Permission", "sns.amazonaws.com", at.set("SourceArn", topic))
		return
	}
	arn, url := queue.value.get("QueueArn"), queue.value.get("QueueUrl")
	id := v.id + "Queue"
	if arn == nil {
		arn = at.attribute(id, "Arn")
		t.add(f.managed, at, id, "AWS::SQS::Queue")
		t.queuePolicy(f.managed, at, id, at.text("*"), topic)
	} else {
		statement := at.object(at.set("Action", at.text("sqs:SendMessage")), at.set("Effect", at.text("Allow")), at.set("Principal", at.text("*")),
			at.set("Resource", arn), at.set("Condition", at.object(at.set("ArnEquals", at.object(at.set("aws:SourceArn", topic))))))
		policy := v.id + "QueuePolicy"
		if own := queue.value.get("QueuePolicyLogicalId").literal(); own != "" {
			policy = own
		}
		t.add(f.managed, at, policy, "AWS::SQS::QueuePolicy", at.set("Queues", at.list(url)),
			at.set("PolicyDocument", at.object(at.set("Version", at.text("2012-10-17")), at.set("Statement", at.list(statement)))))
	}
	t.add(f.managed, at, v.id, "AWS::SNS::Subscription", append(list, at.set("Endpoint", arn), at.set("Protocol", at.text("sqs")))...)
	mapping := []entry{at.set("EventSourceArn", arn), at.set("FunctionName", f.ref)}
	if mapping = append(mapping, pick(queue.value, "BatchSize", "Enabled")...); !queue.value.has("BatchSize") {
		mapping = append(mapping, at.set("BatchSize", at.number("10")))
	}
	if !queue.value.has("Enabled") {
		mapping = append(mapping, at.set("Enabled", at.bool(true)))
	}
	t.add(f.managed, at, v.id+"EventSourceMapping", "AWS::Lambda::EventSourceMapping", mapping...)
	if f.role != nil {
		f.role.attach(at, "AWSLambdaSQSQueueExecutionRole")
	}
}
