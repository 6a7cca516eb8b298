"""What a confirmed delivery raises: the answers that its measures make better, with the delivery as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from capillary.web import engine
from capillary.web.assessments.services import Author, Change, answers_change
from capillary.web.evidence.models import Evidence
from capillary.web.evidence.services import evidence_add
from capillary.web.market.services import offer_of
from capillary.web.projects.services import assessment_to_write, latest_of, origin_of, raised_by

if TYPE_CHECKING:
    from capillary.web.accounts.models import User
    from capillary.web.assessments.models import Assessment
    from capillary.web.matches.models import Match
    from capillary.web.projects.services import Raised


def delivered_measures(match: Match) -> list[str]:
    """Return the measures that the firm wanted and the offer delivers."""
    offered = set(offer_of(match.offer).measures)
    return [name for name in match.need.measures if name in offered]


def would_raise(match: Match) -> list[Raised]:
    """Return the answers of the latest assessment that the delivery makes better, each once."""
    if match.need.assessment is None:
        return []
    latest = latest_of(match.need.enterprise, match.need.assessment.standard)
    return [] if latest is None else _raised(latest, match)


def _raised(assessment: Assessment, match: Match) -> list[Raised]:
    found: dict[str, Raised] = {}
    for name in delivered_measures(match):
        for item in raised_by(assessment, name):
            found.setdefault(item.question.id, item)
    return list(found.values())


@transaction.atomic
def profile_raise(*, match: Match, by: User, role: str) -> tuple[Assessment | None, list[Raised]]:
    """Make the answers better that a confirmed delivery makes better, measure by measure, with a note that says where from.

    Where the latest assessment is closed the next one begins with its answers, so that what was once assessed stays as it was.

    Args:
        match: one whose delivery is confirmed.
        by: who writes.
        role: what the writer is to the enterprise.

    Returns:
        The assessment that was written to, and what was raised; an item without a value has to be answered by the person.

    Raises:
        BadAnswerError: an answer does not fit the standard any more.
    """
    if match.need.assessment is None:
        return None, []
    author = Author(by, origin_of(role))
    assessment = assessment_to_write(match.need.enterprise, match.need.assessment.standard, author)
    raised: dict[str, Raised] = {}
    for name in delivered_measures(match):
        found = raised_by(assessment, name)
        title = engine.library().measures().measures[name].title.zh
        changes = [
            Change(item.question.id, item.value, f"{title} ({name})")
            for item in found
            if item.value is not None
        ]
        if changes:
            assessment = answers_change(assessment=assessment, changes=changes, author=author)
        raised |= {item.question.id: item for item in found}
    for item in raised.values():
        if item.value is not None:
            evidence_add(
                assessment=assessment,
                question=item.question.id,
                values={"kind": Evidence.Kind.NOTE, "text": _note(match)},
                by=by,
                role=author.origin.value,
            )
    return assessment, list(raised.values())


def _note(match: Match) -> str:
    return f"{match.need.reference} · {match.offer_code} · {match.contract_on} → {match.delivered_on}"
