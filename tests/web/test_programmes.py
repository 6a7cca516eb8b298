"""The officer's list: who is on it, filters, sorting, pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from capillary.web.accounts.models import Organisation, Position
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.models import Enrolment, SavedView
from capillary.web.programmes.paging import SORTS, Mark

from .kit import World
from .officer_kit import crowd, enrol, listed, show, walk


@pytest.fixture
def many(world: World) -> World:
    return crowd(world)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["programme-enterprises", "programme-dashboard", "programme-invite", "programme-edit"]
)
def test_only_the_officer_of_a_programme_sees_it(world: World, name: str) -> None:
    address = reverse(name, args=[world.programme.pk])
    assert world.client("officer").get(address).status_code == 200
    for person in ("owner", "colleague", "adviser", "provider", "administrator", "stranger"):
        assert world.client(person).get(address).status_code == 404, person
    assert world.client("anonymous").get(address).status_code == 302


@pytest.mark.django_db
def test_an_officer_of_another_organisation_sees_nothing(world: World) -> None:
    other = Organisation.objects.create(name_zh="另一市", name_en="Another City", kind="authority")
    Position.objects.create(user=world.users["stranger"], organisation=other, role="officer")
    client = world.client("stranger")
    assert client.get(reverse("programme-enterprises", args=[world.programme.pk])).status_code == 404
    page = client.get("/en/programmes/").content.decode()
    assert "Example Programme" not in page
    assert "Create the first programme" in page


@pytest.mark.django_db
def test_the_programmes_are_counted(many: World) -> None:
    page = many.client("officer").get("/en/programmes/").content.decode()
    assert re.findall(r"<dd>([^<]+)</dd>", page) == ["120", "80"]


@pytest.mark.django_db
def test_whoever_withdrew_or_was_erased_or_never_agreed_is_not_there(world: World) -> None:
    enrol(world, 1, name="Stays")
    enrol(world, 2, name="Withdrew", withdrawn_at=timezone.now())
    enrol(world, 3, name="Never agreed", consented_at=None)
    gone = enrol(world, 4, name="Erased")
    Enterprise.objects.filter(pk=gone.enterprise_id).update(erased_at=timezone.now())
    page = show(world)
    assert listed(page) == ["Example Metal Parts", "Stays"]
    exported = world.client("officer").get(f"/en/programmes/{world.programme.pk}/export/")
    text = b"".join(exported.streaming_content).decode()
    assert "Stays" in text
    assert not any(name in text for name in ("Withdrew", "Never agreed", "Erased"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("q=aster", lambda row: row.name.startswith("Aster")),
        ("q=机械", lambda _row: True),
        ("q=械厂 01", lambda row: "械厂 01" in row.name),
        ("q=100%25", lambda _row: False),
        ("q=_", lambda _row: False),
        ("region=CN", lambda row: row.region.startswith("CN")),
        ("region=DE", lambda row: row.region in {"DE", "DE-BY"}),
        ("region=CN-JS", lambda row: row.region == "CN-JS"),
        ("sector=machinery", lambda row: row.sector == "machinery"),
        ("size=micro", lambda row: row.employees == 5),
        ("size=small", lambda row: row.employees == 30),
        ("size=medium", lambda row: row.employees == 120),
        ("size=large", lambda row: row.employees == 400),
        ("from=3", lambda row: (row.level_low or 0) >= 3),
        ("from=1&to=2", lambda row: row.level_low in {1, 2}),
        ("to=0", lambda row: row.level_low == 0),
        ("cohort=2026", lambda row: row.cohort == "2026"),
        ("unassessed=on", lambda row: row.assessed_at is None),
        ("since={fifty}", lambda row: row.assessed_at and row.score_low <= 50),
        (
            "q=Elm&region=DE&cohort=2026&unassessed=on",
            lambda row: row.name[:3] == "Elm" and row.cohort and not row.assessed_at,
        ),
    ],
)
def test_filters_find_what_they_say(many: World, query: str, fits: Any) -> None:
    day = timezone.localdate() - dt.timedelta(days=50)
    wanted = {row.name for row in Enrolment.objects.all() if fits(row)}
    found = walk(many, query.format(fifty=day))
    assert set(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_every_enterprise_once_in_order(many: World, sort: str, sign: str) -> None:
    names = walk(many, f"sort={sign}{sort}")
    rows = {row.name: row for row in Enrolment.objects.all()}
    assert sorted(names) == sorted(rows)
    column = SORTS[sort].column
    values = [getattr(rows[name], column) for name in names]
    there = [value for value in values if value not in (None, "")]
    assert there == sorted(there, reverse=sign == "-")
    assert values[len(there) :] == [value for value in values if value in (None, "")]


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-score", "level", "-count"])
def test_the_way_back_shows_the_same_pages(many: World, sort: str) -> None:
    client = many.client("officer")
    address = f"/en/programmes/{many.programme.pk}/?sort={sort}"
    forth, back = [], []
    for rel, pages in (("next", forth), ("prev", back)):
        for _turn in range(5):
            page = client.get(address).content.decode()
            numbers = re.search(r'<p role="status">([^<]*)</p>', page)
            assert numbers
            pages.append((numbers[1], listed(page)))
            link = re.search(rf'rel="{rel}" href="([^"]*)"', page)
            if not link:
                break
            address = link[1].replace("&amp;", "&")
    assert [line for line, _ in forth] == [
        "1–50 of 120 enterprises",
        "51–100 of 120 enterprises",
        "101–120 of 120 enterprises",
    ]
    assert back == forth[::-1]
    last = client.get(f"/en/programmes/{many.programme.pk}/?sort={sort}&page=last").content.decode()
    assert listed(last) == forth[-1][1]
    assert "101–120 of 120 enterprises" in last


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["", "x", "AAAA", "W10", "WzAsMCwiYSIsMSwwXQ", "Wzks", "W251bGwsMCwxLDEsMV0", "٣", "last" * 500]
)
@pytest.mark.parametrize("sort", ["name", "score", "assessed"])
def test_a_mark_that_is_none_shows_a_page(many: World, page: str, sort: str) -> None:
    assert listed(show(many, f"sort={sort}&page={page}"))


def test_marks_come_back_from_the_address() -> None:
    for sort, value in (("name", "江河"), ("score", 1.5), ("assessed", timezone.now()), ("size", 9)):
        mark = Mark(back=True, missing=False, value=value, pk=7, position=50)
        assert Mark.read(mark.written(), SORTS[sort]) == mark
    assert Mark.read(Mark(False, False, "text", 1, 0).written(), SORTS["score"]) is None
    assert Mark.read(Mark(False, False, float("nan"), 1, 0).written(), SORTS["size"]) is None
    assert Mark.read(Mark(False, False, 1.0, -1, 0).written(), SORTS["score"]) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=3&to=1", "The highest level lies below the lowest one."),
        ("unassessed=on&from=1", "An enterprise that is not yet assessed has no level"),
        ("unassessed=on&since=2026-01-01", "An enterprise that is not yet assessed has no level"),
        ("since=2126-01-01", "This day is still to come."),
        ("since=yesterday", "Enter a valid date."),
        ("region=XX", "Select a valid choice."),
    ],
)
def test_filters_that_cannot_be_met_say_so(many: World, query: str, said: str) -> None:
    page = show(many, query)
    assert said in page
    assert "With these filters nothing can be found." in page
    assert listed(page) == []
    assert "take away" in page


@pytest.mark.django_db
def test_active_filters_are_shown_and_each_can_be_taken_away(many: World) -> None:
    page = show(many, "q=Elm&region=DE&sort=-score&nonsense=1")
    chips = re.findall(r'<li><a class="btn" href="([^"]*)"><span>([^<]*)<strong>([^<]*)</strong>', page)
    assert [(label, value) for _link, label, value in chips] == [("Name: ", "Elm"), ("Region: ", "Germany")]
    assert chips[0][0].endswith("?region=DE&amp;sort=-score")
    assert chips[1][0].endswith("?q=Elm&amp;sort=-score")


@pytest.mark.django_db
def test_nothing_found_and_nobody_there_are_told_apart(world: World) -> None:
    assert "No enterprise fits these filters." in show(world, "q=nowhere")
    world.enrolment.delete()
    assert "No enterprise has joined yet." in show(world)


@pytest.mark.django_db
def test_htmx_gets_the_list_alone_and_a_tidy_address(many: World) -> None:
    client = many.client("officer")
    address = f"/en/programmes/{many.programme.pk}/?q=Elm&region=&sector=&size=&cohort=&from=&to=&since="
    response = client.get(address, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<html" not in page
    assert len(listed(page)) == 24
    assert response["HX-Push-Url"] == f"/en/programmes/{many.programme.pk}/?q=Elm"
    assert "HX-Request" in response["Vary"]


@pytest.mark.django_db
def test_the_list_costs_few_queries_however_long_it_is(
    many: World, django_assert_max_num_queries: Any
) -> None:
    client = many.client("officer")
    for number in range(6):
        SavedView.objects.create(programme=many.programme, user=many.users["officer"], name=f"View {number}")
    for query in ("", "q=Elm", "region=CN&sort=-score", "page=last", "unassessed=on"):
        with django_assert_max_num_queries(15):
            client.get(f"/en/programmes/{many.programme.pk}/?{query}")


@pytest.mark.django_db
def test_looking_at_the_list_is_written_down(world: World) -> None:
    show(world)
    entry = AuditEntry.objects.get(kind="read")
    assert entry.user == world.users["officer"]
    assert (entry.role, entry.subject) == ("officer", f"list of {world.programme.pk}: 1 enterprises")


@pytest.mark.django_db
def test_a_row_opens_the_result_and_the_look_is_written_down(world: World) -> None:
    page = show(world)
    link = f"/en/assessments/{world.earlier.pk}/"
    assert f'<a href="{link}">Example Metal Parts</a>' in page
    assert world.client("officer").get(link).status_code == 200
    assert AuditEntry.objects.filter(kind="read", enterprise=world.enterprise.pk, role="officer").count() == 1
