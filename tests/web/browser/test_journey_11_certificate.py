"""Journey 11: a certificate is issued, verified by a stranger in their own browser, changed, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from capillary.web.assessments.models import Assessment

from ..kit import World, answer, some_answers


@pytest.fixture
def firm(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with a completed assessment, and an issuer without a key."""
    settings.CERTIFICATE_KEYS = tmp_path / "keys"
    world.assessment = answer(world.assessment, some_answers("miit-2024", 31))
    rows = Assessment.objects.filter(pk=world.assessment.pk)
    rows.update(status=Assessment.Status.COMPLETED, completed_at=timezone.now())
    return world


def test_a_certificate_is_issued_verified_and_taken_back(
    firm: World, visit: Callable[..., Any], tmp_path: Path
) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/assessments/{firm.assessment.pk}/")
    page.locator(f'nav a[href$="/assessments/{firm.assessment.pk}/certificates/"]').click()
    page.fill("#id_registration", "91330000MA0000000X")
    browser.check("journey-11-issue")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".links > li")).to_have_count(1)
    browser.check("journey-11-issued")
    files = {}
    for form in ("vc", "sd-jwt"):
        with page.expect_download() as download:
            page.locator(f'a[href$="/{form}/"]').click()
        files[form] = tmp_path / f"certificate.{form}"
        download.value.save_as(files[form])

    guest = visit()
    seen = guest.go("/verify/")
    expect(seen.locator("#here-note")).to_be_visible()
    seen.set_input_files("#id_file", files["vc"])
    seen.locator("#verify-form button").click()
    expect(seen.locator("#outcome[data-where=browser]")).to_be_visible()
    expect(seen.locator("#checks .up")).to_have_count(4)
    expect(seen.locator("#claims")).to_contain_text("91330000MA0000000X")
    guest.check("journey-11-verified")

    text = files["vc"].read_text(encoding="utf-8")
    guest.go("/verify/")
    seen.fill("#id_text", text.replace("91330000MA0000000X", "91330000MA0000000Y"))
    seen.locator("#verify-form button").click()
    expect(seen.locator("#outcome[data-where=browser]")).to_be_visible()
    expect(seen.locator("#checks .up")).to_have_count(0)
    expect(seen.locator("#claims")).to_be_empty()

    guest.go("/verify/")
    seen.set_input_files("#id_file", files["sd-jwt"])
    seen.locator("#verify-form button").click()
    expect(seen.locator("#outcome:not([data-where]) #checks .up")).to_have_count(5)
    guest.check("journey-11-token")

    page.locator(".links form button").click()
    expect(page.locator(".links form")).to_have_count(0)
    guest.go("/verify/")
    seen.fill("#id_text", text)
    seen.locator("#verify-form button").click()
    expect(seen.locator("#checks li")).to_have_count(4)
    expect(seen.locator("#checks .up")).to_have_count(3)
    verdict = seen.locator("#verdict")
    expect(verdict).to_have_text(str(verdict.get_attribute("data-invalid")))
