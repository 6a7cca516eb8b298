#!/bin/sh
# Style, types and floors.
set -eu
cd "$(dirname "$0")/.."
BIN=.venv/bin
"$BIN/ruff" check .
"$BIN/ruff" format --check .
"$BIN/mypy"
"$BIN/lint-imports" --no-logo 2>/dev/null || "$BIN/lint-imports"
