"""Compiles the translations beside their sources, for use from the source folder."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parent.parent / "src/capillary"


def compile_all(folder: Path) -> None:
    """Compile every ``.po`` under ``folder`` to the ``.mo`` beside it."""
    for source in sorted(folder.rglob("*.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(text))


if __name__ == "__main__":
    compile_all(PACKAGE)
