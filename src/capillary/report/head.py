"""The head of the report: who, under what, and the result."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.figures import bar, interval, shown, span
from capillary.report.page import Fact, Head, Rung, Weighed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.report.accounting import ShownAccount
    from capillary.report.answers import Answers
    from capillary.report.marks import Sources
    from capillary.report.page import Reference, Words
    from capillary.scoring.evaluate import Interval, SheetScore

MONTHS = (
    msg("January"),
    msg("February"),
    msg("March"),
    msg("April"),
    msg("May"),
    msg("June"),
    msg("July"),
    msg("August"),
    msg("September"),
    msg("October"),
    msg("November"),
    msg("December"),
)


def head(
    diagnosis: Diagnosis, account: ShownAccount, answers: Answers, sources: Sources, written_on: str | None
) -> Head:
    """Return the head of the report."""
    level = diagnosis.score.level
    score = _score(diagnosis, account)
    top = diagnosis.standard.file.scoring.max
    return Head(
        name=diagnosis.sheet.enterprise.name or msg("Enterprise without a name"),
        standard=diagnosis.standard.file.title,
        facts=tuple(_facts(diagnosis, written_on)),
        verdict=_verdict(level),
        result=_result(diagnosis, level, score),
        meaning=_meaning(diagnosis, level),
        reference=_meaning_reference(diagnosis, level, sources),
        rungs=tuple(_rungs(diagnosis, level)),
        score=score,
        of=_of(diagnosis),
        bar=bar(diagnosis.score.score.low, diagnosis.score.score.high, top),
        open=_open(len(answers.open), diagnosis.score.questions),
        notices=tuple(_notices(diagnosis, answers)),
        weighed=tuple(_weighed(diagnosis, account.digits)),
    )


def level_words(diagnosis: Diagnosis, level: Interval) -> Words:
    """Return a level by its name, or the names of the lowest and the highest possible one."""
    return between(diagnosis.standard.level_title, level)
