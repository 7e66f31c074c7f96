// Command schemagen writes content/aws/code/terraform.zip and cloudformation.zip: every type that infrastructure code can name,
// from pinned packages of the npm registry.
//
//	go run ./internal/iac/schema/schemagen [-out FOLDER] [-check]
//
// The packages are fetched with npm once, checked against pinned digests and kept in the user's cache folder. The output has the
// same bytes on every machine; -check writes nothing, and fails if what is there is another. Look into it with:
// unzip -p terraform.zip parts/000.json | zstd -d
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/stancehq/stance/internal/descriptions"
)

func main() {
	out := flag.String("out", "content/aws/code", "folder to write to")
	check := flag.Bool("check", false, "compare with what is there, and write nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *out, *check)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, check bool) error {
	for _, make := range []func(context.Context) (*result, error){terraform, cloudFormation} {
		r, err := make(ctx)
		if err != nil {
			return err
		}
		path := filepath.Join(out, r.File)
		if check {
			err = compare(path, r.Archive)
		} else {
			err = os.WriteFile(path, r.Archive, 0o644)
		}
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s, %d bytes\n", path, r.Counts, len(r.Archive))
	}
	return nil
}

// compare tells in what a file differs from the archive just made.
func compare(path string, archive []byte) error {
	kept, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if string(kept) == string(archive) {
		return nil
	}
	lines, err := descriptions.Diff(string(kept), string(archive))
	if err != nil {
		return err
	}
	stale := []error{fmt.Errorf("%s is stale: run go run ./internal/iac/schema/schemagen", path)}
	for _, line := range lines {
		stale = append(stale, errors.New(line))
	}
	return errors.Join(stale...)
}
