"""Entitlements measured: one firm, and a million at once, beside OpenFisca's country template with one variable for as many."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from capillary.content.library import Library
from capillary.incentives.check import checked_rules
from capillary.incentives.evaluate import entitlements
from capillary.incentives.population import (
    ENTITLED,
    NOT_ENTITLED,
    UNCLEAR,
    Choices,
    Column,
    Held,
    Numbers,
    Population,
    Truths,
    column_of,
    outcomes,
)
from capillary.incentives.situation import read_situation

if TYPE_CHECKING:
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Fact

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "openfisca"
FIRMS, SEED, DAY = 1_000_000, 77, "2026-06-01"
LIMIT = 0.010  # seconds for one firm under all programmes
TIMES = 200


def main(count: int = FIRMS) -> None:
    """Print everything."""
    rules = checked_rules(Library())
    one_firm(rules)
    ours = many_firms(rules, count)
    peer = openfisca(count)
    if peer is not None:
        variable, seconds, memory = peer
        print(
            f"OpenFisca's country template, {variable} for as many persons: {seconds:.2f} s, peak memory {memory:.0f} MiB"
        )
        programmes = sum(item.kind != "ceiling" for item in rules.programmes.values())
        print(f"    all {programmes} programmes take {ours / seconds:.1f} times as long as its one variable")


def one_firm(rules: Rules) -> None:
    """Time one firm, facts read anew each time."""
    facts = {
        "industry_cn": "industry",
        "employees": 86,
        "turnover": 52_000_000,
        "city": "nanjing",
        "country": "cn",
    }
    facts |= {"is_pilot_industry": True, "has_central_funding": False, "level_after": 2}
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = entitlements(rules, read_situation(facts, rules, on=DAY))
        times.append(time.perf_counter() - began)
    median = statistics.median(times)
    print(
        f"one firm, {len(found)} programmes: median {median * 1000:.2f} ms, "
        f"{median / LIMIT:.2f} of the limit of {LIMIT * 1000:.0f} ms"
    )


def columns(rules: Rules, count: int) -> dict[str, Column]:
    """Return facts by lot, a tenth of them unknown."""
    dice = np.random.default_rng(SEED)
    found: dict[str, Column] = {}
    for name, fact in rules.facts.items():
        if name in {"size_cn", "size_eu"}:
            continue
        found[name] = _column(fact, dice, count)
    return found


def _column(fact: Fact, dice: np.random.Generator, count: int) -> Column:  # noqa: PLR0911 - one for each unit
    unknown = dice.random(count) < 0.1
    match fact.unit:
        case "flag":
            true = dice.random(count) < 0.5
            return Truths(true | unknown, ~true | unknown)
        case "choice":
            bits = np.left_shift(np.int64(1), dice.integers(0, len(fact.choices), count))
            return Choices(np.where(unknown, np.int64((1 << len(fact.choices)) - 1), bits))
        case "choices":
            return Held(dice.integers(0, 1 << len(fact.choices), count), ~unknown)
        case "date":
            days = dice.integers(2023, 2027, count) * 10_000 + dice.integers(1, 13, count) * 100 + 15
            return Numbers(np.where(unknown, 0, days), np.where(unknown, 99_999_999, days))
        case "ratio":
            return column_of(fact, np.where(unknown, np.nan, np.round(dice.random(count), 3)))
        case "level":
            return column_of(fact, np.where(unknown, np.nan, dice.integers(0, 5, count)))
        case "money":
            return column_of(fact, np.where(unknown, np.nan, np.rint(dice.lognormal(15, 2, count))))
        case _:
            return column_of(fact, np.where(unknown, np.nan, dice.integers(0, 300, count)))


def many_firms(rules: Rules, count: int) -> float:
    """Time the whole population; return the seconds."""
    firms = Population(count, DAY, columns(rules, count))
    before = _peak()
    began = time.perf_counter()
    found = outcomes(rules, firms)
    seconds = time.perf_counter() - began
    print(
        f"{count:,} firms, {len(found)} programmes: {seconds:.2f} s, {count * len(found) / seconds / 1e6:.1f} million"
        f" judgements a second; peak memory {_peak():.0f} MiB ({before:.0f} MiB with the facts alone)"
    )
    whole = [np.bincount(item.verdict, minlength=3) for item in found.values()]
    total = sum(whole)
    print(
        f"    entitled {total[ENTITLED]:,}, not entitled {total[NOT_ENTITLED]:,}, unclear {total[UNCLEAR]:,}"
    )
    return seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def openfisca(count: int) -> tuple[str, float, float] | None:
    """Return variable, seconds and peak memory in MiB of the peer; None where it cannot be installed."""
    python = FOLDER / "bin" / "python"
    try:
        if not (FOLDER / "done").exists():
            subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
            subprocess.run([*install, str(ROOT / "requirements" / "bench.txt")], check=True)
            (FOLDER / "done").touch()
        script = str(ROOT / "bench" / "openfisca_peer.py")
        done = subprocess.run([str(python), script, str(count)], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        print(f"OpenFisca cannot be measured here: {error} {error.stderr or ''}")
        return None
    told = json.loads(done.stdout.splitlines()[-1])
    return told["variable"], told["seconds"], told["memory"]


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
