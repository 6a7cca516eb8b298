"""How incentive programmes are found among everything."""

from __future__ import annotations

from django.urls import reverse

from capillary.incentives.words import KIND_WORDS as PROGRAMME_KINDS
from capillary.matching.search_content import programme_listed
from capillary.model.listed import KIND_WORDS
from capillary.model.text import Text
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import region
from capillary.web.find.registry import Catalogue, Part, fixed, part_of, register, words
from capillary.web.funding.rules import rules


def register_catalogue() -> None:
    """Register the incentive programmes."""
    register(
        Catalogue(
            kind="programme",
            one=KIND_WORDS["programme"],
            title=Text(zh="惠企项目", en="Money: programmes"),
            text=Text(
                zh="补助、贷款、称号和规模划型的规则，都带出处；登录后能按自己企业的情况判断。",
                en="Subsidies, loans, titles and size classes as rules, each with its source; judged for your own firm.",
            ),
            url=lambda: reverse("incentives"),
            link=lambda code: reverse("incentive", args=[code]),
            part=fixed(_programmes),
        )
    )


def _programmes() -> Part:
    known = rules().programmes
    return part_of(
        [programme_listed(item, words()) for item in known.values()],
        lambda name: [
            PROGRAMME_KINDS[known[name].kind].in_(language()),
            region(known[name].country),
            known[name].authority.in_(language()),
        ],
    )
