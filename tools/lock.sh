#!/bin/sh
# Makes requirements/*.txt anew from requirements/*.in; needs `uv` on the path.
set -eu
cd "$(dirname "$0")/../requirements"
uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command 'make lock' run.in -o run.txt
uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command 'make lock' -c run.txt dev.in -o dev.txt
uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command 'make lock' node.in -o node.txt
uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command 'make lock' bench.in -o bench.txt
