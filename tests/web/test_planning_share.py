"""What a link to a roadmap shows, and for how long; what all links have in common is in test_share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from capillary.web.planning import services
from capillary.web.planning.models import Roadmap
from capillary.web.planning.services import roadmap_ask, roadmap_work
from capillary.web.planning.wishes import Wishes

from .access_tables.planning import roadmap_without_a_plan
from .kit import answer, make_world, some_answers
from .share_kit import ROADMAP

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Return the world with a roadmap that found no plan."""
    found = make_world()
    found.extra["roadmap"] = roadmap_without_a_plan(found)
    return found


def test_a_link_shows_the_plans_without_an_account_and_nothing_that_could_be_changed(world: World) -> None:
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    Roadmap.objects.filter(assessment=world.assessment).update(
        status=Roadmap.Status.WAITING,
        wishes={"by": "2030-Q4", "level": 2},
        revision=world.assessment.revision,
    )
    roadmap_work(world.extra["roadmap"].pk)
    made = Roadmap.objects.get()
    assert made.result["plans"], made.problems
    response = Client().get(ROADMAP.make(world))
    page = response.content.decode()
    assert response.status_code == 200
    for item in made.result["plans"][0]["measures"]:
        assert f"/measures/{item['id']}/" in page
    assert "<form" not in page
    for secret in (f"/roadmaps/{made.pk}", f"/assessments/{world.assessment.pk}", "/interview/"):
        assert secret not in page


@pytest.mark.parametrize(
    "change",
    [
        {"status": Roadmap.Status.FAILED},
        {"page": {"$": "RoadmapPage", "gone": 1}},
    ],
)
def test_a_roadmap_that_cannot_be_shown_is_not_there(world: World, change: dict[str, Any]) -> None:
    address = ROADMAP.make(world)
    assert Client().get(address).status_code == 200
    Roadmap.objects.update(**change)
    assert Client().get(address).status_code == 404


def test_a_roadmap_that_a_link_shows_is_not_tidied_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    address = ROADMAP.make(world)
    for budget in range(1, 5):
        wishes = Wishes(by="2030-Q4", level=2, budget=budget)
        roadmap_ask(assessment=world.assessment, wishes=wishes, by=world.users["owner"])
    assert Roadmap.objects.count() == 3
    assert Client().get(address).status_code == 200
