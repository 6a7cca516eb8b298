"""Writes of the result pages: links that show a result to others, and the figures about peers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from django.core.cache import caches
from django.db import transaction

from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Consent
from capillary.web.results.links import link_end, link_found, link_new
from capillary.web.results.models import PeerFigure, ShareLink
from capillary.web.results.peers import LEAST_PEERS, Group, groups_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from capillary.web.accounts.models import User

PEERS_ASKED = "peers-asked"
DAY = 24 * 3600


@transaction.atomic
def link_make(
    *, assessment: Assessment, by: User | None, days: int, show_answers: bool, identifier: UUID
) -> str | None:
    """Make a link that shows a result to anybody who has it.

    Args:
        assessment: whose result.
        by: who makes it.
        days: how long it works.
        show_answers: whether the answers are shown too.
        identifier: the link's id, chosen by the form.

    Returns:
        The link's secret, which is kept nowhere; None where this form has made its link already.
    """
    shows = {"assessment": assessment, "show_answers": show_answers}
    token = link_new(ShareLink, identifier=identifier, by=by, days=days, shows=shows)
    if token is not None:
        audit_write(
            by, "share-link-make", assessment.enterprise_id, f"assessment {assessment.pk} link {identifier}"
        )
    return token


@transaction.atomic
def link_withdraw(*, link: ShareLink, by: User | None) -> None:
    """Withdraw a link: from now on it shows nothing. A withdrawn one stays as it was."""
    if link_end(link):
        audit_write(by, "share-link-withdraw", link.assessment.enterprise_id, f"link {link.pk}")


@transaction.atomic
def link_open(*, token: str, by: User | None) -> ShareLink | None:
    """Return the link of a secret and note that it was opened; None where it does not work, or does no longer."""
    rows = ShareLink.objects.select_related("assessment__enterprise")
    link = link_found(rows.filter(assessment__enterprise__erased_at=None), token)
    if link is None:
        return None
    AuditEntry.objects.create(
        user=by,
        kind=AuditEntry.Kind.READ,
        action="share-link-open",
        enterprise=link.assessment.enterprise_id,
        subject=f"link {link.pk}",
        role="link",
    )
    return link


@dataclass
class _Tally:
    """What is counted of one group."""

    scores: list[float] = field(default_factory=list)
    levels: Counter[int] = field(default_factory=Counter)


def peers_refresh() -> int:
    """Make the figures about peers anew and return how many groups are large enough.

    Counted is the latest closed assessment under each standard of every enterprise that agreed to be counted, with the score
    and the level that its answers prove: an open question counts as nothing.
    """
    tallies: dict[tuple[str, Group], _Tally] = defaultdict(_Tally)
    for standard, sector, employees, region, score, level in _counted():
        for group in groups_of(sector, employees, region):
            tally = tallies[standard, group]
            tally.scores.append(score)
            if level is not None:
                tally.levels[level] += 1
    figures = [
        _figure(standard, group, tally)
        for (standard, group), tally in tallies.items()
        if len(tally.scores) >= LEAST_PEERS
    ]
    with transaction.atomic():
        PeerFigure.objects.all().delete()
        PeerFigure.objects.bulk_create(figures, batch_size=500)
    return len(figures)


def _counted() -> Iterator[tuple[str, str, int | None, str, float, int | None]]:
    """Yield the last closed assessment of every enterprise that agreed, under each standard that is installed."""
    rows = (
        Assessment.objects.filter(
            standard__in=engine.standards(),
            status__in=(Assessment.Status.COMPLETED, Assessment.Status.SIGNED),
            score_low__isnull=False,
            enterprise__erased_at=None,
            enterprise__consents__purpose=Consent.Purpose.BENCHMARK,
            enterprise__consents__withdrawn_at=None,
        )
        .order_by("enterprise_id", "standard", "-number")
        .values_list(
            "enterprise_id",
            "standard",
            "enterprise__sector",
            "enterprise__employees",
            "enterprise__region",
            "score_low",
            "level_low",
        )
    )
    last = None
    for enterprise, standard, *rest in rows.iterator(chunk_size=5000):
        if (enterprise, standard) != last:
            last = enterprise, standard
            yield standard, *rest


def _figure(standard: str, group: Group, tally: _Tally) -> PeerFigure:
    lower, median, upper = np.quantile(tally.scores, [0.25, 0.5, 0.75])
    return PeerFigure(
        standard=standard,
        sector=group.sector,
        size=group.size,
        region=group.region,
        enterprises=len(tally.scores),
        lower=float(lower),
        median=float(median),
        upper=float(upper),
        levels={str(level): count for level, count in sorted(tally.levels.items())},
    )


def peers_keep_fresh() -> None:
    """Have the figures about peers made anew in the background, where nobody asked for that today."""
    from capillary.web.results.tasks import refresh_peers

    if caches["process"].add(PEERS_ASKED, 1, DAY // 24) and caches["default"].add(PEERS_ASKED, 1, DAY):
        refresh_peers.enqueue()
