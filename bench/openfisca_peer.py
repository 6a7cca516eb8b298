"""Runs in an environment of its own: one variable of OpenFisca's country template for many persons."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_country_template import CountryTaxBenefitSystem

VARIABLE, INPUT, PERIOD = "social_security_contribution", "salary", "2026-01"


def main(count: int) -> None:
    """Print variable, seconds and peak memory as JSON."""
    system = CountryTaxBenefitSystem()
    simulation = SimulationBuilder().build_default_simulation(system, count)
    simulation.set_input(INPUT, PERIOD, np.random.default_rng(77).lognormal(8, 1, count))
    began = time.perf_counter()
    simulation.calculate(VARIABLE, PERIOD)
    seconds = time.perf_counter() - began
    memory = _peak()
    print(json.dumps({"variable": VARIABLE, "seconds": seconds, "memory": memory}))


def _peak() -> float:
    """Return the peak of this program alone in MiB; what the system counts of a child begins with its parent's."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(int(sys.argv[1]))
