"""Reads single-mode project files of PSPLIB (``.sm``): Kolisch and Sprecher, 1997."""

from __future__ import annotations

import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.roadmap.schedule import Activity, Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from capillary.model.text import Message

MOST_BYTES = 4_000_000
MOST_DURATION = 10_000
_RESOURCES = re.compile(r"-\s*(renewable|nonrenewable|doubly constrained)\s*:\s*(\d+)")
_JOBS = re.compile(r"^jobs\b.*:\s*(\d+)\s*$")
_AGAIN = msg("Take the file from PSPLIB again, unchanged.")


@dataclass(frozen=True)
class _Line:
    number: int
    text: str

    @property
    def words(self) -> list[str]:
        return self.text.split()


def read_psplib(path: Path) -> Project:
    """Return the project of a single-mode file.

    Raises:
        InputError: it is none, or has errors; each names the row and the remedy.
    """
    return _Reader(path).project()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        if path.stat().st_size > MOST_BYTES:
            cause = msg("The file is larger than {most} bytes.", most=MOST_BYTES)
            raise InputError([Problem("too-large", Place(file=path.name), cause, _AGAIN)])
        text = path.read_bytes().decode("utf-8", errors="replace")
        self.lines = [_Line(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
        self.count = self._count()

    def bad(self, line: _Line | None, cause: Message) -> InputError:
        """Return an error in a line of the file."""
        place = Place(file=self.path.name, row=None if line is None else line.number)
        return InputError([Problem("psplib", place, cause, _AGAIN)])

    def _count(self) -> int:
        for line in self.lines:
            found = _JOBS.match(line.text)
            if found:
                return int(found[1])
        raise self.bad(
            None, msg("This is no single-mode file of PSPLIB: it does not say how many jobs there are.")
        )

    def project(self) -> Project:
        """Return the project."""
        kinds = {found[1]: int(found[2]) for line in self.lines for found in _RESOURCES.finditer(line.text)}
        if kinds.get("nonrenewable") or kinds.get("doubly constrained"):
            raise self.bad(
                None, msg("The file has resources that are used up; only renewable ones can be scheduled.")
            )
        width = kinds.get("renewable", 0)
        successors = dict(self._precedences())
        capacities = self._capacities(width)
        needs = dict(self._requests(width, capacities))
        names = list(range(1, self.count + 1))
        for title, found in (("PRECEDENCE RELATIONS", successors), ("REQUESTS/DURATIONS", needs)):
            missing = [name for name in names if name not in found]
            if missing:
                raise self.bad(None, msg("{title} does not tell of job {job}.", title=title, job=missing[0]))
        activities = tuple(
            Activity(name, needs[name][0], successors[name], needs[name][1:]) for name in names
        )
        project = Project(self.path.name, activities, capacities)
        try:
            tuple(TopologicalSorter(project.before).static_order())
        except CycleError as error:
            circle = " → ".join(str(name) for name in reversed(error.args[1]))
            raise self.bad(None, msg("These jobs wait for one another: {circle}.", circle=circle)) from None
        return project

    def section(self, title: str) -> Iterator[_Line]:
        """Yield the lines of numbers below a title."""
        inside = False
        for line in self.lines:
            if line.text.upper().startswith(title):
                inside = True
            elif inside and line.text.startswith("*"):
                return
            elif (
                inside
                and line.text
                and (line.text[0].isdigit() or line.text[0] == "-")
                and "--" not in line.text
            ):
                yield line
        if not inside:
            raise self.bad(None, msg("The part {title} is missing.", title=title))

    def numbers(self, line: _Line) -> list[int]:
        """Return a line as whole numbers."""
        try:
            return [int(word) for word in line.words]
        except ValueError:
            raise self.bad(line, msg("{value} is not a row of whole numbers.", value=line.text)) from None

    def job(self, line: _Line, number: int) -> int:
        """Return the number of a job that there is."""
        if not 1 <= number <= self.count:
            raise self.bad(
                line, msg("There is no job {job}; they go from 1 to {most}.", job=number, most=self.count)
            )
        return number

    def _precedences(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        for line in self.section("PRECEDENCE RELATIONS"):
            row = self.numbers(line)
            if len(row) < 3 or len(row) != 3 + row[2]:
                raise self.bad(line, msg("The row does not list as many successors as it announces."))
            if row[1] != 1:
                raise self.bad(
                    line,
                    msg("Job {job} has {count} modes; only one can be scheduled.", job=row[0], count=row[1]),
                )
            yield self.job(line, row[0]), tuple(self.job(line, number) for number in row[3:])

    def _requests(self, width: int, capacities: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
        for line in self.section("REQUESTS/DURATIONS"):
            row = self.numbers(line)
            if len(row) != 3 + width:
                raise self.bad(line, msg("The row should have {count} numbers.", count=3 + width))
            name, _, duration, *demands = row
            if not 0 <= duration <= MOST_DURATION:
                raise self.bad(line, msg("Job {job} has a duration of {value}.", job=name, value=duration))
            for place, (demand, most) in enumerate(zip(demands, capacities, strict=True), 1):
                if not 0 <= demand <= most:
                    cause = msg(
                        "Job {job} takes {demand} of resource {resource}, of which there are {most}.",
                        job=name,
                        demand=demand,
                        resource=place,
                        most=most,
                    )
                    raise self.bad(line, cause)
            yield self.job(line, name), (duration, *demands)

    def _capacities(self, width: int) -> tuple[int, ...]:
        rows = list(self.section("RESOURCEAVAILABILITIES"))
        row = self.numbers(rows[0]) if rows else []
        if len(row) != width:
            raise self.bad(
                rows[0] if rows else None, msg("The row should have {count} numbers.", count=width)
            )
        return tuple(row)
