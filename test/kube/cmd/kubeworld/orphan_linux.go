package main

import "syscall"

// noOrphan has the system end the child when this process is killed and cannot end it.
func noOrphan() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
