package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// goTypes reads shapes out of Go source, for what is described nowhere else: the fields that encoding/json would write.
type goTypes struct {
	folders  map[string]string    // module path → its folder
	packages map[string]goPackage // by import path
	shapes   map[string]*api.Type // where shapes go, and where Kubernetes's own are
}

// goPackage is what is declared in a package.
type goPackage map[string]*goType

type goType struct {
	expr    ast.Expr
	imports map[string]string // local name → import path, of the file
	custom  bool              // writes its JSON itself
}

// leaves are types whose JSON the source does not tell by their fields.
var leaves = map[string]api.Type{
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":                 {Kind: content.KindString},
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                 {Kind: content.KindString},
	"k8s.io/apimachinery/pkg/api/resource.QuantityValue":            {Kind: content.KindString},
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                  {Kind: content.KindAny},
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON": {Kind: content.KindAny},
	"k8s.io/component-base/logs/api/v1.TimeOrMetaDuration":          {Kind: content.KindAny},
}

// openAPINames are the packages whose structs the server's OpenAPI files have, and how they are named there.
var openAPINames = map[string]string{
	"k8s.io/api/apps/v1":                   "io.k8s.api.apps.v1.",
	"k8s.io/apimachinery/pkg/util/intstr":  "io.k8s.apimachinery.pkg.util.intstr.",
	"k8s.io/api/core/v1":                   "io.k8s.api.core.v1.",
	"k8s.io/apimachinery/pkg/apis/meta/v1": "io.k8s.apimachinery.pkg.apis.meta.v1.",
}

// typeMeta is embedded in what has an apiVersion and a kind.
var typeMeta = []api.Member{
	{Name: "apiVersion", Type: api.Type{Kind: content.KindString}},
	{Name: "kind", Type: api.Type{Kind: content.KindString}},
}

// load parses a package once.
func (g *goTypes) load(pkg string) (goPackage, error) {
	if p := g.packages[pkg]; p != nil {
		return p, nil
	}
	folder, err := g.folder(pkg)
	if err != nil {
		return nil, err
	}
	sources, err := files(folder, []string{"*.go"})
	if err != nil {
		return nil, err
	}
	p := goPackage{}
	own := map[string]bool{}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", filepath.Base(source), err)
		}
		p.declare(file, own)
	}
	for name := range own {
		if p[name] != nil {
			p[name].custom = true
		}
	}
	g.packages[pkg] = p
	return p, nil
}

// folder finds a package in the module whose path is the longest start of its own.
func (g *goTypes) folder(pkg string) (string, error) {
	for module := pkg; module != "."; module = path.Dir(module) {
		if folder, ok := g.folders[module]; ok {
			return filepath.Join(folder, filepath.FromSlash(strings.TrimPrefix(pkg, module))), nil
		}
	}
	return "", fmt.Errorf("the source of %s is not among the modules", pkg)
}

// declare notes a file's types, and in own those that have a method MarshalJSON.
func (p goPackage) declare(file *ast.File, own map[string]bool) {
	imports := map[string]string{}
	for _, i := range file.Imports {
		target, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has checked it
		}
		name := path.Base(target)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = target
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && d.Name.Name == "MarshalJSON" {
				receiver := d.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				if ident, ok := receiver.(*ast.Ident); ok {
					own[ident.Name] = true
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					p[t.Name.Name] = &goType{expr: t.Type, imports: imports}
				}
			}
		}
	}
}

// named gives a declared type; a struct becomes a shared shape, so that it may hold itself.
func (g *goTypes) named(pkg, name string) (api.Type, error) {
	if leaf, ok := leaves[pkg+"."+name]; ok {
		return leaf, nil
	}
	if prefix, ok := openAPINames[pkg]; ok && g.shapes[prefix+name] != nil {
		return api.Type{Ref: prefix + name}, nil
	}
	p, err := g.load(pkg)
	if err != nil {
		return api.Type{}, err
	}
	t := p[name]
	if t == nil {
		return api.Type{}, fmt.Errorf("%s has no type %s", pkg, name)
	}
	if t.custom {
		return api.Type{}, fmt.Errorf("%s.%s writes its JSON itself: say in leaves how", pkg, name)
	}
	structure, ok := t.expr.(*ast.StructType)
	if !ok {
		return g.expr(t.expr, pkg, t.imports)
	}
	shape := shapeName(pkg, name)
	if g.shapes[shape] == nil {
		out := &api.Type{Kind: content.KindStruct}
		g.shapes[shape] = out // before its members: they may lead back here
		if err := g.fields(out, structure, pkg, t.imports); err != nil {
			return api.Type{}, fmt.Errorf("%s: %w", name, err)
		}
		slices.SortFunc(out.Members, func(a, b api.Member) int { return strings.Compare(a.Name, b.Name) })
	}
	return api.Type{Ref: shape}, nil
}

func (g *goTypes) fields(out *api.Type, structure *ast.StructType, pkg string, imports map[string]string) error {
	for _, f := range structure.Fields.List {
		name, options := "", ""
		if f.Tag != nil {
			tag, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				return err
			}
			name, options, _ = strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		}
		if name == "-" {
			continue
		}
		if name == "" {
			if err := g.embedded(out, f, pkg, imports); err != nil {
				return err
			}
			continue
		}
		t, err := g.expr(f.Type, pkg, imports)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		required := !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero")
		out.Members = append(out.Members, api.Member{Name: name, Required: required, Type: t})
	}
	return nil
}

// embedded adds the fields of an embedded struct.
func (g *goTypes) embedded(out *api.Type, f *ast.Field, pkg string, imports map[string]string) error {
	if len(f.Names) > 0 {
		return fmt.Errorf("%s has no JSON name", f.Names[0].Name)
	}
	if selector, ok := f.Type.(*ast.SelectorExpr); ok && selector.Sel.Name == "TypeMeta" {
		out.Members = append(out.Members, typeMeta...)
		return nil
	}
	t, err := g.expr(f.Type, pkg, imports)
	if err != nil {
		return err
	}
	if t.Ref == "" {
		return fmt.Errorf("what is embedded is no struct")
	}
	out.Members = append(out.Members, g.shapes[t.Ref].Members...)
	return nil
}

var goScalars = map[string]string{
	"string": content.KindString, "bool": content.KindBoolean, "float32": content.KindNumber, "float64": content.KindNumber,
	"int": content.KindInteger, "int32": content.KindInteger, "int64": content.KindInteger, "uint32": content.KindInteger,
	"uint64": content.KindInteger,
}

func (g *goTypes) expr(e ast.Expr, pkg string, imports map[string]string) (api.Type, error) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return g.expr(e.X, pkg, imports)
	case *ast.Ident:
		if kind, ok := goScalars[e.Name]; ok {
			return api.Type{Kind: kind}, nil
		}
		return g.named(pkg, e.Name)
	case *ast.SelectorExpr:
		if from, ok := e.X.(*ast.Ident); ok {
			return g.named(imports[from.Name], e.Sel.Name)
		}
	case *ast.ArrayType:
		if element, ok := e.Elt.(*ast.Ident); ok && element.Name == "byte" {
			return api.Type{Kind: content.KindBlob}, nil
		}
		elem, err := g.expr(e.Elt, pkg, imports)
		return api.Type{Kind: content.KindList, Elem: &elem}, err
	case *ast.MapType:
		elem, err := g.expr(e.Value, pkg, imports)
		return api.Type{Kind: content.KindMap, Elem: &elem}, err
	}
	return api.Type{}, fmt.Errorf("a Go type of form %T is not understood", e)
}
