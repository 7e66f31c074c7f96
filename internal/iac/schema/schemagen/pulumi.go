package main

import (
	"context"
	"regexp"
	"strings"
)

// sdk is what the second source, a package of TypeScript declarations over the same provider, says.
type sdk struct {
	resources       []*sdkResource
	inputs, outputs structs
}

// sdkResource is a resource there. Its names are not Terraform's: see match.go.
type sdkResource struct {
	module, name string // s3, bucket
	// args are what can be set, state what can be read.
	args, state structFields
	secrets     map[string]bool
}

// structs are declared struct types by their names: rds.InstanceS3Import.
type structs map[string]structFields

type structFields map[string]declared

// declared is how a field is declared.
type declared struct {
	optional bool   // it may be left out, or be undefined
	refers   string // the struct that its value is, or has
}

// fields are the fields of one struct as it is set and as it is read.
type fields struct {
	byName map[string]field // by plain name
}

// field is what is learnt of an attribute.
type field struct {
	filled, secret bool
	input, output  string
}

var (
	secretsText   = regexp.MustCompile(`additionalSecretOutputs: \[([^\]]*)\]`)
	quoted        = regexp.MustCompile(`"(\w+)"`)
	namespaceLine = regexp.MustCompile(`^export declare namespace (\w+) \{`)
	structLine    = regexp.MustCompile(`^ *(?:export )?interface (\w+) \{`)
	resourceLine  = regexp.MustCompile(`^export declare class (\w+) extends pulumi\.CustomResource \{`)
	declaredLine  = regexp.MustCompile(`^( +)(?:readonly )?(\w+)(\??): (.*)$`)
	referredText  = regexp.MustCompile(`\b(?:inputs|outputs)\.([\w.]+)`)
)

func readSDK(ctx context.Context) (*sdk, error) {
	tarball, err := fetch(ctx, pulumi)
	if err != nil {
		return nil, err
	}
	s := &sdk{inputs: structs{}, outputs: structs{}}
	resources := map[string]*sdkResource{} // by path without its ending
	secrets := map[string]map[string]bool{}
	wanted := func(path string) bool {
		return strings.Count(path, "/") == 1 && (strings.HasSuffix(path, ".js") || strings.HasSuffix(path, ".d.ts"))
	}
	err = walk(pulumi, tarball, wanted, func(path, text string) error {
		switch stem, script := strings.CutSuffix(path, ".js"); {
		case path == "types/input.d.ts":
			s.inputs.read(text)
		case path == "types/output.d.ts":
			s.outputs.read(text)
		case script:
			secrets[stem] = readSecrets(text)
		default:
			stem = strings.TrimSuffix(path, ".d.ts")
			if r := readResource(text); r != nil {
				r.module, r.name, _ = strings.Cut(stem, "/")
				resources[stem] = r
			}
		}
		return nil
	})
	for stem, r := range resources {
		r.secrets = secrets[stem]
		s.resources = append(s.resources, r)
	}
	return s, err
}

func readSecrets(text string) map[string]bool {
	all := map[string]bool{}
	for _, list := range secretsText.FindAllStringSubmatch(text, -1) {
		for _, name := range quoted.FindAllStringSubmatch(list[1], -1) {
			all[name[1]] = true
		}
	}
	return all
}

// readResource gives the resource that a file declares, nil if it declares none.
func readResource(text string) *sdkResource {
	all := structs{}
	resource := ""
	all.declarations(text, func(line string) string {
		if m := resourceLine.FindStringSubmatch(line); m != nil {
			resource = m[1]
			return "class"
		}
		return ""
	})
	if resource == "" {
		return nil
	}
	return &sdkResource{state: all["class"], args: all[resource+"Args"]}
}

// read adds the structs of a file of types.
func (all structs) read(text string) { all.declarations(text, func(string) string { return "" }) }

// declarations reads the interfaces of a file, and what else begins with a line that other gives a name for.
func (all structs) declarations(text string, other func(line string) string) {
	namespace, within, indent := "", "", ""
	name, typ := "", "" // of a field that goes on
	optional := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case within != "" && line == indent+"}":
			within = ""
		case name != "":
			typ += line
			if strings.HasPrefix(line, indent+"    }") && strings.HasSuffix(line, ";") {
				all[within][name] = declare(optional, typ)
				name = ""
			}
		case within != "":
			m := declaredLine.FindStringSubmatch(line)
			if m == nil || m[1] != indent+"    " {
				continue
			}
			if strings.HasSuffix(m[4], "{") {
				name, optional, typ = m[2], m[3] != "", m[4]
				continue
			}
			all[within][m[2]] = declare(m[3] != "", m[4])
		case line == "}":
			namespace = ""
		default:
			if m := namespaceLine.FindStringSubmatch(line); m != nil {
				namespace = m[1] + "."
				continue
			}
			if m := structLine.FindStringSubmatch(line); m != nil {
				within = namespace + m[1]
			} else {
				within = other(line)
			}
			if within != "" {
				indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
				all[within] = structFields{}
			}
		}
	}
}

func declare(optional bool, typ string) declared {
	d := declared{optional: optional || strings.Contains(typ, "| undefined")}
	if m := referredText.FindStringSubmatch(typ); m != nil {
		d.refers = m[1]
	}
	return d
}

// pair tells what fields that are set and read under the same name say together: one that is always there, though it need not
// be set, is filled by the provider.
func pair(args, state structFields, secrets map[string]bool) *fields {
	f := &fields{byName: map[string]field{}}
	for name, read := range state {
		set, settable := args[name]
		f.byName[plain(name)] = field{
			filled: !read.optional && (!settable || set.optional), secret: secrets[name], input: set.refers, output: read.refers,
		}
	}
	return f
}

// find finds what is said of an attribute by Terraform's name of it, nil if nothing. Lists have the plural there.
func (f *fields) find(attribute string) *field {
	if f == nil {
		return nil
	}
	for _, name := range []string{plain(attribute), plain(attribute) + "s", plain(attribute) + "es", strings.TrimSuffix(plain(attribute), "y") + "ies"} {
		if found, ok := f.byName[name]; ok {
			return &found
		}
	}
	return nil
}

// below gives the fields of an attribute's value.
func (s *sdk) below(f *fields, attribute string) *fields {
	found := f.find(attribute)
	if found == nil || found.output == "" {
		return nil
	}
	return pair(s.inputs[found.input], s.outputs[found.output], nil)
}
