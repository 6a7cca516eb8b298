"""Takes facts from what a firm told already: its answer sheet, its score, and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.sheet import GRADES
from capillary.scoring.evaluate import score_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.rules import Rules
    from capillary.model.place import Region, Sector
    from capillary.model.sheet import AnswerSheet, Enterprise, Grade
    from capillary.model.standard import Standard

COUNTRIES = {"CN": "cn", "DE": "de", "ES": "es", "KR": "kr", "SG": "sg"}
EU_KEYS = frozenset({"de", "es", "other-eu"})
EU = frozenset(
    code
    for line in ("AT BE BG CY CZ DK EE FI FR GR HR HU IE", "IT LT LU LV MT NL PL PT RO SE SI SK")
    for code in line.split()
)
# GB/T 4754: mining, manufacturing, energy and water are one industry of the standard
INDUSTRY_SECTIONS = frozenset(
    "BCD"
)  # GB/T 4754: mining, manufacturing, energy and water are one industry of the standard
_BY_SECTION = {"A": "agriculture", "E": "construction", "H": "lodging"}
_BY_DIVISION = {
    "F51": "wholesale",
    "F52": "retail",
    "G54": "transport",
    "G55": "transport",
    "G56": "transport",
    "G57": "transport",
    "G58": "transport",
    "G59": "warehousing",
    "G60": "post",
    "H61": "lodging",
    "H62": "catering",
    "I63": "information-transmission",
    "I64": "information-transmission",
    "I65": "software",
    "L71": "leasing-business-services",
    "L72": "leasing-business-services",
}
PLACE = frozenset({"country", "city"})  # the conditions that say where a programme holds
LEVEL_FACTS = ("level_before", "level_after")


def enterprise_facts(
    enterprise: Enterprise, regions: Iterable[Region], sectors: Mapping[str, Sector]
) -> dict[str, object]:
    """Return what a sheet says of an enterprise, as facts.

    Args:
        enterprise: whose sector is one of the vocabulary or a code of GB/T 4754, and whose region a code or a title.
        regions: the regions that titles are looked up in.
        sectors: the vocabulary.
    """
    found: dict[str, object] = {}
    if enterprise.employees is not None:
        found["employees"] = round(enterprise.employees)
    if enterprise.revenue is not None:
        found["turnover"] = str(enterprise.revenue)
    country = country_of(enterprise.region, regions)
    if country is not None:
        found["country"] = country
    industry = industry_of(enterprise.sector, sectors)
    if industry is not None:
        found["industry_cn"] = industry
    return found


def country_of(region: str | None, regions: Iterable[Region]) -> str | None:
    """Return the country of a region: a code of ISO 3166, or a title in either language, whole or its beginning.

    >>> country_of("ES-MD", [])
    'es'
    """
    if not region:
        return None
    code = region.upper().split("-")[0]
    if len(code) != 2 or not code.isascii():
        titled = (
            item.country
            for item in regions
            if any(title.casefold().startswith(region.casefold()) for title in (item.title.zh, item.title.en))
        )
        code = next(titled, "")
    if code in EU:
        return "other-eu"
    return COUNTRIES.get(code, "other") if code else None


def industry_of(sector: str | None, sectors: Mapping[str, Sector]) -> str | None:
    """Return the industry of China's size standard that a sector belongs to; None where it does not tell.

    >>> industry_of("C33", {}), industry_of("F52", {}), industry_of("machinery", {})
    ('industry', 'retail', None)
    """
    if sector and sector in sectors:
        found = {industry_of(code, {}) for code in sectors[sector].gbt}
        return found.pop() if len(found) == 1 else None
    if not sector or not sector[0].isascii() or not sector[0].isupper() or not (sector + "0")[1:].isdigit():
        return None
    if sector[0] in INDUSTRY_SECTIONS:
        return "industry"
    return _BY_DIVISION.get(sector[:3]) or _BY_SECTION.get(sector)


def level_facts(standard: Standard, sheet: AnswerSheet, rules: Rules) -> dict[str, object]:
    """Return the level that answers show, before and after a project alike: a later level is for a plan to say.

    Returns:
        Nothing where the standard is not the one whose levels rules mean; else the level, as a range where answers are missing,
        and the grade of evidence.
    """
    level = score_sheet(standard, sheet).level
    if level is None:
        return {}
    return known_level(standard.id, int(level.low), int(level.high), weakest_grade(sheet), rules)


def known_level(standard: str, low: int, high: int, grade: Grade, rules: Rules) -> dict[str, object]:
    """Return a level that was worked out before, as `level_facts` would.

    Args:
        standard: of which it is a level.
        low: the lowest level that is possible.
        high: the highest one.
        grade: of its evidence, see `weakest_of`.
        rules: that say of which standard their levels are.
    """
    wanted = [name for name in LEVEL_FACTS if name in rules.facts and rules.facts[name].standard == standard]
    if not wanted:
        return {}
    given: object = low if low == high else {"from": low, "to": high}
    return {**dict.fromkeys(wanted, given), "evidence_grade": grade}


def weakest_grade(sheet: AnswerSheet) -> Grade:
    """Return the grade that the whole level has: that of its weakest answer; an answer without evidence is declared."""
    return weakest_of(sheet.answers, sheet.evidence)


def weakest_of(answers: Iterable[str], evidence: Mapping[str, Grade]) -> Grade:
    """Return the weakest grade of evidence among answers; an answer without evidence is declared."""
    found = (evidence.get(name, GRADES[0]) for name in answers)
    return min(found, key=GRADES.index, default=GRADES[0])


def is_elsewhere(item: Entitlement, facts: Mapping[str, object]) -> bool:
    """Whether a programme is for another country or city than the firm's, or may be and refuses the firm anyway.

    Args:
        item: what the programme says.
        facts: what is known of the firm, as `read_situation` takes it.
    """
    if any(judged.condition.id in PLACE for judged in item.failed):
        return True
    if item.verdict == "not-entitled" and any(judged.condition.id in PLACE for judged in item.undecided):
        return True
    country = facts.get("country")
    if country is None:
        return False
    if item.programme.country == "EU":
        return country not in EU_KEYS
    return COUNTRIES.get(item.programme.country) != country
