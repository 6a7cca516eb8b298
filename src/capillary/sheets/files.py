"""What all carriers share: refusing files that cannot be read, before they can do harm."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEBIBYTE = 1 << 20
_BLOCK = 1 << 20


def refuse(code: str, place: Place, cause: Message, remedy: Message) -> InputError:
    """Return the error for a file with one problem."""
    return InputError([Problem(code, place, cause, remedy)])


def check_size(path: Path, most: int | None) -> None:
    """Refuse a file that is missing, a folder, empty, or larger than ``most`` bytes.

    Raises:
        InputError: it is one of these.
    """
    place = Place(file=path.name)
    if not path.exists():
        raise refuse("missing-file", place, msg("The file does not exist."), msg("Check the path."))
    if not path.is_file():
        raise refuse("not-a-file", place, msg("This is a folder, not a file."), msg("Name a file in it."))
    size = path.stat().st_size
    if size == 0:
        raise refuse("empty-file", place, msg("The file is empty."), msg("Save it again with its answers."))
    if most is not None and size > most:
        raise refuse(
            "file-too-large",
            place,
            msg(
                "The file has {size} MiB; at most {most} MiB are read.",
                size=size // MEBIBYTE,
                most=most // MEBIBYTE,
            ),
            msg(
                "One sheet needs far less: check that it is the right file. For many sheets use JSON Lines, CSV or Parquet."
            ),
        )


def check_encoding(path: Path) -> None:
    """Refuse a text file that is not UTF-8, naming the encoding that it seems to have; reads it in blocks.

    Raises:
        InputError: the file is not UTF-8, or holds NUL bytes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    row = 1
    with path.open("rb") as stream:
        for block in _blocks(stream):
            if b"\0" in block:
                raise _not_text(path, row + block[: block.index(b"\0")].count(b"\n"))
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise _wrong_encoding(path, row + block[: error.start].count(b"\n"), block) from error
            row += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, row, b"") from error


def _blocks(stream: object) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):  # type: ignore[attr-defined]
        yield block


def _not_text(path: Path, row: int) -> InputError:
    head = path.read_bytes()[:4]
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return refuse(
            "wrong-encoding",
            Place(file=path.name, row=1),
            msg("The text is UTF-16, not UTF-8."),
            msg("Save it as UTF-8 (in Excel: CSV UTF-8)."),
        )
    return refuse(
        "not-text",
        Place(file=path.name, row=row),
        msg("The file is not a text file."),
        msg("Check that its name ends as its kind demands: .json, .jsonl, .csv, .xlsx or .parquet."),
    )


def _wrong_encoding(path: Path, row: int, block: bytes) -> InputError:
    place = Place(file=path.name, row=row)
    remedy = msg("Save it as UTF-8 (in Excel: CSV UTF-8).")
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        text = decoder.decode(block)
    except UnicodeDecodeError:
        text = ""
    if any("\u4e00" <= sign <= "\u9fff" for sign in text):
        return refuse(
            "wrong-encoding", place, msg("The text is not UTF-8; it looks like GB18030 (GBK)."), remedy
        )
    return refuse("wrong-encoding", place, msg("The text is not UTF-8."), remedy)
