"""Journey 15: from the catalogue and the skills check to a firm's training plan, and from a talent profile to a yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web import engine
from capillary.web.talent.models import Attendance, OfferedCourse, SkillsResult, TalentRequest, Trainee

from ..access_tables.talent import offered_course, profile_of
from ..kit import World, answer, some_answers
from .conftest import Screen


@pytest.fixture
def firm(world: World) -> World:
    """The world with an enterprise that has answered most questions."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    return world


def test_anybody_searches_a_course_and_checks_skills(
    world: World, visit: Callable[..., Any], screen: Screen
) -> None:
    offered_course(world.organisation)
    browser = visit()
    page = browser.go("/")
    page.locator('.hub a[href$="/courses/"]').click()
    browser.check("journey-15-list")
    page.fill("#q", "付款" if screen.language == "zh-hans" else "payment fraud")
    page.locator(".filters button").click()
    page.locator('.catalogue a[href$="/payment-fraud/"]').click()
    page.locator(".fold summary").first.click()
    browser.check("journey-15-course")
    browser.go("/courses/?q=zzzz")
    expect(page.locator(".empty-state")).to_be_visible()
    browser.check("journey-15-empty")
    browser.go("/courses/offered/")
    page.locator(".catalogue h2 a").first.click()
    browser.check("journey-15-offered")

    browser.go("/skills/")
    browser.check("journey-15-skills")
    page.locator(".role-list a").nth(1).click()
    browser.check("journey-15-check")
    page.locator(".check-form button").click()
    expect(page.locator(".alert")).to_be_visible()
    for group in page.locator(".check-form fieldset").all():
        group.locator("input").nth(1).check()
    page.locator(".check-form button").click()
    expect(page.locator(".standings-list li").first).to_be_visible()
    browser.check("journey-15-result")
    assert not SkillsResult.objects.exists()


def test_a_firm_plans_its_training_and_records_it(
    firm: World, visit: Callable[..., Any], screen: Screen
) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/enterprises/{firm.enterprise.pk}/training/")
    browser.check("journey-15-training-empty")
    for name, role in (("A", "office"), ("B", "it")):
        if page.locator("#id_name").is_hidden():
            page.locator(".fold summary").click()
        page.fill("#id_name", f"{name} {screen.name}")
        page.select_option("#id_role", role)
        page.locator('form[action$="/training/people/"] button').click()
        expect(page.locator(".made .row-line").filter(has_text=f"{name} {screen.name}")).to_be_visible()
    browser.check("journey-15-training")
    page.select_option("#id_origin", "shortcomings")
    page.locator('form[action$="/training/make/"] button').click()
    expect(page.locator(".made li").first).to_be_visible()
    browser.check("journey-15-plan")
    page.locator(".made .btn").first.click()
    page.select_option("#id_status", "attended")
    page.locator("form.card button").click()
    expect(page.locator("#id_done_on_error")).to_be_visible()
    browser.check("journey-15-record-wrong")
    page.fill("#id_done_on", "2026-01-05")
    page.select_option("#id_result", "passed")
    page.locator("form.card button").click()
    expect(page.locator(".state-tag.up").first).to_be_visible()
    assert Attendance.objects.filter(status="attended", result="passed").count() == 1


def test_a_person_is_found_without_a_name_and_says_yes(world: World, visit: Callable[..., Any]) -> None:
    theirs = visit(world.client("stranger"))
    page = theirs.go("/skills/it/")
    for group in page.locator(".check-form fieldset").all():
        group.locator("input").nth(2).check()
    page.locator(".check-form button").click()
    page.locator('button[name="keep"]').click()
    theirs.check("journey-15-mine")
    page = theirs.go("/talent/me/")
    page.select_option("#id_role", "it")
    page.select_option("#id_region", "CN-JS")
    page.locator('input[name="languages"]').first.check()
    page.locator("#id_consent").check()
    page.locator('section[aria-labelledby="form-title"] button').click()
    expect(page.locator("code")).to_be_visible()

    ours = visit(world.client("owner"))
    other = ours.go("/talent/")
    expect(other.locator(".catalogue > li")).to_have_count(1)
    ours.check("journey-15-people")
    other.locator('.catalogue a[href$="/request/"]').click()
    other.fill("#id_reason", "We look for somebody to run our network from May on.")
    ours.check("journey-15-ask")
    other.locator("form.card button").click()
    expect(other.locator("main")).not_to_contain_text("Stranger")

    page = theirs.go("/talent/me/")
    theirs.check("journey-15-me")
    page.locator('button[name="accept"]').click()
    expect(page.locator('button[name="accept"]')).to_have_count(0)
    other = ours.go("/talent/")
    other.locator('a[href*="/talent/requests/"]').click()
    expect(other.locator("h1")).to_have_text("Stranger")
    ours.check("journey-15-contact")
    assert TalentRequest.objects.get().status == "accepted"


def test_a_shortcoming_leads_to_courses_of_organisations_and_people_who_fit(
    firm: World, visit: Callable[..., Any]
) -> None:
    world = firm
    Trainee.objects.create(enterprise=world.enterprise, name="Shift lead", role="it", hours=2)
    OfferedCourse.objects.create(
        organisation=world.organisation,
        number="K9",
        title_zh="一次学会",
        title_en="All at once",
        outcome_zh="短板都能补上。",
        outcome_en="All shortcomings at once.",
        roles=["it"],
        form="workshop",
        hours=16,
        capabilities={name: [0, item.top] for name, item in engine.library().capabilities().items()},
        competences={"1.1": [0, 1]},
        link_kind="lti",
        link="https://learn.example.org/lti/launch?course=9",
        price=480,
        currency="CNY",
    )
    profile_of(world)
    browser = visit(world.client("owner"))
    page = browser.go(f"/assessments/{world.assessment.pk}/")
    page.locator('.next-steps a[href*="/courses/?question="]').first.click()
    expect(page.locator(".asked-about")).to_be_visible()
    expect(page.locator(".catalogue h3 a")).to_have_count(1)
    browser.check("journey-15-for-a-shortcoming")
    browser.go(f"/enterprises/{world.enterprise.pk}/training/")
    expect(page.locator("#id_offered")).to_be_checked()
    page.locator('form[action$="/training/make/"] button').click()
    expect(page.locator('a[href="https://learn.example.org/lti/launch?course=9"]')).to_be_visible()
    browser.check("journey-15-plan-offered")
    browser.go("/talent/")
    page.select_option("#need", str(world.enterprise.pk))
    page.locator(".filters button").click()
    expect(page.locator(".hint")).to_be_visible()
    browser.check("journey-15-who-fits")
    browser.go("/courses/offered/")
    browser.check("journey-15-offered-list")
