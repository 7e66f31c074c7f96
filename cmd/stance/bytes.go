package main

import (
	"errors"
	"strconv"
	"strings"
)

var units = []struct {
	suffix string
	size   int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// leastMemory is what a database needs to do anything at all.
const leastMemory = 64 << 20

// parseBytes reads a size such as 512MiB or 2GB.
func parseBytes(text string) (int64, error) {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n <= 0 || n > 1e6 && u.size > 1e6 {
			break
		}
		if size := int64(n * float64(u.size)); size >= leastMemory {
			return size, nil
		}
		return 0, errors.New("at least 64MiB are wanted")
	}
	return 0, errors.New("a size is wanted, such as 512MiB or 2GB")
}
