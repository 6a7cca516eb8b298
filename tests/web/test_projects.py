"""Projects: a plan becomes milestones; what is done raises the profile, with its evidence."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import assessment_complete
from capillary.web.evidence.models import Evidence
from capillary.web.planning.models import Roadmap
from capillary.web.projects.models import Milestone, Project
from capillary.web.projects.services import raised_by

from .kit import answer, make_world, some_answers

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
MEASURES = ("crm-cloud", "data-rules")


def item(name: str, begins: int, complete: int, cost: int) -> dict[str, Any]:
    return {
        "id": name,
        "begins": begins,
        "complete": complete,
        "one_off": [0, cost, cost],
        "yearly": [0, 100, 200],
        "contracted": False,
    }


@pytest.fixture
def world() -> World:
    """Return the world with most questions answered, and a roadmap of one plan."""
    found = make_world()
    found.assessment = answer(found.assessment, {**some_answers("miit-2024", 28), "S05": 0})
    found.extra["roadmap"] = Roadmap.objects.create(
        assessment=found.assessment,
        status=Roadmap.Status.READY,
        wishes={"by": "2028-Q2", "budget": 50_000},
        result={
            "plans": [
                {
                    "measures": [item(MEASURES[0], 1, 2, 9000), item(MEASURES[1], 2, 2, 0)],
                    "aims": ["cheapest"],
                }
            ],
            "goal": {"level": 2},
            "currency": "CNY",
        },
        first_year=2027,
        first_quarter=1,
    )
    return found


@pytest.fixture
def project(world: World) -> Project:
    """Return the project of the plan."""
    done = world.client("owner").post(reverse("project-start", args=[world.extra["roadmap"].pk, 0]))
    return Project.objects.get(pk=done.url.rstrip("/").rpartition("/")[2])


def complete(world: World, milestone: Milestone, person: str = "owner", **data: Any) -> Any:
    sent = {
        "done_on": "2026-11-01",
        "spent": 8000,
        "kind": "note",
        "note-text": "Seen working on all desks.",
        **data,
    }
    return world.client(person).post(
        reverse("milestone-complete", args=[milestone.project_id, milestone.pk]), sent
    )


def test_a_plan_becomes_a_project_once(world: World, project: Project) -> None:
    rows = list(project.milestones.all())
    assert [row.measure for row in rows] == list(MEASURES)
    assert (rows[0].begins, rows[0].due) == (dt.date(2027, 1, 1), dt.date(2027, 6, 30))
    assert (rows[0].planned, project.budget, project.level) == (9100, 50_000, 2)
    again = world.client("owner").post(reverse("project-start", args=[world.extra["roadmap"].pk, 0]))
    assert again.url.rstrip("/").endswith(str(project.pk))
    assert (
        world.client("owner").post(reverse("project-start", args=[world.extra["roadmap"].pk, 7])).status_code
        == 404
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_show_who_when_and_what_it_costs(world: World, project: Project, language: str) -> None:
    client = world.client("owner")
    text = client.get(f"/{language}/projects/{project.pk}/").content.decode()
    for row in project.milestones.all():
        assert f"/milestones/{row.pk}/" in text
    listed = client.get(f"/{language}/enterprises/{world.enterprise.pk}/projects/").content.decode()
    assert project.name in listed
    for row in project.milestones.all():
        assert client.get(f"/{language}/projects/{project.pk}/milestones/{row.pk}/").status_code == 200
        assert (
            client.get(f"/{language}/projects/{project.pk}/milestones/{row.pk}/complete/").status_code == 200
        )


def test_a_milestone_is_changed_and_bad_input_is_kept(world: World, project: Project) -> None:
    row = project.milestones.first()
    assert row is not None
    client = world.client("colleague")
    address = reverse("milestone", args=[project.pk, row.pk])
    data = {
        "owner": "Ms Li",
        "begins": "2027-02-01",
        "due": "2027-01-01",
        "status": "underway",
        "spent": 5,
        "note": "n",
    }
    refused = client.post(address, data)
    assert refused.status_code == 422
    assert "due" in refused.context["form"].errors
    assert "Ms Li" in refused.content.decode()
    assert client.post(address, {**data, "due": "2027-05-01"}).status_code == 302
    row.refresh_from_db()
    assert (row.owner, row.due, row.status, row.spent) == ("Ms Li", dt.date(2027, 5, 1), "underway", 5)
    assert not row.is_late(dt.date(2027, 5, 1))
    assert row.is_late(dt.date(2027, 5, 2))


def test_what_is_done_raises_answers_with_evidence_behind_them(world: World, project: Project) -> None:
    row = project.milestones.get(measure="crm-cloud")
    expected = raised_by(world.assessment, "crm-cloud")
    assert expected
    before = Assessment.objects.get(pk=world.assessment.pk)
    done = complete(world, row)
    assert done.status_code == 302, done.content.decode()
    row.refresh_from_db()
    after = Assessment.objects.get(pk=world.assessment.pk)
    sure = {found.question.id: found.value for found in expected if found.value is not None}
    assert set(row.raised) == set(sure)
    assert row.status == Milestone.Status.DONE
    for name, value in sure.items():
        assert after.answers[name]["value"] == value
        assert Evidence.objects.filter(assessment=after, question=name).count() == 1
        assert Revision.objects.filter(assessment=after, question=name, reason__contains="crm-cloud").exists()
    assert after.score_low >= before.score_low  # type: ignore[operator]
    assert raised_by(after, "crm-cloud") == [found for found in expected if found.value is None]


def test_a_closed_assessment_stays_and_the_next_one_begins_with_its_answers(
    world: World, project: Project
) -> None:
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    kept = Assessment.objects.get(pk=world.assessment.pk).answers
    complete(world, project.milestones.get(measure="crm-cloud"))
    assert Assessment.objects.get(pk=world.assessment.pk).answers == kept
    later = Assessment.objects.get(enterprise=world.enterprise, number=world.assessment.number + 1)
    same = [name for name in kept if later.answers[name]["value"] == kept[name]["value"]]
    assert len(same) < len(kept)
    assert set(later.answers) >= set(kept)


def test_a_file_stands_behind_every_answer_that_rises(world: World, project: Project) -> None:
    row = project.milestones.get(measure="crm-cloud")
    upload = SimpleUploadedFile("proof.txt", b"The list of customers is in the system.", "text/plain")
    done = complete(world, row, kind="file", **{"file-file": upload})
    assert done.status_code == 302, done.content.decode()
    row.refresh_from_db()
    files = Evidence.objects.filter(assessment=world.assessment, kind="file")
    assert {item.question for item in files} == set(row.raised)
    grades = Assessment.objects.get(pk=world.assessment.pk).grades
    assert {grades[name] for name in row.raised} == {"documented"}
    for proof in files:
        with proof.file.open("rb") as stored:
            assert stored.read() == b"The list of customers is in the system."


@pytest.mark.parametrize(
    "wrong",
    [
        {"done_on": "2999-01-01"},
        {"done_on": "never"},
        {"spent": "-1"},
        {"note-text": ""},
        {"kind": "file"},
        {"kind": "nothing"},
    ],
)
def test_nothing_is_completed_without_a_day_a_cost_and_evidence(
    world: World, project: Project, wrong: dict[str, str]
) -> None:
    row = project.milestones.get(measure="crm-cloud")
    before = Assessment.objects.get(pk=world.assessment.pk).answers
    assert complete(world, row, **wrong).status_code == 422
    row.refresh_from_db()
    assert row.status == Milestone.Status.OPEN
    assert Assessment.objects.get(pk=world.assessment.pk).answers == before


def test_a_milestone_is_opened_again_and_a_project_ended_resumed_deleted(
    world: World, project: Project
) -> None:
    row = project.milestones.get(measure="crm-cloud")
    complete(world, row)
    client = world.client("owner")
    client.post(reverse("milestone-reopen", args=[project.pk, row.pk]))
    row.refresh_from_db()
    assert (row.status, row.done_on) == (Milestone.Status.UNDERWAY, None)
    client.post(reverse("project-end", args=[project.pk]))
    project.refresh_from_db()
    assert project.status == Project.Status.ENDED
    client.post(reverse("project-end", args=[project.pk]))
    project.refresh_from_db()
    assert project.status == Project.Status.ACTIVE
    client.post(reverse("project-delete", args=[project.pk]))
    assert not Milestone.objects.exists()
    assert Evidence.objects.exists()


def test_the_table_holds_all_milestones_and_no_formula(world: World, project: Project) -> None:
    Milestone.objects.filter(project=project, number=1).update(owner="=1+1", note="+a")
    content = (
        world.client("officer").get(reverse("project-csv", args=[project.pk])).content.decode("utf-8-sig")
    )
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["measure"] for row in rows] == list(MEASURES)
    assert (rows[0]["owner"], rows[0]["note"]) == ("'=1+1", "'+a")
    assert rows[0]["planned"] == "9100"


def test_late_milestones_are_counted(world: World, project: Project) -> None:
    Milestone.objects.filter(project=project, number=1).update(
        due=timezone.localdate() - dt.timedelta(days=1)
    )
    page = world.client("owner").get(reverse("project", args=[project.pk]))
    assert page.context["progress"].late == 1
    Milestone.objects.filter(project=project, number=1).update(status="dropped")
    page = world.client("owner").get(reverse("project", args=[project.pk]))
    assert (page.context["progress"].late, page.context["progress"].all) == (0, 1)
