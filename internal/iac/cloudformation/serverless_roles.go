package cloudformation

import (
	"strconv"
	"strings"
)

// serviceRolePolicies are AWS's managed policies below the path service-role/ that functions and state machines are given by
// their names; jobFunctionPolicies those below job-function/. All other names have no path.
var serviceRolePolicies = map[string]bool{
	"AWSLambdaBasicExecutionRole": true, "AWSLambdaBasicDurableExecutionRolePolicy": true, "AWSLambdaDynamoDBExecutionRole": true, "AWSLambdaENIManagementAccess": true,
	"AWSLambdaKinesisExecutionRole": true, "AWSLambdaMSKExecutionRole": true, "AWSLambdaRole": true,
	"AWSLambdaSQSQueueExecutionRole": true, "AWSLambdaVPCAccessExecutionRole": true, "AWSCodeDeployRoleForLambda": true,
	"AWSCodeDeployRoleForLambdaLimited": true, "AmazonS3ObjectLambdaExecutionRolePolicy": true,
	"AWSAppSyncPushToCloudWatchLogs": true, "AWSBatchServiceRole": true, "AWSConfigRole": true, "AWSConfigRulesExecutionRole": true,
	"AWSGlueServiceRole": true, "AWSIoTLogging": true, "AWSIoTRuleActions": true, "AmazonAPIGatewayPushToCloudWatchLogs": true,
	"AmazonEC2RoleforSSM": true, "AmazonECSTaskExecutionRolePolicy": true, "AmazonSNSRole": true, "AmazonSSMAutomationRole": true,
	"AmazonSSMMaintenanceWindowRole": true, "AWS_ConfigRole": true, "CloudWatchEventsInvocationAccess": true,
	"CloudWatchEventsBuiltInTargetExecutionAccess": true, "AWSQuickSightListIAM": true, "AWSTransferLoggingAccess": true,
}

var jobFunctionPolicies = map[string]bool{
	"Billing": true, "DataScientist": true, "DatabaseAdministrator": true, "NetworkAdministrator": true, "SupportUser": true,
	"SystemAdministrator": true, "ViewOnlyAccess": true,
}

// managedPolicy is the ARN of one of AWS's managed policies.
func managedPolicy(at place, name string) *node {
	switch {
	case serviceRolePolicies[name]:
		name = "service-role/" + name
	case jobFunctionPolicies[name]:
		name = "job-function/" + name
	}
	return at.sub("arn:${AWS::Partition}:iam::aws:policy/" + name)
}

// role is what a role is made of.
type role struct {
	id, service string
	attached    []*node // ARNs
	inline      []*node // of PolicyName and PolicyDocument
	names       int     // policies so far: the transform numbers them
}

func (r *role) attach(at place, names ...string) {
	for _, name := range names {
		r.attachARN(managedPolicy(at, name))
	}
}

// attachARN attaches a policy unless it is there already.
func (r *role) attachARN(arn *node) {
	for _, old := range r.attached {
		if old.kind == arn.kind && old.text == arn.text && old.isMap() == arn.isMap() &&
			(!arn.isMap() || len(arn.items) == 1 && len(old.items) == 1 && arn.items[0].text != "" && old.keys[0].text == arn.keys[0].text && old.items[0].text == arn.items[0].text) {
			return
		}
	}
	r.attached = append(r.attached, arn)
}

// allow adds an inline policy with one statement.
func (r *role) allow(at place, name string, resource *node, actions ...string) {
	r.inline = append(r.inline, allowing(at, name, resource, actions...))
}

func allowing(at place, name string, resource *node, actions ...string) *node {
	action := at.texts(actions...)
	if len(actions) == 1 {
		action = action.items[0]
	}
	statement := at.object(at.set("Action", action), at.set("Effect", at.text("Allow")), at.set("Resource", resource))
	return at.object(at.set("PolicyName", at.text(name)), at.set("PolicyDocument", at.object(at.set("Statement", at.list(statement)))))
}

// assume is a trust policy for a service.
func assume(at place, service string) *node {
	return at.object(at.set("Version", at.text("2012-10-17")), at.set("Statement", at.list(at.object(
		at.set("Action", at.texts("sts:AssumeRole")), at.set("Effect", at.text("Allow")),
		at.set("Principal", at.object(at.set("Service", at.texts(service)))),
	))))
}

// policies reads the Policies of a function or state machine.
func (r *role) policies(e entry) {
	items := []*node{e.value}
	if e.value.kind == listNode {
		items = e.value.items
	}
	for _, item := range items {
		r.policy(item)
		r.names++
	}
}

// policy is a name, an ARN or a function that gives one, a document, or one of SAM's policy templates.
func (r *role) policy(n *node) {
	at := n.place()
	switch kind := policyKind(n); kind {
	case "arn":
		r.attachARN(policyARN(n))
	case "document", "template":
		r.inline = append(r.inline, branches(n, r.inlinePolicy))
	case "mixed":
		r.inline = append(r.inline, at.object(at.set("PolicyName", at.text(r.policyName())), at.set("PolicyDocument", at.hole("a function gives the policy"))))
	}
}

// inlinePolicy is one of a role's Policies.
func (r *role) inlinePolicy(n *node) *node {
	at := n.place()
	if n.isCall() {
		return n
	}
	document := n
	if e, ok := n.find("Statement"); !ok {
		name := "that is not known"
		if len(n.keys) == 1 {
			name = n.keys[0].text
		}
		document = at.hole("the SAM policy template " + name)
	} else if e.value.kind != listNode && !e.value.isCall() {
		document = with(n, e.as("Statement", e.value.place().list(e.value)))
	}
	return at.object(at.set("PolicyName", at.text(r.policyName())), at.set("PolicyDocument", document))
}

func (r *role) policyName() string { return r.id + "Policy" + strconv.Itoa(r.names) }

// policyKind tells what a policy is; both arms of If must be alike, but for those that are nothing.
func policyKind(n *node) string {
	function, argument := n.function()
	switch {
	case n.isNull() || n.kind == listNode:
		return ""
	case n.kind == holeNode:
		return "mixed"
	case function == "Ref" && argument.literal() == "AWS::NoValue":
		return ""
	case n.kind == scalarNode, function != "" && function != "Fn::If":
		return "arn"
	case function == "Fn::If" && argument.kind == listNode && len(argument.items) == 3:
		yes, no := policyKind(argument.items[1]), policyKind(argument.items[2])
		if yes == "" {
			return no
		}
		if no != "" && yes != no {
			return "mixed"
		}
		return yes
	case n.has("Statement"):
		return "document"
	}
	return "template"
}

// branches applies a function to the arms of If, or to what is no If.
func branches(n *node, f func(*node) *node) *node {
	if function, argument := n.function(); function == "Fn::If" && argument.kind == listNode && len(argument.items) == 3 {
		args := argument.items
		return n.place().call("Fn::If", argument.place().list(args[0], branches(args[1], f), branches(args[2], f)))
	}
	return f(n)
}

func policyARN(n *node) *node {
	return branches(n, func(n *node) *node {
		if name := n.literal(); name != "" && !strings.HasPrefix(name, "arn:") {
			return managedPolicy(n.place(), name)
		}
		return n
	})
}

// addRole adds the role of a function or state machine.
func (t *transformer) addRole(m managed, r *role, tag string) {
	at := m.place()
	trust, ok := m.properties.find("AssumeRolePolicyDocument")
	if !ok {
		trust = at.set("", assume(at, r.service))
	}
	list := []entry{trust.as("AssumeRolePolicyDocument", trust.value), at.set("ManagedPolicyArns", at.list(r.attached...))}
	if e, ok := m.properties.find("Policies"); ok && len(r.attached) > 0 {
		list[1] = e.as("ManagedPolicyArns", e.value.place().list(r.attached...))
	}
	if len(r.inline) > 0 {
		inline := at.set("Policies", at.list(r.inline...))
		if e, ok := m.properties.find("Policies"); ok {
			inline = e.as("Policies", e.value.place().list(r.inline...))
		}
		list = append(list, inline)
	}
	if e, ok := m.properties.find("RolePath"); ok {
		list = append(list, e.as("Path", e.value))
	}
	list = append(list, pick(m.properties, "PermissionsBoundary")...)
	t.add(m, at, r.id, "AWS::IAM::Role", append(list, tags(m, tag))...)
}
