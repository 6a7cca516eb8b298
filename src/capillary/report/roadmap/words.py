"""Figures of a roadmap in words: money, quarters, chances, years; and the names of what a plan deals with."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from capillary.model.measure import SPEND_WORDS
from capillary.model.text import Text, msg
from capillary.report.figures import shown, tidy_digits
from capillary.roadmap.quarters import moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from capillary.model.measure import Risk, StaffRole
    from capillary.model.money import CurrencyFile
    from capillary.model.text import Message
    from capillary.report.page import Words
    from capillary.roadmap.goal import Aim, Subsidy
    from capillary.roadmap.roadmap import PlanView

AIM_TITLES: Mapping[Aim, Message] = {
    "cheapest": msg("Cheapest"),
    "fastest": msg("Fastest"),
    "safest": msg("Safest"),
    "highest": msg("Highest score"),
    "steady": msg("Most over time"),
}
# behind the first one, where a plan is the best in several ways
AIM_MORE: Mapping[Aim, Message] = {
    "cheapest": msg("cheapest"),
    "fastest": msg("fastest"),
    "safest": msg("safest"),
    "highest": msg("highest score"),
    "steady": msg("most over time"),
}
AIM_WORDS: Mapping[Aim, Message] = {
    "cheapest": msg("the cheapest"),
    "fastest": msg("the fastest"),
    "safest": msg("the safest"),
    "highest": msg("the one with the highest score"),
    "steady": msg("the one with the most points over all quarters"),
}
ROLE_TITLES: Mapping[StaffRole, Message] = {
    "owner": msg("Owner"),
    "shop-floor": msg("Shop floor"),
    "office": msg("Office"),
    "it": msg("IT"),
}
ROLE_WORDS: Mapping[str, Message] = {
    "owner": msg("the owner"),
    "shop-floor": msg("shop-floor staff"),
    "office": msg("office staff"),
    "it": msg("IT staff"),
}
RISK_WORDS: Mapping[Risk, Message] = {"low": msg("low"), "medium": msg("medium"), "high": msg("high")}
_MONTHS = 12


def grouped(amount: float) -> str:
    """Return a whole number with separators for thousands.

    >>> grouped(1234567), grouped(-8000)
    ('1,234,567', '−8,000')
    """
    whole = round(amount)
    return f"{'−' if whole < 0 else ''}{abs(whole):,}"


def about(amount: float) -> str:
    """Return an estimate with no more than its two leading digits.

    >>> about(24842), about(407680), about(9)
    ('25,000', '410,000', '9')
    """
    whole = round(amount)
    unit = 10 ** max(0, len(str(abs(whole))) - 2)
    return grouped((2 * abs(whole) + unit) // (2 * unit) * unit * (1 if whole >= 0 else -1))


def points(score: Fraction) -> str:
    """Return a score as it is shown.

    >>> from fractions import Fraction
    >>> points(Fraction(46)), points(Fraction(963, 20))
    ('46', '48.15')
    """
    return shown(score, tidy_digits(score, most=2))


def between(low: float, high: float) -> str:
    """Return a range of estimates, or the one number that both ends are shown as."""
    first, last = about(low), about(high)
    return first if first == last else f"{first}–{last}"


@dataclass(frozen=True)
class Money:
    """Says amounts of one currency.

    Attributes:
        unit: its name where it stands at an amount.
    """

    unit: Text

    @classmethod
    def of_currency(cls, currency: str, currencies: CurrencyFile) -> Money:
        """Return how amounts of a currency are said."""
        title = "元" if currency == "CNY" else currencies.rate(currency).title.zh
        return cls(Text(zh=title, en=currency))

    def say(self, amount: float) -> Message:
        """Return an amount with its unit.

        >>> Money(Text(zh="元", en="CNY")).say(300000).in_("en")
        'CNY 300,000'
        """
        return self.words(grouped(amount))

    def words(self, amount: str) -> Message:
        """Return an amount that is written already, with its unit."""
        return msg("{unit} {amount}", unit=self.unit, amount=amount)


@dataclass(frozen=True)
class Calendar:
    """Says the quarters of a plan.

    Attributes:
        first: year and quarter of the plan's first quarter.
    """

    first: tuple[int, int]

    def place(self, number: int) -> tuple[int, int]:
        """Return year and quarter of a plan's quarter, which count from 1.

        >>> Calendar((2027, 3)).place(1), Calendar((2027, 3)).place(3), Calendar((2027, 1)).place(0)
        ((2027, 3), (2028, 1), (2026, 4))
        """
        return moved(self.first, number - 1)

    def say(self, number: int) -> Message:
        """Return a quarter in words."""
        year, quarter = self.place(number)
        return msg("{year} Q{quarter}", year=year, quarter=quarter)

    def span(self, begins: int, ends: int) -> Message:
        """Return a stretch of quarters in words.

        >>> [Calendar((2027, 3)).span(1, last).in_("en") for last in (1, 2, 3)]
        ['2027 Q3', '2027 Q3–Q4', '2027 Q3 – 2028 Q1']
        """
        if begins == ends:
            return self.say(begins)
        (year, first), (last_year, last) = self.place(begins), self.place(ends)
        if year == last_year:
            return msg("{year} Q{first}–Q{last}", year=year, first=first, last=last)
        return msg("{first} – {last}", first=self.say(begins), last=self.say(ends))


def chance(given: tuple[float, float]) -> Message:
    """Return a chance as a range of percent.

    >>> chance((0.95, 1.0)).in_("en"), chance((1.0, 1.0)).in_("en")
    ('95–100 %', '100 %')
    """
    low, high = (round(share * 100) for share in given)
    if low == high:
        return msg("{percent} %", percent=low)
    return msg("{low}–{high} %", low=low, high=high)


def years(value: float | None, longest: int) -> Message:
    """Return a time until something is paid back.

    >>> [years(value, 10).in_("en") for value in (0.0, 0.05, 0.1, 0.5, 1.0, 2.54, None)]
    ['at once', '1 month', '2 months', '6 months', '1 year', '2.5 years', 'not within 10 years']
    """
    if value is None:
        return msg("not within {years} years", years=longest)
    if value <= 0:
        return msg("at once")
    months = ceil(value * _MONTHS)
    if months < _MONTHS:
        return msg("1 month") if months == 1 else msg("{months} months", months=months)
    shown = f"{value:.1f}".removesuffix(".0")
    return msg("1 year") if shown == "1" else msg("{years} years", years=shown)


def joined(items: Sequence[Words]) -> Words:
    """Return words as an enumeration.

    >>> joined(["a", "b", "c"]).in_("en")
    'a, b and c'
    """
    *others, last = items
    if not others:
        return last
    found: Words = others[-1]
    for item in reversed(others[:-1]):
        found = msg("{first}, {rest}", first=item, rest=found)
    return msg("{first} and {last}", first=found, last=last)


def listed(items: Sequence[Words]) -> Words:
    """Return titles one after the other; they may hold commas themselves.

    >>> listed(["Rules, roles", "ERP"]).in_("en")
    'Rules, roles; ERP'
    """
    found = items[-1]
    for item in reversed(items[:-1]):
        found = msg("{first}; {rest}", first=item, rest=found)
    return found


def counted_words(subsidy: Subsidy) -> Message | None:
    """Return which spend a programme's subsidy counts; None where the firm stated the subsidy itself."""
    if subsidy.counts is None:
        return None
    if subsidy.categories is None:
        return msg("Its rules name no category of spend: every one-off cost counts, which is unverified ‡.")
    names = joined([words for name, words in SPEND_WORDS.items() if name in subsidy.categories])
    if subsidy.counts == "unverified":
        return msg("Of the one-off costs it counts {categories}, which is unverified ‡.", categories=names)
    return msg("Of the one-off costs it counts {categories}.", categories=names)


def aim_title(view: PlanView) -> Words:
    """Return what a plan is called: everything that it is best at."""
    first, *others = view.aims
    return joined([AIM_TITLES[first], *(AIM_MORE[aim] for aim in others)])
