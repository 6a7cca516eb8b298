"""Grades: the rule, confirmations and when they lapse, the overview and what would help most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from capillary.sheets.answers import read_sheet
from capillary.web import engine
from capillary.web.assessments.models import Revision
from capillary.web.assessments.services import Author, Change, answers_change, grades_change
from capillary.web.core.models import AuditEntry
from capillary.web.evidence.gains import gains_of, lift_of, supported_score
from capillary.web.evidence.grades import ORDER, WORTH, grade_of
from capillary.web.evidence.models import Evidence, Verification
from capillary.web.evidence.services import (
    ClosedError,
    answer_unverify,
    answer_verify,
    evidence_add,
    evidence_withdraw,
    grades_refresh,
)

from .kit import World, some_answers
from .test_evidence import Q, english, grade, link, measurement, note, own_files, page  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


# --- the rule ---

KINDS = st.lists(st.sampled_from(sorted(WORTH)), max_size=6)


@given(KINDS, KINDS, st.booleans())
def test_more_evidence_never_lowers_a_grade(kinds: list[str], more: list[str], verified: bool) -> None:  # noqa: FBT001
    less = grade_of(kinds, verified=verified)
    assert ORDER.index(grade_of([*kinds, *more], verified=verified)) >= ORDER.index(less)
    assert ORDER.index(grade_of(kinds, verified=True)) >= ORDER.index(less)


def test_every_kind_of_evidence_has_a_worth() -> None:
    assert set(WORTH) == set(Evidence.Kind.values)


@pytest.mark.parametrize("standard", ["miit-2024", "cis-ig1", "eu-dma", "eu-dii-v3", "cmmm-2020"])
@given(data=st.data())
def test_the_supported_score_is_never_above_the_declared_one_and_rises_with_evidence(
    standard: str, data: st.DataObject
) -> None:
    found = engine.standards()[standard]
    every = some_answers(standard, len(found.questions))
    names = sorted(every)
    answered = data.draw(st.sets(st.sampled_from(names)))
    sheet = read_sheet(
        {"standard": standard, "answers": {name: every[name] for name in answered}}, lambda _: found
    )
    some = data.draw(st.sets(st.sampled_from(names)))
    more = some | data.draw(st.sets(st.sampled_from(names)))
    from capillary.scoring.evaluate import score_sheet

    declared = score_sheet(found, sheet)
    scores = [
        supported_score(found, replace(sheet, evidence=dict.fromkeys(names_in, "documented")))
        for names_in in (some & answered, more & answered)
    ]
    assert scores[0].score.low <= scores[1].score.low <= declared.score.low
    if declared.level is not None:
        assert scores[0].level.low <= scores[1].level.low <= declared.level.low


# --- verification ---


def changed(world: World, value: object, question: str = Q, reason: str = "") -> None:
    answers_change(
        assessment=world.assessment,
        changes=[Change(question, value, reason)],
        author=Author(world.users["owner"], Revision.Origin.OWNER),
    )


def test_a_confirmation_holds_for_the_answer_as_it_stands(world: World) -> None:
    assessor = world.users["assessor"]
    first = answer_verify(assessment=world.assessment, question=Q, by=assessor, note="Seen in hall 2.")
    assert answer_verify(assessment=world.assessment, question=Q, by=assessor) == first
    assert grade(world) == "verified"
    assert "Seen in hall 2." in world.client("owner").get(page(world)).content.decode()
    before = world.assessment.supported_score
    changed(world, ["A"])
    assert grade(world) == "declared"
    assert world.assessment.supported_score is None
    assert before
    changed(world, some_answers("miit-2024", 1)[Q])
    assert grade(world) == "declared", "the same answer again is a new revision"
    assert "Seen in hall 2." not in world.client("owner").get(page(world)).content.decode()
    assert Verification.objects.filter(withdrawn_at=None).count() == 1


def test_when_a_confirmation_lapses_the_evidence_still_counts(world: World) -> None:
    world.client("owner").post(page(world), measurement())
    world.assessment.refresh_from_db()
    answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])
    assert grade(world) == "verified"
    changed(world, ["A"])
    assert grade(world) == "measured"
    changed(world, None)
    assert grade(world) == "measured"
    assert world.assessment.supported_score is None, "an answer taken back has no grade that counts"


def test_evidence_withdrawn_while_there_is_no_answer_does_not_come_back_with_one(world: World) -> None:
    world.client("owner").post(page(world), link())
    world.assessment.refresh_from_db()
    value = world.assessment.answers[Q]["value"]
    changed(world, None)
    evidence_withdraw(evidence=Evidence.objects.get(), by=world.users["owner"], reason="x")
    world.assessment.refresh_from_db()
    changed(world, value)
    assert grade(world) == "declared"


def test_other_answers_keep_their_confirmation(world: World) -> None:
    answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])
    changed(world, 70, "Q02")
    assert grade(world) == "verified"


def test_a_confirmation_can_be_taken_back(world: World) -> None:
    assessor = world.users["assessor"]
    answer_verify(assessment=world.assessment, question=Q, by=assessor)
    answer_unverify(assessment=world.assessment, question=Q, by=assessor)
    answer_unverify(assessment=world.assessment, question=Q, by=assessor)
    assert grade(world) == "declared"
    found = Verification.objects.get()
    assert (found.withdrawn_by, found.withdrawn_at is None) == (assessor, False)
    answer_verify(assessment=world.assessment, question=Q, by=assessor)
    assert grade(world) == "verified"
    actions = AuditEntry.objects.filter(action__in=["answer-verify", "answer-unverify"])
    assert actions.count() == 3


def test_evidence_does_not_lower_a_confirmed_answer(world: World) -> None:
    answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])
    world.client("owner").post(page(world), note())
    assert grade(world) == "verified"


def test_an_unanswered_question_can_not_be_confirmed(world: World) -> None:
    changed(world, None)
    with pytest.raises(ClosedError):
        answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])


def test_grades_can_be_brought_up_to_date_as_a_whole(world: World) -> None:
    world.client("owner").post(page(world), link())
    world.assessment.refresh_from_db()
    grades_change(assessment=world.assessment, grades={Q: "declared", "Q02": "verified"})
    grades_refresh(assessment=world.assessment)
    world.assessment.refresh_from_db()
    assert world.assessment.grades == {Q: "documented"}


def test_changing_a_verified_answer_costs_few_queries(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = world.client("owner")
    answer_verify(assessment=world.assessment, question=Q, by=world.users["assessor"])
    address = reverse("interview-question", args=[world.assessment.pk, Q])
    with django_assert_max_num_queries(8):
        client.post(address, {"do": "save", "answer": ["B", "C"]}, headers={"HX-Request": "true"})
    assert grade(world) == "declared"


# --- the overview ---


def overview(world: World, person: str = "owner", query: str = "") -> str:
    address = english(reverse("evidence-overview", args=[world.assessment.pk]))
    return world.client(person).get(f"{address}?{query}").content.decode()


def test_the_overview_shows_both_scores_and_what_helps_most(world: World) -> None:
    text = overview(world)
    assert "Declared" in text
    assert "Supported" in text
    assert "What would help most" in text
    sheet = engine.sheet_of(world.assessment)
    standard = engine.standard_of(world.assessment)
    gains = gains_of(standard, sheet)
    assert [gain.points for gain in gains] == sorted((gain.points for gain in gains), reverse=True)
    assert gains[0].points > 0
    world.client("owner").post(page(world, gains[0].question), link())
    world.assessment.refresh_from_db()
    assert world.assessment.supported_score == pytest.approx(
        float(supported_score(standard, sheet).score.low) + gains[0].points
    )
    after = gains_of(standard, engine.sheet_of(world.assessment))
    assert gains[0].question not in {gain.question for gain in after}


def test_the_lift_is_what_the_engine_says(world: World) -> None:
    every = some_answers("miit-2024", 31)
    answers_change(
        assessment=world.assessment,
        changes=[Change(name, value) for name, value in every.items()],
        author=Author(world.users["owner"], Revision.Origin.OWNER),
    )
    standard, sheet = engine.standard_of(world.assessment), engine.sheet_of(world.assessment)
    gains = gains_of(standard, sheet)
    lift = lift_of(standard, sheet, gains)
    if lift is not None:
        first = {gain.question: "documented" for gain in gains[: lift.count]}
        fewer = {gain.question: "documented" for gain in gains[: lift.count - 1]}
        assert supported_score(standard, replace(sheet, evidence=first)).level.low == lift.level
        assert supported_score(standard, replace(sheet, evidence=fewer)).level.low < lift.level


def test_the_overview_can_be_filtered(world: World) -> None:
    world.client("owner").post(page(world), link())
    assert overview(world, query="grade=documented").count('class="row-head"') == 1
    assert overview(world).count('class="row-head"') == 12
    assert overview(world, query="grade=nonsense&dimension=x").count('class="row-head"') == 12
    assert "No answer has this grade" in overview(world, query="grade=verified")


def test_an_assessment_without_answers_says_what_to_do(world: World) -> None:
    for name in list(world.assessment.answers):
        changed(world, None, name)
    assert "Nothing is answered yet" in overview(world)


@pytest.mark.parametrize("standard", ["cis-ig1", "eu-dma", "eu-dii-v3", "cmmm-2020"])
def test_every_standard_has_an_overview(world: World, standard: str) -> None:
    from capillary.web.assessments.services import assessment_start

    found = assessment_start(enterprise=world.enterprise, standard=standard, by=world.users["owner"])
    questions = len(engine.standards()[standard].questions)
    answers_change(
        assessment=found,
        changes=[Change(name, value) for name, value in some_answers(standard, questions).items()],
        author=Author(world.users["owner"], Revision.Origin.OWNER),
    )
    client = world.client("owner")
    assert client.get(reverse("evidence-overview", args=[found.pk])).status_code == 200
    for name in found.answers:
        assert client.get(reverse("evidence-question", args=[found.pk, name])).status_code == 200


def test_pages_cost_few_queries_however_much_evidence_there_is(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = world.client("owner")
    for question in world.assessment.answers:
        world.assessment.refresh_from_db()
        for _ in range(3):
            evidence_add(
                assessment=world.assessment,
                question=question,
                values={"kind": "note", "text": "x"},
                by=world.users["colleague"],
                role="colleague",
            )
    evidence_withdraw(evidence=Evidence.objects.first(), by=world.users["owner"], reason="x")
    with django_assert_max_num_queries(8):
        client.get(reverse("evidence-overview", args=[world.assessment.pk]))
    with django_assert_max_num_queries(8):
        client.get(page(world))
