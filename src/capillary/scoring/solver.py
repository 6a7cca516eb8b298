"""One small interface to two exact solvers: HiGHS (branch and cut) and OR-Tools CP-SAT.

Both take the same `LinearModel`. Which one is used where was chosen by measurement: see ``docs/decisions/016-solvers.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capillary.scoring.linear import LinearModel, Quantity, Row

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
Backend = Literal["highs", "cp-sat"]
# told the objective and the bound, if one is known, whenever something better is found
Progress: TypeAlias = "Callable[[int, float | None], None]"
BACKENDS: tuple[Backend, ...] = ("highs", "cp-sat")
WHOLE = 1e-6


@dataclass(frozen=True)
class Limits:
    """How long a solver may work, and how good is good enough.

    Attributes:
        seconds: the longest time.
        gap: the relative distance between the best solution and the bound at which to stop; 0 for a proof.
        workers: threads; more than one makes CP-SAT's choice among equals differ from run to run.
        seed: of the solver's random choices.
        restarts: whether HiGHS may begin anew with what it learned; not worth it where time is short and the bound is wanted.
    """

    seconds: float = 10.0
    gap: float = 0.0
    workers: int = 1
    seed: int = 0
    restarts: bool = True


@dataclass(frozen=True)
class Answer:
    """What a solver found.

    Attributes:
        status: ``optimal`` is proven (within the gap that was asked for); ``feasible`` is the best when the time was up.
        values: one whole number for each variable; None where nothing was found.
        objective: what it is worth; None where nothing was found.
        bound: no solution is better than this; None where nothing is known.
        seconds: time inside the solver.
    """

    status: Status
    values: tuple[int, ...] | None
    objective: int | None
    bound: float | None
    seconds: float

    @property
    def gap(self) -> float | None:
        """Relative distance between objective and bound; None where one of them is not known."""
        if self.objective is None or self.bound is None:
            return None
        return abs(self.objective - self.bound) / max(1.0, abs(self.objective))


def solve(  # noqa: PLR0913 - all by name
    model: LinearModel,
    objective: Quantity,
    *,
    limits: Limits,
    maximise: bool = False,
    warm: Sequence[int] | None = None,
    backend: Backend = "highs",
    progress: Progress | None = None,
) -> Answer:
    """Return the best solution of a model.

    Args:
        model: variables and rows.
        objective: what is made as small as possible, or as large.
        limits: time, gap, threads, seed.
        maximise: whether large is good.
        warm: values of all variables to begin with; they need not fit all rows.
        backend: which solver.
        progress: told the objective and the bound whenever something better is found.
    """
    if any(not row.terms and not _holds(row) for row in model.rows):
        return Answer("infeasible", None, None, None, 0.0)
    if not model.lower or (objective.fixed and not model.rows):
        return Answer("optimal", tuple(model.lower), objective.constant, float(objective.constant), 0.0)
    run = _highs if backend == "highs" else _cp_sat
    return run(model, objective, limits, maximise=maximise, warm=warm, progress=progress)


def _holds(row: Row) -> bool:
    """Whether a row without variables holds; solvers say nothing certain about models in which nothing is open."""
    return (row.low is None or row.low <= 0) and (row.high is None or row.high >= 0)


def _highs(  # noqa: PLR0913 - all by name
    model: LinearModel,
    objective: Quantity,
    limits: Limits,
    *,
    maximise: bool,
    warm: Sequence[int] | None,
    progress: Progress | None,
) -> Answer:
    import highspy

    solver = _quiet()()
    for name, value in (
        ("time_limit", float(limits.seconds)),
        ("mip_rel_gap", float(limits.gap)),
        ("mip_abs_gap", 0.999 if not limits.gap and _whole_objective(model, objective) else 1e-6),
        ("threads", limits.workers),
        ("random_seed", limits.seed),
        ("mip_allow_restart", limits.restarts),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_highs_model(highspy, model, objective, maximise=maximise))
    if warm is not None:
        solution = highspy.HighsSolution()
        solution.col_value = [float(value) for value in warm]
        solver.setSolution(solution)
    if progress is not None:

        def improved(event: Any) -> None:
            # the first call comes before there is any solution
            found, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
            if np.isfinite(found):
                progress(round(found), float(bound) if np.isfinite(bound) else None)

        solver.cbMipImprovingSolution.subscribe(improved)
    solver.run()
    info = solver.getInfo()
    state = solver.getModelStatus()
    kind = highspy.HighsModelStatus
    seconds = float(solver.getRunTime())
    if state in {kind.kInfeasible, kind.kUnboundedOrInfeasible}:
        return Answer("infeasible", None, None, None, seconds)
    bound = float(info.mip_dual_bound)
    known_bound = bound if np.isfinite(bound) else None
    if info.primal_solution_status != 2:
        return Answer("unknown", None, None, known_bound, seconds)
    values = tuple(
        round(value) if flag else floor(value + WHOLE)
        for value, flag in zip(solver.getSolution().col_value, model.whole, strict=True)
    )
    exact = _whole_objective(model, objective)
    found = round(objective.value(values) if exact else float(info.objective_function_value))
    status: Status = "optimal" if state == kind.kOptimal else "feasible"
    return Answer(status, values, found, known_bound, seconds)


@cache
def _quiet() -> Any:
    """Return HiGHS without its banner, which it prints as soon as it is made: standard output belongs to our results."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> Any:  # noqa: N802 - the name is HiGHS' own
            self.setOptionValue("output_flag", False)
            return super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Quiet


def _whole_objective(model: LinearModel, objective: Quantity) -> bool:
    return all(model.whole[name] for name in objective.terms)


def _highs_model(highspy: Any, model: LinearModel, objective: Quantity, *, maximise: bool) -> Any:
    lp = highspy.HighsLp()
    count, rows = len(model.lower), model.rows
    lp.num_col_, lp.num_row_ = count, len(rows)
    costs = np.zeros(count)
    for name, factor in objective.terms.items():
        costs[name] = factor
    lp.col_cost_ = costs
    lp.offset_ = float(objective.constant)
    lp.sense_ = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
    lp.col_lower_ = np.array(model.lower, dtype=np.double)
    lp.col_upper_ = np.array(model.upper, dtype=np.double)
    lp.row_lower_ = np.array(
        [-highspy.kHighsInf if row.low is None else row.low for row in rows], dtype=np.double
    )
    lp.row_upper_ = np.array(
        [highspy.kHighsInf if row.high is None else row.high for row in rows], dtype=np.double
    )
    lengths = [len(row.terms) for row in rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    lp.a_matrix_.index_ = np.array([name for row in rows for name, _ in row.terms], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([factor for row in rows for _, factor in row.terms], dtype=np.double)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in model.whole]
    return lp


def _cp_sat(  # noqa: PLR0913 - all by name
    model: LinearModel,
    objective: Quantity,
    limits: Limits,
    *,
    maximise: bool,
    warm: Sequence[int] | None,
    progress: Progress | None,
) -> Answer:
    from ortools.sat.python import cp_model

    solver_model = cp_model.CpModel()
    variables = [
        solver_model.new_int_var(low, high, "") for low, high in zip(model.lower, model.upper, strict=True)
    ]
    expression = cp_model.LinearExpr.weighted_sum
    for row in model.rows:
        names = [variables[name] for name, _ in row.terms]
        left = expression(names, [factor for _, factor in row.terms])
        if row.high is not None:
            solver_model.add(left <= row.high)
        if row.low is not None:
            solver_model.add(left >= row.low)
    goal = expression([variables[name] for name in objective.terms], list(objective.terms.values()))
    if maximise:
        solver_model.maximize(goal + objective.constant)
    else:
        solver_model.minimize(goal + objective.constant)
    if warm is not None:
        for variable, value in zip(variables, warm, strict=True):
            solver_model.add_hint(variable, value)
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = float(limits.seconds)
    parameters.relative_gap_limit = float(limits.gap)
    parameters.num_workers = limits.workers
    parameters.random_seed = limits.seed
    callback = None if progress is None else _improving(cp_model, progress)
    state = solver.solve(solver_model, callback)
    seconds = float(solver.wall_time)
    if state == cp_model.INFEASIBLE:
        return Answer("infeasible", None, None, None, seconds)
    if state not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Answer("unknown", None, None, None, seconds)
    values = tuple(int(solver.value(variable)) for variable in variables)
    status: Status = "optimal" if state == cp_model.OPTIMAL else "feasible"
    return Answer(status, values, round(objective.value(values)), float(solver.best_objective_bound), seconds)


def _improving(cp_model: Any, progress: Progress) -> Any:
    class Improving(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]  # OR-Tools ships no types
        def on_solution_callback(self) -> None:
            progress(round(self.objective_value), float(self.best_objective_bound))

    return Improving()


def whole_bound(bound: float, *, maximise: bool) -> int:
    """Return the best whole number that a bound allows."""
    return floor(bound + WHOLE) if maximise else ceil(bound - WHOLE)
