"""Names of certainties and grades, for the templates of the result pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from capillary.web.results.names import certainty_name, grade_name, size_name
from capillary.web.results.selectors import course_count, scenario_count

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()
register.filter("certainty", certainty_name)
register.filter("grade", grade_name)
register.filter("size", size_name)


@register.simple_tag
def scenarios_about(standard: str, question: str) -> int:
    """Return how many scenarios help with what a question of a standard asks about."""
    return scenario_count(standard, question)


@register.simple_tag
def courses_about(standard: str, question: str) -> int:
    """Return how many courses teach what a question of a standard asks about."""
    return course_count(standard, question)


@register.filter
def of(table: Mapping[str, object], key: str) -> object:
    """Return an entry of a table, or None."""
    return table.get(key)
