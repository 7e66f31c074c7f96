package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stancehq/stance/internal/scan"
)

// notKept are the flags that are of one run, or that a kept scan knows by itself.
var notKept = []string{"resume", "lake", "quiet", "verbose", "help"}

// keptFlags are the flags with which a scan goes on where it was interrupted, by name.
func (a *app) keptFlags(c *cobra.Command) map[string][]string {
	flags := map[string][]string{}
	c.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(notKept, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if f.Name == "content" || f.Name == "settings" || f.Name == "mutes" || f.Name == "kubeconfig" || f.Name == "code" {
			for i := range values {
				values[i] = absolute(values[i])
			}
		}
		flags[f.Name] = values
	})
	if file := a.settingsFile(); file != "" && flags["settings"] == nil {
		flags["settings"] = []string{absolute(file)}
	}
	return flags
}

// goOn takes the flags of the scan that --resume means, but for those that the user gives anew.
func (a *app) goOn(c *cobra.Command, f *scanFlags, provider string) error {
	if f.resume == "" {
		return nil
	}
	location, err := a.lakeLocation()
	if err != nil {
		return err
	}
	kept, err := scan.FindUnfinished("", f.resume, provider, absolute(location))
	if err != nil && f.resume != scan.ResumeLast {
		return usage("%v", err)
	}
	if err != nil {
		return err
	}
	f.resume = kept.ID
	if !c.Flags().Changed("lake") {
		a.lake = kept.Lake
	}
	for name, values := range kept.Flags {
		flag := c.Flags().Lookup(name)
		if flag == nil || flag.Changed || len(values) == 0 {
			continue
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			err = list.Replace(values)
		} else {
			err = flag.Value.Set(values[0])
		}
		if err != nil {
			return usage("resume scan %s: --%s: %v", kept.ID, name, err)
		}
		flag.Changed = true
	}
	return nil
}

// again is the command that goes on with a scan. It needs no other flag.
func (a *app) again(c *cobra.Command, id string) string {
	return a.program + strings.TrimPrefix(c.CommandPath(), c.Root().Name()) + " --resume=" + quote(id)
}
