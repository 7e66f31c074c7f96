package database

import (
	"bytes"
	"os"
	"strconv"
)

// #include <stddef.h>
// #include <stdio.h>
// #include <sys/types.h>
// extern int duckdb_je_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size) __attribute__((weak));
// static void stance_purge(void) {
//	if (duckdb_je_mallctl != NULL) duckdb_je_mallctl("arena.4096.purge", NULL, NULL, NULL, 0); // 4096 means all of them
// }
// static void stance_keep(ssize_t ms) {
//	unsigned arenas = 0, i;
//	size_t size = sizeof arenas;
//	char name[64];
//	if (duckdb_je_mallctl == NULL || duckdb_je_mallctl("arenas.narenas", &arenas, &size, NULL, 0) != 0) return;
//	duckdb_je_mallctl("arenas.dirty_decay_ms", NULL, NULL, &ms, sizeof ms); // of arenas to come
//	for (i = 0; i < arenas; i++) {
//		snprintf(name, sizeof name, "arena.%u.dirty_decay_ms", i);
//		duckdb_je_mallctl(name, NULL, NULL, &ms, sizeof ms);
//	}
// }
import "C"

func purge() { C.stance_purge() }

// keep says for how long what is freed is kept, in milliseconds.
func keep(ms int) { C.stance_keep(C.ssize_t(ms)) }

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
