"""What the answers say beyond the standard: obstacles, peers and other standards."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from capillary.diagnosis.peers import LEAST, MOST
from capillary.model.standard import BandNode
from capillary.model.text import msg
from capillary.report.figures import bar, interval, shown, tidy_digits
from capillary.report.head import level_words, of_words
from capillary.report.page import AcrossRow, Held, ObstacleRow, Obstacles, PeerRow, Peers, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.diagnosis.findings import ObstacleSign
    from capillary.diagnosis.peers import Standing
    from capillary.diagnosis.profile import ReadAcross, Span
    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability, Obstacle
    from capillary.model.standard import Standard
    from capillary.report.marks import Sources
    from capillary.report.page import Words
    from capillary.scoring.evaluate import Interval

OBSTACLE_TITLES: Mapping[Obstacle, Words] = {
    "cannot": msg("It can't"),
    "cannot-afford": msg("It can't afford to"),
    "does-not-dare": msg("It doesn't dare to"),
}
OBSTACLE_MEANINGS: Mapping[Obstacle, Words] = {
    "cannot": msg("Data, skills or technology are missing."),
    "cannot-afford": msg("Money or time are missing."),
    "does-not-dare": msg("Plan, certainty or trust are missing."),
}


def obstacles(diagnosis: Diagnosis, capabilities: Mapping[str, Capability]) -> Obstacles:
    """Return the three obstacles and the capabilities behind the one that the answers point to most."""
    first = diagnosis.obstacles[0]
    if not first.strength:
        return Obstacles(msg("These answers prove no gap that would point to one of the three obstacles."))
    tied = [sign for sign in diagnosis.obstacles[1:] if sign.strength == first.strength]
    if tied:
        lead = msg(
            "The answers point to “{one}” and “{other}” alike.",
            one=OBSTACLE_TITLES[first.obstacle],
            other=OBSTACLE_TITLES[tied[0].obstacle],
        )
    else:
        lead = msg("The answers point most to “{obstacle}”.", obstacle=OBSTACLE_TITLES[first.obstacle])
    rows = tuple(_obstacle_row(sign) for sign in diagnosis.obstacles)
    held = tuple(_held(capabilities[name], diagnosis.profile[name]) for name in first.examples)
    return Obstacles(lead, rows, held)


def _obstacle_row(sign: ObstacleSign) -> ObstacleRow:
    if sign.known == 1:
        basis: Words = msg("rests on 1 capability")
    else:
        basis = msg("rests on {count} capabilities", count=sign.known)
    return ObstacleRow(
        title=OBSTACLE_TITLES[sign.obstacle],
        meaning=OBSTACLE_MEANINGS[sign.obstacle],
        bar=bar(sign.strength, sign.strength, Fraction(1)),
        strength=f"{shown(sign.strength * 100, 0)}%" if sign.known else "–",
        basis=basis,
    )


def _held(capability: Capability, span: Span) -> Held:
    """Return where the firm stands on a ladder, and the first rung that it has certainly not reached."""
    if span.at_least == span.at_most:
        stands = msg("at rung {rung} of {top}", rung=span.at_least, top=capability.top)
    else:
        stands = msg(
            "between rung {low} and {high} of {top}", low=span.at_least, high=span.at_most, top=capability.top
        )
    missing = next((rung.statement for rung in capability.levels if rung.level == span.at_most + 1), None)
    return Held(capability.title, stands, missing)


def peers(diagnosis: Diagnosis, benchmark: Benchmark | None, sources: Sources) -> Peers:
    """Return where the firm stands among its peers."""
    standing = diagnosis.standing
    if benchmark is None:
        return Peers(
            msg("There are no published figures of other firms under this standard to compare with.")
        )
    if standing is None:
        lead = msg(
            "The published figures do not cover firms of this size. {coverage}",
            coverage=benchmark.file.coverage,
        )
        return Peers(lead, reference=sources.of_benchmark(benchmark))
    return Peers(
        lead=_place(standing),
        rows=tuple(_peer_rows(diagnosis, benchmark, standing)),
        whose=tuple(_whose(diagnosis, benchmark, standing)),
        reference=sources.of_benchmark(benchmark),
    )


def _place(standing: Standing) -> Words:
    low, high = (shown(end, 0) for end in (standing.low, standing.high))
    if low != high:
        return msg("Between {low} and {high} of 100 such firms score lower.", low=low, high=high)
    if standing.high <= LEAST:
        return msg("At most {share} of 100 such firms scores lower.", share=high)
    if standing.low >= MOST:
        return msg("At least {share} of 100 such firms score lower.", share=low)
    return msg("About {share} of 100 such firms score lower.", share=low)


def _whose(diagnosis: Diagnosis, benchmark: Benchmark, standing: Standing) -> Iterator[Words]:
    file = benchmark.file
    size = next(item.title for item in file.size_classes if item.id == standing.size)
    geo = file.geos.get(standing.geo, standing.geo)
    yield msg("Compared with: {geo}, {size}, {year}.", geo=geo, size=size, year=standing.year)
    if not standing.own_country:
        yield msg("There are no figures of the firm's own country, or its country is not known.")
    if diagnosis.sheet.enterprise.employees is None:
        yield msg("The number of employees is not known, so firms of all sizes are compared.")
    yield file.method
    yield file.coverage


def _peer_rows(diagnosis: Diagnosis, benchmark: Benchmark, standing: Standing) -> Iterator[PeerRow]:
    score = diagnosis.score.score
    widest = max(standing.shares)
    titles = _band_titles(diagnosis.standard, benchmark.file.edges)
    own = [_holds(edges, score) for edges in pairwise(benchmark.file.edges)]
    for number, (edges, share) in enumerate(
        zip(pairwise(benchmark.file.edges), standing.shares, strict=True)
    ):
        mark: Literal["certain", "possible", ""] = ""
        if own[number]:
            mark = "certain" if sum(own) == 1 else "possible"
        yield PeerRow(
            title=titles[number],
            scores=_scores(*edges),
            bar=bar(share, share, widest),
            share=f"{shown(share, 1)}%",
            own=mark,
        )


def _holds(edges: tuple[Fraction, Fraction], score: Interval) -> bool:
    """Return whether a band may hold the score; a score on an edge belongs to the band above it."""
    return edges[0] <= score.high and score.low < edges[1]


def _scores(start: Fraction, end: Fraction) -> str:
    """Return the whole scores of a band.

    >>> from fractions import Fraction
    >>> _scores(Fraction(-1, 2), Fraction(7, 2)), _scores(Fraction(4), Fraction(5))
    ('0–3', '4')
    """
    first, last = ceil(start), ceil(end) - 1
    return f"{first}–{last}" if last > first else str(first)


def _band_titles(standard: Standard, edges: Sequence[Fraction]) -> list[Words]:
    """Return a name for each band: the level's where bands and levels are the same, else its number."""
    rule = next(
        (item for item in standard.file.scoring.nodes if item.id == standard.file.scoring.level), None
    )
    bands = len(edges) - 1
    if (
        isinstance(rule, BandNode)
        and not rule.above
        and tuple(rule.from_) == tuple(ceil(edge) for edge in edges[1:-1])
    ):
        return [standard.level_title(number) for number in range(bands)]
    return [msg("Band {number}", number=number) for number in range(1, bands + 1)]


def across(diagnosis: Diagnosis, standards: Mapping[str, Standard]) -> tuple[AcrossRow, ...]:
    """Return what the answers say about every other standard."""
    return tuple(_across_row(standards[found.standard], found) for found in diagnosis.across)


def _across_row(standard: Standard, found: ReadAcross) -> AcrossRow:
    score, level = found.score.score, found.score.level
    return AcrossRow(
        title=standard.file.short_title,
        level=msg("No levels") if level is None else level_words(standard, level),
        score=interval(score, tidy_digits(score.low, score.high)),
        of=of_words(standard),
        settled=f"{len(found.settled)} / {len(standard.questions)}",
        to_do=_to_do(len(found.open), level),
        reference=Reference(None, standard.file.certainty),
    )


def _to_do(count: int, level: Interval | None) -> Words:
    if not count:
        return msg("Nothing: every question is settled.")
    if level is not None and level.certain:
        return msg("Nothing for the level, which is certain.")
    return (
        msg("Answer 1 more question.") if count == 1 else msg("Answer {count} more questions.", count=count)
    )
