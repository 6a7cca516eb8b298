"""Codes of industries in the product: the page, the code that an enterprise states, and the API."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from capillary.web.api.services import token_create
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.programmes.models import Enrolment

from .kit import make_world

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


# --- the page ------------------------------------------------------------------------------------------------------------


def test_a_code_and_a_name_are_found_in_either_language(client: Any) -> None:
    page = client.get("/en/industries/?q=C35&scheme=gbt-4754").content.decode()
    assert "Manufacture of special-purpose machinery" in page
    assert "Medical instruments, which ISIC counts as other manufacturing" in page
    assert "Machinery" in page
    page = client.get("/zh-hans/industries/?q=special-purpose").content.decode()
    assert "专用设备制造业" in page
    assert "部分属于" in page


def test_without_words_the_sections_are_listed_by_pages(client: Any) -> None:
    first = client.get("/en/industries/")
    assert first.context["page"].paginator.count == 62
    assert len(first.context["rows"]) == 20
    assert "page=2" in first.content.decode()
    one = client.get("/en/industries/?scheme=isic-4&page=2")
    assert [row.industry.code for row in one.context["rows"]] == ["U"]


@pytest.mark.parametrize(
    "query", ["?q=nothing-like-it", "?q=%00", "?scheme=nothing&page=x", "?q=" + "a" * 300]
)
def test_what_fits_nothing_says_what_to_try(client: Any, query: str) -> None:
    page = client.get(f"/en/industries/{query}")
    assert page.status_code == 200
    assert ("No code fits" in page.content.decode()) == ("q=" in query)


# --- what an enterprise states -------------------------------------------------------------------------------------------


def saved(world: World, **given: object) -> Any:
    data = {"name": "Example Metal Parts", "sector": "", "region": "CN-JS", "employees": 80, **given}
    return world.client("owner").post(
        f"/en/enterprises/{world.enterprise.pk}/edit/",
        {name: str(value) for name, value in data.items()},
        follow=True,
    )


@pytest.mark.parametrize(
    ("scheme", "code", "stored", "sector"),
    [
        ("gbt-4754", "3311", "C33", "metal-products"),
        ("nace-2", "10.11", "C10", "food-drink"),
        ("isic-4", "f", "F", "construction"),
    ],
)
def test_the_sector_follows_from_the_code(
    world: World, scheme: str, code: str, stored: str, sector: str
) -> None:
    assert saved(world, industry_scheme=scheme, industry_code=code).status_code == 200
    world.enterprise.refresh_from_db()
    found = world.enterprise
    assert (found.industry_scheme, found.industry_code, found.sector) == (scheme, stored, sector)
    assert Enrolment.objects.get(enterprise=found).sector == sector
    page = world.client("owner").get(f"/en/enterprises/{found.pk}/").content.decode()
    assert f"?q={stored}&amp;scheme={scheme}" in page


def test_a_code_of_several_sectors_asks_for_one(world: World) -> None:
    refused = saved(world, industry_scheme="isic-4", industry_code="C")
    assert refused.status_code == 422
    assert "C spans several: Food, drink and tobacco; " in refused.content.decode()
    saved(world, industry_scheme="isic-4", industry_code="C", sector="machinery")
    world.enterprise.refresh_from_db()
    assert (world.enterprise.industry_code, world.enterprise.sector) == ("C", "machinery")


def test_a_wrong_code_is_refused_and_another_sector_is_kept_with_a_word(world: World) -> None:
    refused = saved(world, industry_scheme="gbt-4754", industry_code="A99")
    assert refused.status_code == 422
    assert "has no such code" in refused.content.decode()
    page = saved(world, industry_scheme="gbt-4754", industry_code="C13", sector="machinery")
    assert "The code usually means: Food, drink and tobacco." in page.content.decode()
    world.enterprise.refresh_from_db()
    assert world.enterprise.sector == "machinery"
    saved(world, industry_scheme="gbt-4754", industry_code="", sector="machinery")
    world.enterprise.refresh_from_db()
    assert (world.enterprise.industry_scheme, world.enterprise.industry_code) == ("", "")


def test_the_code_is_exported_and_erased(world: World) -> None:
    saved(world, industry_scheme="nace-2", industry_code="25")
    file = world.client("owner").get(reverse("enterprise-export", args=[world.enterprise.pk]))
    packed = zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content)))
    stored = json.loads(packed.read("enterprise.json"))["enterprise"]
    assert (stored["industry_scheme"], stored["industry_code"]) == ("nace-2", "C25")
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    world.enterprise.refresh_from_db()
    assert (world.enterprise.industry_scheme, world.enterprise.industry_code) == ("", "")


# --- the API -------------------------------------------------------------------------------------------------------------


def test_the_api_looks_up_and_states_a_code(world: World, client: Any) -> None:
    _token, secret = token_create(user=world.users["owner"], name="test", scope="write", expires_at=None)
    heads = {"Authorization": f"Bearer {secret}"}
    found = client.get("/api/v1/industries?q=C13&scheme=gbt-4754&to=nace-2", headers=heads).json()
    assert [item["related"] for item in found] == [[{"scheme": "nace-2", "code": "C10", "whole": True}]]
    address = f"/api/v1/enterprises/{world.enterprise.pk}"
    body = {"industry": "nace-2:C10"}
    answer = client.patch(address, body, content_type="application/json", headers=heads)
    assert answer.json()["industry"] == "nace-2:C10"
    client.patch(address, {"employees": 70}, content_type="application/json", headers=heads)
    assert client.get(address, headers=heads).json()["industry"] == "nace-2:C10"
    body = {"industry": "nace-2:C13.10"}
    refused = client.patch(address, body, content_type="application/json", headers=heads)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "body.industry"
