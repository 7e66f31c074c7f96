package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/stancehq/stance/internal/collect"
)

// Unfinished is a scan of which something is kept outside of the lake: it was stopped, or it could not see all.
type Unfinished struct {
	ID       string
	Provider string
	Lake     string
	Started  time.Time
	Flags    map[string][]string // Options.Flags of that scan
}

// FindUnfinished finds the scan to resume in a folder (empty: where Options do not say), by its id, or the last of a provider
// into a lake: ResumeLast.
func FindUnfinished(spools, id, provider, lake string) (*Unfinished, error) {
	root, err := spoolFolder(spools)
	if err != nil {
		return nil, err
	}
	all, err := listKept(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	k, err := choose(all, id, provider, lake)
	if err != nil {
		return nil, err
	}
	return &Unfinished{ID: k.ID, Provider: k.Provider, Lake: k.Lake, Started: k.Started, Flags: k.Flags}, nil
}

// Clean removes all unfinished scans that nobody is working on, and says how many there were and of how many bytes.
func Clean(spools string) (scans int, bytes int64, err error) {
	root, err := spoolFolder(spools)
	if err != nil {
		return 0, 0, err
	}
	all, err := listKept(root)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	for _, k := range all {
		if collect.Busy(k.dir) {
			continue
		}
		size, err := folderSize(k.dir)
		if err == nil {
			err = os.RemoveAll(k.dir)
		}
		if err != nil {
			return scans, bytes, fmt.Errorf("remove the unfinished scan %s: %w", k.ID, err)
		}
		scans, bytes = scans+1, bytes+size
	}
	return scans, bytes, nil
}

func spoolFolder(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	return Spools()
}

func folderSize(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
