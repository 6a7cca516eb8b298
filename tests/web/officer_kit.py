"""What the tests of the officer's pages share: enterprises that take part, and reading the list."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.models import Enrolment

from .kit import World

NAMES = ("Aster", "Birch", "Cedar", "Dahlia", "Elm")
PLACES = ("CN-JS", "CN-ZJ", "CN", "DE-BY", "DE")


def enrol(world: World, number: int, **changes: Any) -> Enrolment:
    """Let a made enterprise take part: every third one is not yet assessed."""
    assessed = number % 3 != 0
    facts = {
        "name": f"{NAMES[number % 5]} 机械厂 {number:03}",
        "region": PLACES[number % 5],
        "sector": ("machinery", "textiles-clothing")[number % 2],
        "employees": (5, 30, 120, 400, None)[number % 5],
    }
    standing: dict[str, Any] = {}
    if assessed:
        standing = {
            "level_low": number % 5,
            "level_high": number % 5,
            "score_low": float(number),
            "score_high": float(number),
            "supported_level": number % 2,
            "weakest": ("foundation", "operation")[number % 2],
            "assessed_at": timezone.now() - dt.timedelta(days=number),
            "assessments": 1 + number % 2,
        }
    enterprise = Enterprise.objects.create(**facts, claimed_at=timezone.now())
    values = {
        **facts,
        **standing,
        "cohort": ("", "2026")[number % 2],
        "consented_at": timezone.now(),
    } | changes
    return Enrolment.objects.create(programme=world.programme, enterprise=enterprise, **values)


def crowd(world: World) -> World:
    """Return the world with 120 enterprises in place of the one that it has."""
    world.enrolment.delete()
    for number in range(120):
        enrol(world, number)
    return world


def listed(page: str) -> list[str]:
    """Return the names on a page of the list."""
    return re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', page)


def show(world: World, query: str = "", person: str = "officer") -> str:
    response = world.client(person).get(f"/en/programmes/{world.programme.pk}/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def walk(world: World, query: str) -> list[str]:
    """Return all names of a list, page after page."""
    client, names = world.client("officer"), []
    address = f"/en/programmes/{world.programme.pk}/?{query}"
    for _turn in range(10):
        page = client.get(address).content.decode()
        names += listed(page)
        following = re.search(r'rel="next" href="([^"]*)"', page)
        if not following:
            return names
        address = following[1].replace("&amp;", "&")
    raise AssertionError("the list has no end")
