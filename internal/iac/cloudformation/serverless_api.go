package cloudformation

import (
	"fmt"
	"regexp"
	"strings"
)

// route is a path of an API that an event asks for.
type route struct {
	event
	owner  managed
	path   string
	method string
}

const (
	implicitRest = "ServerlessRestApi"
	implicitHTTP = "ServerlessHttpApi"
)

// apiOf is the API of the template that an event belongs to; empty if it lies elsewhere.
func apiOf(v event) string {
	name, implicit := "RestApiId", implicitRest
	if v.kind == "HttpApi" {
		name, implicit = "ApiId", implicitHTTP
	}
	n := v.properties.get(name)
	if n == nil {
		return implicit
	}
	if function, argument := n.function(); function == "Ref" {
		return argument.literal()
	}
	return n.literal()
}

func (t *transformer) collectRoutes(m managed) {
	for _, e := range m.properties.get("Events").entries() {
		v := t.newEvent(m.key, e)
		if v.kind != "Api" && v.kind != "HttpApi" {
			continue
		}
		r := route{event: v, owner: m, path: v.properties.get("Path").literal(), method: strings.ToLower(v.properties.get("Method").literal())}
		if v.kind == "HttpApi" && r.path == "" {
			r.path = "$default"
		}
		if r.method == "" || r.method == "*" {
			r.method = "any"
		}
		if api := apiOf(v); api != "" {
			t.routes[api] = append(t.routes[api], r)
		}
	}
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// routePermission lets API Gateway invoke the function for a route.
func (t *transformer) routePermission(f *functionState, v event) {
	at, api := v.place(), apiOf(v)
	path := pathParameter.ReplaceAllString(v.properties.get("Path").literal(), "*")
	method := strings.ToUpper(v.properties.get("Method").literal())
	if method == "" || method == "ANY" || method == "*" {
		method = "*"
	}
	if v.kind == "HttpApi" && (path == "" || path == "$default" || path == "/$default") {
		path, method = "", ""
	}
	suffix := "Permission"
	if v.kind == "Api" {
		suffix += t.stageSuffix(api)
	}
	id := at.ref(api)
	if _, ok := t.s.resources.find(api); !ok && api != implicitRest && api != implicitHTTP {
		id = v.properties.get("RestApiId")
		if v.kind == "HttpApi" {
			id = v.properties.get("ApiId")
		}
	}
	tail := method + path
	if tail == "" {
		tail = "*"
	}
	arn := at.call("Fn::Sub", at.list(
		at.text("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/*/"+strings.ReplaceAll(tail, "${", "${!")),
		at.object(at.set("__ApiId__", id)),
	))
	t.permission(f, v, suffix, "apigateway.amazonaws.com", at.set("SourceArn", arn))
}

// stageSuffix is what the id of a permission has of the API's stage.
func (t *transformer) stageSuffix(api string) string {
	if api == implicitRest {
		if _, ok := t.s.resources.find(api); !ok {
			return "Prod"
		}
	}
	e, _ := t.s.resources.find(api)
	if name := e.value.get("Properties").get("StageName"); name.literal() != "" {
		return alphanumeric(name.text)
	}
	return "Stage"
}

// implicitAPIs adds those that events ask for without naming one.
func (t *transformer) implicitAPIs() {
	for _, api := range []struct{ id, kind string }{{implicitRest, "Api"}, {implicitHTTP, "HttpApi"}} {
		routes := t.routes[api.id]
		if _, made := t.order[api.id]; made || len(routes) == 0 {
			continue
		}
		at := routes[0].place()
		value := at.object(t.implicitCondition(api.id, routes)...)
		properties := at.object()
		if api.kind == "Api" {
			properties = at.object(at.set("StageName", at.text("Prod")))
		}
		m := managed{entry: at.set(api.id, value), kind: api.kind, properties: merge(t.globals.get(api.kind), properties)}
		t.transform(m)
	}
}

// implicitCondition makes an API depend on the conditions of its routes: it is made if any of them is.
func (t *transformer) implicitCondition(id string, routes []route) []entry {
	at := routes[0].place()
	var conditions []*node
	seen := map[string]bool{}
	for _, r := range routes {
		name := r.owner.value.get("Condition").literal()
		if name == "" {
			return nil
		}
		if !seen[name] {
			seen[name] = true
			conditions = append(conditions, at.call("Condition", at.text(name)))
		}
	}
	if len(conditions) == 1 {
		return []entry{at.set("Condition", conditions[0].items[0])}
	}
	t.extra = append(t.extra, at.set(id+"Condition", at.call("Fn::Or", at.list(conditions...))))
	return []entry{at.set("Condition", at.text(id+"Condition"))}
}

func (t *transformer) restAPI(m managed) {
	at := m.place()
	list := pick(m.properties, "Name", "Description", "MinimumCompressionSize", "ApiKeySourceType", "FailOnWarnings", "Mode",
		"DisableExecuteApiEndpoint", "BinaryMediaTypes", "SecurityPolicy", "EndpointAccessMode")
	if e, ok := m.properties.find("EndpointConfiguration"); ok {
		list = append(list, e.as(e.key, branches(e.value, endpointConfiguration)))
		types := e.value
		if e.value.isMap() && e.value.has("Type") {
			types = e.value.get("Type")
		}
		list = append(list, e.as("Parameters", e.place().object(e.as("endpointConfigurationTypes", types))))
	}
	list = append(list, t.definition(m, "Body", "BodyS3Location")...)
	if m.properties.has("Tags") {
		list = append(list, tags(m, ""))
	}
	t.replace(m, "AWS::ApiGateway::RestApi", list...)
	deployment := m.key + "Deployment"
	made := []entry{at.set("RestApiId", at.ref(m.key))}
	if !m.properties.has("OpenApiVersion") {
		made = append(made, at.set("StageName", at.text("Stage"))) // a stage that nobody asked for
	}
	t.add(m, at, deployment, "AWS::ApiGateway::Deployment", made...)
	id := m.key + "Stage"
	stage, ok := m.properties.find("StageName")
	if name := stage.value.literal(); ok && name != "" && name == alphanumeric(name) {
		id = m.key + name + "Stage"
	}
	settings := pick(m.properties, "StageName", "CacheClusterEnabled", "CacheClusterSize", "Variables", "MethodSettings",
		"AccessLogSetting", "CanarySetting", "TracingEnabled")
	if m.properties.has("Tags") {
		settings = append(settings, tags(m, ""))
	}
	t.add(m, at, id, "AWS::ApiGateway::Stage", append(settings, at.set("RestApiId", at.ref(m.key)), at.set("DeploymentId", at.ref(deployment)))...)
	t.s.aliases[m.key+".Stage"], t.s.aliases[m.key+".Deployment"] = id, deployment
	t.authorizerPermissions(m)
}

// authorizerPermissions let API Gateway invoke the functions that authorize calls.
func (t *transformer) authorizerPermissions(m managed) {
	for _, e := range m.properties.get("Auth").get("Authorizers").entries() {
		function, at := e.value.get("FunctionArn"), e.place()
		if function == nil || e.value.get("DisableFunctionDefaultPermissions").literal() == "true" {
			continue
		}
		t.add(m, at, m.key+alphanumeric(e.key)+"AuthorizerPermission", "AWS::Lambda::Permission",
			at.set("Action", at.text("lambda:InvokeFunction")), at.set("FunctionName", function), at.set("Principal", at.text("apigateway.amazonaws.com")),
			at.set("SourceArn", at.sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${"+m.key+"}/authorizers/*")))
	}
}

// endpointConfiguration lets a type stand for the configuration.
func endpointConfiguration(n *node) *node {
	at := n.place()
	if n.isMap() && n.has("Type") {
		list := []entry{at.set("Types", at.list(n.get("Type")))}
		if e, ok := n.find("VPCEndpointIds"); ok {
			list = append(list, e.as("VpcEndpointIds", e.value))
		}
		return at.object(append(list, pick(n, "IpAddressType")...)...)
	}
	if n.isNoValue() {
		return n
	}
	return at.object(at.set("Types", at.list(n)))
}

func (t *transformer) httpAPI(m managed) {
	at := m.place()
	list := pick(m.properties, "Name", "Description", "FailOnWarnings", "DisableExecuteApiEndpoint")
	list = append(list, t.definition(m, "Body", "BodyS3Location")...)
	if e, ok := m.properties.find("CorsConfiguration"); ok && e.value.isMap() {
		list = append(list, e)
	}
	t.replace(m, "AWS::ApiGatewayV2::Api", list...)
	id, name := m.key+"ApiGatewayDefaultStage", at.set("StageName", at.text("$default"))
	if e, ok := m.properties.find("StageName"); ok {
		name = e
		switch text := e.value.literal(); text {
		case "":
			id = m.key + "Stage"
		case "$default":
		default:
			id = m.key + alphanumeric(text) + "Stage"
		}
	}
	settings := []entry{name, at.set("ApiId", at.ref(m.key)), at.set("AutoDeploy", at.bool(true))}
	settings = append(settings, pick(m.properties, "AccessLogSettings", "DefaultRouteSettings", "RouteSettings")...)
	if e, ok := m.properties.find("StageVariables"); ok {
		settings = append(settings, e)
	}
	created := at.object(at.set("httpapi:createdBy", at.text("SAM")))
	if e, ok := m.properties.find("Tags"); ok {
		settings = append(settings, e.as("Tags", merge(created, e.value)))
	} else {
		settings = append(settings, at.set("Tags", created))
	}
	t.add(m, at, id, "AWS::ApiGatewayV2::Stage", settings...)
	t.s.aliases[m.key+".Stage"] = id
}

// definition is the OpenAPI document: the one that is written, or one of the routes. What Auth adds to it is in it only as far as
// routes are concerned, so that it is open where there is Auth.
func (t *transformer) definition(m managed, body, location string) []entry {
	if e, ok := m.properties.find("DefinitionUri"); ok {
		return []entry{e.as(location, e.place().object(bucketAndKey(e, "", "Version")...))}
	}
	at := m.place()
	auth, hasAuth := m.properties.find("Auth")
	if e, ok := m.properties.find("DefinitionBody"); ok {
		if !hasAuth || !e.value.isMap() {
			return []entry{e.as(body, e.value)}
		}
		n := *e.value
		n.open = "what the SAM transform adds for Auth is not known"
		return []entry{e.as(body, &n)}
	}
	paths := at.object()
	for _, r := range t.routes[m.key] {
		if r.path == "" || !t.s.r.step(len(paths.keys)) {
			continue
		}
		method := r.method
		if method == "any" {
			method = "x-amazon-apigateway-any-method"
		}
		p := r.place()
		paths = with(paths, p.set(r.path, overlay(paths.get(r.path), p.object(p.set(method, t.operation(r, auth.value))))))
	}
	version := at.set("swagger", at.text("2.0"))
	if m.kind == "HttpApi" {
		version = at.set("openapi", at.text("3.0.1"))
	} else if e, ok := m.properties.find("OpenApiVersion"); ok {
		version = e.as("openapi", e.value)
	}
	n := at.object(version, at.set("info", at.object(at.set("version", at.text("1.0")), at.set("title", at.ref("AWS::StackName")))), at.set("paths", paths))
	if hasAuth {
		n.open = "what the SAM transform adds for Auth is not known"
	}
	return []entry{at.set(body, n)}
}

// operation is a method of a path, with the integration that calls the function and who may call it.
func (t *transformer) operation(r route, auth *node) *node {
	p := r.place()
	list := []entry{p.set("responses", p.object())}
	if r.owner.kind == "Function" {
		uri := fmt.Sprintf("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s.Arn}/invocations", r.owner.key)
		list = append(list, p.set("x-amazon-apigateway-integration", p.object(
			p.set("type", p.text("aws_proxy")), p.set("httpMethod", p.text("POST")), p.set("uri", p.sub(uri)),
		)))
	}
	own, _ := r.properties.find("Auth")
	authorizer := own.value.get("Authorizer")
	if authorizer == nil {
		authorizer = auth.get("DefaultAuthorizer")
	}
	var security []*node
	if authorizer.literal() != "" {
		security = append(security, p.object(p.set(authorizer.text, p.list())))
	}
	key := own.value.get("ApiKeyRequired")
	if key == nil {
		key = auth.get("ApiKeyRequired")
	}
	if key.literal() == "true" {
		security = append(security, p.object(p.set("api_key", p.list())))
	}
	if len(security) > 0 {
		list = append(list, p.set("security", p.list(security...)))
	}
	if authorizer.literal() == "AWS_IAM" {
		list = append(list, p.set("x-amazon-apigateway-auth", p.object(p.set("type", p.text("AWS_IAM")))))
	}
	return p.object(list...)
}
