"""Journey 2: keep a check with an account, invite a colleague, see who answered what, two steps and a passkey."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from capillary.web.accounts.models import User
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.enterprises.models import Member

from ..kit import World

PASSWORD = "a good passphrase"  # noqa: S105
OWNER, COLLEAGUE = "first@example.com", "second@example.com"
LINK = re.compile(r"(/(?:en|zh-hans)/invitations/\S+)")
PART = "miit-2024/foundation"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def letter_to(address: str, pattern: str) -> str:
    """Return what a pattern finds in the last letter to an address."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for letter in reversed(mail.outbox):
            found = re.search(pattern, letter.body, re.MULTILINE)
            if letter.to == [address] and found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"no letter to {address}")


def create_account(browser: Any, address: str, name: str) -> None:
    """Create an account from its page on, with the code from the letter."""
    page: Page = browser.page
    browser.check(f"journey-2-{name}-account")
    page.fill("#id_email", address)
    page.fill("#id_password1", PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/confirm-email/**")
    browser.check(f"journey-2-{name}-code")
    page.fill("#id_code", letter_to(address, r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$"))
    page.locator("main form.card button[type=submit]").first.click()


def key_holder(browser: Any) -> Any:
    """Give the browser a phone-like device that holds passkeys and always says yes."""
    device = browser.context.new_cdp_session(browser.page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return device


def code_now(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())  # from the earliest that is taken to the latest
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def confirm_identity(page: Page) -> None:
    """Give the password once more where the page asks for it."""
    if "/reauthenticate/" in page.url:
        page.fill("#id_password", PASSWORD)
        page.locator("main form.card button[type=submit]").click()


@pytest.mark.django_db(transaction=True)
def test_keep_invite_and_see_who_answered(visit: Callable[..., Any], world: World) -> None:
    browser = visit(world.client("holder"))
    page = browser.go(f"/assessments/{world.check.pk}/")
    page.locator(f'a[href*="/enterprises/{world.unclaimed.pk}/keep/"]').first.click()
    browser.check("journey-2-keep")
    page.locator('main a.btn-primary[href*="/signup/"]').click()
    page.wait_for_url("**/signup/**")
    create_account(browser, OWNER, "owner")
    page.wait_for_url("**/keep/")
    browser.check("journey-2-claim")
    page.fill("#id_name", "Example Works")
    page.locator("label.choice", has=page.locator("[name=benchmark]")).click()
    page.locator("main form button.btn-primary").click()
    expect(page.locator("h1")).to_have_text("Example Works")
    browser.check("journey-2-enterprise")
    assert Member.objects.get(enterprise=world.unclaimed).user.email == OWNER

    invite(browser, world)
    question = answer_as_colleague(visit())
    page.goto(f"{browser.base}{browser.screen.prefix}/assessments/{world.check.pk}/questions/")
    row = page.locator(f"article#{question}")
    expect(row).to_contain_text(COLLEAGUE)
    browser.go("/home/")
    browser.check("journey-2-home")


def invite(browser: Any, world: World) -> None:
    """Invite the colleague for one part."""
    page = browser.go(f"/enterprises/{world.unclaimed.pk}/people/")
    page.fill("#id_email", COLLEAGUE)
    page.locator("details.more summary").first.click()
    page.locator("label.choice", has=page.locator(f'[value="{PART}"]')).click()
    browser.check("journey-2-invite")
    page.locator("form", has=page.locator("#id_email")).locator("button.btn-primary").click()
    expect(page.locator(".alert-success")).to_be_visible()
    browser.check("journey-2-people")


def answer_as_colleague(browser: Any) -> str:
    """Open the link, create an account, accept, answer the first open question; return its id."""
    page = browser.page
    page.goto(browser.base + letter_to(COLLEAGUE, LINK.pattern))
    browser.check("journey-2-invitation")
    page.locator('main a.btn-primary[href*="/signup/"]').click()
    page.wait_for_url("**/signup/**")
    create_account(browser, COLLEAGUE, "colleague")
    page.locator('main button[value="accept"]').click()
    page.wait_for_url("**/parts/")
    browser.check("journey-2-parts")
    page.locator(".question-list a", has=page.locator(".badge-plain:not(.good)")).first.click()
    question = page.locator("#answer-form").get_attribute("data-question")
    for part in page.locator("#answer-form fieldset").all():
        part.locator("label.choice").first.click()
    page.locator('.buttons button[name="do"][value="save"]').click()
    page.wait_for_url("**/questions/**")
    deadline = time.monotonic() + 10
    while not Revision.objects.filter(by__email=COLLEAGUE).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    revision = Revision.objects.get(by__email=COLLEAGUE)
    assert (revision.question, revision.origin) == (question, "colleague")
    return str(question)


@pytest.mark.django_db(transaction=True)
def test_two_steps_and_a_passkey(visit: Callable[..., Any], world: World) -> None:
    from allauth.account.models import EmailAddress

    user = world.users["owner"]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = visit(world.client("owner"))
    key_holder(browser)
    page = browser.go("/account/")
    browser.check("journey-2-account")
    browser.go("/accounts/2fa/")
    browser.check("journey-2-two-steps")
    browser.go("/accounts/2fa/totp/activate/")
    browser.check("journey-2-confirm-identity")
    confirm_identity(page)
    page.wait_for_url("**/totp/activate/")
    browser.check("journey-2-totp", picture=True)
    page.fill("#id_code", code_now(page.input_value("#authenticator_secret")))
    page.locator("main form.card button[type=submit]").click()
    page.wait_for_url("**/recovery-codes/**")
    browser.check("journey-2-recovery-codes")
    add_passkey(browser)
    sign_in_with_passkey(browser)
    other_ways_in(browser)
    for path, name in (
        ("/account/delete/", "delete"),
        ("/accounts/email/", "email"),
        ("/accounts/password/change/", "password"),
    ):
        browser.go(path)
        browser.check(f"journey-2-{name}")


def add_passkey(browser: Any) -> None:
    page = browser.go("/accounts/2fa/webauthn/add/")
    confirm_identity(page)
    page.locator("label.choice", has=page.locator("#id_passwordless")).click()
    browser.check("journey-2-passkey-add")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile(r"/2fa/$"))
    browser.go("/accounts/2fa/webauthn/")
    browser.check("journey-2-passkeys")
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def sign_in_with_passkey(browser: Any) -> None:
    page = browser.page
    page.locator('form[action$="/logout/"] button').click()
    page.wait_for_load_state()
    browser.go("/accounts/login/")
    browser.check("journey-2-sign-in")
    page.click("#passkey_login")
    page.wait_for_url("**/home/")
    browser.check("journey-2-owner-home")


def other_ways_in(browser: Any) -> None:
    """Look at the second step after a password, and at the pages for a forgotten one."""
    page = browser.page
    page.locator('form[action$="/logout/"] button').click()
    page.wait_for_load_state()
    for path, name in (("/accounts/password/reset/", "reset"), ("/accounts/login/code/", "code-by-mail")):
        browser.go(path)
        browser.check(f"journey-2-{name}")
    browser.go("/accounts/login/")
    page.fill("#id_login", "owner@example.com")
    page.fill("#id_password", PASSWORD)
    page.locator("main form.card button[type=submit]").first.click()
    page.wait_for_url("**/2fa/authenticate/")
    browser.check("journey-2-second-step")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/home/")


@pytest.mark.django_db(transaction=True)
def test_consents_programme_and_erasure(visit: Callable[..., Any], world: World) -> None:
    browser = visit(world.client("owner"))
    firm = f"/enterprises/{world.enterprise.pk}"
    page = browser.go(f"{firm}/")
    browser.check("journey-2-enterprise-full")
    browser.go(f"{firm}/edit/")
    browser.check("journey-2-edit")
    browser.go(f"{firm}/consents/")
    page.locator("main form", has=page.locator('[value="contact"]')).locator("button").click()
    page.locator("form[action*='/leave/'] button").click()
    browser.check("journey-2-consents")
    browser.go("/join/?code=example")
    browser.check("journey-2-join")
    page.locator("main form button.btn-primary").click()
    browser.check("journey-2-join-consent")
    page.locator("label.choice", has=page.locator("[name=consent]")).click()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(f"**{firm}/")
    with page.expect_download() as download:
        browser.go(f"{firm}/consents/")
        page.locator(f'a[href$="{firm}/export/"]').click()
    assert download.value.suggested_filename.endswith(".zip")
    browser.go(f"{firm}/erase/")
    browser.check("journey-2-erase")
    page.fill("#id_name", world.enterprise.name)
    page.locator("main form button.btn-danger").click()
    page.wait_for_url("**/home/")
    browser.check("journey-2-empty-home")
    assert not Assessment.objects.filter(enterprise=world.enterprise).exists()
    assert User.objects.filter(email="owner@example.com").exists()
