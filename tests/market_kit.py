"""What the tests of the market share: small offers and providers, and worlds of them by lot."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import msgspec

from capillary.content.library import Library
from capillary.content.market import Vocabulary, vocabulary_of
from capillary.model.market import (
    SIZE_CLASSES,
    Capacity,
    Market,
    Offer,
    Price,
    PricePart,
    Provider,
    market_of,
)
from capillary.model.text import Text

ON = "2026-06-01"
MEASURES = ("crm-cloud", "sales-records-spreadsheet", "sales-integrated", "accounting-software", "hr-system")
SECTORS = ("metal-products", "machinery", "food-drink")
REGIONS = ("CN", "CN-JS", "CN-ZJ", "DE")


def text(word: str = "text") -> Text:
    return Text(zh=f"文字 {word}", en=word)


@cache
def vocabulary() -> Vocabulary:
    return vocabulary_of(Library())


def offer(name: str = "a", **parts: Any) -> Offer:
    given: dict[str, Any] = {
        "id": name,
        "kind": "product",
        "provider": "p",
        "title": text(name),
        "summary": text(name),
        "measures": (MEASURES[0],),
        "languages": ("zh",),
        "price": listed(1000),
        "weeks": 4,
        "capacity": Capacity(places=3, free_from="2026-01-01"),
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    }
    return Offer(**(given | parts))


def listed(one_off: int, yearly: int = 0, currency: str = "CNY", **parts: int) -> Price:
    return Price(currency=currency, one_off=PricePart(fixed=one_off, **parts), yearly=PricePart(fixed=yearly))


def provider(name: str = "p", **parts: Any) -> Provider:
    given: dict[str, Any] = {
        "id": name,
        "kind": "integrator",
        "title": text(name),
        "summary": text(name),
        "region": "CN-JS",
        "languages": ("zh",),
    }
    return Provider(**(given | parts))


def price_by_lot(dice: Random) -> Price:
    kind = dice.random()
    if kind < 0.1:
        return Price(model="free", currency="CNY")
    if kind < 0.2:
        return Price(model="on-request", currency="CNY")
    return Price(
        currency=dice.choice(["CNY", "CNY", "EUR"]),
        one_off=PricePart(fixed=dice.randint(1, 5) * 1000, per_user=dice.randint(0, 2) * 10),
        yearly=PricePart(fixed=dice.randint(0, 3) * 100, per_machine=dice.randint(0, 2) * 7),
    )


def market_by_lot(dice: Random, offers: int = 12, providers: int = 4) -> Market:
    """Return a market in which much is alike, so that ties and filters matter."""
    behind = [
        provider(
            f"p{number}",
            accreditations=(
                [{"programme": "platform-admission", "granted_on": "2026-01-01", "valid_to": "2026-12-31"}]
                if dice.random() < 0.5
                else []
            ),
            conflicts=(
                [{"party": "bank-1", "reason": {"zh": "股东", "en": "owner"}}] if dice.random() < 0.2 else []
            ),
        )
        for number in range(providers)
    ]
    behind = [msgspec.convert(msgspec.to_builtins(item), Provider) for item in behind]
    made = [
        offer(
            f"o{number}",
            kind=dice.choice(["product", "consulting", "course"]),
            provider=f"p{dice.randrange(providers)}",
            measures=tuple(sorted(dice.sample(MEASURES, dice.randint(0, 3)))),
            sectors=tuple(sorted(dice.sample(SECTORS, dice.randint(0, 2)))),
            sizes=tuple(item for item in SIZE_CLASSES if dice.random() < 0.5),
            regions=tuple(sorted(dice.sample(REGIONS, dice.randint(0, 2)))),
            languages=dice.choice([("zh",), ("en",), ("zh", "en")]),
            price=price_by_lot(dice),
            weeks=dice.randint(1, 3),
            capacity=Capacity(
                places=dice.choice([0, 1, 5]), free_from=f"2026-{dice.choice(['01', '05', '07', '10'])}-01"
            ),
            references={SECTORS[0]: dice.choice([1, 2, 3, 9, 10, 30])} if dice.random() < 0.6 else {},
            valid_to=dice.choice(["2026-05-31", "2026-12-31"]),
        )
        for number in range(offers)
    ]
    return market_of(made, behind)


def lot(seed: int) -> Random:
    """Return dice for a seed."""
    return Random(seed)  # noqa: S311 - a lot, no secret
