"""What officers keep and change: saved views, cohorts, programmes; and where an enterprise stands."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from capillary.web.accounts.models import Organisation, Position
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.programmes.models import Enrolment, Programme, SavedView

from .kit import World
from .officer_kit import crowd, enrol, show, walk


@pytest.fixture
def many(world: World) -> World:
    return crowd(world)


# Saved views


@pytest.mark.django_db
def test_a_view_is_saved_opened_renamed_and_deleted(many: World) -> None:
    client = many.client("officer")
    base = f"/en/programmes/{many.programme.pk}/"
    saved = client.post(f"{base}views/?q=Elm&sort=-score&page=xyz&evil=1", {"name": "Elms"}, follow=True)
    assert saved.redirect_chain[-1][0] == f"{base}?q=Elm&sort=-score"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("Elms", "q=Elm&sort=-score", False)
    page = saved.content.decode()
    assert f'href="{base}?q=Elm&amp;sort=-score" aria-current="page">Elms' in page
    client.post(f"{base}views/{view.pk}/", {"do": "rename", "name": "All elms", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("All elms", True)
    client.post(f"{base}views/{view.pk}/", {"do": "delete"})
    assert not SavedView.objects.exists()
    actions = set(AuditEntry.objects.filter(kind="write").values_list("action", flat=True))
    assert {"view-save", "view-rename", "view-delete"} <= actions


@pytest.mark.django_db
def test_saving_again_under_a_name_replaces_and_a_taken_name_is_refused(many: World) -> None:
    client = many.client("officer")
    base = f"/en/programmes/{many.programme.pk}/views/"
    for query in ("q=Elm", "q=Birch"):
        client.post(f"{base}?{query}", {"name": "Mine"})
    client.post(f"{base}?q=Cedar", {"name": "Other"})
    assert dict(SavedView.objects.values_list("name", "query")) == {"Mine": "q=Birch", "Other": "q=Cedar"}
    other = SavedView.objects.get(name="Other")
    page = client.post(f"{base}{other.pk}/", {"do": "rename", "name": "Mine"}, follow=True).content.decode()
    assert "You have another view named “Mine”." in page
    assert client.post(base, {"name": "  "}, follow=True).content.decode().count("A view needs a name") == 1
    assert SavedView.objects.count() == 2


@pytest.mark.django_db
def test_a_colleague_sees_shared_views_and_changes_none(world: World) -> None:
    Position.objects.create(user=world.users["colleague"], organisation=world.organisation, role="officer")
    mine = world.users["officer"]
    shared = SavedView.objects.create(programme=world.programme, user=mine, name="For all", shared=True)
    SavedView.objects.create(programme=world.programme, user=mine, name="Only mine")
    page = show(world, person="colleague")
    assert "For all" in page
    assert "Only mine" not in page
    address = reverse("programme-view-change", args=[world.programme.pk, shared.pk])
    assert world.client("colleague").post(address, {"do": "delete"}).status_code == 404
    assert world.client("stranger").post(address, {"do": "delete"}).status_code == 404
    assert SavedView.objects.count() == 2


# Cohorts


@pytest.mark.django_db
def test_chosen_enterprises_go_into_a_cohort_and_out_again(many: World) -> None:
    client = many.client("officer")
    rows = list(Enrolment.objects.filter(cohort="").values_list("pk", flat=True)[:3])
    address = f"/en/programmes/{many.programme.pk}/cohort/?region=CN&sort=-score"
    response = client.post(address, {"row": rows, "cohort": " 试点 "}, follow=True)
    assert response.redirect_chain[-1][0] == f"/en/programmes/{many.programme.pk}/?region=CN&sort=-score"
    assert "3 enterprises are in the cohort “试点” now." in response.content.decode()
    assert set(Enrolment.objects.filter(cohort="试点").values_list("pk", flat=True)) == set(rows)
    assert walk(many, "cohort=试点") == sorted(
        Enrolment.objects.filter(pk__in=rows).values_list("name", flat=True)
    )
    client.post(address, {"row": rows[:1], "cohort": ""})
    assert Enrolment.objects.filter(cohort="试点").count() == 2
    assert AuditEntry.objects.filter(action="cohort-assign").count() == 2


@pytest.mark.django_db
def test_only_visible_enterprises_of_this_programme_change_their_cohort(world: World) -> None:
    hidden = enrol(world, 1, withdrawn_at=timezone.now())
    other = Programme.objects.create(
        organisation=world.organisation,
        name_zh="二",
        name_en="Two",
        standard="miit-2024",
        code="two",
        opens_on=dt.date(2026, 1, 1),
    )
    elsewhere = Enrolment.objects.create(
        programme=other, enterprise=world.enterprise, consented_at=timezone.now()
    )
    address = f"/en/programmes/{world.programme.pk}/cohort/"
    client = world.client("officer")
    rows = [hidden.pk, elsewhere.pk, "x", "9" * 40]
    assert (
        "0 enterprises are in the cohort"
        in client.post(address, {"row": rows, "cohort": "A"}, follow=True).content.decode()
    )
    assert not Enrolment.objects.filter(cohort="A").exists()
    assert "No enterprise is chosen." in client.post(address, {"cohort": "A"}, follow=True).content.decode()
    too_long = client.post(address, {"row": [world.enrolment.pk], "cohort": "A" * 61}, follow=True)
    assert "at most 60 signs" in too_long.content.decode()
    assert world.client("stranger").post(address, {"cohort": "A"}).status_code == 404


# Programmes


TERMS = {
    "name_zh": "新计划",
    "name_en": "New Programme",
    "standard": "eu-dma",
    "code": "New-1",
    "opens_on": "2026-03-01",
    "closes_on": "2026-12-31",
}


@pytest.mark.django_db
def test_an_officer_creates_and_changes_a_programme(world: World) -> None:
    client = world.client("officer")
    form = client.get("/en/programmes/new/").content.decode()
    assert re.search(r'name="code" value="[bcdfghjkmnpqrstvwxz2-9]{8}"', form)
    created = client.post(
        "/en/programmes/new/", {**TERMS, "organisation": world.organisation.pk}, follow=True
    )
    programme = Programme.objects.get(code="new-1")
    assert programme.organisation == world.organisation
    assert "new-1" in created.content.decode()
    address = f"/en/programmes/{programme.pk}/edit/"
    client.post(address, {**TERMS, "standard": "cis-ig1", "name_en": "Newer", "closes_on": ""})
    programme.refresh_from_db()
    assert (programme.name_en, programme.standard, programme.closes_on) == ("Newer", "cis-ig1", None)
    written = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"programme-create", "programme-change"} <= written


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "EXAMPLE"}, "This code is taken."),
        ({"closes_on": "2026-02-28"}, "The last day lies before the first one."),
        ({"standard": "nonsense"}, "Select a valid choice."),
        ({"name_zh": ""}, "This field is required."),
        ({"code": "not a code"}, "Enter a valid"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(world: World, changes: dict[str, str], said: str) -> None:
    posted = {**TERMS, "organisation": world.organisation.pk, **changes}
    page = world.client("officer").post("/en/programmes/new/", posted).content.decode()
    assert said in page
    assert Programme.objects.count() == 1


@pytest.mark.django_db
def test_a_programme_belongs_to_an_organisation_of_the_officer(world: World) -> None:
    other = Organisation.objects.create(name_zh="另一市", name_en="Another City", kind="authority")
    world.client("officer").post("/en/programmes/new/", {**TERMS, "organisation": other.pk})
    assert Programme.objects.count() == 1


@pytest.mark.django_db
def test_the_standard_stays_where_enterprises_take_part(world: World) -> None:
    address = f"/en/programmes/{world.programme.pk}/edit/"
    client = world.client("officer")
    assert "It stays: enterprises take part" in client.get(address).content.decode()
    client.post(address, {**TERMS, "code": "example"})
    world.programme.refresh_from_db()
    assert (world.programme.name_en, world.programme.standard) == ("New Programme", "miit-2024")


@pytest.mark.django_db
def test_the_invitation_shows_code_and_text(world: World) -> None:
    page = world.client("officer").get(f"/en/programmes/{world.programme.pk}/invite/").content.decode()
    assert '<code id="join-code">example</code>' in page
    assert "Code: example" in page


@pytest.mark.django_db
def test_both_languages(many: World) -> None:
    page = (
        many.client("officer").get(f"/zh-hans/programmes/{many.programme.pk}/?region=CN-JS").content.decode()
    )
    assert "江苏省" in page
    assert "示例计划" in page


# Standing


@pytest.mark.django_db
def test_grades_of_an_older_assessment_do_not_bring_its_level_back(world: World) -> None:
    from capillary.web.assessments.services import assessment_complete, grades_change

    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    world.enrolment.refresh_from_db()
    assert (world.enrolment.assessment_id, world.enrolment.assessments) == (world.assessment.pk, 2)
    question = next(iter(world.earlier.answers))
    earlier = Assessment.objects.get(pk=world.earlier.pk)
    grades_change(assessment=earlier, grades={question: "documented"})
    world.enrolment.refresh_from_db()
    assert (world.enrolment.assessment_id, world.enrolment.assessments) == (world.assessment.pk, 2)
