"""Who may use the pages of advisers and assessors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from capillary.web.advising import services_review, services_workbook
from capillary.web.advising.models import WorkbookImport
from capillary.web.advising.workbooks import ReadBook
from capillary.web.assessments.services import assessment_complete
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    from ..kit import World

FILLERS = {"owner", "colleague", "adviser"}
READERS = {"owner", "colleague", "adviser", "assessor", "officer"}
TABLE: dict[str, dict[str, set[str]]] = {
    "adviser-home": {"GET": {"adviser"}},
    "adviser-firm-add": {"GET": {"adviser"}, "POST": {"adviser"}},
    "adviser-owner-invite": {"GET": {"adviser"}, "POST": {"adviser"}},
    "adviser-firm-withdraw": {"GET": {"adviser"}, "POST": {"adviser"}},
    "assessor-home": {"GET": {"assessor"}},
    "workbook-form": {"GET": FILLERS},
    "workbook-upload": {"GET": FILLERS, "POST": FILLERS},
    "workbook-import": {"GET": FILLERS, "POST": FILLERS},
    "workbook-undo": {"POST": FILLERS},
    "assessment-review": {"GET": READERS},
    "review-mark": {"POST": {"assessor"}},
    "review-correct": {"GET": {"assessor"}, "POST": {"assessor"}},
    "review-sign": {"GET": {"assessor"}, "POST": {"assessor"}},
    "objection-create": {"GET": {"owner", "colleague"}, "POST": {"owner", "colleague"}},
    "objection-answer": {"GET": {"assessor"}, "POST": {"assessor"}},
}


def an_import(world: World) -> list[Any]:
    from capillary.web import engine

    found = WorkbookImport.objects.filter(assessment=world.assessment).first()
    if found is None:
        book = ReadBook("form.xlsx", "0" * 64, engine.sheet_of(world.assessment), "")
        found = services_workbook.import_prepare(
            assessment=world.assessment, book=book, by=world.users["owner"]
        )
    return [world.assessment.pk, found.pk]


def a_question(world: World) -> list[Any]:
    return [world.assessment.pk, next(iter(world.assessment.answers))]


def a_correction(world: World) -> list[Any]:
    """Return an assessment and a correction of it to which the firm can object."""
    return [world.assessment.pk, _corrected(world).pk]


def an_objection(world: World) -> list[Any]:
    mark = _corrected(world)
    if not hasattr(mark, "objection"):
        services_review.objection_create(
            assessment=world.assessment, mark=mark, text="We do.", proposal="", by=world.users["owner"]
        )
    return [world.assessment.pk, mark.pk]


def _corrected(world: World) -> Any:
    from capillary.web.advising.models import ReviewMark

    known = ReviewMark.objects.filter(review__assessment=world.assessment, kind="corrected").first()
    if known is not None:
        return known
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    question, value = another_answer(world)
    return services_review.answer_correct(
        assessment=world.assessment,
        question=question,
        value=value,
        reason="Seen on site.",
        by=world.users["assessor"],
    )


def another_answer(world: World, skip: int = 0) -> tuple[str, object]:
    """Return an answered question with one list of options, and another option than the answer."""
    from capillary.model.standard import Single
    from capillary.web import engine

    standard = engine.standard_of(world.assessment)
    found = [
        question
        for question in standard.questions
        if isinstance(question, Single) and question.id in world.assessment.answers
    ][skip]
    present = world.assessment.answers[found.id]["value"]
    return found.id, next(option.key for option in found.options if option.key != present)


def an_added_firm(world: World) -> list[Any]:
    """Return a firm that the adviser added and that has no owner."""
    adviser = world.users["adviser"]
    firm = Enterprise.objects.create(name="Example Castings", claimed_at=timezone.now())
    Member.objects.create(enterprise=firm, user=adviser, role="adviser", let_in_by=adviser)
    return [firm.pk]


ARGS = {
    "adviser-firm-withdraw": an_added_firm,
    "adviser-owner-invite": lambda world: [world.enterprise.pk],
    "workbook-import": an_import,
    "workbook-undo": an_import,
    "review-mark": a_question,
    "review-correct": a_question,
    "objection-create": a_correction,
    "objection-answer": an_objection,
}
