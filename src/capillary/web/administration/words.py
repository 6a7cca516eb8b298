"""Changes between editions in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from capillary.model.exact import tidy
from capillary.model.text import Text
from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.diagnosis.editions import EditionChange, PartChange


@dataclass(frozen=True)
class Line:
    """One difference: of a question as a whole, or of a part of it."""

    question: str
    kind: str
    part: str
    before: str
    after: str
    scoring: bool


def lines_of(change: EditionChange) -> list[Line]:
    """Return the differences of the questions: new, dropped, then changed part by part."""
    lang = language()
    new = [
        Line(
            name, pgettext("edition", "new"), "", "", change.latest.by_id[name].title.in_(lang), scoring=True
        )
        for name in change.new
    ]
    dropped = [
        Line(
            name, pgettext("edition", "dropped"), "", change.old.by_id[name].title.in_(lang), "", scoring=True
        )
        for name in change.dropped
    ]
    changed = [
        Line(
            item.question,
            pgettext("edition", "changed"),
            part_title(part.part),
            shown(part.before),
            shown(part.after),
            scoring=part.effect == "scoring",
        )
        for item in change.changed
        for part in item.parts
    ]
    return [*new, *dropped, *changed]


def part_title(path: str) -> str:
    """Return the name of a part of a question, such as ``options.B.points``, in words."""
    words = {
        "kind": _("kind of question"),
        "dimension": _("dimension"),
        "title": _("title"),
        "text": _("question text"),
        "why": _("why we ask"),
        "example": _("example"),
        "points": _("points it can give"),
        "not_applicable": _("does not apply"),
        "evidence": _("evidence"),
        "inputs": _("inputs"),
        "options": _("options"),
        "levels": _("level"),
        "rows": _("row"),
        "scale": _("value"),
        "columns": _("column"),
        "above": _("lower end"),
        "up_to": _("upper end"),
        "capabilities": _("capabilities"),
        "true": _("yes"),
    }
    if path.startswith("options."):
        words["options"] = _("option")
    return " ".join(words.get(word, word) for word in path.split("."))


def shown(value: PartChange | object) -> str:
    """Return one side of a difference as text; a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, Text):
        return value.in_(language())
    if isinstance(value, Fraction):
        return str(tidy(value))
    if isinstance(value, tuple):
        return ", ".join(shown(item) for item in value)
    return re.sub(r"\s+", " ", str(value))
