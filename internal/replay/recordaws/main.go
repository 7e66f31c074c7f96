// Recordaws builds the invented company of test/world in a simulated AWS, scans it in full, and records what passes: the
// recorded cloud of `stance demo` and of the tests. Run it at the root of the repository:
//
//	go run ./internal/replay/recordaws
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/moto"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws"
	awsapi "github.com/stancehq/stance/internal/provider/aws/api"
	kubernetesapi "github.com/stancehq/stance/internal/provider/kubernetes/api"
	"github.com/stancehq/stance/internal/replay"
	"github.com/stancehq/stance/internal/scan"
)

const file = "content/demo/aws.rec"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	server, err := moto.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if err := server.Build(ctx, "world.build"); err != nil {
		return err
	}
	answers, err := readAnswers("test/world/answers.yaml")
	if err != nil {
		return err
	}
	filler := &filler{next: server.Transport(), answers: answers}
	recorder := &replay.Recorder{Next: filler}
	if err := record(ctx, recorder); err != nil {
		return err
	}
	for _, key := range filler.unused() {
		fmt.Printf("nobody asked for the answer to %s\n", key)
	}
	recording := recorder.Recording()
	recording.About = "an invented company, built by test/world"
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := errors.Join(recording.Write(out), out.Close()); err != nil {
		return err
	}
	fmt.Printf("%s: %d exchanges\n", file, len(recording.Exchanges))
	return nil
}

// record scans everything, so that any check and any query can be answered from the recording.
func record(ctx context.Context, transport http.RoundTripper) error {
	library, problems := content.Load(content.Dir("content"))
	if err := problems.Err(); err != nil {
		return err
	}
	catalog, found, err := plan.Prepare(ctx, library, plan.APIs{"aws": awsapi.API(), "kubernetes": kubernetesapi.API()})
	if err != nil {
		return err
	}
	if plan.HasErrors(found) {
		return fmt.Errorf("the content is not right: run `stance lint content`")
	}
	p, err := aws.New(ctx, aws.Options{
		Content: library.Provider("aws"), Transport: transport,
		Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
	})
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "stance-record-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	outcome, err := scan.Run(ctx, scan.Options{
		Provider: replay.Named(p), Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Checks: checks(catalog, p.ID()),
		Inventory: []string{plan.InventoryFull}, Lake: filepath.Join(folder, "lake"), Spools: filepath.Join(folder, "spools"), Version: "recording",
	})
	if err != nil {
		return err
	}
	for _, cell := range outcome.Result.Coverage {
		if cell.Status != "ok" {
			fmt.Printf("not seen: %s %s %s: %s\n", cell.Table, cell.Group, cell.Region, cell.Cause)
		}
	}
	fmt.Printf("%d findings fail, %d are unknown\n", outcome.Result.Summary.Of(evaluate.Fail), outcome.Result.Summary.Of(evaluate.Unknown))
	return outcome.Close()
}

// checks are all of a provider.
func checks(catalog *plan.Catalog, provider string) []*plan.Check {
	var all []*plan.Check
	for _, c := range catalog.Checks {
		if c.Spec.Provider == provider {
			all = append(all, c)
		}
	}
	return all
}
