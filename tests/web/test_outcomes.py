"""What came of projects: told, agreed to, reviewed, counted, and never so that a firm is known."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from capillary.outcomes.figures import LEAST
from capillary.web import engine
from capillary.web.api.services import token_create
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.enterprises.models import Member
from capillary.web.matches import services as matches
from capillary.web.outcomes import services
from capillary.web.outcomes.models import Outcome, ScenarioFigure
from capillary.web.outcomes.pages import effects_of
from capillary.web.outcomes.selectors import told_of
from capillary.web.projects.models import Project

from .kit import make_world
from .match_kit import advanced, match_world, seen, sent
from .outcome_kit import MEASURES, NOTHING, SCENARIO, another_firm, counted, finished, spread, told

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
PAGE = f"/en/scenarios/{SCENARIO}/"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def project(world: World) -> Project:
    return finished(world.enterprise)


def address(project: Project) -> str:
    return reverse("project-outcome", args=[project.pk])


def tell(world: World, project: Project, person: str = "owner", **data: Any) -> Any:
    return world.client(person).post(f"{address(project)}?scenario={SCENARIO}", data)


def figure(part: str) -> ScenarioFigure:
    return ScenarioFigure.objects.get(scenario=SCENARIO, part=part)


def five(world: World) -> list[Outcome]:
    return [counted(world, number, **spread(number)) for number in range(LEAST)]


# --- telling ------------------------------------------------------------------------------------------------------------


def test_a_project_that_ends_is_asked_about(world: World, project: Project) -> None:
    client = world.client("owner")
    assert address(project) in client.get(reverse("project", args=[project.pk])).content.decode()
    listed = client.get(reverse("enterprise-projects", args=[world.enterprise.pk])).content.decode()
    assert reverse("outcomes", args=[world.enterprise.pk]) in listed
    done = client.post(reverse("project-end", args=[project.pk]))
    assert done.url == address(project)
    form = client.get(done.url).context["form"]
    assert (form["cost"].value(), form["weeks"].value()) == (Decimal(9000), 7)


def test_a_project_that_solves_no_scenario_is_not_asked_about(world: World) -> None:
    project = finished(world.enterprise, done=2)
    client = world.client("owner")
    assert address(project) not in client.get(reverse("project", args=[project.pk])).content.decode()
    assert client.post(reverse("project-end", args=[project.pk])).url == reverse("project", args=[project.pk])
    assert client.get(address(project)).status_code == 404


def test_what_an_owner_tells_waits_for_review(world: World, project: Project) -> None:
    data = {
        "cost": "12000.50",
        "weeks": "8",
        "hours": "60",
        "wrong": "Nobody entered the old customers.",
        "before_0": "40",
        "after_0": "30",
        "how_0": "counted",
        "agrees": "on",
    }
    assert tell(world, project, **data).url == reverse("outcomes", args=[world.enterprise.pk])
    row = Outcome.objects.get()
    assert (row.cost, row.currency, row.weeks, row.hours) == (Decimal("12000.50"), "CNY", 8, 60)
    assert row.measures == sorted(MEASURES)
    assert row.improved == [
        {"on": "cost", "of": "office-labour", "before": "40", "after": "30", "how": "counted"}
    ]
    assert row.is_agreed
    assert not row.counts
    acts = AuditEntry.objects.filter(enterprise=world.enterprise.pk).values_list("action", flat=True)
    assert {"outcome-tell", "outcome-agree"} <= set(acts)


def test_without_the_owners_yes_nothing_is_published(world: World, project: Project) -> None:
    tell(world, project, "colleague", weeks="8", agrees="on")
    row = Outcome.objects.get()
    assert not row.is_agreed
    officer = world.client("officer")
    assert officer.get(reverse("outcome-reviewed", args=[row.pk])).status_code == 404
    world.client("owner").post(reverse("outcome-agree", args=[row.pk]))
    assert officer.get(reverse("outcome-reviewed", args=[row.pk])).status_code == 200


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"cost": "-1"}, "cost"),
        ({"weeks": "0"}, "weeks"),
        ({"before_0": "5"}, "after_0"),
        ({"before_0": "0", "after_0": "1", "how_0": "system"}, "before_0"),
        ({"wrong": "Call me: 138 0000 0000"}, "wrong"),
        ({"wrong": "Write to x@example.com"}, "wrong"),
        ({"wrong": "We at example metal parts forgot it"}, "wrong"),
        ({}, None),
    ],
)
def test_what_cannot_be_told_is_refused_at_its_field(
    world: World, project: Project, data: dict[str, str], field: str | None
) -> None:
    shown = tell(world, project, **{"cost": "", "weeks": "", **data})
    assert shown.status_code == 422
    assert (field or "__all__") in shown.context["form"].errors
    assert not Outcome.objects.exists()


def test_telling_again_replaces_and_is_reviewed_anew(world: World, project: Project) -> None:
    tell(world, project, weeks="8", agrees="on")
    row = Outcome.objects.get()
    services.outcome_accept(outcome=row, by=world.users["officer"], with_words=False)
    tell(world, project, weeks="9", agrees="on")
    again = Outcome.objects.get()
    assert (again.pk, again.weeks, again.state) == (row.pk, 9, Outcome.State.WAITING)
    assert again.version != row.version
    # a colleague's correction needs the owner's yes once more
    tell(world, project, "colleague", weeks="10")
    assert not Outcome.objects.get().is_agreed


def test_a_delivery_is_told_like_a_project() -> None:
    world = match_world()
    row = advanced(world, sent(world), "confirmed")
    client = world.client("owner")
    assert client.get(reverse("match-outcome", args=[row.pk])).status_code == 404
    row.offer["measures"] = list(MEASURES)
    row.save()
    row.need.measures = list(MEASURES)
    row.need.save()
    matches.outcome_measure(visit=seen(world, row, "owner"), cost=Decimal(10_800), used_by=9)
    row.refresh_from_db()
    link = reverse("match-outcome", args=[row.pk])
    assert link in client.get(reverse("match", args=[row.pk])).content.decode()
    shown = client.get(link)
    # 10,800 in the first year, of which 4,800 are paid each year
    assert shown.context["form"]["cost"].value() == Decimal(6000)
    client.post(link, {"cost": "6000", "weeks": "1", "agrees": "on"})
    told_of_it = Outcome.objects.get()
    assert (told_of_it.match_id, told_of_it.project_id, told_of_it.is_agreed) == (row.pk, None, True)
    assert (told_of_it.level_before, told_of_it.level_after) == (
        (row.level_before, row.level_after)
        if None not in (row.level_before, row.level_after)
        else (None, None)
    )


# --- review -------------------------------------------------------------------------------------------------------------


def test_a_reviewer_sees_no_name_and_decides(world: World, project: Project) -> None:
    tell(world, project, weeks="8", wrong="The old list was full of doubles.", agrees="on")
    row = Outcome.objects.get()
    client = world.client("officer")
    assert (
        reverse("outcome-reviewed", args=[row.pk]) in client.get(reverse("outcome-review")).content.decode()
    )
    text = client.get(reverse("outcome-reviewed", args=[row.pk])).content.decode()
    assert "full of doubles" in text
    assert world.enterprise.name not in text
    assert AuditEntry.objects.filter(kind="read", subject=f"outcome {row.pk}").exists()
    assert client.post(reverse("outcome-reviewed", args=[row.pk]), {"return": "1"}).status_code == 422
    client.post(reverse("outcome-reviewed", args=[row.pk]), {"return": "1", "reason": "Leave out the town."})
    assert (
        "Leave out the town."
        in world.client("owner").get(reverse("outcomes", args=[world.enterprise.pk])).content.decode()
    )
    assert not ScenarioFigure.objects.exists()
    tell(world, project, weeks="8", wrong="The list was full of doubles.", agrees="on")
    client.post(reverse("outcome-reviewed", args=[row.pk]), {"accept": "words"})
    assert "full of doubles" in Client().get(PAGE).content.decode()


def test_words_that_are_not_accepted_are_not_shown(world: World, project: Project) -> None:
    tell(world, project, weeks="8", wrong="Our dragon ate it.", agrees="on")
    row = Outcome.objects.get()
    assert "dragon" not in Client().get(PAGE).content.decode()
    world.client("officer").post(reverse("outcome-reviewed", args=[row.pk]), {"accept": "figures"})
    assert Outcome.objects.get().counts
    assert "dragon" not in Client().get(PAGE).content.decode()


def test_nobody_reviews_what_the_own_firm_tells(world: World, project: Project) -> None:
    tell(world, project, weeks="8", agrees="on")
    Member.objects.create(enterprise=world.enterprise, user=world.users["officer"], role="colleague")
    row = Outcome.objects.get()
    client = world.client("officer")
    assert client.get(reverse("outcome-reviewed", args=[row.pk])).status_code == 404
    assert not client.get(reverse("outcome-review")).context["rows"]


def test_what_changed_meanwhile_is_not_accepted(world: World, project: Project) -> None:
    tell(world, project, weeks="8", agrees="on")
    seen = Outcome.objects.get()
    tell(world, project, weeks="80", agrees="on")
    with pytest.raises(services.RefusedError):
        services.outcome_accept(outcome=seen, by=world.users["officer"], with_words=False)


# --- figures --------------------------------------------------------------------------------------------------------------


def test_three_projects_are_not_shown_but_said(world: World) -> None:
    for number in range(3):
        counted(world, number, **spread(number))
    assert figure("weeks").typical is None
    assert figure("weeks").reported == 3
    text = Client().get(PAGE).content.decode()
    assert "3 finished projects reported" in text
    assert "from-results" not in text


def test_five_firms_replace_the_ranges(world: World) -> None:
    five(world)
    weeks = figure("weeks")
    # 4, 7, 10, 13, 16 weeks on the steps at which figures are told
    assert (weeks.low, weeks.typical, weeks.high, weeks.projects) == (6, 10, 12, 5)
    cost = figure("one_off:medium")
    assert (cost.low, cost.typical, cost.high) == (20_000, 30_000, 40_000)
    shown = Client().get(f"{PAGE}?people=100")
    told_ones = {
        (item.name, item.of)
        for item in (*shown.context["costs"], *shown.context["others"])
        if item.from_results
    }
    assert told_ones == {("one_off", None), ("weeks", None), ("hours", None), ("effect", "office-labour")}
    text = shown.content.decode()
    assert "from 5 finished projects, 2026" in text
    assert "It took 6 to 12 weeks, typically 10." in text
    assert text.count("Lesson") == 5
    # costs of another size class stay the measures' own
    other = Client().get(f"{PAGE}?people=20").context["costs"][0]
    assert not other.from_results
    assert other.told == other.estimate


def test_one_further_project_moves_no_figure_and_a_batch_does(world: World) -> None:
    five(world)
    before = Client().get(f"{PAGE}?people=100").context["others"][0]
    for number in range(LEAST, 2 * LEAST - 1):
        counted(world, number, weeks=100 + number)
        after = Client().get(f"{PAGE}?people=100").context["others"][0]
        assert (after.told, after.projects) == (before.told, before.projects)
    counted(world, 2 * LEAST, weeks=99)
    assert Client().get(f"{PAGE}?people=100").context["others"][0].told != before.told


def test_several_projects_of_one_firm_are_one_firm(world: World) -> None:
    firm = another_firm(1)
    for number in range(LEAST + 1):
        row = told(firm, world.users["owner"], weeks=4 + 3 * number)
        services.outcome_accept(outcome=row, by=world.users["officer"], with_words=False)
    assert figure("weeks").typical is None
    assert figure("weeks").reported == LEAST + 1


def test_a_consent_that_is_taken_back_counts_no_more(world: World) -> None:
    rows = five(world)
    rows[0].refresh_from_db()
    services.outcome_withdraw(outcome=rows[0], by=world.users["owner"])
    text = Client().get(PAGE).content.decode()
    assert "Lesson 0" not in text
    assert "Lesson 1" in text
    assert figure("weeks").typical is None
    services.outcome_agree(outcome=rows[0], by=world.users["owner"])
    assert told_of(SCENARIO).reported == LEAST


def test_erasure_takes_what_was_told(world: World, django_capture_on_commit_callbacks: Any) -> None:
    rows = five(world)
    with django_capture_on_commit_callbacks(execute=True):
        enterprise_erase(enterprise=rows[0].enterprise, by=world.users["owner"])
    assert Outcome.objects.count() == LEAST - 1
    assert figure("weeks").typical is None
    assert "Lesson 0" not in Client().get(PAGE).content.decode()


def test_the_archive_of_a_firm_holds_what_it_told(world: World, project: Project) -> None:
    tell(world, project, weeks="8", wrong="Too little time.", agrees="on")
    with enterprise_archive(world.enterprise) as archive, zipfile.ZipFile(archive) as packed:
        (record,) = json.loads(packed.read("records.json"))["outcomes.Outcome"]
    assert (record["wrong"], record["weeks"]) == ("Too little time.", 8)
    assert "reviewed_by_id" not in record


def test_a_firm_deletes_what_it_told(world: World, django_capture_on_commit_callbacks: Any) -> None:
    rows = five(world)
    mine = rows[0]
    Member.objects.create(enterprise=mine.enterprise, user=world.users["owner"], role="owner")
    with django_capture_on_commit_callbacks(execute=True):
        world.client("owner").post(reverse("outcome-delete", args=[mine.pk]))
    assert not Outcome.objects.filter(pk=mine.pk).exists()
    assert figure("weeks").typical is None


def test_no_figure_names_a_firm(world: World) -> None:
    rows = five(world)
    kept = json.dumps(list(ScenarioFigure.objects.values_list("told", flat=True)))
    assert not any(str(row.enterprise_id) in kept or str(row.pk) in kept for row in rows)


def test_the_form_asks_about_what_the_measures_make_better() -> None:
    for item in engine.library().scenarios().scenarios.values():
        effects = effects_of(item)
        assert len(effects) == len(set(effects))


# --- catalogue, table, API --------------------------------------------------------------------------------------------------


def test_the_catalogue_is_filtered_by_results(world: World, client: Client) -> None:
    listed = client.get("/en/scenarios/?results=1")
    assert listed.context["page"].paginator.count == 0
    five(world)
    listed = client.get("/en/scenarios/?results=1")
    assert [row.scenario.id for row in listed.context["rows"]] == [SCENARIO]
    assert "from-results" in listed.content.decode()
    assert client.get("/en/scenarios/").context["with_results"] == 1
    for name, *_rest in listed.context["filters"].size:
        assert client.get(f"/en/scenarios/?results=1&size={name}").context["page"].paginator.count == 1


def test_the_table_says_where_each_figure_comes_from(world: World, client: Client) -> None:
    five(world)
    text = client.get(reverse("scenario-figures")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    library = engine.library().scenarios().scenarios
    assert {row["scenario"] for row in rows} == set(library)
    mine = {(row["figure"], row["size"], row["of"]): row for row in rows if row["scenario"] == SCENARIO}
    weeks = mine["weeks", "", ""]
    assert (weeks["source"], weeks["low"], weeks["typical"], weeks["high"]) == ("results", "6", "10", "12")
    assert (weeks["projects"], weeks["from_year"], weeks["unit"]) == ("5", "2026", "weeks")
    sizes = {size: mine["one_off", size, ""]["source"] for size in library[SCENARIO].sizes}
    assert sizes == {size: "results" if size == "medium" else "measures" for size in sizes}
    assert all(row["source"] == "measures" for row in rows if row["scenario"] != SCENARIO)


def test_programs_read_the_figures(world: World, client: Client) -> None:
    five(world)
    _token, secret = token_create(user=world.users["owner"], name="t", scope="read", expires_at=None)
    headers = {"Authorization": f"Bearer {secret}"}
    one = client.get(f"/api/v1/scenarios/{SCENARIO}?people=100", headers=headers).json()
    assert one["reported"] == LEAST
    assert [item["typical"] for item in one["figures"] if item["source"] == "results"] == [30_000, 10, 60, 25]
    assert sorted(item["text"] for item in one["told"]) == [f"Lesson {number}" for number in range(LEAST)]
    rows = client.get("/api/v1/scenarios?results=true", headers=headers).json()
    assert [row["id"] for row in rows] == [SCENARIO]
    assert rows[0]["has_results"]


def test_nothing_is_refused_that_says_little(world: World) -> None:
    """A report without any figure counts as a project, and changes none."""
    row = told(another_firm(1), world.users["owner"], **{**NOTHING, "wrong": "Nothing at all"})
    services.outcome_accept(outcome=row, by=world.users["officer"], with_words=True)
    assert told_of(SCENARIO).reported == 1
    assert not ScenarioFigure.objects.exists()
