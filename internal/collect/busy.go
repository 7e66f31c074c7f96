package collect

import (
	"errors"
	"os"
	"path/filepath"
)

// Busy tells whether a scan is writing into a spool's folder right now.
func Busy(dir string) bool {
	name := filepath.Join(dir, lockName)
	if _, err := os.Stat(name); err != nil {
		return false // nobody ever wrote there
	}
	lock, err := lockFile(name)
	if err != nil {
		return errors.Is(err, errLocked)
	}
	return lock.Close() != nil
}
