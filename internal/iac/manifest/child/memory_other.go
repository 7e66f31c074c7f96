//go:build !linux

package child

import "runtime/debug"

// limitMemory has the runtime collect harder near so many bytes. Only Linux has a limit that holds.
func limitMemory(bytes int64) { debug.SetMemoryLimit(bytes * 3 / 4) }
