"""Who may use the addresses of the result pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.web.results.models import ShareLink
from capillary.web.results.services import link_make

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

READERS = {"owner", "colleague", "adviser", "assessor", "officer"}

TABLE = {
    "assessment-result": {"GET": READERS},
    "assessment-history": {"GET": READERS},
    "assessment-pdf": {"GET": READERS},
    "assessment-xlsx": {"GET": READERS},
    "across-start": {"POST": {"owner", "colleague", "adviser"}},
    "assessment-share": {"GET": {"owner"}, "POST": {"owner"}},
    "share-withdraw": {"POST": {"owner"}},
    "shared-result": {"GET": set(PEOPLE)},
}


def _link(world: World) -> list[object]:
    link = ShareLink.objects.create(
        assessment=world.assessment,
        token_hash=uuid.uuid4().hex,
        expires_at=timezone.now() + timedelta(days=1),
    )
    return [world.assessment.pk, link.pk]


def _token(world: World) -> list[object]:
    token = link_make(
        assessment=world.assessment,
        by=world.users["owner"],
        days=7,
        show_answers=False,
        identifier=uuid.uuid4(),
    )
    return [token]


ARGS = {
    "across-start": lambda world: [world.assessment.pk, "eu-dii-v3"],
    "share-withdraw": _link,
    "shared-result": _token,
}
