package scan

import (
	"cmp"
	"slices"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/report"
)

// stats says what was read and what was not.
func (r *codeRunner) stats() *report.Code {
	code := &report.Code{}
	files := map[string]bool{}
	for _, u := range r.code.Units {
		code.Units = append(code.Units, report.CodeUnit{Kind: u.Kind, Path: u.Path, Files: len(u.Files), Resources: len(u.Resources)})
		for _, f := range u.Files {
			files[f] = true
		}
		code.Problems = append(code.Problems, problemsOf(u.Path, u.Problems)...)
	}
	code.Files = len(files)
	code.Problems = append(code.Problems, problemsOf("", r.code.Problems)...)
	code.Problems = append(code.Problems, problemsOf("", r.suppress.Problems())...)
	code.Problems = append(code.Problems, problemsOf("", r.suppress.Unused(func(check string) bool { return !r.asked(check) }))...)
	code.Problems = append(code.Problems, r.fixStats.notes()...)
	code.Problems = once(code.Problems)
	for typ, n := range r.rows.unmapped {
		code.Unmapped = append(code.Unmapped, report.CodeType{Type: typ, Count: n})
	}
	report.SortTypes(code.Unmapped)
	return code
}

func (r *codeRunner) asked(check string) bool {
	for _, c := range r.checks {
		if c.ID == check {
			return true
		}
	}
	return false
}

func problemsOf(unit string, problems []iac.Problem) (all []report.CodeProblem) {
	for _, p := range problems {
		all = append(all, report.CodeProblem{
			Kind: p.Kind, What: p.What, Unit: unit, File: p.Range.File, Line: p.Range.Line, Note: p.Kind == iac.Unused,
		})
	}
	return all
}

// once drops repeats: what is wrong in a module that several units call is one problem. The worst come first.
func once(problems []report.CodeProblem) []report.CodeProblem {
	type place struct {
		file, what string
		line       int
	}
	seen := map[place]bool{}
	kept := slices.DeleteFunc(problems, func(p report.CodeProblem) bool {
		at := place{p.File, p.What, p.Line}
		again := p.File != "" && seen[at]
		seen[at] = true
		return again
	})
	slices.SortStableFunc(kept, func(a, b report.CodeProblem) int {
		return cmp.Or(cmp.Compare(weight(a.Kind), weight(b.Kind)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return kept
}

func weight(kind string) int {
	return slices.Index([]string{iac.Broken, iac.LimitReached, iac.Suppression, iac.MissingModule, iac.Skipped, iac.NotEvaluated, iac.MissingValue, iac.Unused}, kind)
}

// codeCoverage is what the verdicts rest on as a ledger has it: a cell for each file, and one for each thing that was not read.
func codeCoverage(code *report.Code) (cells []collect.Cell) {
	for _, u := range code.Units {
		for range max(1, u.Files) {
			cells = append(cells, collect.Cell{
				Provider: CodeProvider, Account: u.Path, Region: collect.GlobalRegion, Table: u.Kind, Group: "file", Status: collect.OK, Call: u.Path,
			})
		}
	}
	for _, p := range code.Problems {
		if p.Note {
			continue
		}
		cells = append(cells, collect.Cell{
			Provider: CodeProvider, Account: cmp.Or(p.Unit, "."), Region: collect.GlobalRegion, Table: p.Kind, Group: "file",
			Status: collect.Partial, Cause: p.Kind + ": " + p.What, Call: cmp.Or(p.File, p.Unit, "."),
		})
	}
	return cells
}
