// Command apigen writes content/aws/api/services.zip: AWS's own description of every read operation of every service, from a
// pinned botocore release, joined with the IAM action that each needs and the regions that have it.
//
//	go run ./internal/provider/aws/apigen [-out FILE]
//
// Inputs are fetched with pip and npm once, checked against pinned digests and kept in the user's cache folder. The output
// has the same bytes on every machine; a test fails when it is stale. Look into it with: unzip -p services.zip services/sqs.json
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	out := flag.String("out", "content/aws/api/services.zip", "file to write")
	hand := flag.String("data", "content/aws/api", "folder of endpoints.yaml and iam.yaml")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *out, *hand)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, hand string) error {
	result, err := generate(ctx, hand)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, result.Archive, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d services, %d operations, %d shapes, %d pagers (%d inferred), %d IAM actions, %d bytes\n", out,
		result.Services, result.Operations, result.Shapes, result.Pagers, result.Inferred, result.Actions, len(result.Archive))
	return nil
}
