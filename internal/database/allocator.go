package database

// DuckDB's allocator keeps what was freed for ten seconds in case it is wanted again, which is longer than most scans take: what the
// phases of a scan need would add up. It reads this when it starts; where DuckDB is built without it, nothing reads it.

// const char *duckdb_je_malloc_conf_2_conf_harder = "dirty_decay_ms:0,muzzy_decay_ms:0";
import "C"
