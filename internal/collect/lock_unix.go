//go:build unix

package collect

import (
	"errors"
	"os"
	"syscall"
)

// errLocked says that another process is writing.
var errLocked = errors.New("another scan is writing there; wait for it, or choose another folder")

// lockFile takes the lock until the file is closed, or the process ends in whatever way.
func lockFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
