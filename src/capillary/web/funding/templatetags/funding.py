"""Template tags of incentives: amounts, traces, and what facts and units are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.incentives.population import CENTS, ENDLESS
from capillary.incentives.situation import UNIT_WORDS
from capillary.incentives.values import FIRST_DAY, LAST_DAY, Days, Keys, KeySet, Span, Truth
from capillary.incentives.words import KIND_WORDS, fact_title, money_words, spend_words, timing_words
from capillary.model.exact import tidy, to_fraction
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.funding.rules import rules
from capillary.web.funding.words import CASE_WORDS, CERTAINTY, MOVES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from django.utils.safestring import SafeString

    from capillary.incentives.cases import Tried
    from capillary.incentives.drafts import Difference, Slot
    from capillary.incentives.evaluate import Entitlement, Money
    from capillary.incentives.reading import Step
    from capillary.incentives.simulate import Move
    from capillary.incentives.values import Value
    from capillary.model.programme import Band, Parameter, Programme, ProgrammeKind, Version
    from capillary.model.standard import Figure, Source
    from capillary.web.programmes.dashboard import Cell

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
    found = engine.facts().get(name)
    return (fact_title(name, rules()) if found is None else found.title).in_(language())


@register.filter
def told(given: object, name: str) -> str:
    """Return the value of a fact, as a case writes it, in words."""
    titles = {choice.key: choice.title.in_(language()) for choice in engine.facts()[name].choices}
    if isinstance(given, bool):
        return _("Yes") if given else _("No")
    if isinstance(given, list):
        return ", ".join(titles.get(key, key) for key in given) or _("none")
    unit = engine.facts()[name].unit
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


@register.simple_tag
def certainty(programme: Programme, version: Version, figure: Figure) -> str:
    """Return how certain a figure is, in a word."""
    return str(CERTAINTY[programme.certainty_of(version, figure)])


@register.filter
def unit(name: str) -> str:
    """Return what a unit is called."""
    return UNIT_WORDS[name].in_(language())


@register.filter
def slot_title(slot: Slot) -> str:
    """Return what one figure of a table holds for; nothing where there is but one figure."""
    if slot.key is not None:
        return _key_title(slot.parameter, slot.key)
    if slot.band is not None:
        return _band_title(slot.band)
    return _("else") if slot.is_rest else ""


@register.filter
def move(name: Move) -> str:
    """Return what a change does to a firm, in words."""
    return str(MOVES[name])


@register.filter
def slug(name: Move) -> str:
    """Return how a change is named in style sheets and addresses."""
    return name.name.lower().replace("_", "-")


@register.simple_tag
def cell_words(cell: Cell) -> str:
    """Return a figure of a simulation, in groups of three as amounts are written elsewhere."""
    return _("held back") if cell.count is None else f"{cell.count:,}"


@register.filter
def grouped(number: int) -> str:
    """Return a whole number in groups of three."""
    return f"{number:,}".replace("-", "−")


@register.filter
def signed(number: int) -> str:
    """Return a difference with its sign."""
    return f"{number:+,}".replace("-", "−") if number else "0"


@register.simple_tag
def amounts(low: int, high: int | None, currency: str) -> str:
    """Return a range of hundredths as one amount where both ends are the same, else with both."""
    if high is not None and high >= ENDLESS:
        high = None
    ends = [None if end is None else _grouped(end) for end in (low, high)]
    if ends[0] == ends[1]:
        return f"{currency} {ends[0]}"
    return f"{currency} {ends[0]} – {ends[1] or '…'}"


def _grouped(cents: int) -> str:
    return f"{cents // CENTS:,}" if cents % CENTS == 0 else f"{cents / CENTS:,.2f}"


@register.filter
def got(item: Tried) -> str:
    """Return what a programme says in a case: verdict and amount, or class."""
    found = item.found
    if found is None:
        return ""
    if found.classes:
        return class_names(found)
    return f"{verdict(found.verdict)}: {money(found.money)}" if found.money else verdict(found.verdict)


@register.simple_tag
def expected(item: Tried, programme: Programme) -> str:
    """Return what a case says that a programme must say."""
    case = item.case
    if case.result is not None:
        return _key_named(programme.gives or "", case.result)
    amount = case.amount if case.amount is not None else case.most
    if amount is None:
        return verdict(case.verdict)
    words = _("up to {amount}") if case.amount is None else "{amount}"
    shown = words.format(amount=f"{programme.currency} {_number(to_fraction(amount))}")
    return f"{verdict(case.verdict)}: {shown}"


@register.filter
def case_word(word: str) -> str:
    """Return what a part of a case, or a verdict in it, is called; other words as they are."""
    return str(CASE_WORDS.get(word) or VERDICTS.get(word) or word)


@register.filter
def difference_title(item: Difference) -> str:
    """Return what two forms say differently: a version and a figure's title, or the path in the file."""
    if item.parameter is None:
        return " · ".join(word for word in item.path if word != "versions")
    _versions, version, _parameters, name, *rest = item.path
    title = name if item.parameter.title is None else item.parameter.title.in_(language())
    return " · ".join([version, title, *_place_words(item.parameter, rest)])


def _place_words(parameter: Parameter, rest: Sequence[str]) -> Iterator[str]:
    """Yield which figure of a parameter a path leads to."""
    match rest:
        case ["value"]:
            return
        case ["values", key]:
            yield _key_title(parameter, key)
        case ["otherwise"]:
            yield _("else")
        case ["bands", number, *more] if int(number) <= len(parameter.bands):
            yield _band_title(parameter.bands[int(number) - 1])
            yield from (word for word in more if word != "value")
        case _:
            yield from rest


@register.filter
def told_by(text: str | None, item: Difference) -> str:
    """Return a figure of a difference as people read it; other texts as they are."""
    if text is None:
        return _("nothing")
    is_value = item.parameter is not None and item.path[-1] not in {
        "unit",
        "by",
        "source",
        "certainty",
        "below",
        "up_to",
    }
    if not is_value or item.parameter is None or "title" in item.path or "note" in item.path:
        return text
    return _figure(item.parameter, text)


@register.filter
def table(parameter: Parameter) -> list[tuple[str, str]]:
    """Return the figures of a parameter, each with what it holds for."""
    if parameter.by is None:
        return [("", _figure(parameter, parameter.value))]
    if parameter.values:
        rows = [
            (_key_title(parameter, key), _figure(parameter, value)) for key, value in parameter.values.items()
        ]
        return (
            rows
            if parameter.otherwise is None
            else [*rows, (_("else"), _figure(parameter, parameter.otherwise))]
        )
    return [(_band_title(band), _figure(parameter, band.value)) for band in parameter.bands]


def _key_title(parameter: Parameter, key: str) -> str:
    return _key_named(parameter.by or "", key)


def _key_named(name: str, key: str) -> str:
    known = rules().facts.get(name)
    names = {} if known is None else {item.key: item.title.in_(language()) for item in known.choices}
    return names.get(key, key)


def _band_title(band: Band) -> str:
    if band.below is not None:
        return _("below {end}").format(end=band.below)
    if band.up_to is not None:
        return _("up to {end}").format(end=band.up_to)
    return _("else")


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
