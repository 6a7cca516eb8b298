"""The catalogue of scenarios in the product: searching, one for a size, and starting it in the plan of a firm."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from capillary.content.estimates import estimate_of
from capillary.content.scenarios import Wish, scenarios_found
from capillary.roadmap.firm import firm_of
from capillary.roadmap.pins import pins_of
from capillary.web import engine
from capillary.web.api.services import token_create
from capillary.web.core.models import AuditEntry
from capillary.web.planning import services as planning
from capillary.web.planning.models import Roadmap
from capillary.web.planning.starting import MOST_FIRMS, plannable
from capillary.web.programmes.sizes import SIZES
from capillary.web.results.selectors import scenario_count
from capillary.web.scenarios.selectors import asked

from .kit import answer, make_world, some_answers

if TYPE_CHECKING:
    from django.test import Client

    from .kit import World

pytestmark = pytest.mark.django_db
ORDER_BOARD = "order-board-and-erp-disagree"
VIRUS = "virus-stops-invoicing"


@pytest.fixture
def world() -> World:
    """Return the world, with most questions answered."""
    found = make_world()
    found.assessment = answer(found.assessment, some_answers("miit-2024", 28))
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let roadmaps wait: the work is not begun."""
    monkeypatch.setattr(planning, "_enqueue", lambda _pk: None)


def listed(client: Client, query: str = "", language: str = "en") -> Any:
    return client.get(f"/{language}/scenarios/{query}")


def ids(response: Any) -> list[str]:
    return [row.scenario.id for row in response.context["rows"]]


def start(client: Client, world: World, name: str = VIRUS) -> Any:
    return client.post(reverse("scenario-start", args=[world.assessment.pk, name]), follow=True)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_everybody_finds_scenarios_in_both_languages(client: Client) -> None:
    for query in ("?q=看板+erp", "?q=order+board+ERP", "?q=ORDER%20board%20erp"):
        assert ids(listed(client, query)) == [ORDER_BOARD]
    text = listed(client, "?q=看板+erp", "zh-hans").content.decode()
    assert "墙上的看板和系统里的订单永远对不上" in text
    assert f"/zh-hans/scenarios/{ORDER_BOARD}/" in text


def test_the_list_has_pages_and_says_when_nothing_fits(client: Client) -> None:
    whole = len(engine.library().scenarios().scenarios)
    seen: list[str] = []
    for number in range(1, whole // 20 + 2):
        seen += ids(listed(client, f"?page={number}"))
    assert sorted(seen) == sorted(engine.library().scenarios().scenarios)
    empty = listed(client, "?q=zzzz&size=small")
    assert "empty-state" in empty.content.decode()
    assert ids(listed(client, "?page=999"))
    assert "page=2" in listed(client, "?size=small").content.decode()
    assert "size=small&amp;page=2" in listed(client, "?size=small").content.decode()


@pytest.mark.parametrize(
    "query", ["?sector=nowhere", "?size=huge", "?business=S99", "?capability=none", "?assessment=x"]
)
def test_a_filter_that_nobody_knows_is_no_error(client: Client, query: str) -> None:
    assert listed(client, query).status_code == 200
    assert bool(ids(listed(client, query))) == query.startswith("?assessment")


def test_each_choice_of_a_filter_says_how_many_it_leaves(client: Client) -> None:
    context = listed(client, "?sector=machinery&size=small").context
    filters = context["filters"]
    for value, _label, count in filters.business:
        assert (
            listed(client, f"?sector=machinery&size=small&business={value}").context["page"].paginator.count
            == count
        )
    for value, _label, count in filters.sector:
        assert listed(client, f"?size=small&sector={value}").context["page"].paginator.count == count
    for value, _label, count in filters.size:
        assert listed(client, f"?sector=machinery&size={value}").context["page"].paginator.count == count
    for _area, choices in filters.capability[:3]:
        for value, _label, count in choices:
            query = f"?sector=machinery&size=small&capability={value}"
            assert listed(client, query).context["page"].paginator.count == count > 0


def test_sizes_of_scenarios_are_those_of_the_product() -> None:
    from capillary.model.scenario import HEADS

    assert {size.id: (size.least, size.most) for size in SIZES} == dict(HEADS)


# --- from a weakness to a scenario ---------------------------------------------------------------------------------------


def test_a_shortcoming_on_the_result_page_leads_to_scenarios_that_help(world: World) -> None:
    client = world.client("owner")
    page = client.get(f"/en/assessments/{world.assessment.pk}/").content.decode()
    found = re.findall(r'href="(/en/scenarios/\?question=miit-2024/[^"]+)"', page)
    assert found
    for address in dict.fromkeys(found):
        response = client.get(address.replace("&amp;", "&"))
        question = response.context["question"]
        assert response.context["firm"].pk == world.assessment.pk
        total = response.context["page"].paginator.count
        assert total == scenario_count("miit-2024", question.question.id) > 0
        measures = engine.library().measures().measures
        for name in ids(response):
            raised = {
                item.capability
                for measure in engine.library().scenarios().scenarios[name].measures
                for item in measures[measure].raises
            }
            assert raised & question.capabilities
    assert asked("miit-2024/Q99") is None
    assert asked("nothing") is None
    assert scenario_count("nothing", "Q01") == 0


def test_an_assessment_of_somebody_else_in_the_address_is_nothing(world: World) -> None:
    response = world.client("stranger").get(f"/en/scenarios/?assessment={world.assessment.pk}")
    assert response.context["firm"] is None
    assert f"/assessments/{world.assessment.pk}" not in response.content.decode()


def test_the_firms_own_sector_and_size_are_one_link_away(world: World) -> None:
    world.enterprise.sector, world.enterprise.employees = "machinery", 40
    world.enterprise.save()
    response = listed(world.client("owner"), f"?assessment={world.assessment.pk}")
    assert "sector=machinery&size=small" in response.context["firm_filters"]
    world.enterprise.sector, world.enterprise.employees = "", None
    world.enterprise.save()
    assert listed(world.client("owner"), f"?assessment={world.assessment.pk}").context["firm_filters"] == ""


def test_what_fits_the_firm_stands_first_and_nothing_is_left_out(world: World) -> None:
    world.enterprise.sector, world.enterprise.employees = "transport-logistics", 4
    world.enterprise.save()
    response = listed(world.client("owner"), f"?assessment={world.assessment.pk}")
    book = engine.library().scenarios().scenarios
    whole = response.context["page"].paginator.object_list
    assert sorted(item.id for item in whole) == sorted(book)
    score = [("transport-logistics" in item.sectors) + ("micro" in item.sizes) for item in whole]
    assert score == sorted(score, reverse=True)
    assert score[0] == 2


# --- one scenario ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_scenario_shows_everything_it_has(client: Client, language: str) -> None:
    book = engine.library().scenarios().scenarios
    item = book[ORDER_BOARD]
    text = client.get(f"/{language}/scenarios/{ORDER_BOARD}/").content.decode()
    say = "en" if language == "en" else "zh"
    from django.utils.html import escape

    for part in (
        item.title,
        item.problem,
        item.before,
        item.after,
        item.who,
        *item.checklist,
        *item.conditions,
    ):
        assert escape(getattr(part, say)) in text
    for pitfall in item.pitfalls:
        assert escape(getattr(pitfall.wrong, say)) in text
        assert escape(getattr(pitfall.remedy, say)) in text
    for name in item.measures:
        assert f"/{language}/measures/{name}/" in text
        assert ORDER_BOARD in client.get(f"/{language}/measures/{name}/").content.decode()
    assert "‡" in text


@pytest.mark.parametrize("name", sorted(engine.library().scenarios().scenarios))
def test_every_scenario_has_a_page(client: Client, name: str) -> None:
    assert client.get(f"/en/scenarios/{name}/").status_code == 200


def test_there_is_no_page_of_what_is_no_scenario(client: Client) -> None:
    assert client.get("/en/scenarios/nothing/").status_code == 404


def test_the_reader_changes_the_size_and_the_figures_follow(client: Client) -> None:
    item = engine.library().scenarios().scenarios["salesman-leaves-with-customers"]
    response = client.get(f"/en/scenarios/{item.id}/?people=100&users=80&machines=0")
    found = response.context["estimate"]
    library = engine.library()
    assert found == estimate_of(item, library.measures(), library.currencies(), users=80, machines=0)
    assert f"{found.yearly[1]:,}" in response.content.decode()
    fewer = client.get(f"/en/scenarios/{item.id}/?people=100&users=8").context["estimate"]
    assert fewer.yearly[1] < found.yearly[1]


@pytest.mark.parametrize("wrong", ["people=0", "people=many", "users=-1", "machines=99999999"])
def test_a_size_that_cannot_be_is_told_at_its_field(client: Client, wrong: str) -> None:
    response = client.get(f"/en/scenarios/{VIRUS}/?{wrong}")
    assert response.status_code == 422
    assert wrong.partition("=")[0] in response.context["form"].errors
    assert "invalid-feedback" in response.content.decode()
    assert response.context["estimate"].one_off


def test_a_firm_sees_the_figures_of_its_own_size(world: World) -> None:
    world.enterprise.employees = 88
    world.enterprise.save()
    response = world.client("owner").get(f"/en/scenarios/{VIRUS}/?assessment={world.assessment.pk}")
    assert response.context["size"].employees == 88
    assert response.context["fits"]
    beyond = world.client("owner").get(f"/en/scenarios/grower-sells-direct/?assessment={world.assessment.pk}")
    assert "another size" in beyond.content.decode()
    assert "another size" not in response.content.decode()


# --- start this in my plan -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("anonymous", "/accounts/login/?next="),
        ("stranger", "My place"),
        ("owner", "/plan/scenarios/"),
        ("holder", "/plan/scenarios/"),
    ],
)
def test_who_may_plan_gets_the_button_and_others_the_way_there(world: World, person: str, said: str) -> None:
    text = world.client(person).get(f"/en/scenarios/{VIRUS}/").content.decode()
    part = text[text.index("start-title") :]
    assert said in part[: part.index("</section>")]


def test_starting_a_scenario_pins_its_measures_in_the_goal(world: World, quick: None) -> None:
    response = start(world.client("owner"), world)
    made = Roadmap.objects.get()
    assert response.redirect_chain[0][0] == reverse("roadmap", args=[made.pk])
    scenario = engine.library().scenarios().scenarios[VIRUS]
    library = engine.library()
    firm = firm_of(
        engine.standard_of(world.assessment),
        engine.sheet_of(world.assessment),
        library.capabilities(),
        library.assumptions(),
    )
    pins = pins_of(scenario.measures, firm, library.measures())
    assert pins.pinned
    assert set(made.wishes["pinned"]) == set(pins.pinned)
    assert set(pins.pinned) | set(pins.there) | set(pins.unsuited) == set(scenario.measures)
    assert made.wishes["level"] >= 1
    assert AuditEntry.objects.filter(action="roadmap-ask").count() == 1


def test_a_goal_that_was_set_keeps_its_limits_and_what_was_left_out_comes_back(
    world: World, quick: None
) -> None:
    before = Roadmap.objects.create(
        assessment=world.assessment,
        wishes={
            "by": planning_date(6),
            "level": 3,
            "budget": 500_000,
            "pinned": ["owner-learns"],
            "excluded": ["backup-offline", "crm-cloud"],
            "have": ["continuity-plan"],
        },
        first_year=2027,
        first_quarter=1,
    )
    start(world.client("colleague"), world)
    made = Roadmap.objects.exclude(pk=before.pk).get()
    assert made.previous == before
    assert made.wishes["budget"] == 500_000
    assert made.wishes["by"] == before.wishes["by"]
    assert "owner-learns" in made.wishes["pinned"]
    assert made.wishes["excluded"] == ["crm-cloud"]
    assert "backup-offline" in made.wishes["pinned"]
    assert "continuity-plan" not in made.wishes["pinned"]


def planning_date(ahead: int) -> str:
    from capillary.roadmap.quarters import moved, written

    return written(moved(planning.first_quarter(), ahead))


@pytest.mark.parametrize("old", [{"by": "2020-Q1", "level": 3}, {"by": "2020-Q1"}])
def test_a_date_that_has_passed_is_moved_so_that_there_is_time(
    world: World, quick: None, old: dict[str, Any]
) -> None:
    Roadmap.objects.create(assessment=world.assessment, wishes=old, first_year=2019, first_quarter=4)
    start(world.client("owner"), world, "machine-abroad-stands-still")
    made = Roadmap.objects.order_by("-made_at")[0]
    assert made.wishes["by"] >= planning_date(5)
    assert made.wishes.get("level") == old.get("level")


def test_what_the_firm_has_or_cannot_use_is_left_out_and_said(world: World, quick: None) -> None:
    world.enterprise.sector, world.enterprise.employees = "wholesale-retail", 4
    world.enterprise.save()
    text = start(world.client("owner"), world, "looms-stop-unnoticed").content.decode()
    assert "makes no sense for a firm of your size or sector" in text


def test_where_nothing_is_new_the_plan_stays(world: World, quick: None) -> None:
    world.enterprise.sector = "agriculture"
    world.enterprise.save()
    response = start(world.client("owner"), world, "dust-and-gas-alarms")
    assert not Roadmap.objects.exists()
    assert "/scenarios/dust-and-gas-alarms/" in response.redirect_chain[0][0]
    assert "the plan stays as it is" in response.content.decode()


def test_a_plan_is_found_with_the_scenario_in_it(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    client = world.client("owner")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("scenario-start", args=[world.assessment.pk, VIRUS]))
    made = Roadmap.objects.get()
    assert made.status == Roadmap.Status.READY, made.problems
    plans = made.result["plans"]
    assert plans or made.result["clash"]
    for plan in plans:
        assert set(made.wishes["pinned"]) <= {item["id"] for item in plan["measures"]}


def test_only_the_latest_assessment_of_each_enterprise_is_offered(world: World, rf: Any) -> None:
    request = rf.get("/")
    request.user = world.users["owner"]
    world.assessment.changed_at += timedelta(days=1)
    world.assessment.save()
    found = plannable(request)
    assert [item.pk for item in found] == [world.assessment.pk]
    assert plannable(request, str(world.earlier.pk))[0].pk == world.earlier.pk
    assert plannable(request, str(world.check.pk)) == []
    assert len(found) <= MOST_FIRMS
    request.user = world.users["officer"]
    assert plannable(request, str(world.assessment.pk)) == []


def test_the_pages_ask_the_database_little(world: World, django_assert_max_num_queries: Any) -> None:
    owner = world.client("owner")
    owner.get("/en/scenarios/")
    for address in (
        "/en/scenarios/",
        f"/en/scenarios/?assessment={world.assessment.pk}",
        f"/en/scenarios/{VIRUS}/",
    ):
        with django_assert_max_num_queries(5):
            assert owner.get(address).status_code == 200


# --- API ------------------------------------------------------------------------------------------------------------------


def test_programs_search_and_read_scenarios(world: World, client: Client) -> None:
    _token, secret = token_create(user=world.users["owner"], name="t", scope="read", expires_at=None)
    headers = {"Authorization": f"Bearer {secret}"}
    library = engine.library()
    rows = client.get("/api/v1/scenarios?business=S09&size=small&q=报警", headers=headers).json()
    wish = Wish(text="报警", business="S09", size="small")
    expected = scenarios_found(library.scenarios(), library.measures().measures, wish)
    assert [row["id"] for row in rows] == [item.id for item in expected] != []
    one = client.get(f"/api/v1/scenarios/{ORDER_BOARD}?users=20&machines=0", headers=headers).json()
    known = estimate_of(expected[0], library.measures(), library.currencies(), users=20, machines=0)
    assert one["estimate"]["users"] == known.users == 20
    assert one["estimate"]["certainty"]["cost"] == "unverified"
    assert one["facts"][0]["url"]
    assert client.get("/api/v1/scenarios/nothing", headers=headers).status_code == 404
    assert client.get("/api/v1/scenarios?size=huge", headers=headers).status_code == 422
