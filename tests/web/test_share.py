"""Links with a secret, to a result or a roadmap: made by the owner, closed when withdrawn or expired, openings noted."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web.core.models import AuditEntry

from .kit import World
from .share_kit import RESULT, ROADMAP, Kind

KINDS = pytest.mark.parametrize("kind", [RESULT, ROADMAP], ids=["result", "roadmap"])


@KINDS
def test_a_shared_page_is_kept_by_nobody_and_can_change_nothing(world: World, kind: Kind) -> None:
    response = Client().get(kind.make(world))
    assert response.status_code == 200
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "<form" not in response.content.decode()


@KINDS
def test_the_secret_is_shown_once_and_kept_nowhere(world: World, kind: Kind) -> None:
    token = kind.make(world).rstrip("/").rsplit("/", 1)[1]
    assert token not in str(vars(kind.model.objects.get()))
    assert token not in world.client("owner").get(kind.address(world)).content.decode()


@KINDS
def test_sending_the_form_twice_makes_one_link(world: World, kind: Kind) -> None:
    once = str(uuid.uuid4())
    kind.make(world, link=once)
    again = world.client("owner").post(kind.address(world), {"link": once, "days": "30"})
    assert again.status_code == 302
    assert kind.model.objects.count() == 1


@KINDS
@pytest.mark.parametrize("days", ["0", "365", "", "x"])
def test_only_the_offered_times_can_be_chosen(world: World, kind: Kind, days: str) -> None:
    posted = {"link": str(uuid.uuid4()), "days": days}
    assert world.client("owner").post(kind.address(world), posted).status_code == 422
    assert not kind.model.objects.exists()


@KINDS
def test_every_opening_is_counted_and_noted(world: World, kind: Kind) -> None:
    address = kind.make(world)
    Client().get(address)
    world.client("stranger").get(address)
    link = kind.model.objects.get()
    assert (link.uses, link.last_used is not None) == (2, True)
    entries = AuditEntry.objects.filter(action=f"{kind.audit}-open").order_by("id")
    assert [entry.user for entry in entries] == [None, world.users["stranger"]]
    assert {entry.enterprise for entry in entries} == {world.enterprise.pk}


@KINDS
def test_a_withdrawn_or_expired_or_wrong_link_is_not_there(world: World, kind: Kind) -> None:
    address = kind.make(world)
    world.client("owner").post(kind.withdraw_address(world))
    assert kind.model.objects.get().withdrawn_at is not None
    assert Client().get(address).status_code == 404
    kind.model.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(address).status_code == 404
    assert Client().get(reverse(kind.opens, args=["x" * 43])).status_code == 404
    assert AuditEntry.objects.filter(action__startswith=kind.audit).count() == 2


@KINDS
def test_an_erased_enterprise_is_shown_by_no_link(world: World, kind: Kind) -> None:
    address = kind.make(world)
    world.enterprise.erased_at = timezone.now()
    world.enterprise.save()
    assert Client().get(address).status_code == 404


@KINDS
@pytest.mark.parametrize("person", ["colleague", "adviser", "assessor", "officer", "stranger"])
def test_only_the_owner_makes_and_withdraws(world: World, kind: Kind, person: str) -> None:
    kind.make(world)
    client = world.client(person)
    assert client.get(kind.address(world)).status_code == 404
    assert client.post(kind.address(world), {"link": str(uuid.uuid4()), "days": "7"}).status_code == 404
    assert client.post(kind.withdraw_address(world)).status_code == 404
    assert kind.model.objects.get().withdrawn_at is None


@KINDS
def test_a_link_belongs_to_what_it_shows(world: World, kind: Kind) -> None:
    kind.make(world)
    other = reverse(kind.withdraw, args=[kind.other(world), kind.model.objects.get().pk])
    assert world.client("owner").post(other).status_code == 404
    assert kind.model.objects.get().withdrawn_at is None


@KINDS
def test_opening_is_limited(world: World, kind: Kind, settings: Any) -> None:
    caches["default"].clear()
    settings.LIMITS = {"shared": "2/h"}
    address = kind.make(world)
    assert [Client().get(address).status_code for _ in range(3)] == [200, 200, 429]
    caches["default"].clear()


@KINDS
def test_an_administrator_can_withdraw_but_not_read_a_link(world: World, kind: Kind) -> None:
    address = kind.make(world)
    client = world.client("administrator")
    link = kind.model.objects.get()
    shown = client.get(reverse(f"{kind.admin}_change", args=[link.pk])).content.decode()
    assert link.token_hash not in shown
    listed = reverse(f"{kind.admin}_changelist")
    assert client.get(listed).status_code == 200
    client.post(listed, {"action": "withdraw", "_selected_action": [str(link.pk)]})
    assert Client().get(address).status_code == 404
