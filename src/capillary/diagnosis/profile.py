"""An enterprise's profile: for every capability what is certain at least and at most, and on which evidence.

Answers narrow the profile through the bindings of their standard; the profile in turn settles answers of other standards.
Both directions follow from the three relations in ``docs/authors/content-format.md`` and from nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from capillary.model.fields import Field, fields_of
from capillary.model.sheet import GRADES, AnswerSheet, Enterprise, Grade
from capillary.model.standard import Binding, Boolean, Grid, Level, Multiple, Rate, Single, Standard, Ticks
from capillary.scoring.evaluate import SheetScore, score_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from capillary.model.capability import Capability
    from capillary.model.standard import Question


@dataclass(frozen=True)
class Span:
    """What is known of one capability.

    Attributes:
        at_least: the level that is certain.
        at_most: the level that cannot be exceeded.
        grade: the grade of the evidence behind ``at_least``; None where it is 0 because nothing is known.
    """

    at_least: int
    at_most: int
    grade: Grade | None = None

    @property
    def known(self) -> bool:
        """Whether anything certain is said at all (the top of the ladder is what an unknown span ends at)."""
        return self.at_least > 0 or self.grade is not None


Profile = dict[str, Span]


@dataclass(frozen=True)
class Claim:
    """One binding and the answers of one field under which its option is true: codes with at least these bits or this rank.

    Attributes:
        field: position of the field.
        rank: the least code of a ladder, or the bit of a set.
        bit: whether ``rank`` is a bit.
    """

    field: int
    rank: int
    bit: bool
    binding: Binding

    def true_of(self, code: int) -> bool:
        """Whether the option is true of an answer."""
        return bool(code >> self.rank & 1) if self.bit else code >= self.rank


@lru_cache(maxsize=64)
def claims_of(standard: Standard) -> tuple[Claim, ...]:
    """Return every binding of a standard with the answers under which it is true; kept once a standard."""
    claims: list[Claim] = []
    for index, field in enumerate(fields_of(standard)):
        question = standard.by_id[field.question]
        for key, binding in _keyed(question, field):
            position = field.position.get(key)
            if position is not None:
                claims.append(Claim(index, position, field.kind == "set", binding))
    return tuple(claims)


def _keyed(question: Question, field: Field) -> Iterator[tuple[str, Binding]]:
    """Yield (key of the field, binding) for one field of a question."""
    match question:
        case Single() | Multiple() | Rate():
            for option in question.options:
                yield option.key, option
        case Level():
            for level in question.levels:
                yield str(level.level), level
        case Boolean():
            yield (
                "true",
                Binding(means=question.means, asserts=question.asserts, implied_by=question.implied_by),
            )
        case Grid():
            row = next(row for row in question.rows if row.key == field.part)
            yield from row.bindings.items()
        case Ticks():
            for row in question.rows:
                if field.part in row.bindings:
                    yield row.key, row.bindings[field.part]


def empty_profile(capabilities: Mapping[str, Capability]) -> Profile:
    """Return the profile of a firm of which nothing is known."""
    return {name: Span(0, capability.top) for name, capability in capabilities.items()}


def profile_of(
    standard: Standard,
    sheet: AnswerSheet,
    capabilities: Mapping[str, Capability],
    known: Profile | None = None,
) -> Profile:
    """Return what a sheet's answers say about capabilities, on top of what is known already.

    Where answers contradict each other, what is asserted outweighs what is not ticked.

    Args:
        standard: the standard that the sheet answers.
        sheet: the checked answers.
        capabilities: the hub vocabulary.
        known: a profile to narrow further; the empty one by default.
    """
    profile = dict(known or empty_profile(capabilities))
    fields = fields_of(standard)
    denied: list[tuple[str, int, Grade]] = []
    for claim in claims_of(standard):
        question = fields[claim.field].question
        if question in sheet.not_applicable:
            continue
        grade = sheet.evidence.get(question, "declared")
        binding = claim.binding
        if claim.true_of(sheet.lowest[claim.field]):
            for name, level in (*binding.means.items(), *binding.asserts.items()):
                _raise(profile, name, level, grade)
        elif not claim.true_of(sheet.highest[claim.field]):
            if len(binding.means) == 1:
                denied.extend((name, level, grade) for name, level in binding.means.items())
            denied.extend((name, level, grade) for name, level in binding.implied_by.items())
    for name, level, grade in denied:
        span = profile[name]
        most = max(span.at_least, min(span.at_most, level - 1))
        profile[name] = Span(span.at_least, most, span.grade or grade)
    return profile


def _raise(profile: Profile, name: str, level: int, grade: Grade) -> None:
    span = profile[name]
    if level > span.at_least or span.grade is None:
        best = grade
    elif level == span.at_least:
        best = max(grade, span.grade, key=GRADES.index)
    else:
        best = span.grade
    least = max(span.at_least, level)
    profile[name] = Span(least, max(span.at_most, least), best)


@dataclass(frozen=True)
class ReadAcross:
    """What a profile says about a standard.

    Attributes:
        standard: the standard's id.
        score: its score as an interval.
        settled: questions that the profile answers completely.
        open: questions that still have to be asked, in the standard's order.
    """

    standard: str
    score: SheetScore
    settled: tuple[str, ...]
    open: tuple[str, ...]


def read_across(standard: Standard, profile: Profile, own: AnswerSheet | None = None) -> ReadAcross:
    """Return what a profile says about a standard, together with the answers under it, if there are some.

    Args:
        standard: the standard to read.
        profile: what is known of the firm's capabilities.
        own: answers under this very standard; they outweigh the profile.
    """
    sheet = across_sheet(standard, profile, own)
    fields = fields_of(standard)
    still_open = {
        item.question
        for item, low, high in zip(fields, sheet.lowest, sheet.highest, strict=True)
        if low != high
    }
    names = [question.id for question in standard.questions]
    return ReadAcross(
        standard=standard.id,
        score=score_sheet(standard, sheet),
        settled=tuple(name for name in names if name not in still_open),
        open=tuple(name for name in names if name in still_open),
    )


def across_sheet(standard: Standard, profile: Profile, own: AnswerSheet | None = None) -> AnswerSheet:
    """Return the answer sheet that a profile implies under a standard."""
    fields = fields_of(standard)
    base = own or AnswerSheet(
        standard=standard.id,
        enterprise=Enterprise(),
        answers={},
        lowest=tuple(0 for _ in fields),
        highest=tuple(item.top for item in fields),
    )
    low, high = list(base.lowest), list(base.highest)
    answered = set(base.answers)
    for claim in claims_of(standard):
        item = fields[claim.field]
        if item.question in answered:
            continue
        state = _state(claim.binding, profile)
        if state is None:
            continue
        if claim.bit and state:
            low[claim.field] |= 1 << claim.rank
        elif claim.bit:
            high[claim.field] &= ~(1 << claim.rank)
        elif state:
            low[claim.field] = max(low[claim.field], claim.rank)
        else:
            high[claim.field] = min(high[claim.field], claim.rank - 1)
    spans = [
        (a, b | a) if item.kind == "set" else (a, max(a, b))
        for item, a, b in zip(fields, low, high, strict=True)
    ]
    return replace(base, lowest=tuple(a for a, _ in spans), highest=tuple(b for _, b in spans))


def _state(binding: Binding, profile: Profile) -> bool | None:
    """Return whether an option is true of the firm as far as its profile tells."""
    if any(profile[name].at_least >= level for name, level in binding.implied_by.items()):
        return True
    if binding.means and all(profile[name].at_least >= level for name, level in binding.means.items()):
        return True
    named: Iterable[tuple[str, int]] = (*binding.means.items(), *binding.asserts.items())
    if any(profile[name].at_most < level for name, level in named):
        return False
    return None
