"""Journey 1: from the start page to a result, without an account, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from capillary.web import engine
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Facts, check_start

from ..kit import World, hold

OTHER = {"en": "zh-hans", "zh-hans": "en"}
GO_ON = {"en": "Go on with your check", "zh-hans": "继续自测"}
START = {"en": "Start the check", "zh-hans": "开始自测"}
MOST_STEPS = 40


def shown(page: Page) -> str | None:
    """Return the question that is on the screen; None on the last screen."""
    form = page.locator("#answer-form")
    return form.get_attribute("data-question") if form.count() else None


def choose_first(page: Page) -> None:
    """Choose the first choice of every part of the question."""
    for part in page.locator("#answer-form fieldset").all():
        part.locator("label.choice").first.click()


def press(page: Page, wish: str) -> None:
    """Press a button of the question and wait for the next screen."""
    before = shown(page)
    page.locator(f'.buttons button[name="do"][value="{wish}"]').click()
    page.wait_for_function(
        "before => document.querySelector('#answer-form')?.dataset.question !== before", arg=before
    )


def without_failed_requests(browser: Any) -> None:
    """Forget that HTMX named the request that the test made fail on purpose."""
    browser.problems[:] = [line for line in browser.problems if not line.startswith("htmx:")]


def started(visit: Callable[..., Any], standard: str = "miit-2024") -> Any:
    """Return a browser on the first question of a new check."""
    browser = visit()
    page = browser.go(f"/check/?standard={standard}")
    page.select_option("#id_sector", "machinery")
    page.fill("#id_employees", "40")
    page.locator("main form button.btn-primary").click()
    page.wait_for_selector("#answer-form")
    return browser


@pytest.mark.django_db(transaction=True)
def test_from_the_start_page_to_the_result(visit: Callable[..., Any]) -> None:
    browser = visit()
    language = browser.screen.language
    page = browser.go("/")
    browser.check("journey-1-start")
    page.get_by_role("link", name=START[language]).click()
    browser.check("journey-1-facts")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    page.select_option("#id_sector", "machinery")
    page.fill("#id_employees", "40")
    page.locator("main form button.btn-primary").click()
    page.wait_for_selector("#answer-form")
    browser.check("journey-1-question")
    page.locator("details.more summary").click()
    browser.check("journey-1-why")

    press(page, "unknown")
    expect(page.locator("#question-text")).to_be_focused()
    assert page.locator("#announce").text_content()
    second = shown(page)
    choose_first(page)
    page.locator(f'button[value="in-{OTHER[language]}"]').click()
    page.wait_for_url(f"**/{OTHER[language]}/**")
    assert shown(page) == second
    assert page.locator("fieldset input:checked").count() == page.locator("fieldset").count()
    page.locator(f'button[value="in-{language}"]').click()
    page.wait_for_url(f"**/{language}/**")
    press(page, "save")
    third = shown(page)
    press(page, "back")
    assert shown(page) == second
    page.go_back()
    page.wait_for_selector(f'#answer-form[data-question="{third}"]')
    press(page, "na")

    goes_on_after_a_closed_browser(visit(storage_state=browser.context.storage_state()))


def goes_on_after_a_closed_browser(again: Any) -> None:
    """Answer until the level is certain, look at the detail, pause, look through the answers, see the result."""
    language = again.screen.language
    page = again.go("/")
    again.check("journey-1-start-again")
    page.get_by_role("link", name=GO_ON[language]).click()
    page.wait_for_selector("#answer-form")
    for _ in range(MOST_STEPS):
        if shown(page) is None:
            break
        choose_first(page)
        press(page, "save")
    again.check("journey-1-certain")
    assert Assessment.objects.get().certain
    page.locator('form[action$="/go-on/"] button').click()
    page.wait_for_selector("#answer-form")
    page.locator(".buttons.small a").last.click()
    page.wait_for_url("**/pause/")
    again.check("journey-1-pause")
    page.goto(re.sub(r"interview/pause/$", "questions/", page.url))
    again.check("journey-1-questions")
    page.goto(re.sub(r"questions/$", "interview/", page.url))
    while shown(page) is not None:
        press(page, "unknown")
    page.locator('form[action$="/complete/"] button').click()
    page.wait_for_url(f"**/assessments/{Assessment.objects.get().pk}/")
    assert page.locator("h1").count() == 1
    assert Assessment.objects.get().status == Assessment.Status.COMPLETED
    assert again.problems == []


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_question_fits_the_screen(visit: Callable[..., Any]) -> None:
    client = Client()
    shown_kinds = set()
    for standard in ("eu-dma", "miit-2024", "cis-ig1"):
        check = check_start(facts=Facts(sector="machinery", employees=40), standard=standard)
        hold(client, check.enterprise)
        browser = visit(client)
        for question in engine.standards()[standard].questions:
            kind = type(question).__name__.lower()
            if kind in shown_kinds:
                continue
            shown_kinds.add(kind)
            browser.go(f"/assessments/{check.pk}/questions/{question.id}/")
            choose_first(browser.page)
            browser.check(f"journey-1-kind-{kind}")
    assert len(shown_kinds) == 7


@pytest.mark.django_db(transaction=True)
def test_an_answer_given_without_a_connection_is_sent_later(visit: Callable[..., Any]) -> None:
    browser = started(visit)
    page = browser.page
    first = shown(page)
    browser.context.set_offline(True)
    choose_first(page)
    page.locator('.buttons button[value="save"]').click()
    expect(page.locator('#kept-note[data-state="waiting"]')).to_be_visible()
    assert shown(page) == first
    without_failed_requests(browser)
    browser.check("journey-1-offline")
    assert Revision.objects.count() == 0
    browser.context.set_offline(False)
    expect(page.locator('#kept-note[data-state="sent"]')).to_be_visible()
    page.wait_for_function(
        "before => document.querySelector('#answer-form')?.dataset.question !== before", arg=first
    )
    browser.check("journey-1-online-again")
    assert Revision.objects.get().question == first
    assert page.evaluate("localStorage.getItem('kept-answers')") is None


@pytest.mark.django_db(transaction=True)
def test_an_answer_kept_in_a_closed_browser_is_sent_when_any_page_is_opened(
    visit: Callable[..., Any],
) -> None:
    browser = started(visit)
    page = browser.page
    first = shown(page)
    browser.context.set_offline(True)
    choose_first(page)
    page.locator('.buttons button[value="save"]').click()
    expect(page.locator('#kept-note[data-state="waiting"]')).to_be_visible()
    # a change of mind while there is no connection counts, too
    page.locator("#answer-form fieldset label.choice").last.click()
    state = browser.context.storage_state()
    wanted = [box.get_attribute("value") for box in page.locator("fieldset input:checked").all()]
    browser.context.close()
    again = visit(storage_state=state)
    page = again.go("/")
    expect(page.locator('#kept-note[data-state="sent"]')).to_be_visible()
    sent = Revision.objects.get()
    assert sent.question == first
    assert [str(item) for item in (sent.value if isinstance(sent.value, list) else [sent.value])] == wanted
    again.check("journey-1-sent")


def test_an_answer_outlives_a_session_that_has_ended(world: World, visit: Callable[..., Any]) -> None:
    owner = world.client("owner")
    browser = visit(owner)
    page = browser.go(f"/assessments/{world.assessment.pk}/questions/S16/")
    owner.logout()
    page.locator("#answer-form fieldset label.choice").last.click()
    page.locator('.buttons button[value="save"]').click()
    page.wait_for_url("**/accounts/login/**")
    assert f"/assessments/{world.assessment.pk}/questions/S16/" in unquote(page.url)
    for name, cookie in world.client("owner").cookies.items():
        browser.context.add_cookies([{"name": name, "value": cookie.value, "url": browser.base}])
    browser.go("/")
    expect(page.locator('#kept-note[data-state="sent"]')).to_be_visible()
    world.assessment.refresh_from_db()
    assert world.assessment.answers["S16"]["value"] == 4


def test_the_list_opens_a_history_and_leads_back_to_the_question(
    world: World, visit: Callable[..., Any]
) -> None:
    browser = visit(world.client("owner"))
    page = browser.go(f"/assessments/{world.assessment.pk}/questions/?state=answered")
    row = page.locator("#Q01")
    row.locator(".row-links a").last.click()
    expect(row.locator(".revisions li")).to_have_count(1)
    browser.check("journey-1-list")
    row.locator(".row-links a").first.click()
    page.locator("#answer-form fieldset label.choice").last.click()
    page.locator('.buttons button[value="save"]').click()
    page.wait_for_url("**/questions/#Q01")
    page.locator("#Q01 .row-links a").last.click()
    expect(page.locator("#Q01 .revisions li")).to_have_count(2)


@pytest.mark.django_db(transaction=True)
def test_the_keyboard_alone_answers(visit: Callable[..., Any]) -> None:
    browser = started(visit, "eu-dii-v3")
    page = browser.page
    first = shown(page)
    page.locator("#question-text").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    assert page.locator("fieldset input:checked").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => document.querySelector('#answer-form')?.dataset.question !== before", arg=first
    )
    expect(page.locator("#question-text")).to_be_focused()
    assert Revision.objects.get().value is True


@pytest.mark.django_db(transaction=True)
def test_the_start_form_keeps_what_was_typed_when_the_language_changes(visit: Callable[..., Any]) -> None:
    browser = visit()
    page = browser.go("/check/")
    page.select_option("#id_sector", "machinery")
    page.fill("#id_employees", "40")
    page.locator("details.more summary").click()
    page.select_option("#id_standard", "cmmm-2020")
    page.locator('[data-only-for="cmmm-2020"] label.choice').last.click()
    browser.check("journey-1-facts-variant")
    page.locator(f'header button[value="{OTHER[browser.screen.language]}"]').click()
    page.wait_for_url(f"**/{OTHER[browser.screen.language]}/check/")
    assert page.input_value("#id_sector") == "machinery"
    assert page.input_value("#id_employees") == "40"
    assert page.input_value("#id_standard") == "cmmm-2020"
    assert page.locator('[data-only-for="cmmm-2020"] input:checked').get_attribute("value") == "process"


@pytest.mark.django_db(transaction=True)
def test_the_interview_works_without_javascript(visit: Callable[..., Any]) -> None:
    browser = visit(java_script_enabled=False)
    page = browser.go("/check/")
    page.select_option("#id_sector", "machinery")
    page.fill("#id_employees", "40")
    page.locator("main form button.btn-primary").click()
    first = shown(page)
    choose_first(page)
    page.locator('.buttons button[value="save"]').click()
    assert shown(page) not in {None, first}
    page.locator('.buttons button[value="back"]').click()
    assert shown(page) == first
    assert page.locator("fieldset input:checked").count() >= 1
