"""Who may use the addresses of cooperation profiles and interests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from capillary.web.accounts.models import User
from capillary.web.cooperation.models import Interest
from capillary.web.enterprises.models import Enterprise, Member

from ..kit import PEOPLE, World
from ..partner_kit import agreed, drafted, interested, public, submitted

Args = Callable[[World], list[Any]]


def _public(world: World) -> list[Any]:
    return [public(world).reference]


def _draft(world: World) -> list[Any]:
    return [drafted(world).pk]


def _submitted(world: World) -> list[Any]:
    return [submitted(world).pk]


def _interest(world: World) -> Interest:
    user = User.objects.create_user("abroad@example.com", "a good passphrase", name="Abroad")
    firm = Enterprise.objects.create(name="Ejemplo", region="ES", employees=40, claimed_at=timezone.now())
    Member.objects.create(enterprise=firm, user=user, role="owner")
    world.users["buyer"], world.extra["buyer"] = user, firm
    return interested(world, public(world))


def _waiting(world: World) -> list[Any]:
    return [_interest(world).pk]


def _agreed(world: World) -> list[Any]:
    return [agreed(world, _interest(world)).pk]


ALL = set(PEOPLE)
FIRM, OWNER = {"owner", "colleague", "adviser"}, {"owner"}
TABLE: dict[str, dict[str, set[str]]] = {
    "partners": {"GET": ALL},
    "partner": {"GET": ALL},
    # who owns an enterprise may ask; of the own profile that is refused in words
    "partner-interest": {"POST": OWNER},
    "enterprise-partners": {"GET": FIRM},
    "partner-new": {"GET": FIRM, "POST": FIRM},
    "partner-edit": {"GET": FIRM, "POST": FIRM},
    "partner-fits": {"GET": FIRM},
    "partner-submit": {"POST": OWNER},
    "partner-renew": {"POST": OWNER},
    "partner-withdraw": {"POST": OWNER},
    "partner-level": {"POST": OWNER},
    "interest": {"GET": FIRM},
    "interest-agree": {"POST": OWNER},
    "interest-decline": {"POST": OWNER},
    "interest-withdraw": {"POST": OWNER},
    "interest-end": {"POST": OWNER},
    "interest-message": {"POST": FIRM},
    "partner-queue": {"GET": {"officer"}},
    "partner-table": {"GET": {"officer"}},
    "partner-review": {"GET": {"officer"}, "POST": {"officer"}},
}
ARGS: dict[str, Args] = {
    **dict.fromkeys(("partner", "partner-interest"), _public),
    **dict.fromkeys(
        (
            "partner-edit",
            "partner-fits",
            "partner-submit",
            "partner-renew",
            "partner-withdraw",
            "partner-level",
        ),
        _draft,
    ),
    "partner-review": _submitted,
    **dict.fromkeys(
        ("interest", "interest-agree", "interest-decline", "interest-withdraw", "interest-message"), _waiting
    ),
    "interest-end": _agreed,
}
