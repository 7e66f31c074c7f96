#!/bin/sh
# Installs what the browser tests need: Chromium, and fonts so that text has a shape. Does nothing if they are there.
set -eu

have_browser() {
    [ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && return 0
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

have_font() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list : family | head -n 1)" ]
}

packages=""
have_browser || packages="$packages chromium"
if [ "$(uname -s)" = Linux ]; then
    have_font || packages="$packages fontconfig fonts-dejavu-core"
fi
[ -z "$packages" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "the browser tests need:$packages. Install them, or set CHROMIUM to the path of a Chromium or Chrome." >&2
    exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
    sudo="sudo"
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages
