"""Journey 7: the administrator makes an organisation, gives a role, reads the log and compares two editions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from capillary.web.accounts.models import Position
from capillary.web.administration.models import EditionReport

from ..kit import World, answer
from ..test_admin import changed_copy, forget_content


@pytest.fixture
def edition(tmp_path: Path, settings: Any) -> Iterator[str]:
    """A changed copy of the primary standard; returns its id."""
    yield changed_copy(tmp_path, settings)
    forget_content()


def signed_in(world: World, visit: Callable[..., Any]) -> Any:
    """Return a browser in which the administrator has signed in on the sign-in page."""
    administrator = world.users["administrator"]
    EmailAddress.objects.create(user=administrator, email=administrator.email, verified=True, primary=True)
    browser = visit()
    page = browser.go("/admin/")
    page.fill("input[name=login]", administrator.email)
    page.fill("input[name=password]", "a good passphrase")
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    page.wait_for_selector(".admin-pages")
    return browser


def test_people_and_the_log(world: World, visit: Callable[..., Any]) -> None:
    colleague = world.users["colleague"]
    browser = signed_in(world, visit)
    page = browser.page
    browser.check("journey-7-start")

    browser.go("/admin/accounts/organisation/add/")
    page.fill("#id_name_zh", "新示例商会")
    page.fill("#id_name_en", "New Example Chamber")
    page.select_option("#id_kind", "association")
    browser.check("journey-7-organisation")
    page.click("input[name=_save]")
    page.wait_for_selector(".success")

    browser.go(f"/admin/accounts/user/?q={colleague.email}")
    browser.check("journey-7-users")
    page.click("#result_list tbody th a")
    page.click("#positions-group .add-row a")
    page.select_option("#id_positions-0-organisation", label="新示例商会 · New Example Chamber")
    page.select_option("#id_positions-0-role", "officer")
    browser.check("journey-7-role")
    page.click("input[name=_save]")
    page.wait_for_selector(".success")
    found = Position.objects.get(user=colleague)
    assert (found.organisation.name_en, found.role) == ("New Example Chamber", "officer")

    browser.go("/admin/enterprises/enterprise/")
    browser.check("journey-7-enterprises")
    page.get_by_role("link", name="Example Metal Parts").click()
    page.wait_for_selector("#members-group")
    browser.check("journey-7-enterprise")

    browser.go("/admin/core/auditentry/")
    assert page.get_by_text(f"accounts.User {colleague.pk}").count() >= 1
    assert page.get_by_text(f"GET {browser.screen.prefix}/admin/enterprises/enterprise/").count() >= 1
    browser.check("journey-7-log")


def test_content_and_editions(world: World, visit: Callable[..., Any], edition: str) -> None:
    answer(world.assessment, {"Q05": "C"}, world.users["owner"])
    browser = signed_in(world, visit)
    page = browser.page
    page.click(".admin-pages a")
    assert page.get_by_text(edition, exact=True).count() == 1
    browser.check("journey-7-content")

    browser.go("/admin/editions/")
    page.select_option("#id_old", "miit-2024")
    page.select_option("#id_latest", edition)
    browser.check("journey-7-editions")
    page.click(".admin-form input[type=submit]")
    page.wait_for_selector(".admin-lead")
    browser.check("journey-7-report")
    assert page.get_by_text("Example Metal Parts").count() >= 1
    assert EditionReport.objects.get().finished_at is not None
    with page.expect_download() as download:
        page.click(".admin-lead a")
    assert download.value.suggested_filename == f"miit-2024-{edition}.csv"


def test_the_tokens(world: World, visit: Callable[..., Any]) -> None:
    browser = visit(world.client("owner"))
    page = browser.go("/account/tokens/")
    page.fill("input[name=name]", "ERP")
    page.locator("main form button.btn-primary").click()
    page.wait_for_selector("#secret")
    assert page.input_value("#secret").startswith("cap_")
    browser.check("tokens", picture=False)
    browser.go("/account/tokens/")
    browser.check("tokens")
