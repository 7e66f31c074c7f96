//go:build !linux

package database

func purge() {}

func resident() int64 { return 0 }
