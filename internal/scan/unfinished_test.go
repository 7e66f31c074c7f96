package scan

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// leave makes what a scan of some age left in a folder.
func leave(t *testing.T, root, id string, started time.Time) *kept {
	t.Helper()
	k := &kept{ID: id, Provider: "fake", Lake: "/lake", Started: started, Flags: map[string][]string{"region": {"north"}}, dir: filepath.Join(root, id)}
	if err := k.make(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "rows"), make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

func gone(t *testing.T, dir string) bool {
	t.Helper()
	_, err := os.Stat(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err != nil
}

func TestAScanThatNobodyResumedIsRemovedAfterAWeek(t *testing.T) {
	root, now := t.TempDir(), time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	old, young := leave(t, root, "old", now.AddDate(0, 0, -8)), leave(t, root, "young", now.AddDate(0, 0, -6))
	foreign := filepath.Join(root, "not a scan's")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	r := &runner{Options: Options{Provider: &cloud{}, Spools: root}, id: "new", started: now}
	if _, err := openKept(r); err != nil {
		t.Fatal(err)
	}
	if !gone(t, old.dir) || gone(t, young.dir) || gone(t, foreign) {
		t.Errorf("old gone: %v, young gone: %v, another's folder gone: %v", gone(t, old.dir), gone(t, young.dir), gone(t, foreign))
	}
}

func TestUnfinishedScansAreFoundWithTheirFlags(t *testing.T) {
	root := t.TempDir()
	leave(t, root, "first", time.Unix(1, 0))
	leave(t, root, "second", time.Unix(2, 0))
	for _, c := range []struct{ id, provider, lake, want string }{
		{"first", "fake", "/elsewhere", "first"},
		{ResumeLast, "fake", "/lake", "second"},
		{ResumeLast, "fake", "/elsewhere", "no unfinished scan of fake into /elsewhere"},
		{"first", "aws", "/lake", "it is a scan of fake"},
		{"third", "fake", "/lake", "no such unfinished scan"},
	} {
		found, err := FindUnfinished(root, c.id, c.provider, c.lake)
		switch {
		case err != nil && !strings.Contains(err.Error(), c.want):
			t.Errorf("%+v: %v", c, err)
		case err == nil && (found.ID != c.want || found.Lake != "/lake" || found.Flags["region"][0] != "north"):
			t.Errorf("%+v: got %+v", c, found)
		}
	}
	if _, err := FindUnfinished(filepath.Join(root, "none"), "x", "fake", ""); err == nil || !strings.Contains(err.Error(), "no such unfinished scan") {
		t.Errorf("where nothing ever was: %v", err)
	}
}

func TestCleanRemovesWhatIsKeptAndCountsIt(t *testing.T) {
	root := t.TempDir()
	k := leave(t, root, "one", time.Unix(1, 0))
	scans, bytes, err := Clean(root)
	if err != nil || scans != 1 || bytes <= 1000 || bytes > 2000 || !gone(t, k.dir) {
		t.Errorf("%d scans, %d bytes, %v, gone: %v", scans, bytes, err, gone(t, k.dir))
	}
	if scans, bytes, err := Clean(filepath.Join(root, "none")); err != nil || scans != 0 || bytes != 0 {
		t.Errorf("where nothing ever was: %d scans, %d bytes, %v", scans, bytes, err)
	}
}
