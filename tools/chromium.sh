#!/bin/sh
# Makes sure that a Chromium is there for the browser tests; says aloud when they will be skipped.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(uname)" = Darwin ] && [ -d "/Applications/Google Chrome.app" ]; then exit 0; fi

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "== Installing Chromium for the browser tests"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
        exit 0
    fi
fi
echo "!! No Chromium here and none could be installed: the browser tests WILL BE SKIPPED." >&2
echo "!! Debian, Ubuntu: sudo apt install chromium. macOS: brew install --cask chromium." >&2
