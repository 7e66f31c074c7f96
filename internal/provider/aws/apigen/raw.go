package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// rawModel is a service-2.json, as far as it matters on the wire. Decoding a second document over it merges the two, which
// is how botocore's sdk-extras files are meant.
type rawModel struct {
	Metadata   rawMetadata           `json:"metadata"`
	Operations ordered[rawOperation] `json:"operations"`
	Shapes     ordered[rawShape]     `json:"shapes"`
}

type rawMetadata struct {
	APIVersion         string     `json:"apiVersion"`
	EndpointPrefix     string     `json:"endpointPrefix"`
	GlobalEndpoint     string     `json:"globalEndpoint"`
	JSONVersion        looseText  `json:"jsonVersion"`
	Protocol           string     `json:"protocol"`
	Protocols          []string   `json:"protocols"`
	ServiceFullName    string     `json:"serviceFullName"`
	ServiceID          string     `json:"serviceId"`
	SignatureVersion   string     `json:"signatureVersion"`
	SigningName        string     `json:"signingName"`
	TargetPrefix       string     `json:"targetPrefix"`
	Auth               []string   `json:"auth"`
	XMLNamespace       *namespace `json:"xmlNamespace"`
	AWSQueryCompatible *struct{}  `json:"awsQueryCompatible"`
}

type rawOperation struct {
	HTTP   api.HTTP `json:"http"`
	Input  *rawRef  `json:"input"`
	Output *rawRef  `json:"output"`
	Errors []struct {
		Shape string `json:"shape"`
	} `json:"errors"`
	Endpoint struct {
		HostPrefix string `json:"hostPrefix"`
	} `json:"endpoint"`
	EndpointDiscovery struct {
		Required bool `json:"required"`
	} `json:"endpointdiscovery"`
	AuthType             string   `json:"authtype"`
	Auth                 []string `json:"auth"`
	HTTPChecksumRequired bool     `json:"httpChecksumRequired"`
	HTTPChecksum         struct {
		RequestChecksumRequired bool `json:"requestChecksumRequired"`
	} `json:"httpChecksum"`
}

type rawShape struct {
	Type        string          `json:"type"`
	Members     ordered[rawRef] `json:"members"`
	Required    []string        `json:"required"`
	Payload     string          `json:"payload"`
	Member      *rawRef         `json:"member"`
	Key         *rawRef         `json:"key"`
	Value       *rawRef         `json:"value"`
	Enum        []string        `json:"enum"`
	Min         json.Number     `json:"min"`
	Max         json.Number     `json:"max"`
	Sensitive   bool            `json:"sensitive"`
	Document    bool            `json:"document"`
	Union       bool            `json:"union"`
	EventStream bool            `json:"eventstream"`
	Error       struct {
		Code string `json:"code"`
	} `json:"error"`
	rawTraits
}

type rawRef struct {
	Shape         string `json:"shape"`
	ResultWrapper string `json:"resultWrapper"`
	rawTraits
}

type rawTraits struct {
	Location        string     `json:"location"`
	LocationName    string     `json:"locationName"`
	QueryName       string     `json:"queryName"`
	Flattened       bool       `json:"flattened"`
	Streaming       bool       `json:"streaming"`
	TimestampFormat string     `json:"timestampFormat"`
	XMLNamespace    *namespace `json:"xmlNamespace"`
	XMLAttribute    bool       `json:"xmlAttribute"`
	JSONValue       bool       `json:"jsonvalue"`
	HostLabel       bool       `json:"hostLabel"`
	Idempotency     bool       `json:"idempotencyToken"`
}

func (t rawTraits) traits() api.Traits {
	return api.Traits{
		Location: t.Location, LocationName: t.LocationName, QueryName: t.QueryName, Flattened: t.Flattened,
		Streaming: t.Streaming, TimestampFormat: t.TimestampFormat, XMLNamespace: t.XMLNamespace.api(),
		XMLAttribute: t.XMLAttribute, JSONValue: t.JSONValue, HostLabel: t.HostLabel, Idempotency: t.Idempotency,
	}
}

func (r *rawRef) ref() *api.Ref {
	if r == nil {
		return nil
	}
	return &api.Ref{Shape: r.Shape, ResultWrapper: r.ResultWrapper, Traits: r.traits()}
}

// namespace is written as {uri, prefix} or as text alone.
type namespace api.XMLNS

func (n *namespace) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &n.URI)
	}
	return json.Unmarshal(data, (*api.XMLNS)(n))
}

func (n *namespace) api() *api.XMLNS {
	if n == nil || n.URI == "" && n.Prefix == "" {
		return nil
	}
	return (*api.XMLNS)(n)
}

// looseText is a text or a bare number.
type looseText string

func (t *looseText) UnmarshalJSON(data []byte) error { //nolint:unparam // json.Unmarshaler wants it
	*t = looseText(strings.Trim(string(data), `"`))
	return nil
}

// ordered is a JSON object whose order matters: members of a structure are written to the wire in the order of the model.
type ordered[T any] struct {
	Keys []string
	At   map[string]*T
}

// UnmarshalJSON merges into what is there already; new keys go to the end.
func (o *ordered[T]) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return fmt.Errorf("want an object, have %v: %w", token, err)
	}
	if o.At == nil {
		o.At = map[string]*T{}
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		value := o.At[key]
		if value == nil {
			value = new(T)
			o.At[key] = value
			o.Keys = append(o.Keys, key)
		}
		if err := dec.Decode(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}
