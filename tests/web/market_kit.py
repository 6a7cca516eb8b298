"""What the tests of the market's pages share: a small market that is public, and the provider of the world's own."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils import timezone

from capillary.content.library import Library
from capillary.model.market import Offer, Provider, market_of
from capillary.model.text import Text
from capillary.web.demo.market import demonstration_market
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.services import market_load, offer_save, provider_save

from ..market_kit import listed, offer, provider
from .kit import World

FAR = {"valid_from": "2020-01-01", "valid_to": "2099-12-31"}


def named(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def publish(*offers: Offer, **parts: Any) -> None:
    """Make offers of one provider public, which is made up."""
    market_load(market_of([msgspec.structs.replace(item, **FAR) for item in offers], [provider(**parts)]))


def shop(world: World, **parts: Any) -> MarketProvider:
    """Return what the world's provider says of itself."""
    organisation = world.users["provider"].positions.get().organisation
    about: dict[str, Any] = {
        "id": "shop",
        "kind": "product-vendor",
        "title": named("示例服务商", "Example Provider"),
        "summary": named("做软件", "Makes software"),
        "region": "CN-JS",
        "languages": ("zh",),
    }
    own = Provider(**(about | parts))
    return provider_save(organisation=organisation, by=world.users["provider"], provider=own)


def draft(world: World, name: str = "crm", **parts: Any) -> MarketOffer:
    """Return an offer that the world's provider works on."""
    row = MarketProvider.objects.filter(code="shop").first() or shop(world)
    item = offer(
        name,
        **(
            FAR
            | {
                "provider": "shop",
                "title": named("云端客户管理", "CRM in the cloud"),
                "summary": named("客户和订单都在云端", "Customers and orders in the cloud"),
                "price": listed(6000, 4800),
            }
            | parts
        ),
    )
    return offer_save(provider=row, by=world.users["provider"], offer=item)


def demonstrate(offers: int = 400) -> None:
    """Make the demonstration's market public, as it stands this year."""
    market_load(demonstration_market(Library(), offers, year=timezone.localdate().year))
