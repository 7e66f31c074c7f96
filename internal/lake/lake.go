// Package lake keeps what scans found as plain Parquet files that any SQL tool reads, in a folder or a bucket:
//
//	tables/<table>/scan_id=<id>/part-0.parquet    one file per table and scan
//	manifests/<id>.json                            written last: a scan without one does not exist
//	_staging/<id>/<table>.part                     what is being written; no glob for *.parquet finds it
//
// Files are written once and never changed. Stance's own readers follow the manifests.
package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const (
	stagingFolder  = "_staging"
	manifestFolder = "manifests"
	tableFolder    = "tables"
	manifestFormat = 2
)

// Manifest says what one scan put into the lake.
type Manifest struct {
	Format   int       `json:"format"` // 2
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Version  string    `json:"version"` // of Stance
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Accounts []string  `json:"accounts"`
	// Checks are the ids of the checks that this scan evaluated, for all its accounts.
	Checks []string `json:"checks"`
	// Reach of the checks' verdicts, by id; those that are not named have ReachAccount.
	Reach map[string]Reach `json:"reach,omitempty"`
	// Regions that were visited, by account. Accounts that are not named were visited in all their regions, so that what
	// earlier scans said of any region is past.
	Regions map[string][]string `json:"regions,omitempty"`
	Files   []File              `json:"files"`
	// Scan is the report's own header of the scan, as it stands in JSON outputs.
	Scan json.RawMessage `json:"scan,omitempty"`
}

// File is one Parquet file.
type File struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	// Accounts in which the table was collected, even if it had no rows there.
	Accounts []string `json:"accounts,omitempty"`
	Reach    Reach    `json:"reach,omitempty"`
	Groups
}

// Groups are the column groups of a table. They tell a scan that asked for few of them from one that saw more: see Views.
type Groups struct {
	// Asked are those that the scan collected, the list call's apart; Skipped are the table's others.
	Asked   []string `json:"asked,omitempty"`
	Skipped []string `json:"skipped,omitempty"`
	// Columns are the groups that each column rests on; those that rest on the list call alone are left out.
	Columns map[string][]string `json:"columns,omitempty"`
}

// Lake is an open lake.
type Lake struct {
	Location string
	store    store
}

// Open opens a folder, s3://bucket/prefix, gs://bucket/prefix or azblob://container/prefix. A folder need not exist yet.
func Open(ctx context.Context, location string) (*Lake, error) {
	s, err := openStore(ctx, location)
	if err != nil {
		return nil, err
	}
	return &Lake{Location: location, store: s}, nil
}

// Close releases the lake.
func (l *Lake) Close() error { return l.store.close() }

// Scans lists the manifests, oldest first. A manifest that cannot be read is an error that names it: a lake must not
// quietly lack a scan.
func (l *Lake) Scans(ctx context.Context) ([]Manifest, error) {
	keys, err := l.store.list(ctx, manifestFolder)
	if err != nil {
		return nil, err
	}
	var scans []Manifest
	for _, key := range keys {
		if !strings.HasSuffix(key, ".json") {
			continue
		}
		data, err := l.store.read(ctx, key)
		if err != nil {
			return nil, err
		}
		var m Manifest
		if err := json.Unmarshal(data, &m); err != nil {
			return nil, fmt.Errorf("read manifest %s of lake %s: it is damaged (%w); move it away to go on without that scan", key, l.Location, err)
		}
		if m.Format != manifestFormat {
			return nil, fmt.Errorf("read manifest %s of lake %s: it has format %d, this version of stance reads %d", key, l.Location, m.Format, manifestFormat)
		}
		scans = append(scans, m)
	}
	sort.Slice(scans, func(i, j int) bool {
		if !scans[i].Started.Equal(scans[j].Started) {
			return scans[i].Started.Before(scans[j].Started)
		}
		return scans[i].ID < scans[j].ID
	})
	return scans, nil
}

// Scan finds one scan by its id, a unique beginning of it, or "latest".
func (l *Lake) Scan(ctx context.Context, id string) (*Manifest, error) {
	scans, err := l.Scans(ctx)
	if err != nil {
		return nil, err
	}
	if len(scans) == 0 {
		return nil, &Empty{l.Location}
	}
	if id == "" || id == "latest" {
		return &scans[len(scans)-1], nil
	}
	var found []Manifest
	for _, m := range scans {
		if m.ID == id {
			return &m, nil
		}
		if strings.HasPrefix(m.ID, id) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return &found[0], nil
	case 0:
		return nil, fmt.Errorf("no scan %q in the lake %s: `stance scans` lists them", id, l.Location)
	}
	return nil, fmt.Errorf("%d scans in the lake %s begin with %q: give more of the id", len(found), l.Location, id)
}

// Beside reads a file that lies at the root of the lake, beside the folders of tables: ErrNotFound if there is none.
func (l *Lake) Beside(ctx context.Context, name string) ([]byte, error) {
	return l.store.read(ctx, name)
}

// Writer puts one scan into a lake. Nothing of it is seen before Commit.
type Writer struct {
	lake    *Lake
	dir     string
	written []File
	m       Manifest
}

// Begin starts a scan. The folder that Staging names is the writer's own until Commit or Abort.
func (l *Lake) Begin(m Manifest) (*Writer, error) {
	if m.ID == "" || strings.ContainsAny(m.ID, "/\\ ") {
		return nil, fmt.Errorf("begin scan %q: a scan's id has no blanks or slashes", m.ID)
	}
	dir := filepath.Join(l.store.staging(), m.ID)
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("prepare the lake %s: %w", l.Location, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("prepare the lake %s: %w", l.Location, err)
	}
	m.Format = manifestFormat
	return &Writer{lake: l, dir: dir, m: m}, nil
}

// Staging is the folder that the database must be allowed to write to.
func (w *Writer) Staging() string { return w.dir }

// Commit publishes the files, then the manifest.
func (w *Writer) Commit(ctx context.Context, finish func(*Manifest)) error {
	for i, file := range w.written {
		if err := w.lake.store.put(ctx, w.stagedPath(file.Table), file.Key); err != nil {
			w.withdraw(ctx, w.written[:i])
			return err
		}
	}
	w.m.Files = w.written
	if finish != nil {
		finish(&w.m)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(w.m); err != nil {
		return fmt.Errorf("write the manifest of scan %s: %w", w.m.ID, err)
	}
	staged := filepath.Join(w.dir, "manifest.part")
	err := os.WriteFile(staged, text.Bytes(), 0o644)
	if err == nil {
		err = w.lake.store.put(ctx, staged, manifestFolder+"/"+w.m.ID+".json")
	}
	if err != nil {
		w.withdraw(ctx, w.written)
		return fmt.Errorf("write the manifest of scan %s: %w", w.m.ID, err)
	}
	return w.clean()
}

// Abort removes what was staged.
func (w *Writer) Abort() error { return w.clean() }

func (w *Writer) clean() error {
	err := os.RemoveAll(w.dir)
	_ = os.Remove(filepath.Dir(w.dir)) // the staging folder itself goes when no other scan is in it
	return err
}

// withdraw takes published files back, so that readers that use a glob do not see a scan that never came to be.
func (w *Writer) withdraw(ctx context.Context, files []File) {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, file := range files {
		errs = append(errs, w.lake.store.remove(ctx, file.Key))
	}
	_ = errors.Join(errs...) // the error that led here is the one to report; readers that follow manifests are safe anyway
}

func (w *Writer) stagedPath(table string) string { return filepath.Join(w.dir, table+".part") }
