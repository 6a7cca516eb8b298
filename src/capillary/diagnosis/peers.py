"""Where a firm stands among its peers: the percentile of a score on a published distribution.

The method is the linear interpolation inside a band that users of the Digital Intensity Index apply: an integer score s
stands for the stretch from s - 0.5 to s + 0.5, the shares of the bands are spread evenly over them, and the percentile is
cut off at 1 and 99.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.benchmark import Benchmark, SizeClass
    from capillary.model.sheet import Enterprise
    from capillary.scoring.evaluate import Interval

LEAST, MOST = Fraction(1), Fraction(99)


@dataclass(frozen=True)
class Standing:
    """A firm's place among its peers.

    Attributes:
        benchmark: the benchmark's id.
        geo: whose firms are compared, and whether that is the firm's own country.
        size: id of the size class compared with.
        year: year of the figures.
        shares: percent of the peers in each band.
        low, high: percent of peers that score less, for the lowest and the highest possible score.
    """

    benchmark: str
    geo: str
    own_country: bool
    size: str
    year: int
    shares: tuple[Fraction, ...]
    low: Fraction
    high: Fraction


def standing(benchmark: Benchmark, enterprise: Enterprise, score: Interval) -> Standing | None:
    """Return where a score stands, against the firm's country and size class if the figures have them.

    Args:
        benchmark: the figures.
        enterprise: whose region may be, or begin with, a country code of the benchmark or of ISO 3166.
        score: the score as an interval.

    Returns:
        The standing; None where the figures do not cover firms of this size.
    """
    size = _size(benchmark, enterprise.employees)
    if size is None:
        return None
    code = (enterprise.region or "").upper().split("-")[0]
    country = benchmark.file.aliases.get(code, code)
    geo = country if country in benchmark.file.geos else benchmark.file.default_geo
    years = [year for place, group, year in benchmark.shares if place == geo and group == size.id]
    if not years:
        return None
    year = max(years)
    shares = benchmark.shares[geo, size.id, year]
    edges = benchmark.file.edges
    return Standing(
        benchmark=benchmark.file.id,
        geo=geo,
        own_country=geo == country,
        size=size.id,
        year=year,
        shares=shares,
        low=percentile(shares, edges, score.low),
        high=percentile(shares, edges, score.high),
    )


def percentile(shares: Sequence[Fraction], edges: Sequence[Fraction], score: Fraction) -> Fraction:
    """Return the percent of peers below a score.

    >>> percentile([Fraction(30), Fraction(70)], [Fraction(0), Fraction(3), Fraction(10)], Fraction(3))
    Fraction(30, 1)
    """
    below = Fraction(0)
    for share, (start, end) in zip(shares, pairwise(edges), strict=True):
        if score >= end:
            below += share
        elif score > start:
            below += share * (score - start) / (end - start)
    return min(max(below, LEAST), MOST)


def _size(benchmark: Benchmark, employees: float | None) -> SizeClass | None:
    """Return the narrowest size class that holds the firm; for an unknown head count the widest one."""
    classes = benchmark.file.size_classes
    if employees is None:
        return min(classes, key=lambda item: (item.from_, -(item.to or 10**9)))
    fitting = [
        item for item in classes if item.from_ <= employees and (item.to is None or employees <= item.to)
    ]
    return min(fitting, key=lambda item: (item.to or 10**9) - item.from_, default=None)
