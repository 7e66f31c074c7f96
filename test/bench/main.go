// Bench measures Stance and prints each figure beside its target. Each measurement runs in a process of its own, so that its
// memory is its own. Run it on a quiet machine, at the root of the repository:
//
//	make bench
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// figure is one line of the result.
type figure struct{ Name, Value, Target string }

// measurement is one process. It gives its figures; what the process took is added by the caller.
type measurement struct {
	name    string
	title   string
	run     func(ctx context.Context) ([]figure, error)
	targets processTargets
}

// processTargets are what the process as a whole should take; empty where nothing is promised.
type processTargets struct{ memory string }

func measurements() []measurement {
	return []measurement{
		{"account", "the recorded account, each answer 20 ms late", account, processTargets{}},
		{"empty", "an empty account", empty, processTargets{}},
		{"load", "100,000 synthetic resources, load and transform", load, processTargets{memory: "< 600 MiB"}},
		{"fleet", "the recorded account 100,000 resources large, all checks", fleet, processTargets{}},
		{"reports", "reports on compliance frameworks, from start to exit", reports, processTargets{}},
		{"code", "infrastructure code, from start to exit", code, processTargets{}},
		{"cluster", "a Kubernetes cluster of 10,000 pods, on a real API server", cluster, processTargets{}},
	}
}

func main() {
	ctx := context.Background()
	if len(os.Args) == 2 {
		if err := one(ctx, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if err := all(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// one runs a measurement in this process and prints its figures as JSON.
func one(ctx context.Context, name string) error {
	for _, m := range measurements() {
		if m.name == name {
			figures, err := m.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return json.NewEncoder(os.Stdout).Encode(figures)
		}
	}
	return fmt.Errorf("there is no measurement %q", name)
}

func all(ctx context.Context) error {
	fmt.Printf("%d cores, %s %s/%s\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, m := range measurements() {
		command := exec.CommandContext(ctx, os.Args[0], m.name)
		var out bytes.Buffer
		command.Stdout, command.Stderr = &out, os.Stderr
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		var figures []figure
		if err := json.Unmarshal(out.Bytes(), &figures); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		state := command.ProcessState
		figures = append(figures,
			figure{"process: wall", seconds(time.Since(began)), ""},
			figure{"process: CPU", seconds(state.UserTime() + state.SystemTime()), ""})
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			figures = append(figures, figure{"process: peak RSS", fmt.Sprintf("%d MiB", usage.Maxrss>>10), m.targets.memory})
		}
		show(m.title, figures)
	}
	figures, err := startup(ctx)
	if err != nil {
		return err
	}
	show("start-up, the best of five", figures)
	return nil
}

func show(title string, figures []figure) {
	fmt.Printf("\n%s\n", title)
	for _, f := range figures {
		target := ""
		if f.Target != "" {
			target = "target " + f.Target
		}
		fmt.Printf("  %-34s %16s   %s\n", f.Name, f.Value, target)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func count[N int | int64](n N) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
