"""Journey 4: evidence of every kind behind an answer, refused files, withdrawing and putting back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from capillary.web.evidence.models import Evidence

from ..evidence_samples import pdf, png

pytestmark = pytest.mark.django_db(transaction=True)
Q = "Q01"


def path_of(world: Any, name: str, *args: object) -> str:
    """Return an address without the language prefix."""
    return re.sub(r"^/[a-z-]+/", "/", reverse(name, args=[world.assessment.pk, *args]))


def file(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def grade(page: Any) -> str:
    shown = page.locator("main .grade").first.get_attribute("class")
    return str(re.search(r"grade-(\w+)", str(shown))[1])


def opened(page: Any, kind: str) -> Any:
    """Return the open form of a kind."""
    box = page.locator(f"#add-{kind}")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    return box.locator("form")


def scores(page: Any) -> list[str]:
    return page.locator(".side .score").all_inner_texts()


def sent(page: Any, kind: str, upload: dict[str, Any] | None = None, **fields: str) -> None:
    """Fill in and send the form of a kind."""
    form = opened(page, kind)
    for name, value in fields.items():
        form.locator(f"[name={kind}-{name}]").fill(value)
    if upload is not None:
        form.locator("input[type=file]").set_input_files(upload)
    form.locator("button").click()


def listed(page: Any, count: int) -> None:
    """Wait until so many pieces of evidence stand in the list."""
    page.wait_for_function(
        "count => document.querySelectorAll('section > .rows > li').length === count", arg=count
    )


def test_evidence(world: Any, visit: Callable[..., Any]) -> None:
    browser = visit(world.client("owner"))
    page = browser.go(path_of(world, "evidence-overview"))
    browser.check("journey-4-overview-before")
    before = scores(page)
    assert before[0] != before[1]
    page.locator(".advice li a").first.click()
    page.wait_for_url("**/evidence/Q*/")

    page = browser.go(path_of(world, "evidence-question", Q))
    browser.check("journey-4-question-empty")
    assert grade(page) == "declared"
    sent(page, "note", text="The plan hangs beside the server room. 机房门口有图。")
    listed(page, 1)
    assert grade(page) == "declared", "a note explains and raises nothing"
    _refused(browser, page)
    _added(page)
    _withdrawn(browser, page)

    page = browser.go(path_of(world, "evidence-overview"))
    after = scores(page)
    assert after[0] == before[0]
    assert after[1] != before[1]
    browser.check("journey-4-overview-after")
    page.locator("[name=grade]").select_option("measured")
    page.locator(".filter button").click()
    page.wait_for_url("**grade=measured**")
    assert page.locator(".rows > li").count() == 1


def _refused(browser: Any, page: Any) -> None:
    """A refused file shows why, and keeps what was entered."""
    sent(page, "file", file("plan.pdf", b"<html><script>1</script></html>"), title="Network plan of hall 2")
    page.locator("#add-file .invalid-feedback").wait_for()
    assert "plan.pdf: " in page.locator("#add-file .invalid-feedback").inner_text()
    assert page.locator("[name=file-title]").input_value() == "Network plan of hall 2"
    browser.check("journey-4-refused")
    assert Evidence.objects.count() == 1


def _added(page: Any) -> None:
    sent(page, "file", file("网络拓扑 plan.pdf", pdf()))
    listed(page, 2)
    assert grade(page) == "documented"
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.suggested_filename == "网络拓扑 plan.pdf"
    sent(page, "link", url="https://example.com/network")
    listed(page, 3)
    sent(
        page,
        "measurement",
        file("photo.png", png()),
        title="Machines on the network",
        figure="37.5",
        unit="%",
        measured_on="2026-03-02",
        text="Counted on the shop floor.",
    )
    listed(page, 4)
    assert grade(page) == "measured"


def _withdrawn(browser: Any, page: Any) -> None:
    """Evidence is withdrawn, and put back."""
    item = page.locator("li.card", has_text="Machines on the network")
    item.locator("summary").click()
    item.locator("[name=reason]").fill("Counted twice")
    browser.check("journey-4-question-full")
    item.locator("form button").click()
    listed(page, 3)
    assert grade(page) == "documented"
    page.locator("section > details.more > summary").click()
    browser.check("journey-4-withdrawn")
    page.locator("section > details.more form button").click()
    listed(page, 4)
    assert grade(page) == "measured"


def test_the_journey_works_without_scripts(world: Any, visit: Callable[..., Any]) -> None:
    browser = visit(world.client("owner"), java_script_enabled=False)
    page = browser.go(path_of(world, "evidence-question", Q))
    page.locator("#add-file input[type=file]").set_input_files(file("plan.pdf", pdf()))
    page.locator("#add-file form button").click()
    page.locator(".alert-success").wait_for()
    assert grade(page) == "documented"


def test_a_broken_connection_loses_nothing(world: Any, visit: Callable[..., Any]) -> None:
    browser = visit(world.client("owner"))
    page = browser.go(path_of(world, "evidence-question", Q))
    form = opened(page, "file")
    form.locator("input[type=file]").set_input_files(file("plan.pdf", pdf()))
    form.locator("[name=file-title]").fill("Network plan")
    browser.context.set_offline(True)
    form.locator("button").click()
    page.locator(".sending.alert-danger").wait_for()
    assert page.locator("[name=file-title]").input_value() == "Network plan"
    browser.context.set_offline(False)
    form.locator("button").click()
    page.locator(".alert-success").wait_for()
    assert Evidence.objects.get().title == "Network plan"


def test_a_stranger_learns_nothing(world: Any, visit: Callable[..., Any]) -> None:
    page = visit(world.client("stranger")).page
    browser = visit(world.client("stranger"))
    for path in (path_of(world, "evidence-overview"), path_of(world, "evidence-question", Q)):
        response = browser.page.goto(f"{browser.base}{browser.screen.prefix}{path}")
        assert response.status == 404
    page.close()
