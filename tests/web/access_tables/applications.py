"""Who may use the addresses of calls and applications."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.utils import timezone

from capillary.web.applications.models import Application, Call, Paper, Payment, Spend

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

HELPERS = {"owner", "colleague", "adviser"}
SIGNER = {"owner"}
OFFICE = {"officer"}
EVERYBODY = set(PEOPLE)
OF_HELPERS = (
    "application-spend",
    "application-spend-remove",
    "application-papers",
    "application-paper-remove",
    "application-answer",
)
OF_SIGNERS = ("application-submit", "application-withdraw", "application-appeal")
OF_OFFICE = (
    "application-ask",
    "application-clear",
    "application-propose",
    "application-confirm",
    "application-return",
    "payment-release",
    "payment-confirm",
)

TABLE: dict[str, dict[str, set[str]]] = {
    "calls": {"GET": EVERYBODY},
    "call": {"GET": EVERYBODY},
    "application-start": {"POST": HELPERS},
    "enterprise-applications": {"GET": HELPERS},
    "application": {"GET": HELPERS | OFFICE},
    "application-facts": {"GET": HELPERS, "POST": HELPERS},
    "application-paper": {"GET": HELPERS | OFFICE},
    **{name: {"POST": HELPERS} for name in OF_HELPERS},
    **{name: {"POST": SIGNER} for name in OF_SIGNERS},
    **{name: {"POST": OFFICE} for name in OF_OFFICE},
    "application-check": {"GET": OFFICE, "POST": OFFICE},
    "office-calls": {"GET": OFFICE},
    "office-call-new": {"GET": OFFICE, "POST": OFFICE},
    "office-call": {"GET": OFFICE},
    "office-call-edit": {"GET": OFFICE, "POST": OFFICE},
    "office-call-csv": {"GET": OFFICE},
    "office-call-ledger": {"GET": OFFICE},
}


def _call(world: World) -> Call:
    today = timezone.localdate()
    return Call.objects.create(
        organisation=world.organisation,
        programme="cn-hangzhou",
        code="city-1",
        budget=Decimal(1000),
        currency="CNY",
        opens_on=today - dt.timedelta(days=1),
        closes_on=today + dt.timedelta(days=1),
    )


def _application(world: World) -> list[Any]:
    row = Application.objects.create(
        call=_call(world),
        number=1,
        enterprise=world.enterprise,
        assessment=world.earlier,
        status="submitted",
        facts={"city": "hangzhou"},
        currency="CNY",
        on=timezone.localdate(),
        in_line_at=timezone.now(),
        submitted_at=timezone.now(),
    )
    return [row.pk]


def _line(world: World) -> list[Any]:
    (row,) = _application(world)
    line = Spend.objects.create(
        application_id=row,
        category="spend_software",
        supplier="A",
        number="1",
        key="1|a",
        plain_number="1",
        day=dt.date(2026, 1, 1),
        total=Decimal(1),
        claimed=Decimal(1),
        currency="CNY",
    )
    return [row, line.pk]


def _paper(world: World) -> list[Any]:
    (row,) = _application(world)
    paper = Paper(application_id=row, file_name="a.txt", file_type="text/plain")
    paper.file.save("a.txt", ContentFile(b"a"))
    return [row, paper.pk]


def _payment(world: World) -> list[Any]:
    (row,) = _application(world)
    Payment.objects.create(application_id=row, number=1, amount=Decimal(1))
    return [row, 1]


ARGS = {
    **dict.fromkeys(
        ("call", "office-call", "office-call-edit", "office-call-csv", "office-call-ledger"),
        lambda world: [_call(world).pk],
    ),
    "application-start": lambda world: [_call(world).pk, world.enterprise.pk],
    "enterprise-applications": lambda world: [world.enterprise.pk],
    "application-spend-remove": _line,
    "application-paper": _paper,
    "application-paper-remove": _paper,
    "application-check": lambda world: [*_application(world), "city"],
    "payment-release": _payment,
    "payment-confirm": _payment,
    **dict.fromkeys(
        ("application", "application-facts", "application-spend", "application-papers", "application-answer"),
        _application,
    ),
    **dict.fromkeys(OF_SIGNERS, _application),
    **dict.fromkeys((name for name in OF_OFFICE if name.startswith("application")), _application),
}
