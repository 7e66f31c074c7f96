// Command apigen writes internal/provider/kubernetes/api/kinds.zip: what an API server lists, from the OpenAPI files of a
// pinned Kubernetes release, the CustomResourceDefinitions that add-ons ship, the Go types of the kubelet's configuration, and
// every.yaml for kinds that each cluster makes for itself.
//
//	go run ./internal/provider/kubernetes/apigen [-out FILE]
//
// Inputs are Go modules, fetched with the go command into its module cache and checked against pinned digests. The output
// has the same bytes on every machine; a test fails when it is stale. Look into it with: unzip -p kinds.zip groups/apps.json | zstd -d
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	out := flag.String("out", "internal/provider/kubernetes/api/kinds.zip", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string) error {
	result, err := generate(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, result.Archive, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d groups, %d kinds (%d custom), %d shapes, %d bytes\n", out,
		result.Groups, result.Kinds, result.Custom, result.Shapes, len(result.Archive))
	return nil
}
