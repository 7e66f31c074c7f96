#!/bin/sh
# Measures Stance: see test/bench. Takes some minutes; run it on a quiet machine.
set -eu
cd "$(dirname "$0")/.."
sh test/kube/setup.sh >/dev/null
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
go build -o "$program/bench" ./test/bench
"$program/bench"
