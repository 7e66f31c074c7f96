package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func TestSpoolIsPrivate(t *testing.T) {
	opt := options(t, oneCloud(), onePlan(), "eu-west-1")
	opt.Dir = filepath.Join(opt.Dir, "spool")
	collectAll(t, opt)
	err := filepath.WalkDir(opt.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSpoolTellsWhatItHolds(t *testing.T) {
	opt := options(t, oneCloud(), onePlan(), "us-east-1", "eu-west-1")
	res := collectAll(t, opt)
	s, err := OpenSpool(opt.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff([]string{"child", "other", "thing"}, s.Tables()); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if len(s.Cells()) != len(res.Cells) || s.Count("thing") != 4 || s.Count("none") != 0 {
		t.Errorf("%d cells, %d things", len(s.Cells()), s.Count("thing"))
	}
	if _, err := OpenSpool(t.TempDir(), nil); !errors.Is(err, ErrNoScan) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestDamagedSpoolIsAnErrorThatNamesTheFile(t *testing.T) {
	edit := func(f func([]byte) []byte) func(t *testing.T, name string) {
		return func(t *testing.T, name string) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tc := range map[string]struct {
		file   string
		damage func(t *testing.T, name string)
		want   string
	}{
		"rows truncated":   {"thing.ndjson.zst", edit(func(b []byte) []byte { return b[:len(b)-3] }), "truncated"},
		"a byte changed":   {"thing.ndjson.zst", edit(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), "checksum"},
		"rows deleted":     {"thing.ndjson.zst", func(t *testing.T, name string) { os.Remove(name) }, "no such file"},
		"journal changed":  {journalName, edit(func(b []byte) []byte { b[bytes.IndexByte(b, '\n')+30] ^= 1; return b }), "damaged in line 2"},
		"header is absent": {journalName, edit(func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			opt := options(t, oneCloud(), onePlan(), "eu-west-1")
			collectAll(t, opt).Spool.Close()
			tc.damage(t, filepath.Join(opt.Dir, tc.file))
			rows := 0
			s, err := OpenSpool(opt.Dir, nil)
			if err == nil {
				defer s.Close()
				for _, e := range s.Rows("thing") {
					if e != nil {
						err = e
						break
					}
					rows++
				}
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), tc.file) {
				t.Errorf("got %v after %d rows, want %q of %s", err, rows, tc.want, tc.file)
			}
		})
	}
}

// fullDisk is a file on a disk that takes only so many bytes.
type fullDisk struct {
	*os.File
	room *atomic.Int64
}

func (f fullDisk) WriteAt(p []byte, off int64) (int, error) {
	if f.room.Add(-int64(len(p))) < 0 {
		n, _ := f.File.WriteAt(p[:len(p)/2], off)
		return n, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.WriteAt(p, off)
}

func TestFullDiskIsOneErrorAndCanBeResumed(t *testing.T) {
	cloud, p := world(40)
	clean := collectAll(t, options(t, cloud, p, worldRegions...))
	want := everything(t, clean.Spool, p)
	for _, room := range []int64{100, 2500, 4000, 6000, 9000} {
		t.Run(fmt.Sprint(room, " bytes"), func(t *testing.T) {
			cloud, p := world(40)
			opt := options(t, cloud, p, worldRegions...)
			left := &atomic.Int64{}
			left.Store(room)
			r := &run{opt: opt.withDefaults(), openFile: func(name string, flag int, perm fs.FileMode) (file, error) {
				f, err := os.OpenFile(name, flag, perm)
				return fullDisk{f, left}, err
			}}
			res, err := r.collect(t.Context())
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), opt.Dir) {
				t.Fatalf("got %v", err)
			}
			if res != nil {
				res.Spool.Close()
			}
			opt.Resume = true
			res = collectAll(t, opt)
			if diff := cmp.Diff(want, everything(t, res.Spool, p)); diff != "" {
				t.Errorf("rows differ after the disk had room again:\n%s", diff)
			}
		})
	}
}

// TestSecretsAreNotOnTheDiskInClear: rows of a table that can hold secrets, and of its children, are read by the scan that
// wrote them and by nobody later, who asks for them again.
func TestSecretsAreNotOnTheDiskInClear(t *testing.T) {
	cloud, p := oneCloud(), onePlan()
	cloud.Ops["s:List"] = serve(doc{"L": []doc{{"Name": "a", "Password": "correct-horse-battery"}}})
	p.Tables[0].Table.Mask = []string{"Password"}
	opt := options(t, cloud, p, "eu-west-1")
	first := collectAll(t, opt)
	want := everything(t, first.Spool, p)
	if !strings.Contains(strings.Join(want, ""), "correct-horse-battery") {
		t.Fatalf("the scan itself must see it: %s", want)
	}
	first.Spool.Close()
	reader, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for name, sealed := range map[string]bool{"thing": true, "other": false} {
		data, err := os.ReadFile(filepath.Join(opt.Dir, name+".ndjson.zst"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.DecodeAll(data, nil); (err != nil) != sealed {
			t.Errorf("%s is to be sealed: %v; reading it gives %v", name, sealed, err)
		}
	}
	s, err := OpenSpool(opt.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"other"}, s.Tables()); diff != "" {
		t.Errorf("without the seal (-want +got):\n%s", diff)
	}
	s.Close()
	before := cloud.Calls()
	opt.Resume = true
	again := collectAll(t, opt)
	if diff := cmp.Diff(want, everything(t, again.Spool, p)); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	after := cloud.Calls()
	if after["s:List"] != 2*before["s:List"] || after["s:Children"] != 2*before["s:Children"] || after["o:List"] != before["o:List"] {
		t.Errorf("calls %v, then %v", before, after)
	}
}

func TestASealOpensWhatItClosed(t *testing.T) {
	p := onePlan()
	p.Tables[0].Table.Mask = []string{"Name"}
	opt := options(t, oneCloud(), p, "eu-west-1")
	var err error
	if opt.Seal, err = NewSeal(); err != nil {
		t.Fatal(err)
	}
	collectAll(t, opt).Spool.Close()
	s, err := OpenSpool(opt.Dir, opt.Seal)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := rowsOf(t, s, "thing"); len(got) != 2 {
		t.Errorf("rows %v", got)
	}
	other, err := NewSeal()
	if err != nil {
		t.Fatal(err)
	}
	o, err := OpenSpool(opt.Dir, other)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if got := o.Tables(); slices.Contains(got, "thing") {
		t.Errorf("another seal opens %v", got)
	}
}
