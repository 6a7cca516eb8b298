"""Gathers the messages of code and templates and brings the catalogues up to date.

There is one catalogue for the engines (domain ``capillary``, messages marked with ``msg`` or ``say``) and one for each part
of the web product (domain ``django``, messages marked with ``_`` and its kin, or with ``translate`` in a template). A new
message stands in its catalogue untranslated, which fails the tests; one that is used no longer is dropped.

Usage: ``python tools/messages.py [PART …]``, where a part is ``engines`` or a folder of the web product, such as ``results``
or ``web`` for what belongs to no part; all of them if none is named.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from compile_messages import compile_all

if TYPE_CHECKING:
    from collections.abc import Iterator

STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(_|n?p?gettext)\(({STRING}(?:,\s*{STRING})*)")
PACKAGE = Path(__file__).parent.parent / "src/capillary"
LOCALE = PACKAGE / "locale"
WEB = PACKAGE / "web"
ENGINE_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "msg": (1,),
    "say": (1,),
}
JINJA_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": (1,), "gettext": (1,), "ngettext": (1, 2)}
WEB_KEYWORDS: dict[str, object] = {
    "_": (1,),
    "_t": (1,),
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "newstyle": "true", "trimmed": "true"}}
HEADER = (
    'msgid ""\nmsgstr ""\n'
    '"Project-Id-Version: Capillary\\n"\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)


@dataclass(frozen=True)
class Part:
    """One catalogue and where its messages stand."""

    name: str
    domain: str
    folders: tuple[Path, ...]
    locale: Path

    @property
    def catalogue(self) -> Path:
        """The file with the Chinese translations."""
        return self.locale / "zh_Hans/LC_MESSAGES" / f"{self.domain}.po"


def parts() -> list[Part]:
    """Return all catalogues: the engines', the shared one of the web product, and one for each of its apps."""
    apps = sorted(path.parent for path in WEB.glob("*/apps.py"))
    shared = tuple(path for path in (WEB / "templates", *WEB.glob("*.py")))
    return [
        Part("engines", "capillary", (PACKAGE,), LOCALE),
        Part("web", "django", shared, WEB / "locale"),
        *(Part(app.name, "django", (app,), app / "locale") for app in apps),
    ]


def gathered(part: Part) -> Catalog:
    """Return the messages that a part uses, untranslated."""
    catalogue = Catalog(locale="zh_Hans")
    found = _engine_messages() if part.domain == "capillary" else _web_messages(part.folders)
    for message, context in found:
        catalogue.add(message, context=context)
    return catalogue


def _engine_messages() -> Iterator[tuple[object, str | None]]:
    for methods, keywords in (
        ([("**.py", "python")], ENGINE_KEYWORDS),
        ([("report/templates/**.html", "jinja2")], JINJA_KEYWORDS),
    ):
        for _, _, message, _, context in extract_from_dir(
            str(PACKAGE), method_map=methods, options_map=OPTIONS, keywords=keywords
        ):
            yield message, context


def _web_messages(folders: tuple[Path, ...]) -> Iterator[tuple[object, str | None]]:
    for folder in folders:
        paths = (
            [folder]
            if folder.is_file()
            else sorted([*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")])
        )
        for path in paths:
            if "migrations" in path.parts:
                continue
            if path.suffix == ".py":
                with path.open("rb") as stream:
                    for _, message, _, context in extract("python", stream, WEB_KEYWORDS):
                        yield message, context
            else:
                yield from _template_messages(path)


def _template_messages(path: Path) -> Iterator[tuple[object, str | None]]:
    """Yield the messages of a Django template: Django itself turns it into calls of gettext between blots."""
    if not settings.configured:
        settings.configure()
    for name, arguments in CALL.findall(templatize(path.read_text(encoding="utf-8"), origin=path.name)):
        texts = [ast.literal_eval(text) for text in re.findall(STRING, arguments)]
        context = texts.pop(0) if "p" in name else None
        yield (tuple(texts[:2]) if "n" in name.removesuffix("gettext") else texts[0]), context


def update(part: Part, language: str) -> None:
    """Bring one catalogue up to date."""
    template = gathered(part)
    if part.catalogue.exists():
        with part.catalogue.open("rb") as stream:
            known = read_po(stream, locale=language)
        for message in template:
            old = known.get(message.id, message.context) if message.id else None
            if old is not None:
                message.string = old.string
    if not any(message.id for message in template):
        return
    text = io.BytesIO()
    write_po(text, template, width=0, sort_output=True, no_location=True, omit_header=True)
    part.catalogue.parent.mkdir(parents=True, exist_ok=True)
    part.catalogue.write_text(
        HEADER.format(language=language) + text.getvalue().decode("utf-8"), encoding="utf-8"
    )


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for each in parts():
        if not wanted or each.name in wanted:
            update(each, "zh_Hans")
    compile_all(PACKAGE)
