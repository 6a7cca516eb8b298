"""Who may use the addresses of the outcomes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.web.outcomes.models import Outcome

if TYPE_CHECKING:
    from ..kit import World

WORKERS = {"owner", "colleague", "adviser"}

TABLE = {
    "outcomes": {"GET": WORKERS},
    "outcome-agree": {"POST": {"owner"}},
    "outcome-delete": {"POST": {"owner"}},
    "outcome-review": {"GET": {"officer"}},
    "outcome-reviewed": {"GET": {"officer"}, "POST": {"officer"}},
}


def _outcome(world: World) -> list[object]:
    made = Outcome.objects.create(
        enterprise=world.enterprise,
        scenario="virus-stops-invoicing",
        measures=[],
        done_on=dt.date(2026, 5, 1),
        currency="CNY",
        language="en",
        consented_at=timezone.now(),
    )
    return [made.pk]


ARGS = {
    "outcomes": lambda world: [world.enterprise.pk],
    **dict.fromkeys(("outcome-agree", "outcome-delete", "outcome-reviewed"), _outcome),
}
