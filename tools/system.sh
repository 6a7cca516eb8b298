#!/bin/sh
# Installs what the tests need from the system's packages and is not there: a browser, fonts with Chinese characters, the
# libraries of the PDF writer, Java for Spark, PostgreSQL. Does nothing where all of it is there.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v fc-list >/dev/null 2>&1 || missing="$missing fontconfig"
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh)" ]; then missing="$missing fonts-noto-cjk"; fi
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0"
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v initdb >/dev/null 2>&1 || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "These are missing and must be installed by an administrator:$missing" >&2
    exit 1
fi
echo "Installing:$missing"
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
