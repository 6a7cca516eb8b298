"""Courses, skills checks, training plans of firms, courses of organisations, and people who are found without their name."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from capillary.content.courses import CourseWish, courses_found
from capillary.content.scenarios import capabilities_asked
from capillary.talent.offered import NEEDED
from capillary.web import engine
from capillary.web.access import Action
from capillary.web.accounts.services import account_delete
from capillary.web.api.services import token_create
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Member
from capillary.web.matches import letters
from capillary.web.planning.models import Roadmap
from capillary.web.talent import services
from capillary.web.talent.models import (
    Attendance,
    CourseImport,
    OfferedCourse,
    SkillsConfirmation,
    SkillsResult,
    TalentConsent,
    TalentProfile,
    TalentRequest,
    Trainee,
    TrainingPlan,
)

from .access_tables.talent import attendance_of, profile_of, request_of
from .kit import answer, some_answers

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
COURSES = engine.library().courses()
CHECKS = engine.library().skills()
REASON = "We look for somebody to run our network in Nanjing from May."


# --- the catalogue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?role=it",
        "?form=workshop&role=owner",
        "?competence=4.1&q=BANK",
        "?capability=erp",
        "?q=备份 还原",
    ],
)
def test_the_list_finds_what_the_engine_finds(client: Client, query: str) -> None:
    response = client.get(f"/en/courses/{query}")
    from django.http import QueryDict

    given = QueryDict(query[1:])
    wish = CourseWish(
        text=given.get("q", ""),
        **{name: given.get(name, "") for name in ("role", "form", "competence", "capability")},
    )
    found = [item.id for item in courses_found(COURSES, wish)]
    assert [item.id for item in response.context["page"].paginator.object_list] == found != []
    for value, _label, count in response.context["filters"].role:
        other = client.get("/en/courses/", {**given.dict(), "role": value})
        assert other.context["page"].paginator.count == count


def test_pages_empty_results_and_filters_that_nobody_knows(client: Client) -> None:
    seen: list[str] = []
    for number in range(1, len(COURSES.courses) // 20 + 2):
        seen += [row.course.id for row in client.get(f"/en/courses/?page={number}").context["rows"]]
    assert sorted(seen) == sorted(COURSES.courses)
    assert "empty-state" in client.get("/en/courses/?q=zzzz").content.decode()
    assert "empty-state" in client.get("/zh-hans/courses/?role=boss").content.decode()
    assert client.get("/en/courses/nothing/").status_code == 404
    assert client.get("/en/skills/nobody/").status_code == 404


@pytest.mark.parametrize("name", sorted(COURSES.courses))
def test_every_course_has_a_page_in_both_languages(client: Client, name: str) -> None:
    from django.utils.html import escape

    item = COURSES.courses[name]
    for language, say in (("en", "en"), ("zh-hans", "zh")):
        text = client.get(f"/{language}/courses/{name}/").content.decode()
        for part in (item.title, item.outcome, item.audience, *item.outline, item.checks[0].answer):
            assert escape(getattr(part, say)) in text
        assert "‡" in text
        assert "CC BY 4.0" in text or "知识共享署名 4.0" in text


# --- the skills check ---------------------------------------------------------------------------------------------------


def best(role: str) -> dict[str, str]:
    return {q.id: max(q.options, key=lambda option: option.level).key for q in CHECKS[role].questions}


@pytest.mark.parametrize("role", sorted(CHECKS))
def test_anybody_checks_their_skills_and_nothing_is_stored(client: Client, role: str) -> None:
    page = client.get(f"/zh-hans/skills/{role}/").content.decode()
    assert all(question.text.zh in page for question in CHECKS[role].questions)
    done = client.post(f"/en/skills/{role}/", best(role))
    assert done.status_code == 200
    assert done.context["shown"].enough == len(CHECKS[role].wanted)
    assert done.context["shown"].suggested == []
    first = CHECKS[role].questions[0]
    lowest = min(first.options, key=lambda option: option.level).key
    lower = client.post(f"/en/skills/{role}/", {**best(role), first.id: lowest}).context["shown"]
    assert (lower.standings[0].id, lower.standings[0].state) == (first.competence, "lacking")
    assert first.competence in COURSES.courses[lower.suggested[-1].id].competences
    assert not SkillsResult.objects.exists()


def test_no_answer_is_told_and_what_is_no_option_does_not_count(client: Client) -> None:
    assert client.post("/en/skills/it/", {"it-01": "zzz"}).status_code == 422
    shown = client.post("/en/skills/it/", {"it-01": "a", "it-02": "zzz"}).context["shown"]
    assert {item.state for item in shown.standings} == {"lacking", "open"}


def test_a_result_is_kept_by_who_signed_in_shared_and_deleted(world: World) -> None:
    client = world.client("colleague")
    client.post("/en/skills/office/", {**best("office"), "keep": "1"})
    kept = SkillsResult.objects.get()
    assert (kept.user, kept.shared) == (world.users["colleague"], False)
    assert "Only you see it" in client.get("/en/skills/mine/").content.decode()
    assert "No result kept" in world.client("owner").get("/en/skills/mine/").content.decode()
    client.post(reverse("skills-share", args=[kept.pk]))
    kept.refresh_from_db()
    assert kept.shared
    client.post(reverse("skills-delete", args=[kept.pk]))
    assert not SkillsResult.objects.exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"skills-keep", "skills-share", "skills-delete"} <= actions
    assert world.client("anonymous").post("/en/skills/it/", {**best("it"), "keep": "1"}).status_code == 302
    assert not SkillsResult.objects.exists()


def test_only_so_many_results_are_kept(world: World) -> None:
    for _ in range(services.MOST_RESULTS + 3):
        services.result_keep(user=world.users["owner"], role="it", answers={"it-01": "a"})
    assert SkillsResult.objects.count() == services.MOST_RESULTS


# --- the training plan ----------------------------------------------------------------------------------------------------


@pytest.fixture
def firm(world: World) -> World:
    """Return the world with most questions answered and three people who learn."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    for number, role in enumerate(("owner", "shop-floor", "it")):
        world.extra[role] = Trainee.objects.create(
            enterprise=world.enterprise, name=f"person {number}", role=role, hours=2 + number
        )
    return world


def make(world: World, **given: Any) -> Any:
    form = {"origin": "shortcomings", "begins_on": "2026-12-07", **given}
    return world.client("owner").post(reverse("training-make", args=[world.enterprise.pk]), form, follow=True)


def test_people_are_added_and_taken_out(world: World) -> None:
    client = world.client("owner")
    member = str(world.users["colleague"].pk)
    given = {"name": "Shift lead", "role": "shop-floor", "hours": "3", "member": member}
    client.post(reverse("trainee-add", args=[world.enterprise.pk]), given)
    made = Trainee.objects.get()
    assert (made.name, made.hours, made.user) == ("Shift lead", 3, world.users["colleague"])
    again = client.post(reverse("trainee-add", args=[world.enterprise.pk]), given)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    outsider = {**given, "name": "x", "member": str(world.users["stranger"].pk)}
    assert client.post(reverse("trainee-add", args=[world.enterprise.pk]), outsider).status_code == 422
    client.post(reverse("trainee-remove", args=[world.enterprise.pk, made.pk]))
    assert not Trainee.objects.exists()


def test_the_plan_from_shortcomings_closes_its_goals(firm: World) -> None:
    response = make(firm)
    plan = TrainingPlan.objects.get()
    assert response.redirect_chain[-1][0] == reverse("training-plan", args=[plan.pk])
    assert plan.proven
    assert (
        plan.goals
        == {name: list(span) for name, span in services.goals_from(firm.enterprise, "shortcomings").items()}
        != {}
    )
    closed = {
        (name, level)
        for item in plan.attendances.all()
        for name, (low, high) in COURSES.courses[item.course].capabilities.items()
        for level in range(low + 1, high + 1)
    }
    left = {(item["name"], item["level"]) for item in plan.left}
    wanted = {(name, level) for name, (low, high) in plan.goals.items() for level in range(low + 1, high + 1)}
    assert wanted <= closed | left
    for item in plan.attendances.all():
        assert item.begins_on >= plan.begins_on
        assert (item.begins_on - plan.begins_on).days % 7 == 0
        assert item.due_on > item.begins_on
    assert AuditEntry.objects.filter(action="training-make").count() == 1


def test_the_plan_from_the_roadmap_learns_for_its_measures(firm: World) -> None:
    Roadmap.objects.create(
        assessment=firm.assessment,
        status=Roadmap.Status.READY,
        result={"plans": [{"measures": [{"id": "backup-automatic"}, {"id": "gone"}], "aims": []}]},
        first_year=2027,
        first_quarter=1,
    )
    make(firm, origin="roadmap")
    plan = TrainingPlan.objects.get()
    assert set(plan.goals) == {"backup-and-recovery"}
    assert "backup-that-comes-back" in {item.course for item in plan.attendances.all()}


def test_a_shared_result_and_a_passed_course_shorten_the_next_plan(firm: World) -> None:
    it = firm.extra["it"]
    it.user = firm.users["colleague"]
    it.save()
    make(firm, origin="roles")
    first = TrainingPlan.objects.get()
    theirs = first.attendances.filter(trainee=it)
    assert theirs.count() > 5
    row = theirs.order_by("number")[0]
    Attendance.objects.filter(pk=row.pk).update(
        status="attended", result="passed", done_on=dt.date(2026, 11, 1)
    )
    assert services.learner_of(it).done == (row.course,)
    kept = services.result_keep(user=firm.users["colleague"], role="it", answers=best("it"))
    assert services.learner_of(it).answers == {}  # not shared, so the firm does not use it
    services.result_share(result=kept, shared=True)
    make(firm, origin="roles")
    second = TrainingPlan.objects.order_by("-made_at")[0]
    assert not second.attendances.filter(trainee=it).exists()


def test_where_nothing_is_to_be_done_it_is_said(world: World) -> None:
    assert "nobody who learns" in make(world).content.decode()
    assert "nobody who learns" in make(world, origin="roles").content.decode()
    assert not TrainingPlan.objects.exists()
    late = world.client("owner").post(
        reverse("training-make", args=[world.enterprise.pk]), {"origin": "roadmap", "begins_on": "x"}
    )
    assert late.status_code == 422


def record(**given: Any) -> dict[str, Any]:
    return {
        "begins_on": "2026-11-02",
        "due_on": "2026-11-08",
        "status": "attended",
        "result": "passed",
        "done_on": "2026-11-05",
        "note": "in the workshop",
        **given,
    }


def test_attendance_and_result_are_recorded(world: World) -> None:
    row = attendance_of(world)
    client = world.client("colleague")
    other = Trainee.objects.create(enterprise=world.enterprise, name="Bo", role="office")
    where = reverse("attendance", args=[row.plan_id, row.pk])
    assert client.post(where, record(trainee=str(other.pk))).status_code == 302
    row.refresh_from_db()
    assert (row.trainee, row.status, row.result, row.done_on) == (
        other,
        "attended",
        "passed",
        dt.date(2026, 11, 5),
    )
    page = client.get(reverse("training-plan", args=[row.plan_id]))
    assert (page.context["attended"], page.context["every"]) == (1, 1)
    sent = client.get(reverse("training-csv", args=[row.plan_id])).content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(sent))
    assert (line["person"], line["course"], line["result"]) == ("Bo", row.course, "passed")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"due_on": "2026-11-01"}, "due_on"),
        ({"done_on": ""}, "done_on"),
        ({"status": "missed"}, "status"),
        ({"done_on": "2999-01-01"}, "done_on"),
        ({"trainee": "x"}, "trainee"),
    ],
)
def test_a_record_that_contradicts_itself_is_told_at_its_field(
    world: World, wrong: dict[str, str], field: str
) -> None:
    row = attendance_of(world)
    given = record(trainee=str(row.trainee_id), **wrong) if "trainee" not in wrong else record(**wrong)
    response = world.client("owner").post(reverse("attendance", args=[row.plan_id, row.pk]), given)
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_a_formula_in_a_name_does_no_harm(world: World) -> None:
    row = attendance_of(world)
    Trainee.objects.filter(pk=row.trainee_id).update(name="=1+1")
    sent = world.client("owner").get(reverse("training-csv", args=[row.plan_id])).content.decode("utf-8-sig")
    assert "'=1+1" in sent


# --- talent ----------------------------------------------------------------------------------------------------------------


def publish(world: World, person: str = "stranger", **given: Any) -> Any:
    form = {
        "role": "it",
        "region": "CN-JS",
        "languages": ["zh", "en"],
        "availability": "month",
        "consent": "on",
        **given,
    }
    return world.client(person).post("/en/talent/me/", form)


def test_nobody_is_published_without_consent_and_skills_come_from_a_kept_check(world: World) -> None:
    assert publish(world, consent="").status_code == 422
    assert not TalentProfile.objects.exists()
    services.result_keep(user=world.users["stranger"], role="it", answers=best("it"))
    assert publish(world).status_code == 302
    profile = TalentProfile.objects.get()
    assert profile.levels["4.1"] == 6
    assert TalentConsent.objects.get().withdrawn_at is None
    publish(world, availability="now")
    assert TalentConsent.objects.count() == 1


def test_a_firm_finds_skills_and_never_a_name_until_the_person_says_yes(world: World) -> None:
    services.result_keep(user=world.users["stranger"], role="it", answers=best("it"))
    publish(world)
    profile = TalentProfile.objects.get()
    owner = world.client("owner")
    for query, count in (
        ("", 1),
        ("?competence=4.1&role=it&region=CN-JS&language=zh", 1),
        ("?language=de", 0),
        ("?role=office", 0),
        ("?competence=2.3", 0),
    ):
        response = owner.get(f"/en/talent/{query}")
        assert response.context["page"].paginator.count == count
        assert "stranger" not in response.content.decode().lower()
    ask = reverse("talent-ask", args=[profile.pk])
    assert "stranger" not in owner.get(ask).content.decode().lower()
    firm = str(world.enterprise.pk)
    assert owner.post(ask, {"enterprise": firm, "reason": "short"}).status_code == 422
    assert owner.post(ask, {"enterprise": firm, "reason": REASON}).status_code == 302
    asked = TalentRequest.objects.get()
    contact = reverse("talent-contact", args=[asked.pk])
    assert owner.get(contact).status_code == 404
    assert "Stranger" not in owner.get("/en/talent/").content.decode()
    mine = world.client("stranger")
    assert REASON in mine.get("/en/talent/me/").content.decode()
    mine.post(reverse("talent-answer", args=[asked.pk]), {"accept": "1"})
    page = owner.get(contact).content.decode()
    assert "Stranger" in page
    assert "stranger@example.com" in page
    assert world.client("adviser").get(contact).status_code == 404
    entries = AuditEntry.objects.filter(enterprise=world.enterprise.pk)
    assert {"talent-request", "talent-accept"} <= set(entries.values_list("action", flat=True))
    assert entries.filter(kind="read", subject__contains=str(asked.pk)).exists()


def test_a_refusal_shows_nothing_and_cannot_be_changed(world: World) -> None:
    asked = request_of(world, "waiting")
    client = world.client("stranger")
    client.post(reverse("talent-answer", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.status == "refused"
    assert client.post(reverse("talent-answer", args=[asked.pk]), {"accept": "1"}).status_code == 404
    assert world.client("owner").get(reverse("talent-contact", args=[asked.pk])).status_code == 404


def test_requests_are_limited_and_one_waits_at_a_time(world: World) -> None:
    profile = profile_of(world)
    given = {"profile": profile, "enterprise": world.enterprise, "reason": REASON, "by": world.users["owner"]}
    for _ in range(services.REQUESTS_A_DAY):
        made = services.request_send(**given)
        with pytest.raises(services.TooManyError):
            services.request_send(**given)
        services.request_answer(request=made, accepted=False, by=world.users["stranger"])
    with pytest.raises(services.TooManyError):
        services.request_send(**given)
    TalentRequest.objects.update(sent_at=timezone.now() - dt.timedelta(days=2))
    services.request_send(**given)
    other = world.client("owner").post(
        reverse("talent-ask", args=[profile.pk]),
        {"enterprise": str(world.enterprise.pk), "reason": REASON},
        follow=True,
    )
    assert "Not sent" in other.content.decode()


def test_withdrawing_hides_the_profile_dates_the_consent_and_refuses_what_waits(world: World) -> None:
    publish(world)
    profile = TalentProfile.objects.get()
    asked = services.request_send(
        profile=profile, enterprise=world.enterprise, reason=REASON, by=world.users["owner"]
    )
    world.client("stranger").post("/en/talent/me/withdraw/")
    asked.refresh_from_db()
    assert asked.status == "refused"
    assert TalentConsent.objects.get().withdrawn_at is not None
    assert world.client("owner").get("/en/talent/").context["page"].paginator.count == 0
    assert world.client("owner").get(reverse("talent-ask", args=[profile.pk])).status_code == 404
    publish(world)
    assert TalentConsent.objects.count() == 2


def test_an_assessor_confirms_by_the_code_and_never_themselves(world: World) -> None:
    profile = profile_of(world)
    client = world.client("assessor")
    given = {"code": profile.code, "competence": "4.1", "level": "5"}
    assert client.post("/en/talent/confirm/", given).status_code == 302
    assert SkillsConfirmation.objects.get().level == 5
    assert "confirmed by an assessor" in world.client("owner").get("/en/talent/").content.decode()
    assert client.post("/en/talent/confirm/", {**given, "code": "guess"}).status_code == 422
    TalentProfile.objects.update(user=world.users["assessor"])
    assert client.post("/en/talent/confirm/", {**given, "level": "6"}).status_code == 422
    assert SkillsConfirmation.objects.get().level == 5


def test_the_account_takes_all_of_it_along_and_the_export_holds_it(world: World) -> None:
    person = world.users["stranger"]
    services.result_keep(user=person, role="it", answers=best("it"))
    request_of(world, "accepted")
    TalentConsent.objects.create(user=person)
    Trainee.objects.create(enterprise=world.enterprise, name="S", role="it", user=person)
    sent = json.loads(world.client("stranger").get("/en/account/export/").content)
    assert sent["skills_checks"][0]["answers"] == best("it")
    assert sent["talent_profile"][0]["levels"] == {"4.1": 4}
    assert sent["talent_requests"][0]["reason"]
    assert sent["talent_consents"]
    account_delete(user=person)
    for model in (SkillsResult, TalentProfile, TalentConsent, TalentRequest, Trainee):
        assert not model.objects.exists()


# --- courses of organisations -------------------------------------------------------------------------------------------------

ROW = {
    "number": "K1",
    "title_zh": "网络基础",
    "title_en": "Networks",
    "outcome_zh": "会配网络。",
    "outcome_en": "You set up a network.",
    "roles": "it; office",
    "form": "workshop",
    "hours": "8",
    "capabilities": "site-network:0-1; perimeter-defence：0-2",
    "competences": "5.1:2-3",
    "link_kind": "lti",
    "link": "https://learn.example.org/lti/launch?course=1",
}


def as_csv(*rows: dict[str, str]) -> SimpleUploadedFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, NEEDED)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("courses.csv", text.getvalue().encode("utf-8-sig"))


def as_book(*rows: dict[str, str]) -> SimpleUploadedFile:
    book, file = Workbook(), io.BytesIO()
    book.active.append(list(NEEDED))
    for row in rows:
        book.active.append([int(row[name]) if row[name].isdigit() else row[name] for name in NEEDED])
    book.save(file)
    return SimpleUploadedFile("courses.xlsx", file.getvalue())


def send(world: World, file: SimpleUploadedFile, person: str = "officer") -> Any:
    given = {"organisation": str(world.organisation.pk), "file": file}
    return world.client(person).post("/en/courses/import/", given)


@pytest.mark.parametrize("write", [as_csv, as_book])
def test_courses_are_previewed_stored_and_replaced(world: World, write: Any) -> None:
    response = send(world, write(ROW, {**ROW, "number": "K2", "link_kind": "xapi"}))
    prepared = CourseImport.objects.get()
    assert response["Location"] == reverse("course-import-preview", args=[prepared.pk])
    client = world.client("officer")
    assert "Networks" in client.get(response["Location"]).content.decode()
    assert not OfferedCourse.objects.exists()
    client.post(response["Location"])
    made = OfferedCourse.objects.get(number="K1")
    assert made.roles == ["it", "office"]
    assert made.capabilities == {"site-network": [0, 1], "perimeter-defence": [0, 2]}
    assert made.hours == 8
    assert not CourseImport.objects.exists()
    page = Client().get(reverse("course-offered", args=[made.pk])).content.decode()
    assert "stored and opened as it is" in page
    assert ROW["link"] in page
    assert Client().get("/en/courses/offered/?q=NETWORK").context["page"].paginator.count == 2
    assert Client().get("/en/courses/offered/?q=网络").context["page"].paginator.count == 2
    assert Client().get("/en/courses/offered/?q=zzz").context["page"].paginator.count == 0
    client.post(send(world, write({**ROW, "title_en": "Networks again"}))["Location"])
    assert OfferedCourse.objects.count() == 2
    assert OfferedCourse.objects.get(number="K1").title_en == "Networks again"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("title_zh", "", "empty"),
        ("title_en", "x" * 161, "160"),
        ("roles", "it; boss", "boss"),
        ("form", "workshops", "workshop"),
        ("hours", "eight", "eight"),
        ("hours", "900", "200"),
        ("capabilities", "site-networks:0-1", "site-network"),
        ("capabilities", "site-network:0-9", "level 9"),
        ("capabilities", "site-network", "two levels"),
        ("competences", "9.9:0-1", "9.9"),
        ("link_kind", "scorm", "scorm"),
        ("link", "javascript:alert(1)", "https://"),
        ("number", "K1", "2 times"),
    ],
)
@pytest.mark.parametrize("write", [as_csv, as_book])
def test_a_cell_that_cannot_be_used_is_named(
    world: World, write: Any, column: str, value: str, said: str
) -> None:
    response = send(world, write(ROW, {**ROW, "number": "K2", column: value}))
    assert response.status_code == 422
    text = " ".join(response.context["problems"])
    assert said in text
    assert "row 3" in text
    assert column in text
    assert "courses." in text
    assert not CourseImport.objects.exists()


def test_a_file_that_is_no_table_is_told(world: World) -> None:
    for name, content in (
        ("a.pdf", b"x"),
        ("a.csv", b""),
        ("a.xlsx", b"x"),
        ("a.csv", b"number,title\n1,2\n"),
    ):
        response = send(world, SimpleUploadedFile(name, content))
        assert response.status_code == 422, name
        assert response.context["problems"] or response.context["form"].errors
    assert send(world, as_csv(ROW), "administrator").status_code == 302
    foreign = {"organisation": "00000000-0000-0000-0000-000000000000", "file": as_csv(ROW)}
    assert world.client("officer").post("/en/courses/import/", foreign).status_code == 422


# --- from a shortcoming to a course, courses of organisations in plans, letters, who fits -----------------------------------


def offered(world: World, **changes: Any) -> OfferedCourse:
    """Return a course of the world's organisation that leads over all levels of two capabilities."""
    values: dict[str, Any] = {
        "organisation": world.organisation,
        "number": "K9",
        "title_zh": "一次学会",
        "title_en": "All at once",
        "outcome_zh": "都会。",
        "outcome_en": "All of it.",
        "roles": ["owner", "shop-floor", "office", "it"],
        "form": "workshop",
        "hours": 2,
        "capabilities": {},
        "competences": {"1.1": [0, 1]},
        "link_kind": "lti",
        "link": "https://learn.example.org/lti/launch?course=9",
        "price": Decimal("480.50"),
        "currency": "CNY",
        "starts_on": dt.date(2026, 12, 20),
    }
    return OfferedCourse.objects.create(**{**values, **changes})


def test_a_shortcoming_leads_to_its_courses(firm: World) -> None:
    page = firm.client("owner").get(reverse("assessment-result", args=[firm.assessment.pk])).content.decode()
    questions = sorted(set(re.findall(r"/courses/\?question=([\w.-]+/[\w.-]+)", page)))
    assert questions
    for value in questions:
        standard, _slash, question = value.partition("/")
        asked = capabilities_asked(engine.library().find(standard), question)
        listed = Client().get(f"/en/courses/?question={value}")
        found = courses_found(COURSES, CourseWish(capabilities=asked))
        assert listed.context["page"].paginator.count == len(found) > 0
        assert value in listed.content.decode()


def test_a_measure_leads_to_its_courses(world: World) -> None:
    row = offered(world, capabilities={"backup-and-recovery": [0, 2]})
    page = Client().get(reverse("measure", args=["backup-automatic"])).content.decode()
    assert "/courses/?measure=backup-automatic" in page
    listed = Client().get("/en/courses/?measure=backup-automatic")
    assert [item.pk for item in listed.context["offered"]] == [row.pk]
    assert {"backup-that-comes-back"} <= {item.course.id for item in listed.context["rows"]}
    assert Client().get("/en/courses/?measure=none").context["page"].paginator.count == len(COURSES.courses)
    for capability, count in (("backup-and-recovery", 1), ("erp", 0), ("", 1)):
        found = Client().get(f"/en/courses/offered/?capability={capability}").context["page"]
        assert found.paginator.count == count


def test_a_plan_takes_courses_of_organisations_where_that_is_less(firm: World) -> None:
    make(firm)
    without = TrainingPlan.objects.get()
    goals = {name: [0, high] for name, (_low, high) in without.goals.items()}
    row = offered(firm, capabilities=goals)
    make(firm, offered="on")
    plan = TrainingPlan.objects.order_by("-made_at")[0]
    (item,) = plan.attendances.all()
    assert plan.proven
    assert item.course == f"offered-{row.pk.hex}"
    page = firm.client("owner").get(reverse("training-plan", args=[plan.pk])).content.decode()
    for words in ("All at once", "Example City", "CNY 480.5", "LTI 1.3", row.link, "Dec. 20, 2026"):
        assert words in page
    assert (
        "All at once"
        in firm.client("owner").get(reverse("attendance", args=[plan.pk, item.pk])).content.decode()
    )
    table = firm.client("owner").get(reverse("training-csv", args=[plan.pk])).content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(table))
    told = (line["title"], line["provider"], line["price"], line["currency"], line["starts_on"])
    assert told == ("All at once", "Example City", "480.50", "CNY", "2026-12-20")
    row.delete()
    gone = firm.client("owner").get(reverse("training-plan", args=[plan.pk])).content.decode()
    assert "not offered any more" in gone


def test_a_course_that_has_begun_is_not_planned_and_one_that_was_passed_counts(firm: World) -> None:
    make(firm)
    goals = {name: [0, high] for name, (_low, high) in TrainingPlan.objects.get().goals.items()}
    row = offered(firm, capabilities=goals, starts_on=dt.date(2026, 12, 1))
    name = f"offered-{row.pk.hex}"
    make(firm, offered="on")
    plan = TrainingPlan.objects.order_by("-made_at")[0]
    assert name not in {item.course for item in plan.attendances.all()}
    Attendance.objects.filter(pk=plan.attendances.all()[0].pk).update(
        course=name, status="attended", result="passed", done_on=dt.date(2026, 12, 2)
    )
    assert "nobody who learns" in make(firm, offered="on").content.decode()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("price", "cheap", "no amount"), ("currency", "", "three letters"), ("starts_on", "soon", "no day")],
)
def test_price_and_day_are_read_where_a_table_has_them(
    world: World, column: str, value: str, said: str
) -> None:
    row = {**ROW, "price": "480.50", "currency": "CNY", "starts_on": "2026-12-20"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerows([row, {**row, "number": "K2", column: value}])
    bad = send(world, SimpleUploadedFile("courses.csv", text.getvalue().encode()))
    assert said in " ".join(bad.context["problems"])
    book, file = Workbook(), io.BytesIO()
    book.active.append(list(row))
    book.active.append([*ROW.values(), 480.5, "CNY", dt.date(2026, 12, 20)])
    book.save(file)
    done = send(world, SimpleUploadedFile("courses.xlsx", file.getvalue()))
    world.client("officer").post(done["Location"])
    made = OfferedCourse.objects.get()
    assert (made.price, made.currency, made.starts_on) == (Decimal("480.50"), "CNY", dt.date(2026, 12, 20))


def test_a_request_and_its_answer_are_told_by_one_letter_a_day(world: World, mailoutbox: list[Any]) -> None:
    profile = profile_of(world, "stranger")
    made = services.request_send(
        profile=profile, enterprise=world.enterprise, reason=REASON, by=world.users["colleague"]
    )
    assert {world.users["stranger"].pk, world.users["colleague"].pk} <= set(letters.readers())
    assert letters.letter_send(user=world.users["stranger"], site="https://example.org")
    assert not letters.letter_send(user=world.users["stranger"], site="https://example.org")
    assert not letters.letter_send(user=world.users["colleague"], site="https://example.org")
    (mail,) = mailoutbox
    assert world.enterprise.name in mail.body
    assert "https://example.org/" in mail.body
    services.request_answer(request=made, accepted=True, by=world.users["stranger"])
    assert letters.letter_send(user=world.users["colleague"], site="https://example.org")
    answer_mail = mailoutbox[-1]
    assert answer_mail.to == [world.users["colleague"].email]
    # a letter names nobody: the name stands behind the sign-in, and its reading in the log
    assert world.users["stranger"].name not in answer_mail.body
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert not letters.letter_send(user=world.users["stranger"], site="x", today=tomorrow)


def test_who_has_stopped_the_letters_gets_none(world: World) -> None:
    profile = profile_of(world, "stranger")
    letters.letters_choose(user=world.users["stranger"], wanted=False)
    services.request_send(
        profile=profile, enterprise=world.enterprise, reason=REASON, by=world.users["owner"]
    )
    assert world.users["stranger"].pk not in letters.readers()
    assert not letters.letter_send(user=world.users["stranger"], site="x")


def test_whoever_verifies_finds_where_skills_are_confirmed(world: World) -> None:
    link = reverse("talent-confirm")
    assert link in world.client("assessor").get("/en/home/").content.decode()
    assert link not in world.client("owner").get("/en/home/").content.decode()


def test_an_employer_does_not_find_its_own_people(world: World) -> None:
    profile = profile_of(world, "adviser")
    owner = world.client("owner")
    assert owner.get("/en/talent/").context["page"].paginator.count == 0
    assert owner.get(reverse("talent-ask", args=[profile.pk])).status_code == 404
    Member.objects.filter(user=world.users["adviser"]).update(until=timezone.now())
    assert owner.get("/en/talent/").context["page"].paginator.count == 1


def test_who_fits_the_need_of_a_firm_stands_first(firm: World) -> None:
    wanted = services.skills_wanted(firm.enterprise)
    assert wanted
    none, some = profile_of(firm, "stranger"), profile_of(firm, "provider")
    TalentProfile.objects.filter(pk=none.pk).update(levels={})
    TalentProfile.objects.filter(pk=some.pk).update(levels=dict(list(wanted.items())[:2]))
    for first in (none, some):  # whoever published last stands first without a need
        TalentProfile.objects.update(published_at=timezone.now() - dt.timedelta(days=2))
        TalentProfile.objects.filter(pk=first.pk).update(published_at=timezone.now())
        page = firm.client("owner").get(f"/en/talent/?need={firm.enterprise.pk}")
        assert [item.pk for item, _skills, _fit in page.context["rows"]] == [some.pk, none.pk]
        assert f"has 2 of the {len(wanted)} skills" in page.content.decode()
    foreign = firm.client("owner").get(f"/en/talent/?need={firm.unclaimed.pk}")
    assert not foreign.context["wanted"]


# --- programs, budgets, roles -------------------------------------------------------------------------------------------------


def test_programs_search_and_read_courses(world: World, client: Client) -> None:
    _token, secret = token_create(user=world.users["owner"], name="t", scope="read", expires_at=None)
    headers = {"Authorization": f"Bearer {secret}"}
    rows = client.get("/api/v1/courses?role=it&competence=4.1&q=补丁", headers=headers).json()
    expected = courses_found(COURSES, CourseWish(text="补丁", role="it", competence="4.1"))
    assert [row["id"] for row in rows] == [item.id for item in expected] != []
    one = client.get("/api/v1/courses/payment-fraud", headers=headers).json()
    assert one["certainty"] == "unverified"
    assert len(one["outline"]) == len(COURSES.courses["payment-fraud"].outline)
    assert client.get("/api/v1/courses/nothing", headers=headers).status_code == 404
    assert client.get("/api/v1/courses?role=boss", headers=headers).status_code == 422


def test_the_pages_ask_the_database_little(world: World, django_assert_max_num_queries: Any) -> None:
    row = attendance_of(world)
    profile_of(world)
    owner = world.client("owner")
    owner.get("/en/courses/")
    for address, most in (
        ("/en/courses/", 4),
        ("/en/courses/payment-fraud/", 3),
        (reverse("training", args=[world.enterprise.pk]), 13),
        (reverse("training-plan", args=[row.plan_id]), 9),
        ("/en/talent/", 8),
    ):
        with django_assert_max_num_queries(most):
            assert owner.get(address).status_code == 200


def test_who_trains_and_hires() -> None:
    from capillary.web.access import GRANTS, Role

    assert GRANTS[Action.TRAIN] == {Role.OWNER, Role.COLLEAGUE, Role.ADVISER}
    assert GRANTS[Action.HIRE] == {Role.OWNER, Role.COLLEAGUE}
