"""Links that show a roadmap to anybody: made by the owner, closed when withdrawn or expired, every opening noted."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web.core.models import AuditEntry
from capillary.web.planning import services
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.services import roadmap_ask, roadmap_work
from capillary.web.planning.wishes import Wishes

from .access_tables.planning import roadmap_without_a_plan
from .kit import answer, make_world, some_answers

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Return the world with a roadmap that found no plan."""
    found = make_world()
    found.extra["roadmap"] = roadmap_without_a_plan(found)
    return found


def share_address(world: World) -> str:
    return reverse("roadmap-share", args=[world.extra["roadmap"].pk])


def make(world: World, **fields: object) -> str:
    """Make a link as the owner and return its address."""
    posted = {"link": str(uuid.uuid4()), "days": "30", **fields}
    page = world.client("owner").post(share_address(world), posted)
    found = re.search(r'value="(http[^"]+/shared/[^"]+)"', page.content.decode())
    assert found
    return found[1].removeprefix("http://testserver")


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
    response = Client().get(make(world))
    page = response.content.decode()
    assert response.status_code == 200
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    for item in made.result["plans"][0]["measures"]:
        assert f"/measures/{item['id']}/" in page
    assert "<form" not in page
    for secret in (f"/roadmaps/{made.pk}", f"/assessments/{world.assessment.pk}", "/interview/"):
        assert secret not in page


def test_the_secret_is_shown_once_and_kept_nowhere(world: World) -> None:
    token = make(world).rstrip("/").rsplit("/", 1)[1]
    assert token not in str(vars(RoadmapLink.objects.get()))
    assert token not in world.client("owner").get(share_address(world)).content.decode()


def test_sending_the_form_twice_makes_one_link(world: World) -> None:
    once = str(uuid.uuid4())
    make(world, link=once)
    again = world.client("owner").post(share_address(world), {"link": once, "days": "30"})
    assert again.status_code == 302
    assert RoadmapLink.objects.count() == 1


@pytest.mark.parametrize("days", ["0", "365", "", "x"])
def test_only_the_offered_times_can_be_chosen(world: World, days: str) -> None:
    posted = {"link": str(uuid.uuid4()), "days": days}
    assert world.client("owner").post(share_address(world), posted).status_code == 422
    assert not RoadmapLink.objects.exists()


def test_every_opening_is_counted_and_noted(world: World) -> None:
    address = make(world)
    Client().get(address)
    world.client("stranger").get(address)
    link = RoadmapLink.objects.get()
    assert (link.uses, link.last_used is not None) == (2, True)
    entries = AuditEntry.objects.filter(action="roadmap-link-open").order_by("id")
    assert [entry.user for entry in entries] == [None, world.users["stranger"]]
    assert {entry.enterprise for entry in entries} == {world.enterprise.pk}


def test_a_withdrawn_or_expired_or_wrong_link_is_not_there(world: World) -> None:
    address = make(world)
    link = RoadmapLink.objects.get()
    withdraw = reverse("roadmap-link-withdraw", args=[link.roadmap_id, link.pk])
    world.client("owner").post(withdraw)
    assert RoadmapLink.objects.get().withdrawn_at is not None
    assert Client().get(address).status_code == 404
    RoadmapLink.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(address).status_code == 404
    assert Client().get(reverse("shared-roadmap", args=["x" * 43])).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="roadmap-link").count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"status": Roadmap.Status.FAILED},
        {"page": {"$": "RoadmapPage", "gone": 1}},
    ],
)
def test_a_roadmap_that_cannot_be_shown_is_not_there(world: World, change: dict[str, Any]) -> None:
    address = make(world)
    assert Client().get(address).status_code == 200
    Roadmap.objects.update(**change)
    assert Client().get(address).status_code == 404


def test_an_erased_enterprise_is_shown_by_no_link(world: World) -> None:
    address = make(world)
    world.enterprise.erased_at = timezone.now()
    world.enterprise.save()
    assert Client().get(address).status_code == 404


def test_a_link_belongs_to_its_roadmap(world: World) -> None:
    make(world)
    other = reverse(
        "roadmap-link-withdraw", args=[roadmap_without_a_plan(world).pk, RoadmapLink.objects.get().pk]
    )
    assert world.client("owner").post(other).status_code == 404


def test_opening_is_limited(world: World, settings: Any) -> None:
    caches["default"].clear()
    settings.LIMITS = {"shared": "2/h"}
    address = make(world)
    assert [Client().get(address).status_code for _ in range(3)] == [200, 200, 429]
    caches["default"].clear()


def test_a_roadmap_that_a_link_shows_is_not_tidied_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    address = make(world)
    for budget in range(1, 5):
        wishes = Wishes(by="2030-Q4", level=2, budget=budget)
        roadmap_ask(assessment=world.assessment, wishes=wishes, by=world.users["owner"])
    assert Roadmap.objects.count() == 3
    assert Client().get(address).status_code == 200


def test_an_administrator_can_withdraw_but_not_read_a_link(world: World) -> None:
    address = make(world)
    client = world.client("administrator")
    link = RoadmapLink.objects.get()
    shown = client.get(reverse("admin:planning_roadmaplink_change", args=[link.pk])).content.decode()
    assert link.token_hash not in shown
    listed = reverse("admin:planning_roadmaplink_changelist")
    assert client.get(listed).status_code == 200
    client.post(listed, {"action": "withdraw", "_selected_action": [str(link.pk)]})
    assert Client().get(address).status_code == 404
