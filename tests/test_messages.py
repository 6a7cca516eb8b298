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

from messages import Part, gathered, parts  # noqa: E402 - found only beside the tools

# {name} of the engines' messages, %(name)s and %s of the web product's
GAP = re.compile(r"(?<!\{)\{(\w+)|%\((\w+)\)|%([sd])")


@pytest.fixture(scope="module", params=parts(), ids=lambda part: part.name)
def part(request: pytest.FixtureRequest) -> Part:
    return request.param


@pytest.fixture(scope="module")
def translated(part: Part) -> Catalog:
    if not part.catalogue.exists():
        return Catalog()
    with part.catalogue.open("rb") as stream:
        return read_po(stream, locale="zh_Hans")


@pytest.fixture(scope="module")
def used(part: Part) -> list[Message]:
    return [message for message in gathered(part) if message.id]


def test_every_message_is_translated(translated: Catalog, used: list[Message]) -> None:
    missing = [
        message.id
        for message in used
        if not (found := translated.get(message.id, message.context))
        or not found.string
        or not all([found.string] if isinstance(found.string, str) else found.string)
    ]
    assert missing == [], "run `make messages` and translate these"


def test_no_translation_is_left_over(translated: Catalog, used: list[Message]) -> None:
    known = {message.id for message in used}
    assert [message.id for message in translated if message.id and message.id not in known] == []


def test_translations_are_chinese_and_keep_their_gaps(translated: Catalog, used: list[Message]) -> None:
    for message in used:
        text = translated.get(message.id, message.context).string
        texts = [text] if isinstance(text, str) else list(text)
        source = message.id if isinstance(message.id, str) else message.id[0]
        for found in texts:
            assert set(GAP.findall(found)) == set(GAP.findall(source)), source
        words = re.sub(r"\{[^}]*\}|%\(\w+\)|[A-Z]{2,}\b", "", source)
        if len(re.findall(r"[a-z]{3,}", words)) > 2:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in texts[0]), source


def test_no_message_hides_inside_an_f_string() -> None:
    """The extraction of messages does not look into f-strings: what stands there would never be translated."""
    hidden = re.compile(r"""f(?:"[^"\n]*\{[^}"\n]*\b(?:say|msg)\(|'[^'\n]*\{[^}'\n]*\b(?:say|msg)\()""")
    sources = (ROOT / "src/capillary").rglob("*.py")
    assert [
        f"{path.name}: {found}" for path in sources for found in hidden.findall(path.read_text("utf-8"))
    ] == []


def test_the_parts_of_the_web_product_translate_alike() -> None:
    """Django merges the catalogues of all parts: of two translations of one text only one would ever show."""
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    for each in parts():
        if each.domain == "django" and each.catalogue.exists():
            with each.catalogue.open("rb") as stream:
                for message in read_po(stream, locale="zh_Hans"):
                    if message.id:
                        found.setdefault((str(message.id), message.context), {})[each.name] = str(
                            message.string
                        )
    assert {key: texts for key, texts in found.items() if len(set(texts.values())) > 1} == {}
