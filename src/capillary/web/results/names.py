"""Words for the codes of certainties, grades and size classes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from capillary.web.core.grades import Grade


def certainty_name(certainty: str) -> str:
    """Return how sure a figure is, in words."""
    names = {"official": _("official"), "secondary": _("secondary source"), "unverified": _("unverified")}
    return names.get(certainty, certainty)


def grade_name(grade: str) -> str:
    """Return the grade of evidence in words."""
    return str(dict(Grade.choices).get(grade, grade))


def size_name(size: str) -> str:
    """Return a size class in words."""
    first, _dash, last = size.partition("-")
    if not last:
        return _("%(count)s employees or more") % {"count": size.removesuffix("+")}
    return _("%(first)s to %(last)s employees") % {"first": first, "last": last}
