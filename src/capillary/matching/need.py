"""What a firm needs: the measures that it wants, by when, and what an offer must fulfil to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from capillary.model.days import is_day
from capillary.model.market import size_class

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from capillary.model.market import OfferKind, Price, PricePart, SizeClass
    from capillary.model.measure import Measure
    from capillary.model.money import CurrencyFile
    from capillary.model.place import Region
    from capillary.model.rates import RateTable
    from capillary.model.text import Message

WHOLE_SHARE = 10_000


@dataclass(frozen=True)
class Aid:
    """What a programme pays of a one-off price: a share, up to a cap.

    Attributes:
        share: in hundredths of a percent, so that it is a whole number: 3000 is 30 %.
        cap: the most that is paid, in the currency of the need; None for no cap.
    """

    share: int
    cap: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= WHOLE_SHARE or (self.cap is not None and self.cap < 0):
            raise ValueError("a share of aid is 0 to 10,000 hundredths of a percent, and a cap 0 or more")

    def of(self, one_off: int) -> int:
        """Return what is paid of a one-off price, rounded down to whole units.

        >>> Aid(3000, 2500).of(9_999), Aid(3000).of(9_999)
        (2500, 2999)
        """
        paid = one_off * self.share // WHOLE_SHARE
        return paid if self.cap is None else min(paid, self.cap)


@dataclass(frozen=True)
class Need:
    """What a firm wants and what it demands; what is None or empty demands nothing.

    Attributes:
        on: the day of the question.
        wanted: measures, each with the last day on which work on it may begin; None where any day will do.
        places: the firm's region and every region that holds it; see `places_of`.
        sector: its sector.
        employees: its head count.
        users, machines: what prices by user and machine are multiplied by.
        languages: languages that would do.
        kinds: kinds of offer that would do.
        budget: the most that the first year may cost after aid, in ``currency``.
        currency: in which the budget and all results are.
        aid: what is paid of the one-off price.
        start_by: the day by which it must be possible to begin.
        accreditation: an accreditation that the provider must hold on the day.
        parties: organisations that the provider must not be bound to, such as the firm's adviser or its bank.
        bonds: by provider, what binds it to those who advise or assess the firm; it rules nothing out, and is said.
    """

    on: str
    wanted: Mapping[str, str | None] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    sector: str | None = None
    employees: int | None = None
    users: int = 0
    machines: int = 0
    languages: frozenset[str] = frozenset()
    kinds: frozenset[OfferKind] = frozenset()
    budget: int | None = None
    currency: str = "CNY"
    aid: Aid | None = None
    start_by: str | None = None
    accreditation: str | None = None
    parties: frozenset[str] = frozenset()
    bonds: Mapping[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        days = [self.on, *(day for day in (*self.wanted.values(), self.start_by) if day is not None)]
        wrong = [day for day in days if not is_day(day)]
        if wrong:
            raise ValueError(f"{wrong[0]} is no day")
        if min(self.users, self.machines, self.budget or 0, self.employees or 0) < 0:
            raise ValueError("users, machines, budget and head count are 0 or more")

    @property
    def size(self) -> SizeClass | None:
        """The class of the head count; None where it is not known."""
        return None if self.employees is None else size_class(self.employees)


def places_of(region: str | None, regions: Mapping[str, Region]) -> tuple[str, ...]:
    """Return a region and every region that holds it, the smallest first; nothing where it is not known.

    >>> from capillary.model.place import Region; from capillary.model.text import Text
    >>> word = Text(zh="", en="")
    >>> known = {"CN": Region(id="CN", title=word), "CN-JS": Region(id="CN-JS", title=word, parent="CN")}
    >>> places_of("CN-JS", known)
    ('CN-JS', 'CN')
    """
    found: list[str] = []
    while region is not None and region not in found:
        found.append(region)
        region = regions[region].parent if region in regions else None
    return tuple(found)


def wanted_of(levels: Mapping[str, int], measures: Mapping[str, Measure]) -> dict[str, str | None]:
    """Return the measures that would raise a firm without a plan: it is ready for them and does not have them.

    Args:
        levels: the certain level of every capability; what is left out is 0.
        measures: all measures.
    """
    return {
        measure.id: None
        for measure in measures.values()
        if any(levels.get(item.capability, 0) < item.to for item in measure.raises)
        and all(levels.get(item.capability, 0) >= item.from_ for item in measure.raises)
        and all(levels.get(name, 0) >= level for name, level in measure.needs.capabilities.items())
    }


def still_useful(
    wanted: Mapping[str, str | None], levels: Mapping[str, int], measures: Mapping[str, Measure]
) -> dict[str, str | None]:
    """Return the wanted measures that would still raise a capability above a firm's level, or fulfil an answer."""
    return {
        name: day
        for name, day in wanted.items()
        if name in measures
        and (
            bool(measures[name].fulfils)
            or any(levels.get(item.capability, 0) < item.to for item in measures[name].raises)
        )
    }


@dataclass(frozen=True)
class Charge:
    """A price in the currency of a need, in whole units, each figure rounded up.

    Attributes:
        one_off, yearly: (fixed, for each user, for each machine).
    """

    one_off: tuple[int, int, int]
    yearly: tuple[int, int, int]

    def of(self, users: int, machines: int) -> tuple[int, int]:
        """Return what a firm pays once and in a year."""
        once, year = (a + b * users + c * machines for a, b, c in (self.one_off, self.yearly))
        return once, year


@dataclass(frozen=True)
class Rates:
    """What a unit of each currency is worth, by code, in one currency that need not be told."""

    worth: Mapping[str, Fraction]

    @classmethod
    def of(cls, file: CurrencyFile) -> Rates:
        """Return the rates of the content."""
        return cls({rate.currency: rate.per_unit for rate in file.rates})

    @classmethod
    def at(cls, table: RateTable) -> Rates:
        """Return the rates of a day."""
        return cls({currency: table.worth(currency) for currency in table.currencies})

    def charge(self, price: Price, currency: str) -> Charge | None:
        """Return a price in a currency; None where only the provider can say it.

        Raises:
            KeyError: there is no rate for one of the currencies.
        """
        if price.model == "on-request":
            return None
        rate = self.worth[price.currency] / self.worth[currency]
        return Charge(_up(price.one_off, rate), _up(price.yearly, rate))


def _up(part: PricePart, rate: Fraction) -> tuple[int, int, int]:
    fixed, user, machine = (
        -(-amount * rate.numerator // rate.denominator)
        for amount in (part.fixed, part.per_user, part.per_machine)
    )
    return fixed, user, machine
