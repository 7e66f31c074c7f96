package collect

import (
	"path/filepath"
	"testing"
)

func TestAFolderIsBusyWhileAScanWritesThere(t *testing.T) {
	dir := t.TempDir()
	if Busy(dir) {
		t.Error("before anyone wrote there")
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	if !Busy(dir) {
		t.Error("a scan writes there")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if Busy(dir) {
		t.Error("the scan has ended")
	}
}
