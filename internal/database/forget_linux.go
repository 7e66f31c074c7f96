package database

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// forget lets the system take back pages of the program's own file: code and constants that only the start needed, or the phase before.
// What is wanted again comes from the system's cache. Pages that were ever written are nowhere else, and stay: a mapping that has some is
// told by its anonymous pages.
func forget() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	var start, end uint64
	ours := false
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 0 && strings.Contains(fields[0], "-") { // the head of a mapping: what follows is about it
			from, to, _ := strings.Cut(fields[0], "-")
			start, _ = strconv.ParseUint(from, 16, 64)
			end, err = strconv.ParseUint(to, 16, 64)
			ours = err == nil && len(fields) == 6 && fields[5] == self && !strings.Contains(fields[1], "w")
			continue
		}
		if ours && len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0" {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(start), uintptr(end-start), unix.MADV_DONTNEED)
		}
	}
}
