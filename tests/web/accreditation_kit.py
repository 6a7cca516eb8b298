"""What the tests of accreditations share: an office that accredits, its officers, and the world's provider with its facts."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation

from capillary.matching.accrediting import Outcome, Side
from capillary.web.accounts.models import Position, User
from capillary.web.accreditations import services
from capillary.web.accreditations.models import AccreditationPaper, AccreditationRequest, Desk
from capillary.web.accreditations.selectors import Visit
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import offer_publish, offer_submit

from .kit import World, make_world
from .market_kit import draft

PLATFORM, HANGZHOU = "platform-admission", "cn-hangzhou-products"
SITE = "https://example.org/"
TOLD: dict[str, Any] = {
    "provider_is_cn_legal_person": True,
    "provider_violation_free": True,
    "provider_owns_ip": True,
    "provider_reference_cases": 3,
    "provider_products": 1,
    "provider_stages": ["production"],
}


def accreditation_world() -> World:
    """Return the world with three officers and a provider that is public and has told what the criteria ask for."""
    world = make_world()
    for name in ("second", "third"):
        world.users[name] = User.objects.create_user(
            f"{name}@example.com", "a good passphrase", name=name.capitalize()
        )
        Position.objects.create(user=world.users[name], organisation=world.organisation, role="officer")
    shown(world)
    services.facts_tell(provider=provider_of(world), facts=TOLD, by=world.users["provider"])
    desk_of(world)
    return world


def shown(world: World) -> None:
    """Make the world's provider public, with one offer."""
    row = draft(world)
    offer_submit(offer=row, by=None)
    offer_publish(offer=row, by=None)


def provider_of(world: World) -> MarketProvider:
    found = MarketProvider.objects.filter(code="shop").first()
    return found or draft(world).provider


def desk_of(world: World, programme: str = PLATFORM, **values: Any) -> Desk:
    found = Desk.objects.filter(organisation=world.organisation, programme=programme).first()
    return found or services.desk_save(
        desk=None, organisation=world.organisation, values={"programme": programme, **values}, by=None
    )


def application(world: World, programme: str = PLATFORM) -> AccreditationRequest:
    """Return an application of the world's provider that is begun."""
    return services.request_start(
        desk=desk_of(world, programme), provider=provider_of(world), by=world.users["provider"]
    )


def as_(world: World, person: str, row: AccreditationRequest) -> Visit:
    row.refresh_from_db()
    side = Side.PROVIDER if person == "provider" else Side.OFFICE
    return Visit(world.users[person], row, side)


def submitted(world: World, programme: str = PLATFORM) -> AccreditationRequest:
    services.facts_tell(provider=provider_of(world), facts=TOLD, by=None)
    row = application(world, programme)
    services.request_submit(visit=as_(world, "provider", row), remark="", site=SITE)
    row.refresh_from_db()
    return row


def identity_checked(world: World, row: AccreditationRequest) -> None:
    services.fact_check(
        visit=as_(world, "officer", row),
        fact="provider_identity_checked",
        value=True,
        why="The public register",
    )


def decided(
    world: World,
    row: AccreditationRequest,
    outcome: Outcome,
    reasons: str = "",
    by: tuple[str, str] = ("officer", "second"),
) -> None:
    services.decision_propose(visit=as_(world, by[0], row), outcome=outcome, reasons=reasons)
    services.decision_confirm(visit=as_(world, by[1], row), remark="", site=SITE)
    row.refresh_from_db()


def granted(world: World) -> AccreditationRequest:
    row = submitted(world)
    identity_checked(world, row)
    decided(world, row, Outcome.GRANT)
    return row


def paper_of(world: World) -> AccreditationPaper:
    found = AccreditationPaper(
        request=submitted(world), file_name="register.pdf", file_type="application/pdf"
    )
    found.file.save("register.pdf", ContentFile(b"%PDF-1.4"), save=False)
    found.save()
    return found


def act(world: World, person: str, row: AccreditationRequest, name: str, **data: Any) -> HttpResponse:
    """Return the page after one person pressed one button."""
    with translation.override("en"):
        address = reverse(f"accreditation-{name}", args=[row.pk])
    return world.client(person).post(address, data, follow=True)
