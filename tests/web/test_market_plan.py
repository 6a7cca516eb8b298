"""Offers for a plan: what is shown equals what the engine says, with reasons, what was ruled out, what clashes, and bundles."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from capillary.content.library import Library
from capillary.matching.need import Rates
from capillary.matching.rank import rank
from capillary.web.market.live import live
from capillary.web.market.plan import plan_offers
from capillary.web.planning.models import Roadmap
from capillary.web.planning.wishes import Wishes

from ..market_kit import MEASURES, listed, offer
from .kit import World
from .market_kit import FAR, demonstrate, publish

pytestmark = pytest.mark.django_db


def roadmap(world: World, names: tuple[str, ...] = MEASURES[:3]) -> Roadmap:
    """Return a roadmap whose plans want measures from the quarter that begins next."""
    day = timezone.localdate()
    measures = [{"id": name, "begins": 2, "contracted": False} for name in names]
    return Roadmap.objects.create(
        assessment=world.assessment,
        status=Roadmap.Status.READY,
        wishes=Wishes(by="2030-Q4", users=10, machines=4).as_json(),
        first_year=day.year + 1,
        first_quarter=1,
        result={"plans": [{"measures": measures}, {"measures": measures[:1]}]},
    )


def page(world: World, query: str = "", person: str = "owner", language: str = "en") -> str:
    address = f"/{language}/assessments/{world.assessment.pk}/offers/{query}"
    response = world.client(person).get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_offers_stand_in_the_engines_order_with_their_reasons(world: World) -> None:
    demonstrate()
    roadmap(world)
    found = plan_offers(world.assessment, {})
    assert set(found.need.wanted) == set(MEASURES[:3])
    assert (found.need.users, found.need.machines, found.need.places) == (10, 4, ("CN-JS", "CN"))
    alone = rank(found.need, live().market, Rates.of(Library().currencies()))
    shown = page(world)
    listed_codes = re.findall(r'<li><h3><a href="/en/market/offers/([^/]+)/">', shown)
    assert listed_codes == [match.offer.id for match in alone.matches[:20]] != []
    assert "of your 3 measures." in shown
    assert "without it" in shown
    assert "的措施" in page(world, language="zh-hans")


def test_another_plan_and_demands_change_what_fits(world: World) -> None:
    here = FAR | {"regions": ("CN-JS",)}
    publish(
        offer("cheap", **here, measures=MEASURES[:1], price=listed(100)),
        offer("dear", **here, measures=MEASURES[:3], price=listed(90_000)),
    )
    roadmap(world)
    assert page(world).index("offers/dear/") < page(world).index("offers/cheap/")
    within = page(world, "?budget=5000")
    assert "The first year costs CNY 100: within the budget." in within
    assert "The first year costs more than CNY 5,000." in within
    assert "Delivers 1 of your 1 measures." in page(world, "?plan=1")
    assert "after aid of 90,000" in page(world, "?aid_percent=100")
    none = page(world, "?accreditation=platform-admission")
    assert "No offer fulfils this demand:" in none
    assert "its provider is accredited" in none


def test_bundles_say_what_they_cost_and_what_is_missing(world: World) -> None:
    publish(
        offer("one", measures=MEASURES[:1], price=listed(100)),
        offer("two", measures=MEASURES[1:2], price=listed(250)),
    )
    roadmap(world)
    shown = page(world, "?bundle=1")
    assert "1 provider: CNY 350" in shown
    assert "proven" in shown
    assert "No offer delivers:" in shown
    assert "Bundles" not in page(world)


def test_without_a_roadmap_the_profile_decides(world: World) -> None:
    demonstrate()
    shown = page(world)
    assert "There is no roadmap yet" in shown
    found = plan_offers(world.assessment, {})
    assert found.plan.roadmap is None
    assert found.ranking.matches


def test_what_makes_no_sense_is_said(world: World) -> None:
    client = world.client("owner")
    address = f"/en/assessments/{world.assessment.pk}/offers/"
    assert client.get(f"{address}?budget=-1").status_code == 422
    assert client.get(f"{address}?plan=x&page=9").status_code == 200
    assert "No offer fits." in client.get(address).content.decode()


@pytest.mark.parametrize("offers", [0, 400])
def test_the_page_costs_as_many_queries_with_a_market_as_without(
    world: World, django_assert_max_num_queries: Any, offers: int
) -> None:
    if offers:
        demonstrate(offers)
    roadmap(world)
    live()
    client = world.client("owner")
    with django_assert_max_num_queries(11):
        client.get(f"/en/assessments/{world.assessment.pk}/offers/")


# --- the API ---------------------------------------------------------------------------------------------------------


def test_programs_find_offers_and_what_fits_a_plan(world: World) -> None:
    demonstrate()
    roadmap(world)
    client = world.client("owner")
    found = client.get("/api/v1/market/offers?q=备份&region=CN-ZJ&limit=3").json()
    assert found["total"] > len(found["items"]) == 3
    assert found["counts"]["region"]["CN-ZJ"] == found["total"]
    one = client.get(f"/api/v1/market/offers/{found['items'][0]['id']}").json()
    assert one == found["items"][0]
    assert client.get("/api/v1/market/offers/none").status_code == 404
    assert client.get("/api/v1/market/offers?kind=none").status_code == 422
    fits = client.get(f"/api/v1/assessments/{world.assessment.pk}/offers?limit=5").json()
    shown = re.findall(r'<li><h3><a href="/en/market/offers/([^/]+)/">', page(world))
    assert [item["offer"] for item in fits["matches"]] == shown[:5]
    assert set(fits["wanted"]) == set(MEASURES[:3])
    assert sum(fits["ruled_out"].values()) >= 400 - fits["total"]
