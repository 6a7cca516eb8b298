"""Filters of the templates of this part."""

from __future__ import annotations

from django import template

from capillary.web.talent import selectors
from capillary.web.talent.models import WorkRole
from capillary.web.talent.words import FORM_WORDS, LANGUAGES

register = template.Library()


@register.filter
def form_words(form: str) -> str:
    """Return how one learns."""
    return str(FORM_WORDS[form])


@register.filter
def work_role(role: str) -> str:
    """Return the name of a role."""
    return str(WorkRole(role).label)


@register.filter
def course_title(name: str) -> str:
    """Return the title of a course, or its id where it is no longer there."""
    return selectors.plan_courses([name])[name].title


@register.filter
def competence(name: str) -> str:
    """Return the name of a competence."""
    return selectors.competence_title(name)


@register.filter
def capability(name: str) -> str:
    """Return the name of a capability."""
    return selectors.capability_title(name)


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language."""
    return str(LANGUAGES.get(code, code))
