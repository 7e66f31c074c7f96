// Package property holds tests of what must hold of every scan, whatever the provider and its content.
package property

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stancehq/stance/internal/provider/providertest"
)

// The variables by which this test program, started once more, scans into a folder and waits to be killed.
const (
	victimDir   = "STANCE_VICTIM_DIR"
	victimCloud = "STANCE_VICTIM_CLOUD" // the kubeconfig of the cluster that it scans; empty: the recorded cloud
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := sacrifice(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sacrifice(dir string) error {
	ctx := context.Background()
	var s providertest.Suite
	var err error
	if kubeconfig := os.Getenv(victimCloud); kubeconfig != "" {
		s, err = kubernetesSuite(ctx, kubeconfig)
	} else {
		_, s, err = awsSuite(ctx)
	}
	if err != nil {
		return err
	}
	return s.Sacrifice(ctx, dir)
}

// victims start processes that scan a cloud.
func victims(cloud string) func(*testing.T, string) *exec.Cmd {
	return func(t *testing.T, dir string) *exec.Cmd {
		t.Helper()
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), program)
		command.Env = append(os.Environ(), victimDir+"="+dir, victimCloud+"="+cloud)
		return command
	}
}
