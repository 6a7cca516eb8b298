"""How scenarios are found among everything."""

from __future__ import annotations

from django.urls import reverse

from capillary.matching.search_content import scenario_listed
from capillary.model.listed import KIND_WORDS
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.find.registry import Catalogue, Part, fixed, part_of, register, words
from capillary.web.scenarios.selectors import measures_words, sizes_words


def register_catalogue() -> None:
    """Register the scenarios."""
    register(
        Catalogue(
            kind="scenario",
            one=KIND_WORDS["scenario"],
            title=Text(zh="应用场景", en="Scenarios"),
            text=Text(
                zh="老板们认得的问题：怎么解决、花多少、哪里容易出错、照着做的清单。",
                en="Problems that owners know: what solves them, what it costs, what goes wrong, a checklist to copy.",
            ),
            url=lambda: reverse("scenarios"),
            link=lambda code: reverse("scenario", args=[code]),
            part=fixed(_scenarios),
        )
    )


def _scenarios() -> Part:
    known = engine.library().scenarios().scenarios
    return part_of(
        [scenario_listed(item, words()) for item in known.values()],
        lambda name: [sizes_words(known[name]), measures_words(known[name])],
    )
