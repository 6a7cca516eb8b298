"""What is known of a firm on a day: facts as a file or a form gives them, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from capillary.incentives.values import FIRST_DAY, LAST_DAY, OPEN, Days, Keys, KeySet, Span, Truth
from capillary.model.days import is_day
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.programme import Aid
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.incentives.rules import Rules
    from capillary.incentives.values import Value
    from capillary.model.programme import Fact, Programme
    from capillary.model.text import Message

_PLAIN = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
_WHOLE = {"count", "level"}


@dataclass(frozen=True)
class Situation:
    """What is known of a firm.

    Attributes:
        on: the day of the evaluation, as an ISO date.
        facts: what is stated, by fact.
        aids: earlier aid; None where it was not asked for.
        currency: the currency of all amounts.
    """

    on: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    aids: tuple[Aid, ...] | None = None
    currency: str = "CNY"


def years_before(day: str, years: int) -> str:
    """Return the same day some years earlier, fit to be compared with others.

    >>> years_before("2026-03-01", 3)
    '2023-03-01'
    """
    return f"{int(day[:4]) - years:04d}{day[4:]}"


def unknown(fact: Fact) -> Value:
    """Return what is known of a fact that nobody has stated."""
    match fact.unit:
        case "flag":
            return OPEN
        case "date":
            return Days(FIRST_DAY, LAST_DAY)
        case "choice":
            return Keys(frozenset(item.key for item in fact.choices))
        case "choices":
            return KeySet(None)
        case _:
            return Span(None if fact.negative else Fraction(0), None)


def read_situation(  # noqa: PLR0913 - all by name
    raw: Mapping[str, object],
    rules: Rules,
    *,
    on: str,
    aids: tuple[Aid, ...] | None = None,
    currency: str = "CNY",
    file: str | None = None,
) -> Situation:
    """Return what facts say, as they stand in a file or came from a form.

    Args:
        raw: values by fact: a number or text for numbers, ``{"from": …, "to": …}`` where only a range is known, a key or a list
            of keys, true or false, an ISO date.
        rules: the vocabulary.
        on: the day of the evaluation.
        aids: earlier aid; None where it is not known.
        currency: the currency of all amounts.
        file: how the file is named in errors.

    Raises:
        InputError: a fact is not known or is not of its unit, a day does not exist, or there is no rate for the currency; every
            such mistake is named.
    """
    place = Place(file=file)
    problems: list[Problem] = []
    facts: dict[str, Value] = {}
    if not is_day(on):
        problems.append(_bad_day("on", on))
    for name, given in raw.items():
        fact = rules.facts.get(name)
        if fact is None:
            cause = msg("The fact {word} is not known.", word=name)
            problems.append(Problem("unknown-fact", Place(path=name), cause, did_you_mean(name, rules.facts)))
            continue
        if given is None:
            continue
        found = _value(fact, given)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            facts[name] = found
    problems.extend(_aid_problems(aids or (), rules))
    problems.extend(_rate_problems("currency", currency, rules))
    if problems:
        raise InputError([problem.at(file=place.file) for problem in problems])
    return Situation(on, facts, aids, currency)


def plain_number(given: object) -> Fraction:
    """Return a number that a firm may state: at most 18 digits before and after the point, and no exponent.

    Raises:
        ValueError: it is none; an exponent could make a few signs into a number that fills the memory.

    >>> plain_number("0.25"), plain_number(3)
    (Fraction(1, 4), Fraction(3, 1))
    """
    text = str(given)
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float | str | Decimal)
        or not _PLAIN.fullmatch(text)
    ):
        raise ValueError(f"{text[:40]!r} is not a number")
    return to_fraction(text)


def read_aids(raw: object) -> tuple[Aid, ...]:
    """Return earlier aid as it stands in a file.

    Raises:
        InputError: it is no list of aids.
    """
    try:
        return msgspec.convert(raw, tuple[Aid, ...])
    except msgspec.ValidationError as error:
        cause = msg("The earlier aid cannot be read: {cause}.", cause=str(error))
        remedy = msg(
            "Each entry has a date, an amount as text, a currency, and scheme: de-minimis where it was."
        )
        raise InputError([Problem("bad-aid", Place(path="aids"), cause, remedy)]) from error


def rate(rules: Rules, given: str, wanted: str, programme: Programme | None = None) -> Fraction:
    """Return by what an amount of one currency is multiplied to be read in another.

    Raises:
        InputError: there is no rate for one of them.
    """
    if given == wanted:
        return Fraction(1)
    problems = [problem for code in (given, wanted) for problem in _rate_problems("currency", code, rules)]
    if problems:
        shown = None if programme is None else f"programmes/{programme.id}.yaml"
        raise InputError([problem.at(file=shown) for problem in problems])
    return rules.currencies.rate(given).per_unit / rules.currencies.rate(wanted).per_unit


def _value(fact: Fact, given: object) -> Value | Problem:
    match fact.unit:
        case "flag":
            return (
                Truth(yes=given, no=not given)
                if isinstance(given, bool)
                else _wrong(fact, given, msg("Write true or false."))
            )
        case "date":
            return (
                Days(given, given) if isinstance(given, str) and is_day(given) else _bad_day(fact.id, given)
            )
        case "choice":
            return _keys(fact, given)
        case "choices":
            return _key_set(fact, given)
        case _:
            return _number(fact, given)


def _number(fact: Fact, given: object) -> Value | Problem:
    if isinstance(given, dict) and given and set(given) <= {"from", "to"}:
        return _range(fact, given)
    try:
        number = plain_number(given)
    except ValueError:
        return _wrong(fact, given, _expected(fact))
    if fact.unit in _WHOLE and number.denominator != 1:
        return _wrong(fact, given, msg("Write a whole number."))
    if number < 0 and not fact.negative:
        return _wrong(fact, given, msg("It cannot be below zero."))
    return Span(number, number)


def _range(fact: Fact, given: Mapping[str, object]) -> Value | Problem:
    ends = [None if given.get(end) is None else _number(fact, given[end]) for end in ("from", "to")]
    for end in ends:
        if isinstance(end, Problem):
            return end
    low = ends[0].low if isinstance(ends[0], Span) else (None if fact.negative else Fraction(0))
    high = ends[1].high if isinstance(ends[1], Span) else None
    if low is not None and high is not None and low > high:
        return _wrong(fact, given, msg("The lower end comes first."))
    return Span(low, high)


def _expected(fact: Fact) -> Message:
    if fact.unit == "money":
        return msg("Write an amount of money as a number, without a currency sign.")
    if fact.unit == "ratio":
        return msg("Write a share as a number: 0.5 for 50 %.")
    return msg("Write a number.")


def _keys(fact: Fact, given: object) -> Value | Problem:
    known = [item.key for item in fact.choices]
    if isinstance(given, str) and given in known:
        return Keys(frozenset({given}))
    return _wrong(fact, given, did_you_mean(str(given), known))


def _key_set(fact: Fact, given: object) -> Value | Problem:
    known = {item.key for item in fact.choices}
    if not isinstance(given, list | tuple) or not all(isinstance(item, str) for item in given):
        return _wrong(fact, given, msg("Write a list, empty where there are none."))
    for item in given:
        if item not in known:
            return _wrong(fact, item, did_you_mean(item, sorted(known)))
    return KeySet(frozenset(given))


def _wrong(fact: Fact, given: object, remedy: Message) -> Problem:
    cause = msg(
        "“{given}” is no value of the fact {fact} ({title}), which is {unit}.",
        given=str(given)[:60],
        fact=fact.id,
        title=fact.title,
        unit=UNIT_WORDS[fact.unit],
    )
    return Problem("wrong-unit", Place(path=fact.id), cause, remedy)


def _bad_day(path: str, given: object) -> Problem:
    cause = msg("“{given}” is no day.", given=str(given)[:60])
    return Problem("bad-day", Place(path=path), cause, msg("Write it as 2026-12-31."))


def _aid_problems(aids: tuple[Aid, ...], rules: Rules) -> Iterator[Problem]:
    for number, aid in enumerate(aids, 1):
        path = f"aids.{number}"
        if not is_day(aid.date):
            yield _bad_day(f"{path}.date", aid.date)
        try:
            negative = plain_number(aid.amount) < 0
        except ValueError:
            negative = True
        if negative:
            cause = msg("“{given}” is no amount of aid.", given=aid.amount)
            yield Problem(
                "bad-aid", Place(path=f"{path}.amount"), cause, msg("Write a number that is not below zero.")
            )
        yield from _rate_problems(f"{path}.currency", aid.currency, rules)


def _rate_problems(path: str, code: str, rules: Rules) -> Iterator[Problem]:
    known = [item.currency for item in rules.currencies.rates]
    if code not in known:
        cause = msg("There is no rate for the currency {currency}.", currency=code)
        yield Problem("unknown-currency", Place(path=path), cause, did_you_mean(code, known))


UNIT_WORDS: Mapping[str, Message] = {
    "money": msg("an amount of money"),
    "ratio": msg("a share"),
    "count": msg("a whole number"),
    "level": msg("a level"),
    "number": msg("a number"),
    "flag": msg("true or false"),
    "date": msg("a day"),
    "choice": msg("one of several"),
    "choices": msg("any of several"),
}
