#!/bin/sh
# Prints the path of kubeworld, a program that runs a real Kubernetes API server for tests; see cmd/kubeworld. Both are built into
# the user's cache, once for each version of what they are built of: the first time takes some minutes and 2 GB of memory, for all
# of Kubernetes is compiled. With --where it prints the path alone and builds nothing.
set -eu
cd "$(dirname "$0")"
version=$(sed -n 's/^.*k8s.io.kubernetes v\([0-9.]*\).*$/\1/p' go.mod)
minor=${version#*.}
package=k8s.io/component-base/version
flags="-s -w -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%.*}"

key() { cat "$@" | cksum | cut -d' ' -f1; }

# Another Go makes other binaries.
server=$({ go env GOVERSION GOOS GOARCH && echo "$flags" && cat go.mod go.sum; } | key)
dir=${XDG_CACHE_HOME:-$HOME/.cache}/stance/kube-$server
world=$dir/kubeworld-$(key cmd/kubeworld/*.go)

if [ "${1:-}" = --where ]; then
	echo "$world"
	exit
fi

if [ ! -x "$world" ]; then
	mkdir -p "$dir"
	building=$(mktemp -d "$dir/building-XXXXXX")
	trap 'rm -rf "$building"' EXIT INT TERM
	# Without -trimpath, here as everywhere in this module, much would be compiled twice.
	if [ ! -x "$dir/kube-apiserver" ]; then
		go build -trimpath -ldflags "$flags" -o "$building/" k8s.io/kubernetes/cmd/kube-apiserver >&2
		mv "$building/kube-apiserver" "$dir/kube-apiserver"
	fi
	go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$building/" ./cmd/kubeworld >&2
	find "$dir" -name 'kubeworld-*' -mtime +7 -delete # of older code
	mv "$building/kubeworld" "$world"
fi
echo "$world"
