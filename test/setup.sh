#!/bin/sh
# Sets up what the tests use beside Go: a Python with moto and pyarrow, a browser, a Kubernetes API server, and Helm. Run again, it does nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$(sh "$here/python/setup.sh")
echo "python: $python"
sh "$here/browser/setup.sh"
kube=$(sh "$here/kube/setup.sh")
echo "kube: $kube"
go -C "$here/helm" build -o /dev/null . # so that no test fetches and compiles it
