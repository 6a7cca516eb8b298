"""What a scenario costs, takes and brings a firm of a given size, from the figures of its measures and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from capillary.model.measure import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.measure import (
        Catalogue,
        CostPart,
        Effect,
        EffectBase,
        EffectOn,
        Measure,
        Range,
        StaffRole,
    )
    from capillary.model.money import CurrencyFile
    from capillary.model.scenario import Scenario
    from capillary.model.standard import Certainty, Source

FROM_SURE: tuple[Certainty, ...] = ("official", "secondary", "unverified")
Part = Literal["cost", "weeks", "staff", "effects"]
PARTS: tuple[Part, ...] = get_args(Part)
Percents = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Step:
    """One measure of a scenario in time.

    Attributes:
        after: measures of the scenario that must be complete before it.
        begins, ends: weeks from the start of the scenario, typical; it begins after week ``begins``.
    """

    measure: str
    after: tuple[str, ...]
    begins: int
    ends: int


@dataclass(frozen=True)
class Composed:
    """What several measures change together: percent less of a base, as (low, typical, high).

    Attributes:
        measures: those that act on the base.
    """

    on: EffectOn
    of: EffectBase
    percent: Percents
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Estimate:
    """What a scenario costs, takes and brings.

    Attributes:
        users, machines: the size that it is for.
        one_off, yearly: (low, typical, high) in whole units of ``currency``, own staff not counted.
        weeks: duration when every measure begins as soon as those that it needs are complete.
        hours: hours of the firm's own people by role, typical.
        raises: capability to the levels before and after.
        certainty: for each part the weakest of the figures that it rests on; a part without figures is left out.
        sources: what the figures rest on.
    """

    users: int
    machines: int
    currency: str
    one_off: Range
    yearly: Range
    weeks: Range
    hours: Mapping[StaffRole, int]
    effects: tuple[Composed, ...]
    raises: Mapping[str, tuple[int, int]]
    steps: tuple[Step, ...]
    certainty: Mapping[Part, Certainty]
    sources: tuple[Source, ...]

    @property
    def is_free(self) -> bool:
        """Whether it costs no money."""
        return not any((*self.one_off, *self.yearly))

    def as_json(self) -> dict[str, object]:
        """Return the estimate as JSON builtins; percentages are rounded to one decimal."""
        return {
            "users": self.users,
            "machines": self.machines,
            "currency": self.currency,
            "one_off": list(self.one_off),
            "yearly": list(self.yearly),
            "weeks": list(self.weeks),
            "hours": dict(self.hours),
            "effects": [
                {
                    "on": item.on,
                    "of": item.of,
                    "percent": [round(float(value), 1) for value in item.percent],
                    "measures": list(item.measures),
                }
                for item in self.effects
            ],
            "raises": {name: list(levels) for name, levels in self.raises.items()},
            "steps": [
                {"measure": item.measure, "after": list(item.after), "begins": item.begins, "ends": item.ends}
                for item in self.steps
            ],
            "certainty": dict(self.certainty),
            "sources": [source.id for source in self.sources],
        }


def weakest(given: Iterable[Certainty]) -> Certainty:
    """Return the least sure of some marks; what rests on nothing is unverified.

    >>> weakest(["official", "secondary"])
    'secondary'
    """
    return max(given, key=FROM_SURE.index, default="unverified")


def estimate_of(  # noqa: PLR0913 - all by name
    scenario: Scenario,
    catalogue: Catalogue,
    currencies: CurrencyFile,
    *,
    users: int,
    machines: int,
    currency: str | None = None,
) -> Estimate:
    """Return what a scenario costs, takes and brings a firm.

    Costs and hours add up. Several effects on one base take their share of what the others left, so that together they never
    reach 100 %. Certainty is that of the weakest figure.

    Args:
        scenario: checked against the catalogue.
        catalogue: all measures.
        currencies: rates, for measures that are priced in another currency.
        users: people who use office software.
        machines: production machines.
        currency: what amounts are in; the base of the rates where it is left out.

    Raises:
        KeyError: a measure is not in the catalogue, or a currency has no rate.
        ValueError: users or machines are negative.
    """
    if users < 0 or machines < 0:
        raise ValueError("users and machines cannot be negative")
    wanted = currency or currencies.base
    measures = [catalogue.measures[name] for name in scenario.measures]
    after = prerequisites(scenario, catalogue.measures)
    rates = [
        currencies.rate(item.cost.currency).per_unit / currencies.rate(wanted).per_unit for item in measures
    ]
    priced = list(zip(measures, rates, strict=True))
    ends = [_ends(scenario.measures, after, catalogue.measures, end) for end in range(3)]
    return Estimate(
        users=users,
        machines=machines,
        currency=wanted,
        one_off=_sum(_amounts(item.cost.one_off, users, machines, rate) for item, rate in priced),
        yearly=_sum(_amounts(item.cost.yearly, users, machines, rate) for item, rate in priced),
        weeks=(max(ends[0].values()), max(ends[1].values()), max(ends[2].values())),
        hours={role: hours for role in ROLES if (hours := sum(item.staff.get(role, 0) for item in measures))},
        effects=composed(measures),
        raises=_raises(scenario, measures),
        steps=tuple(
            Step(name, after[name], ends[1][name] - catalogue.measures[name].weeks[1], ends[1][name])
            for name in scenario.measures
        ),
        certainty=_certainties(measures, catalogue, currencies, wanted),
        sources=_sources(measures, catalogue),
    )


def prerequisites(scenario: Scenario, measures: Mapping[str, Measure]) -> dict[str, tuple[str, ...]]:
    """Return for each measure of a scenario those of its measures that must be complete before it.

    A level that the firm has from the start needs nobody; of several measures that bring a level the first one counts.
    """
    found: dict[str, tuple[str, ...]] = {}
    for index, name in enumerate(scenario.measures):
        item = measures[name]
        before = scenario.measures[:index]
        wanted = [other for other in item.needs.measures if other in before]
        for capability, level in levels_needed(item):
            if level > scenario.starts.get(capability, 0):
                bringer = next(
                    (other for other in before if brings(measures[other], capability, level)), None
                )
                wanted += [] if bringer is None else [bringer]
        found[name] = tuple(dict.fromkeys(wanted))
    return found


def levels_needed(measure: Measure) -> list[tuple[str, int]]:
    """Return the levels that must be reached before a measure begins: those that it needs and those that it raises from."""
    raised = [(item.capability, item.from_) for item in measure.raises if item.from_]
    return [*measure.needs.capabilities.items(), *raised]


def brings(measure: Measure, capability: str, level: int) -> bool:
    """Whether a measure brings a level of a capability."""
    return any(item.capability == capability and item.from_ < level <= item.to for item in measure.raises)


def composed(measures: Sequence[Measure]) -> tuple[Composed, ...]:
    """Return the effects of measures by base, in the order in which they first stand.

    Each takes its share of what the others left: two effects of 10 % on one base make 19 %.
    """
    acting: dict[tuple[EffectOn, EffectBase], list[tuple[str, Effect]]] = {}
    for item in measures:
        for effect in item.effects:
            acting.setdefault((effect.on, effect.of), []).append((item.id, effect))
    return tuple(
        Composed(
            on,
            of,
            _together([effect.percent for _, effect in given]),
            tuple(dict.fromkeys(name for name, _ in given)),
        )
        for (on, of), given in acting.items()
    )


def _together(percents: Sequence[tuple[int, int, int]]) -> Percents:
    left = [Fraction(1), Fraction(1), Fraction(1)]
    for given in percents:
        left = [rest * (1 - Fraction(value, 100)) for rest, value in zip(left, given, strict=True)]
    low, typical, high = (100 * (1 - rest) for rest in left)
    return low, typical, high


def _amounts(part: CostPart, users: int, machines: int, rate: Fraction) -> Range:
    low, typical, high = (
        round((fixed + user * users + machine * machines) * rate)
        for fixed, user, machine in zip(part.fixed, part.per_user, part.per_machine, strict=True)
    )
    return low, typical, high


def _sum(ranges: Iterable[Range]) -> Range:
    low, typical, high = 0, 0, 0
    for given in ranges:
        low, typical, high = low + given[0], typical + given[1], high + given[2]
    return low, typical, high


def _ends(
    names: Sequence[str],
    after: Mapping[str, Sequence[str]],
    measures: Mapping[str, Measure],
    end: int,
) -> dict[str, int]:
    """Return the week in which each measure is complete; ``end`` is 0 for low, 1 for typical, 2 for high durations."""
    done: dict[str, int] = {}
    for name in names:
        done[name] = max((done[other] for other in after[name]), default=0) + measures[name].weeks[end]
    return done


def _raises(scenario: Scenario, measures: Iterable[Measure]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for item in measures:
        for raised in item.raises:
            start = scenario.starts.get(raised.capability, 0)
            reached = max(raised.to, found.get(raised.capability, (start, start))[1])
            if reached > start:
                found[raised.capability] = start, reached
    return found


def _certainties(
    measures: Sequence[Measure], catalogue: Catalogue, currencies: CurrencyFile, wanted: str
) -> dict[Part, Certainty]:
    rated = {item.cost.currency for item in measures} - {wanted}
    rates = [
        currencies.rate(code).certainty or currencies.certainty for code in sorted({*rated, wanted}) if rated
    ]
    plain = [catalogue.certainty_of(item) for item in measures]
    effects = [catalogue.certainty_of(item, effect) for item in measures for effect in item.effects]
    found: dict[Part, Certainty] = {
        "cost": weakest([*(catalogue.certainty_of(item, item.cost) for item in measures), *rates]),
        "weeks": weakest(plain),
    }
    if any(item.staff for item in measures):
        found["staff"] = weakest(catalogue.certainty_of(item) for item in measures if item.staff)
    if effects:
        found["effects"] = weakest(effects)
    return found


def _sources(measures: Iterable[Measure], catalogue: Catalogue) -> tuple[Source, ...]:
    found: dict[tuple[str, str], Source] = {}
    for item in measures:
        for figure in (None, item.cost, *item.effects):
            source = catalogue.source_of(item, figure)
            found.setdefault((source.id, source.title.en), source)
    return tuple(found.values())
