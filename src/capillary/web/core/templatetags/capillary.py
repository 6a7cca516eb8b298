"""Template tags: words of the content in the page's language, figures by its habits, and names of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.forms import CheckboxInput, Select
from django.utils.translation import gettext

from capillary.model.text import Message, Text
from capillary.web import engine
from capillary.web.core.language import language

if TYPE_CHECKING:
    from django.forms import BaseForm, BoundField

    from capillary.report.page import Words
    from capillary.web.access import Access
    from capillary.web.accounts.models import User

register = template.Library()


@register.filter
def say(words: Words | None) -> str:
    """Return a text of the content or a message of the engines in the page's language."""
    if isinstance(words, Text | Message):
        return words.in_(language())
    return "" if words is None else str(words)


@register.filter
def figure(value: float | None, places: int = 1) -> str:
    """Return a number with at most ``places`` decimals and its thousands apart, the same in both languages; a dash for none."""
    if value is None:
        return "–"
    rounded = round(float(value), places)
    whole = int(rounded)
    return f"{whole if rounded == whole else rounded:,}"


@register.simple_tag
def span(low: float | None, high: float | None) -> str:
    """Return an interval as "low–high", or one number where both ends are the same."""
    if low is None or high is None:
        return "–"
    return figure(low) if figure(low) == figure(high) else f"{figure(low)}–{figure(high)}"


@register.filter
def sector(code: str) -> str:
    """Return the name of a sector; the code itself where it is not known, a dash where there is none."""
    item = engine.library().sectors().get(code)
    return item.title.in_(language()) if item else code or "–"


@register.filter
def region(code: str) -> str:
    """Return the name of a region; the code itself where it is not known, a dash where there is none."""
    item = engine.library().regions().get(code)
    return item.title.in_(language()) if item else code or "–"


@register.filter
def scheme_title(scheme: str) -> str:
    """Return the name of a classification of industries; its id where it is not known."""
    files = engine.library().industries().files
    return next((file.title.in_(language()) for name, file in files.items() if name == scheme), scheme)


@register.filter
def standard_title(identifier: str) -> str:
    """Return the short title of a standard; its id where it is not installed."""
    found = engine.standards().get(identifier)
    return found.file.short_title.in_(language()) if found else identifier


@register.filter
def level_title(level: int | None, identifier: str) -> str:
    """Return the name of a level of a standard; a dash for none."""
    found = engine.standards().get(identifier)
    if level is None or found is None:
        return "–"
    return found.level_title(int(level)).in_(language())


@register.filter
def named(thing: object) -> str:
    """Return the name of an organisation or a programme in the page's language."""
    return str(thing.in_(language()))


@register.simple_tag
def person(who: User | None, role: str, access: Access) -> str:
    """Return the name of whoever did something; for a visitor who sees no people only what they were to the enterprise."""
    if access.sees_people and who is not None:
        return str(who)
    known = {
        "owner": gettext("the owner"),
        "colleague": gettext("a colleague"),
        "adviser": gettext("an adviser"),
        "assessor": gettext("an assessor"),
        "firm": gettext("the firm"),
    }
    return known.get(role, "–")


@register.filter
def only(form: BaseForm, names: str = "") -> list[BoundField]:
    """Return the named fields of a form in that order, or all of them."""
    return [form[name] for name in names.split()] if names else list(form)


@register.filter
def styled(field: BoundField) -> str:
    """Return a field's widget with the classes of the look, marked as wrong where it is."""
    widget = field.field.widget
    kind = (
        "form-check-input"
        if isinstance(widget, CheckboxInput)
        else "form-select"
        if isinstance(widget, Select)
        else "form-control"
    )
    marks: dict[str, str] = {"class": f"{kind} is-invalid" if field.errors else kind}
    if field.errors:
        marks |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}_error"}
    return field.as_widget(attrs=marks)
