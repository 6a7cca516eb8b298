"""Journey 16: an officer gives out 200 free security checks that 260 enterprises ask for; a second one publishes the draw."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from capillary.web.enterprises.models import Enterprise
from capillary.web.places.models import Draw, Offering, PlaceRequest

from ..places_kit import HEADS, asks, drawn, places_world
from ..places_kit import firm as make_firm

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kit import World

FIRMS, PLACES = 260, 200
LABS = "provider,capacity\nEast Lab,120\nWest Lab,50\nNorth Lab,30\n"


@pytest.fixture
def world(transactional_db: None) -> World:
    return places_world()


def _file(text: str) -> dict[str, Any]:
    return {"name": "labs.csv", "mimeType": "text/csv", "buffer": text.encode()}


def _prepared(office: Any) -> Offering:
    """Prepare an offering, with a wrong file and then a right one, and announce it."""
    page = office.go("/office/offerings/")
    office.check("journey-16-office-offerings")
    page.locator(".title-line a.btn-primary").click()
    page.locator("#id_kind").select_option("security")
    page.locator("#id_code").fill("checks-2026")
    page.locator("#id_title_zh").fill("免费网络安全体检")
    page.locator("#id_title_en").fill("Free security checks")
    page.locator("#id_rule_2").select_option("level=lowest")
    page.locator("main form button").click()
    expect(page.locator("#id_rule_3_error")).to_be_visible()
    expect(page.locator("#id_title_en")).to_have_value("Free security checks")
    page.locator("#id_rule_2").select_option("size=micro,small,medium,large")
    office.check("journey-16-form")
    page.locator("main form button").click()
    page.locator("#providers details > summary").last.click()
    page.locator("#id_file").set_input_files(_file(LABS.replace("50", "fifty")))
    page.locator('form[action*="/providers/file/"] button').click()
    expect(page.locator(".cells li")).to_have_count(1)
    office.check("journey-16-cells")
    page.locator("#id_file").set_input_files(_file(LABS))
    page.locator('form[action*="/providers/file/"] button').click()
    expect(page.locator("#providers .made li")).to_have_count(3)
    office.check("journey-16-prepared")
    page.locator('form[action*="/open/"] button').click()
    expect(page.locator('form[action*="/close/"]')).to_be_visible()
    return Offering.objects.get(code="checks-2026")


def _asked(firm: Any, row: Offering) -> None:
    page = firm.go("/offerings/")
    firm.check("journey-16-offerings")
    page.locator(f'.calls h2 a[href*="{row.pk}"]').click()
    expect(page.locator("code").first).to_have_text(row.commitment)
    firm.check("journey-16-offering")
    page.locator('a[href*="/ask/"]').click()
    page.locator("#id_choice_1").select_option(label="West Lab")
    page.locator("#id_choice_2").select_option(label="West Lab")
    page.locator("main form button").click()
    expect(page.locator("#id_choice_2_error")).to_be_visible()
    page.locator("#id_choice_2").select_option(label="North Lab")
    firm.check("journey-16-ask")
    page.locator("main form button").click()
    firm.check("journey-16-asked")


def _many_ask(row: Offering) -> None:
    """Let the other enterprises ask, put there by hand: 259 of them."""
    east, west, north = (row.providers.get(name=name).pk for name in ("East Lab", "West Lab", "North Lab"))
    wishes = ([west, north], [west], [east, west], [])
    firms = Enterprise.objects.bulk_create(
        Enterprise(
            name=f"Firm {number:03}",
            sector=("machinery", "metal-products", "textiles-clothing")[number % 3],
            region=("CN-JS", "CN-ZJ")[number % 2],
            employees=HEADS[number % 5],
            claimed_at=timezone.now(),
        )
        for number in range(2, FIRMS + 1)
    )
    PlaceRequest.objects.bulk_create(
        PlaceRequest(
            offering=row,
            number=number,
            enterprise=firm,
            choices=wishes[number % 4],
            takes_any=number % 8 != 1,
            asked_on=timezone.localdate(),
            size=("micro", "small", "medium", "large", "")[(number - 2) % 5],
            region=firm.region,
            sector=firm.sector,
            level=number % 4,
        )
        for number, firm in enumerate(firms, 2)
    )
    Offering.objects.filter(pk=row.pk).update(
        numbers=FIRMS,
        opens_on=timezone.localdate() - dt.timedelta(days=9),
        closes_on=timezone.localdate() - dt.timedelta(days=1),
    )


def _drawn(office: Any, second: Any, row: Offering) -> None:
    """Close, look at the preview, draw; the second officer publishes."""
    desk = office.go(f"/office/offerings/{row.pk}/")
    desk.locator('form[action*="/close/"] button').click()
    expect(desk.locator("#preview table")).to_have_count(3)
    expect(desk.locator("#next")).to_contain_text(str(FIRMS))
    office.check("journey-16-preview")
    desk.locator('form[action*="/draw/"] button').click()
    expect(desk.locator('form[action*="/confirm/"]')).to_have_count(0)
    office.check("journey-16-drawn")
    other = second.go(f"/office/offerings/{row.pk}/")
    other.locator('form[action*="/confirm/"] button').click()
    expect(other.locator('a[href$="/draw/firms.csv"]')).to_be_visible()
    second.check("journey-16-published")


def _answered(firm: Any, office: Any, row: Offering) -> None:
    """Let the enterprise read, accept, and be recorded as served; another place moves up a waiting one."""
    mine = PlaceRequest.objects.get(offering=row, number=1)
    page = firm.go(f"/places/{mine.pk}/")
    firm.check("journey-16-result")
    page.locator('form[action*="/accept/"] button').click()
    expect(page.locator('form[action*="/accept/"]')).to_have_count(0)
    late = PlaceRequest.objects.filter(offering=row, state="offered").first()
    PlaceRequest.objects.filter(pk=late.pk).update(answer_by=timezone.localdate() - dt.timedelta(days=1))
    desk = office.go(f"/office/offerings/{row.pk}/")
    desk.locator('form[action*="/expire/"] button').click()
    expect(desk.locator('form[action*="/expire/"]')).to_have_count(0)
    desk.locator('nav.tabs a[href*="show=accepted"]').click()
    desk.locator('input[name="request"]').check()
    office.check("journey-16-attendance")
    desk.locator('button[name="served"]').click()
    expect(desk.locator("#requests .empty-state")).to_be_visible()
    office.go(f"/office/offerings/{row.pk}/events/")
    office.check("journey-16-events")
    assert PlaceRequest.objects.get(pk=mine.pk).state == "served"
    assert PlaceRequest.objects.get(pk=late.pk).state == "expired"


def test_an_officer_allocates_200_free_security_checks(world: World, visit: Callable[..., Any]) -> None:
    office = visit(world.client("officer"))
    row = _prepared(office)
    firm = visit(world.client("owner"))
    _asked(firm, row)
    _many_ask(row)
    _drawn(office, visit(world.client("second")), row)
    assert len(Draw.objects.get().held.got) == PLACES
    waiting = PlaceRequest.objects.filter(offering=row, state="waiting")
    assert waiting.count() == FIRMS - PLACES
    for item in row.providers.all():
        assert PlaceRequest.objects.filter(offering=row, provider=item).count() == item.capacity
    _answered(firm, office, row)
    assert (
        PlaceRequest.objects.filter(offering=row, state__in=["offered", "accepted", "served"]).count()
        == PLACES
    )
    anybody = visit()
    page = anybody.go(f"/offerings/{row.pk}/")
    expect(page.locator("#lottery-title")).to_be_visible()
    row.refresh_from_db()
    expect(page.locator("main")).to_contain_text(str(row.seed))
    assert "Firm 0" not in page.content()
    anybody.check("journey-16-public")
    # the waiting enterprise reads where it stands, and why
    line = waiting.order_by("-place").select_related("enterprise").first()
    line.enterprise.members.create(user=world.users["owner"], role="owner")
    firm.go(f"/places/{line.pk}/")
    expect(firm.page.locator(".why li")).not_to_have_count(0)
    firm.check("journey-16-waiting")


def test_a_firm_is_excluded_and_a_draw_refused_in_the_open(world: World, visit: Callable[..., Any]) -> None:
    row = world.extra["offering"]
    mine = asks(world, world.enterprise)
    for number in range(5):
        asks(world, make_firm(world, number))
    office, second, owner = (visit(world.client(name)) for name in ("officer", "second", "owner"))
    desk = office.go(f"/office/offerings/{row.pk}/")
    desk.locator(f'a[href*="/requests/{mine.pk}/exclusion/"]').click()
    desk.locator("#id_text").fill("Its works are in another city.")
    office.check("journey-16-exclude")
    desk.locator('button[name="exclude"]').click()
    page = owner.go(f"/places/{mine.pk}/")
    page.locator("#id_text").fill("They moved here in May.")
    owner.check("journey-16-excluded")
    page.locator('form[action*="/object/"] button').click()
    expect(page.locator("#exclusion blockquote")).to_have_count(2)
    other = second.go(f"/office/offerings/{row.pk}/?show=excluded")
    other.locator(f'a[href*="/requests/{mine.pk}/exclusion/"]').click()
    other.locator("#id_text").fill("The register says so.")
    second.check("journey-16-objection")
    other.locator('button[name="lift"]').click()
    expect(other.locator("#requests .empty-state, #requests table")).to_be_visible()
    drawn(world)
    other = second.go(f"/office/offerings/{row.pk}/")
    other.locator("#next details > summary").click()
    other.locator("#id_text").fill("Two labs closed since.")
    second.check("journey-16-refuse")
    other.locator('form[action*="/refuse/"] button').click()
    expect(other.locator("#refused li")).to_have_count(1)
    desk = office.go(f"/office/offerings/{row.pk}/")
    desk.locator("#id_text").fill("The labs are open again.")
    office.check("journey-16-refused")
    desk.locator('form[action*="/repeat/"] button').click()
    expect(desk.locator('form[action*="/draw/"]')).to_be_visible()
    everybody = visit()
    page = everybody.go(f"/offerings/{row.pk}/")
    expect(page.locator("#refused")).to_contain_text("The labs are open again.")
    everybody.check("journey-16-refused-public")
