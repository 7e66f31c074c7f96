package api

import (
	"sync"

	"github.com/stancehq/stance/internal/content"
)

// Server is the service of what the API server says that is no resource. Where it answers in text, the client makes the
// shapes below of it.
const Server = "server"

// serverOperations are described by hand: the server's own description knows them as text, or not at all.
var serverOperations = sync.OnceValue(func() map[string]*content.Operation {
	all := map[string]*content.Operation{}
	add := func(name string, input, output *content.Shape, permissions ...string) {
		if input == nil {
			input = structOf("Nothing")
		}
		if permissions == nil {
			permissions = []string{}
		}
		all[name] = &content.Operation{
			Service: Server, Name: name, Input: input, Output: output, Errors: serverErrors, Permissions: permissions,
		}
	}
	add("version", nil, versionShape(), "get /version")
	add("readyz", nil, healthShape(), "get /readyz")
	add("livez", nil, healthShape(), "get /livez")
	add("openid-configuration", nil, openIDShape(), "get /.well-known/openid-configuration")
	add("api-resources", nil, apiResourcesShape(), "get /api", "get /apis")
	add("metrics", structOf("MetricsInput", required("names", listOf(str()))), metricsShape(), "get /metrics")
	add("connection", nil, connectionShape())
	add("flagz", nil, structOf("Flags", required("flags", mapOf(str()))), "get /flagz")
	add("statusz", nil, structOf("Status", required("flags", mapOf(str()))), "get /statusz")
	return all
})

// serverErrors: paths that are no resource answer some errors without a Status object.
var serverErrors = append([]string{"HTTP403", "HTTP404", "HTTP500", "HTTP503"}, reasons...)

func texts(names ...string) []content.Member {
	members := make([]content.Member, len(names))
	for i, name := range names {
		members[i] = field(name, str())
	}
	return members
}

func versionShape() *content.Shape {
	return structOf("Version", append(texts("major", "minor", "emulationMajor", "emulationMinor", "minCompatibilityMajor",
		"minCompatibilityMinor", "gitVersion", "gitCommit", "gitTreeState"),
		field("buildDate", scalars[content.KindTime]), field("goVersion", str()), field("compiler", str()), field("platform", str()))...)
}

// healthShape is the ?verbose text of a health path: one check a line. It comes with HTTP 200 or 500 alike.
func healthShape() *content.Shape {
	ok := scalars[content.KindBoolean]
	check := structOf("HealthCheck", required("name", str()), required("ok", ok), field("detail", str()))
	return structOf("Health", required("ok", ok), required("checks", listOf(check)))
}

func openIDShape() *content.Shape {
	return structOf("OpenIDConfiguration", field("issuer", str()), field("jwks_uri", str()),
		field("response_types_supported", listOf(str())), field("subject_types_supported", listOf(str())),
		field("id_token_signing_alg_values_supported", listOf(str())))
}

// apiResourcesShape is discovery: every resource of every version that is served.
func apiResourcesShape() *content.Shape {
	yes := scalars[content.KindBoolean]
	resource := structOf("APIResource", append(texts("group", "version", "plural", "singular", "kind"),
		field("namespaced", yes), field("verbs", listOf(str())), field("categories", listOf(str())), field("short_names", listOf(str())),
		field("preferred", yes), field("subresources", listOf(str())))...)
	return structOf("APIResources", required("resources", listOf(resource)))
}

// metricsShape has the families that the input names, each a list of samples.
func metricsShape() *content.Shape {
	sample := structOf("Sample", field("labels", mapOf(str())), field("value", scalars[content.KindNumber]))
	return structOf("Metrics", required("families", mapOf(listOf(sample))))
}

// connectionShape is what the TLS handshake shows; it makes no request of its own.
func connectionShape() *content.Shape {
	at := scalars[content.KindTime]
	return structOf("Connection", field("endpoint", str()), field("host", str()), field("addresses", listOf(str())),
		field("tls_version", str()), field("serving_not_after", at), field("serving_not_before", at),
		field("serving_names", listOf(str())), field("issuer", str()), field("serving_chain", str()))
}
