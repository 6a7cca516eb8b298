"""Template tags of places: what rules, facts and steps are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext_lazy

from capillary.web.core.language import language
from capillary.web.places import facts as words

if TYPE_CHECKING:
    from capillary.model.problems import Place
    from capillary.web.places.facts import Facts
    from capillary.web.places.models import Draw, Event, Offering, PlaceRequest

register = template.Library()
STEPS = {
    "prepare": gettext_lazy("Prepared"),
    "change": gettext_lazy("Changed"),
    "provider-add": gettext_lazy("Provider added"),
    "provider-remove": gettext_lazy("Provider taken out"),
    "providers-load": gettext_lazy("Providers taken from a file"),
    "open": gettext_lazy("Announced, with the promise about the seed"),
    "request": gettext_lazy("Asked for a place"),
    "request-change": gettext_lazy("Request changed"),
    "withdraw": gettext_lazy("Request withdrawn"),
    "close": gettext_lazy("Asking closed"),
    "draw": gettext_lazy("Drawn"),
    "exclude": gettext_lazy("Excluded"),
    "object": gettext_lazy("Objection to the exclusion"),
    "uphold": gettext_lazy("Objection answered: the exclusion stands"),
    "lift": gettext_lazy("Exclusion taken back"),
    "refuse": gettext_lazy("Confirmation refused"),
    "repeat": gettext_lazy("To be drawn once more, with a new promise about the seed"),
    "publish": gettext_lazy("Confirmed and published"),
    "accept": gettext_lazy("Place accepted"),
    "decline": gettext_lazy("Declined"),
    "expire": gettext_lazy("Not answered in time"),
    "move-up": gettext_lazy("Moved up"),
    "served": gettext_lazy("Served"),
    "absent": gettext_lazy("Did not come"),
    "erase": gettext_lazy("Enterprise erased"),
}
GOOD, BAD = {"offered", "accepted", "served"}, {"declined", "expired", "absent", "withdrawn", "excluded"}


@register.filter
def step(event: Event) -> str:
    """Return what a step is called."""
    return str(STEPS.get(event.act, event.act))


@register.filter
def rule_words(rule: str) -> str:
    """Return what a rule is called."""
    return words.rule_title(rule)


@register.filter
def tone(row: PlaceRequest) -> str:
    """Return how a status looks."""
    return "up" if row.state in GOOD else "late" if row.state in BAD else ""


@register.filter
def size_words(code: str) -> str:
    """Return what a size is called."""
    return str(words.VALUES.get(("size", code), gettext_lazy("not known")))


@register.simple_tag
def fact_rows(facts: Facts | PlaceRequest, offering: Offering) -> list[tuple[str, str, bool]]:
    """Return the facts of an enterprise with their names, and whether a rule of the offering looks at each."""
    columns = [rule.partition("=")[0] for rule in offering.rules]
    return [
        (str(words.COLUMNS[name]), words.shown(name, facts), name in columns)
        for name in ("served_before", "size", "level", "region")
    ]


@register.filter
def say_place(place: Place) -> str:
    """Return where in a file something stands, in the reader's language."""
    return place.in_(language())


@register.filter
def command(draw: Draw) -> str:
    """Return the command that makes a draw again."""
    code = draw.offering.code
    rules = "".join(f" --priority '{rule}'" for rule in draw.rules)
    return f"capillary allocate {code}-firms.csv {code}-providers.csv --seed {draw.seed}{rules}"
