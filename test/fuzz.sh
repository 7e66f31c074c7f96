#!/bin/sh
# Runs every fuzz target of the repository, some seconds each. A count, not a time: Go's fuzzer reports its own
# end as "context deadline exceeded" when a timed run stops at the wrong moment.
set -eu
cd "$(dirname "$0")/.."
count=${1:-20000x}
grep -rlE '^func Fuzz' --include='*_test.go' internal | while read -r file; do
	sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file" | while read -r target; do
		echo "fuzz $target in $(dirname "$file"), $count inputs"
		go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$count" -fuzzminimizetime 1x
	done
done
