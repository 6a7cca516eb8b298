"""Holds rules to their cases: examples that somebody who knows the law can read and check by hand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from capillary.incentives.evaluate import Evaluator
from capillary.incentives.situation import read_situation
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Case


def case_problems(
    rules: Rules, cases: Mapping[str, Sequence[Case]], wanted: Iterable[str] | None = None
) -> Iterator[Problem]:
    """Yield every case that a rule does not meet, and every programme that has none.

    Args:
        rules: the programmes.
        cases: by the id of the programme.
        wanted: the programmes that must have a case; all by default.
    """
    for name in rules.programmes if wanted is None else wanted:
        if not cases.get(name):
            cause = msg("The programme {word} has no case.", word=name)
            remedy = msg("Write at least one into programmes/cases/{word}.yaml.", word=name)
            yield Problem("no-case", Place(file=f"programmes/{name}.yaml"), cause, remedy)
    for name, items in cases.items():
        file = f"programmes/cases/{name}.yaml"
        if name not in rules.programmes:
            cause = msg("There is no programme {word}.", word=name)
            yield Problem("unknown-name", Place(file=file), cause, msg("Name the file like the programme."))
            continue
        for number, case in enumerate(items, 1):
            try:
                found = entitlement_of(rules, name, case)
            except InputError as error:
                yield from (problem.at(file=file, row=None) for problem in error.problems)
                continue
            for what, expected, given in _differences(case, found):
                cause = msg(
                    "Case {number} ({title}): {what} is “{given}”, but must be “{expected}”.",
                    number=number,
                    title=case.title,
                    what=what,
                    given=given,
                    expected=expected,
                )
                yield Problem("case-fails", Place(file=file), cause, msg("Correct the rule or the case."))


@dataclass(frozen=True)
class Tried:
    """A case and how a programme came out in it.

    Attributes:
        found: what the programme says; None where the case cannot be read.
        differences: what is not as the case says: what it is called, what it must be, what it is.
        problems: why the case cannot be read.
    """

    case: Case
    found: Entitlement | None
    differences: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the programme says what the case says."""
        return self.found is not None and not self.differences


def tried(rules: Rules, name: str, cases: Iterable[Case]) -> list[Tried]:
    """Return every case of a programme with what the programme says now."""
    found: list[Tried] = []
    for case in cases:
        try:
            one = entitlement_of(rules, name, case)
        except InputError as error:
            found.append(Tried(case, None, problems=error.problems))
            continue
        found.append(Tried(case, one, tuple(_differences(case, one))))
    return found


def entitlement_of(rules: Rules, name: str, case: Case) -> Entitlement:
    """Return what a programme says in a case.

    Raises:
        InputError: the case has facts that are not known or are of the wrong unit.
    """
    programme = rules.programmes[name]
    currency = programme.currency or rules.currencies.base
    situation = read_situation(case.facts, rules, on=case.on, aids=case.aids, currency=currency)
    evaluator = Evaluator(rules, situation)
    if programme.kind == "ceiling":
        return evaluator.of_ceiling(programme)
    return evaluator.of(programme)


def _differences(case: Case, found: Entitlement) -> Iterator[tuple[str, str, str]]:
    """Yield what is not as a case says: what it is called, what it must be, what it is."""
    money = found.money
    is_open = money is None or money.is_open
    failed = () if found.timing != "in-force" else (item.condition.id for item in found.failed)
    pairs: list[tuple[str, object, object]] = [
        ("verdict", case.verdict, found.verdict),
        ("failed", sorted(case.failed), sorted(failed)),
        ("missing", sorted(case.missing), sorted(found.missing)),
    ]
    if case.amount is not None:
        pairs.append(("amount", _decimal(case.amount), None if is_open else money.low))  # type: ignore[union-attr]
    if case.most is not None:
        pairs.append(("most", _decimal(case.most), None if money is None else money.high))
    if case.result is not None:
        pairs.append(("result", [case.result], [item.key for item in found.classes]))
    if case.timing is not None:
        pairs.append(("timing", case.timing, found.timing))
    for what, expected, given in pairs:
        if expected != given:
            yield what, _words(expected), _words(given)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _decimal(given: str | int) -> Decimal:
    number = to_fraction(given)
    return Decimal(number.numerator) / Decimal(number.denominator)
