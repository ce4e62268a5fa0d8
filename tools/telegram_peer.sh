#!/bin/sh
# Usage: telegram_peer.sh PYTHON [pytest arguments]
# Runs tests/telegram_http with PYTHON against gramlab, a Bot API played by others. gramlab wants Python 3.13
# and a network that is only loopback, so it gets an environment of its own (.venv-gramlab) and a
# network namespace of its own. Where either cannot be had, says so and ends well.
set -eu

python=$1
shift
version=0.1.0a2
venv=.venv-gramlab

skip() {
    echo "== Telegram over HTTP is not tested here: $1"
    exit 0
}

newer='import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 13))'

find_python() {
    for candidate in ${PYTHON313:-} python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python python3; do
        if "$candidate" -c "$newer" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# As root at once, else as root of a namespace of one's own.
if unshare -n true 2>/dev/null; then
    alone="unshare -n"
elif unshare -rn true 2>/dev/null; then
    alone="unshare -rn"
else
    skip "no network namespace can be made (unshare -n, on Linux)."
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import gramlab' 2>/dev/null; then
    newest=$(find_python)
    [ -n "$newest" ] || skip "gramlab needs Python 3.13, and none was found (name one: PYTHON313=/path/to/python3.13)."
    echo "== Making $venv with $("$newest" --version)"
    "$newest" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "gramlab==$version" ||
        skip "gramlab $version could not be installed."
fi

# The namespace begins with loopback down; the ioctl is SIOCSIFFLAGS with IFF_UP and IFF_RUNNING.
up='import fcntl, socket, struct
flags = struct.pack("16sH14s", b"lo", 0x41, b"")
fcntl.ioctl(socket.socket(), 0x8914, flags)'

export GRAMLAB_PYTHON="$PWD/$venv/bin/python"
exec $alone sh -c '"$0" -c "$1" && shift && exec "$0" -m pytest tests/telegram_http "$@"' "$python" "$up" "$@"
