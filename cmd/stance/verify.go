package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evidence"
	"github.com/stancehq/stance/internal/plan"
)

// verifyFlags are those of the command.
type verifyFlags struct {
	key, fingerprint, format string
	check, resource          string
	current                  bool
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use: "verify BUNDLE", Short: "Prove the verdicts of an evidence bundle from what is in it", Args: oneBundle,
		Long: "Verifies a bundle that `stance report --evidence` wrote: its signature, each of its files, and that the verdicts follow from the" + `
raw documents in it. The tables are built again, every check is asked again, and each verdict is compared. It needs no network, no
cloud and no lake.

Without --fingerprint or --key it proves that nothing was changed since the bundle was signed, but not who signed it.

Exit status: 0 all is as it was signed and all verdicts follow; 1 something is not; 2 wrong usage, or no bundle.`,
		Example: `  stance verify evidence.zip --fingerprint 2f1d…
  stance verify evidence.zip --check aws_s3_bucket_versioning --resource arn:aws:s3:::logs
  stance verify evidence.zip --current      what today's checks say of the same documents`,
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c, args[0], &f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.fingerprint, "fingerprint", "", "the SHA-256 of the key that must have signed it")
	flags.StringVar(&f.key, "key", "", "the file of the key that must have signed it, in PEM")
	flags.StringVar(&f.check, "check", "", "with --resource: show all that decides on the verdict of this check")
	flags.StringVar(&f.resource, "resource", "", "the id or name of the resource that the verdict is about")
	flags.BoolVar(&f.current, "current", false, "ask the checks of this version, and of --content, in place of the bundle's")
	flags.StringVarP(&f.format, "output", "o", "text", "format: text or json")
	return c
}

func oneBundle(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usage("the file of an evidence bundle is missing")
	case 1:
		return nil
	}
	return usage("unexpected %q: one bundle is verified at a time", args[1])
}

func (a *app) verify(c *cobra.Command, bundle string, f *verifyFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	if f.current {
		l, catalog, err := a.catalog(c.Context())
		if err != nil {
			return err
		}
		o.Current = &evidence.Current{Library: l.Library, Catalog: catalog}
	} else if o.Known, err = builtIn(c.Context()); err != nil {
		return err
	}
	report, err := evidence.Verify(c.Context(), bundle, o)
	var none *evidence.NotBundle
	switch {
	case errors.As(err, &none):
		return usage("%v", err)
	case err != nil:
		return err
	}
	write := report.Text
	if f.format == "json" {
		write = report.JSON
	}
	if err := write(a.out); err != nil {
		return err
	}
	if !report.OK() {
		return &exitError{exitFailed, ""} // the report has said it
	}
	return nil
}

// builtIn is the content of the binary, without the user's.
func builtIn(ctx context.Context) (*evidence.Current, error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	l, err := pack.Library()
	if err != nil {
		return nil, err
	}
	catalog, _, err := plan.Restore(ctx, l, pack, apis())
	return &evidence.Current{Library: l, Catalog: catalog}, err
}

func (f *verifyFlags) options() (evidence.VerifyOptions, error) {
	o := evidence.VerifyOptions{Check: f.check, Resource: f.resource}
	switch {
	case f.format != "text" && f.format != "json":
		return o, usage("-o %s: known formats are text, json", f.format)
	case (f.check == "") != (f.resource == ""):
		return o, usage("--check and --resource go together: they name one verdict")
	case f.key != "" && f.fingerprint != "":
		return o, usage("--key and --fingerprint both say who must have signed: give one")
	case f.key != "":
		key, err := evidence.ReadPublicKey(f.key)
		if err != nil {
			return o, usage("--key: %v", err)
		}
		o.Fingerprint = evidence.Fingerprint(key)
	case f.fingerprint != "":
		var err error
		if o.Fingerprint, err = evidence.ParseFingerprint(f.fingerprint); err != nil {
			return o, usage("--fingerprint: %v", err)
		}
	}
	return o, nil
}
