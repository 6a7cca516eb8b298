"""Template tags of incentives: amounts, traces, and what facts and units are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.incentives.values import FIRST_DAY, LAST_DAY, Days, Keys, KeySet, Span, Truth
from capillary.incentives.words import KIND_WORDS, fact_title, money_words, spend_words, timing_words
from capillary.model.exact import tidy, to_fraction
from capillary.web.core.language import language
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from fractions import Fraction

    from django.utils.safestring import SafeString

    from capillary.incentives.evaluate import Entitlement, Money
    from capillary.incentives.reading import Step
    from capillary.incentives.values import Value
    from capillary.model.programme import Parameter, Programme, ProgrammeKind, Version
    from capillary.model.standard import Figure, Source

register = template.Library()
SUBJECTS = {
    "enterprise": gettext_lazy("The enterprise"),
    "assessment": gettext_lazy("The assessment"),
    "project": gettext_lazy("The project"),
    "aid": gettext_lazy("Earlier aid"),
    "provider": gettext_lazy("Providers of digital services"),
}
VERDICTS = {
    "entitled": gettext_lazy("entitled"),
    "unclear": gettext_lazy("cannot be told yet"),
    "not-entitled": gettext_lazy("not entitled"),
}
DEEPEST = 8


@register.filter
def money(given: Money) -> str:
    """Return an amount, or its range."""
    return money_words(given).in_(language())


@register.filter
def timing(item: Entitlement) -> str:
    """Return why no version judges; nothing where one does."""
    found = timing_words(item)
    return "" if found is None else found.in_(language())


@register.filter
def kind(name: ProgrammeKind) -> str:
    """Return what a kind of programme is called."""
    return KIND_WORDS[name].in_(language())


@register.filter
def fact(name: str) -> str:
    """Return what a fact is called."""
    return fact_title(name, rules()).in_(language())


@register.filter
def told(given: object, name: str) -> str:
    """Return the value of a fact, as a case writes it, in words."""
    titles = {choice.key: choice.title.in_(language()) for choice in rules().facts[name].choices}
    if isinstance(given, bool):
        return _("Yes") if given else _("No")
    if isinstance(given, list):
        return ", ".join(titles.get(key, key) for key in given) or _("none")
    unit = rules().facts[name].unit
    if unit in {"money", "ratio"} and not isinstance(given, dict):
        number = to_fraction(str(given))
        return _number(number * 100) + " %" if unit == "ratio" else _number(number)
    if isinstance(given, dict):
        ends = ["…" if given.get(end) is None else str(given[end]) for end in ("from", "to")]
        return " – ".join(ends)
    return titles.get(str(given), str(given))


@register.filter
def subject(name: str) -> str:
    """Return what a group of facts is called."""
    return str(SUBJECTS[name])


@register.filter
def verdict(name: str) -> str:
    """Return what a verdict is called."""
    return str(VERDICTS[name])


@register.filter
def class_names(item: Entitlement) -> str:
    """Return the classes that are possible."""
    names = {
        choice.key: choice.title.in_(language())
        for choice in rules().facts[item.programme.gives or ""].choices
    }
    return " / ".join(names[rule.key] for rule in item.classes)


@register.simple_tag
def source_of(programme: Programme, version: Version, figure: Figure) -> Source:
    """Return the document that a figure comes from."""
    return programme.source_of(version, figure)


@register.simple_tag
def spend(programme: Programme, version: Version) -> str:
    """Return which spend a programme counts; nothing where its amount depends on none."""
    found = spend_words(rules(), programme, version)
    return "" if found is None else found.in_(language())


@register.simple_tag
def doubted(programme: Programme, version: Version, figure: Figure) -> bool:
    """Whether a figure is unverified."""
    return programme.certainty_of(version, figure) == "unverified"


@register.filter
def table(parameter: Parameter) -> list[tuple[str, str]]:
    """Return the figures of a parameter, each with what it holds for."""
    if parameter.by is None:
        return [("", _figure(parameter, parameter.value))]
    if parameter.values:
        known = rules().facts.get(parameter.by)
        names = {} if known is None else {item.key: item.title.in_(language()) for item in known.choices}
        rows = [(names.get(key, key), _figure(parameter, value)) for key, value in parameter.values.items()]
        return (
            rows
            if parameter.otherwise is None
            else [*rows, (_("else"), _figure(parameter, parameter.otherwise))]
        )
    found = []
    for band in parameter.bands:
        if band.below is not None:
            when = _("below {end}").format(end=band.below)
        elif band.up_to is not None:
            when = _("up to {end}").format(end=band.up_to)
        else:
            when = _("else")
        found.append((when, _figure(parameter, band.value)))
    return found


def _figure(parameter: Parameter, value: object) -> str:
    if parameter.unit == "date":
        return str(value)
    number = to_fraction(value)
    return _number(number * 100) + " %" if parameter.unit == "ratio" else _number(number)


def _number(value: Fraction) -> str:
    shown = tidy(value)
    return f"{shown:,}" if isinstance(shown, int) else f"{shown:,.4f}".rstrip("0")


@register.filter
def trace(step: Step) -> SafeString:
    """Return a reading as a nested list: each step with its value, down to facts and parameters."""
    return _trace(step, 0)


def _trace(step: Step, depth: int) -> SafeString:
    title = fact(step.name) if step.op in {"fact", "class"} and step.name else step.text
    head = format_html("<code>{}</code> = <strong>{}</strong>", title, value(step.value))
    if not step.parts or depth >= DEEPEST:
        return head
    items = format_html_join("", "<li>{}</li>", ((_trace(part, depth + 1),) for part in step.parts))
    return format_html("{}<ul>{}</ul>", head, items)


@register.filter
def value(given: Value) -> str:  # noqa: PLR0911 - one for each kind
    """Return a value in words."""
    match given:
        case Truth():
            return _("cannot be told") if given.is_open else _("Yes") if given.yes else _("No")
        case Span(low, high):
            if not given.is_open and low is not None:
                return _number(low)
            ends = ["…" if end is None else _number(end) for end in (low, high)]
            return _("not known") if ends in (["0", "…"], ["…", "…"]) else f"{ends[0]} – {ends[1]}"
        case Days(low, high):
            if not given.is_open:
                return low
            return _("not known") if (low, high) == (FIRST_DAY, LAST_DAY) else f"{low} – {high}"
        case Keys(possible):
            return next(iter(possible)) if len(possible) == 1 else _("not known")
        case KeySet(keys):
            return _("not known") if keys is None else ", ".join(sorted(keys)) or _("none")
