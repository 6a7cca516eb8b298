"""Who may use the addresses of the scenarios."""

from __future__ import annotations

from ..kit import PEOPLE
from .planning import PLANNERS

NAME = "virus-stops-invoicing"

TABLE = {
    "scenarios": {"GET": set(PEOPLE)},
    "scenario": {"GET": set(PEOPLE)},
    "scenario-figures": {"GET": set(PEOPLE)},
    "scenario-start": {"POST": PLANNERS},
}

ARGS = {
    "scenario": lambda _world: [NAME],
    "scenario-start": lambda world: [world.assessment.pk, NAME],
}
