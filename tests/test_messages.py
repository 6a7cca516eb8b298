"""Two languages: every message of the product has a Chinese translation with the same gaps."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from messages import LOCALE, gathered  # noqa: E402 - found only beside the tools

GAP = re.compile(r"(?<!\{)\{(\w+)")


@pytest.fixture(scope="module")
def translated() -> Catalog:
    with (LOCALE / "zh_Hans/LC_MESSAGES/capillary.po").open("rb") as stream:
        return read_po(stream, locale="zh_Hans")


@pytest.fixture(scope="module")
def used() -> list[Message]:
    return [message for message in gathered() if message.id]


def test_every_message_is_translated(translated: Catalog, used: list[Message]) -> None:
    missing = [
        message.id for message in used if message.id not in translated or not translated[message.id].string
    ]
    assert missing == [], "run `make messages` and translate these"


def test_no_translation_is_left_over(translated: Catalog, used: list[Message]) -> None:
    known = {message.id for message in used}
    assert [message.id for message in translated if message.id and message.id not in known] == []


def test_translations_are_chinese_and_keep_their_gaps(translated: Catalog, used: list[Message]) -> None:
    for message in used:
        text = translated[message.id].string
        texts = [text] if isinstance(text, str) else list(text)
        source = message.id if isinstance(message.id, str) else message.id[0]
        for found in texts:
            assert set(GAP.findall(found)) == set(GAP.findall(source)), source
        words = re.sub(r"\{[^}]*\}|[A-Z]{2,}\b", "", source)
        if len(re.findall(r"[a-z]{3,}", words)) > 2:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in texts[0]), source


def test_no_message_hides_inside_an_f_string() -> None:
    """The extraction of messages does not look into f-strings: what stands there would never be translated."""
    hidden = re.compile(r"""f(?:"[^"\n]*\{[^}"\n]*\b(?:say|msg)\(|'[^'\n]*\{[^}'\n]*\b(?:say|msg)\()""")
    sources = (ROOT / "src/capillary").rglob("*.py")
    assert [
        f"{path.name}: {found}" for path in sources for found in hidden.findall(path.read_text("utf-8"))
    ] == []
