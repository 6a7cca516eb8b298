"""Reads what a programme would pay at each level as a share, a cap and a bonus, which is what a plan can count with.

A plan knows its one-off costs by category of spend, and its level. In these, the amounts of most programmes are
``min(share × spend that counts, cap) + bonus``. Whether a programme is of that form is not taken from its text, but tried: what
it pays is compared with it at many amounts, of each category alone and of a mixture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.incentives.evaluate import Evaluator
from capillary.incentives.situation import rate
from capillary.incentives.spend import PREFIX, counted_spend, spend_facts
from capillary.incentives.values import exactly
from capillary.model.measure import SPEND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.incentives.rules import Rules
    from capillary.incentives.situation import Situation
    from capillary.incentives.spend import CountedSpend
    from capillary.model.measure import SpendCategory
    from capillary.model.programme import Programme

Paid = tuple[Fraction, tuple[str, ...]]
LARGE = Fraction(10**9)
TRIED = tuple(Fraction(10**power * step) for power in range(3, 8) for step in (1, 2, 5))


@dataclass(frozen=True)
class LevelAid:
    """What a programme pays from a level on, for the spend that it counts.

    Attributes:
        share: of the spend that counts.
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


@dataclass(frozen=True)
class ProgrammeAid:
    """What a plan can count with of a programme: what it pays from each level on, and which spend counts; no level: nothing."""

    levels: tuple[LevelAid, ...]
    counted: CountedSpend | None


def aid_by_level(
    rules: Rules, programme: Programme, situation: Situation, levels: Sequence[int]
) -> ProgrammeAid:
    """Return what a programme pays a firm at each level that it pays for; conditions that are not known are taken as met.

    Args:
        rules: checked rules.
        programme: the programme.
        situation: what is known of the firm; its level and its spend are set here.
        levels: the levels to ask for, in rising order.
    """
    version = Evaluator(rules, situation).of(programme).version
    counted = counted_spend(rules, programme, version)
    tried = _Tried(rules, programme, situation, _mixtures(rules, counted))
    found: list[LevelAid] = []
    for level in levels:
        aid = tried.at(level)
        if aid is not None and (not found or replace(aid, level=found[-1].level) != found[-1]):
            found.append(aid)
    return ProgrammeAid(tuple(found), counted)


def _mixtures(rules: Rules, counted: CountedSpend | None) -> list[dict[SpendCategory, Fraction]]:
    """Return what amounts are tried with: each category that counts and can be asked for, alone, and all in equal parts."""
    wanted = counted.categories if counted is not None and counted.categories is not None else SPEND
    names = [name for name in SPEND if name in wanted and PREFIX + name in rules.facts]
    alone: list[dict[SpendCategory, Fraction]] = [{name: Fraction(1)} for name in names]
    return [*alone, {name: Fraction(1, len(names)) for name in names}]


@dataclass(frozen=True)
class _Tried:
    """A programme that is tried with mixtures of spend."""

    rules: Rules
    programme: Programme
    situation: Situation
    mixtures: list[dict[SpendCategory, Fraction]]

    def at(self, level: int) -> LevelAid | None:
        """Return what is paid from a level on; None where nothing is."""
        even = self.mixtures[-1]
        nothing, everything = (self._paid(level, spend, even) for spend in (Fraction(0), LARGE))
        if nothing is None or everything is None or everything[0] <= 0:
            return None
        bonus, whole = nothing[0], everything[0]
        shares = [
            (paid[0] - bonus) / spend
            for spend, paid in self._points(level)
            if paid is not None and 0 < paid[0] - bonus < whole - bonus
        ]
        share = max(shares, default=min(Fraction(1), (whole - bonus) / LARGE))
        share = share.limit_denominator(1000)
        has_cap = whole - bonus < share * LARGE
        cap = whole - bonus if has_cap else None
        aid = LevelAid(level, share, cap, bonus, Fraction(0), everything[1])
        return replace(aid, off_by=max(self._differences(aid), default=Fraction(0)))

    def _points(self, level: int) -> Iterator[tuple[Fraction, Paid | None]]:
        """Yield amounts with what is paid for them, for each mixture."""
        for mixture in self.mixtures:
            for spend in TRIED:
                yield spend, self._paid(level, spend, mixture)

    def _differences(self, aid: LevelAid) -> Iterator[Fraction]:
        """Yield how far the form is from what the programme pays, beyond rounding to whole units."""
        for spend, paid in self._points(aid.level):
            part = aid.share * spend
            formed = (part if aid.cap is None else min(part, aid.cap)) + aid.bonus
            yield max(Fraction(0), abs((paid[0] if paid else Fraction(0)) - formed) - 1)

    def _paid(self, level: int, spend: Fraction, mixture: Mapping[SpendCategory, Fraction]) -> Paid | None:
        """Return the most that is paid for a spend, with the conditions that are not known; None where nothing can be."""
        told = spend_facts(self.rules, {name: part * spend for name, part in mixture.items()})
        spends = {name: exactly(Fraction(amount)) for name, amount in told.items()}
        facts = {**self.situation.facts, **spends, "level_after": exactly(level)}
        item = Evaluator(self.rules, replace(self.situation, facts=facts)).of(self.programme)
        if item.verdict == "not-entitled" or item.money is None or item.money.high is None:
            return None
        factor = rate(self.rules, item.money.currency, self.situation.currency, self.programme)
        undecided = tuple(judged.condition.id for judged in item.undecided)
        return Fraction(item.money.high) * factor, undecided
