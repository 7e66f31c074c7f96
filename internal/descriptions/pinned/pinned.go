// Package pinned fetches the releases that descriptions are generated from: a registry's file is taken only if it is the one whose digest
// is written down. Only generators use it.
package pinned

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
	"strings"
)

// Release is one file of a registry. The digest is of the file as the registry serves it, so a registry, a mirror or a cache that
// has something else is refused. To move to a newer release, change version, file and digest (pip hash FILE; npm view
// PACKAGE@VERSION dist.integrity) and generate again.
type Release struct {
	Name, Version string
	File          string // as the registry's client names it
	Digest        string // hex SHA-256, or "sha512-" and base64 as npm writes it
	// Command puts the file into a folder.
	Command func(r Release, dir string) []string
}

// NPM is a release of a package in npm's registry.
func NPM(name, version, digest string) Release {
	return Release{
		Name: name, Version: version, Digest: digest,
		File: strings.NewReplacer("@", "", "/", "-").Replace(name) + "-" + version + ".tgz",
		Command: func(r Release, dir string) []string {
			return []string{"npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, r.Name + "@" + r.Version}
		},
	}
}

// Wheel is a release of a package in Python's index.
func Wheel(name, version, file, digest string) Release {
	return Release{
		Name: name, Version: version, Digest: digest, File: file,
		Command: func(r Release, dir string) []string {
			return []string{"python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", dir, r.Name + "==" + r.Version}
		},
	}
}

// Fetch gives the file's bytes, from a folder of the user's cache or else from its registry through its ordinary client.
func (r Release) Fetch(ctx context.Context, folder string) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find a cache folder: %w", err)
	}
	cache = filepath.Join(cache, "stance", folder)
	path := filepath.Join(cache, r.File)
	data, err := os.ReadFile(path)
	if err == nil && r.Verify(data) == nil {
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
	argv := r.Command(r, dir)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("fetch %s %s: %s: %w\n%s", r.Name, r.Version, argv[0], err, bytes.TrimSpace(out))
	}
	if data, err = os.ReadFile(filepath.Join(dir, r.File)); err != nil {
		return nil, fmt.Errorf("fetch %s %s: %w", r.Name, r.Version, err)
	}
	if err := r.Verify(data); err != nil {
		return nil, err
	}
	return data, os.Rename(filepath.Join(dir, r.File), path)
}

// Verify tells whether bytes are the release.
func (r Release) Verify(data []byte) error {
	sum := func(h hash.Hash) []byte { h.Write(data); return h.Sum(nil) }
	for _, got := range []string{
		hex.EncodeToString(sum(sha256.New())),
		"sha512-" + base64.StdEncoding.EncodeToString(sum(sha512.New())),
	} {
		if got == r.Digest {
			return nil
		}
	}
	return fmt.Errorf("%s %s: %s does not have the pinned digest %s", r.Name, r.Version, r.File, r.Digest)
}
