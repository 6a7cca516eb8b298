"""The market: offers, the providers behind them, and what is known of their work.

These types are the schema of a file of offers (``docs/reference/offers.md``). An offer *delivers* measures; which capabilities
it raises, and to which level, follows from the measures and is stated nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from capillary.model.measure import Currency
from capillary.model.place import RegionCode
from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Identifier, Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.measure import Measure

OfferKind = Literal[
    "product",
    "integration-service",
    "consulting",
    "course",
    "security-service",
    "financing",
    "demonstration-visit",
    "cooperation",
]
OFFER_KINDS: tuple[OfferKind, ...] = get_args(OfferKind)
ProviderKind = Literal[
    "integrator",
    "product-vendor",
    "chain-leader",
    "new-type-entity",
    "training-organisation",
    "university",
    "public-body",
    "bank",
]
PROVIDER_KINDS: tuple[ProviderKind, ...] = get_args(ProviderKind)
# The five profile types of the Enterprise Europe Network: who pays is the request, who is paid is the offer. For research and
# development it knows requests only.
CooperationProfile = Literal[
    "business-offer", "business-request", "technology-offer", "technology-request", "research-request"
]
COOPERATION_PROFILES: tuple[CooperationProfile, ...] = get_args(CooperationProfile)
Partnership = Literal[
    "commercial", "investment", "supply", "research", "technical-assistance", "licence", "other"
]
PARTNERSHIPS: tuple[Partnership, ...] = get_args(Partnership)
SizeClass = Literal["micro", "small", "medium", "large"]
SIZE_CLASSES: tuple[SizeClass, ...] = get_args(SizeClass)
PriceModel = Literal["free", "listed", "on-request"]
PRICE_MODELS: tuple[PriceModel, ...] = get_args(PriceModel)

_ENDS: tuple[tuple[SizeClass, int], ...] = (("micro", 10), ("small", 50), ("medium", 250))
MOST_PRICE = 1_000_000_000
MOST_COUNT = 1_000_000
MOST_WEEKS = 520
Money = Annotated[int, Meta(ge=0, le=MOST_PRICE)]
Count = Annotated[int, Meta(ge=0, le=MOST_COUNT)]
Weeks = Annotated[int, Meta(ge=0, le=MOST_WEEKS)]
LanguageCode = Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class PricePart(_Item, frozen=True, kw_only=True):
    """One-off or yearly price in whole units: a fixed part, and parts for each user and each machine."""

    fixed: Money = 0
    per_user: Money = 0
    per_machine: Money = 0

    def of(self, users: int, machines: int) -> int:
        """Return what a firm of this size pays.

        >>> PricePart(fixed=100, per_user=5).of(10, 3)
        150
        """
        return self.fixed + self.per_user * users + self.per_machine * machines


class Price(_Item, frozen=True, kw_only=True):
    """What an offer costs: nothing, what is listed, or what only the provider can say.

    Attributes:
        currency: code of ISO 4217.
        one_off: paid once.
        yearly: paid every year.
    """

    model: PriceModel = "listed"
    currency: Currency
    one_off: PricePart = PricePart()
    yearly: PricePart = PricePart()


class Capacity(_Item, frozen=True, kw_only=True):
    """How many firms can be taken on in a quarter, and the first day on which one can be."""

    places: Count
    free_from: Date


class Proof(_Item, frozen=True, kw_only=True):
    """Something that supports what an offer says: a certificate, a test report, a public award."""

    title: Text
    url: Annotated[str, Meta(pattern=r"^https?://", max_length=500)] | None = None


class Cooperation(_Item, frozen=True, kw_only=True):
    """What kind of partner is sought, after the profiles of the Enterprise Europe Network.

    Attributes:
        partnerships: forms that would do.
        partner_regions: where the partner may be; empty for anywhere.
        readiness: technology readiness level, 1 to 9; None where it does not apply.
    """

    profile: CooperationProfile
    partnerships: Annotated[tuple[Partnership, ...], AT_LEAST_ONE]
    partner_regions: tuple[RegionCode, ...] = ()
    readiness: Annotated[int, Meta(ge=1, le=9)] | None = None


class Offer(_Item, frozen=True, kw_only=True):
    """Something that a provider delivers.

    Attributes:
        provider: id of the provider.
        measures: ids of the measures that it delivers whole.
        sectors, sizes, regions: the firms that it is for; empty for all. A region stands for everything in it.
        languages: languages in which it is delivered, by codes of ISO 639.
        weeks: time from the order to delivery.
        references: firms served, by sector.
        cooperation: for a cooperation, and for nothing else: what is sought.
        valid_from, valid_to: days on which it stands, both included.
        version: counts up with every change.
    """

    id: Identifier
    kind: OfferKind
    provider: Identifier
    title: Text
    summary: Text
    measures: tuple[Identifier, ...] = ()
    sectors: tuple[Identifier, ...] = ()
    sizes: tuple[SizeClass, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    languages: Annotated[tuple[LanguageCode, ...], AT_LEAST_ONE]
    price: Price
    weeks: Weeks
    capacity: Capacity
    references: dict[Identifier, Count] = {}
    evidence: tuple[Proof, ...] = ()
    cooperation: Cooperation | None = None
    valid_from: Date
    valid_to: Date
    version: Annotated[int, Meta(ge=1)] = 1


class Accreditation(_Item, frozen=True, kw_only=True):
    """What a programme of the kind ``recognition`` said of a provider, from a day to a day, both included.

    Attributes:
        programme: id of the programme whose rules were applied.
        version: id of the version of these rules; None where a file does not tell.
        by: who decided; None where a file does not tell.
    """

    programme: Identifier
    granted_on: Date
    valid_to: Date
    version: Identifier | None = None
    by: Text | None = None


class Conflict(_Item, frozen=True, kw_only=True):
    """An organisation that the provider is bound to, so that it cannot judge or be judged without bias."""

    party: Identifier
    reason: Text


class Tally(_Item, frozen=True, kw_only=True):
    """So many of so many; never a share alone."""

    hits: Count = 0
    of: Count = 0


class Record(_Item, frozen=True, kw_only=True):
    """What is known of a provider's finished projects: counts of facts that both sides confirmed, no grade.

    Attributes:
        delivered: projects delivered.
        by_sector: of these, by the sector of the firm.
        levels_gained: projects by the number of levels that the firm rose by, as the key.
        in_time: projects delivered by the day that was quoted.
        in_budget: projects that cost no more than was quoted.
        satisfied: firms that said yes, of those who answered.
    """

    delivered: Count = 0
    by_sector: dict[Identifier, Count] = {}
    levels_gained: dict[Annotated[str, Meta(pattern=r"^\d$")], Count] = {}
    in_time: Tally = Tally()
    in_budget: Tally = Tally()
    satisfied: Tally = Tally()


class Provider(_Item, frozen=True, kw_only=True):
    """Who stands behind offers.

    Attributes:
        region: where it is.
        regions: where it works; empty for everywhere.
        since: the first day on which it worked in its region, where rules ask for it.
        places: firms that it can take on in a quarter, over all its offers; None where it sets no limit of its own. Once they
            are taken no lead is shown to it, no need sent to it, and it takes care of none.
        demonstration: whether it is made up for showing the product.
    """

    id: Identifier
    kind: ProviderKind
    title: Text
    summary: Text
    region: RegionCode
    regions: tuple[RegionCode, ...] = ()
    languages: Annotated[tuple[LanguageCode, ...], AT_LEAST_ONE]
    since: Date | None = None
    places: Count | None = None
    accreditations: tuple[Accreditation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    record: Record = Record()
    demonstration: bool = False


class MarketFile(_Item, frozen=True, kw_only=True):
    """A file of offers and providers as it is written; ``source`` and ``certainty`` hold for everything in it."""

    source: Identifier
    certainty: Certainty
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    providers: tuple[Provider, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, eq=False)
class Market:
    """Offers and providers by id."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    providers: Mapping[str, Provider] = field(default_factory=dict)


def market_of(offers: Iterable[Offer], providers: Iterable[Provider]) -> Market:
    """Return the market of offers and providers, in the order given."""
    return Market({item.id: item for item in offers}, {item.id: item for item in providers})


def size_class(employees: int) -> SizeClass:
    """Return the class of a head count: below 10, 50, 250, and above.

    The ends are those for head counts in the annex of the European Commission's Recommendation 2003/361/EC; turnover is not
    looked at, so this is no legal classification.

    Raises:
        ValueError: the head count is negative.

    >>> size_class(9), size_class(10), size_class(249), size_class(250)
    ('micro', 'small', 'medium', 'large')
    """
    if employees < 0:
        raise ValueError("a head count is 0 or more")
    return next((name for name, end in _ENDS if employees < end), "large")


def raised_by(names: Iterable[str], measures: Mapping[str, Measure]) -> dict[str, tuple[int, int]]:
    """Return what delivering measures raises: by capability, the lowest level to begin from and the highest reached.

    Args:
        names: ids of measures, such as an offer's.
        measures: all measures; names that are not among them raise nothing.
    """
    found: dict[str, tuple[int, int]] = {}
    for name in names:
        for item in measures[name].raises if name in measures else ():
            low, high = found.get(item.capability, (item.from_, item.to))
            found[item.capability] = (min(low, item.from_), max(high, item.to))
    return dict(sorted(found.items()))
