"""Calls and applications through the API: what a firm's program and an office's program may do, and what neither sees."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from capillary.web.api.services import token_create
from capillary.web.applications.models import Application, Booking, Call, Spend
from capillary.web.core.models import AuditEntry

from .application_kit import act, another_firm, begun, granted, office_world, proposed, submitted
from .kit import World

pytestmark = pytest.mark.django_db
INVOICE = {
    "category": "spend_software",
    "supplier": "Example Software Ltd",
    "number": "A-1",
    "day": "2026-05-05",
    "total": "600000.00",
}


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["process"].clear()


@pytest.fixture
def world() -> World:
    return office_world()


class Caller:
    """A program with a token of somebody."""

    def __init__(self, world: World, person: str, scope: str = "write") -> None:
        _token, secret = token_create(user=world.users[person], name=person, scope=scope, expires_at=None)
        self.client = Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", **sent)


def other_call(world: World, code: str, **changes: Any) -> Call:
    today = timezone.localdate()
    values: dict[str, Any] = {
        "organisation": world.organisation,
        "programme": "cn-hangzhou",
        "currency": "CNY",
        "budget": Decimal(1000),
        "opens_on": today,
        "closes_on": today,
    } | changes
    return Call.objects.create(code=code, **values)


# --- calls -----------------------------------------------------------------------------------------------------------


def test_everybody_with_a_token_finds_the_open_calls(world: World) -> None:
    today = timezone.localdate()
    other_call(world, "soon-closed", title="Second batch")
    other_call(world, "over", opens_on=today - dt.timedelta(days=9), closes_on=today - dt.timedelta(days=1))
    other_call(world, "unknown", programme="gone")
    stranger = Caller(world, "stranger", "read")
    found = stranger("GET", "/calls").json()
    assert (found["total"], [item["code"] for item in found["items"]]) == (2, ["soon-closed", "city-2026-1"])
    page = stranger("GET", "/calls?limit=1&offset=1").json()
    assert (page["total"], [item["code"] for item in page["items"]]) == (2, ["city-2026-1"])
    assert [item["code"] for item in stranger("GET", "/calls?q=second").json()["items"]] == ["soon-closed"]
    assert stranger("GET", "/calls?limit=0").status_code == 422


def test_a_call_says_what_it_asks_for_and_how_much_is_asked_of_it(world: World) -> None:
    row = submitted(world)
    call = Caller(world, "stranger")("GET", f"/calls/{row.call_id}").json()
    assert call["programme"] == "cn-hangzhou"
    assert call["is_open"] is True
    assert call["budget"] == call["left"] == "500000.00"
    assert Decimal(call["waiting"]) == row.asked
    assert call["conditions"]
    assert {item["id"] for item in call["papers"]} == set(row.papers.values_list("item", flat=True))
    closed = other_call(world, "unknown", programme="gone")
    for gone in (closed.pk, uuid.uuid4()):
        assert Caller(world, "owner")("GET", f"/calls/{gone}").status_code == 404


# --- an enterprise ---------------------------------------------------------------------------------------------------


def test_a_program_begins_an_application_and_enters_invoices(world: World) -> None:
    call, owner = world.extra["call"], Caller(world, "owner")
    path = f"/enterprises/{world.enterprise.pk}/applications"
    made = owner("POST", path, {"call": str(call.pk)})
    assert made.status_code == 201, made.content
    draft = made.json()
    assert made["Location"] == f"/api/v1/applications/{draft['id']}"
    assert (draft["status"], draft["side"], draft["on"]) == ("draft", "enterprise", None)
    assert {item["fact"]: item["counts"] for item in draft["facts"]}["city"] == "hangzhou"
    assert "spend_software" in draft["categories"]
    assert any("invoice" in item["en"] for item in draft["lacks"])
    again = owner("POST", path, {"call": str(call.pk)})
    assert (again.status_code, again.json()["id"]) == (200, draft["id"])
    line = Caller(world, "colleague")("POST", f"/applications/{draft['id']}/spend", INVOICE)
    assert line.status_code == 201, line.content
    assert line.json() | {"id": 0} == INVOICE | {"id": 0, "claimed": "600000.00", "currency": "CNY"}
    now = owner("GET", f"/applications/{draft['id']}").json()
    assert now["spend"] == [line.json()]
    assert not any("No invoice" in item["en"] for item in now["lacks"])
    assert [item["act"] for item in now["steps"]] == ["start", "spend-add"]
    taken = owner("DELETE", f"/applications/{draft['id']}/spend/{line.json()['id']}")
    assert (taken.status_code, taken.json()) == (200, line.json())
    assert not Spend.objects.exists()
    assert owner("DELETE", f"/applications/{draft['id']}/spend/{line.json()['id']}").status_code == 404
    listed = owner("GET", path).json()
    assert [(item["id"], item["status"]) for item in listed["items"]] == [(draft["id"], "draft")]


def test_a_closed_or_unknown_call_takes_nothing(world: World) -> None:
    owner, path = Caller(world, "owner"), f"/enterprises/{world.enterprise.pk}/applications"
    Call.objects.update(closes_on=timezone.localdate() - dt.timedelta(days=1))
    late = owner("POST", path, {"call": str(world.extra["call"].pk)})
    assert (late.status_code, late.json()["type"]) == (409, "urn:capillary:problem:refused")
    assert "closed" in late.json()["detail"]
    unknown = owner("POST", path, {"call": str(uuid.uuid4())})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown-call")
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"category": "spend_yacht"}, "body.category"),
        ({"total": "0"}, "body.total"),
        ({"total": "1e5"}, "body.total"),
        ({"claimed": "600000.01"}, "body.claimed"),
        ({"day": "2099-01-01"}, "body.day"),
        ({"day": "2026-02-30"}, "body.day"),
        ({"number": "--"}, "body.number"),
        ({"supplier": ""}, "body.supplier"),
        ({"extra": 1}, "body.extra"),
    ],
    ids=lambda item: item if isinstance(item, str) else "-".join(f"{key}={item[key]}" for key in item),
)
def test_a_bad_invoice_is_named_and_not_kept(world: World, wrong: dict[str, Any], path: str) -> None:
    row = begun(world)
    found = Caller(world, "owner")("POST", f"/applications/{row.pk}/spend", INVOICE | wrong)
    assert found.status_code == 422, found.content
    (error,) = found.json()["errors"]
    assert (error["path"], bool(error["cause"] and error["remedy"])) == (path, True)
    assert not Spend.objects.exists()


def test_an_invoice_is_claimed_once_and_only_in_a_draft(world: World) -> None:
    owner, row = Caller(world, "owner"), begun(world)
    path = f"/applications/{row.pk}/spend"
    assert owner("POST", path, INVOICE).status_code == 201
    twice = owner("POST", path, INVOICE | {"number": "a 1", "supplier": "EXAMPLE SOFTWARE"})
    assert twice.status_code == 422
    assert twice.json()["errors"][0]["path"] == "body.claimed"
    handed_in = submitted(world, another_firm(world, "Second Firm"), number="B-1")
    path = f"/applications/{handed_in.pk}/spend"
    assert owner("POST", path, INVOICE | {"number": "C-1"}).status_code == 409
    assert owner("DELETE", f"{path}/{handed_in.spends.get().pk}").status_code == 409
    assert handed_in.spends.count() == 1


def test_a_program_signs_decides_and_pays_nothing(world: World) -> None:
    row = submitted(world)
    for person in ("owner", "officer"):
        call = Caller(world, person)
        for tail in ("submit", "propose", "confirm", "payments/1/release"):
            assert call("POST", f"/applications/{row.pk}/{tail}", {}).status_code == 404
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            assert call(method, f"/applications/{row.pk}", {}).status_code == 405


def test_a_reading_token_begins_nothing(world: World) -> None:
    row = begun(world)
    owner = Caller(world, "owner", "read")
    assert owner("GET", f"/applications/{row.pk}").status_code == 200
    assert owner("POST", f"/applications/{row.pk}/spend", INVOICE).status_code == 403
    path = f"/enterprises/{world.enterprise.pk}/applications"
    assert owner("POST", path, {"call": str(row.call_id)}).status_code == 403


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_an_enterprise_sees_no_proposal_and_no_officer(world: World) -> None:
    row = submitted(world)
    owner, officer = Caller(world, "owner"), Caller(world, "second")
    path = f"/applications/{row.pk}"
    proposed(world, row, 700)
    act(world.client("second"), row, "application-return", text="Too little.")
    proposed(world, row, 800)
    assert owner("GET", path).json()["decisions"] == []
    assert [item["state"] for item in officer("GET", path).json()["decisions"]] == ["returned", "proposed"]
    act(world.client("second"), row, "application-confirm", text="Seen inside.")
    act(world.client("officer"), row, "payment-release", row.payments.first().number)
    firm, office = owner("GET", path), officer("GET", path).json()
    shown = firm.json()
    assert [(item["state"], item["amount"]) for item in shown["decisions"]] == [("confirmed", "800.00")]
    assert shown["decisions"][0]["entitlement"]["trace"]["of"], "down to the figures"
    assert (shown["side"], office["side"]) == ("enterprise", "office")
    text = firm.content.decode()
    for hidden in ("Too little.", "Seen inside.", "700.00", "Officer", "Second", '"released"', '"propose"'):
        assert hidden not in text, hidden
    assert {item["state"] for item in shown["payments"]} == {"planned"}
    assert "released" in {item["state"] for item in office["payments"]}
    assert {"propose", "return", "released"} <= {item["act"] for item in office["steps"]}
    assert shown["steps"][-1] | {"at": ""} == {
        "at": "",
        "act": "grant",
        "text": "The papers show it.",
        "by": "Example City",
    }


def test_an_office_sees_no_draft(world: World) -> None:
    row = begun(world)
    officer = Caller(world, "officer")
    assert officer("GET", f"/applications/{row.pk}").status_code == 404
    assert officer("GET", f"/calls/{row.call_id}/applications").json()["total"] == 0
    assert officer("POST", f"/applications/{row.pk}/spend", INVOICE).status_code == 404
    assert Caller(world, "owner")("GET", f"/applications/{row.pk}").status_code == 200


def test_doubts_name_the_other_application_to_the_office_alone(world: World) -> None:
    first = submitted(world, number="X-77")
    row = submitted(world, another_firm(world, "Second Firm"), number="x77")
    found = Caller(world, "officer")("GET", f"/applications/{row.pk}").json()["doubts"]
    assert {item["kind"] for item in found} == {"over", "other-firm"}
    assert all(item["is_certain"] and item["others"][0]["application"] == first.reference for item in found)
    assert Caller(world, "owner")("GET", f"/applications/{row.pk}").json()["doubts"] == []


def test_what_one_may_not_see_does_not_exist(world: World) -> None:
    row = submitted(world)
    line = row.spends.get().pk
    paths = (
        ("GET", f"/applications/{row.pk}", ("stranger", "assessor", "provider", "administrator")),
        ("POST", f"/applications/{row.pk}/spend", ("stranger", "assessor", "officer")),
        ("DELETE", f"/applications/{row.pk}/spend/{line}", ("stranger", "assessor", "officer")),
        ("GET", f"/enterprises/{world.enterprise.pk}/applications", ("stranger", "assessor", "officer")),
        ("POST", f"/enterprises/{world.enterprise.pk}/applications", ("stranger", "assessor", "officer")),
        ("GET", f"/calls/{row.call_id}/applications", ("stranger", "owner", "adviser")),
        ("GET", f"/calls/{row.call_id}/ledger", ("stranger", "owner", "adviser")),
    )
    for method, path, people in paths:
        for person in people:
            call = Caller(world, person)
            nowhere = path.split("/")
            nowhere[2] = str(uuid.uuid4())
            for body in ({"wrong": True}, INVOICE) if method == "POST" else (None,):
                there, gone = call(method, path, body), call(method, "/".join(nowhere), body)
                assert (there.status_code, there.content) == (404, gone.content), (person, path)
    assert Spend.objects.count() == 1


# --- an office -------------------------------------------------------------------------------------------------------


def test_the_queue_stands_in_the_order_of_the_line(world: World) -> None:
    first = submitted(world)
    second = submitted(world, another_firm(world, "Second Firm"), number="B-1")
    third = submitted(world, another_firm(world, "Third Firm"), number="C-1")
    Call.objects.update(budget=first.asked + second.asked)
    officer, path = Caller(world, "officer"), f"/calls/{first.call_id}/applications"
    AuditEntry.objects.filter(kind="read").delete()
    found = officer("GET", path).json()
    assert AuditEntry.objects.get(kind="read").role == "officer"
    assert [(item["id"], item["place"]["number"], item["place"]["fits"]) for item in found["items"]] == [
        (str(first.pk), 1, True),
        (str(second.pk), 2, True),
        (str(third.pk), 3, False),
    ]
    assert found["items"][2]["place"]["room"] == "0.00"
    page = officer("GET", f"{path}?limit=1&offset=1").json()
    assert (page["total"], [item["id"] for item in page["items"]]) == (3, [str(second.pk)])
    granted(world, first, 100)
    groups = {
        group: [item["id"] for item in officer("GET", f"{path}?group={group}").json()["items"]]
        for group in ("todo", "second", "decided", "all")
    }
    assert groups == {
        "todo": [str(second.pk), str(third.pk)],
        "second": [],
        "decided": [str(first.pk)],
        "all": [str(first.pk), str(second.pk), str(third.pk)],
    }
    assert officer("GET", f"{path}?q=third").json()["total"] == 1
    assert officer("GET", f"{path}?group=decided").json()["items"][0]["place"] is None
    assert officer("GET", f"{path}?group=draft").status_code == 422


def test_the_ledger_holds_every_movement(world: World) -> None:
    row = granted(world, submitted(world), 1000)
    officer, path = Caller(world, "officer"), f"/calls/{row.call_id}"
    payment = row.payments.first()
    act(world.client("officer"), row, "payment-release", payment.number)
    act(world.client("second"), row, "payment-confirm", payment.number, paid_on="2026-11-01", reference="")
    found = officer("GET", f"{path}/ledger").json()
    assert found["total"] == Booking.objects.count() == 2
    assert [(item["kind"], item["amount"], item["by"]) for item in found["items"]] == [
        ("payment", f"{payment.amount:.2f}", "Second"),
        ("grant", "1000.00", "Second"),
    ]
    assert {(item["reference"], item["application"]) for item in found["items"]} == {
        (row.reference, str(row.pk))
    }
    sums = officer("GET", path).json()
    assert (sums["granted"], sums["paid"]) == ("1000.00", f"{payment.amount:.2f}")


def test_lists_take_the_same_queries_however_long(world: World, django_assert_max_num_queries: Any) -> None:
    owner, officer = Caller(world, "owner"), Caller(world, "officer")
    call = submitted(world).call_id
    lists = (
        (owner, "/calls", 4),
        (owner, f"/enterprises/{world.enterprise.pk}/applications", 5),
        (officer, f"/calls/{call}/applications", 7),
        (officer, f"/calls/{call}/ledger", 6),
    )
    owner("GET", "/me")
    officer("GET", "/me")
    for turn in range(2):
        for program, path, count in lists:
            with django_assert_max_num_queries(count):
                assert program("GET", path).status_code == 200
        for number in range(3):
            made = other_call(world, f"more-{turn}-{number}")
            begun(world, call=made)
            Application.objects.filter(call=made).update(status="withdrawn")
            begun(world, another_firm(world, f"Firm {turn} {number}"))
            Application.objects.filter(status="draft").update(status="submitted", in_line_at=timezone.now())
            Booking.objects.create(call_id=call, kind="budget", amount=1, by=world.users["officer"])


def test_a_programme_that_is_gone_is_said_so(world: World) -> None:
    row = submitted(world)
    Call.objects.update(programme="gone")
    for person in ("owner", "officer"):
        found = Caller(world, person)("GET", f"/applications/{row.pk}")
        assert (found.status_code, found.json()["type"].rpartition(":")[2]) == (
            409,
            "programme-not-installed",
        )
