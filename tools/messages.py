"""Gathers the messages of code and templates and brings the catalogues up to date.

A new message stands in the catalogue untranslated, which fails the tests; one that is used no longer is dropped.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from compile_messages import LOCALE, compile_all

PACKAGE = Path(__file__).parent.parent / "src/capillary"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "msg": (1,),
    "say": (1,),
    "_": (1,),
    "gettext": (1,),
    "ngettext": (1, 2),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "newstyle": "true", "trimmed": "true"}}
HEADER = (
    'msgid ""\nmsgstr ""\n'
    '"Project-Id-Version: Capillary\\n"\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)


def gathered() -> Catalog:
    """Return the messages that code and templates use, untranslated."""
    catalogue = Catalog()
    for _, _, message, _, _ in extract_from_dir(
        str(PACKAGE), method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        catalogue.add(message)
    return catalogue


def update(path: Path, language: str) -> None:
    """Bring one catalogue up to date."""
    template = gathered()
    if path.exists():
        with path.open("rb") as stream:
            known = read_po(stream, locale=language)
        for message in template:
            if message.id and message.id in known:
                message.string = known[message.id].string
    text = io.BytesIO()
    write_po(text, template, width=0, sort_output=True, no_location=True, omit_header=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(language=language) + text.getvalue().decode("utf-8"), encoding="utf-8")


if __name__ == "__main__":
    update(LOCALE / "zh_Hans/LC_MESSAGES/capillary.po", "zh_Hans")
    compile_all(LOCALE)
