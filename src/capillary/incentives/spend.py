"""Which spend a programme's rule counts: the facts ``spend_<category>`` that it names, or all of it.

A rule over ``spend_total`` names no category. Whether its document limits what counts is then not known; everything is counted,
and every face says that this is unverified.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from capillary.incentives.expressions import names_in
from capillary.model.measure import SPEND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.incentives.rules import Rules
    from capillary.model.measure import SpendCategory
    from capillary.model.programme import Programme, Version
    from capillary.model.standard import Certainty

Number = TypeVar("Number", int, Fraction)
PREFIX = "spend_"
TOTAL = f"{PREFIX}total"


@dataclass(frozen=True)
class CountedSpend:
    """The spend that a programme counts.

    Attributes:
        categories: those that its rule names; None where it names none, so that all of them count.
        certainty: how sure that is; unverified where the rule names none.
    """

    categories: frozenset[SpendCategory] | None
    certainty: Certainty


def counted_spend(rules: Rules, programme: Programme, version: Version) -> CountedSpend | None:
    """Return the spend that the amount of a version depends on; None where it depends on none."""
    names = set(_names(rules, version))
    if TOTAL in names:
        return CountedSpend(None, "unverified")
    categories = frozenset(name for name in SPEND if PREFIX + name in names)
    if not categories:
        return None
    derived = [item for name, item in version.derived.items() if name in names]
    found = {programme.certainty_of(version, item) for item in derived} or {
        programme.certainty_of(version, version)
    }
    order: tuple[Certainty, ...] = ("unverified", "secondary", "official")
    return CountedSpend(categories, next(item for item in order if item in found))


def spend_facts(rules: Rules, spend: Mapping[SpendCategory, Number]) -> dict[str, Number | int]:
    """Return spend by category as facts, with the total; a category that no fact asks for counts in the total only."""
    told = {PREFIX + name: spend.get(name, 0) for name in SPEND if PREFIX + name in rules.facts}
    return {**told, TOTAL: sum(spend.values())}


def _names(rules: Rules, version: Version) -> Iterator[str]:
    """Yield every name that the amount of a version is worked out from, through what is derived."""
    waiting = [] if version.amount is None else [version.amount]
    seen: set[str] = set()
    while waiting:
        for name in names_in(rules.expression(waiting.pop())):
            if name in seen:
                continue
            seen.add(name)
            yield name
            if name in version.derived:
                waiting.append(version.derived[name].is_)
            if name in version.parameters and version.parameters[name].by is not None:
                waiting.append(str(version.parameters[name].by))
