package scan

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// Samples are pieces of infrastructure code that say in comments what checks must say of them. A comment of the form
//
//	# pass: aws_s3_bucket_versioning, aws_s3_bucket_tls_only
//	# fail: aws_s3_bucket_access_logged
//	# unknown: …   # none: …
//	# no sample fails: CHECK why it cannot
//
// speaks of the resource whose block begins on the next line that is no such comment. Each file is a unit of its own. They lie in
// samples/ below each provider's content: samples/s3/aws_s3_bucket.tf, samples/s3/aws_s3_bucket.yaml.
type Samples struct {
	Files, Expectations int
	// Failures are expectations that were not met, and files that could not be read.
	Failures []string
	// Proved are the checks that passed and failed in a language, by "language check": pass and fail.
	Proved map[string]map[string]bool
	// Unproved are the checks that code can answer and that no sample made pass, or fail: "terraform: CHECK fails in no sample".
	// It is empty where only some files were scanned.
	Unproved []string
	// Answers are the checks that code can answer, by language; nil where only some files were scanned.
	Answers map[string][]string
	excused map[string]bool
}

// expectation is one comment's word about one check.
type expectation struct {
	file, verdict, check string
	line                 int // of the resource
}

var excuses = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*(?:#|//)\s*no sample (passes|fails):\s*(\S+)[ \t]+\S.*$`)
})

var expects = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:#|//)\s*(pass|fail|unknown|none):\s*(.*)$`)
})

// ProveSamples scans all samples below a content folder.
func ProveSamples(ctx context.Context, folder fs.FS, library *content.Library, catalog *plan.Catalog, only []string) (*Samples, error) {
	s := &Samples{Proved: map[string]map[string]bool{}, excused: map[string]bool{}}
	files, err := sampleFiles(folder)
	if err != nil {
		return nil, err
	}
	var checks []*plan.Check
	for _, c := range catalog.Checks {
		checks = append(checks, c)
	}
	trees := map[string]fstest.MapFS{}
	for _, file := range files {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, fmt.Errorf("read the samples: %w", err)
		}
		// One tree for each, so that each is a unit of its own and no file speaks about another's resources.
		trees[file] = fstest.MapFS{path.Join("sample", path.Base(file)): {Data: text}}
	}
	for _, file := range files {
		if len(only) > 0 && !slices.ContainsFunc(only, func(part string) bool { return strings.Contains(file, part) }) {
			continue
		}
		s.Files++
		if err := s.file(ctx, file, trees[file], library, catalog, checks); err != nil {
			return nil, err
		}
	}
	if len(only) > 0 {
		return s, nil
	}
	if s.Answers, err = CodeAnswers(library, catalog); err != nil {
		return nil, err
	}
	for _, language := range slices.Sorted(maps.Keys(s.Answers)) {
		for _, check := range s.Answers[language] {
			key := language + " " + check
			for verdict, word := range map[string]string{"fail": "fails", "pass": "passes"} {
				if !s.Proved[key][verdict] && !s.excused[key+" "+word] {
					s.Unproved = append(s.Unproved, fmt.Sprintf("%s: %s %s in no sample", language, check, word))
				}
			}
		}
	}
	slices.Sort(s.Unproved)
	return s, nil
}

func sampleFiles(folder fs.FS) (files []string, err error) {
	providers, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("read the samples: %w", err)
	}
	for _, p := range providers {
		if !p.IsDir() {
			continue
		}
		dir := path.Join(p.Name(), "samples")
		err := fs.WalkDir(folder, dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, name)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the samples: %w", err)
		}
	}
	return files, nil
}

// file scans one sample and compares.
func (s *Samples) file(ctx context.Context, name string, tree fstest.MapFS, library *content.Library, catalog *plan.Catalog, checks []*plan.Check) error {
	var text []byte
	for _, f := range tree {
		text = f.Data
	}
	wanted, wrong := expectations(name, text, catalog)
	s.Failures = append(s.Failures, wrong...)
	outcome, err := Code(ctx, CodeOptions{
		Root: tree, Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Checks: checks, Timeout: evaluate.DefaultTimeout,
		Now: func() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		return fmt.Errorf("scan the sample %s: %w", name, err)
	}
	defer outcome.Close()
	got, language, problems := readSample(name, outcome)
	s.Failures = append(s.Failures, problems...)
	for _, m := range excuses().FindAllStringSubmatch(string(text), -1) {
		s.excused[language+" "+m[2]+" "+m[1]] = true
	}
	found := map[expectation]string{}
	for f, err := range outcome.Result.Findings {
		if err != nil {
			return fmt.Errorf("scan the sample %s: %w", name, err)
		}
		if f.Location == nil {
			continue
		}
		at := expectation{check: f.Check, line: got[f.Location.Address]}
		verdict := strings.TrimSpace(strings.ToLower(string(f.Status)) + " " + cmp.Or(f.Found, f.Cause))
		if before, ok := found[at]; !ok || worse(verdict, before) {
			found[at] = verdict
		}
	}
	for _, w := range wanted {
		s.Expectations++
		verdict := cmp.Or(found[expectation{check: w.check, line: w.line}], "none")
		word, _, _ := strings.Cut(verdict, " ")
		if word != w.verdict {
			s.Failures = append(s.Failures, fmt.Sprintf("%s:%d: %s: wanted %s, got %s", w.file, w.line, w.check, w.verdict, verdict))
			continue
		}
		key := language + " " + w.check
		if s.Proved[key] == nil {
			s.Proved[key] = map[string]bool{}
		}
		s.Proved[key][word] = true
	}
	return nil
}

// worse tells whether a verdict counts before another about the same resource: a check may speak of several of its parts, and it
// passes if all of them do.
func worse(verdict, than string) bool {
	weight := func(of string) int {
		word, _, _ := strings.Cut(of, " ")
		return slices.Index([]string{"pass", "unknown", "fail"}, word)
	}
	return weight(verdict) > weight(than)
}

// readSample gives the line on which each resource begins, and what could not be read.
func readSample(name string, outcome *CodeOutcome) (lines map[string]int, language string, problems []string) {
	lines = map[string]int{}
	for _, p := range outcome.Code.Problems {
		problems = append(problems, fmt.Sprintf("%s:%d: %s", name, p.Range.Line, p.What))
	}
	for _, u := range outcome.Code.Units {
		language = u.Kind
		for _, p := range u.Problems {
			if p.Kind != iac.MissingValue { // samples of what is not known leave variables open
				problems = append(problems, fmt.Sprintf("%s:%d: %s", name, p.Range.Line, p.What))
			}
		}
		for _, r := range u.Resources {
			if r.Range.Line > 0 {
				lines[r.Address] = r.Range.Line
			}
		}
	}
	if len(outcome.Code.Units) != 1 {
		problems = append(problems, fmt.Sprintf("%s: it is %d units, but one is wanted", name, len(outcome.Code.Units)))
	}
	return lines, language, problems
}

// expectations reads the comments of a sample.
func expectations(name string, text []byte, catalog *plan.Catalog) (wanted []expectation, wrong []string) {
	var open []expectation
	line := 0
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line++
		if m := expects().FindStringSubmatch(lines.Text()); m != nil {
			for _, check := range strings.FieldsFunc(m[2], func(c rune) bool { return c == ',' || c == ' ' }) {
				if catalog.Checks[check] == nil {
					wrong = append(wrong, fmt.Sprintf("%s:%d: there is no check %s", name, line, check))
				}
				open = append(open, expectation{file: name, verdict: m[1], check: check})
			}
			continue
		}
		for i := range open {
			open[i].line = line
		}
		wanted = append(wanted, open...)
		open = nil
	}
	return wanted, wrong
}
