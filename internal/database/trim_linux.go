package database

import (
	"bytes"
	"os"
	"strconv"
)

// #include <stddef.h>
// extern int duckdb_je_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size) __attribute__((weak));
// static void stance_purge(void) {
//	if (duckdb_je_mallctl != NULL) duckdb_je_mallctl("arena.4096.purge", NULL, NULL, NULL, 0); // 4096 means all of them
// }
import "C"

func purge() { C.stance_purge() }

// resident is the memory that the process holds, in bytes; 0 if that cannot be told.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
