package scan

import (
	"path"
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/link"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// LinkedCode is code whose states tell what live resources it makes.
type LinkedCode struct {
	Index *link.Index
	// Folder is put before the files that findings name, so that they can be opened from where the command runs; "." adds nothing.
	Folder string
}

// Link gives live findings the places of the code that makes what they are about, as far as the states know it. The first code that
// knows a resource counts.
func Link(findings report.Findings, code []LinkedCode) report.Findings {
	if len(code) == 0 {
		return findings
	}
	return func(yield func(evaluate.Finding, error) bool) {
		for f, err := range findings {
			if err == nil && f.Location == nil {
				f.Location = linked(f, code)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func linked(f evaluate.Finding, code []LinkedCode) *evaluate.Location {
	for _, c := range code {
		p := c.Index.Locate(link.Resource{Table: f.ResourceType, ID: f.Resource, Name: f.ResourceName, Account: f.Account, Region: f.Region})
		if p == nil {
			continue
		}
		at := p.Name
		if at.IsZero() {
			at = p.Range
		}
		l := &evaluate.Location{
			File: path.Join(c.Folder, at.File), Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn,
			Address: p.Address, Resource: p.Type, Unit: path.Join(c.Folder, p.State),
		}
		for _, call := range p.Calls {
			site := evaluate.CallSite{Name: call.Name, Source: call.Source, Line: call.Range.Line}
			if !call.Range.IsZero() {
				site.File = path.Join(c.Folder, call.Range.File)
				l.Calls = append(l.Calls, site)
			}
		}
		return l
	}
	return nil
}

// TerraformTypes tells which of Terraform's resource types the rows of a table are made by: those of the tables that it is derived
// from, if it is.
func TerraformTypes(catalog *plan.Catalog) func(table string) []string {
	known := map[string][]string{}
	var typesOf func(name string, depth int) []string
	typesOf = func(name string, depth int) (types []string) {
		t := catalog.Tables[name]
		if t == nil || depth > len(catalog.Tables) {
			return nil
		}
		mappings, err := content.ParseMappings(t.Spec.Terraform)
		if err != nil {
			return nil // whoever reads code with the mapping tells of it
		}
		for _, m := range mappings {
			types = append(types, m.Resources...)
		}
		if t.Spec.List == nil {
			for _, ref := range t.Reads {
				types = append(types, typesOf(ref.Table, depth+1)...)
			}
		}
		slices.Sort(types)
		return slices.Compact(types)
	}
	for name := range catalog.Tables {
		known[name] = typesOf(name, 0)
	}
	return func(table string) []string { return known[table] }
}

// LinkNotes say what the states of some code gave, and what could not be read.
func LinkNotes(path string, x *link.Index) (notes []report.Note) {
	if len(x.States) == 0 {
		notes = append(notes, report.Note{
			Text: "--code " + path + ": there is no state, so no finding is linked to code", Do: "terraform state pull > terraform.tfstate, in the folder of the code",
		})
	}
	for _, p := range x.Problems {
		if p.Kind != iac.Suppression && p.Kind != iac.Unused {
			notes = append(notes, report.Note{Text: "--code " + path + ": " + p.Range.File + ": " + p.What})
		}
	}
	return notes
}
