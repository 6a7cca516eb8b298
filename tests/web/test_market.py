"""The public market: what is found, what is shown, what ends, and what another process has changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from capillary.model.market import Record, Tally
from capillary.web.market.live import live, provider_public
from capillary.web.market.models import MarketOffer, OfferVersion
from capillary.web.market.services import (
    NotNowError,
    offer_publish,
    offer_return,
    offer_submit,
    offer_withdraw,
)

from ..market_kit import listed, offer
from .kit import World
from .market_kit import demonstrate, draft, named, publish

pytestmark = pytest.mark.django_db


def shown(query: str = "", language: str = "en") -> str:
    response = Client().get(f"/{language}/market/{query}")
    assert response.status_code == 200
    return response.content.decode()


def public(world: World, **parts: Any) -> MarketOffer:
    row = draft(world, **parts)
    offer_submit(offer=row, by=world.users["provider"])
    offer_publish(offer=row, by=world.users["officer"])
    row.refresh_from_db()
    return row


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_an_empty_market_says_so() -> None:
    assert "Nothing fits." in shown()


def test_the_demonstration_is_found_in_both_languages_with_filters_and_pages(
    django_assert_max_num_queries: Any,
) -> None:
    demonstrate()
    live()
    with django_assert_max_num_queries(4):
        page = shown()
    assert "520 entries" in page
    assert 'rel="next" href="?q=&amp;page=2"' in page
    assert "made up for demonstration" in page
    assert "备份" in shown("?q=备份", "zh-hans")
    assert "Course (49)" in page
    courses = shown("?kind=course&region=CN-ZJ")
    assert "Product (" in courses
    assert "selected" in courses
    assert "Nothing fits." in shown("?q=xyzzy")
    assert "shown is what has: backup" in shown("?q=bakcup")
    assert shown("?page=9999&kind=nothing")


def test_a_full_page_weighs_little() -> None:
    demonstrate()
    for query in ("", "?q=备份&region=CN-ZJ"):
        response = Client().get(f"/zh-hans/market/{query}", headers={"Accept-Encoding": "gzip"})
        assert response["Content-Encoding"] == "gzip"
        assert len(response.content) < 12 * 1024


def test_an_offer_and_its_provider_are_shown(world: World) -> None:
    public(world, references={"machinery": 12})
    page = Client().get("/en/market/offers/crm/").content.decode()
    for words in (
        "CRM in the cloud",
        "CNY once 6,000; each year 4,800",
        "Machinery: 12",
        "Sales management: level 2",
    ):
        assert words in page
    page = Client().get("/en/market/providers/shop/").content.decode()
    assert "No project of the provider has been confirmed as delivered yet." in page
    assert "CRM in the cloud" in page
    assert Client().get("/en/market/offers/none/").status_code == 404


def test_a_record_is_shown_as_counts() -> None:
    publish(offer("a"), record=Record(delivered=5, in_time=Tally(hits=4, of=5)))
    page = Client().get("/en/market/providers/p/").content.decode()
    assert "4 of 5 were delivered by the day quoted." in page


def test_what_a_provider_writes_is_text(world: World) -> None:
    public(world, title=named("<script>一</script>", "<script>one</script>"))
    assert "<script>one" not in shown()
    assert "&lt;script&gt;one" in Client().get("/en/market/offers/crm/").content.decode()


# --- from a draft to the public --------------------------------------------------------------------------------------


def test_an_offer_is_public_only_after_its_review_and_keeps_every_version(world: World) -> None:
    row = draft(world)
    assert live().market.offers == {}
    assert provider_public("shop") is None
    with pytest.raises(NotNowError):
        offer_publish(offer=row, by=world.users["officer"])
    offer_submit(offer=row, by=world.users["provider"])
    with pytest.raises(NotNowError):
        draft(world)
    assert live().market.offers == {}
    offer_publish(offer=row, by=world.users["officer"])
    assert live().market.offers["crm"].price == listed(6000, 4800)
    draft(world, price=listed(9000))
    assert live().market.offers["crm"].price == listed(6000, 4800)
    offer_submit(offer=row, by=world.users["provider"])
    offer_return(offer=row, by=world.users["officer"], reason="Too dear")
    assert live().market.offers["crm"].version == 1
    offer_submit(offer=row, by=world.users["provider"])
    offer_publish(offer=row, by=world.users["officer"])
    assert live().market.offers["crm"].price == listed(9000)
    assert list(OfferVersion.objects.values_list("number", flat=True)) == [2, 1]
    offer_withdraw(offer=row, by=world.users["provider"])
    assert live().market.offers == {}
    assert live().index.search("crm").total == 0
    with pytest.raises(NotNowError):
        offer_withdraw(offer=row, by=world.users["provider"])


def test_sending_back_needs_a_reason(world: World) -> None:
    row = draft(world)
    offer_submit(offer=row, by=world.users["provider"])
    with pytest.raises(ValueError, match="with a reason"):
        offer_return(offer=row, by=world.users["officer"], reason=" ")


def test_an_offer_ends_with_its_last_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.localdate()
    row = public(world, valid_to=today.isoformat())
    assert "crm" in live().market.offers
    assert row.ends_soon(today)
    monkeypatch.setattr(timezone, "localdate", lambda: today + dt.timedelta(days=1))
    assert live().market.offers == {}
    assert live().index.search("").total == 0
    assert "crm" in live().known


def test_a_change_made_elsewhere_is_seen_with_the_next_request(world: World) -> None:
    public(world)
    before = live()
    assert live() is before
    row = MarketOffer.objects.get()
    draft(world, title=named("新名称", "Renamed"))
    offer_submit(offer=row, by=None)
    offer_publish(offer=row, by=None)
    assert live() is not before
    assert live().index.search("renamed").ids == ("offer:crm",)
    assert before.index.search("renamed").total == 0


def test_loading_a_market_again_replaces_what_has_the_same_ids() -> None:
    publish(offer("a"), offer("b"))
    publish(msgspec.structs.replace(offer("a"), weeks=9))
    assert {name: item.weeks for name, item in live().market.offers.items()} == {"a": 9, "b": 4}
    assert MarketOffer.objects.get(code="a").version == 2
