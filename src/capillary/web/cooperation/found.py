"""How cooperation profiles are found among everything: by what everybody reads of them, never by whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from capillary.matching.search_documents import PROFILE_WORDS
from capillary.model.listed import ANYTHING, KIND_WORDS, Listed
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.cooperation.models import CooperationProfile
from capillary.web.cooperation.selectors import standing
from capillary.web.cooperation.templatetags.cooperation import profile_called
from capillary.web.core.language import language
from capillary.web.find.registry import Catalogue, Part, part_of, register, watched, words

if TYPE_CHECKING:
    from capillary.model.partner import PartnerProfile

PARTNER = "partner"


def register_catalogue() -> None:
    """Register the profiles that stand."""
    register(
        Catalogue(
            kind=PARTNER,
            one=KIND_WORDS[PARTNER],
            title=Text(zh="国内外合作伙伴", en="Partners at home and abroad"),
            text=Text(
                zh="企业不具名地写明要找什么样的合作伙伴；双方都同意后才公开名称。",
                en="Firms say, without a name, what partner they seek; names are shown once both have agreed.",
            ),
            url=lambda: reverse("partners"),
            link=lambda code: reverse("partner", args=[code]),
            part=watched(PARTNER, _partners, CooperationProfile),
        )
    )


def _partners() -> Part:
    shown = {row.reference: row.shown for row in standing(timezone.localdate())}

    def facts(code: str) -> list[str]:
        profile = shown[code]
        return [PROFILE_WORDS[profile.kind].in_(language()), profile_called(profile.region, "region")]

    return part_of([_listed(profile) for profile in shown.values()], facts)


def _listed(profile: PartnerProfile) -> Listed:
    industries = engine.library().industries()
    sectors = {name for item in profile.industries for name in industries.sectors_of(item.scheme, item.code)}
    kind = PROFILE_WORDS[profile.kind]
    return Listed(
        PARTNER,
        profile.reference,
        profile.title,
        profile.summary,
        names=(profile.reference, kind.zh, kind.en),
        more=tuple(Text(zh=item.zh, en=item.en) for item in (profile.description, profile.strengths)),
        facets={
            "sector": tuple(sorted(sectors)),
            "size": profile.partner_sizes or (ANYTHING,),
            "region": words().inside(profile.partner_regions),
            "language": profile.languages,
        },
    )
