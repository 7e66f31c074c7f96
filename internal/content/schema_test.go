package content

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// schemas are all schemas, each proved to follow the draft that it claims to.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	all := map[string]*jsonschema.Schema{}
	for _, kind := range SchemaNames() {
		text, err := Schema(kind)
		if err != nil {
			panic(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			panic(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(kind, doc); err != nil {
			panic(err)
		}
		all[kind] = compiler.MustCompile(kind)
	}
	return all
})

// kindOfFile gives the name of the schema for a file of content.
func kindOfFile(name string) string {
	switch {
	case strings.Contains(name, "/tables/"):
		return "table"
	case strings.Contains(name, "/checks/"):
		return "check"
	case strings.HasSuffix(name, "provider.yaml"):
		return "provider"
	case strings.HasSuffix(name, "objectives.yaml"):
		return "objectives"
	case strings.Contains(name, "frameworks/lists/"):
		return "framework-list"
	case strings.Contains(name, "frameworks/"):
		return "framework"
	}
	return "settings"
}

// schemaRefuses asks the schema about each document of a file, as an editor would.
func schemaRefuses(t *testing.T, name, text string) (why error, refused bool) {
	t.Helper()
	schema := schemas()[kindOfFile(name)]
	var problems Problems
	for _, doc := range documents([]byte(text), name, &problems) {
		if err := schema.Validate(plain(doc.node)); err != nil {
			return err, true
		}
	}
	return nil, false
}

// plain reads YAML as an editor that knows JSON's types does: tags of our own count as text.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		return list
	case yaml.AliasNode:
		return plain(n.Alias)
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		var number float64
		if err := n.Decode(&number); err == nil {
			return number
		}
	}
	return n.Value
}

func TestSchemasTakeAllContent(t *testing.T) {
	for _, root := range []string{"testdata/good", "../../content"} {
		seen := 0
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
			isContent := strings.Contains(name, "/tables/") || strings.Contains(name, "/checks/") ||
				strings.HasSuffix(name, "provider.yaml") || name == "objectives.yaml"
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".yaml" || !isContent {
				return err
			}
			data, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			seen++
			if why, refused := schemaRefuses(t, name, string(data)); refused {
				t.Errorf("%s/%s: %v", root, name, why)
			}
			return nil
		})
		if err != nil || seen == 0 {
			t.Errorf("%s: %d files, %v", root, seen, err)
		}
	}
}

// TestSchemasExplainEveryKey keeps editors helpful: each key of each kind of file says what it is for.
func TestSchemasExplainEveryKey(t *testing.T) {
	for kind, f := range schemaKinds() {
		if f.about == "" {
			t.Errorf("%s: no description", kind)
		}
		for _, field := range f.fields {
			if field.form.about == "" {
				t.Errorf("%s: key %s has no description", kind, field.name)
			}
		}
	}
}

// TestContributingPagesNameEveryKey keeps the pages true.
func TestContributingPagesNameEveryKey(t *testing.T) {
	for page, f := range map[string]form{"a-check.md": checkForm(), "a-table.md": tableForm()} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", "contributing", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range f.fields {
			if !strings.Contains(string(text), "`"+field.name+"`") {
				t.Errorf("%s does not name the key %s", page, field.name)
			}
		}
	}
	keys := slices.Concat(getForm().fields, listForm("").fields, columnForm().fields)
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "contributing", "a-table.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range keys {
		if !strings.Contains(string(text), "`"+field.name+"`") {
			t.Errorf("a-table.md does not name the key %s of calls or columns", field.name)
		}
	}
}
