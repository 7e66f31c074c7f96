package database

import (
	"runtime/debug"
	"sync/atomic"
)

// By how much the process may have grown since the last Trim before the next one does something: bytes, or a share of what it held if that
// is more. To give memory back and to ask for it again costs more than many a statement: between short ones that take the same each
// time, it is rarely worth it.
const (
	mayGrow      = 24 << 20
	mayGrowShare = 12
)

// keptFor is how long DuckDB's allocator keeps what was freed, in milliseconds, in case it is wanted again.
const keptFor = 10_000

// trimmed is what the process held after the last Trim, in bytes.
var trimmed atomic.Int64

// Trim gives the system what DuckDB has freed, if that may be much. Its allocator would keep it for longer than most scans take: what the
// phases of a scan need would add up. It is called between statements that take memory.
func Trim() {
	now := resident()
	last := trimmed.Load()
	if now-last < max(mayGrow, last/mayGrowShare) {
		if now < last {
			trimmed.Store(now)
		}
		return
	}
	purge()
	trimmed.Store(resident())
}

// Frugal makes DuckDB give back at once what it frees, until it is called with false. Few statements that take and free much, one after
// the other, then hold a third less at their peak; many short ones would take twice as long. It also gives back what Go has freed, and
// code that is not used any more: it is called where one phase of a scan ends and the next begins.
func Frugal(on bool) {
	debug.FreeOSMemory()
	purge()
	forget()
	if on {
		keep(0)
	} else {
		keep(keptFor)
	}
	trimmed.Store(resident())
}
