"""An independent reader of schedules: it knows the project alone, walks through time unit by unit, and says what breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.roadmap.schedule import Project


class BrokenScheduleError(Exception):
    """A schedule breaks a demand; the product has a mistake and shows no such schedule."""

    def __init__(self, breaches: list[str]) -> None:
        self.breaches = breaches
        super().__init__("; ".join(breaches))


def check_schedule(project: Project, starts: Mapping[int, int], makespan: int) -> None:
    """Refuse a schedule that breaks anything.

    Raises:
        BrokenScheduleError: it does.
    """
    found = list(_breaches(project, starts, makespan))
    if found:
        raise BrokenScheduleError(found)


def _breaches(project: Project, starts: Mapping[int, int], makespan: int) -> Iterator[str]:
    jobs = {item.id: item for item in project.activities}
    if set(starts) != set(jobs):
        yield "not every activity has exactly one start"
        return
    for name, start in starts.items():
        if start < 0:
            yield f"activity {name} begins before the project"
        for other in jobs[name].successors:
            if starts[other] < start + jobs[name].duration:
                yield f"activity {other} begins before {name} has ended"
    ends = [start + jobs[name].duration for name, start in starts.items()]
    if makespan != max(ends, default=0):
        yield f"the last activity does not end at {makespan}"
    for moment in range(max(ends, default=0)):
        running = [
            jobs[name] for name, start in starts.items() if start <= moment < start + jobs[name].duration
        ]
        for place, capacity in enumerate(project.capacities):
            if sum(job.demands[place] for job in running) > capacity:
                yield f"resource {place + 1} is overloaded at {moment}"
