"""Incentive programmes that a plan can count with: what each pays a firm at each level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.incentives.evaluate import Evaluator
from capillary.incentives.firm import enterprise_facts, is_elsewhere
from capillary.incentives.plan import aid_by_level
from capillary.incentives.situation import read_situation
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.roadmap.goal import MOST_MONEY, Subsidy, Tier
from capillary.roadmap.quarters import last_day, moved
from capillary.scoring.program import compile_standard
from capillary.web import engine

if TYPE_CHECKING:
    from capillary.incentives.plan import ProgrammeAid
    from capillary.incentives.situation import Situation
    from capillary.model.programme import Programme
    from capillary.roadmap.quarters import Quarter
    from capillary.web.assessments.models import Assessment

PAYING = {"subsidy", "advice"}


def paying_programmes(assessment: Assessment) -> list[Programme]:
    """Return the programmes that may pay a firm by its level, by what is known of it."""
    rules = engine.rules()
    if rules.facts["level_after"].standard != assessment.standard:
        return []
    facts = _facts(assessment)
    evaluator = Evaluator(rules, _situation(assessment, facts, "CNY"))
    found = []
    for _, programme in sorted(rules.programmes.items()):
        if programme.kind not in PAYING or programme.currency is None:
            continue
        item = evaluator.of(programme)
        blocked = {judged.condition.id for judged in item.failed} - {"level"}
        if item.timing == "in-force" and not blocked and not is_elsewhere(item, facts):
            found.append(programme)
    return found


def subsidy_of(assessment: Assessment, name: str, first: Quarter, quarters: int, currency: str) -> Subsidy:
    """Return what a programme pays at each level, as a plan counts with it; conditions that are not known are taken as met.

    Raises:
        InputError: there is no such programme, or it pays nothing to this firm.
    """
    rules = engine.rules()
    programme = rules.programmes.get(name)
    if programme is None or programme.currency is None:
        paying = [item.id for item in rules.programmes.values() if item.kind in PAYING]
        cause = msg("There is no programme {word} that pays money.", word=name)
        raise InputError(
            [Problem("unknown-name", Place(path="programme"), cause, did_you_mean(name, paying))]
        )
    found = _aids(assessment, programme, first, quarters, currency)
    if found is None or not found.levels:
        cause = msg("{title} pays nothing to this enterprise today.", title=programme.title)
        raise InputError(
            [Problem("pays-nothing", Place(path="programme"), cause, msg("See why under “My money”."))]
        )
    low, *higher = (
        Tier(aid.level, int(aid.share * 100), MOST_MONEY if aid.cap is None else int(aid.cap), int(aid.bonus))
        for aid in found.levels
    )
    return Subsidy(
        low.percent,
        low.cap,
        low.level,
        programme.title,
        low.bonus,
        tuple(higher),
        categories=None if found.counted is None else found.counted.categories,
        counts=None if found.counted is None else found.counted.certainty,
    )


def _aids(
    assessment: Assessment, programme: Programme, first: Quarter, quarters: int, currency: str
) -> ProgrammeAid | None:
    standard = engine.standard_of(assessment)
    rules = engine.rules()
    if rules.facts["level_after"].standard != standard.id:
        return None
    facts = {"completed_on": last_day(moved(first, quarters - 1)), **_facts(assessment)}
    situation = _situation(assessment, facts, currency)
    return aid_by_level(rules, programme, situation, range(1, compile_standard(standard).top_level + 1))


def _facts(assessment: Assessment) -> dict[str, object]:
    library = engine.library()
    known = enterprise_facts(
        engine.enterprise_of(assessment.enterprise), library.regions().values(), library.sectors()
    )
    told = getattr(assessment.enterprise, "facts", None)
    found = {**known, **({} if told is None else told.facts)}
    return {name: value for name, value in found.items() if name in engine.rules().facts}


def _situation(assessment: Assessment, facts: dict[str, object], currency: str) -> Situation:
    told = getattr(assessment.enterprise, "facts", None)
    given = currency if told is None else told.currency
    return read_situation(facts, engine.rules(), on=timezone.localdate().isoformat(), aids=(), currency=given)
