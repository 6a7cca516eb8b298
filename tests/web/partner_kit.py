"""What the tests of partners share: a Chinese firm with a public profile, a Spanish one assessed under a European standard."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.matching.partner_life import InterestSide
from capillary.model.partner import LeastLevel, PartnerProfile, ProfileIndustry, Words
from capillary.model.text import Text
from capillary.web.accounts.models import User
from capillary.web.assessments.services import assessment_complete, assessment_start
from capillary.web.cooperation import catalogue, services
from capillary.web.cooperation.models import CooperationProfile, Interest
from capillary.web.cooperation.selectors import Visit
from capillary.web.enterprises.models import Enterprise, Member

from .kit import World, answer, make_world, some_answers

SHAFTS, BUYER = "Example Metal Parts", "Ejemplo Rodamientos"
VALUES: dict[str, Any] = {
    "sought": "Two hundred shafts each month.",
    "missing": "Which tolerances can you hold?",
    "who": "Ejemplo Rodamientos, Ana, ana@ejemplo.example",
    "shows_level": True,
}
ANSWERS, MOST = 14, 100


def partner_world() -> World:
    """Return the world with a firm in Spain, whose owner is ``buyer``, completed under ``eu-dii-v3``."""
    world = make_world()
    world.assessment = answer(world.assessment, some_answers("miit-2024", MOST), world.users["owner"])
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    user = User.objects.create_user("buyer@example.com", "a good passphrase", name="Buyer")
    firm = Enterprise.objects.create(
        name=BUYER, sector="machinery", region="ES", employees=40, claimed_at=timezone.now()
    )
    Member.objects.create(enterprise=firm, user=user, role="owner")
    assessment = assessment_start(enterprise=firm, standard="eu-dii-v3", by=user)
    given = some_answers("eu-dii-v3", ANSWERS)
    answer(
        assessment,
        {name: number % 3 == 0 and value for number, (name, value) in enumerate(given.items())},
        user,
    )
    assessment_complete(assessment=assessment, by=user)
    world.users["buyer"] = user
    world.extra["buyer"] = firm
    catalogue._Holder.state = catalogue._Live()
    return world


def written(**parts: Any) -> PartnerProfile:
    today = timezone.localdate()
    given: dict[str, Any] = {
        "kind": "business-offer",
        "title": Text(zh="小批量精密轴", en="Precise shafts in small lots"),
        "summary": Text(zh="车削、磨削小批量轴类零件", en="Turned and ground shafts in small lots"),
        "description": Words(zh="公差 0.005 毫米", en="Tolerance 0.005 mm"),
        "region": "CN-JS",
        "size": "medium",
        "industries": (ProfileIndustry(scheme="gbt-4754", code="C33"),),
        "partnerships": ("supply", "commercial"),
        "languages": ("zh", "en"),
        "amount": 800_000,
        "currency": "CNY",
        "valid_from": today.isoformat(),
        "valid_to": (today + dt.timedelta(days=200)).isoformat(),
    }
    return PartnerProfile(**(given | parts))


def drafted(
    world: World, enterprise: Enterprise | None = None, *, shows_level: bool = True, **parts: Any
) -> CooperationProfile:
    return services.profile_save(
        enterprise=enterprise or world.enterprise,
        row=None,
        profile=written(**parts),
        contact="Li, li@metal.example, +86 25 0000 0000",
        shows_level=shows_level,
        by=world.users["owner"],
    )


def submitted(world: World, enterprise: Enterprise | None = None, **parts: Any) -> CooperationProfile:
    row = drafted(world, enterprise, **parts)
    services.profile_submit(profile=row, by=world.users["owner"])
    row.refresh_from_db()
    return row


def public(world: World, enterprise: Enterprise | None = None, **parts: Any) -> CooperationProfile:
    """Return a profile that everybody sees."""
    row = submitted(world, enterprise, **parts)
    services.profile_publish(profile=row, by=world.users["officer"])
    row.refresh_from_db()
    return row


def request_of_buyer(world: World, **parts: Any) -> CooperationProfile:
    """Return the buyer's own public profile, which the world's profile complements."""
    given: dict[str, Any] = {
        "kind": "business-request",
        "title": Text(zh="求购轴", en="Shafts wanted"),
        "industries": (ProfileIndustry(scheme="nace-2", code="C25"),),
        "languages": ("en", "es"),
    }
    return public(world, world.extra["buyer"], **(given | parts))


def interested(world: World, row: CooperationProfile, **values: Any) -> Interest:
    return services.interest_express(
        profile=row, enterprise=world.extra["buyer"], values=VALUES | values, by=world.users["buyer"]
    )


def seen(world: World, row: Interest, person: str) -> Visit:
    """Return an interest as a person of the world visits it."""
    side = InterestSide.SEEKER if person == "buyer" else InterestSide.PUBLISHER
    fresh = Interest.objects.select_related("profile__enterprise", "enterprise").get(pk=row.pk)
    return Visit(world.users[person], fresh, side, signs=person in {"owner", "buyer"})


def agreed(world: World, row: Interest) -> Interest:
    services.interest_agree(visit=seen(world, row, "owner"))
    row.refresh_from_db()
    return row


def act(client: Client, row: Any, name: str, **data: Any) -> HttpResponse:
    return client.post(reverse(name, args=[row.pk]), data)


def demanding(standard: str, level: int) -> LeastLevel:
    return LeastLevel(standard=standard, level=level)
