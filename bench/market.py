"""The best ten of 10,000 offers for each of 1,000,000 firms, beside the same asked of DuckDB in SQL."""

from __future__ import annotations

import resource
import sys
import time

import duckdb
import numpy as np
import pyarrow as pa

from capillary.content.library import Library
from capillary.matching.bulk import ANY_DAY, NONE, Crowd, Tops, best_offers
from capillary.matching.need import Need, Rates, places_of
from capillary.matching.rank import rank
from capillary.model.market import SIZE_CLASSES, Market, size_class
from capillary.web.demo.market import REGIONS, demonstration_market

FIRMS, OFFERS, PROVIDERS, SEED = 1_000_000, 10_000, 3_000, 91
PLAIN, SAMPLE = 20_000, 60
DAYS = (ANY_DAY, 20260331, 20260630, 20260930, 20261231)


def main(firms: int = FIRMS, plain: int = PLAIN) -> None:
    """Print everything."""
    library = Library()
    market = demonstration_market(library, OFFERS, PROVIDERS)
    rates = Rates.of(library.currencies())
    crowd = crowd_by_lot(library, firms)
    print(
        f"{firms:,} firms with {len(crowd.wanted) / firms:.1f} wanted measures each, {len(market.offers):,} offers;"
        f" memory with the data alone {_peak():.0f} MiB"
    )
    for workers in (1, 2):
        began, worked = time.perf_counter(), _cpu()
        found = best_offers(crowd, market, rates, workers=workers)
        seconds, worked = time.perf_counter() - began, _cpu() - worked
        print(
            f"best ten, exact, {workers} process(es): {seconds:6.2f} s ({worked:.2f} s of CPU),"
            f" {firms / seconds:10,.0f} firms a second, peak memory of this process {_peak():.0f} MiB"
            f", of each other {_peak(resource.RUSAGE_CHILDREN):.0f} MiB"
        )
    filled = np.count_nonzero(found.best != NONE, axis=1)
    print(
        f"    offers found for a firm: {filled.mean():.1f} of 10; none for {np.count_nonzero(filled == 0):,} firms"
    )
    one = _agree(crowd, market, rates, found)
    print(f"    equal to ranking one by one for {SAMPLE} firms, which takes {one * 1000:.0f} ms a firm")
    small = crowd.part(0, plain)
    began = time.perf_counter()
    ours = best_offers(small, market, rates)
    mine = time.perf_counter() - began
    theirs, rows = in_sql(small, market, rates)
    if rows != [ours.of(firm) for firm in range(plain)]:
        raise SystemExit("SQL and the engine disagree")
    print(f"{plain:,} firms, the same answers, DuckDB with 2 threads, this engine with 1:")
    print(
        f"DuckDB, join, group and window in SQL {theirs:7.2f} s   1.00   {plain / theirs:10,.0f} firms a second"
    )
    print(
        f"this engine                           {mine:7.2f} s   {mine / theirs:.3f}   {plain / mine:10,.0f} firms a second"
    )
    print(
        f"    extrapolated in proportion, not measured: DuckDB would take {theirs * firms / plain:,.0f} s"
        f" for {firms:,} firms, {theirs * firms / plain / seconds:.1f} times as long"
    )


def crowd_by_lot(library: Library, firms: int) -> Crowd:
    """Return firms in the regions that the demonstration's offers are for."""
    dice = np.random.default_rng(SEED)
    names = tuple(library.measures().measures)
    regions = library.regions()
    count = dice.integers(2, 11, firms)
    starts = np.concatenate([[0], np.cumsum(count)])
    # neighbours among the measures, so that none stands twice for a firm
    first = np.repeat(dice.integers(0, len(names), firms), count)
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], count)
    step = np.repeat(1 + dice.integers(0, 17, firms), count)
    nothing = np.full(firms, NONE, dtype=np.int64)
    sectors = tuple(library.sectors())
    return Crowd(
        Need(on="2026-06-15"),
        names,
        tuple(places_of(region, regions) for region in REGIONS),
        sectors,
        starts.astype(np.int64),
        ((first + within * step) % len(names)).astype(np.int32),
        np.array(DAYS, dtype=np.int32)[dice.integers(0, len(DAYS), starts[-1])],
        dice.integers(0, len(REGIONS), firms).astype(np.int32),
        dice.integers(0, len(sectors), firms).astype(np.int32),
        np.rint(dice.lognormal(3.3, 1.2, firms)).astype(np.int32) + 1,
        dice.integers(0, 60, firms),
        dice.integers(0, 40, firms),
        np.where(dice.random(firms) < 0.5, nothing, dice.integers(1, 60, firms) * 10_000),
        np.where(dice.random(firms) < 0.5, 3000, 0),
        np.where(dice.random(firms) < 0.5, nothing, 200_000),
    )


def _agree(crowd: Crowd, market: Market, rates: Rates, found: Tops) -> float:
    """Return the seconds that one firm takes alone, after holding some of them to the whole."""
    began = time.perf_counter()
    for firm in range(0, crowd.size, max(1, crowd.size // SAMPLE)):
        alone = [match.offer.id for match in rank(crowd.need(firm), market, rates).matches[:10]]
        if alone != found.of(firm):
            raise SystemExit(f"firm {firm}: {alone} alone, {found.of(firm)} among all")
    return (time.perf_counter() - began) / SAMPLE


def in_sql(crowd: Crowd, market: Market, rates: Rates) -> tuple[float, list[list[str]]]:
    """Return the seconds that DuckDB takes for the same question, and its answers."""
    base = duckdb.connect()
    base.execute("SET threads = 2")
    for name, table in _tables(crowd, market, rates).items():
        base.register(f"{name}_arrow", table)
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_arrow")
    began = time.perf_counter()
    rows = base.execute(_SQL).fetchall()
    seconds = time.perf_counter() - began
    found: list[list[str]] = [[] for _ in range(crowd.size)]
    for firm, offer in rows:
        found[firm].append(offer)
    return seconds, found


def _tables(crowd: Crowd, market: Market, rates: Rates) -> dict[str, pa.Table]:
    firms = {name: getattr(crowd, name) for name in ("users", "machines", "budget", "share", "cap")}
    firms |= {"firm": np.arange(crowd.size), "region": [crowd.regions[number][0] for number in crowd.region]}
    firms |= {
        "sector": [crowd.sectors[number] for number in crowd.sector],
        "size": [size_class(int(count)) for count in crowd.employees],
    }
    owner = np.repeat(np.arange(crowd.size), np.diff(crowd.starts))
    wants = {
        "firm": owner,
        "measure": [crowd.names[number] for number in crowd.wanted],
        "day": crowd.last_day,
    }
    offers, delivers, for_region, for_sector, for_size, served = ([] for _ in range(6))
    for item in market.offers.values():
        charge = rates.charge(item.price, "CNY")
        figures = (0, 0, 0, 0, 0, 0) if charge is None else (*charge.one_off, *charge.yearly)
        if item.valid_from <= crowd.shared.on <= item.valid_to and item.capacity.places:
            free = int(item.capacity.free_from.replace("-", ""))
            offers.append((item.id, free, item.weeks, charge is None, *figures))
        delivers += [(item.id, name) for name in item.measures]
        for_region += [(item.id, name) for name in item.regions or REGIONS]
        for_sector += [(item.id, name) for name in item.sectors or crowd.sectors]
        for_size += [(item.id, name) for name in item.sizes or SIZE_CLASSES]
        served += [(item.id, name, count) for name, count in item.references.items()]
    return {
        "firms": pa.table(firms),
        "wants": pa.table(wants),
        "offers": _rows(offers, "offer free weeks asked o0 o1 o2 y0 y1 y2"),
        "delivers": _rows(delivers, "offer measure"),
        "for_region": _rows(for_region, "offer region"),
        "for_sector": _rows(for_sector, "offer sector"),
        "for_size": _rows(for_size, "offer size"),
        "served": _rows(served, "offer sector firms"),
    }


def _rows(rows: list[tuple[object, ...]], names: str) -> pa.Table:
    return pa.table(dict(zip(names.split(), zip(*rows, strict=True), strict=True)))


_SQL = """
WITH pairs AS (
  SELECT w.firm, d.offer, count(*) AS n, count(*) FILTER (WHERE o.free <= w.day) AS timely
  FROM wants w JOIN delivers d USING (measure) JOIN offers o USING (offer)
  GROUP BY w.firm, d.offer
), priced AS (
  SELECT p.firm, p.offer, p.n, p.timely, o.free, o.weeks, o.asked, f.budget,
    CASE WHEN coalesce(s.firms, 0) >= 10 THEN 3 WHEN coalesce(s.firms, 0) >= 3 THEN 2
         WHEN coalesce(s.firms, 0) >= 1 THEN 1 ELSE 0 END AS step,
    o.o0 + o.o1 * f.users + o.o2 * f.machines AS one_off,
    o.y0 + o.y1 * f.users + o.y2 * f.machines AS yearly, f.share, f.cap
  FROM pairs p JOIN firms f USING (firm) JOIN offers o USING (offer)
  JOIN for_region r ON r.offer = p.offer AND r.region = f.region
  JOIN for_sector c ON c.offer = p.offer AND c.sector = f.sector
  JOIN for_size z ON z.offer = p.offer AND z.size = f.size
  LEFT JOIN served s ON s.offer = p.offer AND s.sector = f.sector
), netted AS (
  SELECT *, one_off + yearly - CASE WHEN cap < 0 THEN one_off * share // 10000
                                    ELSE least(one_off * share // 10000, cap) END AS net
  FROM priced
)
SELECT firm, offer FROM netted
WHERE budget < 0 OR (NOT asked AND net <= budget)
QUALIFY row_number() OVER (
  PARTITION BY firm ORDER BY timely DESC, n DESC, step DESC, asked, net, free, weeks, offer) <= 10
ORDER BY firm, timely DESC, n DESC, step DESC, asked, net, free, weeks, offer
"""


def _peak(whose: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


def _cpu() -> float:
    """Return the seconds of CPU that this process and those that it began have taken."""
    both = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(item.ru_utime + item.ru_stime for item in both)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
