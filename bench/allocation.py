"""Allocation measured: 100,000 enterprises over 2,000 providers, its growth, and the `matching` library as far as it gets.

The library wants both sides' complete lists. It gets the same world: the enterprises' choices, and for each provider those
who chose it, in the order of the rules. Its time is that of building its game and solving it; ours is that of turning the same
facts into numbers, drawing the lottery, and allocating. Every result of the library is compared with ours. Seconds are those of
one core.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from random import Random
from typing import TYPE_CHECKING

from capillary.matching.allocation import Firm, Provider, allocate, market
from capillary.matching.allocation_lines import Lines
from capillary.matching.allocation_rules import read_rules

if TYPE_CHECKING:
    from capillary.matching.allocation import Allocation

SEED = 56
SIZES = ((12_500, 250), (25_000, 500), (50_000, 1_000), (100_000, 2_000))
RULES = read_rules(("served=no,yes", "size=micro,small,medium", "region=same", "level=lowest"))
CHOICES, REGIONS = 10, 30
# Demand is a third above supply.
SHARE = 0.75
AIM_SECONDS = 10.0
# No larger game is begun once one took longer than this.
PEER_SECONDS = 15.0
# It copies its game by recursion, and under Python's own limit gives up between 4,000 and 8,000 enterprises.
PEER_DEPTH = 10_000_000
PEER_SIZES = (
    (125, 25),
    (250, 25),
    (500, 50),
    (1_000, 50),
    (2_000, 50),
    (4_000, 50),
    (8_000, 100),
    (16_000, 200),
    (32_000, 400),
)


def main() -> None:
    """Print everything."""
    print(
        f"{CHOICES} choices each, {len(RULES)} rules, {SHARE:.0%} as many places as enterprises; "
        "seconds to number and to allocate, and to tell everybody's place in every line"
    )
    growth("they name choices", takes_any=False)
    growth("they take any", takes_any=True)
    peer()


def world(firms: int, providers: int, *, takes_any: bool) -> tuple[list[Firm], list[Provider]]:
    """Return a market by lot: some providers are wanted more than others."""
    dice = Random(SEED)  # noqa: S311 - a lot, no secret
    names = [f"Provider {number}" for number in range(1, providers + 1)]
    weights = [1 / math.sqrt(number) for number in range(1, providers + 1)]
    wanting = []
    for number in range(1, firms + 1):
        chosen = [] if takes_any else list(dict.fromkeys(dice.choices(names, weights, k=CHOICES)))
        facts = {
            "served": dice.choice(("no", "yes")),
            "size": dice.choice(("micro", "small", "medium")),
            "region": f"region {dice.randrange(REGIONS)}",
            "level": str(dice.randrange(5)),
        }
        wanting.append(Firm(f"Enterprise {number}", tuple(chosen), takes_any, facts))
    capacity = max(1, round(SHARE * firms / providers))
    having = [
        Provider(name, capacity, facts={"region": f"region {number % REGIONS}"})
        for number, name in enumerate(names)
    ]
    return wanting, having


def growth(title: str, *, takes_any: bool) -> None:
    """Time four sizes, each twice the one before."""
    before = None
    for firms, providers in SIZES:
        wanting, having = world(firms, providers, takes_any=takes_any)
        seconds, found = timed(wanting, having)
        began = time.process_time()
        lines = Lines(found)
        told = sum(len(lines.standings(firm.id)) for firm in wanting)
        explained = time.process_time() - began
        factor = "" if before is None else f"   × {seconds / before:.2f}"
        aim = f"   (aim: at most {AIM_SECONDS:g} s)" if firms == SIZES[-1][0] else ""
        print(
            f"{title}: {firms:>7,} × {providers:>5,}   {seconds:6.2f} s{factor}{aim}   "
            f"{sum(offer >= 0 for offer in found.got):,} placed; {told:,} standings {explained:.2f} s"
        )
        before = seconds


def timed(wanting: list[Firm], having: list[Provider]) -> tuple[float, Allocation]:
    """Return the seconds to number and to allocate, the best of three, and the allocation."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        found = allocate(market(wanting, having, RULES, SEED))
        seconds.append(time.process_time() - began)
    return min(seconds), found


def peer() -> None:
    """Time the library from a small size on, until it takes too long."""
    from matching.games import HospitalResident

    sys.setrecursionlimit(PEER_DEPTH)
    for firms, providers in PEER_SIZES:
        wanting, having = world(firms, providers, takes_any=False)
        ours, found = timed(wanting, having)
        residents, hospitals, capacities = both_sides(wanting, having)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            began = time.process_time()
            game = HospitalResident.create_from_dictionaries(residents, hospitals, capacities)
            solved = game.solve("resident")
            theirs = time.process_time() - began
        for hospital, matched in solved.items():
            if sorted(each.name for each in matched) != sorted(found.firms_at(hospital.name)):
                raise SystemExit(f"the library disagrees at {hospital.name}")
        print(
            f"the matching library: {firms:>6,} × {providers:>3}   {theirs:8.2f} s; ours {ours:.4f} s, "
            f"{theirs / ours:,.0f} times as fast; equal"
        )
        if theirs > PEER_SECONDS:
            return


def both_sides(
    wanting: list[Firm], having: list[Provider]
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Return the lists of both sides as the library wants them, providers that nobody chose left out."""
    given = market(wanting, having, RULES, SEED)
    order, begins = given.named_by
    hospitals = {}
    for number, name in enumerate(given.offers):
        keys = sorted(given.keys[order[begins[number] : begins[number + 1]]].tolist())
        if keys:
            hospitals[name] = [given.firms[key % len(wanting)].id for key in keys]
    residents = {firm.id: list(firm.choices) for firm in wanting}
    return (
        residents,
        hospitals,
        {provider.id: provider.capacity for provider in having if provider.id in hospitals},
    )


if __name__ == "__main__":
    main()
