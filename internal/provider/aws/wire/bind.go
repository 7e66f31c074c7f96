package wire

import (
	"fmt"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// rootTraits are what the body of an operation's input needs to know of itself: the element's name and namespace.
func rootTraits(model *api.Service, m *api.Shape) []smithy.Trait {
	if model.Metadata.Protocol != protocolRESTXML {
		return nil
	}
	for _, op := range model.Operations {
		if op.Input == nil || op.Input.Shape != m.Name {
			continue
		}
		t := op.Input.Merged()
		var ts []smithy.Trait
		if t.LocationName != "" {
			ts = append(ts, &traits.XMLName{Name: t.LocationName})
		}
		if ns := t.XMLNamespace; ns != nil {
			ts = append(ts, &traits.XMLNamespace{URI: ns.URI, Prefix: ns.Prefix})
		}
		return ts
	}
	return nil
}

// addMembers gives a shape its members. Bindings to the URI, headers and status only count in an operation's input and
// output, so the schemas of nested shapes do not get them.
func (s *Service) addMembers(sh *shape, top bool) error {
	m := sh.model
	switch sh.kind {
	case kindList:
		return s.addElem(sh, "member", m.Elem, &sh.elem)
	case kindMap:
		if err := s.addElem(sh, "key", m.Key, &sh.key); err != nil {
			return err
		}
		return s.addElem(sh, "value", m.Value, &sh.elem)
	case kindStruct:
	default:
		return nil
	}

	n := len(m.Members)
	sh.members = make([]*member, 0, n)
	sh.byName = make(map[string]*member, n)
	sh.byKey = make(map[string]*member, n)
	sh.byXML = make(map[string]*member, n)
	for i := range m.Members {
		mem := &member{name: m.Members[i].Name, traits: m.Members[i].Merged(), index: i, required: m.IsRequired(m.Members[i].Name)}
		if mem.shape = s.shapes[m.Members[i].Shape]; mem.shape == nil {
			return fmt.Errorf("shape %s: member %s is of missing shape %s", m.Name, mem.name, m.Members[i].Shape)
		}
		if !top {
			mem.traits.Location = ""
		}
		mem.key = s.key(mem)
		if sh.byKey[mem.key] != nil {
			mem.key = mem.name
		}
		mem.xml = xmlName(mem)
		if mem.repeats() {
			sh.flat = true
		}
		mem.schema = sh.schema.AddMember(mem.key, mem.shape.schema, s.traits(mem, top && m.Payload == mem.name)...)
		sh.members = append(sh.members, mem)
		sh.byName[mem.name] = mem
		sh.byKey[mem.key] = mem
		if !mem.bound() {
			sh.byXML[mem.xml] = mem
		}
	}
	return nil
}

func (s *Service) addElem(sh *shape, key string, ref *api.Ref, to **member) error {
	if ref == nil || s.shapes[ref.Shape] == nil {
		return fmt.Errorf("shape %s has no %s", sh.name, key)
	}
	mem := &member{name: key, key: key, traits: ref.Merged(), shape: s.shapes[ref.Shape]}
	mem.traits.Location = ""
	mem.xml = mem.traits.LocationName
	if mem.xml == "" {
		mem.xml = key
	}
	mem.schema = sh.schema.AddMember(key, mem.shape.schema, s.traits(mem, false)...)
	*to = mem
	return nil
}

// repeats says that the member is a list or map without an element around its items.
func (m *member) repeats() bool {
	return m.traits.Flattened && (m.shape.kind == kindList || m.shape.kind == kindMap)
}

// key is what the schema calls a member. JSON bodies use the wire's name, because the library finds that by one look-up,
// and a URI label must have the name that stands in the URI.
func (s *Service) key(m *member) string {
	json := s.protocol == protocolJSON || s.protocol == protocolRESTJSON
	if m.traits.LocationName != "" && (m.traits.Location == "uri" || json && m.traits.Location == "") {
		return m.traits.LocationName
	}
	return m.name
}

// xmlName is the element of a member. A flattened list goes by the name of its items, if they have one. The names of a list's
// items are known from the description, so that the order in which shapes are prepared does not matter.
func xmlName(m *member) string {
	if m.traits.Flattened && m.shape.kind == kindList && m.shape.model.Elem != nil {
		if name := m.shape.model.Elem.Merged().LocationName; name != "" {
			return name
		}
	}
	if m.traits.LocationName != "" {
		return m.traits.LocationName
	}
	return m.name
}

// traits translates the description's bindings for the protocol library. All of them are put on the member itself.
func (s *Service) traits(m *member, payload bool) []smithy.Trait {
	t := m.traits
	var ts []smithy.Trait
	switch t.Location {
	case "uri":
		ts = append(ts, &traits.HTTPLabel{})
	case "querystring":
		if m.shape.kind == kindMap {
			ts = append(ts, &traits.HTTPQueryParams{})
		} else {
			ts = append(ts, &traits.HTTPQuery{Name: orElse(t.LocationName, m.name)})
		}
	case "header":
		ts = append(ts, &traits.HTTPHeader{Name: orElse(t.LocationName, m.name)})
		if t.JSONValue {
			ts = append(ts, &traits.MediaType{Type: "application/json"})
		}
	case "headers":
		ts = append(ts, &traits.HTTPPrefixHeaders{Prefix: t.LocationName})
	case "statusCode":
		ts = append(ts, &traits.HTTPResponseCode{})
	}
	if payload {
		ts = append(ts, &traits.HTTPPayload{})
	}
	if t.Streaming {
		ts = append(ts, &traits.Streaming{})
	}
	if f := timeFormats[t.TimestampFormat]; f != "" {
		ts = append(ts, &traits.TimestampFormat{Format: f})
	}
	switch s.protocol {
	case protocolJSON, protocolRESTJSON:
		return ts
	}
	if name := xmlName(m); name != m.key {
		ts = append(ts, &traits.XMLName{Name: name})
	}
	if t.QueryName != "" && s.protocol == protocolEC2 {
		ts = append(ts, &traits.EC2QueryName{Name: t.QueryName})
	}
	if t.Flattened {
		ts = append(ts, &traits.XMLFlattened{})
	}
	if t.XMLAttribute {
		ts = append(ts, &traits.XMLAttribute{})
	}
	if t.XMLNamespace != nil {
		ts = append(ts, &traits.XMLNamespace{URI: t.XMLNamespace.URI, Prefix: t.XMLNamespace.Prefix})
	}
	return ts
}

// timeFormats are the library's names for the vendor's.
var timeFormats = map[string]string{"iso8601": "date-time", "unixTimestamp": "epoch-seconds", "rfc822": "http-date"}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
