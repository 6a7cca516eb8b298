"""Checks raw answers against their standard and turns them into codes.

This is the one place that knows the answer forms; every carrier (JSON, workbook, wide table) hands its answers here.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from capillary.model.fields import Field, fields_of
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.sheet import GRADES, NOT_APPLICABLE, AnswerSheet, Enterprise, Grade
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Standard, Ticks
from capillary.model.text import Message, msg
from capillary.sheets.files import MOST_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SHEET_KEYS = ("standard", "enterprise", "answers", "variant", "evidence")
FACTS = ("id", "name", "region", "sector", "employees", "revenue")
LONGEST_NAME = 60
_HUNDRED = 100


@dataclass(frozen=True)
class CodeSpan:
    """Lowest and highest possible code of one field."""

    low: int
    high: int


class BadAnswerError(Exception):
    """One answer cannot be used.

    Attributes:
        code, cause, remedy: as in `Problem`.
        below: where in the answer, as an end of a path.
        more: what else is wrong with the answer.
    """

    def __init__(self, code: str, cause: Message, remedy: Message, below: str = "") -> None:
        self.code = code
        self.cause = cause
        self.remedy = remedy
        self.below = below
        self.more: tuple[BadAnswerError, ...] = ()
        super().__init__(code)


def read_sheet(raw: object, find: Callable[[str], Standard]) -> AnswerSheet:
    """Return the checked answer sheet that a JSON-like object holds.

    Args:
        raw: ``{"standard": …, "enterprise": {…}, "answers": {…}}``; see the docs for the answer forms.
        find: returns the standard of an id, or raises InputError.

    Raises:
        InputError: something is wrong; every problem is named, with its path in the object.
    """
    if not isinstance(raw, Mapping):
        remedy = (
            msg("Write many sheets as JSON Lines: a file .jsonl with one sheet a line.")
            if isinstance(raw, list)
            else _shape()
        )
        raise InputError([_problem("not-a-sheet", "", msg("An answer sheet is an object."), remedy)])
    problems: list[Problem] = [
        _problem(
            "unknown-entry",
            _cut(key),
            msg("The entry {word} is not known here.", word=_cut(key)),
            did_you_mean(str(key), SHEET_KEYS),
        )
        for key in raw
        if key not in SHEET_KEYS
    ]
    identifier = raw.get("standard")
    if not isinstance(identifier, str):
        problems.append(
            _problem("missing-standard", "standard", msg("The sheet does not name its standard."), _shape())
        )
        raise InputError(problems)
    try:
        standard = find(identifier)
    except InputError as error:
        raise InputError([*problems, *(item.at(path="standard") for item in error.problems)]) from error
    enterprise = _enterprise(raw.get("enterprise") or {}, problems)
    variant = _variant(raw.get("variant"), standard, problems)
    answers = raw.get("answers", {})
    if not isinstance(answers, Mapping):
        problems.append(
            _problem(
                "not-answers",
                "answers",
                msg("The answers are not an object from question to answer."),
                _shape(),
            )
        )
        answers = {}
    known = {key: value for key, value in answers.items() if value is not None}
    lowest, highest = reader_for(standard).codes(known, problems)
    evidence = _evidence(raw.get("evidence") or {}, standard, problems)
    if problems:
        raise InputError(problems)
    return AnswerSheet(
        standard=standard.id,
        enterprise=enterprise,
        answers=known,
        lowest=lowest,
        highest=highest,
        not_applicable=frozenset(key for key, value in known.items() if value == NOT_APPLICABLE),
        variant=variant,
        evidence=evidence,
    )


class AnswerReader:
    """Turns the answers of one standard into codes."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self.fields = fields_of(standard)
        self.start: dict[str, int] = {}
        for index, field in enumerate(self.fields):
            self.start.setdefault(field.question, index)
        self.of_question: dict[str, tuple[Field, ...]] = {
            question.id: tuple(field for field in self.fields if field.question == question.id)
            for question in standard.questions
        }
        self.unknown_low = tuple(0 for _ in self.fields)
        self.unknown_high = tuple(field.top for field in self.fields)

    def codes(
        self, answers: Mapping[str, object], problems: list[Problem]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the lowest and highest code of every field; what is wrong is added to ``problems``."""
        low = list(self.unknown_low)
        high = list(self.unknown_high)
        for name, value in answers.items():
            if len(problems) >= MOST_PROBLEMS:
                break
            start = self.start.get(name)
            if start is None:
                problems.append(_unknown_question(self.standard, "answers", name))
                continue
            try:
                spans = self.read(name, value)
            except BadAnswerError as bad:
                problems.extend(
                    _problem(each.code, f"answers.{name}{each.below}", each.cause, each.remedy)
                    for each in (bad, *bad.more)
                )
                continue
            for offset, span in enumerate(spans):
                low[start + offset] = span.low
                high[start + offset] = span.high
        return tuple(low), tuple(high)

    def read(self, name: str, value: object) -> Sequence[CodeSpan]:
        """Return the spans of one question's fields.

        Raises:
            BadAnswerError: the answer cannot be used.
        """
        question = self.standard.by_id[name]
        fields = self.of_question[name]
        if value == NOT_APPLICABLE and isinstance(value, str):
            if question.not_applicable == "refused":
                raise BadAnswerError(
                    "not-applicable-refused",
                    msg("Under {standard} this question applies to every firm.", standard=self.standard.id),
                    msg("Answer it, or leave it out while the answer is unknown."),
                )
            return [CodeSpan(0, 0) for _ in fields]
        return _READERS[type(question)](fields, value)


@lru_cache(maxsize=64)
def reader_for(standard: Standard) -> AnswerReader:
    """Return the reader of a standard's answers."""
    return AnswerReader(standard)


def _exactly(code: int) -> list[CodeSpan]:
    return [CodeSpan(code, code)]


def _read_single(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    if not isinstance(value, str):
        raise BadAnswerError(
            "not-a-key", msg("{value} is not the key of an option.", value=_shown(value)), _keys(fields[0])
        )
    return _exactly(_key_code(fields[0], value))


def _read_multiple(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    field = fields[0]
    if not isinstance(value, list | tuple):
        raise BadAnswerError(
            "not-a-list",
            msg("The answer to a multiple choice is a list of keys, not {value}.", value=_shown(value)),
            msg('Write for example ["{key}"].', key=field.keys[0]),
        )
    none_chosen = [item for item in value if _as_key(item) in field.none_keys]
    if none_chosen and len(value) > len(none_chosen):
        raise BadAnswerError(
            "none-with-others",
            msg(
                "{key} says that none applies, but other options are chosen too.", key=_as_key(none_chosen[0])
            ),
            msg("Keep either {key} or the others.", key=_as_key(none_chosen[0])),
        )
    return _exactly(_mask(field, [item for item in value if item not in none_chosen]))


def _read_rate(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    field = fields[0]
    if isinstance(value, str):
        if value in field.position:
            return _exactly(field.position[value])
        raise BadAnswerError(
            "not-a-rate",
            msg("{value} is neither a number nor the key of an option.", value=_shown(value)),
            msg(
                "Write a percentage from 0 to 100 without quotes, or one of: {words}.",
                words=", ".join(field.keys),
            ),
        )
    number = _number(value)
    if not 0 <= number <= _HUNDRED:
        raise BadAnswerError(
            "rate-range",
            msg("{value} is outside 0 to 100.", value=_shown(value)),
            msg("Write a percentage: 35 for 35 %."),
        )
    return _exactly(rate_code(field, number))


def rate_code(field: Field, percent: float) -> int:
    """Return the code of a percentage: bands are closed above, so 10 belongs to the band that ends at 10."""
    # As it is written: the float 0.1 is a little more than the percentage 0.1.
    exact = Fraction(str(percent))
    return sum(exact > upper for upper in field.upper)


def _read_level(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    remedy = msg("Write a whole number from 0 to {top}, without quotes.", top=fields[0].top)
    number = _number(value, remedy)
    if number != int(number) or not 0 <= number <= fields[0].top:
        raise BadAnswerError(
            "level-range", msg("{value} is not a level of this question.", value=_shown(value)), remedy
        )
    return _exactly(int(number))


def _read_boolean(_: Sequence[Field], value: object) -> list[CodeSpan]:
    if not isinstance(value, bool):
        raise BadAnswerError(
            "not-a-truth-value",
            msg("{value} is neither true nor false.", value=_shown(value)),
            msg("Write true or false without quotes."),
        )
    return _exactly(int(value))


def _read_grid(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    return _read_parts(fields, value, msg("row"), lambda field, given: _key_code(field, _as_key(given)))


def _read_ticks(fields: Sequence[Field], value: object) -> list[CodeSpan]:
    return _read_parts(fields, value, msg("column"), _ticks_code)


def _ticks_code(field: Field, given: object) -> int:
    if not isinstance(given, list | tuple):
        raise BadAnswerError(
            "not-a-list",
            msg("The ticks of a column are a list of rows, not {value}.", value=_shown(given)),
            msg('Write for example ["{key}"].', key=field.keys[0]),
        )
    return _mask(field, given)


def _read_parts(
    fields: Sequence[Field], value: object, kind: Message, read: Callable[[Field, object], int]
) -> list[CodeSpan]:
    """Return the spans of an answer that is an object with a part for each field; parts left out are unknown.

    Raises:
        BadAnswerError: parts are unknown or cannot be used; all of them are named.
    """
    known = {field.part or "": field for field in fields}
    if not isinstance(value, Mapping):
        raise BadAnswerError(
            "not-an-object",
            msg("The answer is an object from {kind} to value, not {value}.", kind=kind, value=_shown(value)),
            msg('Write for example {{"{key}": …}}.', key=next(iter(known))),
        )
    bad: list[BadAnswerError] = []
    codes: dict[str, int] = {}
    for key, given in value.items():
        name = _as_key(key)
        if name not in known:
            cause = msg("The question has no {kind} {word}.", kind=kind, word=_cut(name))
            bad.append(
                BadAnswerError("unknown-part", cause, did_you_mean(_cut(name), known), f".{_cut(name)}")
            )
            continue
        try:
            if given is not None:
                codes[name] = read(known[name], given)
        except BadAnswerError as error:
            for each in (error, *error.more):
                each.below = f".{name}"
                bad.append(each)
    _raise_all(bad)
    return [CodeSpan(codes.get(part, 0), codes.get(part, field.top)) for part, field in known.items()]


def _raise_all(bad: Sequence[BadAnswerError]) -> None:
    if bad:
        first, *others = bad
        first.more = tuple(others)
        raise first


_READERS: Mapping[type, Callable[[Sequence[Field], object], Sequence[CodeSpan]]] = {
    Single: _read_single,
    Multiple: _read_multiple,
    Rate: _read_rate,
    Level: _read_level,
    Boolean: _read_boolean,
    Grid: _read_grid,
    Ticks: _read_ticks,
}


def _mask(field: Field, items: Sequence[object]) -> int:
    """Return the code of a set of keys.

    Raises:
        BadAnswerError: keys are unknown or stand twice; all of them are named.
    """
    mask = 0
    bad: list[BadAnswerError] = []
    for item in items:
        try:
            bit = 1 << _key_code(field, _as_key(item))
        except BadAnswerError as error:
            bad.append(error)
            continue
        if mask & bit:
            cause = msg("{key} stands twice.", key=_as_key(item))
            bad.append(BadAnswerError("chosen-twice", cause, msg("Name each option once.")))
        mask |= bit
    _raise_all(bad)
    return mask


def _key_code(field: Field, key: str) -> int:
    code = field.position.get(key)
    if code is None:
        raise BadAnswerError(
            "unknown-option",
            msg("There is no option {key}.", key=_shown(key)),
            did_you_mean(_cut(key), (*field.none_keys, *field.keys)),
        )
    return code


def _as_key(item: object) -> str:
    return (
        str(item)
        if isinstance(item, int) and not isinstance(item, bool)
        else item
        if isinstance(item, str)
        else repr(item)
    )


def _number(value: object, remedy: Message | None = None) -> float:
    """Return a finite number.

    Raises:
        BadAnswerError: the value is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        cause = msg("{value} stands where a number belongs.", value=_shown(value))
        raise BadAnswerError("not-a-number", cause, remedy or msg("Write the number without quotes."))
    if not _is_finite(value):
        cause = msg("{value} is not a number.", value=_shown(value))
        raise BadAnswerError("not-a-number", cause, remedy or msg("Write a finite number."))
    return value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of more than 300 digits
        return False


def _keys(field: Field) -> Message:
    return msg("Write one of: {words}.", words=", ".join(field.keys))


class _Brief(reprlib.Repr):
    """Shows a value shortly, however large or deep it is."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 60
        self.maxlevel = 2


def _shown(value: object) -> str:
    return _BRIEF.repr(value)


def _cut(word: object) -> str:
    """Return a name as it stands, unless it is far longer than a name."""
    text = str(word)
    return text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME] + "…"


_BRIEF = _Brief()


def _shape() -> Message:
    return msg('Write {{"standard": "miit-2024", "enterprise": {{…}}, "answers": {{"Q01": …}}}}.')


def _problem(code: str, path: str, cause: Message, remedy: Message) -> Problem:
    return Problem(code, Place(path=path or None), cause, remedy)


def _unknown_question(standard: Standard, entry: str, name: object) -> Problem:
    word = _cut(name)
    cause = msg("{standard} has no question {question}.", standard=standard.id, question=word)
    remedy = did_you_mean(word, meant_by(word, standard.by_id) or standard.by_id)
    return _problem("unknown-question", f"{entry}.{word}", cause, remedy)


def meant_by(word: str, known: Iterable[str]) -> list[str]:
    """Return the names that a word stands for but for small letters and leading zeros.

    >>> meant_by("q1", ["Q01", "Q10", "Q15"])
    ['Q01']
    """
    return [name for name in known if _without_zeros(name) == _without_zeros(word)]


def _without_zeros(name: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", name).upper()


def _enterprise(raw: object, problems: list[Problem]) -> Enterprise:
    if not isinstance(raw, Mapping):
        problems.append(
            _problem("not-an-object", "enterprise", msg("The enterprise is not an object."), _shape())
        )
        return Enterprise()
    other = {key: value for key, value in raw.items() if key not in FACTS}
    return Enterprise(
        id=_word(raw, "id", problems),
        name=_word(raw, "name", problems),
        region=_word(raw, "region", problems),
        sector=_word(raw, "sector", problems),
        employees=_amount(raw, "employees", problems),
        revenue=_amount(raw, "revenue", problems),
        other=other,
    )


def _word(raw: Mapping[str, object], key: str, problems: list[Problem]) -> str | None:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    problems.append(
        _problem(
            "not-text",
            f"enterprise.{key}",
            msg("{value} stands where text belongs.", value=_shown(value)),
            msg("Write it in quotes."),
        )
    )
    return None


def _amount(raw: Mapping[str, object], key: str, problems: list[Problem]) -> float | None:
    value = raw.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value) or value < 0:
        problems.append(
            _problem(
                "not-a-number",
                f"enterprise.{key}",
                msg("{value} stands where a number belongs.", value=_shown(value)),
                msg("Write a number of 0 or more, without quotes or units."),
            )
        )
        return None
    return value


def _variant(raw: object, standard: Standard, problems: list[Problem]) -> str | None:
    if raw is None:
        return None
    known = [variant.id for variant in standard.file.variants]
    if not known:
        cause = msg("{standard} has no variants.", standard=standard.id)
        problems.append(_problem("unknown-variant", "variant", cause, msg("Take the entry out.")))
        return None
    if raw not in known:
        cause = msg("{standard} has no variant {word}.", standard=standard.id, word=_shown(raw))
        problems.append(_problem("unknown-variant", "variant", cause, did_you_mean(str(raw), known)))
        return None
    return str(raw)


def _evidence(raw: object, standard: Standard, problems: list[Problem]) -> dict[str, Grade]:
    if not isinstance(raw, Mapping):
        cause = msg("The evidence is not an object from question to grade.")
        problems.append(_problem("not-an-object", "evidence", cause, did_you_mean("", GRADES)))
        return {}
    grades: dict[str, Grade] = {}
    for name, grade in raw.items():
        path = f"evidence.{name}"
        if len(problems) >= MOST_PROBLEMS:
            break
        if name not in standard.by_id:
            problems.append(_unknown_question(standard, "evidence", name))
        elif grade not in GRADES:
            cause = msg("{value} is not a grade of evidence.", value=_shown(grade))
            problems.append(_problem("unknown-grade", path, cause, did_you_mean(str(grade), GRADES)))
        else:
            grades[name] = grade
    return grades
