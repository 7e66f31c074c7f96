package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/link"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

// linkedCode reads the states and the code that --code names, before anything is asked of the cloud: what is wrong with them is told
// at once.
func (f *scanFlags) linkedCode(ctx context.Context, catalog *plan.Catalog) (code []scan.LinkedCode, notes []report.Note, _ error) {
	if len(f.code) == 0 {
		return nil, nil, nil
	}
	types := scan.TerraformTypes(catalog)
	for _, path := range f.code {
		x, dir, err := openLink(ctx, path, types)
		if err != nil {
			return nil, nil, err
		}
		code = append(code, scan.LinkedCode{Index: x, Folder: fromHere(dir)})
		notes = append(notes, scan.LinkNotes(path, x)...)
	}
	return code, notes, nil
}

func openLink(ctx context.Context, path string, types func(string) []string) (*link.Index, string, error) {
	root, dir, closeRoot, err := openCode(path)
	if err != nil {
		return nil, "", err
	}
	defer closeRoot()
	o := link.Options{Limits: iac.DefaultLimits(), Types: types}
	if one, is := root.(oneFile); is {
		root, o.File = one.FS, one.name
	}
	x, err := link.Open(ctx, root, o)
	return x, dir, err
}

// fromHere is a folder as it is named from the one that the command runs in, with slashes.
func fromHere(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return filepath.ToSlash(dir)
	}
	here, err := os.Getwd()
	if err != nil {
		return filepath.ToSlash(absolute)
	}
	below, err := filepath.Rel(here, absolute)
	if err != nil || strings.HasPrefix(below, "..") {
		return filepath.ToSlash(dir)
	}
	return filepath.ToSlash(below)
}
