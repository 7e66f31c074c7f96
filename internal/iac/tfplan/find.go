package tfplan

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Form is what a file is.
type Form int

// Forms of files. The zero value is none of them.
const (
	Plan       Form = iota + 1 // terraform show -json of a plan
	State                      // a state file
	ShownState                 // terraform show -json of a state
)

// File is a plan or a state that was found.
type File struct {
	Path string
	Form Form
}

// notRead are folders that hold no code of the people who scan, and what the program keeps for itself.
var notRead = []string{".terraform", ".git", ".terragrunt-cache", "node_modules"}

// head is how much of a file is looked at before all of it is: what begins otherwise is no plan and no state.
const head = 4096

// Find gives the plans and states below root, in the order of their paths. Plans that are not JSON, and files that are too large,
// are problems. Where the context ends, so does the search.
func Find(ctx context.Context, root fs.FS, limits iac.Limits) (found []File, problems []iac.Problem) {
	if limits == (iac.Limits{}) {
		limits = iac.DefaultLimits()
	}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return fs.SkipAll
		case err != nil:
			return nil //nolint:nilerr // whoever reads the code in the folder tells it
		case entry.IsDir():
			if slices.Contains(notRead, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || !named(entry.Name()):
			return nil
		}
		form, problem := Sniff(root, name, limits)
		if problem != nil {
			problems = append(problems, *problem)
		} else if form != 0 {
			found = append(found, File{name, form})
		}
		return nil
	})
	if err != nil {
		problems = append(problems, iac.Problem{Kind: iac.Broken, What: fmt.Sprintf("the folder cannot be read to its end: %v", err), Range: iac.Range{File: "."}})
	}
	return found, problems
}

// named tells whether a plan or state may have the name.
func named(name string) bool {
	switch extension := path.Ext(name); extension {
	case ".json":
		return !strings.HasSuffix(name, ".tf.json") && !strings.HasSuffix(name, ".tofu.json") && !strings.HasSuffix(name, ".tfvars.json")
	case ".tfstate", ".tfplan":
		return true
	case "", ".out", ".bin", ".plan":
		return strings.Contains(strings.ToLower(name), "plan")
	}
	return false
}

// Sniff tells what a file is, by its first bytes and, where these do not rule it out, by the keys of its object. The problem is that
// of a plan or state that cannot be read.
func Sniff(root fs.FS, name string, limits iac.Limits) (Form, *iac.Problem) {
	start, size := beginning(root, name)
	problem := func(kind, what string) (Form, *iac.Problem) {
		return 0, &iac.Problem{Kind: kind, What: what, Range: iac.Range{File: name}}
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		if len(start) < 36 || string(start[30:36]) != "tfplan" {
			return 0, nil
		}
		return problem(iac.Skipped, "it is a binary plan: scan what `terraform show -json "+path.Base(name)+"` or `tofu show -json` writes of it")
	case isUTF16(start):
		if !bytes.Contains(bytes.ReplaceAll(start, []byte{0}, nil), []byte(`"format_version"`)) {
			return 0, nil
		}
		return problem(iac.Broken, "it is UTF-16 text: write it as UTF-8")
	case !begins(start, path.Ext(name) == ".tfstate"):
		return 0, nil
	case size > limits.FileBytes:
		return problem(iac.LimitReached, tooLarge(limits))
	}
	text, unread := readFile(root, name, limits)
	if unread != nil {
		return 0, unread
	}
	form, what := formOf(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if what != "" {
		return problem(iac.Skipped, what)
	}
	if form == 0 && path.Ext(name) == ".tfstate" && !claimsNothing(text) {
		return State, nil // reading it tells what is wrong
	}
	return form, nil
}

func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff})
}

func beginning(root fs.FS, name string) (start []byte, size int64) {
	file, err := root.Open(name)
	if err != nil {
		return nil, 0
	}
	defer func() { _ = file.Close() }() // it was only read
	if info, err := file.Stat(); err == nil {
		size = info.Size()
	}
	start, _ = io.ReadAll(io.LimitReader(file, head)) // what cannot be read begins like nothing
	return start, size
}

// keys are those that the objects of plans and states have, and hence begin with.
var keys = []string{
	"applyable", "check_results", "checks", "complete", "configuration", "deferred_changes", "encrypted_data", "encryption_version", "errored",
	"format_version", "lineage", "meta", "output_changes", "outputs", "planned_values", "prior_state", "relevant_attributes", "resource_changes",
	"resource_drift", "resources", "serial", "terraform_version", "timestamp", "timeouts", "values", "variables", "version",
}

// begins tells whether a text begins as the object of a plan or state does.
func begins(start []byte, state bool) bool {
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n")
	rest, ok := bytes.CutPrefix(start, []byte("{"))
	if !ok {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if rest, ok = bytes.CutPrefix(rest, []byte(`"`)); !ok {
		return state && len(rest) > 0
	}
	key, _, _ := bytes.Cut(rest, []byte(`"`))
	return slices.Contains(keys, string(key))
}

// claimsNothing tells of an empty file, which the program leaves where it has no state yet.
func claimsNothing(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// form is that of the document.
func (d *document) form() Form {
	form, _ := formOf(d.text)
	return form
}

// formOf tells what an object is by its keys, or what it would be if it could be read. A plan whose text is cut off is one still.
func formOf(text []byte) (form Form, unread string) {
	at := map[string]int{}
	_, err := jsonscan.Members(text, jsonscan.Space(text, 0), func(key []byte, value int) (int, error) {
		at[string(key)] = value
		return jsonscan.SkipValid(text, value), nil
	})
	has := func(key string) bool { _, ok := at[key]; return ok }
	number := func(key string) string {
		word := text[at[key]:jsonscan.SkipValid(text, at[key])]
		return string(word[:min(len(word), 8)])
	}
	switch {
	case has("encrypted_data"):
		return 0, "it is encrypted: scan what `tofu show -json` writes of it"
	case has("format_version") && (has("planned_values") || has("resource_changes")):
		return Plan, ""
	case err != nil:
		return 0, ""
	case has("format_version") && has("values") && has("terraform_version"):
		return ShownState, ""
	case has("version") && has("terraform_version") && (has("resources") || has("modules")):
		if number("version") != "4" {
			return 0, "it is a state of version " + number("version") + ", and only version 4 is read: any later Terraform writes it so"
		}
		return State, ""
	}
	return 0, ""
}
