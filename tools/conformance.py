"""Holds the product to official cases: ``make conformance DATA=FOLDER [FULL=1]``.

Every suite has a folder below DATA; one that is not there fails, because a check with nothing to check is none.
"""

from __future__ import annotations

import csv
import os
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from capillary.cli.psplib import solved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EACH_SECONDS = 30.0
MEDIAN_SECONDS = 1.0
# One and a quarter instance of each of the 24 groups, from the easiest to the hardest.
SAMPLE = 30


def psplib(folder: Path, *, full: bool) -> Iterator[str]:
    """Yield what disagrees with the published optimal makespans."""
    with (folder / "optimum.csv").open(encoding="utf-8", newline="") as file:
        published = {row["problem"]: int(row["optimum"]) for row in csv.DictReader(file)}
    names = sorted(published)
    if not full:
        names = [names[place * len(names) // SAMPLE] for place in range(SAMPLE)]
    times = []
    open_ = 0
    for name in names:
        found = solved(folder / name, EACH_SECONDS)
        plan = found.schedule
        best = published[name]
        times.append(found.seconds)
        agrees = plan.makespan == best if plan.proven else plan.bound <= best <= plan.makespan
        state = "proven" if plan.proven else f"bound {plan.bound}"
        print(f"{name:12} {plan.makespan:4} {state:10} published {best:4} {found.seconds:7.2f} s")
        open_ += not plan.proven
        if not agrees:
            yield f"{name}: {plan.makespan} ({state}), published {best}"
    middle = statistics.median(times)
    high = statistics.quantiles(times, n=20)[-1]
    print(
        f"psplib: {len(times)} instances, {len(times) - open_} proven in {EACH_SECONDS:g} s each; "
        f"median {middle:.2f} s, 95th percentile {high:.2f} s, longest {max(times):.2f} s"
    )
    if middle >= MEDIAN_SECONDS:
        yield f"the median of {middle:.2f} s is not below {MEDIAN_SECONDS:g} s"


SUITES: dict[str, Callable[..., Iterator[str]]] = {"psplib": psplib}


def main() -> int:
    """Run all suites and return the number of the exit."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/conformance")
    full = os.environ.get("FULL", "") not in {"", "0"}
    bad: list[str] = []
    for name, suite in SUITES.items():
        if not (data / name).is_dir():
            print(
                f"{data / name} is missing: give the folder with make conformance DATA=FOLDER.",
                file=sys.stderr,
            )
            return 2
        bad.extend(f"{name}: {line}" for line in suite(data / name, full=full))
    for line in bad:
        print(f"DISAGREES  {line}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
