"""What all carriers share: refusing files that cannot be read, before they can do harm."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

MEBIBYTE = 1 << 20
MOST_PROBLEMS = 1000
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
        head = stream.read(2)
        if head in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            raise _wrong_encoding(path, 1, "UTF-16")
        stream.seek(0)
        for block in _blocks(stream):
            if b"\0" in block:
                raise _not_text(path, row + block[: block.index(b"\0")].count(b"\n"))
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                line, _, _ = error.object[before.rfind(b"\n") + 1 :].partition(b"\n")
                raise _wrong_encoding(path, row + before.count(b"\n"), _chinese_encoding(line)) from error
            row += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, row, None) from error


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _not_text(path: Path, row: int) -> InputError:
    return refuse(
        "not-text",
        Place(file=path.name, row=row),
        msg("The file is not a text file."),
        msg("Check that its name ends as its kind demands: .json, .jsonl, .csv, .xlsx or .parquet."),
    )


def _chinese_encoding(line: bytes) -> str | None:
    """Return the name of the Chinese encoding that a line is in, or None.

    Two letters of a western encoding often make a rare Chinese character; in Chinese text nearly all are common ones.
    """
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(line)
    except UnicodeDecodeError:
        return None
    foreign = [sign for sign in text if sign > "\u007f"]
    common = sum(_is_common(sign) for sign in foreign)
    return "GB18030 (GBK)" if foreign and common > 0.8 * len(foreign) else None


def _is_common(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _wrong_encoding(path: Path, row: int, found: str | None) -> InputError:
    cause = (
        msg("The text is not UTF-8.")
        if found is None
        else msg("The text is not UTF-8; it looks like {encoding}.", encoding=found)
    )
    remedy = msg("Save it as UTF-8 (in Excel: CSV UTF-8).")
    return refuse("wrong-encoding", Place(file=path.name, row=row), cause, remedy)


def note(problems: list[Problem], found: Iterable[Problem]) -> None:
    """Add problems to a list, as long as it holds fewer than `MOST_PROBLEMS`: a broken file must not fill the memory."""
    for problem in found:
        if len(problems) >= MOST_PROBLEMS:
            return
        problems.append(problem)
