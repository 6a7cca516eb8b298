"""What the vocabulary lets be found: standards and capabilities."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from capillary.matching.search_content import capability_listed, standard_listed
from capillary.model.listed import KIND_WORDS
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.find.registry import Catalogue, Part, fixed, part_of, register


def register_catalogues() -> None:
    """Register both."""
    register(
        Catalogue(
            kind="standard",
            one=KIND_WORDS["standard"],
            title=Text(zh="标准", en="Standards"),
            text=Text(
                zh="可以用来评自己水平的标准，答一次，各标准都算。",
                en="Standards by which a firm learns its level; one answer counts under all of them.",
            ),
            url=lambda: f"{reverse('start')}#standards",
            link=lambda code: f"{reverse('check-start')}?{urlencode({'standard': code})}",
            part=fixed(_standards),
        )
    )
    register(
        Catalogue(
            kind="capability",
            one=KIND_WORDS["capability"],
            title=Text(zh="能力项", en="Capabilities"),
            text=Text(
                zh="企业会做的事，一级一级往上；每一项都能看到哪些场景、措施、课程和服务能提高它。",
                en="What a firm can do, rung by rung, each with the scenarios, measures, courses and offers that raise it.",
            ),
            url=lambda: f"{reverse('find')}?what=capability",
            link=lambda code: f"{reverse('find')}?{urlencode({'capability': code})}",
            part=fixed(_capabilities),
        )
    )


def _standards() -> Part:
    standards = engine.standards()
    return part_of(
        [standard_listed(item) for item in standards.values()],
        lambda name: [standards[name].file.publisher.in_(language())],
    )


def _capabilities() -> Part:
    library = engine.library()
    areas = {item.id: item.title for item in library.areas()}
    known = library.capabilities()
    return part_of(
        [capability_listed(item) for item in known.values()],
        lambda name: [areas[known[name].area].in_(language())],
    )
