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
# What the browsers of old phones cannot read; they drop the whole declaration. rgb() with plain numbers they can.
NEW_COLOURS = re.compile(
    r"(?<![\w-])(?:light-dark|color-mix|okl(?:ab|ch)|lab|lch|hwb|color)(?:\(|%28)|\b(?:rgb|hsl)a?\(\s*from\b"
)
NEW_DIRECTIONS = re.compile(
    r"(?<![\w-])(?:inset|inset-(?:inline|block)|(?:margin|padding)-(?:inline|block))(?:-start|-end)?:"
)
OURS = sorted((WEB / "static/capillary").glob("*.css"))
READABLE = 4.5

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


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def tabler() -> str:
    return without_comments((VENDOR / "tabler.min.css").read_text("utf-8"))


def values_for(css: str, *selectors: str) -> dict[str, str]:
    """Return what an element that these simple selectors match gets, the later rule before the earlier."""
    found: dict[str, str] = {}
    for listed, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        if set(selectors) & set(listed.split(",")):
            found |= dict(re.findall(r"([\w-]+):([^;]*)", body))
    return found


def resolved(value: str, values: dict[str, str]) -> str:
    while found := re.search(r"var\((--[\w-]+)(?:,([^()]*))?\)", value):
        value = value.replace(found[0], values.get(found[1], found[2] or "").strip())
    return value


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_old_browsers_can_read_every_colour_of_tabler() -> None:
    css = tabler()
    assert NEW_COLOURS.findall(css) == []
    assert NEW_DIRECTIONS.findall(css) == []
    assert "data-bs-theme=dark" not in css


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_old_browsers_can_read_every_colour_of_ours(path: Path) -> None:
    assert NEW_COLOURS.findall(without_comments(path.read_text("utf-8"))) == []


def test_what_only_new_browsers_can_select_stands_alone() -> None:
    """A browser that does not know one selector of a list drops the rule for all of them."""
    for css in [tabler(), *(without_comments(path.read_text("utf-8")) for path in OURS)]:
        for listed in re.findall(r"([^{};]+)\{", css):
            one_by_one = re.split(r",(?![^()]*\))", listed)
            new = [selector for selector in one_by_one if ":has(" in selector]
            assert new == [] or len(one_by_one) == 1, listed


@pytest.mark.parametrize("path", [VENDOR / "tabler.min.css", *OURS], ids=lambda path: path.name)
def test_every_property_of_tabler_that_is_used_is_set(path: Path) -> None:
    ours = [css.read_text("utf-8") for css in OURS]
    known = set(re.findall(r"(--tblr-[\w-]+)\s*:", "".join([tabler(), *ours])))
    text = without_comments(path.read_text("utf-8"))
    assert set(re.findall(r"var\(\s*(--tblr-[\w-]+)", text)) - known == set(), "run `make assets`"
    assert "--tabler-" not in text


@pytest.mark.parametrize("kind", ["primary", "danger"])
@pytest.mark.parametrize("state", ["", "hover-", "active-", "disabled-"])
def test_the_text_of_a_full_button_can_be_read(kind: str, state: str) -> None:
    css = tabler()
    if f".btn-{kind}" not in css:
        pytest.skip("no page uses it")
    values = values_for(css, ":root", ".btn", f".btn-{kind}")
    colours = [resolved(f"var(--tblr-btn-{state}{part})", values) for part in ("bg", "color")]
    assert all(re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", colour) for colour in colours), colours
    assert contrast(*colours) >= READABLE
    assert kind != "primary" or state in {"hover-", "active-"} or colours[0] == "#0b5cad"


@pytest.mark.parametrize("kind", ["success", "info", "warning", "danger"])
def test_the_text_of_an_alert_can_be_read(kind: str) -> None:
    css = tabler()
    if f".alert-{kind}" not in css:
        pytest.skip("no page uses it")
    values = values_for(css, ":root", ".alert", f".alert-{kind}")
    assert values["background-color"] != values_for(css, ".alert")["background-color"]
    assert contrast(values["background-color"], resolved("var(--tblr-alert-color)", values)) >= READABLE


def test_links_and_tints_follow_our_colour() -> None:
    values = values_for(tabler(), ":root")
    assert resolved("var(--tblr-primary)", values) == "#0b5cad"
    assert resolved("var(--tblr-link-color)", values) == "#0b5cad"
    assert values["--tblr-primary-rgb"] == values["--tblr-link-color-rgb"] == "11,92,173"
    assert "#066fd1" not in tabler()


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
