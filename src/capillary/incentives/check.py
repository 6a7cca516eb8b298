"""Finds what is wrong with rules before anybody is judged by them: unknown facts, wrong units, what can never be, overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from capillary.incentives.evaluate import Evaluator
from capillary.incentives.expressions import (
    Alternative,
    Arithmetic,
    Comparison,
    ExpressionError,
    Logic,
    Member,
    Named,
    Number,
    names_in,
)
from capillary.incentives.reading import Reader, Step, band_end
from capillary.incentives.rules import Rules
from capillary.incentives.situation import UNIT_WORDS, Situation, unknown
from capillary.incentives.values import Days, Span, Truth
from capillary.model.days import is_day
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from fractions import Fraction

    from capillary.content.library import Library
    from capillary.content.programmes import ProgrammeFolder
    from capillary.incentives.expressions import Expression
    from capillary.model.programme import Parameter, Programme, Version
    from capillary.model.standard import Figure
    from capillary.model.text import Message

TRUTH = "flag"
PLAIN = "plain"  # 0 and 1 have no unit of their own
_NUMBERS = {"money", "ratio", "count", "level", "number", PLAIN}
_WHOLE = {"count", "level"}


def rule_problems(rules: Rules, paths: Mapping[str, str]) -> list[Problem]:
    """Return everything that is wrong with programmes.

    Args:
        rules: the programmes and their facts.
        paths: how the file of each programme is named in errors.
    """
    found: list[Problem] = []
    for programme in rules.programmes.values():
        checker = _Checker(rules, programme)
        found.extend(problem.at(file=paths.get(programme.id)) for problem in checker.problems())
    if not found:
        found.extend(
            problem.at(file=paths.get((problem.place.path or "").partition(".")[0]))
            for problem in _circles_of_programmes(rules)
        )
    return found


def _circles_of_programmes(rules: Rules) -> Iterator[Problem]:
    """Yield classifications that ask for one another in a circle."""
    givers = {item.gives: item.id for item in rules.programmes.values() if item.gives}
    asked = {
        programme.id: {givers[name] for name in _asked(rules, programme) if name in givers}
        for programme in rules.programmes.values()
        if programme.gives
    }
    try:
        tuple(TopologicalSorter(asked).static_order())
    except CycleError as error:
        circle = " → ".join(str(name) for name in reversed(error.args[1]))
        yield Problem(
            "cycle",
            Place(path=str(error.args[1][0])),
            msg("These programmes ask for one another: {circle}.", circle=circle),
            msg("Let one of them be decided by facts alone."),
        )


def _asked(rules: Rules, programme: Programme) -> set[str]:
    return {
        name
        for version in programme.versions
        for text in _texts(version)
        for name in names_in(rules.expression(text))
    }


def _texts(version: Version) -> Iterator[str]:
    yield from (item.if_ for item in version.conditions)
    yield from (item.is_ for item in version.derived.values())
    yield from (item.if_ for item in version.classes if item.if_ is not None)
    yield from (item.is_ for item in version.phases)
    if version.amount is not None:
        yield version.amount


@dataclass(frozen=True)
class _Unit:
    """What an expression comes to; None for the unit of what is wrong already."""

    name: str | None


class _Checker:
    """Checks one programme."""

    def __init__(self, rules: Rules, programme: Programme) -> None:
        self.rules, self.programme = rules, programme
        self.found: list[Problem] = []

    def problems(self) -> list[Problem]:
        """Return everything that is wrong with it."""
        self._names()
        self._days()
        for version in self.programme.versions:
            before = len(self.found)
            _VersionChecker(self, version).check()
            if len(self.found) == before:
                self.found.extend(_never_or_always(self.rules, self.programme, version))
        return self.found

    def add(self, code: str, path: str, cause: Message, remedy: Message) -> None:
        """Note something that is wrong."""
        self.found.append(Problem(code, Place(path=path), cause, remedy))

    def unknown(self, path: str, word: str, known: Iterable[str]) -> None:
        """Note a name that does not exist."""
        self.add("unknown-name", path, msg("{word} is not known.", word=word), did_you_mean(word, known))

    def _names(self) -> None:
        programme, rules = self.programme, self.rules
        for field, name in (("gives", programme.gives), ("judged_on", programme.judged_on)):
            if name is not None and name not in rules.facts:
                self.unknown(field, name, rules.facts)
        for name in programme.not_with:
            if name not in rules.programmes:
                self.unknown("not_with", name, rules.programmes)
        if programme.under is not None:
            above = rules.programmes.get(programme.under)
            if above is None or above.kind != "ceiling":
                ceilings = [item.id for item in rules.programmes.values() if item.kind == "ceiling"]
                self.unknown("under", programme.under, ceilings)
        if programme.gives is not None and self.rules.giver(programme.gives) is not programme:
            cause = msg("Another programme decides the fact {fact} already.", fact=programme.gives)
            self.add("decided-twice", "gives", cause, msg("Let one programme decide it."))
        rates = [item.currency for item in rules.currencies.rates]
        if programme.currency is not None and programme.currency not in rates:
            cause = msg("There is no rate for the currency {currency}.", currency=programme.currency)
            self.add("unknown-currency", "currency", cause, did_you_mean(programme.currency, rates))
        self.figure("", programme.source)

    def figure(self, path: str, source: str | None) -> None:
        """Note a source that the file does not list."""
        known = [item.id for item in self.programme.sources]
        if source is not None and source not in known:
            self.unknown(f"{path}.source".lstrip("."), source, known)

    def _days(self) -> None:
        versions = self.programme.versions
        for version in versions:
            for field in ("effective_from", "effective_to", "apply_by"):
                day = getattr(version, field)
                if day is not None and not is_day(day):
                    cause = msg("“{given}” is no day.", given=day)
                    self.add("bad-day", f"{version.id}.{field}", cause, msg("Write it as 2026-12-31."))
            if version.effective_to is not None and version.effective_to < version.effective_from:
                cause = msg(
                    "The version ends on {to}, before it begins on {since}.",
                    to=version.effective_to,
                    since=version.effective_from,
                )
                self.add("dates-order", f"{version.id}.effective_to", cause, msg("Change one of the days."))
        ordered = sorted(versions, key=lambda item: item.effective_from)
        for earlier, later in pairwise(ordered):
            if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
                cause = msg(
                    "The versions {one} and {other} are in force on the same days.",
                    one=earlier.id,
                    other=later.id,
                )
                remedy = msg(
                    "Let {one} end on the day before {day}.", one=earlier.id, day=later.effective_from
                )
                self.add("dates-overlap", f"{earlier.id}.effective_to", cause, remedy)


class _VersionChecker:
    """Checks one version: names, units, tables, and what nobody uses."""

    def __init__(self, checker: _Checker, version: Version) -> None:
        self.checker, self.version = checker, version
        self.rules, self.programme = checker.rules, checker.programme
        self.units: dict[str, _Unit] = {}
        self.used: set[str] = set()

    def add(self, code: str, path: str, cause: Message, remedy: Message) -> None:
        self.checker.add(code, f"{self.version.id}.{path}", cause, remedy)

    def check(self) -> None:
        version = self.version
        self.checker.figure(version.id, version.source)
        for name, parameter in version.parameters.items():
            self._parameter(name, parameter)
        if not self._order_of_derived():
            return
        for item in version.conditions:
            self._expect(f"conditions.{item.id}", item.if_, {TRUTH}, item)
        for number, rule in enumerate(version.classes):
            self._class(number, len(version.classes))
            if rule.if_ is not None:
                self._expect(f"classes.{rule.key}", rule.if_, {TRUTH}, rule)
        if version.amount is not None:
            self._expect("amount", version.amount, {"money"}, version)
        for phase in version.phases:
            self._expect(f"phases.{phase.id}", phase.is_, {"money"}, phase)
        for name in version.parameters:
            if name not in self.used:
                self.add(
                    "unused",
                    f"parameters.{name}",
                    msg("Nothing uses {word}.", word=name),
                    msg("Use it, or take it out."),
                )

    def _class(self, number: int, count: int) -> None:
        rule = self.version.classes[number]
        path = f"classes.{rule.key}"
        given = self.rules.facts.get(self.programme.gives or "")
        known = [] if given is None else [item.key for item in given.choices]
        if given is None or rule.key not in known:
            self.checker.unknown(f"{self.version.id}.{path}", rule.key, known)
        if (rule.if_ is None) != (number == count - 1):
            self.add(
                "class-order",
                path,
                msg("The last class is for all others and has no rule; every other one has a rule."),
                msg("Change the order, or give the class a rule."),
            )

    def _parameter(self, name: str, parameter: Parameter) -> None:
        path = f"parameters.{name}"
        self.checker.figure(f"{self.version.id}.{path}", parameter.source)
        if name in self.rules.facts:
            cause = msg("{word} is the name of a fact.", word=name)
            self.add("name-taken", path, cause, msg("Give the parameter another name."))
        if parameter.unit == "money" and self.programme.currency is None:
            cause = msg("An amount of money stands here, but the programme has no currency.")
            self.add("no-currency", path, cause, msg("Add the currency to the programme."))
        for given in _figures(parameter):
            self._figure(path, parameter, given)
        tables = (parameter.value is not None) + bool(parameter.values) + bool(parameter.bands)
        if tables != 1 or (parameter.by is None) != (parameter.value is not None):
            self.add(
                "parameter-form",
                path,
                msg("A parameter has either a value, or “by” with values or bands."),
                msg("Keep one of them."),
            )
            return
        if parameter.by is not None:
            self._table(path, parameter, parameter.by)

    def _figure(self, path: str, parameter: Parameter, given: str | int) -> None:
        is_right = is_day(given) if parameter.unit == "date" else _is_number(given, parameter.unit)
        if not is_right:
            cause = msg("“{given}” is not {unit}.", given=given, unit=UNIT_WORDS[parameter.unit])
            self.add("wrong-unit", path, cause, msg("Write the figure in its unit, or change the unit."))

    def _table(self, path: str, parameter: Parameter, by: str) -> None:
        fact = self.rules.facts.get(by)
        derived = self.version.derived.get(by)
        if fact is None and derived is None:
            self.checker.unknown(f"{self.version.id}.{path}.by", by, self.rules.facts)
            return
        self.used.add(by)
        unit = "number" if fact is None else fact.unit
        if parameter.values:
            self._keys(path, parameter, by, unit)
        else:
            self._bands(path, parameter, unit)

    def _keys(self, path: str, parameter: Parameter, by: str, unit: str) -> None:
        if unit in _WHOLE:
            wrong = [key for key in parameter.values if not key.isdigit()]
            is_whole = parameter.otherwise is not None
        elif unit == "choice":
            known = [item.key for item in self.rules.facts[by].choices]
            wrong = [key for key in parameter.values if key not in known]
            is_whole = parameter.otherwise is not None or set(known) <= set(parameter.values)
            if is_whole and parameter.otherwise is not None and set(known) <= set(parameter.values):
                self.add(
                    "unreachable",
                    f"{path}.otherwise",
                    msg("Every key has a figure, so “otherwise” is never reached."),
                    msg("Take it out."),
                )
        else:
            cause = msg(
                "The fact {fact} is {unit}; figures by key need levels, counts or keys.",
                fact=by,
                unit=UNIT_WORDS[unit],
            )
            self.add("wrong-unit", f"{path}.by", cause, msg("Use bands."))
            return
        for key in wrong:
            self.add(
                "unreachable",
                f"{path}.values.{key}",
                msg("The fact {fact} never is “{key}”.", fact=by, key=key),
                msg("Take it out, or correct the key."),
            )
        if not is_whole:
            self.add(
                "incomplete",
                path,
                msg("The table has no figure for some values of {fact}.", fact=by),
                msg("Add “otherwise”."),
            )

    def _bands(self, path: str, parameter: Parameter, unit: str) -> None:
        if unit not in {*_NUMBERS, "date"}:
            cause = msg("Bands need a number or a day.")
            self.add("wrong-unit", f"{path}.by", cause, msg("Use figures by key."))
            return
        kind = Days("", "") if unit == "date" else Span(None, None)
        before: tuple[object, bool] | None = None
        for number, band in enumerate(parameter.bands, 1):
            given = band.up_to if band.below is None else band.below
            is_last = number == len(parameter.bands)
            if band.below is not None and band.up_to is not None:
                given = None
            if (given is None) != is_last:
                self.add(
                    "incomplete",
                    f"{path}.bands.{number}",
                    msg("The last band is for all the rest and has no end; every other one has one end."),
                    msg("Write “below” or “up_to”, and leave both out in the last band."),
                )
                return
            if given is None:
                return
            if unit == "date" and not is_day(given):
                self.add(
                    "bad-day",
                    f"{path}.bands.{number}",
                    msg("“{given}” is no day.", given=given),
                    msg("Write it as 2026-12-31."),
                )
                return
            end = (band_end(given, kind), band.up_to is not None)
            if before is not None and end <= before:
                self.add(
                    "unreachable",
                    f"{path}.bands.{number}",
                    msg("The band ends where an earlier one has ended, so it is never reached."),
                    msg("Write the bands in rising order."),
                )
            before = end

    def _order_of_derived(self) -> bool:
        """Work out the units of what is derived, each after what it is made of; return whether that can be done."""
        texts = {name: item.is_ for name, item in self.version.derived.items()}
        needs: dict[str, set[str]] = {}
        for name, text in texts.items():
            try:
                needs[name] = set(names_in(self.rules.expression(text))) & set(texts)
            except ExpressionError as error:
                self.add("bad-expression", f"derived.{name}", error.cause, error.remedy)
                return False
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            circle = " → ".join(str(name) for name in reversed(error.args[1]))
            self.add(
                "cycle",
                f"derived.{error.args[1][0]}",
                msg("These are worked out from one another: {circle}.", circle=circle),
                msg("Let one of them be worked out from facts and parameters alone."),
            )
            return False
        for name in order:
            item = self.version.derived[name]
            if name in self.rules.facts or name in self.version.parameters:
                cause = msg("{word} is the name of a fact or a parameter.", word=name)
                self.add("name-taken", f"derived.{name}", cause, msg("Give it another name."))
            self.units[name] = self._expect(f"derived.{name}", item.is_, None, item)
        return True

    def _expect(self, path: str, text: str, units: set[str] | None, figure: Figure) -> _Unit:
        """Return the unit of a text, noting everything that is wrong with it, and if it is none of those wanted."""
        self.checker.figure(f"{self.version.id}.{path}", figure.source)
        try:
            expression = self.rules.expression(text)
        except ExpressionError as error:
            self.add("bad-expression", path, error.cause, error.remedy)
            return _Unit(None)
        self.used.update(names_in(expression))
        unit = self._unit(path, expression)
        if units is not None and unit.name is not None and unit.name not in units:
            wanted = next(iter(units))
            cause = msg(
                "“{text}” is {unit}; here must stand {wanted}.",
                text=text,
                unit=_unit_words(unit.name),
                wanted=_unit_words(wanted),
            )
            self.add("wrong-unit", path, cause, msg("Compare it with something, or use another name."))
        return unit

    def _unit(self, path: str, expression: Expression) -> _Unit:  # noqa: PLR0911 - one for each form
        match expression:
            case Number():
                return _Unit(PLAIN)
            case Named(name):
                return self._named(path, name)
            case Member():
                return self._member(path, expression)
            case Logic(parts=parts):
                for part in parts:
                    self._part(path, part, {TRUTH})
                return _Unit(TRUTH)
            case Comparison(left=left, right=right):
                units = [self._part(path, part, {*_NUMBERS, "date"}) for part in (left, right)]
                self._same(path, expression.text, units)
                return _Unit(TRUTH)
            case Alternative(condition=condition, then=then, other=other):
                self._part(path, condition, {TRUTH})
                return self._same(path, expression.text, [self._unit(path, then), self._unit(path, other)])
            case Arithmetic(op="*", parts=parts):
                return self._product(
                    path, expression.text, [self._part(path, part, _NUMBERS) for part in parts]
                )
            case Arithmetic(parts=parts):
                return self._same(path, expression.text, [self._part(path, part, _NUMBERS) for part in parts])
        raise TypeError(expression)

    def _part(self, path: str, part: Expression, units: set[str]) -> _Unit:
        unit = self._unit(path, part)
        if unit.name is not None and unit.name not in units:
            wanted = TRUTH if units == {TRUTH} else "number"
            cause = msg(
                "“{text}” is {unit}; here must stand {wanted}.",
                text=part.text,
                unit=_unit_words(unit.name),
                wanted=_unit_words(wanted),
            )
            self.add("wrong-unit", path, cause, msg("Compare it with something, or use another name."))
            return _Unit(None)
        return unit

    def _named(self, path: str, name: str) -> _Unit:
        if name in self.version.parameters:
            return _Unit(self.version.parameters[name].unit)
        if name in self.units:
            return self.units[name]
        fact = self.rules.facts.get(name)
        if fact is None:
            known = [*self.version.parameters, *self.version.derived, *self.rules.facts]
            self.add(
                "unknown-fact",
                path,
                msg("The fact {word} is not known.", word=name),
                did_you_mean(name, known),
            )
            return _Unit(None)
        return _Unit(fact.unit)

    def _member(self, path: str, expression: Member) -> _Unit:
        fact = self.rules.facts.get(expression.name)
        if fact is None:
            self._named(path, expression.name)
            return _Unit(TRUTH)
        if fact.unit not in {"choice", "choices"}:
            cause = msg(
                "The fact {fact} is {unit}; it has no keys.", fact=fact.id, unit=UNIT_WORDS[fact.unit]
            )
            self.add("wrong-unit", path, cause, msg("Compare it with a parameter."))
            return _Unit(TRUTH)
        known = [item.key for item in fact.choices]
        for key in expression.keys:
            if key not in known:
                cause = msg("The fact {fact} never is “{key}”.", fact=fact.id, key=key)
                self.add("unreachable", path, cause, did_you_mean(key, known))
        return _Unit(TRUTH)

    def _same(self, path: str, text: str, units: list[_Unit]) -> _Unit:
        """Return the unit that all have; 0 and 1 go with every one."""
        names = {unit.name for unit in units if unit.name is not None} - {PLAIN}
        if len(names) > 1:
            shown = sorted(names)
            cause = msg(
                "“{text}” puts {one} and {other} together.",
                text=text,
                one=_unit_words(shown[0]),
                other=_unit_words(shown[1]),
            )
            self.add("wrong-unit", path, cause, msg("Both sides need the same unit."))
            return _Unit(None)
        return _Unit(next(iter(names), PLAIN if all(unit.name for unit in units) else None))

    def _product(self, path: str, text: str, units: list[_Unit]) -> _Unit:
        names = [unit.name for unit in units]
        if None in names:
            return _Unit(None)
        if names.count("money") > 1 or "level" in names:
            cause = msg("“{text}” multiplies what cannot be multiplied.", text=text)
            self.add("wrong-unit", path, cause, msg("Multiply an amount by a share or a number."))
            return _Unit(None)
        if "money" in names:
            return _Unit("money")
        if set(names) <= {"ratio", PLAIN}:
            return _Unit("ratio")
        return _Unit("number")


def _unit_words(name: str) -> Message:
    return UNIT_WORDS["number" if name == PLAIN else name]


def _is_number(given: str | int, unit: str) -> bool:
    try:
        number = to_fraction(given)
    except ValueError:
        return False
    return unit not in _WHOLE or number.denominator == 1


def _figures(parameter: Parameter) -> Iterator[str | int]:
    if parameter.value is not None:
        yield parameter.value
    yield from parameter.values.values()
    if parameter.otherwise is not None:
        yield parameter.otherwise
    yield from (band.value for band in parameter.bands)


# --- what can never be, or always is -----------------------------------------------------------------------


def _never_or_always(rules: Rules, programme: Programme, version: Version) -> Iterator[Problem]:
    """Yield conditions that nobody can meet, that everybody meets, and that contradict one another."""
    nothing = Situation(version.effective_from, currency=programme.currency or "CNY")
    evaluator = Evaluator(rules, nothing)
    reader = _Wide(rules, programme, version, nothing, evaluator._class_step)  # noqa: SLF001 - the same package
    for item in version.conditions:
        truth = cast("Truth", reader.read(item.if_).value)
        place = Place(path=f"{version.id}.conditions.{item.id}")
        if not truth.yes:
            cause = msg("“{text}” can never hold.", text=item.if_)
            yield Problem("contradiction", place, cause, msg("Correct the condition."))
        elif not truth.no:
            cause = msg("“{text}” always holds.", text=item.if_)
            yield Problem("always", place, cause, msg("Take it out, or correct it."))
    yield from _narrowed(rules, version, reader)


class _Wide(Reader):
    """Reads a rule for a firm of which nothing is known, classifications included."""

    def fact(self, name: str) -> Step:
        """Return that nothing is known of a fact."""
        return Step("fact", name, unknown(self.rules.facts[name]), name=name)


def _narrowed(rules: Rules, version: Version, reader: Reader) -> Iterator[Problem]:
    """Yield pairs of conditions of which each can hold, but never both: a number above one and below another."""
    ranges: dict[str, tuple[Span, str]] = {}
    for item in version.conditions:
        for part in _conjuncts(rules.expression(item.if_)):
            if not isinstance(part, Comparison) or not isinstance(part.left, Named):
                continue
            limit = reader.run(part.right).value
            if part.left.name not in rules.facts or not isinstance(limit, Span) or limit.is_open:
                continue
            before, other = ranges.get(part.left.name, (Span(None, None), item.id))
            now = _cut(before, part.op, cast("Fraction", limit.low))
            if now is None:
                cause = msg(
                    "The conditions {one} and {other} can never hold together: no {fact} meets both.",
                    one=other,
                    other=item.id,
                    fact=part.left.name,
                )
                place = Place(path=f"{version.id}.conditions.{item.id}")
                yield Problem("contradiction", place, cause, msg("Correct one of them."))
                return
            ranges[part.left.name] = (now, item.id)


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Logic) and expression.op == "and":
        for part in expression.parts:
            yield from _conjuncts(part)
    else:
        yield expression


def _cut(span: Span, op: str, limit: Fraction) -> Span | None:
    """Return what is left of a range; None for nothing. An end that is left out itself is counted in, but for equal ends."""
    low, high = span.low, span.high
    if op in {">", ">=", "=="}:
        low = limit if low is None else max(low, limit)
    if op in {"<", "<=", "=="}:
        high = limit if high is None else min(high, limit)
    if low is not None and high is not None and (low > high or (low == high == limit and op in {"<", ">"})):
        return None
    return Span(low, high)


def checked_rules(library: Library) -> Rules:
    """Return the programmes of all content folders, checked.

    Raises:
        InputError: a file has errors, or a rule is wrong; every problem is named.
    """
    return _checked(library, library.programmes())


def checked_accreditations(library: Library) -> Rules:
    """Return the rules by which providers are accredited, of all content folders, checked.

    Raises:
        InputError: a file has errors, or a rule is wrong; every problem is named.
    """
    return _checked(library, library.accreditations())


def _checked(library: Library, folder: ProgrammeFolder) -> Rules:
    rules = Rules(folder.facts, folder.programmes, library.currencies())
    problems = rule_problems(rules, folder.paths)
    if problems:
        raise InputError(problems)
    return rules
