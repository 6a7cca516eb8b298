"""Reads what a programme would pay at each level as a share, a cap and a bonus, which is what a plan can count with.

A plan knows its one-off costs and its level. In these, the amounts of most programmes are ``min(share × spend, cap) + bonus``.
Whether a programme is of that form is not taken from its text, but tried: what it pays is compared with it at many amounts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.incentives.evaluate import Evaluator
from capillary.incentives.situation import rate
from capillary.incentives.values import Span, exactly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.incentives.rules import Rules
    from capillary.incentives.situation import Situation
    from capillary.model.programme import Programme

LARGE = Fraction(10**9)
TRIED = tuple(Fraction(10**power * step) for power in range(3, 8) for step in (1, 2, 5))
SPEND_TOTAL, SPEND_MAIN = "spend_total", "spend_software"


@dataclass(frozen=True)
class LevelAid:
    """What a programme pays from a level on.

    Attributes:
        share: of the spend.
        cap: the most that the share comes to, in the situation's currency; None for no cap.
        bonus: what is paid besides.
        off_by: how far the form is off at most, of the amounts that were tried; 0 where it is exact.
        open_conditions: what must be met besides, and is not known.
    """

    level: int
    share: Fraction
    cap: Fraction | None
    bonus: Fraction
    off_by: Fraction
    open_conditions: tuple[str, ...]


def aid_by_level(
    rules: Rules, programme: Programme, situation: Situation, levels: Sequence[int]
) -> list[LevelAid]:
    """Return what a programme pays a firm at each level that it pays for; conditions that are not known are taken as met.

    Every one-off cost of a plan is taken as spend that the programme counts.

    Args:
        rules: checked rules.
        programme: the programme.
        situation: what is known of the firm; its level and its spend are set here.
        levels: the levels to ask for, in rising order.
    """
    found: list[LevelAid] = []
    for level in levels:
        aid = _at(rules, programme, situation, level)
        if aid is not None and (not found or replace(aid, level=found[-1].level) != found[-1]):
            found.append(aid)
    return found


def _at(rules: Rules, programme: Programme, situation: Situation, level: int) -> LevelAid | None:
    nothing, everything = (_paid(rules, programme, situation, level, spend) for spend in (Fraction(0), LARGE))
    if nothing is None or everything is None or everything[0] <= 0:
        return None
    bonus, whole = nothing[0], everything[0]
    shares = []
    for spend in TRIED:
        paid = _paid(rules, programme, situation, level, spend)
        if paid is not None and 0 < paid[0] - bonus < whole - bonus:
            shares.append((paid[0] - bonus) / spend)
    share = max(shares, default=min(Fraction(1), (whole - bonus) / LARGE))
    share = share.limit_denominator(1000)
    has_cap = whole - bonus < share * LARGE
    cap = whole - bonus if has_cap else None
    aid = LevelAid(level, share, cap, bonus, Fraction(0), everything[1])
    return replace(aid, off_by=max(_differences(rules, programme, situation, aid), default=Fraction(0)))


def _differences(
    rules: Rules, programme: Programme, situation: Situation, aid: LevelAid
) -> Iterator[Fraction]:
    """Yield how far the form is from what the programme pays, beyond rounding to whole units."""
    for spend in TRIED:
        paid = _paid(rules, programme, situation, aid.level, spend)
        part = aid.share * spend
        formed = (part if aid.cap is None else min(part, aid.cap)) + aid.bonus
        yield max(Fraction(0), abs((paid[0] if paid else Fraction(0)) - formed) - 1)


def _paid(
    rules: Rules, programme: Programme, situation: Situation, level: int, spend: Fraction
) -> tuple[Fraction, tuple[str, ...]] | None:
    """Return the most that is paid for a spend, with the conditions that are not known; None where nothing can be."""
    names = [name for name in rules.facts if name.startswith("spend_")]
    spends = {name: Span(Fraction(0), Fraction(0)) for name in names}
    spends |= {SPEND_MAIN: exactly(spend), SPEND_TOTAL: exactly(spend)}
    facts = {**situation.facts, **spends, "level_after": exactly(level)}
    item = Evaluator(rules, replace(situation, facts=facts)).of(programme)
    if item.verdict == "not-entitled" or item.money is None or item.money.high is None:
        return None
    factor = rate(rules, item.money.currency, situation.currency, programme)
    return Fraction(item.money.high) * factor, tuple(judged.condition.id for judged in item.undecided)
