"""What changes when one edition of a standard takes the place of another: in its questions, and in stored assessments.

Questions are matched by their ids, which stay the same across editions; so are options, rows and columns by their keys.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Grid, Level, Multiple, Rate, Single, Ticks, bindings_of
from capillary.model.text import Message, Text, msg
from capillary.scoring.evaluate import Interval, SheetScore, score_sheet
from capillary.sheets.answers import BadAnswerError, reader_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard

Effect = Literal["scoring", "wording"]
Value = Text | Fraction | str | tuple[object, ...] | None
LARGEST = 20
_WORDS = frozenset({"title", "text", "why", "example", "evidence", "inputs"})


@dataclass(frozen=True)
class PartChange:
    """One part of a question that differs between the editions.

    Attributes:
        part: what differs, as a path: ``text``, ``points``, ``options.B`` (its text), ``options.B.points``.
        before: what it was; None where the part is new.
        after: what it is; None where the part was dropped.
    """

    part: str
    before: Value
    after: Value

    @property
    def effect(self) -> Effect:
        """Whether scores may differ for it, or only what people read."""
        if self.part in _WORDS:
            return "wording"
        return "wording" if isinstance(self.before, Text) and isinstance(self.after, Text) else "scoring"


@dataclass(frozen=True)
class QuestionChange:
    """A question that both editions have, but not the same."""

    question: str
    parts: tuple[PartChange, ...]


@dataclass(frozen=True)
class EditionChange:
    """What differs between two editions.

    Attributes:
        new, dropped: questions that only one edition has, in its order.
        changed: questions that differ, in the order of the new edition.
        same: how many questions are the same in both.
        nodes: nodes of the scoring program that are new, dropped or changed, by name.
    """

    old: Standard
    latest: Standard
    new: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[QuestionChange, ...]
    same: int
    nodes: Mapping[str, Literal["new", "dropped", "changed"]]


def compare_editions(old: Standard, new: Standard) -> EditionChange:
    """Return what differs between two editions of a standard.

    >>> from capillary.content import load_standard
    >>> change = compare_editions(load_standard("miit-2024"), load_standard("miit-2024"))
    >>> change.new, change.dropped, change.changed, dict(change.nodes)
    ((), (), (), {})
    """
    both = [name for name in new.by_id if name in old.by_id]
    changed = [QuestionChange(name, _parts_changed(old.by_id[name], new.by_id[name])) for name in both]
    differing = tuple(item for item in changed if item.parts)
    return EditionChange(
        old=old,
        latest=new,
        new=tuple(name for name in new.by_id if name not in old.by_id),
        dropped=tuple(name for name in old.by_id if name not in new.by_id),
        changed=differing,
        same=len(both) - len(differing),
        nodes=_nodes_changed(old, new),
    )


def _nodes_changed(old: Standard, new: Standard) -> dict[str, Literal["new", "dropped", "changed"]]:
    before = {node.id: node for node in old.file.scoring.nodes}
    after = {node.id: node for node in new.file.scoring.nodes}
    found: dict[str, Literal["new", "dropped", "changed"]] = {}
    for name, node in after.items():
        if name not in before:
            found[name] = "new"
        elif before[name] != node:
            found[name] = "changed"
    return found | {name: "dropped" for name in before if name not in after}


def _parts_changed(old: Question, new: Question) -> tuple[PartChange, ...]:
    before, after = dict(_parts(old)), dict(_parts(new))
    names = [*after, *(name for name in before if name not in after)]
    found = [
        PartChange(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]
    gone = {item.part for item in found if item.before is None or item.after is None}
    # a new or dropped option says all: its points need no line of their own
    return tuple(item for item in found if item.part.rpartition(".")[0] not in gone)


def _parts(question: Question) -> Iterator[tuple[str, Value]]:
    """Yield everything of a question that a reader or the score depends on, by path."""
    yield "kind", type(question).__name__.lower()
    yield "dimension", question.dimension
    yield "title", question.title
    yield "text", question.text
    yield "why", question.why
    yield "example", question.example
    yield "points", question.points
    yield "not_applicable", question.not_applicable
    if question.evidence:
        yield "evidence", question.evidence
    if question.inputs:
        yield "inputs", question.inputs
    yield from _choices(question)
    for path, binding in bindings_of(question):
        if meaning := _meaning(binding.means, binding.asserts, binding.implied_by):
            yield f"{path}.capabilities", meaning


def _meaning(*relations: Mapping[str, int]) -> str:
    """Return relations to capabilities as text that is equal where they are equal."""
    names = ("means", "asserts", "implied_by")
    return "; ".join(
        f"{name} {', '.join(f'{key} {level}' for key, level in sorted(relation.items()))}"
        for name, relation in zip(names, relations, strict=True)
        if relation
    )


def _choices(question: Question) -> Iterator[tuple[str, Value]]:
    match question:
        case Single() | Multiple() | Rate():
            yield "options", tuple(option.key for option in question.options)
            for option in question.options:
                yield f"options.{option.key}", option.text
                yield f"options.{option.key}.points", option.points
                if not isinstance(question, Rate):
                    continue
                yield f"options.{option.key}.above", getattr(option, "above", None)
                yield f"options.{option.key}.up_to", getattr(option, "up_to", None)
        case Level():
            for level in question.levels:
                yield f"levels.{level.level}", level.text
                yield f"levels.{level.level}.points", level.points
        case Grid() | Ticks():
            columns = question.scale if isinstance(question, Grid) else question.columns
            name = "scale" if isinstance(question, Grid) else "columns"
            for row in question.rows:
                yield f"rows.{row.key}", row.text
            for column in columns:
                yield f"{name}.{column.key}", column.text
                yield f"{name}.{column.key}.points", column.points
        case _:
            return


@dataclass(frozen=True)
class Refused:
    """An answer that cannot be carried into the new edition.

    Attributes:
        code: a stable name of the reason: ``dropped`` where the question is gone, else as in `Problem`.
        cause: the reason in words.
    """

    question: str
    code: str
    cause: Message


@dataclass(frozen=True)
class Rescored:
    """What one sheet is worth under both editions."""

    before: SheetScore
    after: SheetScore
    refused: tuple[Refused, ...]


def rebase(old: Standard, new: Standard, sheet: AnswerSheet) -> tuple[AnswerSheet, tuple[Refused, ...]]:
    """Return a sheet of the old edition as one of the new edition, and the answers that do not fit there.

    An answer fits where the new edition reads it. What other sources say of a field is kept where the field has the same
    keys; everything else is unknown. A variant that the new edition does not have is unknown too.
    """
    reader = reader_for(new)
    low, high = list(reader.unknown_low), list(reader.unknown_high)
    known = {item.id: (item, index) for index, item in enumerate(reader_for(old).fields)}
    for index, item in enumerate(reader.fields):
        found = known.get(item.id)
        if found is not None and (found[0].kind, found[0].keys) == (item.kind, item.keys):
            low[index], high[index] = sheet.lowest[found[1]], sheet.highest[found[1]]
    answers: dict[str, object] = {}
    refused: list[Refused] = []
    for name, value in sheet.answers.items():
        start = reader.start.get(name)
        if start is None:
            refused.append(Refused(name, "dropped", msg("The question is not asked any more.")))
            continue
        try:
            spans = reader.read(name, value)
        except BadAnswerError as bad:
            refused.append(Refused(name, bad.code, bad.cause))
            spans = None
        else:
            answers[name] = value
        for offset, item in enumerate(reader.of_question[name]):
            low[start + offset] = spans[offset].low if spans else 0
            high[start + offset] = spans[offset].high if spans else item.top
    variants = {variant.id for variant in new.file.variants}
    moved = replace(
        sheet,
        standard=new.id,
        answers=answers,
        lowest=tuple(low),
        highest=tuple(high),
        not_applicable=frozenset(name for name, value in answers.items() if value == NOT_APPLICABLE),
        variant=sheet.variant if sheet.variant in variants else None,
        evidence={name: grade for name, grade in sheet.evidence.items() if name in answers},
    )
    return moved, tuple(refused)


def rescore(old: Standard, new: Standard, sheet: AnswerSheet) -> Rescored:
    """Return what a sheet of the old edition is worth under both editions."""
    moved, refused = rebase(old, new, sheet)
    return Rescored(score_sheet(old, sheet), score_sheet(new, moved), refused)


@dataclass(frozen=True, order=True)
class Shift:
    """How far the score of one assessment moves, as a share of the whole range of points.

    Attributes:
        size: the larger of the moves of both ends of the interval; the largest shifts come first in a list.
        name: what the caller calls the assessment.
    """

    size: Fraction
    name: str
    rescored: Rescored = field(compare=False)


@dataclass
class Tally:
    """What a change of editions does to many assessments, gathered one by one in little memory.

    Attributes:
        count: assessments seen.
        levels: how many stand at which level before and after; a level is the one that is reached with certainty.
        refused: how many answers do not fit any more, by question and code.
        causes: the reason in words of the first such answer.
    """

    old: Standard
    latest: Standard
    count: int = 0
    levels: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    causes: dict[tuple[str, str], Message] = field(default_factory=dict)
    _largest: list[Shift] = field(default_factory=list)

    def add(self, name: str, rescored: Rescored) -> None:
        """Take in one assessment."""
        self.count += 1
        self.levels[_level(rescored.before), _level(rescored.after)] += 1
        for item in rescored.refused:
            self.refused[item.question, item.code] += 1
            self.causes.setdefault((item.question, item.code), item.cause)
        shift = Shift(self._shift(rescored), name, rescored)
        if not shift.size:
            return
        if len(self._largest) < LARGEST:
            heapq.heappush(self._largest, shift)
        else:
            heapq.heappushpop(self._largest, shift)

    def largest(self) -> tuple[Shift, ...]:
        """Return the largest shifts, the largest first; an assessment whose score stays is not among them."""
        return tuple(sorted(self._largest, reverse=True))

    def _shift(self, rescored: Rescored) -> Fraction:
        before = _shares(rescored.before.score, self.old)
        after = _shares(rescored.after.score, self.latest)
        return max(abs(one - other) for one, other in zip(before, after, strict=True))


def _shares(score: Interval, standard: Standard) -> tuple[Fraction, Fraction]:
    most = standard.file.scoring.max or Fraction(1)
    return score.low / most, score.high / most


def _level(score: SheetScore) -> int | None:
    return None if score.level is None else int(score.level.low)


def tally(old: Standard, new: Standard, sheets: Iterable[tuple[str, AnswerSheet]]) -> Tally:
    """Return what a change of editions does to many assessments.

    Args:
        old: the edition that was answered.
        new: the edition that takes its place.
        sheets: a name and the answer sheet of each assessment.
    """
    found = Tally(old, new)
    for name, sheet in sheets:
        found.add(name, rescore(old, new, sheet))
    return found
