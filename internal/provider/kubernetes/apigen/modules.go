package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

func (m module) String() string { return m.Path + "@" + m.Version }

// fetch gives the folder of each module, by path: from the module cache, or else through the go command's proxy.
func fetch(ctx context.Context, modules []module) (map[string]string, error) {
	// Outside of any module: nothing here may change, or be steered by, a go.mod.
	dir, err := os.MkdirTemp("", "apigen-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	argv := []string{"mod", "download", "-json"}
	for _, m := range modules {
		argv = append(argv, m.String())
	}
	cmd := exec.CommandContext(ctx, "go", argv...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	folders, readErr := readDownloads(out, modules)
	if err := errors.Join(err, readErr); err != nil {
		return nil, fmt.Errorf("go mod download: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return folders, nil
}

func readDownloads(out []byte, modules []module) (map[string]string, error) {
	folders := map[string]string{}
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var got struct{ Path, Version, Dir, Sum, Error string }
		err := dec.Decode(&got)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(modules, func(m module) bool { return m.Path == got.Path })
		switch {
		case got.Error != "":
			return nil, fmt.Errorf("%s@%s: %s", got.Path, got.Version, got.Error)
		case at < 0 || modules[at].Sum != got.Sum:
			return nil, fmt.Errorf("%s@%s has the digest %s, which is not the pinned one", got.Path, got.Version, got.Sum)
		}
		folders[got.Path] = got.Dir
	}
	for _, m := range modules {
		if folders[m.Path] == "" {
			return nil, fmt.Errorf("%s was not fetched", m)
		}
	}
	return folders, nil
}

// files lists what a module's patterns match, in order; a pattern that matches nothing is an error.
func files(folder string, patterns []string) ([]string, error) {
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s has no %s", folder, pattern)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
