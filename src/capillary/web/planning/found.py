"""How measures are found among everything."""

from __future__ import annotations

from django.urls import reverse

from capillary.matching.search_content import measure_listed
from capillary.model.listed import KIND_WORDS
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.find.registry import Catalogue, Part, fixed, register, words
from capillary.web.planning.catalogue import in_short, measure_index

MEASURE = "measure"


def register_catalogue() -> None:
    """Register the measures."""
    register(
        Catalogue(
            kind=MEASURE,
            one=KIND_WORDS[MEASURE],
            title=Text(zh="措施", en="Measures"),
            text=Text(
                zh="一步能做的事，从共享表格到机器视觉：要多少钱、多久、带来什么、先要有什么。",
                en="Single steps, from a shared spreadsheet to machine vision: money, time, what each brings and needs.",
            ),
            url=lambda: reverse("measures"),
            link=lambda code: reverse("measure", args=[code]),
            part=fixed(_measures),
        )
    )


def _measures() -> Part:
    known = engine.library().measures().measures
    entries = {name: measure_listed(item, words()) for name, item in known.items()}
    return Part(measure_index(), entries.get, lambda name: in_short(known[name]))
