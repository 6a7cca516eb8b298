"""The reading *constraints*: a solver finds for fixed answers exactly what plain evaluation gives, whatever the standard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.scoring.constraints import constraints
from capillary.scoring.evaluate import evaluate, programs_for
from capillary.scoring.linear import LinearModel, Quantity, known, summed
from capillary.scoring.solver import BACKENDS, Backend, Limits, solve
from capillary.sheets.answers import read_sheet

from .sheet_kit import STANDARDS
from .strategies import full_sheets

MANY = settings(max_examples=25, deadline=None)


def at_most(
    codes: tuple[int, ...], fields: tuple[object, ...], model: LinearModel
) -> list[tuple[Quantity, ...]]:
    """Return the answers as variables that can reach these codes and no more."""
    found = []
    for field, code in zip(fields, codes, strict=True):
        is_set = field.kind == "set"  # type: ignore[attr-defined]
        count = len(field.keys) - (0 if is_set else 1)  # type: ignore[attr-defined]
        steps = []
        for step in range(count):
            flag = model.flag(f"step {step}")
            model.at_most(flag, known(code >> step & 1 if is_set else int(code > step)))
            steps.append(flag)
        found.append(tuple(steps))
    return found


@pytest.mark.parametrize("standard", STANDARDS)
@MANY
@given(seed=st.integers(0, 10**6), backend=st.sampled_from(BACKENDS))
def test_the_model_claims_what_evaluation_gives(standard: str, seed: int, backend: Backend) -> None:
    found = Library().find(standard)
    sheet = read_sheet(full_sheets(found, 1, seed)[0], Library().find)
    program = programs_for(found, sheet)[0]
    values = evaluate(program, [np.array([code]) for code in sheet.lowest])
    wanted = [index for index in (program.level, program.score) if index is not None]
    for index in wanted:
        model = LinearModel()
        name = program.nodes[index].name
        nodes = constraints(program, model, at_most(sheet.lowest, program.fields, model), [name])
        answer = solve(model, nodes[name], limits=Limits(seconds=20), maximise=True, backend=backend)
        assert (answer.status, answer.objective) == ("optimal", int(values[index][0]))


@MANY
@given(st.data())
def test_both_solvers_agree_with_trying_everything(data: st.DataObject) -> None:
    """Random small models: every assignment is tried."""
    count = data.draw(st.integers(1, 6))
    model = LinearModel()
    flags = [model.flag(f"x{number}") for number in range(count)]
    factors = st.lists(st.integers(0, 9), min_size=count, max_size=count)
    rows = data.draw(st.lists(st.tuples(factors, st.integers(0, 25)), max_size=4))
    for weights, most in rows:
        model.at_most(
            summed([flag.scaled(weight) for flag, weight in zip(flags, weights, strict=True)]), known(most)
        )
    worth = data.draw(factors)
    objective = summed([flag.scaled(weight) for flag, weight in zip(flags, worth, strict=True)])
    best = max(
        sum(worth[place] for place in range(count) if bits >> place & 1)
        for bits in range(1 << count)
        if all(
            sum(weights[place] for place in range(count) if bits >> place & 1) <= most
            for weights, most in rows
        )
    )
    for backend in BACKENDS:
        answer = solve(model, objective, limits=Limits(), maximise=True, backend=backend)
        assert (answer.status, answer.objective) == ("optimal", best)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_cannot_be_is_said(backend: Backend) -> None:
    model = LinearModel()
    first, second = model.flag("a"), model.flag("b")
    model.at_most(known(2), summed([first, second]))
    model.at_most(summed([first, second]), known(1))
    answer = solve(model, known(0), limits=Limits(), backend=backend)
    assert (answer.status, answer.values, answer.gap) == ("infeasible", None, None)
    nothing = LinearModel()
    nothing.at_most(known(1), known(0))
    assert solve(nothing, known(0), limits=Limits(), backend=backend).status == "infeasible"


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_solver_tells_of_what_it_finds_on_the_way(backend: Backend) -> None:
    dice = np.random.default_rng(5)
    model = LinearModel()
    flags = [model.flag(f"x{number}") for number in range(40)]
    for _ in range(8):
        weights = dice.integers(5, 60, 40).tolist()
        model.at_most(
            summed([flag.scaled(weight) for flag, weight in zip(flags, weights, strict=True)]), known(400)
        )
    worth = dice.integers(5, 60, 40).tolist()
    objective = summed([flag.scaled(weight) for flag, weight in zip(flags, worth, strict=True)])
    heard: list[int] = []
    answer = solve(
        model,
        objective,
        limits=Limits(seconds=5),
        maximise=True,
        backend=backend,
        progress=lambda value, _: heard.append(value),
    )
    assert heard
    assert heard == sorted(heard)
    assert answer.objective is not None
    assert heard[-1] <= answer.objective


def test_the_solvers_keep_their_hands_off_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    model = LinearModel()
    model.at_most(known(1), summed([model.flag("a"), model.flag("b")]))
    for backend in BACKENDS:
        solve(model, known(0), limits=Limits(), backend=backend)
    assert capfd.readouterr() == ("", "")
