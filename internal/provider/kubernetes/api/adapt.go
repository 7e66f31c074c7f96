package api

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stancehq/stance/internal/content"
)

// API gives the descriptions in the engine's terms. It is safe for concurrent use.
func API() content.API { return adapter{} }

type adapter struct{}

func (adapter) Services() []string {
	services := append(Groups(), Server)
	slices.Sort(services)
	return services
}

func (adapter) Operation(service, op string) (*content.Operation, error) {
	if service == Server {
		if known := serverOperations()[op]; known != nil {
			return known, nil
		}
		names := slices.Sorted(maps.Keys(serverOperations()))
		return nil, fmt.Errorf("the API server has no answer %q that is described%s", op, didYouMean(op, names))
	}
	t, err := Resource(service, op)
	if err != nil {
		return nil, err
	}
	g, err := loadGroup(service)
	if err != nil {
		return nil, err
	}
	return g.operation(t, op)
}

func (g *group) operation(t *Target, op string) (*content.Operation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known := g.operations[op]; known != nil {
		return known, nil
	}
	out, err := g.output(t)
	if err != nil {
		return nil, err
	}
	described := &content.Operation{Service: g.service, Name: op, Input: input(t), Output: out, Errors: reasons}
	right := g.service + "/" + t.Plural
	switch t.Form {
	case Get:
		right, described.NamedBy = "get "+right, "name"
	case Configz:
		right = "get " + right + "/proxy"
	default:
		right = "list " + right
		described.Pager = &content.Pager{
			InputTokens: []string{"continue"}, OutputTokens: []string{"metadata.continue"},
			LimitKey: "limit", LimitMax: pageSize, ResultKeys: []string{"items"},
		}
	}
	described.Permissions = []string{right}
	g.operations[op] = described
	return described, nil
}

// pageSize is the number of objects that a list asks for at once. The server sets no limit; kubectl too asks for 500.
const pageSize = 500

// reasons are those that the server gives for a read that fails. Those for writes are left out.
var reasons = []string{
	"BadRequest", "Expired", "Forbidden", "Gone", "InternalError", "Invalid", "MethodNotAllowed", "NotAcceptable", "NotFound",
	"ServerTimeout", "ServiceUnavailable", "StoreReadError", "Timeout", "TooManyRequests", "Unauthorized", "UnsupportedMediaType",
}

// input is what a call may be given: which objects, and how many of them at once.
func input(t *Target) *content.Shape {
	switch {
	case t.Form == Configz, t.Form == Get && !t.Namespaced:
		return structOf("Object", required("name", str()))
	case t.Form == Get:
		return structOf("NamespacedObject", required("namespace", str()), required("name", str()))
	}
	members := []content.Member{
		field("fieldSelector", str()), field("labelSelector", str()),
		field("limit", scalars[content.KindInteger]), field("continue", str()),
	}
	if t.Namespaced {
		return structOf("NamespacedObjects", append([]content.Member{field("namespace", str())}, members...)...)
	}
	return structOf("Objects", members...)
}

// listMeta is what a list says of itself.
var listMeta = structOf("ListMeta",
	field("continue", str()), field("remainingItemCount", scalars[content.KindInteger]), field("resourceVersion", str()))

// output is the answer after the client has put apiVersion and kind into each object of a list.
func (g *group) output(t *Target) (*content.Shape, error) {
	name := g.service + "/" + t.Version + "." + t.Kind
	if t.Form == Configz {
		config, err := g.named(Kubelet)
		return structOf("Configz", required("kubeletconfig", config)), err
	}
	if t.Form == List || t.Form == Get {
		object, err := g.object(t)
		if err != nil || t.Form == Get {
			return object, err
		}
		return answer(name+"List", object), nil
	}
	meta, err := g.named(ObjectMeta)
	if err != nil {
		return nil, err
	}
	members := []content.Member{required("apiVersion", str()), required("kind", str()), required("metadata", meta)}
	if t.Form == Table {
		members = append(members, field("cells", mapOf(scalars[content.KindAny])))
		return answer(name+"Table", structOf(name+"Row", members...)), nil
	}
	return answer(name+"MetadataList", structOf(name+"Metadata", members...)), nil
}

func answer(name string, item *content.Shape) *content.Shape {
	items := &content.Shape{Name: name + ".items", Kind: content.KindList, Elem: item}
	return structOf(name, required("items", items), field("metadata", listMeta))
}
