"""Says of a firm on a day what it is entitled to, why, and what is missing to tell.

Three answers: *entitled*, where every condition holds whatever the unknown facts are; *not entitled*, where one fails whatever
they are; *unclear* else, with the facts that would settle it. Amounts are ranges for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

from capillary.incentives.reading import Reader, Step, open_facts
from capillary.incentives.rules import nearest_version, version_on
from capillary.incentives.situation import rate, years_before
from capillary.incentives.values import Days, Keys, Span, Truth, exactly, least, most, multiply
from capillary.model.exact import to_fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.incentives.rules import Rules
    from capillary.incentives.situation import Situation
    from capillary.model.programme import Aid, ClassRule, Condition, Phase, Programme, Rounding, Version

Verdict = Literal["entitled", "not-entitled", "unclear"]
Timing = Literal["in-force", "ended", "not-yet", "closed"]
AIDS = "aids"  # what stands for earlier aid among the missing facts
_STEPS: Mapping[Rounding, tuple[str, str]] = {
    "cent-half-up": ("0.01", ROUND_HALF_UP),
    "unit-half-up": ("1", ROUND_HALF_UP),
    "unit-down": ("1", ROUND_FLOOR),
}


@dataclass(frozen=True)
class Money:
    """An amount, or the range that it lies in; ``high`` is None where there is no upper end."""

    low: Decimal
    high: Decimal | None
    currency: str

    @property
    def is_open(self) -> bool:
        """Whether it cannot be told exactly."""
        return self.low != self.high

    def as_json(self) -> dict[str, object]:
        """Return both ends as text, so that nothing is lost."""
        return {
            "low": str(self.low),
            "high": None if self.high is None else str(self.high),
            "currency": self.currency,
        }


@dataclass(frozen=True)
class Judged:
    """A condition and how it came out."""

    condition: Condition
    step: Step

    @property
    def truth(self) -> Truth:
        """Whether it holds."""
        return cast("Truth", self.step.value)


@dataclass(frozen=True)
class PhasePaid:
    """A part of the money."""

    phase: Phase
    money: Money
    step: Step


@dataclass(frozen=True)
class Ceiling:
    """What a ceiling leaves for further aid.

    Attributes:
        programme: the ceiling.
        limit: how much aid there may be within its years.
        counted: the earlier aid that counts; None where it is not known.
        left: what may still be granted.
    """

    programme: Programme
    limit: Money
    counted: tuple[Aid, ...] | None
    left: Span


@dataclass(frozen=True)
class Entitlement:
    """What one programme says of one firm on one day.

    Attributes:
        version: the rules that judged; where none is in force on the day, those that came nearest.
        day: the day that decided which version judges.
        timing: whether the version was in force, and could still be applied for.
        conditions: every condition with its outcome; none where no version was in force.
        step: the reading of the amount, before the ceiling and rounding.
        missing: the facts without which the result cannot be told, in the order in which they come up.
        classes: the classes that are possible, for a classification.
    """

    programme: Programme
    version: Version
    day: str
    timing: Timing
    verdict: Verdict
    conditions: tuple[Judged, ...] = ()
    money: Money | None = None
    step: Step | None = None
    phases: tuple[PhasePaid, ...] = ()
    ceiling: Ceiling | None = None
    missing: tuple[str, ...] = ()
    classes: tuple[ClassRule, ...] = ()
    class_steps: tuple[tuple[ClassRule, Step], ...] = ()

    @property
    def failed(self) -> tuple[Judged, ...]:
        """The conditions that fail, whatever is not known."""
        return tuple(item for item in self.conditions if not item.truth.yes)

    @property
    def undecided(self) -> tuple[Judged, ...]:
        """The conditions that cannot be told."""
        return tuple(item for item in self.conditions if item.truth.is_open)

    def as_json(self) -> dict[str, object]:
        """Return everything, with the trace of every figure."""
        programme, version = self.programme, self.version
        found: dict[str, object] = {
            "programme": programme.id,
            "version": version.id,
            "kind": programme.kind,
            "title": {"zh": programme.title.zh, "en": programme.title.en},
            "judged_on": self.day,
            "timing": self.timing,
            "verdict": self.verdict,
            "certainty": version.certainty or programme.certainty,
            "effective_from": version.effective_from,
            "effective_to": version.effective_to,
            "conditions": [
                {
                    "id": item.condition.id,
                    "holds": item.truth.as_json(),
                    "text": {"zh": item.condition.text.zh, "en": item.condition.text.en},
                    "source": programme.source_of(version, item.condition).id,
                    "certainty": programme.certainty_of(version, item.condition),
                    "trace": item.step.as_json(),
                }
                for item in self.conditions
            ],
            "missing": list(self.missing),
        }
        if self.money is not None:
            found["amount"] = {**self.money.as_json(), "rounding": programme.rounding}
        if self.step is not None:
            found["trace"] = self.step.as_json()
        if self.phases:
            found["phases"] = [
                {"id": item.phase.id, **item.money.as_json(), "trace": item.step.as_json()}
                for item in self.phases
            ]
        if self.ceiling is not None:
            counted = self.ceiling.counted
            found["ceiling"] = {
                "programme": self.ceiling.programme.id,
                "limit": self.ceiling.limit.as_json(),
                "left": self.ceiling.left.as_json(),
                "counted": None
                if counted is None
                else [f"{aid.date} {aid.amount} {aid.currency}" for aid in counted],
            }
        if self.classes:
            found["classes"] = [item.key for item in self.classes]
        return found


@dataclass
class Evaluator:
    """Evaluates programmes for one firm; a classification that several ask for is read once."""

    rules: Rules
    situation: Situation
    _classes: dict[str, Entitlement] = field(default_factory=dict)

    def all(self) -> list[Entitlement]:
        """Return what every programme says, in the order of their ids; ceilings only show in what stands under them."""
        return [
            self.of(programme)
            for _, programme in sorted(self.rules.programmes.items())
            if programme.kind != "ceiling"
        ]

    def of(self, programme: Programme) -> Entitlement:
        """Return what one programme says."""
        day = self._day(programme)
        version = version_on(programme, day)
        if version is None:
            near = nearest_version(programme, day)
            return self._too_late(programme, near, day, "not-yet" if near.effective_from > day else "ended")
        if version.apply_by is not None and self.situation.on > version.apply_by:
            return self._too_late(programme, version, day, "closed")
        reader = self._reader(programme, version)
        if version.classes:
            return self._classified(programme, version, day, reader)
        return self._judged(programme, version, day, reader)

    def _too_late(self, programme: Programme, version: Version, day: str, timing: Timing) -> Entitlement:
        """Return that the day decides; the conditions are read all the same, for those who ask whether it would have been."""
        reader = self._reader(programme, version)
        judged = tuple(Judged(item, reader.read(item.if_)) for item in version.conditions)
        return Entitlement(programme, version, day, timing, "not-entitled", judged)

    def _day(self, programme: Programme) -> str:
        """Return the day whose rules judge: that of a fact where the programme says so and it is known."""
        if programme.judged_on is not None:
            stated = self.situation.facts.get(programme.judged_on)
            if isinstance(stated, Days) and not stated.is_open:
                return stated.low
        return self.situation.on

    def _reader(self, programme: Programme, version: Version) -> Reader:
        return Reader(self.rules, programme, version, self.situation, self._class_step)

    def _judged(self, programme: Programme, version: Version, day: str, reader: Reader) -> Entitlement:
        judged = tuple(Judged(item, reader.read(item.if_)) for item in version.conditions)
        if not all(item.truth.yes for item in judged):
            return Entitlement(programme, version, day, "in-force", "not-entitled", judged)
        open_ones = [item for item in judged if item.truth.is_open]
        verdict: Verdict = "unclear" if open_ones else "entitled"
        missing = [name for item in open_ones for name in open_facts(item.step)]
        if version.amount is None:
            return Entitlement(
                programme, version, day, "in-force", verdict, judged, missing=tuple(dict.fromkeys(missing))
            )
        step = reader.read(version.amount)
        missing.extend(open_facts(step))
        ceiling = None if programme.under is None else self.ceiling(self.rules.programmes[programme.under])
        amount = most([cast("Span", step.value), exactly(0)])
        if ceiling is not None:
            amount = least([amount, self._read_in(ceiling.left, ceiling.programme, programme)])
            if ceiling.counted is None:
                missing.append(AIDS)
        if verdict == "unclear":
            amount = Span(Fraction(0), amount.high)
        return Entitlement(
            programme,
            version,
            day,
            "in-force",
            verdict,
            judged,
            money=rounded(amount, programme),
            step=step,
            phases=self._phases(programme, version, reader, amount),
            ceiling=ceiling,
            missing=tuple(dict.fromkeys(missing)),
        )

    def _phases(
        self, programme: Programme, version: Version, reader: Reader, amount: Span
    ) -> tuple[PhasePaid, ...]:
        """Return the parts of the money; the last one is what the others leave, so that they add up to the whole."""
        if amount.is_open:
            return ()
        found: list[PhasePaid] = []
        whole = rounded(amount, programme)
        left = whole.low
        for phase in version.phases:
            step = reader.read(phase.is_)
            part = min(left, rounded(most([cast("Span", step.value), exactly(0)]), programme).low)
            if phase is version.phases[-1]:
                part = left
            found.append(PhasePaid(phase, Money(part, part, whole.currency), step))
            left -= part
        return tuple(found)

    def _classified(self, programme: Programme, version: Version, day: str, reader: Reader) -> Entitlement:
        possible: list[ClassRule] = []
        steps: list[tuple[ClassRule, Step]] = []
        missing: list[str] = []
        for rule in version.classes:
            if rule.if_ is None:
                possible.append(rule)
                break
            step = reader.read(rule.if_)
            steps.append((rule, step))
            truth = cast("Truth", step.value)
            missing.extend(open_facts(step))
            if truth.yes:
                possible.append(rule)
            if not truth.no:
                break
        return Entitlement(
            programme,
            version,
            day,
            "in-force",
            "entitled" if len(possible) == 1 else "unclear",
            missing=tuple(dict.fromkeys(missing)) if len(possible) > 1 else (),
            classes=tuple(possible),
            class_steps=tuple(steps),
        )

    def _class_step(self, programme: Programme) -> Step:
        found = self._classes.get(programme.id)
        if found is None:
            found = self._classes[programme.id] = self.of(programme)
        keys = frozenset(item.key for item in found.classes)
        if not keys:  # no version is in force
            choices = self.rules.facts[cast("str", programme.gives)].choices
            keys = frozenset(item.key for item in choices)
        parts = tuple(step for _, step in found.class_steps)
        return Step("class", cast("str", programme.gives), Keys(keys), parts, programme.gives)

    def ceiling(self, programme: Programme) -> Ceiling | None:
        """Return what a ceiling leaves on the day; None where it is not in force then.

        Earlier aid counts from the day of its grant, for ``years`` years: aid of exactly that many years ago no longer does
        (Regulation (EU) 2023/2831, article 3(2): over any period of 3 years).
        """
        version = version_on(programme, self.situation.on)
        if version is None or version.amount is None:
            return None
        limit = cast("Span", self._reader(programme, version).read(version.amount).value)
        if self.situation.aids is None:
            return Ceiling(programme, rounded(limit, programme), None, Span(Fraction(0), limit.high))
        since = years_before(self.situation.on, programme.years or 0)
        counted = tuple(
            aid
            for aid in self.situation.aids
            if aid.scheme == programme.scheme and since < aid.date <= self.situation.on
        )
        used = sum(
            (
                to_fraction(aid.amount) * rate(self.rules, aid.currency, cast("str", programme.currency))
                for aid in counted
            ),
            Fraction(0),
        )
        left = most([Span(_less(limit.low, used), _less(limit.high, used)), exactly(0)])
        return Ceiling(programme, rounded(limit, programme), counted, left)

    def of_ceiling(self, programme: Programme) -> Entitlement:
        """Return what a ceiling leaves, as what one may still be granted under it."""
        version = version_on(programme, self.situation.on)
        ceiling = self.ceiling(programme)
        if version is None or ceiling is None:
            near = nearest_version(programme, self.situation.on)
            timing: Timing = "not-yet" if near.effective_from > self.situation.on else "ended"
            return Entitlement(programme, near, self.situation.on, timing, "not-entitled")
        return Entitlement(
            programme,
            version,
            self.situation.on,
            "in-force",
            "unclear" if ceiling.counted is None else "entitled",
            money=rounded(ceiling.left, programme),
            ceiling=ceiling,
            missing=(AIDS,) if ceiling.counted is None else (),
        )

    def _read_in(self, span: Span, given: Programme, wanted: Programme) -> Span:
        factor = rate(self.rules, cast("str", given.currency), cast("str", wanted.currency), wanted)
        return multiply(span, exactly(factor))


def entitlements(rules: Rules, situation: Situation) -> list[Entitlement]:
    """Return what every programme says of a firm.

    Raises:
        InputError: an amount cannot be read in a programme's currency, because there is no rate.
    """
    return Evaluator(rules, situation).all()


def rounded(span: Span, programme: Programme) -> Money:
    """Return an amount in whole units or cents, by the rounding that the programme names."""
    low = Decimal(0) if span.low is None else _rounded(span.low, programme.rounding)
    high = None if span.high is None else _rounded(span.high, programme.rounding)
    return Money(low, high, programme.currency or "")


def _rounded(number: Fraction, how: Rounding) -> Decimal:
    unit, mode = _STEPS[how]
    exact = number / Fraction(unit)
    whole = exact.numerator // exact.denominator
    if mode == ROUND_HALF_UP and exact - whole >= Fraction(1, 2):
        whole += 1
    return whole * Decimal(unit)


def _less(number: Fraction | None, used: Fraction) -> Fraction | None:
    return None if number is None else number - used


@dataclass(frozen=True)
class MissingFact:
    """A fact that is not stated, with what it would settle.

    Attributes:
        programmes: how many programmes it would help to tell.
        at_stake: how far apart the ends of their amounts lie in all, in the firm's currency; None where one has no upper end.
    """

    fact: str
    programmes: int
    at_stake: Decimal | None


def missing_facts(found: Iterable[Entitlement], rules: Rules, currency: str) -> list[MissingFact]:
    """Return the facts to ask for next: those about the most money first, then those about the most programmes."""
    counts: dict[str, int] = {}
    stakes: dict[str, Fraction | None] = {}
    for item in found:
        stake: Fraction | None = Fraction(0)
        if item.money is not None and item.money.is_open:
            gap = None if item.money.high is None else Fraction(item.money.high - item.money.low)
            stake = None if gap is None else gap * rate(rules, item.money.currency, currency)
        for name in item.missing:
            counts[name] = counts.get(name, 0) + 1
            before = stakes.get(name, Fraction(0))
            stakes[name] = None if before is None or stake is None else before + stake

    def order(name: str) -> tuple[bool, Fraction, int, str]:
        stake = stakes[name]
        return (stake is not None, -(stake or Fraction(0)), -counts[name], name)

    return [MissingFact(name, counts[name], _whole(stakes[name])) for name in sorted(counts, key=order)]


def _whole(stake: Fraction | None) -> Decimal | None:
    return None if stake is None else _rounded(stake, "unit-half-up")
