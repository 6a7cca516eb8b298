"""Links that show a result to anybody: made by the owner, closed when withdrawn or expired, every opening noted."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web.core.models import AuditEntry
from capillary.web.results.models import ShareLink

from .kit import World


def make(world: World, **fields: object) -> str:
    """Make a link as the owner and return its address."""
    posted = {"link": str(uuid.uuid4()), "days": "30", **fields}
    page = world.client("owner").post(reverse("assessment-share", args=[world.assessment.pk]), posted)
    found = re.search(r'value="(http[^"]+/shared/[^"]+)"', page.content.decode())
    assert found
    return found[1].removeprefix("http://testserver")


def test_a_link_shows_the_result_without_an_account(world: World) -> None:
    response = Client().get(make(world))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Example Metal Parts" in page
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert 'class="account"' not in page
    assert 'class="next-steps"' not in page
    assert "<form" not in page


def test_answers_are_shown_only_where_the_owner_wants_that(world: World) -> None:
    page = Client().get(make(world, show_answers="on")).content.decode()
    assert 'class="account"' in page
    assert 'class="next-steps"' in page
    assert "/interview/" not in page


def test_the_secret_is_shown_once_and_kept_nowhere(world: World) -> None:
    address = make(world)
    token = address.rstrip("/").rsplit("/", 1)[1]
    link = ShareLink.objects.get()
    assert token not in str(vars(link))
    listed = world.client("owner").get(reverse("assessment-share", args=[world.assessment.pk]))
    assert token not in listed.content.decode()


def test_sending_the_form_twice_makes_one_link(world: World) -> None:
    once = str(uuid.uuid4())
    make(world, link=once)
    client = world.client("owner")
    again = client.post(reverse("assessment-share", args=[world.assessment.pk]), {"link": once, "days": "30"})
    assert again.status_code == 302
    assert ShareLink.objects.count() == 1


@pytest.mark.parametrize("days", ["0", "365", "", "x"])
def test_only_the_offered_times_can_be_chosen(world: World, days: str) -> None:
    client = world.client("owner")
    posted = {"link": str(uuid.uuid4()), "days": days}
    response = client.post(reverse("assessment-share", args=[world.assessment.pk]), posted)
    assert response.status_code == 422
    assert not ShareLink.objects.exists()


def test_every_opening_is_counted_and_noted(world: World) -> None:
    address = make(world)
    Client().get(address)
    world.client("stranger").get(address)
    link = ShareLink.objects.get()
    assert (link.uses, link.last_used is not None) == (2, True)
    entries = AuditEntry.objects.filter(action="share-link-open").order_by("id")
    assert [entry.user for entry in entries] == [None, world.users["stranger"]]
    assert {entry.enterprise for entry in entries} == {world.enterprise.pk}


def test_a_withdrawn_or_expired_or_wrong_link_is_not_there(world: World) -> None:
    address = make(world)
    link = ShareLink.objects.get()
    client = world.client("owner")
    client.post(reverse("share-withdraw", args=[world.assessment.pk, link.pk]))
    link.refresh_from_db()
    assert link.withdrawn_at is not None
    assert Client().get(address).status_code == 404
    ShareLink.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(address).status_code == 404
    assert Client().get(reverse("shared-result", args=["x" * 43])).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="share-link").count() == 2


def test_an_erased_enterprise_is_shown_by_no_link(world: World) -> None:
    address = make(world)
    world.enterprise.erased_at = timezone.now()
    world.enterprise.save()
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("person", ["colleague", "adviser", "assessor", "officer", "stranger"])
def test_only_the_owner_makes_and_withdraws(world: World, person: str) -> None:
    make(world)
    link = ShareLink.objects.get()
    client = world.client(person)
    address = reverse("assessment-share", args=[world.assessment.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"link": str(uuid.uuid4()), "days": "7"}).status_code == 404
    gone = client.post(reverse("share-withdraw", args=[world.assessment.pk, link.pk]))
    assert gone.status_code == 404
    assert ShareLink.objects.get().withdrawn_at is None


def test_a_link_belongs_to_its_assessment(world: World) -> None:
    make(world)
    link = ShareLink.objects.get()
    client = world.client("owner")
    assert client.post(reverse("share-withdraw", args=[world.earlier.pk, link.pk])).status_code == 404


def test_opening_is_limited(world: World, settings: Any) -> None:
    caches["default"].clear()
    settings.LIMITS = {"shared": "2/h"}
    address = make(world)
    assert [Client().get(address).status_code for _ in range(3)] == [200, 200, 429]
    caches["default"].clear()


@pytest.mark.parametrize("count", [2, 40])
def test_the_list_costs_few_queries(
    world: World, count: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        ShareLink.objects.create(
            assessment=world.assessment,
            token_hash=str(number),
            made_by=world.users["owner"],
            expires_at=timezone.now() + timedelta(days=number - 1),
        )
    client = world.client("owner")
    with django_assert_max_num_queries(10):
        page = client.get(reverse("assessment-share", args=[world.assessment.pk])).content.decode()
    assert page.count("share/") > count / 2


def test_an_administrator_can_withdraw_but_not_read_a_link(world: World) -> None:
    address = make(world)
    client = world.client("administrator")
    listed = reverse("admin:results_sharelink_changelist")
    link = ShareLink.objects.get()
    shown = client.get(reverse("admin:results_sharelink_change", args=[link.pk])).content.decode()
    assert link.token_hash not in shown
    client.post(listed, {"action": "withdraw", "_selected_action": [str(link.pk)]})
    assert Client().get(address).status_code == 404
    assert client.get(reverse("admin:results_peerfigure_changelist")).status_code == 200
