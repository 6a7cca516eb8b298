"""Who may use the administration: administrators, whatever the method; for everybody else it is not there."""

from __future__ import annotations

from typing import Any

from capillary.web.administration.models import EditionReport

from ..kit import World

ADMINISTRATOR = {"administrator"}
# Django's own pages take every method, and show themselves where it is not POST
ANY = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), ADMINISTRATOR)
TABLE: dict[str, dict[str, set[str]]] = {
    "admin:index": ANY,
    "admin:accounts_user_changelist": ANY,
    "admin:api_apitoken_changelist": ANY,
    "admin:core_auditentry_changelist": ANY,
    "admin:enterprises_enterprise_changelist": ANY,
    "admin:enterprises_enterprise_change": ANY,
    "admin:content": {"GET": ADMINISTRATOR},
    "admin:editions": {"GET": ADMINISTRATOR, "POST": ADMINISTRATOR},
    "admin:edition-report": {"GET": ADMINISTRATOR},
    "admin:edition-report-csv": {"GET": ADMINISTRATOR},
}


def _report(_world: World) -> list[Any]:
    return [EditionReport.objects.create(old="miit-2024", latest="eu-dma").pk]


ARGS = {
    "admin:edition-report": _report,
    "admin:edition-report-csv": _report,
    "admin:enterprises_enterprise_change": lambda world: [world.enterprise.pk],
}
