"""Who may use the pages of enterprises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.web.enterprises.invitations import secret_hash
from capillary.web.enterprises.models import Invitation, Member

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

ALL = set(PEOPLE)
SIGNED_IN = ALL - {"anonymous", "holder"}
OWNER = {"owner"}
TABLE: dict[str, dict[str, set[str]]] = {
    "home": {"GET": SIGNED_IN},
    "programme-join": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "programme-join-code": {"GET": ALL, "POST": SIGNED_IN},
    "programme-leave": {"POST": OWNER},
    "enterprise": {"GET": {"owner", "colleague", "adviser", "assessor", "officer"}},
    "enterprise-edit": {"GET": OWNER, "POST": OWNER},
    "enterprise-start": {"POST": {"owner", "colleague", "adviser"}},
    "enterprise-parts": {"GET": {"owner", "colleague", "adviser"}},
    "enterprise-claim": {"GET": {"holder"}},
    "enterprise-people": {"GET": OWNER, "POST": OWNER},
    "enterprise-consents": {"GET": OWNER, "POST": OWNER},
    "enterprise-export": {"GET": OWNER},
    "enterprise-erase": {"GET": OWNER, "POST": OWNER},
    "member-end": {"POST": {"owner", "colleague"}},
    "member-promote": {"POST": OWNER},
    "invitation-change": {"POST": OWNER},
    "invitation": {"GET": ALL, "POST": SIGNED_IN},
    "invitation-mine": {"POST": {"stranger"}},
}


def an_invitation(world: World) -> Invitation:
    """Return an invitation of the stranger."""
    found, _made = Invitation.objects.get_or_create(
        enterprise=world.enterprise,
        email="stranger@example.com",
        role="colleague",
        language="en",
        secret=secret_hash("secret"),
    )
    return found


def the_colleague(world: World) -> list[Any]:
    return [world.enterprise.pk, Member.objects.get(user=world.users["colleague"]).pk]


ARGS = {
    "programme-join-code": lambda world: [world.programme.code],
    "programme-leave": lambda world: [world.enterprise.pk, world.enrolment.pk],
    "enterprise-claim": lambda world: [world.unclaimed.pk],
    "member-end": the_colleague,
    "member-promote": the_colleague,
    "invitation-change": lambda world: [world.enterprise.pk, an_invitation(world).pk],
    "invitation": lambda world: [an_invitation(world) and "secret"],
    "invitation-mine": lambda world: [an_invitation(world).pk],
}
