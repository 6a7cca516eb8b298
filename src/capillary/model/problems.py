"""Problems with input: every one says where it is, what is wrong and what mends it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.model.text import Language, Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Place:
    """Where in the input something stands; a part that does not apply is left out."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    path: str | None = None

    def in_(self, language: Language) -> str:
        """Return the place in words, from the file down to the cell or the path in the file.

        >>> Place(file="a.xlsx", sheet="Answers", row=7, column="E").in_("en")
        'a.xlsx, sheet Answers, row 7, column E'
        """
        parts: list[str] = []
        if self.file is not None:
            parts.append(self.file)
        if self.sheet is not None:
            parts.append(msg("sheet {sheet}", sheet=self.sheet).in_(language))
        if self.row is not None:
            parts.append(msg("row {row}", row=self.row).in_(language))
        if self.column is not None:
            parts.append(msg("column {column}", column=self.column).in_(language))
        if self.path is not None:
            parts.append(self.path)
        return ("，" if language == "zh" else ", ").join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input.

    Attributes:
        code: a stable name of the kind of problem, such as ``unknown-question``.
        place: where it stands.
        cause: what is wrong.
        remedy: what the user can do about it.
    """

    code: str
    place: Place
    cause: Message
    remedy: Message

    def in_(self, language: Language) -> str:
        """Return the problem as one line: place, cause, remedy, code."""
        place = self.place.in_(language)
        colon, space = ("：", "") if language == "zh" else (": ", " ")
        lead = f"{place}{colon}" if place else ""
        return f"{lead}{self.cause.in_(language)}{space}{self.remedy.in_(language)} [{self.code}]"

    def at(self, **parts: object) -> Problem:
        """Return the same problem with parts of its place filled in."""
        return replace(self, place=replace(self.place, **parts))  # type: ignore[arg-type]


class InputError(Exception):
    """The input cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one problem")
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.in_("en") for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> Message:
    """Return the remedy for an unknown word: the nearest known one, or the list of them.

    >>> did_you_mean("Q1", ["Q01", "Q02"]).in_("en")
    'Did you mean Q01?'
    """
    candidates = list(known)
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if not near:
        folded = {candidate.casefold(): candidate for candidate in candidates}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    if near:
        return msg("Did you mean {word}?", word=near[0])
    shown = ", ".join(candidates[:12]) + (" …" if len(candidates) > 12 else "")
    return msg("Known are: {words}.", words=shown)
