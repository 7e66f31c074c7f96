package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/stancehq/stance/internal/iac/codetest"
	"github.com/stancehq/stance/internal/iac/terraform"
)

const (
	codeInstances = 5_000
	codeCharts    = 100
)

// code scans trees of infrastructure code that are made for it, from start to exit of the program as it is released.
func code(ctx context.Context) ([]figure, error) {
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "stance")
	if err := build(ctx, program); err != nil {
		return nil, err
	}
	figures, err := instances(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range []struct {
		name         string
		tree         fs.FS
		runs         int
		wall, memory string
	}{
		{"one file", codetest.File(), 5, "< 0.2 s", ""},
		{"one manifest", codetest.Manifest(), 5, "", ""},
		{count(codeInstances) + " instances", codetest.Instances(codeInstances), 1, "", ""},
		{"repository", codetest.Repository(codetest.Large()), 1, "< 8 s", "< 600 MiB"},
		{count(codeCharts) + " charts", codetest.Charts(codeCharts), 1, "< 10 s", ""},
	} {
		folder := filepath.Join(dir, t.name)
		if err := os.CopyFS(folder, t.tree); err != nil {
			return nil, err
		}
		r, err := scanCode(ctx, program, folder, filepath.Join(dir, "result.json"), t.runs)
		if err != nil {
			return nil, fmt.Errorf("scan %s: %w", t.name, err)
		}
		figures = append(
			figures,
			figure{t.name + ": files, resources", count(r.files) + ", " + count(r.resources), ""},
			figure{t.name + ": checks, verdicts", count(r.checks) + ", " + count(r.verdicts), ""},
			figure{t.name + ": wall", fmt.Sprintf("%.3f s", r.wall.Seconds()), t.wall},
			figure{t.name + ": CPU", fmt.Sprintf("%.3f s", r.cpu.Seconds()), ""},
			figure{t.name + ": peak RSS", fmt.Sprintf("%d MiB", r.memory>>20), t.memory},
		)
	}
	return figures, nil
}

// instances evaluates one for_each of many instances, without what a scan does besides.
func instances(ctx context.Context) ([]figure, error) {
	tree := codetest.Instances(codeInstances)
	best, resources := time.Hour, 0
	for range 3 {
		began := time.Now()
		unit, err := terraform.Read(ctx, tree, ".", terraform.Options{})
		if err != nil {
			return nil, err
		}
		best, resources = min(best, time.Since(began)), len(unit.Resources)
	}
	return []figure{
		{"for_each: resources", count(resources), ""},
		{"for_each: evaluated", fmt.Sprintf("%.3f s", best.Seconds()), "< 0.5 s"},
	}, nil
}

// codeRun is what a scan of code took, the best of some runs, and what it was of.
type codeRun struct {
	files, resources, checks, verdicts int
	wall, cpu                          time.Duration
	memory                             int64
}

// scanCode scans a folder, or its one file.
func scanCode(ctx context.Context, program, folder, result string, runs int) (codeRun, error) {
	path := folder
	if files, err := os.ReadDir(folder); err != nil {
		return codeRun{}, err
	} else if len(files) == 1 && !files[0].IsDir() {
		path = filepath.Join(folder, files[0].Name())
	}
	r := codeRun{wall: time.Hour, cpu: time.Hour}
	for range runs {
		command := exec.CommandContext(ctx, program, "scan", "code", path, "-q", "--fixes=false", "-o", "json="+result) //nolint:gosec // our own program
		command.Stderr = os.Stderr
		began := time.Now()
		if err := command.Run(); err != nil {
			return r, err
		}
		state := command.ProcessState
		r.wall, r.cpu = min(r.wall, time.Since(began)), min(r.cpu, state.UserTime()+state.SystemTime())
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			r.memory = max(r.memory, usage.Maxrss<<10)
		}
	}
	return r, r.read(result)
}

func (r *codeRun) read(result string) error {
	data, err := os.ReadFile(result)
	if err != nil {
		return err
	}
	var said struct {
		Scan struct {
			Checks int
			Code   struct {
				Files    int
				Units    []struct{ Resources int }
				Problems []struct {
					What string
					Note bool
				}
			}
		}
		Findings []json.RawMessage
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	for _, p := range said.Scan.Code.Problems {
		if !p.Note {
			return errors.New("not all was read: " + p.What)
		}
	}
	r.files, r.checks, r.verdicts = said.Scan.Code.Files, said.Scan.Checks, len(said.Findings)
	for _, u := range said.Scan.Code.Units {
		r.resources += u.Resources
	}
	return nil
}
