"""Courses: searching them, and reading one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.content.courses import CourseWish
from capillary.web import engine
from capillary.web.api.problems import not_found
from capillary.web.api.schemas import CourseFullOut, CourseIn, CourseOut
from capillary.web.api.shown import text
from capillary.web.talent.selectors import found_by

if TYPE_CHECKING:
    from capillary.model.course import Course

router = Router(tags=["courses"])


@router.get(
    "/courses",
    response=list[CourseOut],
    operation_id="courses",
    url_name="courses",
    summary="Search the courses",
)
def courses(request: HttpRequest, wanted: Query[CourseIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the courses that fit all filters, in the order of the catalogue."""
    wish = CourseWish(wanted.q, wanted.role, wanted.form, wanted.capability, wanted.competence)
    return [_row(item) for item in found_by(wish)]


@router.get(
    "/courses/{str:course}",
    response=CourseFullOut,
    operation_id="course",
    url_name="course",
    summary="Read a course",
)
def course(request: HttpRequest, course: str) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the outline of one course."""
    book = engine.library().courses()
    found = book.courses.get(course)
    if found is None:
        raise not_found()
    return {
        **_row(found),
        "audience": text(found.audience),
        "outline": [text(item) for item in found.outline],
        "checks": [{"question": text(item.question), "answer": text(item.answer)} for item in found.checks],
        "certainty": book.files[course].certainty,
    }


def _row(item: Course) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": text(item.title),
        "outcome": text(item.outcome),
        "roles": list(item.roles),
        "form": item.form,
        "hours": item.hours,
        "after": list(item.after),
        "capabilities": {name: list(levels) for name, levels in item.capabilities.items()},
        "competences": {name: list(levels) for name, levels in item.competences.items()},
    }
