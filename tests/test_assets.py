"""What a browser loads before the first page shows: small, whole, and without a word to anybody outside."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB = ROOT / "src/capillary/web"
VENDOR = WEB / "static/vendor"
NAMES = ["echarts.min.js", "htmx.min.js", "tabler.min.css"]
KIB = 1024
# The interview must load within 150 KiB; what is not the page itself and our own script may take this much of it.
MOST_COMPRESSED = 60 * KIB
CLASSES = re.compile(r"""class=["']([^"'{}<>]*)["']""")

pytestmark = pytest.mark.skipif(not VENDOR.is_dir(), reason="`make assets` was not run")


def classes_of(css: str) -> set[str]:
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", css))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_there_and_names_no_file_that_is_not(name: str) -> None:
    text = (VENDOR / name).read_text("utf-8")
    assert "sourceMappingURL" not in text
    if name.endswith(".css"):
        assert "@import" not in text
        assert re.findall(r"""url\((?!\s*["']?(?:data:|#))[^)]*\)""", text) == []


def test_nothing_else_lies_there() -> None:
    assert sorted(path.name for path in VENDOR.iterdir() if not path.name.startswith(".")) == NAMES


def test_what_every_page_loads_is_small() -> None:
    size = sum(
        len(gzip.compress((VENDOR / name).read_bytes())) for name in NAMES if not name.startswith("echarts")
    )
    assert size <= MOST_COMPRESSED


def test_no_class_that_a_page_uses_was_cut_away() -> None:
    whole = ROOT / "node_modules/@tabler/core/dist/css/tabler.min.css"
    if not whole.exists():
        pytest.skip("`make assets` was not run")
    known = classes_of(whole.read_text("utf-8"))
    kept = classes_of((VENDOR / "tabler.min.css").read_text("utf-8"))
    used = {
        word
        for page in WEB.glob("**/templates/**/*.html")
        for names in CLASSES.findall(page.read_text("utf-8"))
        for word in names.split()
    }
    assert (used & known) - kept == set(), "run `make assets`"


def test_the_lock_names_no_registry_and_nothing_runs_on_installation() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    settings = (ROOT / ".npmrc").read_text("utf-8").split()
    assert {"omit-lockfile-registry-resolved=true", "ignore-scripts=true"} <= set(settings)
    assert [line for line in settings if "registry=" in line] == []


def test_every_version_is_exact() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
