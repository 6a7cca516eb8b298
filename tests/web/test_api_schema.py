"""The API against its own OpenAPI document: every operation with made-up requests, good ones and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from capillary.web.api.services import token_create
from capillary.web.wsgi import application

from .application_kit import begun, office_world
from .kit import World

# Whether an answer fits its question, a variant its standard, a goal the firm and today, a value its fact, an invoice its
# application, a call what there is, or two filters each other is more than JSON Schema can say:
# of these operations a request that fits the document may still be refused with 422.
BEYOND_THE_SCHEMA = (
    "answer_put",
    "answers_put",
    "score",
    "assessment_start",
    "enrolments",
    "roadmap_ask",
    "entitlements",
    "facts_tell",
    "application_start",
    "spend_add",
)
CONFIG = {
    "generation": {"deterministic": True, "max-examples": 20, "database": "none"},
    "operations": [
        {
            "include-operation-id": name,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422"]}
            },
        }
        for name in BEYOND_THE_SCHEMA
    ],
}

schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json", application, config=SchemathesisConfig.from_dict(CONFIG)
)


@pytest.fixture(autouse=True)
def _no_limit(settings: Any) -> None:
    settings.LIMITS = {"api": "1000000/m"}
    caches["process"].clear()


@pytest.fixture(autouse=True)
def _one_transaction() -> Iterator[None]:
    """Keep the connection open between requests: the test's transaction is in it, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db: None) -> World:
    return office_world()


@pytest.fixture
def known(world: World) -> dict[str, str]:
    """Ids of things that are there, so that requests get past "not found"."""
    draft = begun(world)
    return {
        "enterprise_id": str(world.enterprise.pk),
        "assessment_id": str(world.assessment.pk),
        "programme_id": str(world.programme.pk),
        "call_id": str(draft.call_id),
        "application_id": str(draft.pk),
        "standard": "miit-2024",
        "question": "Q01",
    }


@pytest.fixture
def tokens(world: World) -> dict[str, str]:
    """Tokens of the owner and of the officer."""
    people = [world.users["owner"], world.users["officer"]]
    return {
        user.name: token_create(user=user, name="test", scope="write", expires_at=None)[1] for user in people
    }


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(
    case: schemathesis.Case, known: dict[str, str], tokens: dict[str, str]
) -> None:
    if case.meta is None or not case.meta.is_negative_at(ParameterLocation.PATH):
        for name in set(case.path_parameters or ()) & set(known):
            case.path_parameters[name] = known[name]
    is_of_office = "programmes" in case.path or "/calls/{call_id}/" in case.path
    secret = tokens["Officer" if is_of_office else "Owner"]
    # the test reads the answers as they are, without unpacking them
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"})
