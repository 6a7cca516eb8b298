"""Roadmaps in the product: asking, working, changing, undoing, files, measures, and what others may see."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from capillary.model.problems import InputError
from capillary.report.roadmap import page as paper
from capillary.roadmap.offers import OWN_HEADINGS
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.funding.models import FirmFacts
from capillary.web.planning import services
from capillary.web.planning.changes import changed
from capillary.web.planning.models import Roadmap
from capillary.web.planning.pages import OutdatedPageError, kept, shown
from capillary.web.planning.wishes import Wishes, wishes_of

from .kit import answer, make_world, some_answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from .kit import World

pytestmark = pytest.mark.django_db
Capture = Any


@pytest.fixture
def world() -> World:
    """Return the world, with most questions answered."""
    found = make_world()
    found.assessment = answer(found.assessment, some_answers("miit-2024", 28))
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let roadmaps wait: the work is not begun."""
    monkeypatch.setattr(services, "_enqueue", lambda _pk: None)


@pytest.fixture
def ask(world: World, django_capture_on_commit_callbacks: Capture) -> Callable[..., Roadmap]:
    """Return a function that asks for a roadmap as a person and has it made."""

    def asked(person: str = "owner", **goal: Any) -> Roadmap:
        client = world.client(person)
        with django_capture_on_commit_callbacks(execute=True):
            done = client.post(goal_address(world), {**goal_data(client, world), **goal})
        assert done.status_code == 302, done.content.decode()[:3000]
        return Roadmap.objects.get(pk=done.url.rstrip("/").rpartition("/")[2])

    return asked


def goal_address(world: World) -> str:
    return reverse("assessment-plan", args=[world.assessment.pk])


def goal_data(client: Client, world: World) -> dict[str, Any]:
    form = client.get(goal_address(world)).context["form"]
    return {"level": 2, "by": form.fields["by"].choices[5][0], "currency": "CNY"}


def send(client: Client, address: str, made: Roadmap, capture: Capture, **data: Any) -> Any:
    with capture(execute=True):
        return client.post(reverse(address, args=[made.pk]), data)


def test_a_roadmap_is_asked_for_made_shown_and_taken_along(world: World, ask: Callable[..., Roadmap]) -> None:
    made = ask(budget=900_000)
    assert made.status == Roadmap.Status.READY, made.problems
    client = world.client("owner")
    for language, name in (("en", "The plans side by side"), ("zh-hans", "方案对比")):
        text = client.get(f"/{language}/roadmaps/{made.pk}/").content.decode()
        assert name in text
        for plan in made.result["plans"]:
            for item in plan["measures"]:
                assert f"/measures/{item['id']}/" in text
    found = json.loads(client.get(reverse("roadmap-json", args=[made.pk])).content)
    assert found["plans"] == made.result["plans"]
    pdf = client.get(reverse("roadmap-pdf", args=[made.pk]))
    assert len(PdfReader(io.BytesIO(pdf.content)).pages) == 2
    assert "roadmap.pdf" in pdf["Content-Disposition"]
    listed = client.get(goal_address(world)).context["made"]
    assert [item.roadmap.pk for item in listed] == [made.pk]


def test_the_same_question_is_worked_on_once(world: World, quick: None, ask: Callable[..., Roadmap]) -> None:
    first = ask(budget=900_000)
    assert ask(budget=900_000).pk == first.pk
    assert ask(budget=800_000).pk != first.pk
    answer(world.assessment, {"Q08": "B"})
    assert ask(budget=900_000).pk != first.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"budget": "-5"}, "budget"),
        ({"budget": "much"}, "budget"),
        ({"by": "2020-Q1"}, "by"),
        ({"level": "1"}, "level"),
        ({"currency": "XXX"}, "currency"),
        ({"hours_it": "-1"}, "hours_it"),
        ({"subsidy_percent": "120"}, "subsidy_percent"),
    ],
)
def test_a_goal_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    world: World, quick: None, wrong: dict[str, str], field: str
) -> None:
    client = world.client("owner")
    data = {**goal_data(client, world), "cash": "123456", **wrong}
    done = client.post(goal_address(world), data)
    assert done.status_code == 422
    assert field in done.context["form"].errors
    assert 'value="123456"' in done.content.decode()
    assert not Roadmap.objects.exists()


@pytest.mark.parametrize(
    "change",
    [("pin", "unpin"), ("exclude", "include"), ("have", "have-not")],
)
def test_a_change_is_a_new_roadmap_and_the_old_one_stays(
    world: World,
    quick: None,
    ask: Callable[..., Roadmap],
    django_capture_on_commit_callbacks: Capture,
    change: tuple[str, str],
) -> None:
    first, back = change
    made = ask(budget=900_000)
    client = world.client("adviser")
    done = send(
        client, "roadmap-change", made, django_capture_on_commit_callbacks, do=first, measure="crm-cloud"
    )
    later = Roadmap.objects.get(pk=done.url.rstrip("/").rpartition("/")[2])
    assert later.previous == made
    assert later.wishes != made.wishes
    assert Roadmap.objects.get(pk=made.pk).wishes == made.wishes
    done = send(
        client, "roadmap-change", later, django_capture_on_commit_callbacks, do=back, measure="crm-cloud"
    )
    assert done.url.rstrip("/").endswith(str(made.pk))  # the same question again


def test_offers_orders_and_limits_change_the_question() -> None:
    first = (2027, 1)
    wishes = Wishes(by="2028-Q2", level=3, pinned=["crm-cloud"])

    def after(**data: Any) -> Wishes:
        empty = {
            "measure": "",
            "demand": "",
            "value": None,
            "quarter": "",
            "one_off": None,
            "yearly": None,
            "weeks": None,
        }
        return changed(wishes, {**empty, **data}, first)

    own = after(do="offer", measure="crm-cloud", one_off=5, weeks=2).offers["crm-cloud"]
    assert (own.one_off, own.yearly, own.weeks) == (5, None, 2)
    ordered = after(do="order", measure="crm-cloud", quarter="2027-Q2")
    assert (ordered.contracted, ordered.pinned) == ({"crm-cloud": "2027-Q2"}, [])
    assert after(do="limit", demand="budget", value=7).budget == 7
    assert after(do="limit", demand="date", value=8).by == "2028-Q4"
    assert after(do="limit", demand="hours.it", value=9).hours == {"it": 9}
    assert after(do="drop", demand="pinned").pinned == []
    assert after(do="exclude", measure="crm-cloud").pinned == []


def test_a_change_that_cannot_be_says_so(
    world: World, quick: None, ask: Callable[..., Roadmap], django_capture_on_commit_callbacks: Capture
) -> None:
    made = ask()
    client = world.client("owner")
    for data in (
        {"do": "order", "measure": "crm-cloud", "quarter": "2020-Q1"},
        {"do": "pin", "measure": "no-such-measure"},
        {"do": "nonsense"},
        {"do": "offer", "measure": "crm-cloud", "one_off": "-4"},
    ):
        done = send(client, "roadmap-change", made, django_capture_on_commit_callbacks, **data)
        assert done.url.rstrip("/").endswith(str(made.pk))
    assert Roadmap.objects.count() == 1


def test_a_clash_is_shown_with_what_would_do(
    world: World, ask: Callable[..., Roadmap], django_capture_on_commit_callbacks: Capture
) -> None:
    made = ask(budget=1000)
    assert made.result["clash"]
    client = world.client("owner")
    page = client.get(reverse("roadmap", args=[made.pk]))
    sends = next(item.sends for item in page.context["clash"] if item.sends.get("demand") == "budget")
    assert f'name="value" value="{sends["value"]}"' in page.content.decode()
    done = send(client, "roadmap-change", made, django_capture_on_commit_callbacks, **sends)
    better = Roadmap.objects.get(pk=done.url.rstrip("/").rpartition("/")[2])
    assert better.result["plans"]


def test_the_work_is_told_of_and_begun_again_where_it_failed(
    world: World,
    quick: None,
    ask: Callable[..., Roadmap],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = ask()
    client = world.client("owner")
    assert client.get(reverse("roadmap", args=[made.pk])).templates[0].name == "planning/working.html"
    assert client.get(reverse("roadmap-state", args=[made.pk])).status_code == 200

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(services, "make_roadmap", broken)
    with pytest.raises(RuntimeError):
        services.roadmap_work(made.pk)
    made.refresh_from_db()
    assert made.status == Roadmap.Status.FAILED
    assert client.get(reverse("roadmap", args=[made.pk])).templates[0].name == "planning/failed.html"
    assert client.get(reverse("roadmap-state", args=[made.pk]))["HX-Refresh"] == "true"
    assert client.get(reverse("roadmap-pdf", args=[made.pk])).status_code == 404
    client.post(reverse("roadmap-again", args=[made.pk]))
    made.refresh_from_db()
    assert made.status == Roadmap.Status.WAITING


def test_progress_is_written_while_the_work_goes_on(
    world: World, quick: None, ask: Callable[..., Roadmap]
) -> None:
    made = ask()
    seen = []
    original = services._Teller.__call__

    def noted(self: Any, state: Any) -> None:
        original(self, state)
        seen.append(Roadmap.objects.get(pk=made.pk).progress["aim"])

    services._Teller.__call__ = noted  # type: ignore[method-assign]
    try:
        services.roadmap_work(made.pk)
    finally:
        services._Teller.__call__ = original  # type: ignore[method-assign]
    assert "cheapest" in seen


def test_own_figures_come_back_in_the_workbook(
    world: World, ask: Callable[..., Roadmap], django_capture_on_commit_callbacks: Capture
) -> None:
    made = ask()
    client = world.client("owner")
    book = load_workbook(io.BytesIO(client.get(reverse("roadmap-xlsx", args=[made.pk])).content))
    sheet = next(
        item
        for item in book
        if any(cell.value in _headings() for row in item.iter_rows(max_row=6) for cell in row)
    )
    row, column = next(
        (cell.row, cell.column)
        for line in sheet.iter_rows(max_row=6)
        for cell in line
        if cell.value in _headings()
    )
    sheet.cell(row + 1, column, 777)
    filled = io.BytesIO()
    book.save(filled)
    upload = SimpleUploadedFile("offers.xlsx", filled.getvalue())
    done = send(client, "roadmap-offers", made, django_capture_on_commit_callbacks, file=upload)
    later = Roadmap.objects.get(pk=done.url.rstrip("/").rpartition("/")[2])
    assert [own.one_off for own in wishes_of(later.wishes).offers.values()] == [777]
    for bad in (b"no workbook", b""):
        upload = SimpleUploadedFile("o.xlsx", bad)
        refused = send(client, "roadmap-offers", made, django_capture_on_commit_callbacks, file=upload)
        assert refused.url.rstrip("/").endswith(str(made.pk))


def _headings() -> set[str]:
    return {OWN_HEADINGS["one_off"].zh, OWN_HEADINGS["one_off"].en}


def test_a_page_of_another_version_asks_to_plan_again(world: World, ask: Callable[..., Roadmap]) -> None:
    made = ask()
    restored = shown(made.page)
    assert isinstance(restored, paper.RoadmapPage)
    assert kept(restored) == made.page
    Roadmap.objects.filter(pk=made.pk).update(page={"$": "RoadmapPage", "gone": 1})
    client = world.client("owner")
    assert client.get(reverse("roadmap", args=[made.pk])).templates[0].name == "planning/outdated.html"
    for bad in ({}, {"$": "NoSuchThing"}, {"$": "Tick", "at": 1, "label": "x"}):
        with pytest.raises(OutdatedPageError):
            shown(bad)


def test_changed_answers_are_noticed_and_planned_again(
    world: World, quick: None, ask: Callable[..., Roadmap], django_capture_on_commit_callbacks: Capture
) -> None:
    made = ask()
    services.roadmap_work(made.pk)
    client = world.client("owner")
    assert client.get(reverse("roadmap", args=[made.pk])).context["is_outdated"] is False
    answer(Assessment.objects.get(pk=world.assessment.pk), {"Q08": "B"})
    assert client.get(reverse("roadmap", args=[made.pk])).context["is_outdated"] is True
    done = send(client, "roadmap-renew", made, django_capture_on_commit_callbacks)
    assert not done.url.rstrip("/").endswith(str(made.pk))


def test_whoever_only_reads_sees_no_buttons_and_others_nothing(
    world: World, quick: None, ask: Callable[..., Roadmap]
) -> None:
    made = ask()
    services.roadmap_work(made.pk)
    text = world.client("officer").get(reverse("roadmap", args=[made.pk])).content.decode()
    assert "/change/" not in text
    assert world.client("stranger").get(reverse("roadmap", args=[made.pk])).status_code == 404
    assert AuditEntry.objects.filter(role="officer", kind=AuditEntry.Kind.READ).exists()


def test_the_holder_of_a_check_may_plan_too(world: World, quick: None) -> None:
    client = world.client("holder")
    address = reverse("assessment-plan", args=[world.check.pk])
    form = client.get(address).context["form"]
    done = client.post(address, {"level": 2, "by": form.fields["by"].choices[3][0], "currency": "CNY"})
    assert done.status_code == 302
    assert client.get(done.url).status_code == 200


def test_roadmaps_are_exported_erased_and_deleted(
    world: World, quick: None, ask: Callable[..., Roadmap]
) -> None:
    import zipfile

    made, other = ask(), ask(budget=5)
    with enterprise_archive(world.enterprise) as archive, zipfile.ZipFile(archive) as packed:
        records = json.loads(packed.read("records.json"))
    assert {row["id"] for row in records["planning.Roadmap"]} == {str(made.pk), str(other.pk)}
    world.client("owner").post(reverse("roadmap-delete", args=[made.pk]))
    assert not Roadmap.objects.filter(pk=made.pk).exists()
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert not Roadmap.objects.exists()


def test_a_plan_counts_with_a_programme_that_pays_by_level(world: World, ask: Callable[..., Roadmap]) -> None:
    facts = {"city": "wuhan", "size_cn": "small", "has_central_funding": False}
    FirmFacts.objects.create(enterprise=world.enterprise, facts=facts)
    form = world.client("owner").get(goal_address(world)).context["form"]
    assert [name for name, _ in form.fields["programme"].choices] == ["", "cn-wuhan"]
    plain, made = ask(), ask(programme="cn-wuhan")
    assert made.status == Roadmap.Status.READY, made.problems
    (subsidy,) = made.result["goal"]["subsidies"]
    assert (subsidy["percent"], subsidy["from_level"], subsidy["higher"][0]["cap"]) == (30, 2, 400_000)
    before, after = (item.result["plans"][0]["money"] for item in (plain, made))
    assert after["subsidy"] > 0
    assert subsidy["categories"] == ["cloud", "gateways", "software"]
    assert after["ownership"] < before["ownership"]
    text = world.client("owner").get(reverse("roadmap", args=[made.pk])).content.decode()
    assert "武汉" in text or "Wuhan" in text
    FirmFacts.objects.update(facts={**facts, "city": "hefei"})
    client = world.client("owner")
    form = client.get(goal_address(world)).context["form"]
    assert "programme" not in form.fields
    with pytest.raises(InputError):
        services.roadmap_ask(
            assessment=Assessment.objects.get(pk=world.assessment.pk),
            wishes=wishes_of({**made.wishes, "budget": 7}),
            by=None,
        )


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_the_catalogue_is_searched_filtered_and_paged(client: Client) -> None:
    whole = client.get("/en/measures/")
    assert whole.context["page"].paginator.count == whole.context["all"] >= 120
    assert whole.context["page"].has_next()
    free, paid = (
        client.get(f"/en/measures/?cost={cost}").context["page"].paginator.count for cost in ("free", "paid")
    )
    assert free + paid == whole.context["all"]
    assert min(free, paid) > 0
    for language, word in (("zh-hans", "备份"), ("en", "backup")):
        assert client.get(f"/{language}/measures/?q={word}").context["page"].paginator.count
    area = whole.context["areas"][0][0]
    assert 0 < client.get(f"/en/measures/?area={area}").context["page"].paginator.count < whole.context["all"]
    assert client.get("/en/measures/?q=zzzzzz").context["page"].paginator.count == 0


def test_every_measure_has_a_page_in_both_languages(client: Client) -> None:
    from capillary.web import engine

    for name, item in list(engine.library().measures().measures.items())[::9]:
        for language, title in (("zh-hans", item.title.zh), ("en", item.title.en)):
            page = client.get(f"/{language}/measures/{name}/")
            assert page.status_code == 200
            assert page.context["measure"].title.in_("zh" if language != "en" else "en") == title
    assert client.get("/en/measures/no-such-thing/").status_code == 404
