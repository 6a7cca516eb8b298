"""The head of the report: who, under what, and the result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.figures import bar, interval, shown, span, tidy_digits
from capillary.report.marks import Sources
from capillary.report.page import Fact, Head, Rung, Weighed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.standard import Standard, StandardLevel
    from capillary.report.accounting import ShownAccount
    from capillary.report.answers import Answers
    from capillary.report.page import Foot, RungState, Words
    from capillary.scoring.evaluate import Interval

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
    diagnosis: Diagnosis, account: ShownAccount, answers: Answers, foot: Foot, written_on: str | None
) -> Head:
    """Return the head of the report.

    Args:
        diagnosis: the diagnosis.
        account: its account with rounded figures.
        answers: its answers.
        foot: the foot, which knows whether anything unverified entered.
        written_on: the date of the report.
    """
    standard, found = diagnosis.standard, diagnosis.score
    sources = Sources(standard)
    meant = [item for item in standard.file.levels if found.level and item.level == found.level.low]
    return Head(
        name=diagnosis.sheet.enterprise.name or msg("Enterprise without a name"),
        standard=standard.file.title,
        facts=tuple(_facts(diagnosis, written_on)),
        verdict=msg("Level reached") if _certain(found.level) else msg("Level, not certain yet"),
        level=None if found.level is None else level_words(standard, found.level),
        meaning=_meaning(meant[0], found.level) if meant and found.level else None,
        reference=sources.of_figure(meant[0]) if meant else None,
        rungs=tuple(_rungs(standard, found.level)),
        score=_score(diagnosis, account),
        of=of_words(standard),
        bar=bar(found.score.low, found.score.high, standard.file.scoring.max),
        open=_open(len(answers.open), found.questions),
        notices=tuple(_notices(diagnosis, foot, written_on)),
        weighed=tuple(_weighed(diagnosis, account)),
    )


def level_words(standard: Standard, level: Interval) -> Words:
    """Return a level by its name, or the names of the lowest and the highest possible one."""
    low, high = standard.level_title(int(level.low)), standard.level_title(int(level.high))
    return low if level.certain else msg("Between {low} and {high}", low=low, high=high)


def of_words(standard: Standard) -> Words:
    """Return what a score is out of: "of 100 points"."""
    most = standard.file.scoring.max
    return msg("of {most} {unit}", most=shown(most, tidy_digits(most)), unit=standard.file.scoring.unit)


def date_words(date: str) -> Words:
    """Return an ISO date in words; anything else as it came.

    >>> date_words("2026-03-09").in_("en")
    '9 March 2026'
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    if found is None or not 1 <= int(found[2]) <= len(MONTHS):
        return date
    return msg("{day} {month} {year}", day=int(found[3]), month=MONTHS[int(found[2]) - 1], year=found[1])


def _facts(diagnosis: Diagnosis, written_on: str | None) -> Iterator[Fact]:
    enterprise, file = diagnosis.sheet.enterprise, diagnosis.standard.file
    if written_on:
        yield Fact(msg("Date"), date_words(written_on))
    if enterprise.region:
        yield Fact(msg("Region"), enterprise.region)
    if enterprise.sector:
        yield Fact(msg("Sector"), enterprise.sector)
    if enterprise.employees is not None:
        yield Fact(msg("Employees"), f"{enterprise.employees:.10g}")
    for variant in file.variants:
        if variant.id == diagnosis.sheet.variant:
            yield Fact(msg("Kind of firm"), variant.title)


def _certain(level: Interval | None) -> bool:
    return level is not None and level.certain


def _meaning(meant: StandardLevel, level: Interval) -> Words | None:
    """Return what the level means; while it is not certain, what the lowest possible one means if it says something."""
    if level.certain:
        return meant.meaning
    return (
        msg("At least “{level}”: {meaning}", level=meant.title, meaning=meant.meaning) if level.low else None
    )


def _rungs(standard: Standard, level: Interval | None) -> Iterator[Rung]:
    if level is None:
        return
    for item in sorted(standard.file.levels, key=lambda item: item.level):
        yield Rung(item.title, _state(item.level, level))


def _state(number: int, level: Interval) -> RungState:
    if number < level.low:
        return "passed"
    if number > level.high:
        return "above"
    return "certain" if level.certain else "possible"


def _score(diagnosis: Diagnosis, account: ShownAccount) -> str:
    """Return the score as the account shows it, so that both agree to the last place."""
    score, line = diagnosis.score.score, diagnosis.account
    if (score.low, score.high) == (line.earned, line.earned + line.unknown):
        low, high = account.earned, account.possible
    else:
        low, high = score.low, score.high
    return span(low, high, tidy_digits(low, high, most=account.digits))


def _open(count: int, every: int) -> Words | None:
    if not count:
        return None
    if count == 1:
        return msg("1 of {every} questions is still open.", every=every)
    return msg("{count} of {every} questions are still open.", count=count, every=every)


def _notices(diagnosis: Diagnosis, foot: Foot, written_on: str | None) -> Iterator[Words]:
    file = diagnosis.standard.file
    if not diagnosis.sheet.answers:
        yield msg(
            "Nothing has been answered yet. Everything below shows what is possible, not how the firm stands."
        )
    if file.variants and diagnosis.sheet.variant is None:
        yield msg(
            "The kind of firm is not known. Score and level hold for every kind; the account, the shortcomings and the"
            " steps follow “{variant}”.",
            variant=file.variants[0].title,
        )
    if file.effective_to and written_on and written_on > file.effective_to:
        yield msg(
            "This edition of the standard was in force until {date}.", date=date_words(file.effective_to)
        )
    if foot.doubts or foot.doubtful_questions:
        yield msg(
            "Some figures behind this result are unverified. They carry the mark ‡ and are listed at the end."
        )


def _weighed(diagnosis: Diagnosis, account: ShownAccount) -> Iterator[Weighed]:
    declared, supported = diagnosis.score, diagnosis.supported
    if supported is None:
        return
    if declared.level and supported.level:
        standard = diagnosis.standard
        words = level_words(standard, declared.level), level_words(standard, supported.level)
        yield Weighed(msg("Level"), *words)
    yield Weighed(
        msg("Score"),
        _score(diagnosis, account),
        interval(
            supported.score, tidy_digits(supported.score.low, supported.score.high, most=account.digits)
        ),
    )
