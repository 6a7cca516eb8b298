"""Loads the classifications of industries and their crosswalk, and finds what a schema cannot say of them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from capillary.content.schema import read_as
from capillary.content.yaml12 import lines_of
from capillary.model.industry import SCHEMES, CrosswalkFile, IndustryFile
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.content.yaml12 import Lines
    from capillary.model.industry import Crosswalk, Row, Scheme
    from capillary.model.standard import Source
    from capillary.model.text import Message

INDUSTRIES = "industries"
CROSSWALK = "crosswalk.yaml"


class _Teller:
    """Tells problems of one file with the line they stand in."""

    def __init__(self, root: Path, name: str) -> None:
        self.shown = f"{INDUSTRIES}/{name}"
        self._line: Lines = lines_of((root / INDUSTRIES / name).read_text(encoding="utf-8"))

    def at(self, code: str, steps: Sequence[str | int], cause: Message, remedy: Message) -> Problem:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        return Problem(
            code, Place(file=self.shown, row=self._line(tuple(steps)), path=path or None), cause, remedy
        )

    def unknown(self, steps: Sequence[str | int], word: str, known: Iterable[str]) -> Problem:
        cause = msg("{word} is not known.", word=word)
        return self.at("unknown-name", steps, cause, did_you_mean(word, list(known)))

    def twice(self, steps: Sequence[str | int], word: str, count: int) -> Problem:
        cause = msg("{word} stands {count} times.", word=word, count=count)
        return self.at("stands-twice", steps, cause, msg("Leave one of them."))

    def sources(
        self, source: str, named: Iterable[str | None], sources: Sequence[Source]
    ) -> Iterator[Problem]:
        known = [item.id for item in sources]
        for word in dict.fromkeys([source, *(name for name in named if name is not None)]):
            if word not in known:
                yield self.unknown(("sources",), word, known)


@cache
def load_industries(root: Path) -> Mapping[Scheme, IndustryFile]:
    """Return every classification of a content folder by its name.

    Raises:
        InputError: a file of ``industries/`` is missing or has errors; every error is named.
    """
    files: dict[Scheme, IndustryFile] = {}
    problems: list[Problem] = []
    for scheme in SCHEMES:
        name = f"{scheme}.yaml"
        try:
            files[scheme] = read_as(root / INDUSTRIES / name, IndustryFile, f"{INDUSTRIES}/{name}")
        except InputError as error:
            problems.extend(error.problems)
    if not problems:
        for scheme, file in files.items():
            problems.extend(_scheme_problems(_Teller(root, f"{scheme}.yaml"), scheme, file, files))
    if problems:
        raise InputError(problems)
    return files


def _scheme_problems(
    tell: _Teller, scheme: Scheme, file: IndustryFile, files: Mapping[Scheme, IndustryFile]
) -> Iterator[Problem]:
    if file.scheme != scheme:
        cause = msg("The file {folder} holds {standard}.", folder=tell.shown, standard=file.scheme)
        yield tell.at("folder-name", ("scheme",), cause, msg("Name the file like the classification."))
    if file.like is None and not file.industries:
        yield tell.at("no-industries", (), msg("The list is empty."), msg("Give it at least one entry."))
    if file.like is not None and (file.industries or files[file.like].like is not None):
        cause = msg("A classification that is like another lists nothing itself, and the other lists all.")
        yield tell.at("like", ("like",), cause, msg("Take out like, or the list."))
    yield from tell.sources(file.source, (item.source for item in file.industries), file.sources)
    sections = {item.code for item in file.industries if len(item.code) == 1}
    for code, count in Counter(item.code for item in file.industries).items():
        if count > 1:
            yield tell.twice(("industries",), code, count)
    numbers = Counter(item.code[1:] for item in file.industries if len(item.code) > 1)
    for index, item in enumerate(file.industries):
        steps = ("industries", index, "code")
        if item.code[0] not in sections:
            yield tell.unknown(steps, item.code[0], sections)
        if len(item.code) > 1 and numbers[item.code[1:]] > 1:
            yield tell.twice(steps, item.code[1:], numbers[item.code[1:]])


@cache
def load_crosswalk(root: Path) -> CrosswalkFile:
    """Return how the divisions of a content folder's classifications are linked.

    Raises:
        InputError: ``industries/crosswalk.yaml`` is missing or has errors, or a classification has; every error is named.
    """
    files = load_industries(root)
    file = read_as(root / INDUSTRIES / CROSSWALK, CrosswalkFile, f"{INDUSTRIES}/{CROSSWALK}")
    problems = list(_link_problems(_Teller(root, CROSSWALK), file, files))
    if problems:
        raise InputError(problems)
    return file


def _link_problems(
    tell: _Teller, file: CrosswalkFile, files: Mapping[Scheme, IndustryFile]
) -> Iterator[Problem]:
    divisions: Mapping[Scheme, list[str]] = {
        scheme: [item.code for item in files[scheme].industries if len(item.code) > 1]
        for scheme in ("gbt-4754", "isic-4")
    }
    yield from tell.sources(file.source, (row.source for row in file.rows), file.sources)
    rows_of = Counter(row.gbt for row in file.rows)
    pairs = Counter((row.gbt, row.isic) for row in file.rows)
    for index, row in enumerate(file.rows):
        if row.gbt not in divisions["gbt-4754"]:
            yield tell.unknown(("rows", index, "gbt"), row.gbt, divisions["gbt-4754"])
        if row.isic not in divisions["isic-4"]:
            yield tell.unknown(("rows", index, "isic"), row.isic, divisions["isic-4"])
        if pairs[row.gbt, row.isic] > 1:
            yield tell.twice(("rows", index), f"{row.gbt} – {row.isic}", pairs[row.gbt, row.isic])
        elif (row.share == "whole") != (rows_of[row.gbt] == 1):
            yield tell.at(
                "share",
                ("rows", index, "share"),
                msg(
                    "{word} stands in {count} row(s), and this one says {share}.",
                    word=row.gbt,
                    count=rows_of[row.gbt],
                    share=row.share,
                ),
                msg("Write whole where it is the only row of its Chinese division, else part."),
            )
    yield from _coverage_problems(tell, file, divisions)


def _coverage_problems(
    tell: _Teller, file: CrosswalkFile, divisions: Mapping[Scheme, list[str]]
) -> Iterator[Problem]:
    linked: Mapping[str, set[str]] = {
        "gbt-4754": {row.gbt for row in file.rows},
        "isic-4": {row.isic for row in file.rows},
    }
    said = {(item.scheme, item.code) for item in file.unmatched}
    for scheme, codes in divisions.items():
        for code in codes:
            if code not in linked[scheme] and (scheme, code) not in said:
                cause = msg("No row names {word} of {scheme}.", word=code, scheme=scheme)
                yield tell.at("not-linked", ("rows",), cause, msg("Add a row, or list it under unmatched."))
    for index, item in enumerate(file.unmatched):
        steps = ("unmatched", index, "code")
        if item.code not in divisions[item.scheme]:
            yield tell.unknown(steps, item.code, divisions[item.scheme])
        elif item.code in linked[item.scheme]:
            cause = msg("A row names {word}, which is said to have no counterpart.", word=item.code)
            yield tell.at("linked", steps, cause, msg("Take out the row or this entry."))


def sector_problems(crosswalk: Crosswalk, root: Path) -> Iterator[Problem]:
    """Yield what sectors and crosswalk say against each other.

    That is: a sector that names a code that does not exist, a division in two sectors, and a row that links divisions of
    different sectors without a note that says why.

    Args:
        crosswalk: what is looked at.
        root: the content folder that it comes from.
    """
    yield from _group_problems(crosswalk)
    tell = _Teller(root, CROSSWALK)
    for index, row in enumerate(crosswalk.links.rows):
        one, other = _sectors_of(crosswalk, row)
        if one != other and row.note is None:
            yield tell.at(
                "other-sector",
                ("rows", index),
                msg(
                    "{gbt} lies in {one}, {isic} in {other}.",
                    gbt=row.gbt,
                    isic=row.isic,
                    one=_named(one),
                    other=_named(other),
                ),
                msg("Add a note that says what they have in common, or correct the row."),
            )


def _named(sectors: Sequence[str]) -> Message | str:
    return ", ".join(sectors) if sectors else msg("no sector")


def _sectors_of(crosswalk: Crosswalk, row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return crosswalk.sectors_of("gbt-4754", row.gbt), crosswalk.sectors_of("isic-4", row.isic)


def _group_problems(crosswalk: Crosswalk) -> Iterator[Problem]:
    for scheme in ("gbt-4754", "isic-4"):
        known = crosswalk.industries[scheme]
        holders: dict[str, list[str]] = {}
        for name, sector in crosswalk.sectors.items():
            part = "gbt" if scheme == "gbt-4754" else "isic"
            place = Place(file="sectors.yaml", path=f"sectors.{name}.{part}")
            for code in sector.gbt if part == "gbt" else sector.isic:
                if code not in known:
                    cause = msg("{word} is not known.", word=code)
                    yield Problem("unknown-name", place, cause, did_you_mean(code, list(known)))
            for code in crosswalk.codes_of(name, scheme):
                holders.setdefault(code, []).append(name)
        for code, names in holders.items():
            if len(names) > 1:
                cause = msg(
                    "{word} of {scheme} lies in several sectors: {names}.",
                    word=code,
                    scheme=scheme,
                    names=", ".join(names),
                )
                yield Problem(
                    "two-sectors", Place(file="sectors.yaml", path="sectors"), cause, msg("Leave it in one.")
                )
