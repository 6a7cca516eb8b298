"""Journey 11: a certificate is issued, verified by a stranger in their own browser, changed, and taken back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from capillary.credentials import sdjwt
from capillary.credentials.holder import bound, jwk_of
from capillary.credentials.keys import SigningKey
from capillary.credentials.moments import written
from capillary.web.assessments.models import Assessment
from capillary.web.certificates.models import IssuedCertificate
from capillary.web.certificates.paper import code_address
from capillary.web.certificates.services import issuer_keys

from ...credential_kit import certificate
from ..kit import World, answer, some_answers
from ..paper_kit import code_on_paper

NUMBER = "91330000MA0000000X"


@pytest.fixture
def firm(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with a completed assessment, and an issuer without a key."""
    settings.CERTIFICATE_KEYS = tmp_path / "keys"
    world.assessment = answer(world.assessment, some_answers("miit-2024", 31))
    rows = Assessment.objects.filter(pk=world.assessment.pk)
    rows.update(status=Assessment.Status.COMPLETED, completed_at=timezone.now())
    return world


def issued(firm: World, browser: Any, folder: Path) -> dict[str, Path]:
    """Issue a certificate as the owner; return its files."""
    page = browser.go(f"/assessments/{firm.assessment.pk}/")
    page.locator(f'nav a[href$="/assessments/{firm.assessment.pk}/certificates/"]').click()
    page.fill("#id_registration", NUMBER)
    browser.check("journey-11-issue")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".links > li")).to_have_count(1)
    browser.check("journey-11-issued")
    files = {}
    for form in ("vc", "sd-jwt", "pdf"):
        with page.expect_download() as download:
            page.locator(f'a[href$="/{form}/"]').click()
        files[form] = folder / f"certificate.{form}"
        download.value.save_as(files[form])
    return files


def checked(browser: Any, text: str, count: int) -> Any:
    """Verify a text in a browser that can; return its page once so many checks are shown."""
    page = browser.go("/verify/")
    expect(page.locator("#here-note")).to_be_visible()
    page.fill("#id_text", text)
    page.locator("#verify-form button").click()
    expect(page.locator("#outcome[data-where=browser] #checks li")).to_have_count(count)
    return page


def test_a_certificate_is_issued_verified_and_taken_back(
    firm: World, visit: Callable[..., Any], tmp_path: Path
) -> None:
    owner, guest = visit(firm.client("owner")), visit()
    files = issued(firm, owner, tmp_path)
    assert len(PdfReader(io.BytesIO(files["pdf"].read_bytes())).pages) == 1
    seen = guest.go("/verify/")
    expect(seen.locator("#here-note")).to_be_visible()
    seen.set_input_files("#id_file", files["vc"])
    seen.locator("#verify-form button").click()
    expect(seen.locator("#outcome[data-where=browser] #checks .up")).to_have_count(4)
    expect(seen.locator("#claims")).to_contain_text(NUMBER)
    expect(seen.locator("#claims")).to_contain_text("申报" if "zh" in guest.screen.prefix else "Declared")
    guest.check("journey-11-verified")

    text = files["vc"].read_text(encoding="utf-8")
    checked(guest, text.replace(NUMBER, "91330000MA0000000Y"), 1)
    expect(seen.locator("#checks .up")).to_have_count(0)
    expect(seen.locator("#claims")).to_be_empty()

    owner.page.locator(".links form button").click()
    expect(owner.page.locator(".links form")).to_have_count(0)
    checked(guest, text, 4)
    expect(seen.locator("#checks .up")).to_have_count(3)
    verdict = seen.locator("#verdict")
    expect(verdict).to_have_text(str(verdict.get_attribute("data-invalid")))


def test_a_token_is_verified_in_the_browser_from_the_code_and_by_the_server(
    firm: World, visit: Callable[..., Any], tmp_path: Path
) -> None:
    guest = visit()
    files = issued(firm, visit(firm.client("owner")), tmp_path)
    token = files["sd-jwt"].read_text(encoding="utf-8").strip()
    seen = checked(guest, token, 4)
    expect(seen.locator("#checks .up")).to_have_count(4)
    expect(seen.locator("#claims")).to_contain_text("37.825")
    for other in (f"{token}W10~", token.replace("~", "~W10~", 1), f"{token[:-20]}A{token[-19:]}"):
        checked(guest, other, 1)
        expect(seen.locator("#checks .up")).to_have_count(0)

    # the code as it stands on the paper
    address = code_on_paper(files["pdf"].read_bytes())
    assert address == code_address(IssuedCertificate.objects.get(), address.partition("#")[0])
    seen.goto("about:blank")
    seen.goto(address)
    expect(seen.locator("#checks .up")).to_have_count(4)
    verdict = seen.locator("#verdict")
    expect(verdict).to_have_text(str(verdict.get_attribute("data-valid")))
    expect(seen.locator("#claims")).to_contain_text(firm.enterprise.name)
    expect(seen.locator("#claims")).not_to_contain_text("37.825")

    # where the browser does not know Ed25519, the server verifies
    old = visit()
    old.page.add_init_script("Object.defineProperty(window, 'crypto', { value: {} })")
    old.go("/verify/")
    old.page.fill("#id_text", token)
    old.page.locator("#verify-form button").click()
    expect(old.page.locator("#outcome:not([data-where]) #checks .up")).to_have_count(5)
    old.check("journey-11-token")


def test_a_proof_of_the_holders_key_is_checked_in_the_browser_but_not_taken_for_ones_own(
    firm: World, visit: Callable[..., Any]
) -> None:
    guest, holder, other = visit(), SigningKey.make(), SigningKey.make()
    now = int(timezone.now().timestamp())
    key = issuer_keys().current()
    moments = {"valid_from": written(now - 60), "valid_until": written(now + 3600)}
    token = sdjwt.issued(certificate(**moments), key, holder=jwk_of(holder.public))
    part = sdjwt.presented(token, ["score"])
    held = bound(part, holder, audience="Bank", nonce="word", at=now)
    old = bound(part, holder, audience="Bank", nonce="word", at=now - 10**6)
    stolen = bound(
        sdjwt.presented(sdjwt.issued(certificate(**moments), key, holder=jwk_of(other.public)), []),
        other,
        audience="Bank",
        nonce="word",
        at=now,
    )
    swapped = part + stolen.rpartition("~")[2]
    for text, outcome in (
        (part, "?"),
        (held, "?"),
        (old, "✗"),
        (swapped, "✗"),
        (f"{held[:-9]}A{held[-8:]}", "✗"),
    ):
        seen = checked(guest, text, 5)
        expect(seen.locator("#checks li").nth(2)).to_contain_text(outcome)
        verdict = seen.locator("#verdict")
        wanted = "data-valid" if outcome == "?" else "data-invalid"
        expect(verdict).to_have_text(str(verdict.get_attribute(wanted)))


def test_did_web_is_looked_up_on_this_site_and_on_no_other(
    firm: World, visit: Callable[..., Any], settings: Any, tmp_path: Path
) -> None:
    guest = visit()
    settings.CERTIFICATE_HOST = guest.base.partition("://")[2]
    files = issued(firm, visit(firm.client("owner")), tmp_path)
    asked: list[str] = []
    guest.page.on("request", lambda request: asked.append(request.url))
    for form in ("vc", "sd-jwt"):
        text = files[form].read_text(encoding="utf-8").strip()
        seen = checked(guest, text, 4)
        expect(seen.locator("#checks .up")).to_have_count(4)
    assert f"{guest.base}/.well-known/did.json" in asked
    text = files["vc"].read_text(encoding="utf-8")
    own = json.loads(text)["issuer"]
    seen = checked(guest, text.replace(own, "did:web:other.example.org"), 1)
    expect(seen.locator("#checks li")).to_contain_text(
        str(seen.locator("#checks").get_attribute("data-elsewhere"))
    )
    assert not [url for url in asked if not url.startswith(guest.base)]
