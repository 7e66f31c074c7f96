package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// syntheticChecks is how many checks the start-up is measured with beside those that are embedded.
const syntheticChecks = 3000

// startup times whole processes of the binary that is built here: with the content that it carries, and built again around a
// pack of 3,000 checks.
func startup(ctx context.Context) ([]figure, error) {
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	own := filepath.Join(dir, "stance")
	if err := build(ctx, own); err != nil {
		return nil, err
	}
	large := filepath.Join(dir, "stance-3000")
	overlay, err := overlayPack(dir)
	if err != nil {
		return nil, err
	}
	if err := build(ctx, large, "-overlay", overlay); err != nil {
		return nil, err
	}
	var figures []figure
	for _, m := range []struct{ name, binary, command, target string }{
		{"stance version", own, "version", "< 0.05 s"},
		{"stance checks", own, "checks", "< 0.15 s"},
		{fmt.Sprintf("stance version, %d checks", syntheticChecks), large, "version", "< 0.05 s"},
		{fmt.Sprintf("stance checks, %d checks", syntheticChecks), large, "checks", "< 0.15 s"},
	} {
		best, err := fastest(ctx, m.binary, m.command)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{m.name, fmt.Sprintf("%.3f s", best.Seconds()), m.target})
	}
	return figures, nil
}

func build(ctx context.Context, out string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", out}, flags...)
	command := exec.CommandContext(ctx, "go", append(args, "./cmd/stance")...)
	command.Stderr = os.Stderr
	return command.Run()
}

func fastest(ctx context.Context, binary, argument string) (time.Duration, error) {
	best := time.Hour
	for range 5 {
		began := time.Now()
		if err := exec.CommandContext(ctx, binary, argument).Run(); err != nil {
			return 0, fmt.Errorf("%s %s: %w", binary, argument, err)
		}
		best = min(best, time.Since(began))
	}
	return best, nil
}
