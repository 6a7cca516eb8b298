"""Evaluates the same rules over many firms at once, with the same three answers, on arrays of whole numbers.

Every number is an integer over a denominator that all firms share, so results are exactly those of the evaluation of one firm:
no amount is off by a cent because of a float. What is not known is a range here too: ``low`` and ``high`` of each firm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, cast

import numpy as np

from capillary.incentives.expressions import Alternative, Arithmetic, Comparison, Logic, Member, Named, Number
from capillary.incentives.situation import rate
from capillary.model.days import is_day
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.incentives.expressions import Expression
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Fact, Parameter, Programme, Rounding, Version

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

ENDLESS = np.int64(2**62)
CENTS = 100
CHUNK = 65_536  # firms at a time: their arrays stay in the cache
NOT_ENTITLED, UNCLEAR, ENTITLED = 0, 1, 2
FIRST, LAST = 0, 99_999_999  # days as numbers, such as 20261231
# how finely facts of a unit are told apart
FINEST: Mapping[str, int] = {"money": CENTS, "ratio": 1_000_000, "count": 1, "level": 1, "number": 1_000}
_ROUND_UNITS: Mapping[Rounding, tuple[int, bool]] = {
    "cent-half-up": (1, True),
    "unit-half-up": (CENTS, True),
    "unit-down": (CENTS, False),
}


@dataclass(frozen=True)
class Numbers:
    """Ranges of numbers, in units of 1 over ``unit``; an end of ``ENDLESS`` size is no end."""

    low: Ints
    high: Ints
    unit: int = 1


@dataclass(frozen=True)
class Choices:
    """The keys that are possible, as bits in the order of the fact's choices."""

    bits: Ints


@dataclass(frozen=True)
class Held:
    """The keys that each firm has, as bits, and where they are known."""

    bits: Ints
    known: Bools


@dataclass(frozen=True)
class Truths:
    """Where something can be true and where it can be false."""

    yes: Bools
    no: Bools


Column = Numbers | Choices | Held | Truths


@dataclass(frozen=True)
class Outcome:
    """What one programme says of every firm.

    Attributes:
        verdict: `NOT_ENTITLED`, `UNCLEAR` or `ENTITLED`.
        low, high: the amount in hundredths of the programme's currency, 0 where a firm is not entitled; `ENDLESS` for no end.
        classes: the classes of a classification that are possible, as bits in the order of the fact's choices; None for others.
    """

    verdict: NDArray[np.int8]
    low: Ints
    high: Ints
    classes: Ints | None = None


@dataclass(frozen=True)
class Population:
    """Many firms on one day.

    Attributes:
        size: how many.
        on: the day, as an ISO date.
        columns: what is known, by fact; a fact that is left out is not known of any firm.
        used: by scheme, the earlier aid that counts against its ceiling, in hundredths of the ceiling's currency.
        currency: the currency of all amounts.
    """

    size: int
    on: str
    columns: Mapping[str, Column]
    used: Mapping[str, Ints] = field(default_factory=dict)
    currency: str = "CNY"

    def part(self, start: int, stop: int) -> Population:
        """Return some of the firms."""
        columns = {name: _sliced(column, start, stop) for name, column in self.columns.items()}
        used = {name: amounts[start:stop] for name, amounts in self.used.items()}
        return Population(min(stop, self.size) - start, self.on, columns, used, self.currency)


def column_of(fact: Fact, values: Sequence[object] | NDArray[np.generic]) -> Column:
    """Return a column of a fact.

    Args:
        fact: the fact.
        values: one value a firm; None, or NaN, where it is not known. Numbers as numbers, days as ISO dates, keys as text, any
            number of keys as a list.

    Raises:
        InputError: a value is finer than the rules tell apart, too large, or no value of the fact; the first such row is named.
    """
    match fact.unit:
        case "flag":
            for row, value in enumerate(values):
                if value is not None and not isinstance(value, bool):
                    raise _bad(fact, row, value)
            known = np.array([value is not None for value in values])
            true = np.array([value is True for value in values])
            return Truths(true | ~known, ~true | ~known)
        case "choice":
            bit = {item.key: 1 << place for place, item in enumerate(fact.choices)}
            every = (1 << len(fact.choices)) - 1
            return Choices(
                _mapped(fact, values, lambda value: every if value is None else bit[cast("str", value)])
            )
        case "choices":
            bit = {item.key: 1 << place for place, item in enumerate(fact.choices)}
            bits = _mapped(
                fact, values, lambda value: sum(bit[key] for key in cast("list[str]", value or []))
            )
            return Held(bits, np.array([value is not None for value in values]))
        case "date":
            low = _mapped(fact, values, lambda value: FIRST if value is None else _day(cast("str", value)))
            high = _mapped(fact, values, lambda value: LAST if value is None else _day(cast("str", value)))
            return Numbers(low, high)
        case _:
            return _number_column(fact, values)


def _mapped(fact: Fact, values: Sequence[object] | NDArray[np.generic], read: object) -> Ints:
    found = np.empty(len(values), np.int64)
    for row, value in enumerate(values):
        try:
            found[row] = read(value)  # type: ignore[operator]
        except (KeyError, ValueError, TypeError) as error:
            raise _bad(fact, row, value) from error
    return found


def _number_column(fact: Fact, values: Sequence[object] | NDArray[np.generic]) -> Numbers:
    unit = FINEST[fact.unit]
    floats = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            floats[row] = np.nan if value is None else float(cast("float", value))
        except (TypeError, ValueError) as error:
            raise _bad(fact, row, value) from error
    known = ~np.isnan(floats)
    scaled = np.where(known, floats * unit, 0)
    whole = np.rint(scaled)
    wrong = (
        (np.abs(scaled - whole) > 1e-4)
        | (np.abs(whole) > 2**52)
        | (known & (floats < 0) & (not fact.negative))
    )
    if wrong.any():
        row = int(np.argmax(wrong))
        raise _bad(fact, row, values[row])
    exact = whole.astype(np.int64)
    if known.all():
        return Numbers(exact, exact, unit)
    least = -ENDLESS if fact.negative else np.int64(0)
    return Numbers(np.where(known, exact, least), np.where(known, exact, ENDLESS), unit)


def _bad(fact: Fact, row: int, value: object) -> InputError:
    cause = msg(
        "“{given}” is no value of the fact {fact} that can be counted.", given=str(value)[:60], fact=fact.id
    )
    remedy = msg("Amounts have at most 2 decimals, shares 6, other numbers 3.")
    return InputError([Problem("bad-value", Place(row=row + 1, column=fact.id), cause, remedy)])


def outcomes(rules: Rules, population: Population, wanted: Sequence[str] | None = None) -> dict[str, Outcome]:
    """Return what programmes say of every firm.

    Args:
        rules: checked rules.
        population: the firms.
        wanted: ids of programmes; all that are no ceilings by default.

    Raises:
        InputError: there is no rate between two currencies, or amounts are too large to be counted.
    """
    names = [
        name
        for name, programme in sorted(rules.programmes.items())
        if programme.kind != "ceiling" and (wanted is None or name in wanted)
    ]
    found: dict[str, list[Outcome]] = {name: [] for name in names}
    for start in range(0, max(population.size, 1), CHUNK):
        one = _Crowd(rules, population.part(start, start + CHUNK))
        for name in names:
            found[name].append(one.outcome(rules.programmes[name]))
    return {
        name: Outcome(
            np.concatenate([part.verdict for part in parts]),
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
            None if rules.programmes[name].kind != "classification" else _classes_of(parts),
        )
        for name, parts in found.items()
    }


def _classes_of(parts: Sequence[Outcome]) -> Ints:
    return np.concatenate(
        [np.zeros(len(part.verdict), np.int64) if part.classes is None else part.classes for part in parts]
    )


@dataclass
class _Crowd:
    """Some firms, with the classes that were worked out for them."""

    rules: Rules
    firms: Population
    classes: dict[str, Choices] = field(default_factory=dict)

    def outcome(self, programme: Programme) -> Outcome:
        size = self.firms.size
        verdict = np.zeros(size, np.int8)
        low, high = np.zeros(size, np.int64), np.zeros(size, np.int64)
        classes: Ints | None = None
        for version, mask in self._versions(programme):
            reading = _Reading(self, programme, version)
            one = self._judged(programme, version, reading)
            verdict = np.where(mask, one.verdict, verdict)
            low, high = np.where(mask, one.low, low), np.where(mask, one.high, high)
            if one.classes is not None:
                classes = np.where(mask, one.classes, 0 if classes is None else classes)
        return Outcome(verdict, low, high, classes)

    def _versions(self, programme: Programme) -> Iterator[tuple[Version, Bools]]:
        """Yield versions with the firms that each judges."""
        days: Ints = np.full(self.firms.size, _day(self.firms.on), np.int64)
        column = self.firms.columns.get(programme.judged_on or "")
        if isinstance(column, Numbers):
            days = np.where(column.low == column.high, column.low, days)
        for version in programme.versions:
            if version.apply_by is not None and self.firms.on > version.apply_by:
                continue
            last = LAST if version.effective_to is None else _day(version.effective_to)
            mask = (days >= _day(version.effective_from)) & (days <= last)
            if mask.any():
                yield version, mask

    def _judged(self, programme: Programme, version: Version, reading: _Reading) -> Outcome:
        size = self.firms.size
        if version.classes:
            bits = self.classified(programme, version, reading).bits
            single = (bits & (bits - 1)) == 0
            verdict = np.where(single, ENTITLED, UNCLEAR).astype(np.int8)
            return Outcome(
                verdict, np.zeros(size, np.int64), np.zeros(size, np.int64), np.broadcast_to(bits, (size,))
            )
        yes, no = np.ones(size, bool), np.zeros(size, bool)
        for item in version.conditions:
            truth = cast("Truths", reading.read(item.if_))
            yes, no = yes & truth.yes, no | truth.no
        verdict = np.where(~yes, NOT_ENTITLED, np.where(no, UNCLEAR, ENTITLED)).astype(np.int8)
        if version.amount is None:
            return Outcome(verdict, np.zeros(size, np.int64), np.zeros(size, np.int64))
        amount = _extreme("max", [cast("Numbers", reading.read(version.amount)), _constant(Fraction(0))])
        if programme.under is not None:
            left = self._left(self.rules.programmes[programme.under], programme)
            amount = amount if left is None else _extreme("min", [amount, left])
        low, high = (
            _rounded(amount.low, amount.unit, programme.rounding),
            _rounded(amount.high, amount.unit, programme.rounding),
        )
        low = np.broadcast_to(np.where(verdict == ENTITLED, low, 0), (size,))
        high = np.broadcast_to(np.where(verdict == NOT_ENTITLED, 0, high), (size,))
        return Outcome(verdict, low, high)

    def _left(self, ceiling: Programme, programme: Programme) -> Numbers | None:
        on = _day(self.firms.on)
        for version in ceiling.versions:
            last = LAST if version.effective_to is None else _day(version.effective_to)
            if version.amount is None or not _day(version.effective_from) <= on <= last:
                continue
            limit = cast("Numbers", _Reading(self, ceiling, version).read(version.amount))
            used = self.firms.used.get(ceiling.scheme or "")
            left = (
                Numbers(np.zeros_like(limit.low), limit.high, limit.unit)
                if used is None
                else _extreme("max", [_difference(limit, Numbers(used, used, CENTS)), _constant(Fraction(0))])
            )
            factor = rate(
                self.rules, cast("str", ceiling.currency), cast("str", programme.currency), programme
            )
            return _product(left, _constant(factor))
        return None

    def classified(self, programme: Programme, version: Version, reading: _Reading) -> Choices:
        """Return the classes that are possible, as bits of the fact that they decide."""
        fact = self.rules.facts[cast("str", programme.gives)]
        place = {item.key: number for number, item in enumerate(fact.choices)}
        bits = np.zeros(self.firms.size, np.int64)
        open_still: Bools = np.ones(self.firms.size, bool)
        for rule in version.classes:
            bit = np.int64(1 << place[rule.key])
            if rule.if_ is None:
                bits = np.where(open_still, bits | bit, bits)
                break
            truth = cast("Truths", reading.read(rule.if_))
            bits = np.where(open_still & truth.yes, bits | bit, bits)
            open_still = open_still & truth.no
        return Choices(bits)

    def given(self, name: str, giver: Programme) -> Choices:
        """Return what a classification decides of a fact."""
        if name not in self.classes:
            every = np.int64((1 << len(self.rules.facts[name].choices)) - 1)
            bits: Ints = np.full(self.firms.size, every)
            for version, mask in self._versions(giver):
                found = self.classified(giver, version, _Reading(self, giver, version)).bits
                bits = np.where(mask, found, bits)
            self.classes[name] = Choices(bits)
        return self.classes[name]


class _Reading:
    """Reads the expressions of one version for some firms."""

    def __init__(self, crowd: _Crowd, programme: Programme, version: Version) -> None:
        self.crowd, self.programme, self.version = crowd, programme, version
        self.rules = crowd.rules
        self._known: dict[str, Column] = {}

    def read(self, text: str) -> Column:
        return self.run(self.rules.expression(text))

    def run(self, expression: Expression) -> Column:  # noqa: PLR0911 - one for each form
        match expression:
            case Number(value):
                return _constant(value)
            case Named(name):
                return self.named(name)
            case Arithmetic(op, parts):
                return _worked_out(op, [cast("Numbers", self.run(part)) for part in parts])
            case Comparison(op, left, right):
                return _compared(op, cast("Numbers", self.run(left)), cast("Numbers", self.run(right)))
            case Member(name, keys):
                return self._member(name, keys)
            case Logic(op, parts):
                return _logic(op, [cast("Truths", self.run(part)) for part in parts])
            case Alternative(condition, then, other):
                truth = cast("Truths", self.run(condition))
                return _either(truth, self.run(then), self.run(other))

    def named(self, name: str) -> Column:
        if name not in self._known:
            self._known[name] = self._named(name)
        return self._known[name]

    def _named(self, name: str) -> Column:
        if name in self.version.parameters:
            return self._parameter(self.version.parameters[name])
        if name in self.version.derived:
            return self.read(self.version.derived[name].is_)
        fact = self.rules.facts[name]
        column = self.crowd.firms.columns.get(name)
        giver = self.rules.giver(name)
        if column is None:
            return _unknown(fact) if giver is None else self.crowd.given(name, giver)
        if giver is not None and isinstance(column, Choices):
            every = np.int64((1 << len(fact.choices)) - 1)
            return Choices(np.where(column.bits == every, self.crowd.given(name, giver).bits, column.bits))
        if fact.unit == "money" and self.programme.currency:
            factor = rate(self.rules, self.crowd.firms.currency, self.programme.currency, self.programme)
            return _product(cast("Numbers", column), _constant(factor))
        return column

    def _member(self, name: str, keys: tuple[str, ...]) -> Truths:
        column = self.named(name)
        wanted = np.int64(
            sum(1 << number for number, item in enumerate(self.rules.facts[name].choices) if item.key in keys)
        )
        if isinstance(column, Held):
            has = (column.bits & wanted) != 0
            return Truths(has | ~column.known, ~has | ~column.known)
        bits = cast("Choices", column).bits
        return Truths((bits & wanted) != 0, (bits & ~wanted) != 0)

    def _parameter(self, parameter: Parameter) -> Column:
        if parameter.by is None:
            return _constant(_figure(parameter, cast("str | int", parameter.value)))
        by = self.named(parameter.by)
        rows = list(
            self._banded(parameter, by) if parameter.bands else self._keyed(parameter, parameter.by, by)
        )
        unit = lcm(*(value.denominator for value, _ in rows))
        size = self.crowd.firms.size
        low, high = np.full(size, ENDLESS), np.full(size, -ENDLESS)
        for value, mask in rows:
            number = np.int64(int(value * unit))
            low = np.where(mask, np.minimum(low, number), low)
            high = np.where(mask, np.maximum(high, number), high)
        return Numbers(low, high, unit)

    def _keyed(self, parameter: Parameter, name: str, by: Column) -> Iterator[tuple[Fraction, Bools]]:
        if isinstance(by, Choices):
            named = np.int64(0)
            for number, item in enumerate(self.rules.facts[name].choices):
                if item.key in parameter.values:
                    bit = np.int64(1 << number)
                    named |= bit
                    yield _figure(parameter, parameter.values[item.key]), (by.bits & bit) != 0
            if parameter.otherwise is not None:
                yield _figure(parameter, parameter.otherwise), (by.bits & ~named) != 0
            return
        levels = cast("Numbers", by)
        count = np.zeros_like(levels.low)
        for key, given in parameter.values.items():
            mask = (levels.low <= int(key) * levels.unit) & (levels.high >= int(key) * levels.unit)
            count = count + mask
            yield _figure(parameter, given), mask
        if parameter.otherwise is not None:
            spread = np.where(
                levels.high >= ENDLESS, ENDLESS, levels.high // levels.unit - levels.low // levels.unit + 1
            )
            yield _figure(parameter, parameter.otherwise), spread > count

    def _banded(self, parameter: Parameter, by: Column) -> Iterator[tuple[Fraction, Bools]]:
        is_day = self._is_day(cast("str", parameter.by))
        ranges = cast("Numbers", by)
        after: Bools = np.ones(np.shape(ranges.low), bool)
        for band in parameter.bands:
            given = band.up_to if band.below is None else band.below
            if given is None:
                yield _figure(parameter, band.value), after
                return
            end = _constant(Fraction(_day(str(given))) if is_day else to_fraction(given))
            op = "<" if band.below is not None else "<="
            truth = _compared(op, ranges, end)
            yield _figure(parameter, band.value), after & truth.yes
            after = truth.no

    def _is_day(self, name: str) -> bool:
        return name in self.rules.facts and self.rules.facts[name].unit == "date"


def _figure(parameter: Parameter, given: str | int) -> Fraction:
    return Fraction(_day(str(given))) if parameter.unit == "date" else to_fraction(given)


def _day(text: str) -> int:
    if not is_day(text):
        raise ValueError(text)
    return int(text.replace("-", ""))


def _sliced(column: Column, start: int, stop: int) -> Column:
    part = slice(start, stop)
    match column:
        case Numbers(low, high, unit):
            first = low[part]
            return Numbers(first, first if high is low else high[part], unit)
        case Choices(bits):
            return Choices(bits[part])
        case Held(bits, known):
            return Held(bits[part], known[part])
        case Truths(yes, no):
            return Truths(yes[part], no[part])


def _unknown(fact: Fact) -> Column:
    match fact.unit:
        case "flag":
            return Truths(np.array(True), np.array(True))
        case "choice":
            return Choices(np.array((1 << len(fact.choices)) - 1, np.int64))
        case "choices":
            return Held(np.array(0, np.int64), np.array(False))
        case "date":
            return Numbers(np.array(FIRST, np.int64), np.array(LAST, np.int64))
        case _:
            least = -ENDLESS if fact.negative else np.int64(0)
            return Numbers(np.array(least), np.array(ENDLESS))


def _constant(value: Fraction) -> Numbers:
    number = np.array(value.numerator, np.int64)
    return Numbers(number, number, value.denominator)


def _times(numbers: Ints, factor: int) -> Ints:
    """Return numbers times a factor; what has no end keeps none."""
    if factor == 1:
        return numbers
    endless = np.abs(numbers) >= ENDLESS
    finite = np.where(endless, 0, numbers)
    _check_size(float(np.max(np.abs(finite), initial=0)) * factor)
    return np.where(endless, numbers, finite * np.int64(factor))


def _check_size(size: float) -> None:
    if size >= float(ENDLESS):
        cause = msg("Some amounts are too large to be counted exactly.")
        raise InputError(
            [
                Problem(
                    "too-large", Place(), cause, msg("Check their unit: amounts are in whole units of money.")
                )
            ]
        )


def _aligned(parts: Sequence[Numbers]) -> tuple[list[Numbers], int]:
    unit = lcm(*(part.unit for part in parts))
    found = []
    for part in parts:
        low = _times(part.low, unit // part.unit)
        found.append(
            Numbers(low, low if part.high is part.low else _times(part.high, unit // part.unit), unit)
        )
    return found, unit


def _worked_out(op: str, parts: list[Numbers]) -> Numbers:
    if op in {"min", "max"}:
        return _extreme(op, parts)
    if op == "*":
        return _product(*parts)
    if op == "-":
        return _difference(*parts)
    return _sum(*parts)


def _extreme(op: str, parts: Sequence[Numbers]) -> Numbers:
    found, unit = _aligned(parts)
    pick = np.minimum if op == "min" else np.maximum
    low, high = found[0].low, found[0].high
    for part in found[1:]:
        is_exact = high is low and part.high is part.low
        low = pick(low, part.low)
        high = low if is_exact else pick(high, part.high)
    return Numbers(low, high, unit)


def _sum(left: Numbers, right: Numbers) -> Numbers:
    (one, other), unit = _aligned([left, right])
    low = _added(one.low, other.low)
    is_exact = one.high is one.low and other.high is other.low
    return Numbers(low, low if is_exact else _added(one.high, other.high), unit)


def _difference(left: Numbers, right: Numbers) -> Numbers:
    (one, other), unit = _aligned([left, right])
    return Numbers(_added(one.low, -other.high), _added(one.high, -other.low), unit)


def _added(one: Ints, other: Ints) -> Ints:
    total = one + other
    endless = (np.abs(one) >= ENDLESS) | (np.abs(other) >= ENDLESS)
    if not endless.any():
        return total
    sign = np.where(np.abs(one) >= ENDLESS, np.sign(one), np.sign(other))
    return np.where(endless, sign * ENDLESS, total)


def _product(left: Numbers, right: Numbers) -> Numbers:
    unit = left.unit * right.unit
    is_exact = left.high is left.low and right.high is right.low
    if is_exact:
        low = _multiplied(left.low, right.low)
        return Numbers(low, low, unit)
    ends = [_multiplied(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
    return Numbers(
        np.minimum.reduce(np.broadcast_arrays(*ends)), np.maximum.reduce(np.broadcast_arrays(*ends)), unit
    )


def _multiplied(one: Ints, other: Ints) -> Ints:
    """Return products; nothing times endless is nothing."""
    endless = (np.abs(one) >= ENDLESS) | (np.abs(other) >= ENDLESS)
    if not endless.any():
        _check_size(float(np.max(np.abs(one), initial=0)) * float(np.max(np.abs(other), initial=0)))
        return one * other
    first, second = np.where(endless, 0, one), np.where(endless, 0, other)
    _check_size(float(np.max(np.abs(first), initial=0)) * float(np.max(np.abs(second), initial=0)))
    return np.where(endless, np.sign(one) * np.sign(other) * ENDLESS, first * second)


def _compared(op: str, left: Numbers, right: Numbers) -> Truths:
    (one, other), _ = _aligned([left, right])
    match op:
        case "<":
            return Truths(one.low < other.high, other.low <= one.high)
        case "<=":
            return Truths(one.low <= other.high, other.low < one.high)
        case ">":
            return Truths(other.low < one.high, one.low <= other.high)
        case ">=":
            return Truths(other.low <= one.high, one.low < other.high)
    yes = (one.low <= other.high) & (other.low <= one.high)
    no = (one.low != one.high) | (other.low != other.high) | (one.low != other.low)
    return Truths(yes, no) if op == "==" else Truths(no, yes)


def _logic(op: str, parts: Sequence[Truths]) -> Truths:
    yes, no = parts[0].yes, parts[0].no
    if op == "not":
        return Truths(no, yes)
    for part in parts[1:]:
        yes, no = (yes & part.yes, no | part.no) if op == "and" else (yes | part.yes, no & part.no)
    return Truths(yes, no)


def _either(truth: Truths, then: Column, other: Column) -> Column:
    """Return the one where a condition holds, the other where it does not, and what joins both where it cannot be told."""
    if isinstance(then, Truths):
        otherwise = cast("Truths", other)
        return Truths(
            (truth.yes & then.yes) | (truth.no & otherwise.yes),
            (truth.yes & then.no) | (truth.no & otherwise.no),
        )
    (one, two), unit = _aligned([cast("Numbers", then), cast("Numbers", other)])
    low = np.minimum(np.where(truth.yes, one.low, ENDLESS), np.where(truth.no, two.low, ENDLESS))
    high = np.maximum(np.where(truth.yes, one.high, -ENDLESS), np.where(truth.no, two.high, -ENDLESS))
    return Numbers(low, high, unit)


def _rounded(numbers: Ints, unit: int, how: Rounding) -> Ints:
    """Return amounts in hundredths, rounded as the programme says."""
    step, is_half_up = _ROUND_UNITS[how]
    endless = numbers >= ENDLESS
    finite = _times(np.where(endless, 0, numbers), 2 * CENTS if is_half_up else CENTS)
    divisor = np.int64(unit * step)
    whole = (finite + divisor) // (2 * divisor) if is_half_up else finite // divisor
    return np.where(endless, ENDLESS, whole * step)
