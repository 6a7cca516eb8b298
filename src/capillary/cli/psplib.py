"""``capillary plan --psplib``: the shortest schedule of a published instance, so that anyone can check the solver."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from capillary.cli.common import Session
    from capillary.roadmap.schedule import Schedule


@dataclass(frozen=True)
class Solved:
    """A schedule, with the time that reading, solving and checking took together."""

    name: str
    schedule: Schedule
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "name": self.name,
            "makespan": self.schedule.makespan,
            "bound": self.schedule.bound,
            "proven": self.schedule.proven,
            "seconds": round(self.seconds, 3),
            "schedule": {str(job): start for job, start in sorted(self.schedule.starts.items())},
        }


def solved(path: Path, seconds: float) -> Solved:
    """Return the schedule of a file.

    Raises:
        InputError: the file cannot be used.
    """
    from capillary.roadmap.psplib import read_psplib
    from capillary.roadmap.schedule import schedule

    began = time.perf_counter()
    project = read_psplib(path)
    found = schedule(project, seconds)
    return Solved(path.name, found, time.perf_counter() - began)


def run_psplib(session: Session, path: Path, *, seconds: float, as_json: bool) -> None:
    """Print the shortest schedule of a file.

    Raises:
        InputError: the file cannot be used.
    """
    found = solved(path, seconds)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    plan = found.schedule
    if plan.proven:
        click.echo(
            session.say("{name}: makespan {makespan}, proven", name=found.name, makespan=plan.makespan)
        )
    else:
        click.echo(
            session.say(
                "{name}: makespan {makespan}; when the time was up, no schedule shorter than {bound} was ruled out",
                name=found.name,
                makespan=plan.makespan,
                bound=plan.bound,
            )
        )
    for job, start in sorted(plan.starts.items(), key=lambda item: (item[1], item[0])):
        click.echo(session.say("  job {job} begins at {start}", job=job, start=start))
