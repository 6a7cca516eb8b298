"""What a firm may claim, through the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from capillary.web.funding.models import FirmFacts

from .kit import make_world

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def send(world: World, method: str, path: str, body: Any = None, person: str = "owner") -> Any:
    client = world.client(person)
    address = f"/api/v1/assessments/{world.assessment.pk}/{path}"
    if body is None:
        return getattr(client, method)(address)
    return getattr(client, method)(address, data=json.dumps(body), content_type="application/json")


def test_facts_are_told_and_entitlements_follow(world: World) -> None:
    facts = {
        "city": "wuhan",
        "size_cn": "small",
        "is_pilot_industry": True,
        "has_central_funding": False,
        "level_after": 3,
        "spend_software": "1000000.50",
        "spend_cloud": 0,
        "spend_gateways": 0,
    }
    told = send(world, "patch", "facts", {"facts": facts})
    assert told.status_code == 200, told.content
    assert told.json() == {"facts": facts, "aids": None, "currency": "CNY"}
    found = send(world, "get", "entitlements?on=2026-01-01").json()
    wuhan = next(item for item in found["programmes"] if item["programme"] == "cn-wuhan")
    assert (wuhan["verdict"], wuhan["amount"]["low"]) == ("entitled", "400000")
    assert found["together"]["chosen"] == ["cn-wuhan"]
    send(world, "patch", "facts", {"facts": {"spend_software": None}})
    assert "spend_software" not in send(world, "get", "facts").json()["facts"]
    assert {item["id"] for item in world.client("owner").get("/api/v1/incentives").json()} >= {
        "cn-wuhan",
        "sg-psg",
    }


def test_what_cannot_be_is_named_and_nothing_is_kept(world: World) -> None:
    refused = send(world, "patch", "facts", {"facts": {"city": "wuhan", "employes": 3, "turnover": "lots"}})
    assert refused.status_code == 422
    assert {(error["path"], error["code"]) for error in refused.json()["errors"]} == {
        ("body.facts.employes", "unknown-fact"),
        ("body.facts.turnover", "wrong-unit"),
    }
    assert not FirmFacts.objects.exists()
    assert send(world, "get", "entitlements?on=2026-02-30").status_code == 422
    assert send(world, "get", "entitlements", person="officer").status_code == 404
