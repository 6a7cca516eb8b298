"""An oracle for rules: Python's own ``eval`` on complete facts, and situations by lot."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from capillary.content.library import Library
from capillary.incentives.check import checked_rules

if TYPE_CHECKING:
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Fact, Parameter, Programme, Version

DAYS = (
    "2019-05-01",
    "2022-03-31",
    "2024-12-31",
    "2025-01-01",
    "2025-07-21",
    "2026-01-27",
    "2026-01-28",
    "2026-05-01",
)
# values that lie on, just below and just above what rules look at
AMOUNTS = (
    0,
    1,
    99_999,
    1_000_000,
    2_000_000,
    15_000_000,
    20_000_000,
    40_000_000,
    50_000_000,
    100_000_000,
    400_000_001,
)
SHARES = ("0", "0.0299", "0.03", "0.05", "0.30", "0.55", "0.75", "0.7501", "0.80", "0.90", "1")
COUNTS = (0, 1, 2, 3, 9, 10, 19, 20, 49, 50, 99, 100, 249, 250, 299, 300, 1000)


@cache
def rules() -> Rules:
    """Return the programmes that ship."""
    return checked_rules(Library())


def one_value(fact: Fact, dice: Random) -> Any:  # noqa: PLR0911 - one for each unit
    """Return some value of a fact, as it stands in a file."""
    match fact.unit:
        case "flag":
            return dice.random() < 0.6
        case "choice":
            return dice.choice(fact.choices).key
        case "choices":
            return [item.key for item in fact.choices if dice.random() < 0.5]
        case "date":
            return dice.choice(DAYS)
        case "level":
            return dice.randint(0, 5)
        case "ratio":
            return ("-" if fact.negative and dice.random() < 0.3 else "") + dice.choice(SHARES)
        case "number":
            return dice.choice(("0", "49.9", "50", "59.999", "60", "75.5", "90", "100"))
        case "money":
            return dice.choice(
                (*AMOUNTS, str(dice.randint(0, 10**8)), f"{dice.randint(0, 10**7)}.{dice.randint(10, 99)}")
            )
        case _:
            return dice.choice(COUNTS)


def full_facts(seed: int, *, without: tuple[str, ...] = ("size_cn", "size_eu")) -> dict[str, Any]:
    """Return a value for every fact but those that classifications decide."""
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    return {name: one_value(fact, dice) for name, fact in rules().facts.items() if name not in without}


# --- the oracle ------------------------------------------------------------------------------------------------------


def truth_of(
    programme: Programme, version: Version, facts: dict[str, Any], factor: Fraction
) -> dict[str, bool]:
    """Return which conditions hold, by Python's own reading of them."""
    names = _Names(programme, version, facts, factor)
    return {item.id: bool(eval(item.if_, {"min": min, "max": max}, names)) for item in version.conditions}  # type: ignore[arg-type] # noqa: S307


def amount_of(programme: Programme, version: Version, facts: dict[str, Any], factor: Fraction) -> Fraction:
    """Return the amount before rounding."""
    names = _Names(programme, version, facts, factor)
    return max(Fraction(0), eval(version.amount or "0", {"min": min, "max": max}, names))  # type: ignore[arg-type] # noqa: S307


def class_of(programme: Programme, facts: dict[str, Any], factor: Fraction) -> str:
    """Return the class of a classification that is in force on every day."""
    version = programme.versions[-1]
    names = _Names(programme, version, facts, factor)
    for rule in version.classes:
        if rule.if_ is None or eval(rule.if_, {"min": min, "max": max}, names):  # type: ignore[arg-type] # noqa: S307
            return rule.key
    raise AssertionError(programme.id)


class _Names(dict[str, Any]):
    """What a name stands for, worked out when it is asked for."""

    def __init__(
        self, programme: Programme, version: Version, facts: dict[str, Any], factor: Fraction
    ) -> None:
        super().__init__()
        self.programme, self.version, self.facts, self.factor = programme, version, facts, factor

    def __missing__(self, name: str) -> Any:
        if name in self.version.parameters:
            return self._figure(self.version.parameters[name])
        if name in self.version.derived:
            return eval(self.version.derived[name].is_, {"min": min, "max": max}, self)  # type: ignore[arg-type] # noqa: S307
        fact, value = rules().facts[name], self.facts[name]
        if fact.unit == "choices":
            return _AnyOf(value)
        if fact.unit in {"flag", "choice", "date"}:
            return value
        return Fraction(value) * (self.factor if fact.unit == "money" else 1)

    def _figure(self, parameter: Parameter) -> Any:
        given = parameter.value if parameter.by is None else self._row(parameter, self[parameter.by])
        return given if parameter.unit == "date" else Fraction(given)  # type: ignore[arg-type]

    def _row(self, parameter: Parameter, by: Any) -> Any:
        if parameter.values:
            return parameter.values.get(str(by), parameter.otherwise)
        for band in parameter.bands:
            end = band.below if band.below is not None else band.up_to
            limit = end if isinstance(by, str) or end is None else Fraction(end)
            if limit is None or (by < limit if band.below is not None else by <= limit):
                return band.value
        raise AssertionError(parameter)


class _AnyOf(list[str]):
    """A set of keys of which "in (…)" asks for any, as the language says; Python would ask for all of it as one."""

    def __eq__(self, other: object) -> bool:
        return other in list(self)

    def __hash__(self) -> int:
        return 0


def rounded(amount: Fraction, programme: Programme) -> Decimal:
    """Return an amount rounded as the programme says, by way of decimals."""
    with localcontext() as context:
        context.prec = 60
        number = Decimal(amount.numerator) / Decimal(amount.denominator)
        if programme.rounding == "unit-down":
            return number.quantize(Decimal(1), ROUND_FLOOR)
        step = Decimal("0.01") if programme.rounding == "cent-half-up" else Decimal(1)
        return number.quantize(step, ROUND_HALF_UP)
