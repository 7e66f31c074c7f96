package main

import (
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// trim keeps a service's read operations and the shapes that they reach.
func trim(name string, raw *rawModel, pages map[string]rawPager) (*api.Service, error) {
	s := &api.Service{Name: name, Metadata: metadata(raw)}
	var keep []string
	for _, op := range raw.Operations.Keys {
		if isRead(name, op) {
			keep = append(keep, op)
		}
	}
	for _, op := range otherReads[name] {
		if raw.Operations.At[op] == nil {
			return nil, fmt.Errorf("%s has no operation %s", name, op)
		}
	}
	slices.Sort(keep)
	t := &trimmer{raw: raw, reached: map[string]bool{}}
	for _, opName := range keep {
		op := raw.Operations.At[opName]
		// An operation that must first be asked for its own host, or that answers in a stream of events, is not one call.
		if op.EndpointDiscovery.Required || t.streamsEvents(op.Input) || t.streamsEvents(op.Output) {
			continue
		}
		t.reach(op.Input)
		t.reach(op.Output)
		if t.err != nil {
			return nil, fmt.Errorf("%s:%s: %w", name, opName, t.err)
		}
		pager, err := pagerOf(raw, name, opName, pages)
		if err != nil {
			return nil, fmt.Errorf("%s:%s: %w", name, opName, err)
		}
		s.Operations = append(s.Operations, &api.Operation{
			Name: opName, HTTP: op.HTTP, Input: op.Input.ref(), Output: op.Output.ref(), Errors: t.errorCodes(op),
			HostPrefix: op.Endpoint.HostPrefix, AuthType: op.AuthType, Auth: op.Auth,
			ChecksumRequired: op.HTTPChecksumRequired || op.HTTPChecksum.RequestChecksumRequired,
			Pager:            pager, Refused: unfollowed[name+":"+opName],
		})
	}
	for shape := range t.reached {
		s.Shapes = append(s.Shapes, convert(shape, raw.Shapes.At[shape]))
	}
	slices.SortFunc(s.Shapes, func(a, b *api.Shape) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return s, nil
}

// protocols are those that the client speaks, in botocore's order of preference.
var protocols = []string{"json", "rest-json", "rest-xml", "query", "ec2"}

func metadata(raw *rawModel) api.Metadata {
	m := raw.Metadata
	out := api.Metadata{
		ServiceID: m.ServiceID, FullName: m.ServiceFullName, APIVersion: m.APIVersion, EndpointPrefix: m.EndpointPrefix,
		SigningName: m.SigningName, Protocol: m.Protocol, JSONVersion: string(m.JSONVersion), TargetPrefix: m.TargetPrefix,
		SignatureVersion: m.SignatureVersion, Auth: m.Auth, XMLNamespace: m.XMLNamespace.api(), GlobalEndpoint: m.GlobalEndpoint,
		AWSQueryCompatible: m.AWSQueryCompatible != nil, Protocols: m.Protocols,
	}
	if out.SigningName == "" {
		out.SigningName = out.EndpointPrefix
	}
	for _, p := range protocols {
		if slices.Contains(m.Protocols, p) {
			out.Protocol = p
			break
		}
	}
	return out
}

type trimmer struct {
	raw     *rawModel
	reached map[string]bool
	err     error
}

// references lists all shapes that a shape uses.
func references(s *rawShape) []*rawRef {
	refs := []*rawRef{s.Member, s.Key, s.Value}
	for _, m := range s.Members.Keys {
		refs = append(refs, s.Members.At[m])
	}
	return slices.DeleteFunc(refs, func(r *rawRef) bool { return r == nil })
}

func (t *trimmer) reach(ref *rawRef) {
	if ref == nil || t.reached[ref.Shape] {
		return
	}
	shape := t.raw.Shapes.At[ref.Shape]
	if shape == nil {
		t.err = fmt.Errorf("shape %s is missing", ref.Shape)
		return
	}
	t.reached[ref.Shape] = true
	for _, r := range references(shape) {
		t.reach(r)
	}
}

func (t *trimmer) streamsEvents(ref *rawRef) bool {
	seen := map[string]bool{}
	var look func(*rawRef) bool
	look = func(r *rawRef) bool {
		if r == nil || seen[r.Shape] {
			return false
		}
		seen[r.Shape] = true
		shape := t.raw.Shapes.At[r.Shape]
		return shape != nil && (shape.EventStream || slices.ContainsFunc(references(shape), look))
	}
	return look(ref)
}

// headerCodes are error codes that query-compatible services send in a header and that the models no longer name.
var headerCodes = map[string]string{"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue"}

// errorCodes are what arrives as code: the shape's own code where it has one, else its name. A query-compatible service sends
// both, the old code in a header.
func (t *trimmer) errorCodes(op *rawOperation) []string {
	var codes []string
	for _, e := range op.Errors {
		code := ""
		if shape := t.raw.Shapes.At[e.Shape]; shape != nil {
			code = shape.Error.Code
		}
		compatible := t.raw.Metadata.AWSQueryCompatible != nil
		if code == "" || compatible {
			codes = append(codes, e.Shape)
		}
		if old := headerCodes[e.Shape]; old != "" && compatible {
			codes = append(codes, old)
		}
		if code != "" {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func convert(name string, s *rawShape) *api.Shape {
	out := &api.Shape{
		Name: name, Type: s.Type, Required: s.Required, Payload: s.Payload, Elem: s.Member.ref(), Key: s.Key.ref(), Value: s.Value.ref(),
		Enum: s.Enum, Secret: s.Sensitive, Document: s.Document, Union: s.Union, Traits: s.traits(),
	}
	if n, err := s.Min.Int64(); err == nil {
		out.Min = &n
	}
	if n, err := s.Max.Int64(); err == nil {
		out.Max = &n
	}
	for _, m := range s.Members.Keys {
		out.Members = append(out.Members, api.Member{Name: m, Ref: *s.Members.At[m].ref()})
	}
	return out
}
