"""Reads expressions over what is known of a firm, step by step, so that every result can be followed back to its figures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from capillary.incentives.expressions import (
    Alternative,
    Arithmetic,
    Comparison,
    Logic,
    Member,
    Named,
    Number,
)
from capillary.incentives.situation import rate, unknown
from capillary.incentives.values import (
    Days,
    Keys,
    KeySet,
    Span,
    Truth,
    add,
    both,
    compared,
    either,
    exactly,
    joined,
    least,
    most,
    multiply,
    opposite,
    subtract,
)
from capillary.model.exact import to_fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from capillary.incentives.expressions import Expression
    from capillary.incentives.rules import Rules
    from capillary.incentives.situation import Situation
    from capillary.incentives.values import Value
    from capillary.model.programme import Parameter, Programme, Version
    from capillary.model.standard import Figure


@dataclass(frozen=True)
class Step:
    """One step of a reading.

    Attributes:
        op: ``fact``, ``class``, ``parameter``, ``derived``, ``number``, or the operation on the values of ``parts``.
        text: the step as the rule writes it.
        name: of a fact, a parameter or something derived.
        figure: where a parameter comes from.
    """

    op: str
    text: str
    value: Value
    parts: tuple[Step, ...] = ()
    name: str | None = None
    figure: Figure | None = None

    def as_json(self) -> dict[str, object]:
        """Return the step with everything below it."""
        found: dict[str, object] = {"op": self.op, "text": self.text, "value": self.value.as_json()}
        if self.parts:
            found["of"] = [part.as_json() for part in self.parts]
        return found


def open_facts(step: Step) -> Iterator[str]:
    """Yield the facts that nobody has stated and without which a step cannot be told.

    Where one part of an ``and`` fails or one of an ``or`` holds, the rest does not matter, and nothing is asked.
    """
    if not step.value.is_open:
        return
    if step.op == "fact":
        yield cast("str", step.name)
    for part in step.parts:
        yield from open_facts(part)


class Reader:
    """Reads the expressions of one version of a programme for one firm; names are worked out once."""

    def __init__(
        self,
        rules: Rules,
        programme: Programme,
        version: Version,
        situation: Situation,
        classify: Callable[[Programme], Step],
    ) -> None:
        self.rules, self.programme, self.version, self.situation = rules, programme, version, situation
        self.classify = classify
        self._known: dict[str, Step] = {}

    def read(self, text: str) -> Step:
        """Return the reading of a text of the rule."""
        return self.run(self.rules.expression(text))

    def run(self, expression: Expression) -> Step:  # noqa: PLR0911 - one for each form
        """Return the reading of an expression."""
        match expression:
            case Number(value):
                return Step("number", expression.text, exactly(value))
            case Named(name):
                return self.named(name)
            case Arithmetic(op, parts, text):
                steps = tuple(self.run(part) for part in parts)
                return Step(op, text, _worked_out(op, [cast("Span", step.value) for step in steps]), steps)
            case Comparison(op, left, right, text):
                one, other = self.run(left), self.run(right)
                return Step(op, text, compared(op, one.value, other.value), (one, other))
            case Member(name, keys, text):
                step = self.named(name)
                return Step("in", text, is_in(step.value, keys), (step,))
            case Logic(op, parts, text):
                steps = tuple(self.run(part) for part in parts)
                truths = [cast("Truth", step.value) for step in steps]
                truth = opposite(truths[0]) if op == "not" else (both if op == "and" else either)(truths)
                return Step(op, text, truth, steps)
            case Alternative():
                return self._alternative(expression)

    def _alternative(self, expression: Alternative) -> Step:
        condition = self.run(expression.condition)
        truth = cast("Truth", condition.value)
        branches = [
            self.run(branch)
            for branch, possible in ((expression.then, truth.yes), (expression.other, truth.no))
            if possible
        ]
        value = joined([branch.value for branch in branches])
        return Step("if", expression.text, value, (condition, *branches))

    def named(self, name: str) -> Step:
        """Return a fact, a parameter or something derived."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._named(name)
        return found

    def _named(self, name: str) -> Step:
        if name in self.version.parameters:
            return self._parameter(name, self.version.parameters[name])
        if name in self.version.derived:
            derived = self.version.derived[name]
            step = self.read(derived.is_)
            return Step("derived", name, step.value, (step,), name, derived)
        return self.fact(name)

    def fact(self, name: str) -> Step:
        """Return what is known of a fact; amounts are read in the programme's currency."""
        fact = self.rules.facts[name]
        stated = self.situation.facts.get(name)
        if stated is None:
            giver = self.rules.giver(name)
            if giver is not None:
                return self.classify(giver)
            return Step("fact", name, unknown(fact), name=name)
        if fact.unit == "money" and self.programme.currency:
            factor = rate(self.rules, self.situation.currency, self.programme.currency, self.programme)
            stated = multiply(cast("Span", stated), exactly(factor))
        return Step("fact", name, stated, name=name)

    def _parameter(self, name: str, parameter: Parameter) -> Step:
        if parameter.by is None:
            value = figure_value(parameter, cast("str | int", parameter.value))
            return Step("parameter", name, value, (), name, parameter)
        by = self.named(parameter.by)
        rows = [figure_value(parameter, row) for row in possible_rows(parameter, by.value)]
        return Step("parameter", name, joined(rows), (by,), name, parameter)


def figure_value(parameter: Parameter, given: str | int) -> Value:
    """Return a figure of a parameter as a value."""
    if parameter.unit == "date":
        return Days(str(given), str(given))
    return exactly(to_fraction(given))


def possible_rows(parameter: Parameter, by: Value) -> list[str | int]:
    """Return the figures of a table that can be the one, by what is known of the fact that decides.

    Raises:
        KeyError: none can; `capillary.incentives.check` refuses such tables.
    """
    found = list(_banded(parameter, by)) if parameter.bands else list(_keyed(parameter, by))
    if not found:
        raise KeyError(parameter.by)
    return found


def _keyed(parameter: Parameter, by: Value) -> Iterator[str | int]:
    keys = parameter.values
    if isinstance(by, Keys):
        named = by.possible & set(keys)
        yield from (keys[key] for key in keys if key in named)
        if by.possible - set(keys) and parameter.otherwise is not None:
            yield parameter.otherwise
        return
    span = cast("Span", by)
    named_levels = [key for key in keys if _inside(Fraction(int(key)), span)]
    yield from (keys[key] for key in named_levels)
    count = None if span.low is None or span.high is None else int(span.high) - int(span.low) + 1
    if parameter.otherwise is not None and (count is None or count > len(named_levels)):
        yield parameter.otherwise


def _inside(number: Fraction, span: Span) -> bool:
    return (span.low is None or span.low <= number) and (span.high is None or number <= span.high)


def _banded(parameter: Parameter, by: Value) -> Iterator[str | int]:
    ends = cast("Span | Days", by)
    begins: Fraction | str | None = None
    is_within = True  # whether the beginning itself belongs to the band
    for band in parameter.bands:
        end = band_end(band.up_to if band.below is None else band.below, ends)
        after_begin = (
            begins is None or ends.high is None or (ends.high >= begins if is_within else ends.high > begins)  # type: ignore[operator]
        )
        before_end = (
            end is None or ends.low is None or (ends.low < end if band.below is not None else ends.low <= end)  # type: ignore[operator]
        )
        if after_begin and before_end:
            yield band.value
        begins, is_within = end, band.below is not None


def band_end(given: str | int | None, by: Value) -> Fraction | str | None:
    """Return the end of a band as the kind of value that it is compared with; None for no end."""
    if given is None:
        return None
    return str(given) if isinstance(by, Days) else to_fraction(given)


def is_in(value: Value, keys: tuple[str, ...]) -> Truth:
    """Return whether a fact is one of some keys, or has one of them.

    >>> is_in(Keys(frozenset({"small", "micro"})), ("micro",)).as_json() is None
    True
    """
    wanted = set(keys)
    if isinstance(value, KeySet):
        if value.keys is None:
            return Truth(yes=True, no=True)
        has = bool(value.keys & wanted)
        return Truth(yes=has, no=not has)
    if isinstance(value, Truth):
        return value
    possible = cast("Keys", value).possible
    return Truth(yes=bool(possible & wanted), no=bool(possible - wanted))


def _worked_out(op: str, spans: list[Span]) -> Span:
    if op == "min":
        return least(spans)
    if op == "max":
        return most(spans)
    return {"+": add, "-": subtract, "*": multiply}[op](spans[0], spans[1])
