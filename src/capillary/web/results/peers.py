"""Groups of peers: who belongs together, and the figures of the narrowest group that is large enough to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from capillary.web.results.models import PeerFigure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from capillary.web.assessments.models import Assessment

# Fewer are never counted together: a figure about a handful tells about each of them.
LEAST_PEERS = 10
# The first head count of each class.
SIZES = {"1-9": 1, "10-49": 10, "50-249": 50, "250+": 250}


@dataclass(frozen=True)
class Group:
    """What the members of a group share; empty where it does not matter."""

    sector: str = ""
    size: str = ""
    region: str = ""


def size_class(employees: int | None) -> str:
    """Return the size class of a head count; empty where that is not known.

    >>> size_class(9), size_class(10), size_class(5000), size_class(None)
    ('1-9', '10-49', '250+', '')
    """
    if employees is None:
        return ""
    return next((name for name, least in reversed(SIZES.items()) if employees >= least), "")


def groups_of(sector: str, employees: int | None, region: str) -> Iterator[Group]:
    """Yield the groups that an enterprise belongs to, the narrowest first.

    >>> [group.region for group in groups_of("machinery", 12, "CN-JS")]
    ['CN-JS', '', 'CN-JS', '', '']
    >>> list(groups_of("", None, "CN-JS"))
    [Group(sector='', size='', region='')]
    """
    size = size_class(employees)
    if sector and size and region:
        yield Group(sector, size, region)
    if sector and size:
        yield Group(sector, size)
    if sector and region:
        yield Group(sector, region=region)
    if sector:
        yield Group(sector)
    yield Group()


@dataclass(frozen=True)
class LevelShare:
    """How many percent of a group are on one level, and whether the enterprise itself is or may be on it."""

    level: int
    percent: int
    own: bool


@dataclass(frozen=True)
class OwnPeers:
    """The figures of the narrowest group of this installation's enterprises that may be shown.

    Attributes:
        narrowest: whether no narrower group was too small.
    """

    group: Group
    narrowest: bool
    enterprises: int
    lower: float
    median: float
    upper: float
    levels: tuple[LevelShare, ...]
    made_at: datetime


def peers_of(assessment: Assessment) -> OwnPeers | None:
    """Return the figures of the enterprise's peers in this installation; None where every group is too small."""
    enterprise = assessment.enterprise
    wanted = list(groups_of(enterprise.sector, enterprise.employees, enterprise.region))
    either = Q()
    for group in wanted:
        either |= Q(sector=group.sector, size=group.size, region=group.region)
    rows = PeerFigure.objects.filter(either, standard=assessment.standard, enterprises__gte=LEAST_PEERS)
    found = {Group(row.sector, row.size, row.region): row for row in rows}
    group = next((group for group in wanted if group in found), None)
    if group is None:
        return None
    row = found[group]
    return OwnPeers(
        group=group,
        narrowest=group == wanted[0],
        enterprises=row.enterprises,
        lower=row.lower,
        median=row.median,
        upper=row.upper,
        levels=tuple(_level_shares(row, assessment)),
        made_at=row.made_at,
    )


def _level_shares(row: PeerFigure, assessment: Assessment) -> Iterator[LevelShare]:
    low, high = assessment.level_low, assessment.level_high
    for level, count in sorted((int(level), count) for level, count in row.levels.items()):
        own = low is not None and high is not None and low <= level <= high
        yield LevelShare(level, round(100 * count / row.enterprises), own)
