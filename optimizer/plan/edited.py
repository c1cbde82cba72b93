"""A plan as an editable ``LpProblem`` of PuLP, and the way back from its solution to a plan.

Names are readable, ``family(label,label,..)``, and are never parsed: the way back makes the same names again. A
solution that fulfils the case's own program and attains its optimum is an optimum of it, whatever was added to the
problem, and keeps the plan's prices; any other is valued by the true objective, has no prices, and says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.labels import Labels
from optimizer.lp.program import LinearProgram, Vector
from optimizer.plan.solution import Solution
from optimizer.planning.outcome import Edited, Outcome

if TYPE_CHECKING:
    from pulp import LpProblem

FORBIDDEN = re.compile(r"[^\w.()]", re.ASCII)
"""What names of PuLP, and of the file formats behind it, may not hold; commas between labels are put in later."""
SAME = 1e-6
"""Relative difference up to which an objective is the optimum and a limit is kept; PuLP reads 8 digits from CBC."""


def to_pulp(solution: Solution) -> LpProblem:
    """Return the linear program of a plan as an ``LpProblem`` with readable names, the plan as its start values.

    The program is the one the plan is optimal in: that of the last ranking, with whole decisions as they were taken.
    """
    from optimizer.solvers.through_pulp import pulp_problem  # PuLP is wanted by those who ask only

    program = solution.program
    columns = names_of(program.columns, program.n_columns)
    name = FORBIDDEN.sub("_", solution.sets.case.name) or "case"
    problem = pulp_problem(program, name, columns, names_of(program.rows, program.n_rows))
    at = dict(zip(columns, solution.x.tolist(), strict=True))
    for variable in problem.variables():
        variable.setInitialValue(at[variable.name], check=False)
    return problem


def from_pulp(solution: Solution, problem: LpProblem) -> Outcome:
    """Return the outcome that a solved ``LpProblem`` stands for; it came from :func:`to_pulp` and may be edited.

    Raises
    ------
    InputError
        If the problem has none of the program's variables.
    SolveError
        If the problem was not solved.
    """
    from optimizer.solvers.through_pulp import values_of  # PuLP is wanted by those who ask only

    program, outcome = solution.program, solution.outcome
    columns = names_of(program.columns, program.n_columns)
    if not hasattr(problem, "variables"):
        raise InputError(
            say(
                "a plan is read from a problem of PuLP, not from a {kind}; start from plan.to_pulp().",
                kind=type(problem).__name__,
            )
        )
    if not {variable.name for variable in problem.variables()} & set(columns):
        raise InputError(
            say(
                "the problem '{name}' is not of this plan: it has none of its variables. Start from plan.to_pulp().",
                name=problem.name,
            )
        )
    x = values_of(problem, program, columns)
    violation = _violations(program, x)
    objective, optimum = float(program.cost @ x), float(outcome.result.objective)
    edited = Edited(objective, optimum, int((violation > SAME).sum()), float(violation.max(initial=0.0)))
    if edited.broken == 0 and objective >= optimum - SAME * (1 + abs(optimum)):
        return replace(outcome, x=x)
    unpriced = replace(
        outcome.result,
        _row_dual=np.full(program.n_rows, np.nan),
        _reduced_cost=np.full(program.n_columns, np.nan),
        _basis=None,
    )
    return replace(outcome, x=x, edited=edited, cross_check=None, result=unpriced)


def names_of(labels: Labels, size: int) -> list[str]:
    """Return a readable name for every row or column; a repeated one is numbered."""
    names = np.empty(size, dtype=object)
    for family in labels.names:
        frame = labels.frame(family)
        told = pd.Series("", index=range(len(labels.positions(family))))
        for number, dimension in enumerate(frame.columns):
            label = frame[dimension].astype(object).where(frame[dimension].notna(), "").astype(str)
            told = told + ("," if number else "") + label.str.replace(FORBIDDEN, "_", regex=True)
        names[labels.positions(family)] = (family + "(" + told + ")").to_numpy()
    series = pd.Series(names)
    repeated = series.groupby(series).cumcount().to_numpy()
    return [f"{name}.{again}" if again else name for name, again in zip(names.tolist(), repeated.tolist(), strict=True)]


def _violations(program: LinearProgram, x: Vector) -> Vector:
    """Return how far each row and bound is broken, relative to its limit and to 1 at least."""
    value = np.concatenate([program.activity(x), x])
    lower, upper = np.append(program.row_lower, program.lower), np.append(program.row_upper, program.upper)
    below = np.where(np.isfinite(lower), (lower - value) / (1 + np.abs(np.where(np.isfinite(lower), lower, 0))), 0.0)
    above = np.where(np.isfinite(upper), (value - upper) / (1 + np.abs(np.where(np.isfinite(upper), upper, 0))), 0.0)
    broken: Vector = np.maximum(np.maximum(below, above), 0.0)
    return broken
