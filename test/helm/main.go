// Helm renders a chart with Helm's own engine, for tests:
//
//	go -C test/helm run . CHART RELEASE NAMESPACE <values.yaml
//
// It prints what the chart makes as a stream of YAML, ordered by the templates' names, or says what is wrong and ends with status 1.
// It is a module of its own, so that the product does not depend on Helm.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: helm CHART RELEASE NAMESPACE <values.yaml")
		os.Exit(2)
	}
	if err := render(os.Stdout, os.Stdin, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(out io.Writer, in io.Reader, folder, release, namespace string) error {
	given, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the values: %w", err)
	}
	values, err := chartutil.ReadValues(given)
	if err != nil {
		return fmt.Errorf("read the values: %w", err)
	}
	chart, err := loader.LoadDir(folder)
	if err != nil {
		return fmt.Errorf("load the chart: %w", err)
	}
	if err := chart.Validate(); err != nil {
		return fmt.Errorf("validate the chart: %w", err)
	}
	all, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		return fmt.Errorf("merge the values: %w", err)
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := strings.TrimSpace(files[name])
		if text == "" || !strings.HasSuffix(name, ".yaml") {
			continue
		}
		if _, err := fmt.Fprintf(out, "---\n# Source: %s\n%s\n", name, text); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}
