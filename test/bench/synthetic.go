package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stancehq/stance/internal/content"
)

// overlayPack writes a pack of synthetic checks, and the file by which `go build` puts it in the place of the real one.
func overlayPack(dir string) (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	library, problems := content.Load(content.Dir("content"))
	if err := problems.Err(); err != nil {
		return "", err
	}
	templates := library.Checks
	for i := range syntheticChecks - len(templates) {
		c := *templates[i%len(templates)]
		c.ID = fmt.Sprintf("%s_%d", c.ID, i)
		library.Checks = append(library.Checks, &c)
	}
	pack, err := content.WritePack(library, content.Prepared{})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "pack.bin")
	if err := os.WriteFile(file, pack, 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "content", "pack.bin"): file}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
