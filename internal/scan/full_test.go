package scan

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDisk lets the disk be full where the scan writes, at each stage: it ends with one line that names the place and
// says how to go on, earlier scans stay, and once there is room the scan goes on to the same end.
func TestAFullDisk(t *testing.T) {
	for name, c := range map[string]struct {
		stage Stage
		full  string // glob of the folder, below the lake and the spools
		files []string
	}{
		"while it collects":             {Collecting, "spools/*", []string{"fake_thing.ndjson.zst"}},
		"when it publishes what it has": {Writing, "lake/_staging/*", []string{"manifest.part"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := optionsFor(t, things("north", "south"), "fake_thing_kind", "fake_thing_size")
			o.Lake, o.Spools = filepath.Join(dir, "lake"), filepath.Join(dir, "spools")
			want := finished(t, o)
			before := tree(t, o.Lake)

			var blocked []string
			o.Stage = func(s Stage) {
				if s == c.stage {
					blocked = block(t, filepath.Join(dir, c.full), c.files)
				}
			}
			outcome, err := Run(t.Context(), o)
			if err == nil {
				outcome.Close()
				t.Fatal("it did not notice")
			}
			if c.stage == Collecting && !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("the error does not wrap the cause: %#v", err)
			}
			place, _ := filepath.Glob(filepath.Join(dir, "spools", "*"))
			id := filepath.Base(place[0])
			if c.stage == Writing {
				place = []string{o.Lake}
			}
			for _, words := range []string{"o space left on device: make room there, then go on with --resume=" + id, place[0]} {
				if strings.Count(err.Error(), words) != 1 || strings.Contains(err.Error(), "\n") {
					t.Errorf("it does not say %q once, on one line: %v", words, err)
				}
			}
			if after := tree(t, o.Lake); !slices.Equal(before, after) {
				t.Errorf("the lake had\n%s\nand has\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}

			o.Stage, o.Resume = nil, ResumeLast
			for _, name := range blocked {
				if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			if got := finished(t, o); !slices.Equal(got, want) {
				t.Errorf("resumed:\n got %q\nwant %q", got, want)
			}
			if left, _ := filepath.Glob(filepath.Join(o.Spools, "*")); len(left) > 0 {
				t.Errorf("it still keeps %v", left)
			}
		})
	}
}

// finished is a scan that must end well.
func finished(t *testing.T, o Options) []string {
	t.Helper()
	outcome, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, outcome)
	slices.Sort(r.findings)
	return r.findings
}

// The database's own words are all that there is of its errors.
func TestAFullDiskInTheDatabasesWords(t *testing.T) {
	r := &runner{}
	err := r.advise(errors.New(`write table a to the lake: IO Error: Could not write file "/l/_staging/a.part": No space left on device`), "id")
	want := `write table a to the lake: IO Error: Could not write file "/l/_staging/a.part": No space left on device: make room there, then go on with --resume=id: what was collected is kept`
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
}

func TestATableThatCannotBeWrittenLeavesTheLakeAsItWas(t *testing.T) {
	o := optionsFor(t, things("north"), "fake_thing_kind")
	finished(t, o)
	before := tree(t, o.Lake)
	o.Stage = func(s Stage) {
		found, _ := filepath.Glob(filepath.Join(o.Lake, "_staging", "*"))
		if s == Writing && os.Mkdir(filepath.Join(found[0], "findings.part"), 0o755) != nil {
			t.Error("the folder cannot be made")
		}
	}
	outcome, err := Run(t.Context(), o)
	if err == nil {
		outcome.Close()
		t.Fatal("it did not notice")
	}
	if !strings.Contains(err.Error(), "findings.part") || !strings.Contains(err.Error(), "--resume=") {
		t.Errorf("got %v", err)
	}
	if after := tree(t, o.Lake); !slices.Equal(before, after) {
		t.Errorf("the lake had\n%s\nand has\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	o.Stage, o.Resume = nil, ResumeLast
	finished(t, o)
}

// block puts a device that is always full where files are about to be written.
func block(t *testing.T, folders string, files []string) (names []string) {
	t.Helper()
	found, err := filepath.Glob(folders)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", folders, found, err)
	}
	for _, file := range files {
		name := filepath.Join(found[0], file)
		if err := os.Symlink("/dev/full", name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// tree is all files below a folder.
func tree(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTheMarkOfAKeptScanIsWholeOrNotThere(t *testing.T) {
	root := t.TempDir()
	o := optionsFor(t, things("north"), "fake_thing_kind")
	o.Spools = root
	r := &runner{Options: o, id: "20260115T120000Z-fake-aaaaaa"}
	k := &kept{ID: r.id, Provider: "fake", dir: filepath.Join(root, r.id)}
	if err := os.Mkdir(k.dir, 0o700); err != nil { // as a process leaves it that is killed
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.dir, keptFile+".part"), []byte(`{"id": "2026`), 0o600); err != nil {
		t.Fatal(err)
	}
	finished(t, o)
	if err := k.make(); err == nil {
		t.Error("two scans have one folder")
	}
	if err := os.RemoveAll(k.dir); err != nil {
		t.Fatal(err)
	}
	if err := k.make(); err != nil {
		t.Fatal(err)
	}
	all, err := listKept(root)
	if err != nil || len(all) != 1 || all[0].ID != r.id {
		t.Errorf("kept: %+v, %v", all, err)
	}
}

func TestAScanThatNeedsMoreMemorySaysSo(t *testing.T) {
	r := &runner{Options: Options{Memory: 64 << 20}}
	err := r.advise(errors.New("load x: Out of Memory Error: failed to allocate data of size 32.0 KiB (47.9 MiB/48.0 MiB used)\n\nPossible solutions:\n* SET"), "id")
	want := "load x: Out of Memory Error: failed to allocate data of size 32.0 KiB (47.9 MiB/48.0 MiB used): give it more with --memory (it had 64 MiB), or room for its files in TMPDIR, then go on with --resume=id: what was collected is kept"
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
}
