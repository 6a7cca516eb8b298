"""A world to plan for, drawn from a seed: 200 measures over what `miit-2024` asks, and firms of all levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capillary.content.library import Library
from capillary.diagnosis.profile import claims_of
from capillary.model.measure import (
    ROLES,
    Catalogue,
    Cost,
    CostPart,
    Measure,
    MeasureFile,
    Needs,
    Raise,
)
from capillary.model.standard import Source
from capillary.model.text import Text
from capillary.roadmap.firm import Firm, Size
from capillary.scoring.program import compile_standard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.capability import Capability

MEASURES = 200
# Outcomes, which no measure raises.
OUTCOMES = (
    "energy-performance",
    "quality-performance",
    "productivity-performance",
    "cost-performance",
    "digital-investment",
)
SPREAD = (0.6, 1.0, 1.8)


def asked_capabilities(standard: str = "miit-2024") -> dict[str, Capability]:
    """Return the capabilities that a standard asks about, outcomes left out."""
    library = Library()
    named = {
        name
        for claim in claims_of(library.find(standard))
        for name in (*claim.binding.means, *claim.binding.asserts, *claim.binding.implied_by)
    }
    return {
        name: item for name, item in library.capabilities().items() if name in named and name not in OUTCOMES
    }


def world(seed: int, count: int = MEASURES) -> Catalogue:
    """Return a catalogue of ``count`` measures: every rung of every ladder first, then alternatives, larger and dearer."""
    dice = np.random.default_rng(seed)
    ladders = asked_capabilities()
    rungs = [(name, level) for name, item in ladders.items() for level in range(1, item.top + 1)]
    order = {name: number for number, name in enumerate(dice.permutation(sorted(ladders)).tolist())}
    measures: dict[str, Measure] = {}
    for number in range(count):
        name, level = rungs[number % len(rungs)] if number < len(rungs) else rungs[dice.integers(len(rungs))]
        measures[f"m{number:03}"] = _measure(
            identifier=f"m{number:03}", name=name, level=level, ladders=ladders, order=order, dice=dice
        )
    source = Source(id="seed", title=Text(zh="随机", en="drawn from a seed"))
    file = MeasureFile(
        source="seed",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=(source,),
        measures=tuple(measures.values()),
    )
    return Catalogue(measures, dict.fromkeys(measures, file))


def _measure(  # noqa: PLR0913 - all by name
    *,
    identifier: str,
    name: str,
    level: int,
    ladders: dict[str, Capability],
    order: dict[str, int],
    dice: np.random.Generator,
) -> Measure:
    start = max(0, level - 1 - int(dice.integers(2)))
    raises = [Raise(capability=name, from_=start, to=level)]
    needs: dict[str, int] = {}
    lower = [other for other in ladders if order[other] < order[name]]
    if lower and dice.random() < 0.35:
        second = str(dice.choice(lower))
        needs[second] = int(dice.integers(1, min(level, ladders[second].top) + 1))
    typical = float(np.exp(dice.normal(8.5 + 0.7 * level, 0.9)))
    yearly = typical * float(dice.choice([0, 0.1, 0.2]))
    weeks = int(dice.choice([2, 4, 8, 12, 20, 26, 39]) if level > 1 else dice.choice([1, 2, 4, 8]))
    text = Text(zh=identifier, en=identifier)
    return Measure(
        id=identifier,
        title=text,
        summary=text,
        first_step=text,
        raises=tuple(raises),
        needs=Needs(capabilities=needs),
        cost=Cost(
            currency="CNY",
            year=2026,
            one_off=CostPart(fixed=_range(typical)),
            yearly=CostPart(fixed=_range(yearly)),
        ),
        weeks=(max(1, weeks // 2), weeks, weeks * 2),
        staff={role: int(dice.integers(0, 30 * level)) for role in ROLES},
        lowers=("cannot-afford",),
        risk=str(dice.choice(["low", "medium", "high"])),  # type: ignore[arg-type]
    )


def _range(typical: float) -> tuple[int, int, int]:
    low, middle, high = (round(typical * factor / 100) * 100 for factor in SPREAD)
    return low, middle, high


def firms(count: int, seed: int) -> list[Firm]:
    """Return firms under `miit-2024`, from beginners to those at level 2, with all 16 scenarios."""
    dice = np.random.default_rng(seed)
    library = Library()
    standard = library.find("miit-2024")
    program = compile_standard(standard)
    ladders = library.capabilities()
    found = []
    for _ in range(count):
        strength = dice.random() * 0.45
        levels = {name: int(dice.binomial(item.top, strength)) for name, item in ladders.items()}
        found.append(
            Firm(program, _codes(program, levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
        )
    return found


def _codes(program: object, levels: dict[str, int]) -> tuple[int, ...]:
    codes = [0] * len(program.fields)  # type: ignore[attr-defined]
    for claim in claims_of(program.standard):  # type: ignore[attr-defined]
        binding = claim.binding
        met = any(levels[name] >= level for name, level in binding.implied_by.items()) or (
            bool(binding.means) and all(levels[name] >= level for name, level in binding.means.items())
        )
        if met:
            codes[claim.field] = (
                codes[claim.field] | 1 << claim.rank if claim.bit else max(codes[claim.field], claim.rank)
            )
    return tuple(codes)


def currencies_for(codes: Sequence[str] = ("CNY",)) -> object:
    """Return currencies at a rate of 1, so that amounts stay what they are."""
    from fractions import Fraction

    from capillary.model.money import CurrencyFile, Rate

    source = Source(id="seed", title=Text(zh="随机", en="drawn from a seed"))
    rates = tuple(
        Rate(currency=code, title=Text(zh=code, en=code), per_unit=Fraction(1), date="2026-01-01")
        for code in codes
    )
    return CurrencyFile(
        source="seed",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=(source,),
        base="CNY",
        rates=rates,
    )
