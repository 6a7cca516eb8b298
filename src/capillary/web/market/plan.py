"""What the market has for an assessment's plan: ranked offers with reasons, what was ruled out, and bundles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from capillary.matching.bundle import bundles
from capillary.matching.need import Aid, Need, places_of, still_useful, wanted_of
from capillary.matching.rank import rank
from capillary.matching.words import DEMAND_WORDS, clash_words, reasons, why_not
from capillary.roadmap.firm import firm_of, sections_of
from capillary.roadmap.quarters import last_day, moved
from capillary.scoring.solver import Limits
from capillary.web import engine
from capillary.web.market.bonds import bonds_around
from capillary.web.market.live import live
from capillary.web.market.templatetags.market import called
from capillary.web.planning.models import Roadmap
from capillary.web.planning.wishes import Wishes, wishes_of
from capillary.web.rates.current import rates_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.matching.bundle import Bundles
    from capillary.matching.rank import Match, Ranking
    from capillary.model.text import Message
    from capillary.web.assessments.models import Assessment

SECONDS = 2.0
MOST_RULED_OUT = 40


@dataclass(frozen=True)
class Plan:
    """The measures of a plan, each with the last day of the quarter in which it begins.

    Attributes:
        roadmap: where it comes from; None where there is none, and the measures are those that the profile is ready for.
        number: which plan of the roadmap.
        count: how many plans the roadmap has.
    """

    wanted: Mapping[str, str | None]
    roadmap: Roadmap | None = None
    number: int = 0
    count: int = 0


@dataclass(frozen=True)
class Dropped:
    """A demand, how many offers fail it, and how many more would pass without it."""

    words: Message
    fails: int
    without: int


@dataclass(frozen=True)
class PlanOffers:
    """What the page shows."""

    plan: Plan
    need: Need
    ranking: Ranking
    clash: Sequence[Message]
    dropped: Sequence[Dropped]
    bundles: Bundles | None

    def reasons(self, match: Match) -> list[Message]:
        """Return why an offer stands where it stands."""
        return reasons(match, self.need, _called)

    @property
    def ruled_out(self) -> list[tuple[Any, list[Message]]]:
        """The first of the offers that were ruled out although they deliver a wanted measure, each with why."""
        near = [item for item in self.ranking.ruled_out if "measures" not in item.failed]
        near.sort(key=lambda item: (len(item.failed), item.offer.id))
        return [(item.offer, why_not(item, self.need, _called)) for item in near[:MOST_RULED_OUT]]


def _called(what: str, name: str) -> str:
    return called(name, what)


def plan_of(assessment: Assessment, number: int, levels: Mapping[str, int]) -> Plan:
    """Return a plan of the latest roadmap, or what the profile is ready for where there is none."""
    row = (
        Roadmap.objects.filter(assessment=assessment, status=Roadmap.Status.READY)
        .defer("page", "book_zh", "book_en")
        .order_by("-made_at")
        .first()
    )
    plans = [] if row is None else row.result.get("plans", [])
    if row is None or not plans:
        return Plan(wanted_of(levels, engine.library().measures().measures))
    number = number if 0 <= number < len(plans) else 0
    wanted = {
        item["id"]: last_day(moved(row.first, item["begins"] - 1))
        for item in plans[number]["measures"]
        if not item["contracted"]
    }
    # what was done since the roadmap was made needs no offer
    return Plan(still_useful(wanted, levels, engine.library().measures().measures), row, number, len(plans))


def plan_offers(
    assessment: Assessment, asked: Mapping[str, Any], *, number: int = 0, bundled: bool = False
) -> PlanOffers:
    """Return what the market has for an assessment.

    Args:
        assessment: whose profile and plan are meant.
        asked: demands by the names of `capillary.web.market.forms.DemandForm`.
        number: which plan of the roadmap.
        bundled: whether bundles are wanted.

    Raises:
        InputError: the standard is not installed any more.
    """
    library = engine.library()
    sector = assessment.enterprise.sector or None
    wishes = Wishes(by="")
    firm = firm_of(
        engine.standard_of(assessment),
        engine.sheet_of(assessment),
        library.capabilities(),
        library.assumptions(),
        sections=sections_of(sector, library.sectors()),
    )
    plan = plan_of(assessment, number, firm.levels)
    users, machines = firm.size.users, firm.size.machines
    if plan.roadmap is not None:
        wishes = wishes_of(plan.roadmap.wishes)
        users = users if wishes.users is None else wishes.users
        machines = machines if wishes.machines is None else wishes.machines
    share = asked.get("aid_percent")
    need = Need(
        on=timezone.localdate().isoformat(),
        wanted=plan.wanted,
        places=places_of(assessment.enterprise.region or None, library.regions()),
        sector=sector,
        employees=assessment.enterprise.employees,
        users=users,
        machines=machines,
        languages=frozenset([asked["language"]] if asked.get("language") else []),
        kinds=frozenset([asked["kind"]] if asked.get("kind") else []),
        budget=asked.get("budget"),
        currency=wishes.currency,
        aid=Aid(round(share * 100), asked.get("aid_cap")) if share else None,
        start_by=asked["start_by"].isoformat() if asked.get("start_by") else None,
        accreditation=asked.get("accreditation") or None,
        bonds=bonds_around(assessment.enterprise_id),
    )
    rates = rates_today()
    market = live().market
    ranking = rank(need, market, rates)
    fails = {name: sum(name in item.failed for item in ranking.ruled_out) for name in DEMAND_WORDS}
    return PlanOffers(
        plan,
        need,
        ranking,
        clash_words(ranking),
        [
            Dropped(words, fails[name], ranking.without(name))
            for name, words in DEMAND_WORDS.items()
            if fails[name]
        ],
        bundles(need, market, rates, limits=Limits(seconds=SECONDS)) if bundled and need.wanted else None,
    )
