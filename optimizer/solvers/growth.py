"""Why a program is unbounded: the smallest direction in which its objective grows without end.

A direction ``d`` keeps every feasible point feasible if each row and column moves only towards a side without a limit.

    minimise   sum_j d_j     (all d_j >= 0)
    where      cost @ d >= 1,  d_j = 0 under an upper limit,
               A d >= 0 for rows with a lower limit, <= 0 for rows with an upper one

It exists if and only if a feasible program is unbounded, and a vertex of it moves few columns.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import Termination

STILL = 1e-9
"""Move of a column that counts as none, relative to the largest."""


def direction_of_growth(program: LinearProgram, options: SolveOptions, time_limit: float | None) -> Vector | None:
    """Return how much each column grows per unit of the objective; ``None`` where the objective has a bound.

    Parameters
    ----------
    program
        A program that is to be maximised, its columns not below 0.
    options
        How to solve.
    time_limit
        Seconds it may take.

    Raises
    ------
    SolveError
        If the engine fails or the time runs out: then it is not known.
    """

    def homogeneous(bound: Vector) -> Vector:
        return np.where(np.isfinite(bound), 0.0, bound)

    cone = replace(
        program,
        lower=homogeneous(program.lower),
        upper=homogeneous(program.upper),
        integer=np.zeros_like(program.integer),
        row_lower=homogeneous(program.row_lower),
        row_upper=homogeneous(program.row_upper),
    ).with_objective_at_least(1.0, "growth")
    session = find_engine(options.engine)(cone, replace(options, algorithm=Algorithm.SIMPLEX))
    session.set_cost(np.ones(cone.n_columns), maximize=False)
    result = session.solve(time_limit)
    if result.termination is Termination.INFEASIBLE:
        return None
    moves = result.x
    return np.where(moves > STILL * moves.max(), moves, 0.0)
