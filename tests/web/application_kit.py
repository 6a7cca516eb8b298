"""What the tests of applications share: an office with officers, a call, and an enterprise that can apply."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web.accounts.models import Position, User
from capillary.web.applications.models import Application, Call
from capillary.web.applications.services import application_start
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_start
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.funding.models import FirmFacts

from .kit import World, make_world

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# with a level of 2 that evidence supports, entitled to Hangzhou's subsidy
HANGZHOU: dict[str, Any] = {
    "country": "cn",
    "city": "hangzhou",
    "industry_cn": "industry",
    "turnover": "18000000",
    "size_cn": "small",
    "is_pilot_industry": True,
    "has_central_funding": False,
    "is_accepted": True,
}
OFFICERS = ("officer", "second", "third", "fourth")


def office_world(budget: int | None = 500_000, programme: str = "cn-hangzhou", **changes: Any) -> World:
    """Return the world with a call of the city, four officers, and an owner who told what the call asks for."""
    world = make_world()
    for name in OFFICERS[1:]:
        world.users[name] = User.objects.create_user(
            f"{name}@example.com", "a good passphrase", name=name.capitalize()
        )
        Position.objects.create(user=world.users[name], organisation=world.organisation, role="officer")
    today = timezone.localdate()
    values = {
        "budget": None if budget is None else Decimal(budget),
        "currency": "CNY",
        "opens_on": today - dt.timedelta(days=10),
        "closes_on": today + dt.timedelta(days=10),
    } | changes
    world.extra["call"] = Call.objects.create(
        organisation=world.organisation, programme=programme, code="city-2026-1", **values
    )
    FirmFacts.objects.create(enterprise=world.enterprise, facts=HANGZHOU, aids=[], currency="CNY")
    _assessed(world.enterprise)
    return world


def _assessed(firm: Enterprise) -> None:
    """Let evidence support level 2."""
    rows = Assessment.objects.filter(enterprise=firm)
    if not rows:
        assessment_start(enterprise=firm, standard="miit-2024", by=None)
    rows.update(status=Assessment.Status.COMPLETED, supported_level=2, completed_at=timezone.now())


def another_firm(world: World, name: str) -> Enterprise:
    """Return another enterprise of the same owner that is entitled as well."""
    firm = Enterprise.objects.create(
        name=name, sector="metal-products", region="CN-ZJ", employees=50, claimed_at=timezone.now()
    )
    Member.objects.create(enterprise=firm, user=world.users["owner"], role="owner")
    FirmFacts.objects.create(enterprise=firm, facts=HANGZHOU, aids=[], currency="CNY")
    _assessed(firm)
    return firm


def act(client: Client, row: Application, address: str, /, *more: Any, **data: Any) -> HttpResponse:
    """Do something with an application in a browser; the answer after a redirect."""
    return client.post(reverse(address, args=[row.pk, *more]), data, follow=True)


def begun(world: World, firm: Enterprise | None = None, call: Call | None = None) -> Application:
    """Return a draft."""
    return application_start(
        call=call or world.extra["call"], enterprise=firm or world.enterprise, by=world.users["owner"]
    )


def invoice(number: str, total: int | str, **changes: Any) -> dict[str, Any]:
    """Return the fields of an invoice."""
    return {
        "category": "spend_software",
        "supplier": "Example Software Ltd",
        "number": number,
        "day": "2026-05-05",
        "total": str(total),
        "claimed": "",
    } | changes


def filled(
    world: World, row: Application, total: int | str = 600_000, number: str = "A-1", **changes: Any
) -> Application:
    """Return a draft with an invoice and every paper."""
    owner = world.client("owner")
    assert act(owner, row, "application-spend", **invoice(number, total, **changes)).status_code == 200
    page = owner.get(reverse("application", args=[row.pk]))
    for entry in page.context["checklist"]:
        done = act(
            owner,
            row,
            "application-papers",
            item=entry.item.id,
            file=SimpleUploadedFile(f"{entry.item.id}.pdf", PDF),
        )
        assert done.status_code == 200, done.context["forms"]["paper"].errors
    return row


def submitted(
    world: World, firm: Enterprise | None = None, total: int | str = 600_000, number: str = "A-1"
) -> Application:
    """Return an application that stands in line."""
    row = filled(world, begun(world, firm), total, number)
    done = act(
        world.client("owner"), row, "application-submit", name="Example Owner", is_true="on", remark=""
    )
    assert done.status_code == 200, done.context["forms"]["submit"].errors
    row.refresh_from_db()
    return row


def proposed(
    world: World, row: Application, amount: int | str | None, person: str = "officer"
) -> HttpResponse:
    """Let an officer propose: an amount, or a refusal where it is None."""
    data = {"grants": "yes", "amount": str(amount)} if amount is not None else {"grants": "no"}
    return act(world.client(person), row, "application-propose", reasons="The papers show it.", **data)


def granted(world: World, row: Application, amount: int | str) -> Application:
    """Return an application that two officers granted."""
    assert proposed(world, row, amount).status_code == 200
    assert act(world.client("second"), row, "application-confirm", text="").status_code == 200
    row.refresh_from_db()
    assert row.status == "granted"
    return row
