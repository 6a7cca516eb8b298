"""The enterprises of a programme as a population for simulations: what its officers see of each, and no more.

What a firm told under *My money* is its own. It counts here only while the firm agrees to that (`Consent.Purpose.INCENTIVES`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.incentives.firm import enterprise_facts, known_level, weakest_of
from capillary.incentives.simulate import Firm
from capillary.incentives.situation import read_aids
from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import visible_enrolments
from capillary.web.enterprises.models import Consent
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.rules import rules
from capillary.web.programmes.models import Enrolment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from capillary.model.programme import Aid
    from capillary.web.programmes.models import Programme

CHUNK = 2_000
COLUMNS = ("assessment__standard", "assessment__level_low", "assessment__level_high", "assessment__grades")
FACTS = ("enterprise__name", "enterprise__sector", "enterprise__region", "enterprise__employees")


@dataclass(frozen=True)
class Crowd:
    """The population.

    Attributes:
        enrolments: the number of each enterprise's enrolment.
        firms: what is known of each, in the same order.
        told: the enrolments of those of whom counts what they told themselves.
    """

    enrolments: list[int]
    firms: list[Firm]
    told: list[int]


def visible(programme: Programme) -> Any:
    """Return the enrolments of a programme that its officers see."""
    return Enrolment.objects.filter(visible_enrolments(), programme=programme)


def crowd_of(programme: Programme) -> Crowd:
    """Return the enterprises of a programme with what may count of each: itself, its last assessment, what it told."""
    told = _told(programme)
    library = engine.library()
    regions, sectors = list(library.regions().values()), library.sectors()
    rows = (
        visible(programme)
        .select_related("enterprise", "assessment")
        .only(*FACTS, *COLUMNS, "assessment__answers")
        .order_by("pk")
    )
    found = Crowd([], [], [])
    for row in rows.iterator(chunk_size=CHUNK):
        facts = enterprise_facts(engine.enterprise_of(row.enterprise), regions, sectors)
        facts |= _level(row)
        own = told.get(row.enterprise_id)
        found.enrolments.append(row.pk)
        if own is None:
            found.firms.append(Firm(facts))
            continue
        found.told.append(row.pk)
        found.firms.append(Firm({**facts, **own.facts}, _aids(own), own.currency))
    return found


def agreed() -> Any:
    """Return the enterprises that agree that what they told counts."""
    return Consent.objects.filter(purpose=Consent.Purpose.INCENTIVES, withdrawn_at=None).values("enterprise")


def _told(programme: Programme) -> Mapping[UUID, FirmFacts]:
    rows = FirmFacts.objects.filter(
        enterprise__in=visible(programme).values("enterprise"), enterprise_id__in=agreed()
    )
    return {row.enterprise_id: row for row in rows}


def _level(row: Enrolment) -> dict[str, object]:
    done = row.assessment
    if done is None or done.level_low is None or done.level_high is None:
        return {}
    grade = weakest_of(done.answers, done.grades)
    return known_level(done.standard, done.level_low, done.level_high, grade, rules())


def _aids(told: FirmFacts) -> tuple[Aid, ...] | None:
    try:
        return None if told.aids is None else read_aids(told.aids)
    except InputError:  # kept by another version of the product
        return None
