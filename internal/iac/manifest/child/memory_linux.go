package child

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// limitMemory lets the process take so many bytes more than it has. What is only reserved does not count, or Go could not start
// a thread. A limit that cannot be set is none: the time that a request may take bounds it then.
func limitMemory(bytes int64) {
	debug.SetMemoryLimit(bytes * 3 / 4)
	has := int64(0)
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(text)) {
			if rest, found := strings.CutPrefix(line, "VmData:"); found {
				if kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64); err == nil {
					has = kib << 10
				}
			}
		}
	}
	limit := uint64(has + bytes)
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit})
}
