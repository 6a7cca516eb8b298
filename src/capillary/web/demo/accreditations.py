"""Accreditations for showing the product, made by the services that the pages use: one that holds, and one to decide about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.matching.accrediting import Outcome, Side
from capillary.web.accreditations import services
from capillary.web.accreditations.selectors import Visit
from capillary.web.market.models import MarketProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.web.accounts.models import Organisation, User
    from capillary.web.accreditations.models import AccreditationRequest

OWN, CITY = "platform-admission", "cn-hangzhou-products"
TOLD: Mapping[str, Any] = {
    "provider_is_cn_legal_person": True,
    "provider_violation_free": True,
    "provider_owns_ip": True,
    "provider_reference_cases": 6,
    "provider_products": 3,
    "provider_stages": ["production", "supply-chain"],
}


def accreditations_load(users: Mapping[str, User], office: Organisation) -> None:
    """Let the office accredit the provider of the demonstration by one set of criteria, and have to decide by another."""
    provider = MarketProvider.objects.filter(organisation__positions__user=users["provider"]).first()
    if provider is None:
        return
    services.facts_tell(provider=provider, facts=TOLD, by=users["provider"])
    held, waiting = (_submitted(provider, office, name, users) for name in (OWN, CITY))
    services.fact_check(
        visit=Visit(users["officer"], held, Side.OFFICE),
        fact="provider_identity_checked",
        value=True,
        why="演示：已查登记信息 · Demonstration: looked up in the register",
    )
    services.decision_propose(
        visit=Visit(users["officer"], held, Side.OFFICE), outcome=Outcome.GRANT, reasons=""
    )
    services.decision_confirm(visit=Visit(users["officer2"], held, Side.OFFICE), remark="", site="")
    services.decision_propose(
        visit=Visit(users["officer2"], waiting, Side.OFFICE), outcome=Outcome.GRANT, reasons=""
    )


def _submitted(
    provider: MarketProvider, office: Organisation, programme: str, users: Mapping[str, User]
) -> AccreditationRequest:
    desk = services.desk_save(
        desk=None, organisation=office, values={"programme": programme}, by=users["officer"]
    )
    row = services.request_start(desk=desk, provider=provider, by=users["provider"])
    services.request_submit(visit=Visit(users["provider"], row, Side.PROVIDER), remark="", site="")
    row.refresh_from_db()
    return row
