"""The firm that a roadmap is for, and what each measure would cost it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from capillary.diagnosis.profile import profile_of
from capillary.model.measure import ROLES, WHOLE
from capillary.scoring.evaluate import programs_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from capillary.model.capability import Capability
    from capillary.model.measure import CostPart, Measure, Range, SpendCategory
    from capillary.model.money import AssumptionFile, CurrencyFile
    from capillary.model.place import Sector
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.scoring.program import Program

WEEKS = 13  # of a quarter
DEFAULT_EMPLOYEES = 50
CLASS_CODE = re.compile(r"[A-Z]\d{0,4}")


@dataclass(frozen=True)
class Size:
    """How large a firm is, as far as costs depend on it.

    Attributes:
        assumed: names of the figures that the firm did not state.
    """

    employees: int
    users: int
    machines: int
    assumed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Firm:
    """Where a firm stands under a standard.

    Attributes:
        program: the compiled standard.
        codes: the lowest code of every field: what is unknown counts as not there.
        not_applicable: questions that do not apply; nothing can be gained there.
        levels: the certain level of every capability.
        size: head count, users, machines.
        sections: sections of ISIC that the firm works in; empty where they are not known.
    """

    program: Program
    codes: tuple[int, ...]
    not_applicable: frozenset[str]
    levels: Mapping[str, int]
    size: Size
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Terms:
    """What a measure takes and costs this firm, each as (low, typical, high) in whole units of one currency.

    Attributes:
        one_off: paid when it begins.
        yearly: paid from its completion on.
        weeks: how long it takes.
        hours: hours of own staff by role, in the order of `ROLES`.
        own: whether the firm's own figures replace those of the content.
        shares: what the one-off cost is spent on, in percent; an offer of the firm's own keeps them.
    """

    one_off: Range
    yearly: Range
    weeks: Range
    hours: tuple[int, ...]
    own: bool = False
    shares: Mapping[SpendCategory, int] = field(default_factory=dict)

    @cached_property
    def spend(self) -> Mapping[SpendCategory, int]:
        """The typical one-off cost by category, in whole units that add up to it: the first takes what rounding leaves."""
        found = {name: self.one_off[1] * share // WHOLE for name, share in self.shares.items()}
        for name in found:
            found[name] += self.one_off[1] - sum(found.values())
            break
        return found

    def counted(self, categories: frozenset[SpendCategory] | None) -> int:
        """Return the part of the typical one-off cost that falls into some categories; all of it for None."""
        if categories is None:
            return self.one_off[1]
        return sum(amount for name, amount in self.spend.items() if name in categories)

    def counted_share(self, categories: frozenset[SpendCategory] | None) -> int:
        """Return the percent of the one-off cost that falls into some categories."""
        if categories is None:
            return WHOLE
        return sum(share for name, share in self.shares.items() if name in categories)

    @cached_property
    def quarters(self) -> int:
        """How many quarters it touches when it begins with one."""
        return max(1, ceil(self.weeks[1] / WEEKS))

    def hours_a_quarter(self) -> tuple[int, ...]:
        """Hours by role in each quarter that it takes, rounded up."""
        return tuple(ceil(hours / self.quarters) for hours in self.hours)


@dataclass(frozen=True)
class Offer:
    """A firm's own figures for a measure, which replace those of the content; None keeps the content's.

    Attributes:
        one_off, yearly: amounts in the currency of the plan.
        weeks: duration.
    """

    one_off: int | None = None
    yearly: int | None = None
    weeks: int | None = None


def firm_of(  # noqa: PLR0913 - all by name
    standard: Standard,
    sheet: AnswerSheet,
    capabilities: Mapping[str, Capability],
    assumptions: AssumptionFile,
    *,
    sections: Iterable[str] = (),
    users: int | None = None,
    machines: int | None = None,
) -> Firm:
    """Return the firm of an answer sheet.

    Args:
        standard: the standard that the sheet answers.
        sheet: the checked answers; what is unknown counts as not there.
        capabilities: the hub vocabulary.
        assumptions: what stands in for users and machines that are not stated.
        sections: sections of ISIC that its sector stands for.
        users: how many people use office software.
        machines: how many production machines there are.
    """
    known_sections = frozenset(sections)
    profile = profile_of(standard, sheet, capabilities)
    return Firm(
        program=programs_for(standard, sheet)[0],
        codes=sheet.lowest,
        not_applicable=sheet.not_applicable,
        levels={name: span.at_least for name, span in profile.items()},
        size=size_of(sheet.enterprise.employees, users, machines, known_sections, assumptions),
        sections=known_sections,
    )


def sections_of(sector: str | None, sectors: Mapping[str, Sector]) -> tuple[str, ...]:
    """Return the sections of ISIC that a sector may stand for.

    Args:
        sector: a sector of the vocabulary by its id, or a code of ISIC or of GB/T 4754 such as ``C33``; where a code could be
            of either, the sections of both are returned, so that no measure is hidden.
        sectors: the vocabulary.
    """
    if not sector:
        return ()
    if sector in sectors:
        return tuple(sorted({code[0] for code in sectors[sector].isic}))
    if not CLASS_CODE.fullmatch(sector):
        return ()
    chinese = {
        code[0]
        for item in sectors.values()
        if any(code.startswith(sector) or sector.startswith(code) for code in item.gbt)
        for code in item.isic
    }
    return tuple(sorted({sector[0], *chinese}))


def size_of(
    employees: float | None,
    users: int | None,
    machines: int | None,
    sections: frozenset[str],
    assumptions: AssumptionFile,
) -> Size:
    """Return head count, users and machines, assumed where they are not stated."""
    assumed = {
        name
        for name, value in (("employees", employees), ("users", users), ("machines", machines))
        if value is None
    }
    heads = DEFAULT_EMPLOYEES if employees is None else max(1, round(employees))
    made = not sections or "C" in sections
    return Size(
        employees=heads,
        users=max(1, ceil(heads * assumptions.users_share[1] / 100)) if users is None else users,
        machines=(ceil(heads * assumptions.machines_per_head[1] / 100) if made else 0)
        if machines is None
        else machines,
        assumed=frozenset(assumed),
    )


def suits(measure: Measure, firm: Firm) -> bool:
    """Whether a measure makes sense for a firm of this size and line of business."""
    heads = firm.size.employees
    fits_size = measure.employees_from <= heads and (
        measure.employees_to is None or heads <= measure.employees_to
    )
    fits_section = not measure.sections or not firm.sections or bool(firm.sections & set(measure.sections))
    return fits_size and fits_section


@dataclass(frozen=True)
class Prices:
    """Turns the content's costs into amounts for one firm, in one currency.

    Attributes:
        currency: what amounts are in.
        currencies: rates; every conversion is at the dated rate of the content.
        offers: the firm's own figures by measure.
    """

    currency: str
    currencies: CurrencyFile
    offers: Mapping[str, Offer] = field(default_factory=dict)

    def terms(self, measure: Measure, size: Size) -> Terms:
        """Return what a measure takes and costs a firm of this size; worked out once for all firms of one size."""
        known = self._known.get((measure.id, size))
        if known is None:
            known = self._known[measure.id, size] = self._worked_out(measure, size)
        return known

    @cached_property
    def _known(self) -> dict[tuple[str, Size], Terms]:
        return {}

    def _worked_out(self, measure: Measure, size: Size) -> Terms:
        rate = (
            self.currencies.rate(measure.cost.currency).per_unit
            / self.currencies.rate(self.currency).per_unit
        )
        hours = tuple(measure.staff.get(role, 0) for role in ROLES)
        terms = Terms(
            one_off=_amounts(measure.cost.one_off, size, rate),
            yearly=_amounts(measure.cost.yearly, size, rate),
            weeks=measure.weeks,
            hours=hours,
            shares=measure.cost.spend,
        )
        offer = self.offers.get(measure.id)
        return terms if offer is None else with_offer(terms, offer)


def with_offer(terms: Terms, offer: Offer) -> Terms:
    """Return terms with the firm's own figures: what is offered is certain, so low and high are the same."""

    def own(given: int | None, known: Range) -> Range:
        return known if given is None else (given, given, given)

    return replace(
        terms,
        one_off=own(offer.one_off, terms.one_off),
        yearly=own(offer.yearly, terms.yearly),
        weeks=own(offer.weeks, terms.weeks),
        own=True,
    )


def _amounts(part: CostPart, size: Size, rate: Fraction) -> Range:
    low, typical, high = (
        round((fixed + user * size.users + machine * size.machines) * rate)
        for fixed, user, machine in zip(part.fixed, part.per_user, part.per_machine, strict=True)
    )
    return low, typical, high
