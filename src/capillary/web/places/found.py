"""How offerings of places are found among everything."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from capillary.model.listed import ANYTHING, KIND_WORDS, Listed
from capillary.model.text import Text
from capillary.web.core.language import TAGS, language
from capillary.web.find.registry import Catalogue, Part, part_of, register, watched, words
from capillary.web.places.models import Offering, Provider
from capillary.web.places.selectors import announced

PLACE = "place"


def register_catalogue() -> None:
    """Register the offerings of places."""
    register(
        Catalogue(
            kind=PLACE,
            one=KIND_WORDS[PLACE],
            title=Text(zh="可申请的名额", en="Places to ask for"),
            text=Text(
                zh="免费诊断、培训席位、安全检查：名额有限，按公开的规则分配。",
                en="Free diagnosis visits, training seats, security checks: given out by rules that everybody can read.",
            ),
            url=lambda: reverse("offerings"),
            link=lambda code: reverse("offering", args=[UUID(code)]),
            part=watched(PLACE, _offerings, Offering, Provider),
        )
    )


def _offerings() -> Part:
    rows = {str(row.pk): row for row in announced().prefetch_related("providers")}

    def facts(code: str) -> list[str]:
        row = rows[code]
        day = formats.date_format(row.closes_on, "SHORT_DATE_FORMAT")
        said = (
            _("requests through {day}").format(day=day)
            if row.takes_requests()
            else _("takes no requests now")
        )
        return [row.get_kind_display(), row.organisation.in_(language()), said]

    return part_of([_listed(row) for row in rows.values()], facts)


def _listed(row: Offering) -> Listed:
    organisation = row.organisation
    regions = {item.region for item in row.providers.all()}
    return Listed(
        PLACE,
        str(row.pk),
        Text(zh=row.title_zh, en=row.title_en),
        Text(zh=row.words_zh, en=row.words_en),
        names=tuple(_kind(row, tag) for tag in TAGS.values()),
        more=(Text(zh=organisation.name_zh, en=organisation.name_en),),
        facets={
            "sector": (ANYTHING,),
            "size": (ANYTHING,),
            # a provider without a region serves all of them
            "region": (ANYTHING,) if "" in regions else words().inside(sorted(regions)),
        },
    )


def _kind(row: Offering, tag: str) -> str:
    with override(tag):
        return row.get_kind_display()
