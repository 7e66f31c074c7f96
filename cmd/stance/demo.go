package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

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
			location, folder, err := a.demoPlace()
			if err != nil {
				return err
			}
			if len(f.outputs) == 0 && folder != "" {
				f.outputs = []string{"html=" + filepath.Join(folder, "report.html")}
			}
			recording, err := replay.Read(bytes.NewReader(demo.AWS))
			if err != nil {
				return err
			}
			transport, stop := replay.NewServer(recording, replay.Faults{}).Transport()
			defer stop()
			err = a.scan(c, &f, "aws", location, func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error) {
				return aws.New(ctx, aws.Options{
					Content: l.Provider("aws"), Logger: logger, Transport: transport,
					Credentials: credentials.NewStaticCredentialsProvider("demo", "demo", ""),
				})
			})
			if err == nil && !a.quiet {
				fmt.Fprintf(a.err, "Look around: %s query%s\n", a.program, a.lakeFlag(location))
			}
			return err
		},
	}
	f.add(c)
	return c
}

// demoPlace is the lake of the demo, and the folder of its report. It is a lake of its own, so that invented findings do not
// come among real ones; in a bucket there is no folder.
func (a *app) demoPlace() (location, folder string, err error) {
	switch {
	case strings.Contains(a.lake, "://"):
		return a.lake, "", nil
	case a.lake != "":
		return a.lake, a.lake, nil
	}
	data, err := a.dataFolder()
	folder = filepath.Join(data, "demo")
	return filepath.Join(folder, "lake"), folder, err
}
