"""A provider's own pages and the officer's review: what is written, uploaded, sent back, published; who sees what."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from capillary.web.accounts.models import Organisation, Position
from capillary.web.market.live import live
from capillary.web.market.models import MarketOffer, MarketProvider, OfferImport
from capillary.web.market.services import offer_of, offer_publish, offer_submit, provider_return

from ..market_kit import MEASURES, listed
from .kit import World
from .market_kit import draft, named, shop

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "kind": "product",
    "title_zh": "云端客户管理",
    "title_en": "CRM in the cloud",
    "summary_zh": "两周上线",
    "summary_en": "Running in two weeks",
    "measures": [MEASURES[0], MEASURES[1]],
    "sizes": ["small", "medium"],
    "regions": ["CN-JS"],
    "languages": ["zh", "en"],
    "price": "listed",
    "currency": "CNY",
    "one_off": "6,000",
    "yearly_user": "120",
    "weeks": "2",
    "places": "10",
    "free_from": "2026-01-01",
    "references": "machinery: 12\r\nmetal-products: 3",
    "evidence": "证书 | Certificate | https://example.org/c",
    "valid_from": "2020-01-01",
    "valid_to": "2099-12-31",
}


def post(client: Client, address: str, **data: Any) -> str:
    response = client.post(f"/en/market/{address}", data, follow=True)
    return f"{response.status_code} {response.content.decode()}"


def test_a_provider_says_who_it_is_writes_an_offer_and_an_officer_publishes_it(world: World) -> None:
    client, officer = world.client("provider"), world.client("officer")
    assert "First say who you are" in client.get("/en/market/mine/").content.decode()
    assert "First say who you are" in client.get("/en/market/mine/new/", follow=True).content.decode()
    about = {
        "kind": "product-vendor",
        "region": "CN-JS",
        "languages": ["zh"],
        "title_zh": "甲",
        "title_en": "A",
    }
    assert post(client, "mine/profile/", **about).startswith("422")
    assert "Kept." in post(client, "mine/profile/", **about, summary_zh="做软件", summary_en="Software")
    assert MarketProvider.objects.get().code == "example-provider"
    assert "Submitted." in post(client, "mine/new/", **GOOD, submit="1")
    row = MarketOffer.objects.get()
    kept = offer_of(row.data)
    assert kept.price == listed(6000).__class__(
        currency="CNY", one_off=listed(6000).one_off, yearly=listed(0).yearly.__class__(per_user=120)
    )
    assert (kept.references, kept.evidence[0].url) == (
        {"machinery": 12, "metal-products": 3},
        "https://example.org/c",
    )
    assert "Waits for review" in client.get("/en/market/mine/").content.decode()
    assert "CRM in the cloud" in officer.get("/en/market/review/").content.decode()
    read = officer.get(f"/en/market/review/{row.pk}/").content.decode()
    for words in ("machinery: 12", "Follow customers and orders in a cloud CRM", "Jiangsu", "Software"):
        assert words in read
    assert post(officer, f"review/{row.pk}/", **{"return": "1"}).startswith("422")
    assert "Sent back." in post(officer, f"review/{row.pk}/", **{"return": "1"}, reason="Which certificate?")
    assert "Sent back: Which certificate?" in client.get("/en/market/mine/").content.decode()
    assert "There is nothing new" not in post(client, f"mine/{row.pk}/submit/")
    assert "Published." in post(officer, f"review/{row.pk}/", publish="1")
    assert "CRM in the cloud" in Client().get("/en/market/?q=crm").content.decode()
    assert "does not wait" in post(officer, f"review/{row.pk}/", publish="1")


def test_every_mistake_stands_at_its_field(world: World) -> None:
    shop(world)
    wrong = GOOD | {
        "measures": [],
        "one_off": "12k",
        "valid_to": "2019-01-01",
        "title_en": "",
        "references": "metals: 1",
    }
    page = post(world.client("provider"), "mine/new/", **wrong)
    assert page.startswith("422")
    for field in ("one_off", "title_en"):
        assert f'id="id_{field}_error"' in page
    wrong |= {"one_off": "1", "title_en": "a"}
    page = post(world.client("provider"), "mine/new/", **wrong)
    for field in ("measures", "valid_to", "references"):
        assert f'id="id_{field}_error"' in page
    assert MarketOffer.objects.count() == 0


def test_a_change_is_public_only_after_its_review_and_shows_what_changes(world: World) -> None:
    row = draft(world)
    offer_submit(offer=row, by=None)
    offer_publish(offer=row, by=None)
    client = world.client("provider")
    page = client.get(f"/en/market/mine/{row.pk}/").content.decode()
    assert 'value="6000"' in page
    assert re.search(rf'value="{MEASURES[0]}"[^>]* checked', page)
    assert "Kept as a draft." in post(client, f"mine/{row.pk}/", **GOOD | {"one_off": "7000"})
    assert live().market.offers["crm"].price == listed(6000, 4800)
    post(client, f"mine/{row.pk}/submit/")
    page = world.client("officer").get(f"/en/market/review/{row.pk}/").content.decode()
    assert "One-off: 6000 → 7000" in page
    assert "Sizes: – → 10–49 people, 50–249 people" in page
    assert "The offer waits for review." in post(client, f"mine/{row.pk}/", **GOOD)
    assert "There is nothing new to review." in post(client, f"mine/{row.pk}/submit/")
    assert "Withdrawn." in post(client, f"mine/{row.pk}/withdraw/")
    assert "The offer is not public." in post(client, f"mine/{row.pk}/withdraw/")
    assert live().market.offers == {}


def test_nobody_reviews_what_their_own_organisation_offers(world: World) -> None:
    row = draft(world)
    offer_submit(offer=row, by=None)
    vendor = Organisation.objects.get(kind="provider")
    Position.objects.create(user=world.users["officer"], organisation=vendor, role="adviser")
    officer = world.client("officer")
    assert "CRM in the cloud" not in officer.get("/en/market/review/").content.decode()
    assert officer.get(f"/en/market/review/{row.pk}/").status_code == 404


def test_a_draft_is_seen_by_nobody_else(world: World) -> None:
    row = draft(world)
    assert world.client("officer").get(f"/en/market/review/{row.pk}/").status_code == 404
    rival = Organisation.objects.create(name_zh="乙", name_en="Rival", kind="provider")
    Position.objects.create(user=world.users["stranger"], organisation=rival, role="provider")
    stranger = world.client("stranger")
    assert stranger.get(f"/en/market/mine/{row.pk}/").status_code == 404
    assert stranger.post(f"/en/market/mine/{row.pk}/submit/").status_code == 404
    assert "CRM in the cloud" not in stranger.get("/en/market/mine/").content.decode()


def upload(client: Client, content: bytes, name: str = "offers.xlsx") -> Any:
    return client.post("/en/market/mine/upload/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_table_is_downloaded_changed_previewed_and_taken_over(world: World) -> None:
    draft(world, "crm")
    draft(world, "hr")
    client = world.client("provider")
    response = client.get("/en/market/mine/offers.xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    sheet = book["Offers"]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, column["One-off"]).value = 5000
    sheet.append([cell.value for cell in sheet[3]])
    sheet.cell(4, 1).value = "third"
    kept = io.BytesIO()
    book.save(kept)
    page = upload(client, kept.getvalue()).content.decode()
    assert "New: 1. Changed: 1. Unchanged: 1." in page
    assert "One-off: 6000 → 5000" in page
    pk = OfferImport.objects.get().pk
    assert "2 offers are drafts now." in post(client, f"mine/upload/{pk}/")
    assert "taken over before" in post(client, f"mine/upload/{pk}/")
    assert offer_of(MarketOffer.objects.get(code="crm").data).price == listed(5000, 4800)
    assert MarketOffer.objects.count() == 3


def test_what_cannot_be_taken_over_is_said(world: World) -> None:
    shop(world)
    client = world.client("provider")
    response = upload(client, b"id,provider\n", "offers.csv")
    assert response.status_code == 422
    assert "missing-column" in response.content.decode()
    assert "file-kind" in upload(client, b"x", "offers.pdf").content.decode()
    row = draft(world)
    offer_submit(offer=row, by=None)
    book = b"".join(client.get("/en/market/mine/offers.xlsx").streaming_content)
    upload(client, book)
    MarketOffer.objects.update(data=MarketOffer.objects.get().data | {"weeks": 9})
    assert "Not taken over" in post(client, f"mine/upload/{OfferImport.objects.get().pk}/")


def test_a_table_of_another_provider_is_refused(world: World) -> None:
    draft(world)
    client = world.client("provider")
    book = load_workbook(io.BytesIO(b"".join(client.get("/en/market/mine/offers.xlsx").streaming_content)))
    book["Offers"]["C2"] = "somebody"
    kept = io.BytesIO()
    book.save(kept)
    assert "row 2, column C" in upload(client, kept.getvalue()).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_lists_cost_as_many_queries_for_one_offer_as_for_a_page(
    world: World, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        offer_submit(offer=draft(world, f"o{number}"), by=None)
    client, officer = world.client("provider"), world.client("officer")
    with django_assert_max_num_queries(8):
        client.get("/en/market/mine/")
    with django_assert_max_num_queries(11):
        officer.get("/en/market/review/")


def test_what_a_provider_says_of_itself_is_public_only_after_its_review(world: World) -> None:
    row = draft(world)
    offer_submit(offer=row, by=None)
    assert live().market.providers == {}
    offer_publish(offer=row, by=None)
    shop(world, summary=named("换个说法", "Best of all"))
    provider, officer = world.client("provider"), world.client("officer")
    assert live().market.providers["shop"].summary.en == "Makes software"
    assert "waits for review" in provider.get("/en/market/mine/").content.decode()
    pk = MarketProvider.objects.get().pk
    assert f"/market/review/providers/{pk}/" in officer.get("/en/market/review/").content.decode()
    page = officer.get(f"/en/market/review/providers/{pk}/").content.decode()
    assert page.index("Best of all") < page.index("Makes software")
    assert post(officer, f"review/providers/{pk}/", **{"return": "1"}).startswith("422")
    assert "Sent back." in post(officer, f"review/providers/{pk}/", **{"return": "1"}, reason="Says who?")
    assert "was sent back: Says who?" in provider.get("/en/market/mine/").content.decode()
    assert "any more" in post(officer, f"review/providers/{pk}/", publish="1")
    shop(world, summary=named("做好软件", "Makes good software"))
    assert "Published." in post(officer, f"review/providers/{pk}/", publish="1")
    assert live().market.providers["shop"].summary.en == "Makes good software"
    assert live().index.search("good software").ids == ("provider:shop",)
    with pytest.raises(ValueError, match="with a reason"):
        provider_return(provider=MarketProvider.objects.get(), by=None, reason="")
