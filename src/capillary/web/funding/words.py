"""What the answers of rules and the parts of a rule are called on officers' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from capillary.incentives.simulate import Move
from capillary.incentives.words import VERDICT_WORDS
from capillary.web.core.language import language
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from capillary.model.programme import Programme

MOVES = {
    Move.GAIN: _("Gain"),
    Move.MAY_GAIN: _("May gain"),
    Move.SAME: _("Stay the same"),
    Move.EITHER: _("More or less"),
    Move.MAY_LOSE: _("May lose"),
    Move.LOSE: _("Lose"),
}
CASE_WORDS = {
    "verdict": _("verdict"),
    "failed": _("failing conditions"),
    "missing": _("missing facts"),
    "amount": _("amount"),
    "most": _("amount at most"),
    "result": _("class"),
    "timing": _("in force or not"),
}
CERTAINTY = {"official": _("official"), "secondary": _("secondary"), "unverified": _("unverified")}


def state_words(programme: Programme, state: str) -> str:
    """Return what an answer is called: a verdict, or a class."""
    for verdict, words in VERDICT_WORDS.items():
        if verdict == state:
            return words.in_(language())
    choices = rules().facts[programme.gives or ""].choices
    return next((item.title.in_(language()) for item in choices if item.key == state), state)
