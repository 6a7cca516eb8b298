"""How courses are found among everything: the outlines that ship, and the courses of organisations."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import ngettext

from capillary.matching.search_content import course_listed
from capillary.model.listed import ANYTHING, KIND_WORDS, Listed
from capillary.model.text import Text
from capillary.web.core.language import language
from capillary.web.find.registry import Catalogue, Part, part_of, register, watched
from capillary.web.talent import selectors
from capillary.web.talent.models import OfferedCourse
from capillary.web.talent.words import FORM_WORDS

COURSE = "course"


def register_catalogue() -> None:
    """Register the courses."""
    register(
        Catalogue(
            kind=COURSE,
            one=KIND_WORDS[COURSE],
            title=Text(zh="课程", en="Courses"),
            text=Text(
                zh="员工能学什么：学完会做什么、多少学时，还有各机构开的课。",
                en="What people in a firm can learn: what they can do afterwards, the hours, and courses of organisations.",
            ),
            url=lambda: reverse("courses"),
            link=_address,
            part=watched(COURSE, _courses, OfferedCourse),
        )
    )


def _address(code: str) -> str:
    if code in selectors.courses():
        return reverse("course", args=[code])
    return reverse("course-offered", args=[UUID(code)])


def _courses() -> Part:
    shipped = selectors.courses()
    offered = {str(row.pk): row for row in OfferedCourse.objects.select_related("organisation")}
    entries = [course_listed(item) for item in shipped.values()]
    entries += [_listed(row) for row in offered.values()]

    def facts(code: str) -> list[str]:
        if (item := shipped.get(code)) is not None:
            return selectors.rows([item])[0].facts
        row = offered[code]
        return [
            row.organisation.in_(language()),
            selectors.roles_words(row.roles),
            ngettext("%(n)s hour", "%(n)s hours", row.hours) % {"n": row.hours},
            str(FORM_WORDS.get(row.form, row.form)),
        ]

    return part_of(entries, facts)


def _listed(row: OfferedCourse) -> Listed:
    organisation = row.organisation
    return Listed(
        COURSE,
        str(row.pk),
        Text(zh=row.title_zh, en=row.title_en),
        Text(zh=row.outcome_zh, en=row.outcome_en),
        more=(Text(zh=organisation.name_zh, en=organisation.name_en),),
        facets={
            "sector": (ANYTHING,),
            "size": (ANYTHING,),
            "region": (ANYTHING,),
            "capability": tuple(row.capabilities),
        },
    )
