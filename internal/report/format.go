package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// Format is a way to write a result, by the name that -o takes.
type Format struct {
	Name   string
	About  string
	Writer Writer
	// NeedsFile says that the format is of no use on a screen.
	NeedsFile bool
	// Patches says that it shows the patches of findings about code.
	Patches bool
}

// Formats lists all formats. Adding one is writing a Writer and naming it here.
func Formats() []Format {
	return []Format{
		{Name: "table", About: "a summary for people, the worst first", Writer: Table{}},
		{Name: "json", About: "one document: scan, coverage, findings", Writer: JSON{}, Patches: true},
		{Name: "jsonl", About: "one object per line, each with its type: scan, coverage or finding", Writer: JSONLines{}, Patches: true},
		{Name: "csv", About: "one line per finding, safe to open in a spreadsheet", Writer: CSV{}},
		{Name: "ocsf", About: "OCSF 1.5 Compliance Findings, one JSON object per line", Writer: OCSF{}},
		{Name: "sarif", About: "SARIF 2.1.0: what fails, is unknown, suppressed or to be looked at", Writer: SARIF{}, Patches: true},
		{Name: "github", About: "SARIF as GitHub code scanning reads it: only failures that count", Writer: SARIF{GitHub: true}, Patches: true},
		{Name: "gitlab", About: "code quality report of GitLab CI", Writer: GitLab{}},
		{Name: "junit", About: "JUnit XML, a test suite for each check", Writer: JUnit{}, Patches: true},
		{Name: "md", About: "Markdown for a pull request, ticket or wiki", Writer: Markdown{}, Patches: true},
		{Name: "html", About: "one self-contained page with filters, search and coverage", Writer: HTML{}, NeedsFile: true, Patches: true},
	}
}

// FormatNames lists the names that -o takes.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Lookup finds a format by name.
func Lookup(name string) (Format, error) { return lookup(Formats(), name) }

func lookup(formats []Format, name string) (Format, error) {
	var names []string
	for _, f := range formats {
		if f.Name == name || f.Name == "md" && name == "markdown" {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown format %q: known are %s", name, strings.Join(names, ", "))
}

// Target is one -o: a format and where it goes. An empty Path, or "-", is the standard output.
type Target struct {
	Format Format
	Path   string
}

// ParseTargets reads the values of -o, each FORMAT or FORMAT=FILE. At most one may go to the standard output; if none
// does, the table does.
func ParseTargets(values []string) ([]Target, error) { return ParseTargetsOf(Formats(), values) }

// ParseTargetsOf is ParseTargets for other formats, of which one is called table.
func ParseTargetsOf(formats []Format, values []string) ([]Target, error) {
	var targets []Target
	seen := map[string]bool{}
	screen := ""
	for _, value := range values {
		name, path, named := strings.Cut(value, "=")
		format, err := lookup(formats, name)
		if err != nil {
			return nil, err
		}
		if named && path == "" {
			return nil, fmt.Errorf("-o %s: no file after the equals sign", value)
		}
		if path == "-" {
			path = ""
		}
		if path == "" {
			if screen != "" {
				return nil, fmt.Errorf("-o %s and -o %s both go to the standard output: give one a file, as in -o %s=FILE", screen, name, name)
			}
			screen = name
		} else if seen[filepath.Clean(path)] {
			return nil, fmt.Errorf("-o %s: %s is written twice", value, path)
		}
		seen[filepath.Clean(path)] = path != ""
		targets = append(targets, Target{Format: format, Path: path})
	}
	if screen == "" {
		table, err := lookup(formats, "table")
		if err != nil {
			return nil, err
		}
		targets = append(targets, Target{Format: table})
	}
	return targets, nil
}

// Write writes the result to the target. A file appears whole or not at all: what stood there before stays if anything
// fails. Look describes stdout.
func (t Target) Write(result *Result, stdout io.Writer, look terminal.Terminal) error {
	if t.Path == "" {
		if t.Format.NeedsFile && look.TTY {
			return fmt.Errorf("%s is not for a screen: give it a file, as in -o %s=report.%s", t.Format.Name, t.Format.Name, t.Format.Name)
		}
		if err := t.Format.Writer.Write(stdout, result, look); err != nil {
			return fmt.Errorf("write %s: %w", t.Format.Name, err)
		}
		return nil
	}
	if err := t.replace(result); err != nil {
		return fmt.Errorf("write %s to %s: %w", t.Format.Name, t.Path, err)
	}
	return nil
}

func (t Target) replace(result *Result) (err error) {
	// Pipes and devices cannot be replaced, only written to.
	if info, statErr := os.Stat(t.Path); statErr == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(t.Path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(t.Format.Writer.Write(f, result, terminal.Terminal{Unicode: true}), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(t.Path), ".stance-*")
	if err != nil {
		var at *fs.PathError // names a file that nobody asked for
		if errors.As(err, &at) {
			err = at.Err
		}
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	// Findings tell where a cloud is weak: nobody but the owner reads them unless the owner says so.
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if err := t.Format.Writer.Write(f, result, terminal.Terminal{Unicode: true}); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), t.Path)
}
