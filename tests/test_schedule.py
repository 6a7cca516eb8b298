"""Schedules held to trying everything, the checker to broken schedules, and the reader of PSPLIB files to bad ones."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.model.problems import InputError
from capillary.roadmap.psplib import read_psplib
from capillary.roadmap.schedule import Activity, Project, schedule
from capillary.roadmap.schedule_check import BrokenScheduleError, check_schedule

from .sheet_kit import run

if TYPE_CHECKING:
    from pathlib import Path


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Draw a project of up to four activities and two resources; successors have larger numbers, so there is no circle."""
    count = draw(st.integers(1, 4))
    capacities = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    activities = []
    for number in range(1, count + 1):
        later = [other for other in range(number + 1, count + 1) if draw(st.booleans())]
        demands = tuple(draw(st.integers(0, most)) for most in capacities)
        activities.append(Activity(number, draw(st.integers(0, 3)), tuple(later), demands))
    return Project("drawn", tuple(activities), capacities)


def shortest(project: Project) -> int:
    """Return the shortest makespan, by trying every start of every activity."""
    longest = sum(item.duration for item in project.activities)
    best = longest
    for starts in product(range(longest + 1), repeat=len(project.activities)):
        begun = {item.id: start for item, start in zip(project.activities, starts, strict=True)}
        end = max(begun[item.id] + item.duration for item in project.activities)
        if end < best and _possible(project, begun):
            best = end
    return best


def _possible(project: Project, begun: dict[int, int]) -> bool:
    for item in project.activities:
        if any(begun[other] < begun[item.id] + item.duration for other in item.successors):
            return False
    return all(
        sum(
            item.demands[place]
            for item in project.activities
            if begun[item.id] <= moment < begun[item.id] + item.duration
        )
        <= capacity
        for place, capacity in enumerate(project.capacities)
        for moment in range(max(begun.values()) + 4)
    )


@settings(max_examples=60, deadline=None)
@given(projects())
def test_no_schedule_is_shorter(project: Project) -> None:
    found = schedule(project)
    assert found.proven
    assert found.makespan == shortest(project)
    assert schedule(project).starts == found.starts


@settings(max_examples=60, deadline=None)
@given(projects(), st.data())
def test_the_checker_and_the_oracle_agree_on_any_schedule(project: Project, data: st.DataObject) -> None:
    begun = {item.id: data.draw(st.integers(0, 6)) for item in project.activities}
    end = max(begun[item.id] + item.duration for item in project.activities)
    if _possible(project, begun):
        check_schedule(project, begun, end)
        with pytest.raises(BrokenScheduleError):
            check_schedule(project, begun, end + 1)
    else:
        with pytest.raises(BrokenScheduleError):
            check_schedule(project, begun, end)


def test_a_schedule_that_misses_an_activity_or_begins_too_early_is_broken() -> None:
    project = Project("two", (Activity(1, 2, (2,), (1,)), Activity(2, 2, (), (1,))), (1,))
    for starts in ({1: 0}, {1: -1, 2: 1}):
        with pytest.raises(BrokenScheduleError):
            check_schedule(project, starts, 3)


def hard_project() -> Project:
    """Return a project that the first schedule and the bounds leave open: thirty jobs on two scarce resources."""
    jobs = tuple(
        Activity(
            number,
            3 + number * 7 % 9,
            (number + 5,) if number <= 25 else (),
            (2 + number % 4, 1 + number * 3 % 5),
        )
        for number in range(1, 31)
    )
    return Project("hard", jobs, (7, 8))


def test_when_the_time_is_up_the_best_schedule_comes_with_its_bound() -> None:
    found = schedule(hard_project(), seconds=0.01)
    assert found.bound < found.makespan
    assert not found.proven
    better = schedule(hard_project(), seconds=5)
    assert found.bound <= better.bound <= better.makespan <= found.makespan


# --- the files -------------------------------------------------------------------------------------------------------

TEXT = """\
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  4
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1
------------------------------------------------------------------------
  1      1     0       0
  2      1     3       2
  3      1     4       2
  4      1     0       0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1
    3
************************************************************************
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a good file of two jobs that cannot overlap."""
    path = tmp_path / "two.sm"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_file_is_scheduled_from_the_command_line(file: Path) -> None:
    done = run("plan", "--psplib", file, "--json")
    found = json.loads(done.out)
    assert (done.exit_code, found["makespan"], found["bound"], found["proven"]) == (0, 7, 7, True)
    assert sorted(found["schedule"]) == ["1", "2", "3", "4"]
    text = run("plan", "--psplib", file, "--lang", "en").out
    assert "makespan 7, proven" in text
    assert "已证明" in run("plan", "--psplib", file, "--lang", "zh").out


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("   2        1          1           4\n", "   2        1          1           9\n", 12),
        ("   2        1          1           4\n", "   2        2          1           4\n", 12),
        ("   2        1          1           4\n", "   2        1          2           4\n", 12),
        ("   2        1          1           4\n", "", None),
        ("   4        1          0\n", "   4        1          1           2\n", None),
        ("  2      1     3       2\n", "  2      1     3       5\n", 20),
        ("  2      1     3       2\n", "  2      1    -3       2\n", 20),
        ("  2      1     3       2\n", "  2      1     3       x\n", 20),
        ("  2      1     3       2\n", "  2      1     3\n", 20),
        ("    3\n", "    3  4\n", 26),
        ("RESOURCEAVAILABILITIES:", "SOMETHING ELSE:", None),
        ("nonrenewable              :  0", "nonrenewable              :  2", None),
        (TEXT, "", None),
        (TEXT, "PK\x03\x04\n", None),
    ],
)
def test_a_bad_file_is_refused_with_its_name_row_and_remedy(
    file: Path, old: str, new: str, row: int | None
) -> None:
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_psplib(file)
    problem = caught.value.problems[0]
    assert (problem.place.file, problem.place.row) == ("two.sm", row)
    assert problem.remedy.in_("zh")
    assert run("plan", "--psplib", file).exit_code == 2


def test_a_file_and_an_instance_do_not_go_together(file: Path) -> None:
    assert run("plan").exit_code == 2
    assert run("plan", file, "--psplib", file).exit_code == 2
