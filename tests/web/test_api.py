"""The API: tokens, who may do what, answers and their revisions, errors, pages, how many queries it takes."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.web import engine
from capillary.web.access import Role
from capillary.web.api.build import api
from capillary.web.api.models import ApiToken
from capillary.web.api.services import digest_of, token_create, token_withdraw
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Enterprise, Member

from .kit import World, some_answers

PROBLEM = "application/problem+json"
JSON = "application/json"


class Caller:
    """A program with a token."""

    def __init__(self, secret: str, language: str = "en") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": language})

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": JSON}
        return self.client.generic(method, f"/api/v1{path}", **options)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["process"].clear()


def caller(world: World, person: str, scope: str = "write", **options: Any) -> Caller:
    user = world.users[person]
    return Caller(token_create(user=user, name=person, scope=scope, expires_at=None)[1], **options)


@pytest.fixture
def owner(world: World) -> Caller:
    return caller(world, "owner")


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert set(found) == {"type", "title", "status", "detail", "errors"}
    assert found["status"] == status
    return found


# --- Who ---------------------------------------------------------------------------------------------------


def test_without_a_token_there_is_only_the_way_to_get_one(world: World) -> None:
    for path in (
        "/standards",
        "/enterprises",
        f"/assessments/{world.assessment.pk}",
        f"/assessments/{uuid.uuid4()}",
    ):
        response = Client().get(f"/api/v1{path}")
        problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert Client().get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("secret", ["", "cap_wrong", "with spaces in it", "Bearer", "\udcff"])
def test_a_wrong_token_is_refused_even_in_the_browser_of_somebody_who_is_signed_in(
    world: World, secret: str
) -> None:
    client = world.client("owner")
    assert client.get("/api/v1/me").status_code == 200
    problem(
        client.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {secret}".encode("utf-8", "replace").decode()}
        ),
        401,
    )


def test_tokens_that_expired_were_withdrawn_or_belong_to_locked_users_open_nothing(world: World) -> None:
    user = world.users["owner"]
    past = timezone.now() - timedelta(seconds=1)
    _token, expired = token_create(user=user, name="old", scope="read", expires_at=past)
    problem(Caller(expired)("GET", "/me"), 401)
    token, secret = token_create(
        user=user, name="mine", scope="read", expires_at=timezone.now() + timedelta(days=1)
    )
    assert Caller(secret)("GET", "/me").json() == {
        "email": user.email,
        "name": user.name,
        "token": "mine",
        "scope": "read",
    }
    token_withdraw(token=token, by=user)
    problem(Caller(secret)("GET", "/me"), 401)
    _token, other = token_create(user=user, name="mine", scope="read", expires_at=None)
    user.is_active = False
    user.save()
    problem(Caller(other)("GET", "/me"), 401)


def test_a_token_is_stored_as_its_hash_only(world: World) -> None:
    token, secret = token_create(user=world.users["owner"], name="mine", scope="read", expires_at=None)
    stored = ApiToken.objects.filter(pk=token.pk).values().get()
    assert stored["digest"] == digest_of(secret)
    assert not any(secret in str(value) for value in stored.values())
    assert secret.startswith(stored["start"])


def test_a_reading_token_writes_nothing(world: World) -> None:
    call = caller(world, "owner", "read")
    assert call("GET", f"/assessments/{world.assessment.pk}").status_code == 200
    found = problem(call("PUT", f"/assessments/{world.assessment.pk}/answers/Q05", {"value": "A"}), 403)
    assert found["type"].endswith("read-only-token")
    assert call("POST", "/score", {"standard": "miit-2024"}).status_code == 200


def test_a_browser_needs_the_csrf_token_to_write(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["owner"], backend="django.contrib.auth.backends.ModelBackend")
    path = f"/api/v1/assessments/{world.assessment.pk}/answers/Q05"
    assert client.get(f"/api/v1/assessments/{world.assessment.pk}").status_code == 200
    found = problem(client.put(path, json.dumps({"value": "A"}), content_type=JSON), 403)
    assert found["type"].endswith("csrf")
    page = client.get(reverse("api-tokens")).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer = client.put(path, json.dumps({"value": "A"}), content_type=JSON, headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_what_one_may_not_see_does_not_exist(world: World) -> None:
    enterprise, assessment = world.enterprise.pk, world.assessment.pk
    nothing = uuid.uuid4()
    for person in ("stranger", "provider", "administrator"):
        call = caller(world, person)
        for method, path in (
            ("GET", "/enterprises/{e}"),
            ("PATCH", "/enterprises/{e}"),
            ("GET", "/enterprises/{e}/assessments"),
            ("POST", "/enterprises/{e}/assessments"),
            ("GET", "/assessments/{a}"),
            ("PUT", "/assessments/{a}/answers"),
            ("PUT", "/assessments/{a}/answers/Q05"),
            ("DELETE", "/assessments/{a}/answers/Q05"),
            ("POST", "/assessments/{a}/complete"),
            ("GET", "/assessments/{a}/next"),
            ("GET", "/assessments/{a}/result"),
            ("GET", "/assessments/{a}/revisions"),
        ):
            for body in (None, {"wrong": True}, {"value": "A"}) if method in {"PUT", "PATCH"} else (None,):
                there = call(method, path.format(e=enterprise, a=assessment), body)
                gone = call(method, path.format(e=nothing, a=nothing), body)
                problem(there, 404)
                assert there.content == gone.content
        problem(call("GET", f"/programmes/{world.programme.pk}/enrolments"), 404)
        assert call("GET", "/enterprises").json()["items"] == []
        assert call("GET", "/programmes").json()["items"] == []


def test_each_role_does_what_it_may(world: World) -> None:
    path = f"/enterprises/{world.enterprise.pk}"
    for person, manages, answers in (
        ("owner", True, True),
        ("colleague", False, True),
        ("adviser", False, True),
        ("assessor", False, False),
        ("officer", False, False),
    ):
        call = caller(world, person)
        assert call("GET", path).json()["roles"] == [person]
        assert call("PATCH", path, {"employees": 90}).status_code == (200 if manages else 404)
        answer = call("PUT", f"/assessments/{world.assessment.pk}/answers/Q05", {"value": "A"})
        assert answer.status_code == (200 if answers else 404)


def test_reading_as_an_outsider_is_written_down(world: World) -> None:
    AuditEntry.objects.all().delete()
    caller(world, "owner")("GET", f"/assessments/{world.assessment.pk}")
    assert not AuditEntry.objects.filter(kind="read").exists()
    caller(world, "officer")("GET", f"/assessments/{world.assessment.pk}/result")
    entry = AuditEntry.objects.get(kind="read")
    assert (entry.user, entry.role, entry.enterprise) == (
        world.users["officer"],
        Role.OFFICER,
        world.enterprise.pk,
    )


def test_too_many_requests_are_told_when_to_come_back(world: World, settings: Any) -> None:
    settings.LIMITS = {"api": "3/m"}
    call = caller(world, "owner")
    assert [call("GET", "/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = call("GET", "/me")
    problem(response, 429)
    assert 1 <= int(response["Retry-After"]) <= 61
    assert caller(world, "colleague")("GET", "/me").status_code == 200


def test_last_use_is_noted_now_and_then(world: World) -> None:
    call = caller(world, "owner")
    call("GET", "/me")
    first = ApiToken.objects.get(name="owner").last_used_at
    call("GET", "/me")
    assert first is not None
    assert ApiToken.objects.get(name="owner").last_used_at == first


# --- Content -----------------------------------------------------------------------------------------------


def test_gives_the_standards_with_everything_that_an_answer_needs(owner: Caller) -> None:
    listed = owner("GET", "/standards").json()
    assert [item["id"] for item in listed] == list(engine.standards())
    for row in listed:
        found = owner("GET", f"/standards/{row['id']}").json()
        assert len(found["items"]) == row["questions"]
        for item in found["items"]:
            asked = engine.standards()[row["id"]].by_id[item["id"]]
            assert item["text"] == {"zh": asked.text.zh, "en": asked.text.en}
            answers = some_answers(row["id"], len(found["items"]))[item["id"]]
            assert item["kind"] == type(asked).__name__.lower()
            if item["kind"] in {"single", "rate"}:
                assert answers in [option["key"] for option in item["options"]]
            if item["kind"] == "grid":
                assert set(answers) == {line["key"] for line in item["rows"]}
    problem(owner("GET", "/standards/none"), 404)
    assert {item["id"] for item in owner("GET", "/sectors").json()} == set(engine.library().sectors())
    assert {"id": "CN-JS", "title": {"zh": "江苏省", "en": "Jiangsu"}, "parent": "CN"} in [
        {**item, "title": {"zh": "江苏省", "en": "Jiangsu"}} for item in owner("GET", "/regions").json()
    ]


def test_scores_without_keeping_anything(owner: Caller, world: World) -> None:
    before = (Assessment.objects.count(), Enterprise.objects.count(), Revision.objects.count())
    answers = some_answers("miit-2024", 12)
    found = owner(
        "POST", "/score", {"standard": "miit-2024", "answers": answers, "evidence": {"Q05": "verified"}}
    ).json()
    stored = owner("GET", f"/assessments/{world.assessment.pk}").json()
    assert (found["score"], found["level"], found["dimensions"]) == (
        stored["score"],
        stored["level"],
        stored["dimensions"],
    )
    assert found["supported"]["score"][0] <= found["score"][0]
    assert (Assessment.objects.count(), Enterprise.objects.count(), Revision.objects.count()) == before


def test_names_everything_that_is_wrong_with_a_sheet(owner: Caller) -> None:
    sheet = {"standard": "miit-2024", "answers": {"Q05": "Z", "Q99": "A"}, "variant": "none"}
    errors = problem(owner("POST", "/score", sheet), 422)["errors"]
    assert {(item["path"], item["code"]) for item in errors} >= {
        ("body.answers.Q05", "unknown-option"),
        ("body.answers.Q99", "unknown-question"),
    }
    assert all(item["cause"] and item["remedy"] for item in errors)


# --- Enterprises and assessments ---------------------------------------------------------------------------


def test_registers_an_enterprise_and_assesses_it(owner: Caller, world: World) -> None:
    made = owner("POST", "/enterprises", {"name": "Example Plastics", "sector": "machinery", "employees": 20})
    assert made.status_code == 201
    facts = made.json()
    assert made["Location"] == f"/api/v1/enterprises/{facts['id']}"
    assert Member.objects.get(enterprise=facts["id"]).user == world.users["owner"]
    changed = owner("PATCH", f"/enterprises/{facts['id']}", {"region": "CN-JS", "sector": None}).json()
    assert (changed["name"], changed["region"], changed["sector"]) == ("Example Plastics", "CN-JS", None)
    started = owner("POST", f"/enterprises/{facts['id']}/assessments", {"standard": "eu-dii-v3"})
    again = owner("POST", f"/enterprises/{facts['id']}/assessments", {"standard": "eu-dii-v3"})
    assert (started.status_code, again.status_code) == (201, 200)
    assert started.json()["id"] == again.json()["id"]
    path = f"/assessments/{started.json()['id']}"
    steps = 0
    while (step := owner("GET", f"{path}/next").json())["question"] is not None:
        name = step["question"]["id"]
        assert (
            owner("PUT", f"{path}/answers/{name}", {"value": some_answers("eu-dii-v3", 99)[name]}).status_code
            == 200
        )
        steps += 1
    done = owner("POST", f"{path}/complete").json()
    assert (done["status"], done["answered"]) == ("completed", steps)
    result = owner("GET", f"{path}/result").json()
    assert (result["score"], result["level"]) == (done["score"], done["level"])
    assert result == json.loads(
        json.dumps(engine.diagnosis_of(Assessment.objects.get(pk=done["id"])).as_json())
    ) | {"views": result["views"]}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": ""}, "body.name"),
        ({"name": "a\u0000b"}, "body.name"),
        ({"name": "A", "sector": "none"}, "body.sector"),
        ({"name": "A", "region": "XX"}, "body.region"),
        ({"name": "A", "employees": 0}, "body.employees"),
        ({"name": "A", "employees": True}, "body.employees"),
        ({"name": "A", "extra": 1}, "body.extra"),
        ({}, "body.name"),
    ],
)
def test_says_what_is_wrong_with_facts(owner: Caller, body: Any, path: str) -> None:
    errors = problem(owner("POST", "/enterprises", body), 422)["errors"]
    assert [item["path"] for item in errors] == [path]


def test_answers_make_revisions_and_the_same_answer_makes_none(owner: Caller, world: World) -> None:
    path = f"/assessments/{world.assessment.pk}"
    before = owner("GET", path).json()
    same = owner("PUT", f"{path}/answers/Q05", {"value": before["answers"]["Q05"]["value"]}).json()
    assert same["revision"] == before["revision"]
    changed = owner("PUT", f"{path}/answers/Q05", {"value": "A", "reason": "counted again"}).json()
    assert changed["revision"] == before["revision"] + 1
    assert changed["answers"]["Q05"]["value"] == "A"
    taken = owner("DELETE", f"{path}/answers/Q05").json()
    assert "Q05" not in taken["answers"]
    assert owner("DELETE", f"{path}/answers/Q05").json()["revision"] == taken["revision"]
    rows = owner("GET", f"{path}/revisions?limit=200").json()
    assert [row["number"] for row in rows["items"]] == list(range(1, taken["revision"] + 1))
    assert rows["items"][-2] | {"at": ""} == {
        "number": changed["revision"],
        "question": "Q05",
        "value": "A",
        "origin": "api",
        "by": "Owner",
        "at": "",
        "reason": "counted again",
    }
    assert rows["items"][-1]["value"] is None


def test_several_answers_are_taken_together_or_not_at_all(owner: Caller, world: World) -> None:
    path = f"/assessments/{world.assessment.pk}"
    before = owner("GET", path).json()
    wrong = problem(owner("PUT", f"{path}/answers", {"answers": {"Q05": "A", "Q08": "nonsense"}}), 422)
    assert wrong["errors"][0]["path"].startswith("body.answers.Q08")
    problem(owner("PUT", f"{path}/answers", {"answers": {"Q05": "A", "Q00": "A"}}), 422)
    assert owner("GET", path).json() == before
    good = owner("PUT", f"{path}/answers", {"answers": {"Q05": "A", "Q02": None}}).json()
    assert good["answers"]["Q05"]["value"] == "A"
    assert "Q02" not in good["answers"]


def test_somebody_who_was_slower_overwrites_nothing(owner: Caller, world: World) -> None:
    path = f"/assessments/{world.assessment.pk}"
    seen = owner("GET", path).json()["revision"]
    assert owner("PUT", f"{path}/answers/Q05", {"value": "A", "revision": seen}).status_code == 200
    late = caller(world, "colleague")
    for method, tail, body in (
        ("PUT", "/answers/Q05", {"value": "B", "revision": seen}),
        ("PUT", "/answers", {"answers": {"Q05": "B"}, "revision": seen}),
        ("DELETE", f"/answers/Q05?revision={seen}", None),
    ):
        assert problem(late(method, f"{path}{tail}", body), 409)["type"].endswith("revision-passed")
    assert owner("GET", path).json()["answers"]["Q05"]["value"] == "A"


def test_a_completed_assessment_takes_no_answers(owner: Caller, world: World) -> None:
    found = owner("PUT", f"/assessments/{world.earlier.pk}/answers/Q05", {"value": "A"})
    assert problem(found, 409)["type"].endswith("assessment-closed")


def test_a_standard_that_is_gone_is_said_so(owner: Caller, world: World) -> None:
    Assessment.objects.filter(pk=world.assessment.pk).update(standard="gone-2000")
    found = owner("GET", f"/assessments/{world.assessment.pk}/result")
    assert problem(found, 409)["type"].endswith("standard-not-installed")
    assert owner("GET", f"/assessments/{world.assessment.pk}").status_code == 200


# --- Programmes --------------------------------------------------------------------------------------------


def test_officers_read_the_enrolments_page_by_page(world: World) -> None:
    for number in range(5):
        firm = Enterprise.objects.create(name=f"Firm {number}", region="CN-JS", claimed_at=timezone.now())
        world.programme.enrolments.create(
            enterprise=firm, name=firm.name, region="CN-JS", consented_at=timezone.now()
        )
    hidden = Enterprise.objects.create(name="Hidden", claimed_at=timezone.now())
    world.programme.enrolments.create(enterprise=hidden, name="Hidden")
    call = caller(world, "officer")
    assert [item["enrolments"] for item in call("GET", "/programmes").json()["items"]] == [6]
    path, names, cursor = f"/programmes/{world.programme.pk}/enrolments", [], ""
    for _ in range(9):
        page = call("GET", f"{path}?limit=2&cursor={cursor}").json()
        assert page["total"] == 6
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names == ["Example Metal Parts", *(f"Firm {number}" for number in range(5))]
    assert call("GET", f"{path}?region=CN&q=firm").json()["total"] == 5
    assert AuditEntry.objects.filter(kind="read", role="officer").exists()
    for query in (
        "limit=0",
        "limit=201",
        "region=XX",
        "cursor=none",
        "from=4&to=2",
        "sort=none",
        "since=soon",
    ):
        problem(call("GET", f"{path}?{query}"), 422)


# --- Errors ------------------------------------------------------------------------------------------------


def test_errors_speak_the_language_that_is_asked_for(world: World) -> None:
    english, chinese = caller(world, "owner"), caller(world, "owner", language="zh-CN")
    path = f"/assessments/{world.assessment.pk}/answers/Q05"
    one, other = (problem(call("PUT", path, {"value": "Z"}), 422) for call in (english, chinese))
    assert one["errors"][0]["code"] == other["errors"][0]["code"]
    assert one["errors"][0]["cause"].isascii() or "Z" in one["errors"][0]["cause"]
    for text in (other["title"], other["detail"], other["errors"][0]["cause"], other["errors"][0]["remedy"]):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text), text


def test_every_refusal_is_a_problem(owner: Caller, world: World, settings: Any) -> None:
    path = f"/assessments/{world.assessment.pk}/answers/Q05"
    problem(owner("GET", "/nothing/here"), 404)
    problem(owner("GET", "/"), 404)
    problem(owner("GET", "/assessments/not-an-id"), 404)
    response = owner("POST", f"/assessments/{world.assessment.pk}")
    problem(response, 405)
    assert response["Allow"] == "GET"
    for body in ("{", "[1", '{"value": NaN}', "[" * 100_000):
        problem(owner("PUT", path, data=body, content_type=JSON), 400)
    problem(owner("PUT", path, data="value=A", content_type="text/plain"), 415)
    problem(owner.client.post("/api/v1/score", {"standard": "miit-2024"}), 415)
    problem(owner("PUT", path, data="[]", content_type=JSON), 422)
    problem(owner("PUT", path, data="", content_type=JSON), 422)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(owner("PUT", path, {"value": "A" * 200}), 413)


def test_an_error_of_ours_is_a_problem_too(
    owner: Caller, world: World, monkeypatch: Any, caplog: Any
) -> None:
    monkeypatch.setattr(engine, "diagnosis_of", lambda _assessment: 1 / 0)
    found = problem(owner("GET", f"/assessments/{world.assessment.pk}/result"), 500)
    assert "ZeroDivision" not in json.dumps(found)
    assert "ZeroDivisionError" in caplog.text


def test_answers_stay_out_of_shared_caches(owner: Caller) -> None:
    assert "private" in owner("GET", "/standards")["Cache-Control"]


# --- Pages and queries -------------------------------------------------------------------------------------


def test_pages_have_a_limit(owner: Caller) -> None:
    assert owner("GET", "/enterprises").json()["limit"] == 50
    problem(owner("GET", "/enterprises?limit=201"), 422)
    assert owner("GET", "/enterprises?offset=5").json() == {"items": [], "total": 1, "limit": 50, "offset": 5}


def test_few_queries_however_much_there_is(
    owner: Caller, world: World, django_assert_max_num_queries: Any
) -> None:
    owner("GET", "/me")  # notes the first use
    path = f"/assessments/{world.assessment.pk}"
    with django_assert_max_num_queries(9):
        owner("PUT", f"{path}/answers/Q05", {"value": "A"})
    with django_assert_max_num_queries(8):
        owner("GET", path)
    with django_assert_max_num_queries(8):
        owner("GET", f"{path}/result")


def test_lists_take_the_same_queries_however_long(world: World, django_assert_max_num_queries: Any) -> None:
    owner, officer = caller(world, "owner"), caller(world, "officer")
    lists = (
        (owner, "/enterprises", 4),
        (owner, f"/enterprises/{world.enterprise.pk}/assessments", 5),
        (owner, f"/assessments/{world.assessment.pk}/revisions", 5),
        (officer, "/programmes", 3),
        (officer, f"/programmes/{world.programme.pk}/enrolments?limit=1", 7),
    )
    owner("GET", "/me")
    officer("GET", "/me")
    for _ in range(2):
        for call, path, count in lists:
            with django_assert_max_num_queries(count):
                assert call("GET", path).status_code == 200
        for number in range(3):
            firm = Enterprise.objects.create(name=f"Firm {number}", claimed_at=timezone.now())
            Member.objects.create(enterprise=firm, user=world.users["owner"], role="colleague")
            world.programme.enrolments.create(enterprise=firm, name=firm.name, consented_at=timezone.now())


# --- The page of the tokens --------------------------------------------------------------------------------


def test_a_token_is_made_shown_once_used_and_withdrawn(world: World) -> None:
    client = world.client("owner")
    page = client.post(reverse("api-tokens"), {"name": "ERP", "scope": "read", "days": "30"})
    secret = page.content.decode().split('value="cap_')[1].split('"')[0]
    assert Caller(f"cap_{secret}")("GET", "/me").status_code == 200
    token = ApiToken.objects.get(user=world.users["owner"])
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    again = client.get(reverse("api-tokens"))
    assert secret not in again.content.decode()
    assert "no-store" in again["Cache-Control"]
    other = world.client("colleague").post(reverse("api-token-withdraw", args=[token.pk]))
    assert other.status_code == 404
    assert client.post(reverse("api-token-withdraw", args=[token.pk])).status_code == 302
    assert Caller(f"cap_{secret}")("GET", "/me").status_code == 401
    assert list(
        AuditEntry.objects.filter(user=world.users["owner"], action__startswith="token").values_list(
            "action", flat=True
        )
    ) == [
        "token-withdraw",
        "token-create",
    ]


def test_nobody_has_tokens_without_end(world: World) -> None:
    for number in range(20):
        token_create(user=world.users["owner"], name=f"t{number}", scope="read", expires_at=None)
    page = world.client("owner").post(
        reverse("api-tokens"), {"name": "one more", "scope": "read", "days": ""}
    )
    assert page.status_code == 422
    assert ApiToken.objects.count() == 20


def test_the_token_page_is_for_people_who_are_signed_in(world: World) -> None:
    assert Client().get(reverse("api-tokens")).status_code == 302
    assert world.client("holder").get(reverse("api-tokens")).status_code == 302


# --- The document ------------------------------------------------------------------------------------------


def keywords(node: Any) -> Iterator[str]:
    """Yield every key of a document."""
    if isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from keywords(value)
    elif isinstance(node, list):
        for item in node:
            yield from keywords(item)


def test_the_document_names_limits_as_json_schema_does() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert not {"ge", "gt", "le", "lt"} & set(keywords(document))
    employees = document["components"]["schemas"]["EnterpriseIn"]["properties"]["employees"]["anyOf"][0]
    assert (employees["minimum"], employees["maximum"]) == (1, 10_000_000)


def test_the_document_says_everything_that_can_come_back() -> None:
    document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    ids = [item["operationId"] for methods in document["paths"].values() for item in methods.values()]
    assert len(ids) == len(set(ids))
    tags = {item["name"] for item in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert set(operation["tags"]) <= tags
            assert operation["summary"]
            assert operation["description"]
            assert {"401", "429"} <= set(answers), path
            assert ("404" in answers) == ("{" in path), path
            assert ("403" in answers) == (method != "get"), path
            if "requestBody" in operation:
                assert {"400", "413", "415", "422"} <= set(answers)
                assert "example" in json.dumps(_resolved(document, operation["requestBody"])), operation[
                    "operationId"
                ]
            for status, answer in answers.items():
                assert (PROBLEM in answer["content"]) == (int(status) >= 400)


def test_the_reference_names_every_operation_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/api.md").read_text(encoding="utf-8")
    document = api.get_openapi_schema()
    operations = {
        (f"{method.upper()} {path.removeprefix('/api/v1')}", operation["operationId"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \| `(\w+)` \|", page, re.MULTILINE)) == operations
    codes = set(re.findall(r"^\| (\d{3}) \|", page, re.MULTILINE))
    known = {
        status
        for methods in document["paths"].values()
        for item in methods.values()
        for status in item["responses"]
    }
    assert codes == {status for status in known if status >= "400"} | {"405", "500"}


def _resolved(document: Any, node: Any) -> Any:
    reference = node.get("$ref") if isinstance(node, dict) else None
    if reference:
        return _resolved(document, document["components"]["schemas"][reference.rsplit("/", 1)[-1]])
    if isinstance(node, dict):
        return {key: _resolved(document, value) for key, value in node.items()}
    return [_resolved(document, item) for item in node] if isinstance(node, list) else node


def test_officers_read_revisions_without_names(world: World) -> None:
    path = f"/assessments/{world.assessment.pk}/revisions"
    for person, name in (("officer", None), ("owner", "Owner"), ("assessor", "Owner")):
        row = caller(world, person, "read")("GET", path).json()["items"][0]
        assert (row["by"], row["origin"]) == (name, "owner")
