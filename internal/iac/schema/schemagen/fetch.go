package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/descriptions/pinned"
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

// cacheFolder is where what was fetched is kept, below the user's cache.
const cacheFolder = "schemagen"

// fetch gives a package's tarball.
func fetch(ctx context.Context, s schema.Source) ([]byte, error) {
	return pinned.NPM(s.Name, s.Version, s.Digest).Fetch(ctx, cacheFolder)
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
