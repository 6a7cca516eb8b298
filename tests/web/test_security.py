"""Security of the product as a whole: settings, headers, cookies, what refusals give away, limits, sessions."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from capillary.web.access import HELD_COOKIE

from .kit import PEOPLE, World
from .test_matrix import ACCESS, address_of, addresses, tried

pytestmark = pytest.mark.anywhere

PASSWORD = "a good passphrase"  # noqa: S105 - of the people of the test world


# --- settings of a public server ---


def run(code: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with production settings and these variables."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CAPILLARY_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, *code],
        env={**clean, "CAPILLARY_DATA": str(folder), "CAPILLARY_PRODUCTION": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


GOOD = {"CAPILLARY_SECRET_KEY": secrets.token_urlsafe(60), "CAPILLARY_HOSTS": "check.example.org"}
CHECK = ["-m", "capillary.web.manage", "check", "--deploy", "--fail-level", "WARNING"]


def test_django_finds_nothing_to_warn_of_in_production(tmp_path: Path) -> None:
    done = run(CHECK, tmp_path, **GOOD)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "secret",
    [None, "", "change-me", "change-me" * 10, "short"],
    ids=["none", "empty", "example", "long", "short"],
)
def test_a_public_server_does_not_start_without_a_secret_of_its_own(
    tmp_path: Path, secret: str | None
) -> None:
    environment = {"CAPILLARY_HOSTS": "check.example.org"}
    if secret is not None:
        environment["CAPILLARY_SECRET_KEY"] = secret
    done = run(CHECK, tmp_path, **environment)
    assert done.returncode != 0
    assert "CAPILLARY_SECRET_KEY" in done.stderr
    assert not list(tmp_path.glob("*")), "no secret was made in its stead"


@pytest.mark.parametrize(
    ("host", "more", "said"),
    [
        ("check.example.org", {}, None),
        ("check.example.org:8443", {}, None),
        ("https://check.example.org/", {}, "no name of a host"),
        ("localhost", {}, "no public name"),
        ("192.0.2.7", {}, "no public name"),
        ("other.example.org", {}, "CAPILLARY_HOSTS does not"),
        ("check.example.org", {"CAPILLARY_PLAIN_HTTP": "1"}, "needs CAPILLARY_PRODUCTION=1 and https"),
        ("check.example.org", {"CAPILLARY_PRODUCTION": "0"}, "needs CAPILLARY_PRODUCTION=1 and https"),
    ],
)
def test_did_web_is_issued_only_as_a_public_host_over_https(
    tmp_path: Path, host: str, more: dict[str, str], said: str | None
) -> None:
    done = run(CHECK[:-3], tmp_path, **GOOD, CAPILLARY_CERTIFICATE_HOST=host, **more)
    assert (done.returncode == 0) == (said is None), done.stderr
    assert said is None or said in done.stderr


SHOWN = (
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY",
    "LANGUAGE_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SAMESITE",
    "DEBUG",
    "ALLOWED_HOSTS",
    "SECRET_KEY_FALLBACKS",
    "FILE_UPLOAD_PERMISSIONS",
)


def test_cookies_and_transport_in_production(tmp_path: Path) -> None:
    code = (
        "import os, json; os.environ['DJANGO_SETTINGS_MODULE'] = 'capillary.web.settings';"
        "from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {SHOWN!r}}}))"
    )
    done = run(["-c", code], tmp_path, **GOOD)
    assert json.loads(done.stdout) == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "DEBUG": False,
        "ALLOWED_HOSTS": ["check.example.org"],
        "SECRET_KEY_FALLBACKS": [],
        "FILE_UPLOAD_PERMISSIONS": 0o600,
    }


def test_an_own_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    done = run(["-m", "capillary.web.manage", "check"], tmp_path, CAPILLARY_PRODUCTION="")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_the_cookies_that_the_product_sets(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    client = Client()
    client.post(
        "/en/check/", {"sector": "machinery", "employees": "40", "standard": "miit-2024", "variant": ""}
    )
    client.post("/language/", {"language": "en", "next": "/en/"})
    client.get("/en/accounts/login/")
    assert HELD_COOKIE in client.cookies
    for name, cookie in client.cookies.items():
        assert cookie["secure"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["httponly"] or name == product.LANGUAGE_COOKIE_NAME, name


# --- headers and pages ---


def one_of(people: set[str]) -> str:
    return next(
        person
        for person in ("owner", "officer", "adviser", "assessor", "administrator", *PEOPLE)
        if person in people
    )


@contextmanager
def undone(world: World) -> Iterator[None]:
    """Undo what happens inside, in the database and in the objects of the world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for thing in (
        world.enterprise,
        world.earlier,
        world.assessment,
        world.unclaimed,
        world.check,
        world.enrolment,
    ):
        thing.refresh_from_db()


def every_page(world: World) -> Iterator[tuple[str, HttpResponse]]:
    """Yield every address that can be read, as somebody sees it who may."""
    for name in sorted(ACCESS):
        people = ACCESS[name].get("GET", set())
        if people:
            with undone(world):
                yield name, tried(world, one_of(people), "GET", address_of(name, world))
    anonymous, administrator = world.client("anonymous"), world.client("administrator")
    for path in (
        "/en/accounts/login/",
        "/en/accounts/signup/",
        "/en/accounts/password/reset/",
        "/en/nowhere/",
    ):
        yield path, anonymous.get(path)
    for path in ("/en/admin/", "/en/admin/accounts/user/", "/en/admin/accounts/user/add/"):
        yield path, administrator.get(path)


INLINE = re.compile(
    r"""<script(?![^>]*\b(?:src=|type="application/json"))|<style\b|<[^>]+\s(?:style|on[a-z]+|hx-on[:\w-]*)\s*=\s*["']"""
    r"""|(?:href|src|action)\s*=\s*["']?\s*(?:javascript|data:text)""",
    re.IGNORECASE,
)


DIRECTIVES = ("script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
HEADERS = {
    "X-Frame-Options": {"DENY"},
    "X-Content-Type-Options": {"nosniff"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
}


def complaints(response: HttpResponse) -> Iterator[str]:
    """Yield what is wrong with an answer's headers, and what in its page the policy would block."""
    policy = response.get("Content-Security-Policy", "")
    if not policy or "unsafe" in policy or "*" in policy:
        yield f"policy {policy!r}"
    if "sandbox" not in policy:
        yield from (f"no {directive}" for directive in DIRECTIVES if directive not in policy)
    yield from (name for name, good in HEADERS.items() if response.get(name) not in good)
    if response.get("Content-Type", "").startswith("text/html"):
        found = INLINE.search(response.content.decode())
        if found:
            yield f"{found[0]!r} is blocked by the policy"


@pytest.mark.slow
@pytest.mark.django_db
def test_every_page_forbids_what_it_does_not_need(world: World) -> None:
    wrong = [f"{name}: {what}" for name, response in every_page(world) for what in complaints(response)]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.django_db
def test_no_page_of_a_person_is_kept_by_a_cache_for_all(world: World) -> None:
    wrong = []
    for name, response in every_page(world):
        if "<uuid" not in str(next((item.pattern for known, item in addresses() if known == name), "")):
            continue
        kept_apart = "Cookie" in response.get("Vary", "") or "Authorization" in response.get("Vary", "")
        if not kept_apart and "no-store" not in response.get("Cache-Control", ""):
            wrong.append(name)
    assert wrong == []


@pytest.mark.django_db
def test_another_host_is_refused() -> None:
    assert Client().get("/en/", headers={"host": "evil.example"}).status_code == 400
    assert Client().get("/healthz", headers={"host": "evil.example"}).status_code in {200, 400}


@pytest.mark.django_db
def test_no_page_sends_the_visitor_away(world: World) -> None:
    for away in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        switched = Client().post("/language/", {"language": "en", "next": away})
        assert "evil" not in switched["Location"]
        assert not switched["Location"].startswith("javascript")
        signed_in = Client().post(
            f"/en/accounts/login/?next={away}",
            {"login": "owner@example.com", "password": PASSWORD, "next": away},
        )
        assert "evil" not in signed_in.get("Location", "")
        assert not signed_in.get("Location", "").startswith("javascript")


# --- refusals give nothing away ---

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=)"[^"]+"')
NUMBER = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def bare(response: HttpResponse) -> tuple[int, bytes, bytes, str]:
    """Return an answer without what is different in every request: the form's token and the number in the address."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    content = NUMBER.sub(b"NUMBER", TOKEN.sub(rb"\1", content))
    location = NUMBER.sub(b"NUMBER", response.get("Location", "").encode())
    return response.status_code, content, location, response.get("Content-Type", "")


def nowhere(there: str) -> str:
    """Return the address of a thing that there is not."""
    return re.sub(NUMBER.pattern.decode(), lambda _: str(uuid.uuid4()), there)


@pytest.mark.slow
@pytest.mark.django_db
def test_no_refusal_tells_whether_something_exists(world: World) -> None:
    wrong = []
    clients = {
        person: world.client(person) for person in ("stranger", "anonymous", "holder", "officer", "colleague")
    }
    for name in sorted(ACCESS):
        with undone(world):
            there = address_of(name, world)
            if NUMBER.search(there.encode()):
                wrong += told(clients, name, there)
    assert wrong == []


def told(clients: dict[str, Client], name: str, there: str) -> Iterator[str]:
    """Yield who learns from a refusal whether what an address names exists."""
    for person, client in clients.items():
        for method in ("GET", "POST"):
            if person not in ACCESS[name].get(method, set()):
                one, other = (bare(client.generic(method, path)) for path in (there, nowhere(there)))
                if one != other:
                    yield f"{name}: {person} {method} {one[0]} {other[0]}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/en/accounts/password/reset/", "/en/accounts/signup/", "/en/accounts/login/"]
)
def test_nobody_learns_who_has_an_account(world: World, path: str) -> None:
    answers = []
    for address in ("owner@example.com", "nobody@example.com"):
        fields = {
            "email": address,
            "login": address,
            "password": "wrong words here",
            "password1": "new words here 1",
        }
        response = Client().post(path, fields)
        content = response.content.replace(address.encode(), b"ADDRESS")
        answers.append((response.status_code, response.get("Location"), TOKEN.sub(rb"\1", content)))
    assert answers[0] == answers[1]


@pytest.mark.django_db
def test_every_write_wants_the_token_of_the_form(world: World) -> None:
    wrong = []
    for name in sorted(ACCESS):
        people = ACCESS[name].get("POST", set())
        if not people:
            continue
        with undone(world):
            client = Client(enforce_csrf_checks=True)
            client.cookies = world.client(one_of(people)).cookies
            status = client.post(address_of(name, world)).status_code
        if status != 403:
            wrong.append(f"{name}: {status}")
    assert wrong == []


# --- limits ---


@pytest.mark.django_db
def test_guessing_a_password_is_limited(world: World) -> None:
    client = Client()
    fields = {"login": "owner@example.com", "password": "wrong words here"}
    for _ in range(5):
        client.post("/en/accounts/login/", fields)
    right = client.post("/en/accounts/login/", {**fields, "password": PASSWORD})
    assert right.status_code != 302, "even the right one has to wait"
    statuses = {
        client.post("/en/accounts/login/", {**fields, "login": f"{number}@example.com"}).status_code
        for number in range(30)
    }
    assert 429 in statuses


@pytest.mark.django_db
def test_checks_and_uploads_are_limited(world: World) -> None:
    client = Client()
    statuses = [client.post("/en/check/", {"sector": "no such"}).status_code for _ in range(31)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:-1]
    owner = world.client("owner")
    address = reverse("evidence-question", args=[world.assessment.pk, "Q01"])
    statuses = [owner.post(address, {"kind": "note"}).status_code for _ in range(121)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:-1]
    assert owner.get(address).status_code == 200, "reading goes on"
    assert world.client("colleague").post(address, {"kind": "note"}).status_code == 422, "so do others"


@pytest.mark.django_db
def test_a_large_form_is_refused_before_it_fills_the_memory(world: World) -> None:
    client = world.client("owner")
    client.raise_request_exception = False
    address = reverse("evidence-question", args=[world.assessment.pk, "Q01"])
    assert client.post(address, {"kind": "note", "note-text": "x" * 3_000_000}).status_code == 400
    assert client.post("/en/check/", {f"field{number}": "" for number in range(2100)}).status_code == 400


# --- sessions ---


@pytest.mark.django_db
def test_a_session_ends_with_the_sign_out(world: World) -> None:
    client = world.client("owner")
    address = reverse("assessment-result", args=[world.assessment.pk])
    assert client.get(address).status_code == 200
    stolen = client.cookies["sessionid"].value
    client.post("/en/accounts/logout/")
    other = Client()
    other.cookies["sessionid"] = stolen
    for browser in (client, other):
        assert "/accounts/login/" in browser.get(address)["Location"]


@pytest.mark.django_db
def test_signing_out_needs_a_press_and_signing_in_changes_the_session(world: World) -> None:
    client = world.client("owner")
    client.get("/en/accounts/logout/")
    assert client.get(reverse("assessment-result", args=[world.assessment.pk])).status_code == 200
    before = client.cookies["sessionid"].value
    client.force_login(world.users["colleague"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.cookies["sessionid"].value != before


@pytest.mark.django_db
def test_a_forged_cookie_holds_nothing(world: World) -> None:
    client = Client()
    address = reverse("assessment-result", args=[world.check.pk])
    for value in (str(world.unclaimed.pk), f"{world.unclaimed.pk}:x:y", "", "é"):
        client.cookies[HELD_COOKIE] = value
        assert "/accounts/login/" in client.get(address)["Location"]
