"""What the rules of accreditations say of a provider: the facts that are known, told and found out, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.incentives.asked import facts_asked
from capillary.incentives.evaluate import Evaluator
from capillary.incentives.situation import read_situation
from capillary.matching.accreditation import provider_facts
from capillary.matching.accrediting import OFFICE_FACTS, Status
from capillary.model.problems import InputError
from capillary.model.text import msg
from capillary.web import engine
from capillary.web.accreditations.models import ProviderFacts
from capillary.web.core.refusals import RefusedError
from capillary.web.market.live import live
from capillary.web.market.services import provider_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.incentives.evaluate import Entitlement
    from capillary.model.programme import Programme
    from capillary.web.accreditations.models import AccreditationRequest
    from capillary.web.market.models import MarketProvider


class UnreadableError(RefusedError):
    """The rules of an accreditation are not in the content any more, or cannot be read with what was told."""


def programme_of(name: str) -> Programme:
    """Return the rules of an accreditation.

    Raises:
        UnreadableError: the content has them no longer.
    """
    found = engine.accreditations().programmes.get(name)
    if found is None:
        raise UnreadableError(
            msg(
                "The rules {name} are not in the content any more. An administrator can bring them back.",
                name=name,
            )
        )
    return found


def asked_of(name: str, day: str) -> tuple[str, ...]:
    """Return the facts that an accreditation asks for."""
    return facts_asked(engine.accreditations(), programme_of(name), day)


def to_tell(day: str) -> tuple[str, ...]:
    """Return the facts that a provider is asked for, over all accreditations, each once; not what an office finds out."""
    names = (name for programme in engine.accreditations().programmes for name in asked_of(programme, day))
    return tuple(dict.fromkeys(name for name in names if name not in OFFICE_FACTS))


def known_of(provider: MarketProvider) -> dict[str, object]:
    """Return what the market knows of a provider, over all sectors; which of them count is for the provider to tell."""
    return provider_facts(provider_of(provider), live().market, engine.library().sectors())


def told_by(provider: MarketProvider) -> dict[str, object]:
    """Return what a provider told."""
    row = ProviderFacts.objects.filter(provider=provider).first()
    return {} if row is None else {name: value for name, value in row.facts.items() if value is not None}


def facts_of(request: AccreditationRequest) -> dict[str, object]:
    """Return the facts that the rules read: what was handed in, or what is told now in a draft, and what the office found."""
    told = told_by(request.provider) if request.state == Status.DRAFT else request.facts
    return {**told, **{name: entry["value"] for name, entry in request.checked.items()}}


def judged(name: str, facts: Mapping[str, object], day: str) -> Entitlement:
    """Return what the rules of an accreditation say, with the trace of every condition.

    Raises:
        UnreadableError: the content has the rules no longer, or a fact has a value that they know no longer.
    """
    rules, programme = engine.accreditations(), programme_of(name)
    try:
        situation = read_situation(
            {fact: value for fact, value in facts.items() if fact in rules.facts}, rules, on=day
        )
    except InputError as error:
        first = error.problems[0]
        raise UnreadableError(
            msg(
                "The rules cannot be read with what was told: {cause} {remedy}",
                cause=first.cause,
                remedy=first.remedy,
            )
        ) from error
    return Evaluator(rules, situation).of(programme)


def judge(request: AccreditationRequest) -> Entitlement:
    """Return what the rules say of an application; those of the day of its submission, of today in a draft.

    Raises:
        UnreadableError: see `judged`.
    """
    day = (request.on or timezone.localdate()).isoformat()
    return judged(request.desk.programme, facts_of(request), day)
