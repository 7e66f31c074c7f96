package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// generated makes all files once for the tests: it proves the whole content, which takes a while.
var generated = sync.OnceValues(func() (map[string][]byte, error) { return generate(filepath.Join("..", "..")) })

// TestGeneratedFilesAreCurrent fails when content was changed and nobody generated, and when a generated file is left over.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sortedNames(files) {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Errorf("%v: run go run ./internal/generate", err)
		} else if !bytes.Equal(got, files[name]) {
			t.Errorf("%s is stale: run go run ./internal/generate", name)
		}
	}
	left, err := filepath.Glob(filepath.Join(root, "content", "schema", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if rel, err := filepath.Rel(root, name); err != nil || files[filepath.ToSlash(rel)] == nil {
			t.Errorf("%s is made by nothing", name)
		}
	}
}

func TestGeneratingTwiceGivesTheSameBytes(t *testing.T) {
	first, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	second, err := generate(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sortedNames(first) {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs", name)
		}
	}
}
