"""PuLP: programs as ``LpProblem`` objects that people edit, and through them the commercial engines a house may own.

PuLP fills its model element by element, so this is for handing over, and for engines that cannot be reached otherwise.
Engines differ in the sign of the prices they hand to PuLP; prices are taken over where they explain the objective, if
need be with the other sign, and are missing where they do not. PuLP has no way to stop an engine: Ctrl-C waits for the
end of the solve, or for its time limit. Some of these engines print their licence when they start.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pulp

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import KeepsNumbers
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Basis, Progress, ProgressHook, SolveResult, Termination, crossed_result
from optimizer.solvers.waiting import run_interruptible

SOLVERS = {"gurobi": "GUROBI", "cplex": "CPLEX_PY", "xpress": "XPRESS_PY", "copt": "COPT", "mosek": "MOSEK"}
"""Our names of PuLP's solvers."""
STATUSES = {
    pulp.LpStatusOptimal: Termination.OPTIMAL,
    pulp.LpStatusInfeasible: Termination.INFEASIBLE,
    pulp.LpStatusUnbounded: Termination.UNBOUNDED,
}
"""PuLP's statuses in our words, limits apart; one that is not listed is an error."""
LOW, HIGH = "_low", "_high"
"""Endings of the two constraints that a row with two different limits becomes."""
EXPLAINED = 1e-6
"""Largest difference, relative to the largest objective coefficient, between the objective and what prices explain."""


def open_session(program: LinearProgram, options: SolveOptions) -> PulpSession:
    """Return a session that hands a program to the commercial engine which the options name."""
    return PulpSession(program, options)


def pulp_problem(program: LinearProgram, name: str, columns: Sequence[str], rows: Sequence[str]) -> pulp.LpProblem:
    """Return a program as an ``LpProblem``.

    Parameters
    ----------
    program
        The program. A row with two different limits becomes two constraints, one without a limit none.
    name
        Name of the problem, without spaces.
    columns, rows
        Name of each variable and constraint, each once.
    """
    problem = pulp.LpProblem(name, pulp.LpMaximize if program.maximize else pulp.LpMinimize)
    variables = [
        problem.add_variable(
            label, *(None if np.isinf(bound) else bound for bound in bounds), pulp.LpInteger if whole else "Continuous"
        )
        for label, *bounds, whole in zip(
            columns, program.lower.tolist(), program.upper.tolist(), program.integer.tolist(), strict=True
        )
    ]
    problem.setObjective(_expression(variables, np.arange(program.n_columns), program.cost))
    order = np.argsort(program.indices, kind="stable")
    ends = np.cumsum(np.bincount(program.indices, minlength=program.n_rows))[:-1]
    entries = zip(np.split(program.entry_columns[order], ends), np.split(program.values[order], ends), strict=True)
    limits = zip(rows, program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for (label, lower, upper), (at, values) in zip(limits, entries, strict=False):
        expression = _expression(variables, at, values)
        for sense, limit, ending in _sides(lower, upper):
            problem.addConstraint(pulp.LpConstraint(expression.copy(), sense, label + ending, limit))
    return problem


def _expression(variables: Sequence[Any], at: Any, values: Vector) -> pulp.LpAffineExpression:
    kept = np.flatnonzero(values)
    return pulp.LpAffineExpression(
        {variables[column]: value for column, value in zip(at[kept].tolist(), values[kept].tolist(), strict=True)}
    )


def _sides(lower: float, upper: float) -> list[tuple[int, float, str]]:
    """Return sense, limit and ending of the name of each constraint that a row becomes."""
    if lower == upper:
        return [(pulp.LpConstraintEQ, lower, "")]
    both = np.isfinite(lower) and np.isfinite(upper)
    low = [(pulp.LpConstraintGE, lower, LOW if both else "")] if np.isfinite(lower) else []
    high = [(pulp.LpConstraintLE, upper, HIGH if both else "")] if np.isfinite(upper) else []
    return low + high


def values_of(problem: pulp.LpProblem, program: LinearProgram, columns: Sequence[str]) -> Vector:
    """Return the value of each column in a solved problem; one that stands in no constraint keeps nearest to 0.

    Raises
    ------
    SolveError
        If a variable has no value although it is used: the problem was not solved.
    """
    found = {variable.name: variable.varValue for variable in problem.variables()}
    idle = np.clip(0.0, program.lower, program.upper)
    missing = [name for name in columns if name in found and found[name] is None]
    if missing:
        message = say(
            "{count} variables have no value, first {names}; the problem's status is '{status}'. Solve it first, for "
            "example by problem.solve().",
            count=len(missing),
            names=", ".join(missing[:5]),
            status=pulp.LpStatus[problem.status],
        )
        raise SolveError(message)
    values = [found.get(name, fallback) for name, fallback in zip(columns, idle.tolist(), strict=True)]
    return np.array(values, dtype=float) + 0.0


class PulpSession(KeepsNumbers):
    """A program that PuLP hands to an engine at each solve; see :class:`optimizer.solvers.base.Session`."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        super().__init__(program)
        self._options = options
        self._whole = bool(program.integer.any())

    def set_start(self, x: Vector) -> None:
        """Do nothing: not every engine takes a start from PuLP, and none needs it."""

    def set_basis(self, basis: Basis) -> None:
        """Do nothing: PuLP hands over no basis."""

    def aside(self, basis: Basis) -> PulpSession:
        """Return this session, which starts from no other place."""
        return self

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Hand the program over and solve it anew.

        Raises
        ------
        SolveError
            If the engine fails, for example without a licence.
        KeyboardInterrupt
            On Ctrl-C, after the engine has ended.
        """
        if self._program.is_crossed:
            return crossed_result(Algorithm.SIMPLEX.value, whole=self._whole)
        began = time.perf_counter()

        def seconds() -> float:
            return time.perf_counter() - began

        def work() -> SolveResult:
            columns, rows = ([f"{kind}{i}" for i in range(n)] for kind, n in zip("CR", self._size, strict=True))
            problem = pulp_problem(self._program, "program", columns, rows)
            self._run(problem, time_limit)
            if problem.status == pulp.LpStatusInfeasible:
                # Gurobi's "infeasible or unbounded" comes as infeasible; without an objective nothing is unbounded
                neutral = replace(self._program, cost=np.zeros(self._program.n_columns))
                again = pulp_problem(neutral, "feasible", columns, rows)
                self._run(again, None if time_limit is None else max(time_limit - seconds(), 1e-3))
                if again.status == pulp.LpStatusOptimal:
                    problem.status = pulp.LpStatusUnbounded
            return self._result(problem, columns, rows, time_limit, seconds())

        return run_interruptible(work, _no_way_to_stop, lambda: Progress(seconds(), 0, float("nan")), progress)

    def _run(self, problem: pulp.LpProblem, time_limit: float | None) -> None:
        try:
            problem.solve(self._solver(time_limit))
        except Exception as failure:  # each engine raises errors of its own
            message = say(
                "{engine}, reached through PuLP, failed: {failure}. Check its licence, or choose another engine; "
                "'optimizer doctor' lists them.",
                engine=self._options.engine,
                failure=failure,
            )
            raise SolveError(message) from failure

    @property
    def _size(self) -> tuple[int, int]:
        return self._program.n_columns, self._program.n_rows

    def _solver(self, time_limit: float | None) -> Any:
        given: dict[str, Any] = {"msg": False}
        if time_limit is not None:
            given["timeLimit"] = max(time_limit, 1e-3)
        if self._whole:
            given["gapRel"] = self._options.gap
        return pulp.getSolver(SOLVERS[self._options.engine], **given)

    def _result(
        self, problem: pulp.LpProblem, columns: list[str], rows: list[str], time_limit: float | None, seconds: float
    ) -> SolveResult:
        program, tolerance = self._program, self._options.feasibility_tolerance
        stopped = problem.status == pulp.LpStatusNotSolved or problem.sol_status == pulp.LpSolutionIntegerFeasible
        limit = Termination.OTHER_LIMIT if time_limit is None else Termination.TIME_LIMIT
        termination = limit if stopped else STATUSES.get(problem.status, Termination.ERROR)
        optimal = termination is Termination.OPTIMAL
        found = optimal or (self._whole and problem.sol_status == pulp.LpSolutionIntegerFeasible)
        x = values_of(problem, program, columns) if found else None
        prices = _prices(problem, program, columns, rows) if optimal and not self._whole else None
        objective = None if x is None else float(program.cost @ x)
        infeasible, unbounded = (termination is end for end in (Termination.INFEASIBLE, Termination.UNBOUNDED))
        return SolveResult(
            termination=termination,
            detail=pulp.LpStatus[problem.status].lower(),
            algorithm=Algorithm.SIMPLEX.value,
            iterations=0,
            seconds=seconds,
            whole=self._whole,
            _objective=objective,
            _bound=None if self._whole else objective,
            _x=x,
            _row_dual=None if prices is None else prices[0],
            _reduced_cost=None if prices is None else prices[1],
            _dual_ray=dual_ray(program, None, tolerance) if infeasible and not self._whole else None,
            _primal_ray=primal_ray(program, None, tolerance) if unbounded and not self._whole else None,
        )


def _prices(
    problem: pulp.LpProblem, program: LinearProgram, columns: Sequence[str], rows: Sequence[str]
) -> tuple[Vector, Vector] | None:
    """Return shadow prices and reduced costs in our signs, or ``None`` where the engine gave none that fit."""
    constraints = {constraint.name: constraint.pi for constraint in problem.constraints()}
    shadow = np.zeros(program.n_rows)
    for ending in ("", LOW, HIGH):
        shadow += np.array([constraints.get(name + ending) or 0.0 for name in rows], dtype=float)
    scale = EXPLAINED * float(1 + np.abs(program.cost).max(initial=0.0))
    given = {variable.name: variable.dj for variable in problem.variables()}
    reduced = np.array([given.get(name) or 0.0 for name in columns], dtype=float)
    for sign in (1.0, -1.0):
        products = program.values * shadow[program.indices] * sign
        explained = np.bincount(program.entry_columns, weights=products, minlength=program.n_columns).astype(float)
        rest = program.cost - explained
        in_problem = np.array([name in given for name in columns], dtype=bool)
        if np.abs(rest - sign * reduced)[in_problem].max(initial=0.0) <= scale:
            return sign * shadow + 0.0, rest + 0.0
    return None


def _no_way_to_stop() -> None:
    """Do nothing: PuLP cannot stop an engine."""
