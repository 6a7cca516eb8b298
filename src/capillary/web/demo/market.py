"""A market for showing the product: made-up offers of made-up providers, named plainly so, the same on every machine.

Nothing here stands for a real firm. Prices follow the estimates of the measures that an offer delivers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from capillary.model.market import (
    MOST_PRICE,
    PARTNERSHIPS,
    SIZE_CLASSES,
    Accreditation,
    Capacity,
    Conflict,
    Cooperation,
    Market,
    MarketFile,
    Offer,
    Price,
    PricePart,
    Proof,
    Provider,
    Record,
    Tally,
    market_of,
)
from capillary.model.market_words import OFFER_KIND_WORDS, PROVIDER_KIND_WORDS
from capillary.model.standard import Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.content.library import Library
    from capillary.model.market import CooperationProfile, OfferKind, ProviderKind
    from capillary.model.measure import Measure

REGIONS = ("CN-ZJ", "CN-JS", "CN-GD", "CN-SC", "CN-HB")
OFFERS, PROVIDERS, YEAR = 400, 120, 2026
# of every twenty providers
_PROVIDER_MIX: tuple[tuple[ProviderKind, int], ...] = (
    ("integrator", 5),
    ("product-vendor", 6),
    ("chain-leader", 1),
    ("new-type-entity", 1),
    ("training-organisation", 2),
    ("university", 2),
    ("public-body", 2),
    ("bank", 1),
)
_KINDS: dict[ProviderKind, tuple[OfferKind, ...]] = {
    "integrator": ("integration-service", "consulting", "security-service", "integration-service"),
    "product-vendor": ("product", "product", "product", "security-service"),
    "chain-leader": ("demonstration-visit", "integration-service", "cooperation"),
    "new-type-entity": ("product", "integration-service", "demonstration-visit"),
    "training-organisation": ("course", "course", "consulting"),
    "university": ("cooperation", "course", "consulting"),
    "public-body": ("security-service", "consulting", "demonstration-visit"),
    "bank": ("financing",),
}
_PROFILES: tuple[CooperationProfile, ...] = (
    "technology-offer",
    "research-request",
    "business-request",
    "technology-request",
    "business-offer",
)
T = TypeVar("T")


@dataclass(frozen=True)
class _Lot:
    """Choices that depend on nothing but a name."""

    name: str

    def number(self, what: str, below: int) -> int:
        """Return a whole number from 0 to below ``below``."""
        digest = hashlib.sha256(f"{self.name}/{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below

    def one(self, what: str, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.number(what, len(items))]

    def some(self, what: str, items: Sequence[T], most: int) -> tuple[T, ...]:
        """Return between one and ``most`` of the items, in their order."""
        count = 1 + self.number(f"{what}/count", min(most, len(items)))
        ranked = sorted(range(len(items)), key=lambda index: self.number(f"{what}/{index}", 1 << 32))
        return tuple(items[index] for index in sorted(ranked[:count]))


def demonstration_market(
    library: Library, offers: int = OFFERS, providers: int = PROVIDERS, year: int = YEAR
) -> Market:
    """Return the demonstration's market.

    Args:
        library: measures and sectors that offers name.
        offers: how many; every measure is delivered by one of them where there are as many.
        providers: how many.
        year: in which all of it begins to stand; it ends one or two years later.
    """
    behind = [_provider(number, library, year) for number in range(1, providers + 1)]
    measures = tuple(library.measures().measures.values())
    made = [
        _offer(number, behind[(number - 1) % providers], measures, library, year)
        for number in range(1, offers + 1)
    ]
    return market_of(made, behind)


def demonstration_file(library: Library) -> MarketFile:
    """Return the demonstration's market as a file, which says what it is."""
    market = demonstration_market(library)
    title = Text(zh="演示数据，全部虚构", en="Demonstration data, all made up")
    return MarketFile(
        source="demonstration",
        certainty="unverified",
        sources=(Source(id="demonstration", title=title),),
        providers=tuple(market.providers.values()),
        offers=tuple(market.offers.values()),
    )


def _provider_kind(number: int) -> ProviderKind:
    kinds = [kind for kind, count in _PROVIDER_MIX for _ in range(count)]
    # 7 and 20 have no common divisor, so twenty in a row hold the whole mix
    return kinds[number * 7 % len(kinds)]


def _provider(number: int, library: Library, year: int) -> Provider:
    lot = _Lot(f"provider {number}")
    kind = _provider_kind(number)
    region = REGIONS[number % len(REGIONS)]
    words = PROVIDER_KIND_WORDS[kind]
    wide = number % 4 == 0
    delivered = lot.number("delivered", 30)
    sectors = list(library.sectors())
    in_time, in_budget, asked = (
        delivered - lot.number(name, delivered // 3 + 1) for name in ("time", "budget", "asked")
    )
    gained = lot.number("gained", delivered + 1)
    return Provider(
        id=f"demo-provider-{number}",
        kind=kind,
        title=Text(zh=f"演示服务商 {number}", en=f"Demonstration provider {number}"),
        summary=Text(
            zh=f"用来演示的{words.zh}，并非真实机构。",
            en=f"{words.en} for demonstration; no real organisation.",
        ),
        region=region,
        regions=() if wide else tuple(sorted({region, lot.one("second", REGIONS)})),
        languages=("zh", "en") if number % 3 == 0 else ("zh",),
        since=f"{2010 + lot.number('since', 14)}-01-01",
        places=4 + lot.number("places", 40),
        accreditations=()
        if number % 5 == 0
        else (
            Accreditation(
                programme="platform-admission", granted_on=f"{year}-01-01", valid_to=f"{year + 1}-12-31"
            ),
        ),
        conflicts=()
        if number % 17
        else (
            Conflict(
                party=f"demo-provider-{number % PROVIDERS + 1}",
                reason=Text(zh="演示：同一控制人", en="Demonstration: the same owner"),
            ),
        ),
        record=Record(
            delivered=delivered,
            by_sector={lot.one("sector", sectors): delivered} if delivered else {},
            levels_gained={"0": delivered - gained, "1": gained} if delivered else {},
            in_time=Tally(hits=in_time, of=delivered),
            in_budget=Tally(hits=in_budget, of=delivered),
            satisfied=Tally(hits=asked - lot.number("unhappy", asked // 4 + 1), of=asked),
        ),
        demonstration=True,
    )


def _offer(
    number: int, provider: Provider, measures: Sequence[Measure], library: Library, year: int
) -> Offer:
    lot = _Lot(f"offer {number}")
    kind = lot.one("kind", _KINDS[provider.kind])
    delivered = _delivered(number, kind, lot, measures)
    sectors = list(library.sectors())
    title, summary = _words(number, kind, delivered)
    return Offer(
        id=f"demo-offer-{number}",
        kind=kind,
        provider=provider.id,
        title=title,
        summary=summary,
        measures=tuple(item.id for item in delivered),
        sectors=() if lot.number("sectors?", 2) else lot.some("sectors", sectors, 6),
        sizes=() if lot.number("sizes?", 2) else lot.some("sizes", SIZE_CLASSES, 3),
        regions=provider.regions,
        languages=provider.languages,
        price=_price(kind, delivered, lot),
        weeks=max((item.weeks[1] for item in delivered), default=2),
        capacity=Capacity(
            places=1 + lot.number("places", 12), free_from=f"{year}-{1 + lot.number('month', 12):02d}-01"
        ),
        references=dict.fromkeys(lot.some("references", sectors, 3), 1 + lot.number("reference count", 15))
        if lot.number("references?", 3)
        else {},
        evidence=(Proof(title=Text(zh="演示用的证明", en="Proof for demonstration")),)
        if lot.number("proof?", 2)
        else (),
        cooperation=Cooperation(
            profile=lot.one("profile", _PROFILES),
            partnerships=lot.some("partnerships", PARTNERSHIPS, 2),
            readiness=1 + lot.number("readiness", 9),
        )
        if kind == "cooperation"
        else None,
        valid_from=f"{year}-01-01",
        valid_to=f"{year + 1 + lot.number('years', 2)}-12-31",
    )


def _delivered(number: int, kind: OfferKind, lot: _Lot, measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """Return what an offer delivers: one measure in turn, and neighbours where it is a service that joins them."""
    if kind in {"financing", "cooperation", "demonstration-visit"}:
        return ()
    first = number * 5 % len(measures)
    wide = {"integration-service": 5, "consulting": 2, "security-service": 2}.get(kind, 1)
    count = 1 + lot.number("measures", wide)
    return tuple(measures[(first + step) % len(measures)] for step in range(count))


def _words(number: int, kind: OfferKind, delivered: Sequence[Measure]) -> tuple[Text, Text]:
    word = OFFER_KIND_WORDS[kind]
    if not delivered:
        return (
            Text(zh=f"演示{word.zh} {number}", en=f"Demonstration {number}: {word.en.lower()}"),
            Text(zh=f"用来演示的{word.zh}，并非真实服务。", en=f"{word.en} for demonstration; nothing real."),
        )
    first = delivered[0]
    return (
        Text(zh=f"演示{word.zh} {number}：{first.title.zh}", en=f"Demonstration {number}: {first.title.en}"),
        Text(
            zh="；".join(item.title.zh for item in delivered) + f"。{first.summary.zh}",
            en="; ".join(item.title.en for item in delivered) + f". {first.summary.en}",
        ),
    )


def _price(kind: OfferKind, delivered: Sequence[Measure], lot: _Lot) -> Price:
    currency = "EUR" if lot.number("euro?", 20) == 0 else "CNY"
    if kind == "demonstration-visit" or (kind == "security-service" and lot.number("free?", 2)):
        return Price(model="free", currency=currency)
    if kind in {"financing", "cooperation"} or lot.number("asked?", 12) == 0:
        return Price(model="on-request", currency=currency)
    percent = 70 + lot.number("percent", 80)
    divisor = 800 if currency == "EUR" else 100
    one_off, yearly = (
        PricePart(
            **{
                entry: min(
                    MOST_PRICE,
                    sum(getattr(getattr(item.cost, part), entry)[1] for item in delivered)
                    * percent
                    // divisor,
                )
                for entry in ("fixed", "per_user", "per_machine")
            }
        )
        for part in ("one_off", "yearly")
    )
    if one_off == yearly == PricePart():
        # what costs nothing but work is sold as days of advice
        one_off = PricePart(fixed=(1 + lot.number("days", 8)) * (200 if currency == "EUR" else 1500))
    return Price(currency=currency, one_off=one_off, yearly=yearly)
