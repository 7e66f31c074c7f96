package evidence

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// VerifyOptions of Verify.
type VerifyOptions struct {
	// Fingerprint of the key that the bundle must be signed with; empty: any.
	Fingerprint string
	// Current is content to ask in place of the bundle's own; nil: the bundle's.
	Current *Current
	// Known is the program's own content: what of the bundle's is word for word the same need not be proved to be harmless, which takes the
	// most time. Nil: all is proved.
	Known *Current
	// Check and Resource, an id or a name, ask for the whole story of the verdicts of one check about one resource. No other check is
	// asked then.
	Check, Resource string
	Memory          int64 // of the database, in bytes; 0: the database's default
}

// Current is content as the program has it.
type Current struct {
	Library *content.Library
	Catalog *plan.Catalog
}

// Report says what Verify found.
type Report struct {
	Bundle    string       `json:"bundle"`
	Created   time.Time    `json:"created"`
	Version   string       `json:"stance_version"`
	About     string       `json:"about,omitempty"`
	Current   bool         `json:"current"` // the program's checks were asked, not the bundle's
	Signature Signature    `json:"signature"`
	Files     Files        `json:"files"`
	Scans     []ScanReport `json:"scans"`
	// Problems are why something could not be asked or compared.
	Problems []string `json:"problems"`
	// Given are checks that read columns whose values were read of secrets. The secrets are not in the bundle: it has what Stance read of
	// them, and that the verdicts follow from that.
	Given []string `json:"given"`
	Story *Story   `json:"story,omitempty"`
}

// Signature of the manifest.
type Signature struct {
	Valid       bool   `json:"valid"`
	Problem     string `json:"problem,omitempty"`
	Fingerprint string `json:"fingerprint"` // of the key in the bundle
	// Expected says that the key is the one that was asked for: else the signature proves integrity, and not origin.
	Expected bool `json:"expected"`
}

// Files are those of the bundle. Changed ones are not as they were signed.
type Files struct {
	Listed   int      `json:"listed"`
	Same     int      `json:"same"`
	Changed  []string `json:"changed"`
	Missing  []string `json:"missing"`
	Unlisted []string `json:"unlisted"`
}

func (f Files) ok() bool { return len(f.Changed)+len(f.Missing)+len(f.Unlisted) == 0 }

// ScanReport compares the verdicts of one scan. Differences has no more than the first thousand.
type ScanReport struct {
	ID          string       `json:"id"`
	Same        int64        `json:"same"`
	Differing   int64        `json:"differing"`
	Missing     int64        `json:"missing"`
	Additional  int64        `json:"additional"`
	Differences []Difference `json:"differences"`
}

// Difference is a verdict that did not come out the same.
type Difference struct {
	Kind         string  `json:"kind"` // differs, missing, additional
	Check        string  `json:"check"`
	Account      string  `json:"account"`
	Region       string  `json:"region"`
	Resource     string  `json:"resource"`
	ResourceName string  `json:"resource_name,omitempty"`
	Was          Verdict `json:"was"` // in the bundle
	Is           Verdict `json:"is"`  // asked again
}

// Verdict about a resource.
type Verdict struct {
	Status string `json:"status"`
	Cause  string `json:"cause,omitempty"`
	Found  string `json:"found,omitempty"`
}

// OK says that everything is as it was signed, and that all verdicts came out the same.
func (r *Report) OK() bool {
	differs := slices.ContainsFunc(r.Scans, func(s ScanReport) bool { return s.Differing+s.Missing+s.Additional > 0 })
	return r.Signature.Valid && r.Files.ok() && len(r.Problems) == 0 && !differs
}

// Verify proves a bundle from what is in it: its signature, its files, and that the verdicts follow from its documents. The error is of
// type *NotBundle for a file that is none, and else for what cannot be verified at all: a bundle that is not whole, of an unknown
// format, or signed by another key than the one asked for.
func Verify(ctx context.Context, bundle string, o VerifyOptions) (_ *Report, err error) {
	a, err := openArchive(bundle)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	m, text, err := a.manifest(bundle)
	if err != nil {
		return nil, err
	}
	r := &Report{
		Bundle: bundle, Created: m.Created, Version: m.Version, About: m.About, Current: o.Current != nil, Scans: []ScanReport{}, Problems: []string{}, Given: []string{},
		Files: Files{Listed: len(m.Files), Changed: []string{}, Missing: []string{}, Unlisted: []string{}},
	}
	r.Signature = a.signature(text)
	if o.Fingerprint != "" {
		if err := r.Signature.expect(bundle, o.Fingerprint); err != nil {
			return nil, err
		}
	}
	if err := a.compareFiles(ctx, m, &r.Files); err != nil {
		return nil, err
	}
	return r, r.ask(ctx, a, m, o)
}

// signature verifies that of the manifest with the key in the bundle.
func (a *archive) signature(text []byte) (s Signature) {
	fail := func(err error) Signature {
		s.Problem = err.Error()
		return s
	}
	const most = 64 << 10
	public, err := a.read(publicKeyName, most)
	if err != nil {
		return fail(err)
	}
	block, _ := pem.Decode(public)
	key, err := parsePublic(block)
	if err != nil {
		return fail(fmt.Errorf("%s %w", publicKeyName, err))
	}
	s.Fingerprint = Fingerprint(key)
	signed, err := a.read(signatureName, most)
	if err != nil {
		return fail(err)
	}
	if !ed25519.Verify(key, text, signed) {
		return fail(fmt.Errorf("%s does not fit to %s and %s: one of them was changed", signatureName, manifestName, publicKeyName))
	}
	s.Valid = true
	return s
}

// expect refuses another key than the one asked for.
func (s *Signature) expect(bundle, fingerprint string) error {
	switch {
	case s.Fingerprint != fingerprint && s.Fingerprint != "":
		return fmt.Errorf("%s is signed with the key %s, not with %s", bundle, s.Fingerprint, fingerprint)
	case !s.Valid:
		return fmt.Errorf("%s is not signed with the key %s: %s", bundle, fingerprint, s.Problem)
	}
	s.Expected = true
	return nil
}

// compareFiles names every file that is not as the manifest says.
func (a *archive) compareFiles(ctx context.Context, m *manifest, files *Files) error {
	listed := map[string]bool{manifestName: true, signatureName: true, publicKeyName: true}
	for _, f := range m.Files {
		if listed[f.Name] {
			files.Changed = append(files.Changed, f.Name) // a second hash of a name proves nothing
			continue
		}
		listed[f.Name] = true
		if !a.has(f.Name) {
			files.Missing = append(files.Missing, f.Name)
			continue
		}
		sum, err := a.sum(ctx, f.Name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || !strings.EqualFold(sum, f.SHA256) || slices.Contains(a.twice, f.Name) {
			files.Changed = append(files.Changed, f.Name)
			continue
		}
		files.Same++
	}
	for name := range a.entries {
		if !listed[name] {
			files.Unlisted = append(files.Unlisted, name)
		}
	}
	for _, name := range a.twice {
		if name == manifestName || name == signatureName || name == publicKeyName {
			files.Changed = append(files.Changed, name)
		}
	}
	slices.Sort(files.Changed)
	slices.Sort(files.Unlisted)
	files.Changed = slices.Compact(files.Changed)
	return nil
}

// ask asks the checks of each scan again. What is wrong with the bundle is a problem of the report; the error is for what is not its fault.
func (r *Report) ask(ctx context.Context, a *archive, m *manifest, o VerifyOptions) error {
	var q *questions
	var err error
	if o.Current != nil {
		q, err = a.current(ctx, o.Current)
	} else {
		q, err = a.prepare(ctx, o.Known)
	}
	if err != nil {
		return err
	}
	r.Problems = append(r.Problems, q.problems...)
	if o.Check != "" {
		r.Story = &Story{Check: o.Check, Resource: o.Resource}
	}
	for i := range m.Scans {
		scan := &m.Scans[i]
		if o.Check != "" {
			if scan = only(scan, o.Check); len(scan.Checks) == 0 {
				continue
			}
		}
		if err := r.askScan(ctx, a, q, scan, o); err != nil {
			return err
		}
	}
	return r.Story.told()
}

func (r *Report) askScan(ctx context.Context, a *archive, q *questions, scan *scanManifest, o VerifyOptions) (err error) {
	checks, err := q.asked(scan)
	if err != nil {
		r.Problems = append(r.Problems, err.Error())
		return nil
	}
	r.addGiven(checks, q.tables)
	one := &replay{archive: a, q: q, scan: scan, checks: checks, tables: closure(checks, q.tables)}
	defer func() { err = errors.Join(err, one.close()) }()
	if err := one.run(ctx, o.Memory); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Problems = append(r.Problems, fmt.Sprintf("the verdicts of scan %s could not be asked again: %s", scan.ID, database.Message(err)))
		return nil
	}
	compared, err := one.compare(ctx)
	if err != nil {
		return err
	}
	r.Scans = append(r.Scans, compared)
	if r.Story != nil {
		return r.Story.add(ctx, one)
	}
	return nil
}

// addGiven notes the checks that read columns which are taken as they are.
func (r *Report) addGiven(checks []*plan.Check, tables map[string]*plan.Table) {
	given := map[string][]string{}
	for _, c := range checks {
		refs := c.Refs()
		for i := 0; i < len(refs); i++ { // it grows by what is below derived tables
			t := tables[refs[i].Table]
			if t == nil {
				continue
			}
			refs = append(refs, t.Reads...) // of base tables alone
			if _, ok := given[t.Name]; !ok {
				given[t.Name] = givenColumns(t)
			}
			if slices.Contains(given[t.Name], refs[i].Column) {
				r.Given = append(r.Given, c.ID)
				break
			}
		}
	}
	slices.Sort(r.Given)
	r.Given = slices.Compact(r.Given)
}
