"""Accounts: signing up and in, two steps, what strangers can find out, and a person's own data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from babel.messages.extract import extract
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from capillary.web.accounts.models import Position, User
from capillary.web.assessments.models import Revision
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Invitation, Member
from capillary.web.rates.current import known_currencies

from .kit import World, answer, some_answers

PASSWORD = "a good passphrase"  # noqa: S105
WRONG = "a wrong passphrase"
CODE = re.compile(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", re.MULTILINE)
# Latin words that also stand on Chinese pages.
NAMES = {
    "capillary", "apache", "english", "javascript", "example", "com", "owner", "http", "https", "svg", "localhost",
    "openid", "email", "app", "connect", "testserver", "phone", "deleted", "invalid", "pass",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def person(email: str = "known@example.com", **fields: object) -> User:
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def post(name: str, client: Client | None = None, language: str = "en", **fields: str) -> HttpResponse:
    return (client or Client()).post(at(name, language=language), fields, follow=True)


def at(name: str, *args: object, language: str = "zh-hans") -> str:
    """Return an address in a language, whatever language an earlier request left behind."""
    with translation.override(language):
        return reverse(name, args=args)


def code_in(letter: mail.EmailMessage) -> str:
    found = CODE.findall(letter.body)
    assert found, letter.body
    return found[0]


def words_of(page: HttpResponse) -> str:
    text = page.content.decode()
    text = re.sub(r"(?s)<(script|style|head|svg)\b.*?</\1>", " ", text)
    text = re.sub(r"(?s)<textarea.*?</textarea>|value=\"[^\"]*\"", " ", text)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def shape_of(page: HttpResponse) -> str:
    """Return a page without what differs from visitor to visitor."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())
    return re.sub(r"[\w.]+@example\.com", "ADDRESS", text)


def totp_now(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())  # from the earliest that is taken to the latest
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


# --- signing up and in


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_signing_up_needs_the_code_from_the_letter(language: str) -> None:
    client = Client()
    page = post("account_signup", client, language, email="New@Example.com", password1=PASSWORD)
    assert page.redirect_chain[-1][0] == f"/{language}/accounts/confirm-email/"
    assert client.get(f"/{language}/home/").status_code == 302
    wrong = client.post(f"/{language}/accounts/confirm-email/", {"code": "WRONG1"})
    assert "is-invalid" in wrong.content.decode()
    right = client.post(f"/{language}/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert right["Location"] == f"/{language}/home/"
    user = User.objects.get()
    assert (user.email, user.language) == ("new@example.com", language)
    assert "Capillary" in mail.outbox[-1].body


def test_the_way_back_survives_signing_up() -> None:
    client = Client()
    client.get("/en/accounts/signup/?next=/en/join/")
    client.post(
        "/en/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD, "next": "/en/join/"}
    )
    reply = client.post("/en/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert reply["Location"] == "/en/join/"
    outside = client.get("/en/accounts/login/?next=https://elsewhere.example/")
    assert "elsewhere" not in (outside.get("Location") or "")


@pytest.mark.parametrize("weak", ["short", "password", "12345678", "new@example"])
def test_weak_passwords_are_refused(weak: str) -> None:
    page = post("account_signup", email="new@example.com", password1=weak)
    assert not User.objects.exists()
    assert "is-invalid" in page.content.decode()


def test_signing_in_with_password_and_with_code() -> None:
    person()
    client = Client()
    assert post("account_login", client, login="known@example.com", password=PASSWORD).status_code == 200
    assert client.get("/en/home/").status_code == 200
    other = Client()
    post("account_request_login_code", other, email="known@example.com")
    other.post("/en/accounts/login/code/confirm/", {"code": code_in(mail.outbox[-1])})
    assert other.get("/en/home/").status_code == 200


def test_a_forgotten_password_is_replaced() -> None:
    person()
    client = Client()
    post("account_reset_password", client, email="known@example.com")
    page = client.post(
        "/en/accounts/password/reset/confirm/", {"code": code_in(mail.outbox[-1])}, follow=True
    )
    new = "another good passphrase"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert User.objects.get().check_password(new)


def test_signing_out_needs_a_click() -> None:
    client = Client()
    client.force_login(person(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("home")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("home")).status_code == 302


# --- what strangers can find out


def test_signing_up_does_not_say_whether_an_address_is_known() -> None:
    person()
    pages = [
        post("account_signup", email=f"{name}@example.com", password1=PASSWORD)
        for name in ("known", "unknown")
    ]
    assert [page.redirect_chain for page in pages[:1]] == [page.redirect_chain for page in pages[1:]]
    assert shape_of(pages[0]) == shape_of(pages[1])
    assert len(mail.outbox) == 2
    assert not CODE.findall(mail.outbox[0].body)  # the known address learns that somebody tried


def test_signing_in_does_not_say_whether_an_address_is_known() -> None:
    person()
    known = post("account_login", login="known@example.com", password=WRONG)
    unknown = post("account_login", login="unknown@example.com", password=WRONG)
    assert shape_of(known) == shape_of(unknown)
    assert known.status_code == unknown.status_code


@pytest.mark.parametrize("name", ["account_reset_password", "account_request_login_code"])
def test_codes_are_asked_for_alike(name: str) -> None:
    person()
    known, unknown = (post(name, email=f"{who}@example.com") for who in ("known", "unknown"))
    assert [target for target, _ in known.redirect_chain] == [target for target, _ in unknown.redirect_chain]
    assert shape_of(known) == shape_of(unknown)
    assert len(mail.outbox) == 2


def test_guessing_passwords_is_stopped() -> None:
    person()
    for _ in range(5):
        post("account_login", login="known@example.com", password=WRONG)
    page = post("account_login", login="known@example.com", password=PASSWORD)
    assert page.wsgi_request.user.is_anonymous
    assert "Too many failed login attempts" in page.content.decode()


def test_signing_in_too_often_from_one_address_is_stopped() -> None:
    for number in range(11):
        page = post("account_login", login=f"nobody{number}@example.com", password=WRONG)
    assert "Too many failed login attempts" in page.content.decode()


def test_guessing_codes_is_stopped() -> None:
    client = Client()
    post("account_signup", client, email="new@example.com", password1=PASSWORD)
    for _ in range(4):
        client.post("/en/accounts/confirm-email/", {"code": "WRONG1"})
    client.post("/en/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert client.get("/en/home/").status_code == 302


# --- two steps


def signed_in(client: Client, email: str = "known@example.com") -> None:
    """Sign in, and confirm it at once, as the pages about signing in ask for."""
    post("account_login", client, login=email, password=PASSWORD)
    post("account_reauthenticate", client, password=PASSWORD)


def test_codes_from_an_app_become_the_second_step() -> None:
    person()
    client = Client()
    signed_in(client)
    page = client.get("/en/accounts/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{16,})"', page.content.decode())[1]
    client.post("/en/accounts/2fa/totp/activate/", {"code": totp_now(secret)})
    assert Authenticator.objects.filter(type="totp").exists()
    assert Authenticator.objects.filter(type="recovery_codes").exists()
    fresh = Client()
    page = post("account_login", fresh, login="known@example.com", password=PASSWORD)
    assert page.redirect_chain[-1][0] == "/en/accounts/2fa/authenticate/"
    assert fresh.get("/en/home/").status_code == 302
    fresh.post("/en/accounts/2fa/authenticate/", {"code": "000000"})
    assert fresh.get("/en/home/").status_code == 302
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    fresh.post("/en/accounts/2fa/authenticate/", {"code": code})
    assert fresh.get("/en/home/").status_code == 200


def test_the_ways_to_sign_in_are_changed_only_after_a_fresh_sign_in(world: World) -> None:
    client = world.client("owner")  # signed in without a password just given
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        reply = client.get(reverse(name))
        assert reply.status_code == 302
        assert reverse("account_reauthenticate") in reply["Location"]


# --- every page in Chinese


KEY_PAGES = ("mfa_edit_webauthn", "mfa_remove_webauthn")


def _addresses() -> list[str]:
    """Return the addresses of allauth's pages, but for those of one key."""
    found = []
    for name in get_resolver().reverse_dict:
        if not isinstance(name, str) or not name.startswith(
            ("account_", "mfa_", "socialaccount_", "account-")
        ):
            continue
        if name == "account_confirm_email":
            found.append(at(name, "bad-key"))
        elif name not in KEY_PAGES and name != "account_reset_password_from_key":
            found.append(at(name))
    return found


def test_no_english_on_the_chinese_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.WebAuthn.is_passwordless", True)
    user = person("owner@example.com")
    client = Client()
    signed_in(client, user.email)
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    pages = [(address, who.get(address)) for address in _addresses() for who in (client, Client())]
    key = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "手机", "credential": {}, "passwordless": True}
    )
    own = [at(name, key.pk) for name in KEY_PAGES] + [at("mfa_list_webauthn"), at("mfa_index")]
    pages += [(address, client.get(address)) for address in own]
    shown = [(address, page) for address, page in pages if page.status_code == 200]
    shown = [(address, page) for address, page in shown if "text/html" in page["Content-Type"]]
    assert len(shown) > 20
    for address, page in shown:
        _is_chinese(page, address)


def test_no_english_in_the_chinese_errors_and_codes() -> None:
    person()
    client = Client()
    forms = {
        "account_signup": {"email": "not an address", "password1": "1"},
        "account_login": {"login": "x@example.com", "password": "y"},
        "account_reset_password": {"email": ""},
        "account_request_login_code": {"email": ""},
    }
    for name, fields in forms.items():
        _is_chinese(post(name, language="zh-hans", **fields), name)
    _is_chinese(post("account_signup", client, "zh-hans", email="n@example.com", password1=PASSWORD), "code")
    _is_chinese(client.post("/zh-hans/accounts/confirm-email/", {"code": "WRONG1"}), "wrong code")
    _is_chinese(post("account_reset_password", language="zh-hans", email="known@example.com"), "reset")
    _is_chinese(
        post("account_request_login_code", language="zh-hans", email="known@example.com"), "login code"
    )
    other = Client()
    post("account_login", other, "zh-hans", login="known@example.com", password=PASSWORD)
    for name in (
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_add_webauthn",
        "mfa_activate_totp",
    ):
        _is_chinese(other.get(at(name)), name)
    _is_chinese(
        post("account_change_password", other, "zh-hans", oldpassword="x", password1="1", password2="2"), "x"
    )
    _is_chinese(post("account_email", other, "zh-hans", email="next@example.com", action_add=""), "change")
    assert len(mail.outbox) >= 4
    for letter in mail.outbox:
        text = re.sub(
            r"\S*(?:@|://)\S+|\b[A-Z0-9]{4,}(?:-[A-Z0-9]+)*\b|testserver",
            "",
            f"{letter.subject} {letter.body}",
        )
        assert not [word for word in re.findall(r"[A-Za-z]{3,}", text) if word.lower() not in NAMES], (
            letter.body
        )


def _is_chinese(page: HttpResponse, where: str) -> None:
    text = re.sub(r"\S+@\S+|\b[A-Z2-7]{16,}\b", " ", words_of(page))
    text = re.sub(rf"\b({'|'.join(known_currencies())})\b", " ", text)  # codes, each beside its Chinese name
    english = [word for word in re.findall(r"[A-Za-z]{3,}", text) if word.lower() not in NAMES]
    assert english == [], f"{where}: {english}"


def test_every_message_of_allauth_in_use_has_chinese() -> None:
    from babel.messages.pofile import read_po

    folder = Path(allauth.__file__).parent
    with (folder / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as stream:
        known = read_po(stream, locale="zh_Hans")
    missing = set()
    for part in ("account", "mfa", "socialaccount", "core"):
        for path in (folder / part).rglob("*.py"):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            with path.open("rb") as stream:
                for _, message, _, context in extract(
                    "python",
                    stream,
                    {"_": (1,), "gettext": (1,), "gettext_lazy": (1,), "pgettext": ((1, "c"), 2)},
                ):
                    name = message if isinstance(message, str) else message[0]
                    found = known.get(name, context)
                    if name and not (found and found.string and not found.fuzzy):
                        missing.add(name)
    assert missing == set()


# --- one's own account


def test_name_and_language_are_changed(world: World) -> None:
    client = world.client("owner")
    assert client.get("/en/account/").status_code == 200
    reply = client.post("/en/account/", {"name": "Example Person", "language": "zh-hans"})
    assert reply["Location"] == "/zh-hans/account/"
    assert reply.cookies["language"].value == "zh-hans"
    world.users["owner"].refresh_from_db()
    assert (world.users["owner"].name, world.users["owner"].language) == ("Example Person", "zh-hans")
    assert client.post("/en/account/", {"name": "x", "language": "tlh"}).status_code == 422


def test_everybody_gets_their_own_data_only(world: World) -> None:
    answer(world.assessment, some_answers("miit-2024", 14), world.users["colleague"])
    page = world.client("colleague").get(reverse("account-export"))
    assert "attachment" in page["Content-Disposition"]
    data = json.loads(page.content)
    assert data["account"]["email"] == "colleague@example.com"
    assert len(data["answers"]) == 2
    assert data["memberships"][0]["role"] == "colleague"
    assert "owner@example.com" not in page.content.decode()
    assert world.client("anonymous").get(reverse("account-export")).status_code == 302


def test_deleting_an_account_leaves_a_bare_id(world: World) -> None:
    user = world.users["colleague"]
    answer(world.assessment, some_answers("miit-2024", 14), user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Invitation.objects.create(enterprise=world.enterprise, email=user.email, role="adviser", language="en")
    apps.get_model("api", "ApiToken").objects.create(user=user, name="a program", digest="0" * 64)
    client = world.client("colleague")
    address = reverse("account-delete")
    assert client.post(address, {"secret": "wrong"}).status_code == 422
    assert client.post(address, {"secret": PASSWORD}).status_code == 302
    user.refresh_from_db()
    assert (user.email, user.name, user.is_active) == (f"{user.pk}@deleted.invalid", "", False)
    assert user.erased_at
    assert not user.has_usable_password()
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not Position.objects.filter(user=user).exists()
    assert not apps.get_model("api", "ApiToken").objects.filter(user=user).exists()
    assert not Member.objects.filter(user=user, until=None).exists()
    assert not Invitation.objects.filter(email="colleague@example.com").exists()
    assert Revision.objects.filter(by=user).exists()
    assert AuditEntry.objects.filter(action="account-delete", user=user).exists()
    assert client.get(reverse("home")).status_code == 302
    for entry in AuditEntry.objects.all():
        assert "colleague@example.com" not in entry.subject


def test_the_last_owner_does_not_vanish(world: World) -> None:
    client = world.client("owner")
    page = client.get(reverse("account-delete"))
    assert reverse("enterprise-people", args=[world.enterprise.pk]) in page.content.decode()
    client.post(reverse("account-delete"), {"secret": PASSWORD})
    world.users["owner"].refresh_from_db()
    assert world.users["owner"].is_active


def test_whoever_has_no_password_types_the_address(world: World) -> None:
    user = world.users["stranger"]
    user.set_unusable_password()
    user.save()
    client = world.client("stranger")
    assert client.post(reverse("account-delete"), {"secret": "other@example.com"}).status_code == 422
    assert client.post(reverse("account-delete"), {"secret": "Stranger@example.com"}).status_code == 302


def test_openid_connect_shows_where_it_is_configured(settings: object, world: World) -> None:
    assert "OpenID" not in Client().get("/en/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "City OpenID",
                    "client_id": "c",
                    "secret": "s",
                    "settings": {"server_url": "https://id.example"},
                }
            ]
        }
    }
    for page in ("/en/accounts/login/", "/en/accounts/signup/"):
        assert "City OpenID" in Client().get(page).content.decode()
    client = world.client("owner")
    assert (
        reverse("socialaccount_connections").split("/", 2)[2] in client.get("/en/account/").content.decode()
    )


def test_the_pages_carry_no_inline_code(world: World) -> None:
    client = world.client("owner")
    for name in (
        "account_login",
        "account_signup",
        "account_reset_password",
        "account-settings",
        "mfa_index",
        "account_email",
    ):
        page = (client if name in {"account-settings", "mfa_index", "account_email"} else Client()).get(
            reverse(name)
        )
        text = page.content.decode()
        assert page.status_code == 200
        assert " style=" not in text
        assert not re.search(r"\son[a-z]+=", text)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text))
        assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_own_data_hold_tokens_without_their_secret_and_evidence(world: World) -> None:
    user = world.users["colleague"]
    token = apps.get_model("api", "ApiToken").objects.create(
        user=user, name="a program", start="cap_ab", digest="d" * 64
    )
    apps.get_model("evidence", "Evidence").objects.create(
        assessment=world.assessment,
        question="Q01",
        kind="note",
        text="Ask me",
        added_by=user,
        role="colleague",
    )
    page = world.client("colleague").get(reverse("account-export"))
    data = json.loads(page.content)
    assert [(item["name"], item["scope"]) for item in data["access_tokens"]] == [("a program", "read")]
    assert token.digest not in page.content.decode()
    assert [(item["text"], item["role"]) for item in data["evidence"]] == [("Ask me", "colleague")]
    assert json.loads(world.client("owner").get(reverse("account-export")).content)["access_tokens"] == []
