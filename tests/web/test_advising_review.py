"""Verification on site: marks, corrections, sign-off, objections; four eyes; nothing is overwritten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.web import engine
from capillary.web.accounts.models import User
from capillary.web.advising import services_review as services
from capillary.web.advising.models import Objection, Review, ReviewMark
from capillary.web.advising.notices import notices_of
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_review import firm_answers, review_page
from capillary.web.advising.words import values_of
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import (
    Author,
    Change,
    answers_change,
    assessment_complete,
    assessment_reopen,
)
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Member

from .access_tables.advising import another_answer
from .kit import World, answer, some_answers
from .test_interview import posted


@pytest.fixture
def done(world: World) -> World:
    """The world with its assessment completed."""
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    return world


def address(world: World, name: str, *args: Any) -> str:
    return reverse(name, args=[world.assessment.pk, *args]).replace("/zh-hans/", "/en/")


def confirm_all(world: World) -> None:
    for name in list(world.assessment.answers):
        services.answer_confirm(assessment=world.assessment, question=name, by=world.users["assessor"])


def correct(world: World, skip: int = 0) -> ReviewMark:
    question, value = another_answer(world, skip)
    return services.answer_correct(
        assessment=world.assessment,
        question=question,
        value=value,
        reason="The machine is not connected.",
        by=world.users["assessor"],
    )


def object_to(world: World, mark: ReviewMark) -> Objection:
    return services.objection_create(
        assessment=world.assessment,
        mark=mark,
        text="It is, since May.",
        proposal="As before",
        by=world.users["owner"],
    )


def test_confirming_makes_the_answer_verified_and_says_who(done: World) -> None:
    name = next(iter(done.assessment.answers))
    client = done.client("assessor")
    client.post(address(done, "review-mark", name), {"do": "confirm", "note": "Seen."})
    changed = Assessment.objects.get(pk=done.assessment.pk)
    mark = ReviewMark.objects.get()
    assert changed.grades[name] == "verified"
    assert (mark.kind, mark.by, mark.note) == ("confirmed", done.users["assessor"], "Seen.")
    assert changed.revision == done.assessment.revision
    page = client.get(address(done, "assessment-review")).content.decode()
    assert "1 of 12 answers looked at" in page
    assert AuditEntry.objects.filter(action="review-confirmed", subject=name).exists()


def test_htmx_gets_only_the_question_and_the_progress(done: World) -> None:
    name = next(iter(done.assessment.answers))
    part = done.client("assessor").post(
        address(done, "review-mark", name), {"do": "confirm"}, headers={"HX-Request": "true"}
    )
    page = part.content.decode()
    assert "<html" not in page
    assert page.count("<article") == 1
    assert 'id="review-progress"' in page
    refused = done.client("assessor").post(
        address(done, "review-mark", name), {"do": "unchecked"}, headers={"HX-Request": "true"}
    )
    assert "Say in a few words why" in refused.content.decode()


def test_what_could_not_be_checked_needs_a_reason_and_is_not_verified(done: World) -> None:
    name = next(iter(done.assessment.answers))
    assessor = done.users["assessor"]
    services.answer_confirm(assessment=done.assessment, question=name, by=assessor)
    with pytest.raises(NotNowError):
        services.answer_leave_unchecked(assessment=done.assessment, question=name, by=assessor, note=" ")
    services.answer_leave_unchecked(
        assessment=done.assessment, question=name, by=assessor, note="The plant stood still."
    )
    assert "verified" not in done.assessment.grades.values()
    assert ReviewMark.objects.filter(question=name).count() == 2, "marks are added, never changed"
    assert review_page(done.assessment).unchecked == 1


def test_a_correction_is_a_revision_with_its_reason_and_counts_as_verified(done: World) -> None:
    question, value = another_answer(done)
    former = done.assessment.answers[question]["value"]
    client = done.client("assessor")
    form = client.get(address(done, "review-correct", question)).content.decode()
    assert 'name="reason"' in form
    empty = client.post(address(done, "review-correct", question), {"answer": value, "reason": ""})
    assert empty.status_code == 422
    assert f'value="{value}" checked' in empty.content.decode(), "nothing that was chosen is lost"
    same = client.post(address(done, "review-correct", question), {"answer": former, "reason": "x"})
    assert "This is the present answer" in same.content.decode()
    client.post(address(done, "review-correct", question), {"answer": value, "reason": "Seen on site."})
    changed = Assessment.objects.get(pk=done.assessment.pk)
    last = Revision.objects.filter(assessment=changed).order_by("number").last()
    assert (last.question, last.value, last.origin, last.reason) == (
        question,
        value,
        "assessor",
        "Seen on site.",
    )
    assert last.by == done.users["assessor"]
    assert changed.grades[question] == "verified"
    assert Revision.objects.filter(assessment=changed, question=question, value=former).exists()
    row = next(row for row in review_page(changed).rows if row.question.id == question)
    assert row.mark.kind == "corrected"
    assert row.firm_said != row.now_says
    assert firm_answers(changed)[question] == former


def test_every_kind_of_question_can_be_corrected(world: World) -> None:
    answer(world.assessment, some_answers("miit-2024", 31), world.users["owner"])
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    client = world.client("assessor")
    kinds = {type(item): item for item in engine.standards()["miit-2024"].questions}
    for question in kinds.values():
        page = client.get(address(world, "review-correct", question.id))
        assert page.status_code == 200
        same = client.post(
            address(world, "review-correct", question.id), {**posted("miit-2024", question.id), "reason": "x"}
        )
        assert "This is the present answer" in same.content.decode()


def test_an_answer_changed_after_the_mark_has_to_be_looked_at_again(done: World) -> None:
    confirm_all(done)
    assert review_page(done.assessment).ready
    question, value = another_answer(done)
    assessment_reopen(assessment=done.assessment, by=done.users["owner"])
    answer(done.assessment, {question: value}, done.users["owner"])
    with pytest.raises(NotNowError):
        services.answer_confirm(assessment=done.assessment, question=question, by=done.users["assessor"])
    assessment_complete(assessment=done.assessment, by=done.users["owner"])
    assert review_page(done.assessment).left == 1
    with pytest.raises(NotNowError):
        services.review_sign(assessment=done.assessment, by=done.users["assessor"])


def test_the_sign_off_needs_every_answer_and_closes_the_assessment(done: World) -> None:
    client = done.client("assessor")
    assert "12 answers are neither" in client.get(address(done, "review-sign")).content.decode()
    client.post(address(done, "review-sign"), {"note": ""})
    assert Assessment.objects.get(pk=done.assessment.pk).status == "completed"
    correct(done)
    for name in list(done.assessment.answers)[1:]:
        if name not in services.present_marks(Review.objects.get(), done.assessment):
            services.answer_confirm(assessment=done.assessment, question=name, by=done.users["assessor"])
    for name in set(done.assessment.answers) - set(
        services.present_marks(Review.objects.get(), done.assessment)
    ):
        services.answer_leave_unchecked(
            assessment=done.assessment, question=name, by=done.users["assessor"], note="No time."
        )
    summary = client.get(address(done, "review-sign")).content.decode()
    assert "As the firm declared" in summary
    client.post(address(done, "review-sign"), {"note": "A good visit."})
    signed = Assessment.objects.get(pk=done.assessment.pk)
    assert (signed.status, signed.signed_by) == ("signed", done.users["assessor"])
    assert signed.signed_at
    assert Review.objects.get().note == "A good visit."
    with pytest.raises(NotNowError):
        services.answer_confirm(
            assessment=signed, question=next(iter(signed.answers)), by=done.users["assessor"]
        )
    done.enrolment.refresh_from_db()
    assert done.enrolment.supported_level == signed.supported_level


def test_the_owner_hears_of_the_sign_off_and_the_assessor_of_an_objection(done: World) -> None:
    done.users["owner"].language = "en"
    done.users["owner"].save()
    mark = correct(done)
    for name in set(done.assessment.answers) - {mark.question}:
        services.answer_confirm(assessment=done.assessment, question=name, by=done.users["assessor"])
    services.review_sign(assessment=done.assessment, by=done.users["assessor"], site="https://example.org/")
    letter = mail.outbox[-1]
    assert letter.to == ["owner@example.com"]
    assert "is signed off" in letter.subject
    assert f"https://example.org/en/assessments/{done.assessment.pk}/review/" in letter.body
    objection = object_to(done, mark)
    assert mail.outbox[-1].to == ["assessor@example.com"]
    services.objection_reject(
        assessment=done.assessment, objection=objection, answer="No.", by=done.users["assessor"]
    )
    assert mail.outbox[-1].to == ["owner@example.com"]
    assert len(notices_of(done.enterprise)) == 2


def test_an_upheld_objection_restores_the_answer_as_a_new_revision(done: World) -> None:
    before = dict(values_of(done.assessment))
    mark = correct(done)
    owner = done.client("owner")
    shown = owner.get(address(done, "assessment-review")).content.decode()
    assert address(done, "objection-create", mark.pk) in shown
    owner.post(address(done, "objection-create", mark.pk), {"text": "It is.", "proposal": "As before"})
    objection = Objection.objects.get()
    assert (objection.state, objection.by) == ("open", done.users["owner"])
    with pytest.raises(NotNowError):
        services.review_sign(assessment=done.assessment, by=done.users["assessor"])
    count = Revision.objects.filter(assessment=done.assessment).count()
    done.client("assessor").post(
        address(done, "objection-answer", mark.pk), {"do": "uphold", "answer": "You are right."}
    )
    changed = Assessment.objects.get(pk=done.assessment.pk)
    objection.refresh_from_db()
    assert values_of(changed) == before
    assert (objection.state, objection.answer) == ("upheld", "You are right.")
    assert Revision.objects.filter(assessment=changed).count() == count + 1
    assert changed.grades[mark.question] == "verified"
    row = next(row for row in review_page(changed).rows if row.question.id == mark.question)
    assert row.mark.kind == "confirmed"
    assert row.corrections[0].objection == objection


def test_a_rejection_needs_a_reason_and_keeps_the_correction(done: World) -> None:
    mark = correct(done)
    objection = object_to(done, mark)
    client = done.client("assessor")
    bare = client.post(address(done, "objection-answer", mark.pk), {"do": "reject", "answer": ""})
    assert bare.status_code == 422
    client.post(address(done, "objection-answer", mark.pk), {"do": "reject", "answer": "Not in use."})
    objection.refresh_from_db()
    assert objection.state == "rejected"
    assert review_page(Assessment.objects.get(pk=done.assessment.pk)).corrected == 1
    with pytest.raises(NotNowError):
        object_to(done, mark)
    with pytest.raises(NotNowError):
        services.objection_uphold(
            assessment=done.assessment, objection=objection, answer="", by=done.users["assessor"]
        )


def signed(world: World) -> ReviewMark:
    mark = correct(world)
    for name in set(world.assessment.answers) - {mark.question}:
        services.answer_confirm(assessment=world.assessment, question=name, by=world.users["assessor"])
    services.review_sign(assessment=world.assessment, by=world.users["assessor"])
    return mark


def test_an_objection_after_the_sign_off_reopens_only_its_question(done: World) -> None:
    mark = signed(done)
    assessor = done.users["assessor"]
    before = firm_answers(done.assessment)[mark.question]
    with pytest.raises(NotNowError):
        correct(done)
    objection = object_to(done, mark)
    other = next(name for name in done.assessment.answers if name != mark.question)
    with pytest.raises(NotNowError):
        services.answer_confirm(assessment=done.assessment, question=other, by=assessor)
    services.objection_uphold(assessment=done.assessment, objection=objection, answer="", by=assessor)
    changed = Assessment.objects.get(pk=done.assessment.pk)
    assert changed.status == "signed"
    assert changed.answers[mark.question]["value"] == before
    assert changed.grades[mark.question] == "verified"
    with pytest.raises(NotNowError):
        correct(done)


def test_an_objection_may_end_in_another_correction(done: World) -> None:
    mark = signed(done)
    objection = object_to(done, mark)
    standard = engine.standard_of(done.assessment)
    taken = {done.assessment.answers[mark.question]["value"], firm_answers(done.assessment)[mark.question]}
    third = next(option.key for option in standard.by_id[mark.question].options if option.key not in taken)
    client = done.client("assessor")
    client.post(address(done, "review-correct", mark.question), {"answer": third, "reason": "In part."})
    objection.refresh_from_db()
    assert objection.state == "upheld"
    assert Assessment.objects.get(pk=done.assessment.pk).answers[mark.question]["value"] == third


def test_objections_end_fourteen_days_after_the_sign_off(done: World) -> None:
    mark = signed(done)
    done.assessment.signed_at = timezone.now() - timedelta(days=15)
    done.assessment.save()
    with pytest.raises(NotNowError):
        object_to(done, mark)
    page = done.client("owner").get(address(done, "assessment-review")).content.decode()
    assert "The time for objections is over" in page
    assert address(done, "objection-create", mark.pk) not in page


def test_four_eyes_an_assessor_who_answered_may_not_verify(done: World) -> None:
    assessor = done.users["assessor"]
    question, value = another_answer(done)
    answers_change(
        assessment=done.assessment,
        changes=[Change(question, value)],
        author=Author(assessor, Revision.Origin.WORKBOOK),
    )
    assert services.has_answered_himself(done.assessment, assessor)
    with pytest.raises(NotNowError):
        services.answer_confirm(assessment=done.assessment, question=question, by=assessor)
    page = done.client("assessor").get(address(done, "assessment-review")).content.decode()
    assert "four eyes" in page
    assert 'value="confirm"' not in page
    answer(done.assessment, {question: None}, done.users["owner"])
    assert not services.has_answered_himself(done.assessment, assessor)


def test_a_correction_does_not_count_as_an_own_answer(done: World) -> None:
    correct(done)
    assert not services.has_answered_himself(done.assessment, done.users["assessor"])


def test_the_firm_reads_everything_and_changes_nothing(done: World) -> None:
    correct(done)
    for person in ("owner", "colleague", "adviser", "officer"):
        page = done.client(person).get(address(done, "assessment-review"))
        assert page.status_code == 200, person
        assert "The machine is not connected." in page.content.decode()
        assert 'value="confirm"' not in page.content.decode()
    assert done.client("stranger").get(address(done, "assessment-review")).status_code == 404
    name = next(iter(done.assessment.answers))
    for person in ("owner", "adviser", "stranger"):
        assert done.client(person).post(address(done, "review-mark", name)).status_code == 404, person


def test_only_the_last_correction_that_stands_can_be_objected_to(done: World) -> None:
    first = correct(done)
    services.answer_confirm(assessment=done.assessment, question=first.question, by=done.users["assessor"])
    with pytest.raises(NotNowError):
        object_to(done, first)


def test_the_review_page_costs_few_queries_however_many_marks(
    done: World, django_assert_max_num_queries: Any
) -> None:
    signed(done)
    object_to(done, ReviewMark.objects.get(kind="corrected"))
    for person in ("assessor", "owner"):
        client = done.client(person)
        with django_assert_max_num_queries(15):
            client.get(address(done, "assessment-review"))


def test_notices_show_on_any_page_that_includes_them(done: World) -> None:
    from django.template.loader import render_to_string

    assert render_to_string("advising/_notices.html", {"enterprise": done.enterprise}).strip() == ""
    signed(done)
    page = render_to_string("advising/_notices.html", {"enterprise": done.enterprise})
    assert f"/assessments/{done.assessment.pk}/review/" in page


STEPS = st.lists(
    st.sampled_from(["confirm", "uncheck", "correct", "object", "uphold", "reject"]), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_revisions_only_grow_and_upholding_gives_the_firm_right(
    done: World, steps: list[str]
) -> None:
    done.assessment.refresh_from_db()
    assessment, assessor = done.assessment, done.users["assessor"]
    former = firm_answers(assessment)
    seen = list(
        Revision.objects.filter(assessment=assessment).values_list("number", "question", "value", "at")
    )
    question = another_answer(done)[0]
    for step in steps:
        mark = ReviewMark.objects.filter(kind="corrected", review__assessment=assessment).last()
        try:
            match step:
                case "confirm":
                    services.answer_confirm(assessment=assessment, question=question, by=assessor)
                case "uncheck":
                    services.answer_leave_unchecked(
                        assessment=assessment, question=question, by=assessor, note="No."
                    )
                case "correct":
                    correct(done)
                case "object" if mark:
                    object_to(done, mark)
                case "uphold" if mark and hasattr(mark, "objection"):
                    services.objection_uphold(
                        assessment=assessment, objection=mark.objection, answer="", by=assessor
                    )
                    assert assessment.answers[question]["value"] == former[question]
                case "reject" if mark and hasattr(mark, "objection"):
                    services.objection_reject(
                        assessment=assessment, objection=mark.objection, answer="No.", by=assessor
                    )
        except NotNowError:
            pass
        rows = list(
            Revision.objects.filter(assessment=assessment).values_list("number", "question", "value", "at")
        )
        assert rows[: len(seen)] == seen
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        seen = rows
    assert firm_answers(assessment) == former


def test_an_assessor_whose_membership_ended_is_a_stranger(done: World) -> None:
    Member.objects.filter(enterprise=done.enterprise, role="assessor").update(until=timezone.now())
    assert done.client("assessor").get(address(done, "assessment-review")).status_code == 404


def test_officers_see_what_was_found_and_not_by_whom(done: World) -> None:
    mark = correct(done)
    object_to(done, mark)
    services.objection_reject(
        assessment=done.assessment,
        objection=Objection.objects.get(),
        answer="It is not.",
        by=done.users["assessor"],
    )
    answer_again = another_answer(done, 1)[0]
    services.answer_confirm(assessment=done.assessment, question=answer_again, by=done.users["assessor"])
    User.objects.filter(name__in=("Owner", "Assessor")).update(name="Somebody Particular")
    seen = done.client("officer").get(address(done, "assessment-review")).content.decode()
    assert "Somebody Particular" not in seen
    assert "an assessor · " in seen
    assert "the firm · " in seen
    assert (
        "Somebody Particular" in done.client("owner").get(address(done, "assessment-review")).content.decode()
    )
    confirm_all(done)
    services.review_sign(assessment=done.assessment, by=done.users["assessor"], note="")
    signed = done.client("officer").get(address(done, "assessment-review")).content.decode()
    assert "Signed off by an assessor" in signed
    assert "Somebody Particular" not in signed
