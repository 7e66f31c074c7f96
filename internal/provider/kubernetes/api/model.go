package api

// Index is what the archive says of all groups at once.
type Index struct {
	Sources map[string]string `json:"sources"` // Go module → version that the archive was made from
	// Groups are by service name: the API group, "core" for the empty one. Kinds are in the order of Versions, then by plural.
	Groups map[string][]Kind `json:"groups"`
}

// Kind is one kind in one version of its group.
type Kind struct {
	Version    string `json:"version"`
	Plural     string `json:"plural"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced,omitempty"`
	// Custom: it exists where an add-on brought it, as a CustomResourceDefinition.
	Custom bool `json:"custom,omitempty"`
}

// Group holds the shapes of one group. Shapes that several kinds share have a name; all others stand where they are used.
type Group struct {
	Objects map[string]*Type `json:"objects"` // "v1/pods" → its object
	Shapes  map[string]*Type `json:"shapes"`  // by name
}

// Type is a shape as it is stored: a kind of content's, or the name of a shared shape.
type Type struct {
	Ref     string   `json:"ref,omitempty"`
	Kind    string   `json:"kind,omitempty"`
	Members []Member `json:"members,omitempty"` // of a struct, by name
	Elem    *Type    `json:"elem,omitempty"`    // of a list or map
	Enum    []string `json:"enum,omitempty"`
}

// Member is a field of a struct.
type Member struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Type
}

// Names of the shared shapes that this package itself refers to. Every group has the first, core the second.
const (
	ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
	Kubelet    = "io.k8s.kubelet.config.v1beta1.KubeletConfiguration"
)

// Every is the plural that stands for all kinds of a group and version: those that each cluster makes for itself, with one shape.
// Its Kind is what one of them is called, and no kind of Kubernetes.
const Every = "*"

// Core is the service name of the group whose name is empty in Kubernetes.
const Core = "core"

// IndexFile and GroupFile name the archive's entries.
const IndexFile = "index.json"

// GroupFile is a group's entry.
func GroupFile(service string) string { return "groups/" + service + ".json" }
