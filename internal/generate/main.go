// Generate proves the content and writes what is made from it: the pack that is embedded in the binary, the JSON Schemas that
// editors complete and underline YAML by, and the reference of the tables. Run it at the root of the repository:
//
//	go run ./internal/generate
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stancehq/stance/internal/content"
)

func main() {
	root := flag.String("root", ".", "the root of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, problem := generate(root)
	for _, name := range sortedNames(files) {
		name, data := filepath.Join(root, name), files[name]
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make the folder of generated files: %w", err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return fmt.Errorf("write generated files: %w", err)
		}
		fmt.Printf("%s: %d bytes\n", name, len(data))
	}
	return problem
}

// generate gives all generated files by their path below the root; the schemas also where the content is not right, since
// they help to put it right.
func generate(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, kind := range content.SchemaNames() {
		schema, err := content.Schema(kind)
		if err != nil {
			return nil, err
		}
		files["content/schema/"+kind+".schema.json"] = schema
	}
	folder := content.Dir(filepath.Join(root, "content"))
	folder.Path = "content"
	library, problems := content.Load(folder)
	if err := problems.Err(); err != nil {
		return files, fmt.Errorf("the content is not right:\n%w", err)
	}
	catalog, err := prepare(library)
	if err != nil {
		return files, fmt.Errorf("prepare the content: %w", err)
	}
	for _, provider := range library.Providers {
		files["docs/tables/"+provider.ID+".md"] = describeTables(provider, library, catalog)
	}
	files["docs/frameworks.md"] = describeFrameworks(library)
	prepared, err := catalog.Pack()
	if err != nil {
		return files, err
	}
	if files["content/pack.bin"], err = content.WritePack(library, prepared); err != nil {
		return files, err
	}
	return files, nil
}
