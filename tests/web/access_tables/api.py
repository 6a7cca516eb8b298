"""Who may use the addresses of the API, and the page on which tokens are made."""

from __future__ import annotations

from typing import Any

from capillary.web.api.services import token_create
from capillary.web.planning.models import Roadmap

from ...market_kit import offer
from ..accreditation_kit import submitted
from ..kit import PEOPLE, World
from ..market_kit import publish
from ..match_kit import published, sent
from . import applications
from . import cooperation as partners
from .applications import HELPERS, OFFICE
from .places import offering_of

SIGNED_IN = set(PEOPLE) - {"anonymous", "holder"}
SEES = {"owner", "colleague", "adviser", "assessor", "officer"}
ANSWERS = {"owner", "colleague", "adviser"}
TABLE: dict[str, dict[str, set[str]]] = {
    "api-tokens": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api-token-withdraw": {"POST": {"owner"}},
    "api:openapi-json": {method: set(PEOPLE) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
    "api:api-root": {},
    "api:nothing": {},
    "api:me": {"GET": SIGNED_IN},
    "api:standards": {"GET": SIGNED_IN},
    "api:standard": {"GET": SIGNED_IN},
    "api:sectors": {"GET": SIGNED_IN},
    "api:regions": {"GET": SIGNED_IN},
    "api:industries": {"GET": SIGNED_IN},
    "api:rates": {"GET": SIGNED_IN},
    "api:score": {"POST": SIGNED_IN},
    "api:enterprises": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api:enterprise": {"GET": SEES, "PATCH": {"owner"}},
    "api:assessments": {"GET": SEES, "POST": ANSWERS},
    "api:assessment": {"GET": SEES},
    "api:answers": {"PUT": ANSWERS},
    "api:answer": {"PUT": ANSWERS, "DELETE": ANSWERS},
    "api:complete": {"POST": ANSWERS},
    "api:next": {"GET": ANSWERS},
    "api:result": {"GET": SEES},
    "api:revisions": {"GET": SEES},
    "api:roadmaps": {"GET": SEES, "POST": ANSWERS},
    "api:roadmap": {"GET": SEES, "DELETE": ANSWERS},
    "api:entitlements": {"GET": ANSWERS},
    "api:facts": {"GET": ANSWERS, "PATCH": ANSWERS},
    "api:incentives": {"GET": SIGNED_IN},
    "api:needs": {"GET": ANSWERS},
    "api:enterprise-matches": {"GET": ANSWERS},
    "api:leads": {"GET": SIGNED_IN},
    "api:provider-matches": {"GET": SIGNED_IN},
    "api:match": {"GET": ANSWERS | {"provider"}},
    "api:find": {"GET": SIGNED_IN},
    "api:partners": {"GET": SIGNED_IN},
    "api:partner": {"GET": SIGNED_IN},
    "api:partner-profiles": {"GET": ANSWERS},
    "api:partner-fits": {"GET": ANSWERS},
    "api:interests": {"GET": ANSWERS},
    "api:interest": {"GET": ANSWERS},
    "api:market-offers": {"GET": SIGNED_IN},
    "api:market-offer": {"GET": SIGNED_IN},
    "api:plan-offers": {"GET": ANSWERS},
    "api:measures": {"GET": SIGNED_IN},
    "api:measure": {"GET": SIGNED_IN},
    "api:scenarios": {"GET": SIGNED_IN},
    "api:scenario": {"GET": SIGNED_IN},
    "api:courses": {"GET": SIGNED_IN},
    "api:course": {"GET": SIGNED_IN},
    "api:projects": {"GET": SEES},
    "api:calls": {"GET": SIGNED_IN},
    "api:call": {"GET": SIGNED_IN},
    "api:applications": {"GET": HELPERS, "POST": HELPERS},
    "api:application": {"GET": HELPERS | OFFICE},
    "api:spend": {"POST": HELPERS},
    "api:spend-line": {"DELETE": HELPERS},
    "api:queue": {"GET": OFFICE},
    "api:ledger": {"GET": OFFICE},
    "api:criteria": {"GET": SIGNED_IN},
    "api:accreditation": {"GET": {"provider"} | OFFICE},
    "api:accreditation-queue": {"GET": SIGNED_IN},
    "api:offerings": {"GET": SIGNED_IN},
    "api:offering": {"GET": SIGNED_IN},
    "api:places": {"GET": {"owner", "colleague"}},
    "api:programmes": {"GET": SIGNED_IN},
    "api:enrolments": {"GET": {"officer"}},
}


def _token(world: World) -> list[Any]:
    token, _secret = token_create(user=world.users["owner"], name="ERP", scope="read", expires_at=None)
    return [token.pk]


def _roadmap(world: World) -> list[Any]:
    made = Roadmap.objects.create(
        assessment=world.assessment, wishes={"by": "2030-Q4"}, first_year=2027, first_quarter=1
    )
    return [made.pk]


def _public(_world: World) -> list[Any]:
    publish(offer("an-offer"))
    return ["an-offer"]


def _match(world: World) -> list[Any]:
    published(world, "crm")
    return [sent(world).pk]


def _provider(world: World) -> list[Any]:
    published(world, "crm")
    return []


ARGS = {
    "api:offering": lambda world: [offering_of(world).pk],
    "api:match": _match,
    "api:accreditation": lambda world: [submitted(world).pk],
    "api:leads": _provider,
    "api:provider-matches": _provider,
    "api:partner": partners.ARGS["partner"],
    "api:partner-fits": partners.ARGS["partner-fits"],
    "api:interest": partners.ARGS["interest"],
    "api:roadmap": _roadmap,
    "api:market-offer": _public,
    "api:measure": lambda _world: ["crm-cloud"],
    "api:course": lambda _world: ["payment-fraud"],
    "api:scenario": lambda _world: ["virus-stops-invoicing"],
    "api-token-withdraw": _token,
    "api:call": applications.ARGS["call"],
    "api:queue": applications.ARGS["office-call"],
    "api:ledger": applications.ARGS["office-call-ledger"],
    "api:application": applications.ARGS["application"],
    "api:spend": applications.ARGS["application-spend"],
    "api:spend-line": applications.ARGS["application-spend-remove"],
    "api:standard": lambda _world: ["miit-2024"],
    "api:answer": lambda world: [world.assessment.pk, "Q05"],
}
