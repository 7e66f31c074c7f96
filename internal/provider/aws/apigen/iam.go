package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// iamActions are all valid IAM actions, in the vendor's spelling by lower-cased "prefix:action".
type iamActions map[string]string

// readActions reads the action lists of the npm package, and gives them by prefix and access level for the archive too.
func readActions(tarball []byte) (iamActions, api.Actions, error) {
	zr, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		return nil, nil, fmt.Errorf("open the IAM action list: %w", err)
	}
	known, lists := iamActions{}, api.Actions{}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the IAM action list: %w", err)
		}
		dir, file := path.Split(h.Name)
		prefix, ok := strings.CutSuffix(file, ".json")
		if dir != "package/data/actions/" || !ok {
			continue
		}
		var actions map[string]struct {
			Name        string `json:"name"`
			AccessLevel string `json:"accessLevel"`
		}
		if err := json.NewDecoder(tr).Decode(&actions); err != nil {
			return nil, nil, fmt.Errorf("decode %s: %w", h.Name, err)
		}
		lists[prefix] = map[string][]string{}
		for _, a := range actions {
			known[strings.ToLower(prefix+":"+a.Name)] = prefix + ":" + a.Name
			lists[prefix][a.AccessLevel] = append(lists[prefix][a.AccessLevel], a.Name)
		}
		for _, names := range lists[prefix] {
			slices.Sort(names)
		}
	}
	if len(known) == 0 {
		return nil, nil, errors.New("the IAM action list is empty")
	}
	return known, lists, nil
}

// iamFile is iam.yaml: what the rule "prefix:Operation" does not say.
type iamFile struct {
	Prefixes     map[string]string              `yaml:"prefixes"`
	None         []string                       `yaml:"no_permission_needed"`
	Default      map[string][]string            `yaml:"default"`
	Operations   map[string]map[string][]string `yaml:"operations"`
	Never        []never                        `yaml:"never"`
	Unknown      map[string][]string            `yaml:"unknown"`
	NotIAM       []string                       `yaml:"not_iam"`
	UnknownWhole []string                       `yaml:"unknown_services"`
}

// never are operations that a scan must not call.
type never struct {
	Because    string   `yaml:"because"`
	Operations []string `yaml:"operations"`
}

// permissions writes into each operation what its caller must be allowed, and proves every action against the list. Every
// entry of the file must be used, so that it cannot rot.
func permissions(services []*api.Service, f *iamFile, known iamActions) error {
	p := &permitter{file: f, known: known, used: map[string]bool{}}
	var errs []error
	for _, s := range services {
		s.Metadata.IAMPrefix = s.Metadata.SigningName
		if prefix, ok := f.Prefixes[s.Name]; ok {
			s.Metadata.IAMPrefix = prefix
			p.used["prefixes "+s.Name] = true
		}
		for _, op := range s.Operations {
			if err := p.permit(s, op); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, p.unused())...)
}

type permitter struct {
	file  *iamFile
	known iamActions
	used  map[string]bool
}

func (p *permitter) permit(s *api.Service, op *api.Operation) error {
	call, rule := s.Name+":"+op.Name, s.Metadata.IAMPrefix+":"+op.Name
	for _, n := range p.file.Never {
		if slices.Contains(n.Operations, call) {
			op.Refused = n.Because
			p.used["never "+call] = true
		}
	}
	listed, isListed := p.file.Operations[s.Name][op.Name]
	spelled, follows := p.known[strings.ToLower(rule)]
	fallback, hasDefault := p.file.Default[s.Name]
	switch {
	case isListed:
		p.used["operations "+call] = true
		op.Permissions = listed
	case slices.Contains(p.file.None, call):
		p.used["no_permission_needed "+call] = true
		op.Permissions = []string{}
	case slices.Contains(p.file.NotIAM, s.Name):
		p.used["not_iam "+s.Name] = true
		op.Permissions = []string{}
	case follows && spelled != rule:
		op.Permissions = []string{spelled}
	case follows:
	case hasDefault:
		p.used["default "+s.Name] = true
		op.Permissions = fallback
	case slices.Contains(p.file.UnknownWhole, s.Name):
		p.used["unknown_services "+s.Name] = true
		op.Unverified = true
	case slices.Contains(p.file.Unknown[s.Name], op.Name):
		p.used["unknown "+call] = true
		op.Unverified = true
	default:
		return fmt.Errorf("iam.yaml: %s: there is no IAM action %s", call, rule)
	}
	for _, action := range op.Permissions {
		if p.known[strings.ToLower(action)] != action {
			return fmt.Errorf("iam.yaml: %s: there is no IAM action %s", call, action)
		}
	}
	return nil
}

// unused lists the file's entries that no operation took.
func (p *permitter) unused() error {
	var all []string
	for service := range p.file.Prefixes {
		all = append(all, "prefixes "+service)
	}
	for service := range p.file.Default {
		all = append(all, "default "+service)
	}
	for _, call := range p.file.None {
		all = append(all, "no_permission_needed "+call)
	}
	for _, n := range p.file.Never {
		for _, call := range n.Operations {
			all = append(all, "never "+call)
		}
	}
	for _, service := range p.file.NotIAM {
		all = append(all, "not_iam "+service)
	}
	for _, service := range p.file.UnknownWhole {
		all = append(all, "unknown_services "+service)
	}
	for service, ops := range p.file.Operations {
		for op := range ops {
			all = append(all, "operations "+service+":"+op)
		}
	}
	for service, ops := range p.file.Unknown {
		for _, op := range ops {
			all = append(all, "unknown "+service+":"+op)
		}
	}
	all = slices.DeleteFunc(all, func(e string) bool { return p.used[e] })
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	return fmt.Errorf("iam.yaml: entries that no read operation needs: %s", strings.Join(all, "; "))
}
