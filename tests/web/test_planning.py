"""Roadmaps in the product: asking, working, changing, undoing, files, measures, and who may do what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from capillary.web.planning.models import Roadmap

from .kit import make_world

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(django_capture_on_commit_callbacks: Any) -> World:
    """Return the world."""
    return make_world()


def ask(world: World, capture: Any, person: str = "owner", **goal: Any) -> Roadmap:
    """Ask for a roadmap and have it made."""
    client = world.client(person)
    data = {"level": 2, "by": _quarters(client, world)[5], "currency": "CNY", **goal}
    with capture(execute=True):
        answer = client.post(reverse("assessment-plan", args=[world.assessment.pk]), data)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Roadmap.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])


def _quarters(client: Any, world: World) -> list[str]:
    page = client.get(reverse("assessment-plan", args=[world.assessment.pk]))
    return [value for value, _ in page.context["form"].fields["by"].choices]


def test_a_roadmap_is_asked_for_made_and_shown(world: World, django_capture_on_commit_callbacks: Any) -> None:
    made = ask(world, django_capture_on_commit_callbacks, budget=600000)
    assert made.status == Roadmap.Status.READY, made.problems
    assert made.result["plans"]
    for language in ("en", "zh-hans"):
        page = world.client("owner").get(f"/{language}/roadmaps/{made.pk}/")
        assert page.status_code == 200
        text = page.content.decode()
        for plan in made.result["plans"]:
            for item in plan["measures"]:
                assert f"/measures/{item['id']}/" in text
