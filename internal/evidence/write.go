package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/plan"
)

// Options of Write. History, Library and Catalog must be set.
type Options struct {
	// History is the selection of scans whose verdicts are to be proved. It stays open.
	History *history.History
	// Library and Catalog are the content that the scans asked; Settings are those of scans that did not note what they were asked with;
	// nil: the defaults.
	Library  *content.Library
	Catalog  *plan.Catalog
	Settings *content.Settings
	// Checks are the ids of those that the evidence is about; nil: all that the scans asked. Ids that no scan asked are left out.
	Checks []string
	// About says what the checks were chosen by, such as the title of a framework.
	About string

	Version string // of Stance
	Content string // the SHA-256 of the packed content, in hexadecimal digits
	Key     string // the file of the key that signs; empty: DefaultKey, which is made on first use
	Memory  int64  // of each database, in bytes; 0: the database's default
	Now     func() time.Time
}

// Written says what a bundle holds.
type Written struct {
	Fingerprint                        string // of the key
	Scans, Checks                      int
	Files, Documents, Verdicts, Tables int64
	Bytes                              int64
}

// Write writes a bundle, which appears under its name whole or not at all. Before it does, the verdicts are asked again from what is in
// it, as Verify does it: where they do not all come out the same, because the content or the parameters have changed since the
// scan, the error is *Unproved, and there is no bundle.
func Write(ctx context.Context, file string, o Options) (Written, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	key, err := signingKey(o.Key)
	if err != nil {
		return Written{}, err
	}
	b := &bundler{Options: o, key: key, made: Written{Fingerprint: Fingerprint(key.Public().(ed25519.PublicKey))}}
	if err := b.choose(); err != nil {
		return Written{}, err
	}
	if b.writer, err = newWriter(file); err != nil {
		return Written{}, err
	}
	err = b.write(ctx)
	if err == nil {
		err = b.prove(ctx)
	}
	if err != nil {
		return Written{}, errors.Join(err, b.writer.abandon())
	}
	return b.made, b.writer.publish()
}

// bundler makes one bundle.
type bundler struct {
	Options
	*writer
	key    ed25519.PrivateKey
	shares []history.Share
	checks []*plan.Check
	tables []*plan.Table
	made   Written
}

// choose finds the scans, checks and tables that the evidence is about.
func (b *bundler) choose() error {
	wanted := map[string]bool{}
	for _, id := range b.Checks {
		wanted[id] = true
	}
	chosen := map[string]bool{}
	var gone []string
	for _, share := range b.History.Shares() {
		if b.Checks != nil {
			share.Asked = slices.DeleteFunc(slices.Clone(share.Asked), func(id string) bool { return !wanted[id] })
		}
		if len(share.Asked) == 0 {
			continue
		}
		b.shares = append(b.shares, share)
		for _, id := range share.Asked {
			if check := b.Catalog.Checks[id]; check == nil {
				gone = append(gone, id)
			} else if !chosen[id] {
				chosen[id] = true
				b.checks = append(b.checks, check)
			}
		}
	}
	switch {
	case len(gone) > 0:
		slices.Sort(gone)
		gone = slices.Compact(gone)
		return fmt.Errorf("the scans asked %s that this version of Stance does not know: %s (scan again, or use the version and the --content of the scan)", plural(len(gone), "check"), some(gone))
	case len(b.shares) == 0:
		return errors.New("no scan of the selection asked any of these checks: there is nothing to prove")
	}
	slices.SortFunc(b.shares, func(x, y history.Share) int { return strings.Compare(x.ID, y.ID) })
	slices.SortFunc(b.checks, func(x, y *plan.Check) int { return strings.Compare(x.ID, y.ID) })
	b.tables = closure(b.checks, b.Catalog.Tables)
	b.made.Scans, b.made.Checks, b.made.Tables = len(b.shares), len(b.checks), int64(len(b.tables))
	return nil
}

func (b *bundler) write(ctx context.Context) error {
	m := manifest{Kind: kind, Format: formatVersion, Created: b.Now().UTC(), Version: b.Version, Content: b.Content, About: b.About, Key: b.made.Fingerprint}
	if err := b.addText(readmeName, readme(b.made.Fingerprint)); err != nil {
		return err
	}
	if err := b.writeContent(); err != nil {
		return err
	}
	for _, share := range b.shares {
		scan, err := b.writeScan(ctx, share)
		if err != nil {
			return err
		}
		m.Scans = append(m.Scans, scan)
	}
	m.Files = b.files
	text, err := m.write()
	if err != nil {
		return err
	}
	public, err := publicPEM(b.key.Public().(ed25519.PublicKey))
	if err != nil {
		return fmt.Errorf("write the public key: %w", err)
	}
	for _, file := range []struct {
		name string
		text []byte
	}{{manifestName, text}, {signatureName, ed25519.Sign(b.key, text)}, {publicKeyName, public}} {
		if err := b.addText(file.name, file.text); err != nil {
			return err
		}
	}
	b.made.Files = int64(len(b.files))
	b.made.Bytes, err = b.end()
	return err
}

// writeContent writes checks, tables and functions.
func (b *bundler) writeContent() error {
	shared := (&Current{Library: b.Library}).shared()
	for _, c := range b.checks {
		f, err := newCheckFile(c, shared[c.Spec.Provider])
		if err != nil {
			return err
		}
		if err := b.addJSON(checkName(c.ID), f); err != nil {
			return err
		}
	}
	if err := b.addText(functionsName, functionsSQL(functionsOf(b.checks, b.tables, b.Library.Functions))); err != nil {
		return err
	}
	for _, t := range b.tables {
		f, err := newTableFile(t)
		if err != nil {
			return err
		}
		if err := b.addJSON(tableName(t.Name), f); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundler) addJSON(name string, v any) error {
	text, err := indented(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return b.addText(name, text)
}

// writeScan writes what one scan saw, and what it said.
func (b *bundler) writeScan(ctx context.Context, share history.Share) (_ scanManifest, err error) {
	h, err := b.History.Of(ctx, share.ID, b.Memory)
	if err != nil {
		return scanManifest{}, err
	}
	defer func() { err = errors.Join(h.Explain(ctx, err), h.Close()) }()
	checks := make([]*plan.Check, len(share.Asked))
	for i, id := range share.Asked {
		checks[i] = b.Catalog.Checks[id]
	}
	scan := scanManifest{ID: share.ID, Started: share.Started, Header: share.Scan, Checks: share.Asked}
	if scan.Parameters, err = b.parameters(ctx, h, checks); err != nil {
		return scan, err
	}
	tables := closure(checks, b.Catalog.Tables)
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	cells, err := h.Cells(ctx, names)
	if err != nil {
		return scan, err
	}
	if err := b.writeCells(coverageName(share.ID), cells); err != nil {
		return scan, err
	}
	for _, t := range tables {
		if t.Spec.List == nil || !slices.ContainsFunc(share.Files, func(f lake.File) bool { return f.Table == t.Name }) {
			continue // made of others, or not collected, which the ledger says
		}
		if err := b.writeDocuments(ctx, h, share.ID, t); err != nil {
			return scan, err
		}
	}
	return scan, b.writeFindings(ctx, h, share)
}

// parameters are the values that the scan asked its checks with: as it noted them, or else as they are set now.
func (b *bundler) parameters(ctx context.Context, h *history.History, checks []*plan.Check) (map[string]map[string]json.RawMessage, error) {
	noted, err := h.Params(ctx)
	if err != nil {
		return nil, err
	}
	shared := (&Current{Library: b.Library}).shared()
	all := map[string]map[string]json.RawMessage{}
	for _, c := range checks {
		values := b.Settings.Values(c.Spec)
		maps.Copy(values, noted[c.ID])
		for _, p := range paramsOf(c.Spec, shared[c.Spec.Provider]) {
			value, set := values[p.Name]
			if !set {
				value = p.Default
			}
			text, err := plain(value)
			if err != nil {
				return nil, fmt.Errorf("parameter %s of %s: %w", p.Name, c.ID, err)
			}
			if all[c.ID] == nil {
				all[c.ID] = map[string]json.RawMessage{}
			}
			all[c.ID][p.Name] = text
		}
	}
	return all, nil
}

// writeCells writes the ledger as a JSON list with one cell on each line.
func (b *bundler) writeCells(name string, cells []collect.Cell) error {
	return b.add(name, func(out io.Writer) error {
		separator := "[\n"
		for _, c := range cells {
			text, err := plain(c)
			if err != nil {
				return fmt.Errorf("write %s: %w", name, err)
			}
			if _, err := fmt.Fprintf(out, "%s%s", separator, text); err != nil {
				return b.failed(err)
			}
			separator = ",\n"
		}
		if len(cells) == 0 {
			separator = "["
		} else {
			separator = "\n"
		}
		_, err := io.WriteString(out, separator+"]\n")
		return b.failed(err)
	})
}

// failed says which file could not be written.
func (b *bundler) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s: %w", b.target, err)
}

func (b *bundler) writeDocuments(ctx context.Context, h *history.History, scan string, t *plan.Table) error {
	given := givenColumns(t)
	name := documentsName(scan, t.Name)
	return b.add(name, func(out io.Writer) error {
		var line []byte
		for d, err := range h.Documents(ctx, t.Name, given) {
			if err != nil {
				return err
			}
			line = appendDocument(line[:0], d)
			if len(line) > maxLine {
				return fmt.Errorf("write %s: the document of %s has %d bytes, more than a bundle holds", name, d.ID.String, len(line))
			}
			if _, err := out.Write(line); err != nil {
				return b.failed(err)
			}
			b.made.Documents++
		}
		return nil
	})
}

// appendDocument writes a row in the form in which it was collected (collect.Row), with its id for people, and what cannot be read of
// the document any more.
func appendDocument(line []byte, d history.Document) []byte {
	member := func(key string, valid bool, value []byte) {
		if valid {
			line = append(append(append(line, ',', '"'), key...), '"', ':')
			line = append(line, value...)
		}
	}
	quoted := func(text string) []byte { return jsonscan.AppendQuoted(nil, text) }
	line = append(append(line, `{"account":`...), quoted(d.Account.String)...)
	member("partition", d.Partition.Valid, quoted(d.Partition.String))
	member("region", d.Region.Valid, quoted(d.Region.String))
	member("id", d.ID.Valid, quoted(d.ID.String))
	member("at", d.At.Valid, quoted(d.At.Time.Format(time.RFC3339Nano)))
	raw := []byte("null")
	if d.Raw.Valid {
		raw = oneLine([]byte(d.Raw.String))
	}
	member("doc", true, raw)
	member("unknown", d.Unknown.Valid, []byte(d.Unknown.String))
	member("columns", d.Columns.Valid, []byte(d.Columns.String))
	return append(line, '}', '\n')
}

// oneLine gives JSON without line breaks, which can only stand between its tokens.
func oneLine(text []byte) []byte {
	if !bytes.ContainsAny(text, "\r\n") {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
}

func (b *bundler) writeFindings(ctx context.Context, h *history.History, share history.Share) error {
	return b.add(findingsName(share.ID), func(out io.Writer) error {
		for f, err := range h.Verdicts(ctx, share.Asked) {
			if err != nil {
				return err
			}
			text, err := plain(f)
			if err != nil {
				return fmt.Errorf("write the verdicts: %w", err)
			}
			if _, err := out.Write(append(text, '\n')); err != nil {
				return b.failed(err)
			}
			b.made.Verdicts++
		}
		return nil
	})
}

// Unproved is the error of evidence whose verdicts do not follow from its documents.
type Unproved struct{ Report *Report }

func (e *Unproved) Error() string {
	var checks []string
	for _, s := range e.Report.Scans {
		for _, d := range s.Differences {
			checks = append(checks, d.Check)
		}
	}
	slices.Sort(checks)
	checks = slices.Compact(checks)
	what := some(checks)
	if len(e.Report.Problems) > 0 {
		what = e.Report.Problems[0]
	}
	return fmt.Sprintf("no evidence was written: asked again of the documents in the lake, not all checks say what the scan said (%s). Checks, tables or "+
		"parameters have changed since: scan again, then write the evidence of that scan", what)
}

// prove asks all verdicts again from the bundle as it was written.
func (b *bundler) prove(ctx context.Context) error {
	report, err := Verify(ctx, b.part(), VerifyOptions{Memory: b.Memory, Known: &Current{b.Library, b.Catalog}})
	if err != nil {
		return err
	}
	if !report.OK() {
		return &Unproved{report}
	}
	return nil
}

// some lists a few of several names.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
