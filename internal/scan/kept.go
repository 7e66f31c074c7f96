package scan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/stancehq/stance/internal/collect"
)

// ResumeLast as Options.Resume means the last scan of the same provider and lake that is not whole.
const ResumeLast = "last"

// keptFor is how long a scan that nobody resumed is kept.
const keptFor = 7 * 24 * time.Hour

// kept is a scan's folder outside of the lake: what it collected, until all of that is in the lake. Rows that can hold secrets are
// sealed; the others are raw answers all the same, so that only the user may read it.
type kept struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Lake     string    `json:"lake"`
	Started  time.Time `json:"started"`
	// Flags are Options.Flags, so that the same is asked for when it is resumed.
	Flags map[string][]string `json:"flags,omitempty"`
	dir   string
}

const keptFile = "scan.json"

// Spools is the folder in which scans are kept where Options do not say.
func Spools() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for unfinished scans: %w", err)
	}
	return filepath.Join(cache, "stance", "scans"), nil
}

func openKept(r *runner) (*kept, error) {
	root, err := spoolFolder(r.Spools)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for unfinished scans: %w", err)
	}
	all, err := listKept(root)
	if err != nil {
		return nil, err
	}
	if r.Resume != "" {
		return choose(all, r.Resume, r.Provider.ID(), r.Lake)
	}
	for _, k := range all {
		if r.started.Sub(k.Started) > keptFor && !collect.Busy(k.dir) {
			if err := os.RemoveAll(k.dir); err != nil {
				return nil, fmt.Errorf("remove the unfinished scan %s, which nobody resumed: %w", k.ID, err)
			}
		}
	}
	k := &kept{ID: r.id, Provider: r.Provider.ID(), Lake: r.Lake, Started: r.started, Flags: r.Flags, dir: filepath.Join(root, r.id)}
	if err := k.make(); err != nil {
		if noSpace(err) {
			err = fmt.Errorf("%w: make room there", err)
		}
		return nil, fmt.Errorf("make the folder of this scan: %w", errors.Join(err, os.RemoveAll(k.dir)))
	}
	return k, nil
}

// make makes the folder. What says whose it is appears whole or not at all: half of it would stand in the way of later scans.
func (k *kept) make() error {
	if err := os.Mkdir(k.dir, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	part := filepath.Join(k.dir, keptFile+".part")
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(k.dir, keptFile))
}

func listKept(root string) ([]*kept, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("look for unfinished scans: %w", err)
	}
	var all []*kept
	for _, entry := range entries {
		dir := filepath.Join(root, entry.Name())
		text, err := os.ReadFile(filepath.Join(dir, keptFile))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not a scan's
		}
		k := &kept{dir: dir}
		if err == nil {
			err = json.Unmarshal(text, k)
		}
		if err != nil {
			return nil, fmt.Errorf("look for unfinished scans: %s: %w (remove the folder to go on without it)", dir, err)
		}
		all = append(all, k)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Started.After(all[j].Started) })
	return all, nil
}

// choose finds the scan to resume: by its id, or the last of the provider into the lake.
func choose(all []*kept, id, provider, lake string) (*kept, error) {
	for _, k := range all {
		switch {
		case k.ID == id:
			if k.Provider != provider {
				return nil, fmt.Errorf("resume scan %s: it is a scan of %s", k.ID, k.Provider)
			}
			return k, nil
		case id == ResumeLast && k.Provider == provider && k.Lake == lake:
			return k, nil
		}
	}
	if id == ResumeLast {
		return nil, fmt.Errorf("resume: there is no unfinished scan of %s into %s", provider, lake)
	}
	return nil, fmt.Errorf("resume scan %s: there is no such unfinished scan", id)
}

// close gives the folder back unless it is still wanted, and the id to resume by if it is.
func (k *kept) close(keep bool) (string, error) {
	if keep {
		return k.ID, nil
	}
	if err := os.RemoveAll(k.dir); err != nil {
		return "", fmt.Errorf("remove what the scan kept: %w", err)
	}
	return "", nil
}
