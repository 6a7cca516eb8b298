#!/bin/sh
# Everything that must hold: style, types, floors, content, documentation, tests.
set -eu
cd "$(dirname "$0")/.."
BIN=.venv/bin
"$BIN/python" tools/compile_messages.py
sh tools/lint.sh
"$BIN/capillary" content check
"$BIN/capillary" programmes check
NO_MKDOCS_2_WARNING=1 "$BIN/mkdocs" build --strict -d build/site
env -u DATABASE_URL "$BIN/pytest" -n 2 --dist loadgroup
# What the web product keeps, it must keep in either database.
if [ -d tests/web ]; then
    "$BIN/python" tools/with_postgres.py "$BIN/pytest" -n 2 --dist loadgroup -m "not browser and not anywhere" tests/web
fi
