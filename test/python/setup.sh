#!/bin/sh
# Prints the path of a Python that has what requirements.txt names. If the one on the PATH has not, a private environment is
# made in the user's cache, once; it is shared by all tests and survives `git clean`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
want="$here/requirements.txt"

fits() {
	"$1" - "$want" <<'EOF' >/dev/null 2>&1
import importlib.metadata, sys
import flask, flask_cors  # what moto[server] adds
for line in open(sys.argv[1]):
    line = line.split("#")[0].strip()
    if line:
        name, version = line.split("==")
        if importlib.metadata.version(name.split("[")[0]) != version:
            sys.exit(1)
EOF
}

if command -v python3 >/dev/null && fits python3; then
	python3 -c 'import sys; print(sys.executable)'
	exit
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/stance
env="$cache/python-$(cksum <"$want" | cut -d' ' -f1)/.venv"
if ! fits "$env/bin/python"; then
	mkdir -p "$cache"
	# Several tests may start at once: the directory is the lock, and whoever comes second waits for the first.
	lock="$cache/python.lock"
	tries=0
	until mkdir "$lock" 2>/dev/null; do
		tries=$((tries + 1))
		if [ "$tries" -gt 600 ]; then
			echo "setup.sh: $lock is held for ten minutes; remove it if no other set-up is running" >&2
			exit 1
		fi
		sleep 1
	done
	trap 'rmdir "$lock"' EXIT INT TERM
	if ! fits "$env/bin/python"; then
		rm -rf "$env"
		python3 -m venv "$env" >&2
		"$env/bin/python" -m pip install --quiet --disable-pip-version-check -r "$want" >&2
	fi
fi
echo "$env/bin/python"
