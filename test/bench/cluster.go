package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/stancehq/stance/internal/kubetest"
)

const (
	clusterPods       = 10_000
	clusterNamespaces = 500
)

// cluster scans a real API server that holds many pods, with the program as it is released.
func cluster(ctx context.Context) (_ []figure, err error) {
	world, err := kubetest.New(ctx, kubetest.Options{Pods: clusterPods, Namespaces: clusterNamespaces})
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopped := world.Stop(); err == nil {
			err = stopped
		}
	}()
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, result := filepath.Join(dir, "stance"), filepath.Join(dir, "result.json")
	if err := build(ctx, program); err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, "scan", "kubernetes", "--kubeconfig", world.Kubeconfig, "--lake", filepath.Join(dir, "lake"), "-q", "-o", "json="+result) //nolint:gosec // our own program
	command.Stderr = os.Stderr
	began := time.Now()
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("scan the cluster: %w", err)
	}
	took := time.Since(began)
	data, err := os.ReadFile(result)
	if err != nil {
		return nil, err
	}
	var said struct {
		Scan struct {
			Checks, Tables int
			Resources      int64
			Calls          int64
		}
		Findings []json.RawMessage
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return nil, fmt.Errorf("read the result: %w", err)
	}
	figures := []figure{
		{"pods, namespaces", count(clusterPods) + ", " + count(clusterNamespaces), ""},
		{"resources", count(said.Scan.Resources), ""},
		{"checks", count(said.Scan.Checks), ""},
		{"findings", count(len(said.Findings)), ""},
		{"calls", count(said.Scan.Calls), ""},
		{"scan: wall", seconds(took), "< 30 s"},
		{"scan: CPU", seconds(command.ProcessState.UserTime() + command.ProcessState.SystemTime()), ""},
	}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		figures = append(figures, figure{"scan: peak RSS", fmt.Sprintf("%d MiB", usage.Maxrss>>10), "< 300 MiB"})
	}
	return figures, nil
}
