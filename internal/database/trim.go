package database

import "sync/atomic"

// By how much the process may have grown since the last Trim before the next one does something, in bytes. To give memory back and to ask for
// it again costs more than many a statement: between short ones that take the same each time, it is rarely worth it.
const (
	AfterLong  = 32 << 20
	AfterShort = 64 << 20
)

// trimmed is what the process held after the last Trim, in bytes.
var trimmed atomic.Int64

// Trim gives the system what DuckDB has freed, if that may be much. Its allocator would keep it for ten seconds in case it is wanted again, which
// is longer than most scans take: what the phases of a scan need would add up. It is called between statements that take memory.
func Trim(grown int64) {
	now := resident()
	if last := trimmed.Load(); now-last < grown {
		if now < last {
			trimmed.Store(now)
		}
		return
	}
	purge()
	trimmed.Store(resident())
}
