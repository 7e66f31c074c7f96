package api

import (
	"fmt"
	"slices"
	"strings"
)

// Form says what is asked of a resource.
type Form string

// Forms, as they stand after "version/plural/"; a list has none.
const (
	List     Form = ""              // whole objects
	Metadata Form = "metadata"      // PartialObjectMetadata of each object
	Table    Form = "table"         // metadata and printed columns of each object
	Get      Form = "get"           // one object
	Configz  Form = "proxy/configz" // of nodes: what the kubelet says of itself, through the API server
)

var forms = []Form{List, Metadata, Table, Get, Configz}

// lists is how many of the forms, from the first, are of many objects.
const lists = 3

// Target is the resource that an operation of a group asks.
type Target struct {
	Group      string // as in Kubernetes: empty for core
	Version    string // v1
	Plural     string // deployments, or Every
	Kind       string // Deployment
	Namespaced bool
	Custom     bool // brought by an add-on: a cluster may lack it
	Form       Form
}

// Resource says what an operation of a group asks; the error suggests near names. Operations of the service Server have no
// resource.
func Resource(service, op string) (*Target, error) {
	kinds, ok := loadIndex().Groups[service]
	if !ok {
		return nil, unknownGroup(service)
	}
	version, rest, _ := strings.Cut(op, "/")
	plural, form, hasForm := strings.Cut(rest, "/")
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.Version == version && k.Plural == plural })
	if at < 0 {
		return nil, unknownKind(service, version, plural, kinds)
	}
	k := kinds[at]
	t := target(service, &k, Form(form))
	if !slices.Contains(t.forms(), t.Form) || (hasForm && form == "") {
		var known []string
		for _, f := range t.forms()[1:] {
			known = append(known, string(f))
		}
		return nil, fmt.Errorf("%s:%s/%s cannot be read as %q, only whole or as %s%s", service, version, plural, form,
			strings.Join(known, ", "), didYouMean(form, known))
	}
	return t, nil
}

func target(service string, k *Kind, form Form) *Target {
	t := &Target{Group: service, Version: k.Version, Plural: k.Plural, Kind: k.Kind, Namespaced: k.Namespaced, Custom: k.Custom, Form: form}
	if service == Core {
		t.Group = ""
	}
	return t
}

// forms are those that the target can be asked in.
func (t *Target) forms() []Form {
	switch {
	case t.Plural == Every: // to get one object its kind must be known
		return forms[:lists]
	case t.Group == "" && t.Plural == "nodes":
		return forms
	}
	return forms[:len(forms)-1]
}

// APIVersion is what the objects say of themselves: "v1", "apps/v1".
func (t *Target) APIVersion() string {
	if t.Group == "" {
		return t.Version
	}
	return t.Group + "/" + t.Version
}

func unknownKind(service, version, plural string, kinds []Kind) error {
	if plural == "" {
		return fmt.Errorf("%s:%s names no resource: an operation is version/plural, such as %s:%s/%s", service, version, service,
			kinds[0].Version, kinds[0].Plural)
	}
	if versions := Versions(service, plural); len(versions) > 0 {
		return fmt.Errorf("%s has no %s in version %q, only in %s", service, plural, version, strings.Join(versions, ", "))
	}
	if plural == Every {
		return fmt.Errorf("the kinds of %s have shapes of their own: name one of them, such as %s:%s/%s", service, service,
			kinds[0].Version, kinds[0].Plural)
	}
	var known []string
	for _, k := range kinds {
		if k.Plural == Every {
			return fmt.Errorf("the kinds of %s are not known beforehand: %s:%s/%s is all of them", service, service, k.Version, Every)
		}
		known = append(known, k.Plural)
	}
	hint := didYouMean(plural, known)
	for _, k := range kinds {
		if strings.EqualFold(k.Kind, plural) { // a kind, or a plural in the wrong case
			hint = fmt.Sprintf("; did you mean %q?", k.Plural)
		}
	}
	if hint == "" {
		hint = elsewhere(plural)
	}
	return fmt.Errorf("%s has no resource %q%s", service, plural, hint)
}

// elsewhere points to the groups that have a resource of this name.
func elsewhere(plural string) string {
	var groups []string
	for _, g := range Groups() {
		if len(Versions(g, plural)) > 0 {
			groups = append(groups, g)
		}
	}
	if groups == nil {
		return ""
	}
	return "; it is in " + strings.Join(groups, ", ")
}

// Versions lists the described versions of a resource, the one to prefer first; empty if it is not described.
func Versions(service, plural string) []string {
	var versions []string
	for _, k := range loadIndex().Groups[service] {
		if k.Plural == plural {
			versions = append(versions, k.Version)
		}
	}
	return versions
}

// Resources lists what is described of a group, every version of it, in the form List.
func Resources(service string) []*Target {
	var all []*Target
	for _, k := range loadIndex().Groups[service] {
		all = append(all, target(service, &k, List))
	}
	return all
}
