"""Reads: what a firm is entitled to, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.incentives.evaluate import AIDS, MissingFact, entitlements, missing_facts
from capillary.incentives.firm import LEVEL_FACTS, enterprise_facts, is_elsewhere, level_facts
from capillary.incentives.situation import read_aids, read_situation
from capillary.incentives.spend import PREFIX, TOTAL, spend_facts
from capillary.incentives.together import best_together
from capillary.incentives.words import together_words
from capillary.roadmap.quarters import last_day, moved
from capillary.web import engine
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.rules import rules
from capillary.web.planning.models import Roadmap
from capillary.web.planning.wishes import wishes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.situation import Situation
    from capillary.model.text import Message
    from capillary.web.assessments.models import Assessment


@dataclass(frozen=True)
class Money:
    """The amounts of one currency, added up: what is certain, and what is possible at most (None: no upper end)."""

    currency: str
    certain: Decimal
    possible: Decimal | None


@dataclass(frozen=True)
class MoneyPage:
    """What the page of a firm's money shows.

    Attributes:
        notes: what cannot be had together.
        missing: what to tell next, the most worth first.
        elsewhere: programmes of other countries and cities.
        known: facts that count, by name: told here, or taken from the assessment.
    """

    situation: Situation
    entitled: Sequence[Entitlement]
    unclear: Sequence[Entitlement]
    refused: Sequence[Entitlement]
    elsewhere: Sequence[Entitlement]
    classes: Sequence[Entitlement]
    sums: Sequence[Money]
    notes: Sequence[Message]
    missing: Sequence[MissingFact]
    known: Mapping[str, object]


@dataclass(frozen=True)
class PlanChoice:
    """A plan of a roadmap that the page can look beyond."""

    value: str
    level: int
    done_by: str
    roadmap: Roadmap


def told_by(assessment: Assessment) -> FirmFacts:
    """Return what the firm told, or an empty row that is not saved."""
    found = FirmFacts.objects.filter(enterprise_id=assessment.enterprise_id).first()
    return found or FirmFacts(enterprise=assessment.enterprise)


def facts_of(assessment: Assessment, told: FirmFacts) -> dict[str, object]:
    """Return everything that is known of a firm: its assessment first, then what it told itself."""
    return {**assessed_facts(assessment), **told.facts}


def assessed_facts(assessment: Assessment) -> dict[str, object]:
    """Return what is known of a firm without asking: what it is, and what its answers show."""
    library = engine.library()
    firm = enterprise_facts(
        engine.enterprise_of(assessment.enterprise), library.regions().values(), library.sectors()
    )
    standard = engine.standard_of(assessment)
    return {**firm, **level_facts(standard, engine.sheet_of(assessment), rules())}


def plans_of(assessment: Assessment) -> list[PlanChoice]:
    """Return the plans of the latest roadmap that is ready."""
    row = (
        Roadmap.objects.filter(assessment=assessment, status=Roadmap.Status.READY)
        .defer("page", "book_zh", "book_en")
        .order_by("-made_at")
        .first()
    )
    if row is None:
        return []
    found = []
    for number, plan in enumerate(row.result.get("plans", [])):
        last = max((item["complete"] for item in plan["measures"]), default=1)
        done = last_day(moved((row.first_year, row.first_quarter), last - 1))
        found.append(PlanChoice(f"{row.pk}-{number}", plan["level"], done, row))
    return found


def after_plan(facts: Mapping[str, object], plan: PlanChoice, currency: str) -> dict[str, object]:
    """Return the facts as they will be once a plan is carried out: its level, its day, and what it spends by category.

    Where the firm told what it spends, that stands and the plan's spend does not; neither does it in another currency than that
    of the firm's facts.
    """
    number = int(plan.value.rpartition("-")[2])
    money = plan.roadmap.result["plans"][number]["money"]
    found = {**facts, "level_after": plan.level, "completed_on": plan.done_by}
    is_told = any(name.startswith(PREFIX) for name in facts)
    if is_told or wishes_of(plan.roadmap.wishes).currency != currency:
        return found
    spend = money.get("spend")  # roadmaps made before there were categories have none
    if spend is None:
        return {**found, TOTAL: money["one_off"]}
    return {**found, **spend_facts(rules(), spend)}


def money_page(assessment: Assessment, *, on: str | None = None, plan: PlanChoice | None = None) -> MoneyPage:
    """Return what a firm is entitled to on a day, or once a plan is carried out.

    Raises:
        InputError: a day does not exist, or a fact was told under rules that know it no longer.
    """
    told = told_by(assessment)
    facts = facts_of(assessment, told)
    if plan is not None:
        facts = after_plan(facts, plan, told.currency)
    known = {name: value for name, value in facts.items() if name in rules().facts}
    aids = None if told.aids is None else read_aids(told.aids)
    day = on or timezone.localdate().isoformat()
    situation = read_situation(known, rules(), on=day, aids=aids, currency=told.currency)
    found = entitlements(rules(), situation)
    here = [item for item in found if not is_elsewhere(item, known)]
    shown = [item for item in here if not item.classes]
    return MoneyPage(
        situation=situation,
        entitled=[item for item in shown if item.verdict == "entitled"],
        unclear=[item for item in shown if item.verdict == "unclear"],
        refused=[item for item in shown if item.verdict == "not-entitled"],
        elsewhere=[item for item in found if is_elsewhere(item, known)],
        classes=[item for item in here if item.classes],
        sums=_sums(shown),
        notes=list(together_words(best_together(rules(), here, told.currency), rules(), told.currency)),
        missing=missing_facts(here, rules(), told.currency),
        known=known,
    )


def _sums(found: Sequence[Entitlement]) -> list[Money]:
    sums: dict[str, tuple[Decimal, Decimal | None]] = {}
    for item in found:
        if item.money is None:
            continue
        low, high = sums.get(item.money.currency, (Decimal(0), Decimal(0)))
        more = None if high is None or item.money.high is None else high + item.money.high
        sums[item.money.currency] = (low + item.money.low, more)
    return [
        Money(currency, low, high) for currency, (low, high) in sorted(sums.items()) if high is None or high
    ]


def from_the_assessment(name: str) -> bool:
    """Whether a fact is taken from the assessment, so that it is not asked for here."""
    return name in LEVEL_FACTS or name in {AIDS, "evidence_grade"}
