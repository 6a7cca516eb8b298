"""What the tests of cooperation profiles share: small profiles, and worlds of them by lot."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from capillary.content.library import Library
from capillary.matching.partners import Known, LevelSpan, Overlap
from capillary.model.market import COOPERATION_PROFILES, PARTNERSHIPS, SIZE_CLASSES
from capillary.model.partner import LeastLevel, PartnerProfile, ProfileIndustry, Words
from capillary.model.place import Region
from capillary.model.text import Text

ON = "2026-11-28"
PLACES = ("CN", "CN-JS", "CN-ZJ", "ES", "DE", "KR")
CODES = (
    ProfileIndustry(scheme="gbt-4754", code="C33"),
    ProfileIndustry(scheme="gbt-4754", code="C34"),
    ProfileIndustry(scheme="nace-2", code="C25"),
    ProfileIndustry(scheme="nace-2", code="C28"),
    ProfileIndustry(scheme="nace-2", code="C"),
    ProfileIndustry(scheme="isic-4", code="J62"),
)
# a small crosswalk of the tests: unordered pairs, whole or in part
PAIRS = {
    frozenset({CODES[0], CODES[2]}): Overlap.PARTIAL,
    frozenset({CODES[1], CODES[3]}): Overlap.WHOLE,
    frozenset({CODES[2], CODES[4]}): Overlap.WHOLE,
    frozenset({CODES[3], CODES[4]}): Overlap.WHOLE,
    frozenset({CODES[0], CODES[4]}): Overlap.WHOLE,
}
TONGUES = ("zh", "en", "es", "de")


@cache
def regions() -> dict[str, Region]:
    return dict(Library().regions())


def related(first: ProfileIndustry, second: ProfileIndustry) -> Overlap:
    return Overlap.WHOLE if first == second else PAIRS.get(frozenset({first, second}), Overlap.NONE)


def known(**levels: dict[str, LevelSpan]) -> Known:
    return Known(regions(), related, {name.replace("_", "-"): spans for name, spans in levels.items()})


def profile(**parts: Any) -> PartnerProfile:
    given: dict[str, Any] = {
        "reference": "ES-BO-20261101-001",
        "kind": "business-offer",
        "title": Text(zh="轴承零件", en="Bearing parts"),
        "summary": Text(zh="小批量精密轴承零件", en="Precise bearing parts in small lots"),
        "description": Words(en="Turning and grinding of bearing parts."),
        "region": "ES",
        "size": "small",
        "industries": (CODES[2],),
        "partnerships": ("supply",),
        "languages": ("en", "es"),
        "valid_from": "2026-11-01",
        "valid_to": "2027-10-31",
    }
    return PartnerProfile(**(given | parts))


def _some(dice: Random, items: Any, most: int, least: int = 1) -> tuple[Any, ...]:
    return tuple(dice.sample(list(items), dice.randint(least, most)))


def profile_by_lot(dice: Random, number: int) -> PartnerProfile:
    least = LeastLevel(standard=dice.choice(["a", "b"]), level=dice.randint(0, 4))
    return profile(
        reference=f"ES-BO-20261101-{number:03}",
        kind=dice.choice(COOPERATION_PROFILES),
        region=dice.choice(PLACES),
        size=dice.choice(SIZE_CLASSES),
        industries=_some(dice, CODES, 2),
        partnerships=_some(dice, PARTNERSHIPS[:4], 3),
        partner_regions=_some(dice, PLACES, 2, 0),
        partner_sizes=_some(dice, SIZE_CLASSES, 3, 0),
        languages=_some(dice, TONGUES, 2),
        least=dice.choice([None, least]),
        valid_from=dice.choice(["2026-06-01", "2026-11-28", "2026-12-01"]),
        valid_to=dice.choice(["2026-11-27", "2026-11-28", "2027-03-01"]),
    )


def levels_by_lot(dice: Random) -> dict[str, LevelSpan]:
    found = {}
    for name in _some(dice, ["a", "b"], 2, 0):
        low = dice.randint(0, 4)
        found[name] = LevelSpan(low, dice.randint(low, 4))
    return found
