package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/iac/schema"
)

// Pins are the releases that the archives are made from. A digest is that of the package as the registry serves it, so a
// registry, a mirror or a cache that has something else is refused. To move to a newer release, change version, digest
// (npm view PACKAGE@VERSION dist.integrity) and what it describes, and generate again.
var (
	cdktf = schema.Source{
		Name: "@cdktf/provider-aws", Version: "21.22.1", License: "MPL-2.0", Of: "hashicorp/aws 6.25.0",
		Digest: "sha512-BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ==",
	}
	pulumi = schema.Source{
		Name: "@pulumi/aws", Version: "7.48.0", License: "Apache-2.0",
		Digest: "sha512-roKXYZ2EyjvapKYacvRQNUeW2UBI8MKwzO2338XwdXtCf75TabY4DVy56zY2HbnEU0H1fbBXct8oAx9ynQeMrA==",
	}
	serviceSpec = schema.Source{
		Name: "@aws-cdk/aws-service-spec", Version: "0.1.216", License: "Apache-2.0",
		Digest: "sha512-O3Lu6v6J6RnI+Eenklbw8237kV64cTpM94QEXmlcmsIAzhcKrdd+qApZhlTL+H3IDt1JP6Vphbd+OOmq6r8pqw==",
	}
)

// fetch gives a package's tarball, from the cache folder or else from the registry through its ordinary client.
func fetch(ctx context.Context, s schema.Source) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find a cache folder: %w", err)
	}
	cache = filepath.Join(cache, "stance", "schemagen")
	file := strings.NewReplacer("@", "", "/", "-").Replace(s.Name) + "-" + s.Version + ".tgz" // as npm names it
	path := filepath.Join(cache, file)
	data, err := os.ReadFile(path)
	if err == nil && verify(s, data) == nil {
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
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, s.Name+"@"+s.Version)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("fetch %s %s: npm: %w\n%s", s.Name, s.Version, err, bytes.TrimSpace(out))
	}
	if data, err = os.ReadFile(filepath.Join(dir, file)); err != nil {
		return nil, fmt.Errorf("fetch %s %s: %w", s.Name, s.Version, err)
	}
	if err := verify(s, data); err != nil {
		return nil, err
	}
	return data, os.Rename(filepath.Join(dir, file), path)
}

func verify(s schema.Source, data []byte) error {
	sum := sha512.Sum512(data)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != s.Digest {
		return fmt.Errorf("%s %s has the digest %s, which is not the pinned one", s.Name, s.Version, got)
	}
	return nil
}

// walk gives the files of a package that are wanted, one after the other, by their path below its folder.
func walk(s schema.Source, tarball []byte, wanted func(path string) bool, each func(path, text string) error) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		path := strings.TrimPrefix(header.Name, "package/")
		if !wanted(path) {
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", s.Name, path, err)
		}
		if err := each(path, string(text)); err != nil {
			return fmt.Errorf("%s: %s: %w", s.Name, path, err)
		}
	}
}
