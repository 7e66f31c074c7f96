package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/spf13/cobra"

	"github.com/stancehq/stance/content/demo"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/replay"
)

func (a *app) demoCommand() *cobra.Command {
	var f scanFlags
	c := &cobra.Command{
		Use: "demo", Short: "Scan a recorded cloud that is inside the binary: no credentials, no network", Args: none,
		Long: `Runs a real scan, with the same collectors and checks, against the recorded account of an invented company. The
result goes to a lake of its own, beside an HTML report.`,
		RunE: func(c *cobra.Command, _ []string) error {
			data, err := a.dataFolder()
			if err != nil {
				return err
			}
			folder := filepath.Join(data, "demo")
			if a.lake != "" {
				folder = a.lake
			}
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return fmt.Errorf("make the folder of the demo: %w", err)
			}
			if len(f.outputs) == 0 {
				f.outputs = []string{"html=" + filepath.Join(folder, "report.html")}
			}
			recording, err := replay.Read(bytes.NewReader(demo.AWS))
			if err != nil {
				return err
			}
			transport, stop := replay.NewServer(recording, replay.Faults{}).Transport()
			defer stop()
			err = a.scan(c, &f, "aws", filepath.Join(folder, "lake"), func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error) {
				return aws.New(ctx, aws.Options{
					Content: l.Provider("aws"), Logger: logger, Transport: transport,
					Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
				})
			})
			if err == nil && !a.quiet {
				fmt.Fprintf(a.err, "Look around: stance query --lake %s\n", filepath.Join(folder, "lake"))
			}
			return err
		},
	}
	f.add(c)
	return c
}
