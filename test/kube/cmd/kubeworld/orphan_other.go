//go:build !linux

package main

import "syscall"

// noOrphan is nothing where the system has no means to end a child with its parent.
func noOrphan() *syscall.SysProcAttr { return nil }
