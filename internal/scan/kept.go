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
)

// ResumeLast as Options.Resume means the last scan of the same provider and lake that is not whole.
const ResumeLast = "last"

// keptFor is how long a scan that nobody resumed is kept.
const keptFor = 7 * 24 * time.Hour

// kept is a scan's folder outside of the lake: what it collected, until all of that is in the lake. It holds raw answers,
// secrets among them, so only the user may read it.
type kept struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Lake     string    `json:"lake"`
	Started  time.Time `json:"started"`
	dir      string
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
	root := r.Spools
	if root == "" {
		var err error
		if root, err = Spools(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for unfinished scans: %w", err)
	}
	all, err := listKept(root)
	if err != nil {
		return nil, err
	}
	if r.Resume != "" {
		return chooseKept(all, r)
	}
	for _, k := range all {
		if r.started.Sub(k.Started) > keptFor {
			if err := os.RemoveAll(k.dir); err != nil {
				return nil, fmt.Errorf("remove the unfinished scan %s, which nobody resumed: %w", k.ID, err)
			}
		}
	}
	k := &kept{ID: r.id, Provider: r.Provider.ID(), Lake: r.Lake, Started: r.started, dir: filepath.Join(root, r.id)}
	if err := os.Mkdir(k.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of this scan: %w", err)
	}
	text, err := json.Marshal(k)
	if err == nil {
		err = os.WriteFile(filepath.Join(k.dir, keptFile), text, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("make the folder of this scan: %w", err)
	}
	return k, nil
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

func chooseKept(all []*kept, r *runner) (*kept, error) {
	for _, k := range all {
		switch {
		case k.ID == r.Resume:
			if k.Provider != r.Provider.ID() {
				return nil, fmt.Errorf("resume scan %s: it is a scan of %s", k.ID, k.Provider)
			}
			return k, nil
		case r.Resume == ResumeLast && k.Provider == r.Provider.ID() && k.Lake == r.Lake:
			return k, nil
		}
	}
	if r.Resume == ResumeLast {
		return nil, fmt.Errorf("resume: there is no unfinished scan of %s into %s", r.Provider.ID(), r.Lake)
	}
	return nil, fmt.Errorf("resume scan %s: there is no such unfinished scan", r.Resume)
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
