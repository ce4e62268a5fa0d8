#!/bin/sh
# Usage: setup.sh VENV EXTRAS [PYTHON]
# Makes the virtual environment and installs Northlight with EXTRAS into it, from plain packages only.
set -eu

venv=$1 extras=$2 python=${3:-}
began=$(date +%s)

tested='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
whole='import ensurepip, venv'

pick() {
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        # A name may be a shim that cannot start, so it is asked, not looked up.
        if "$candidate" -c "$tested" >/dev/null 2>&1 && "$candidate" -c "$whole" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    [ -n "$python" ] || python=$(pick)
    if [ -z "$python" ]; then
        echo "Northlight needs Python 3.11, 3.12 or 3.13 with its venv module, and found none." >&2
        echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13)," >&2
        echo "or name another: make PYTHON=/path/to/python" >&2
        exit 1
    fi
    echo "== Making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
    # Old clients choose wheels by older rules and show no progress off a terminal.
    "$venv/bin/python" -m pip install --quiet --upgrade 'pip>=24.2'
fi

echo "== Installing Northlight [$extras]"
"$venv/bin/python" -m pip install --disable-pip-version-check -c constraints.txt -e ".[$extras]"

size=$(du -sk "$venv" | cut -f1)
echo "== Installed in $(($(date +%s) - began)) s; $venv is $((size / 1024)) MB"
