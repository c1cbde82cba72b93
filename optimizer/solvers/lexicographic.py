"""A second wish among optimal solutions: the least of another linear function on the optimal face.

Complementary slackness describes the optimal face: columns with a reduced cost stay at their bound, rows with a price
stay at their right-hand side. Under these fixings every feasible point is optimal, so the second function is minimised
there, from the optimal basis, and the first solve's prices stay valid beside the new point.
"""

from __future__ import annotations

import numpy as np

from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import Session
from optimizer.solvers.result import ProgressHook, SolveResult, Termination

WORST_LOSS = 1e-9
"""Largest relative loss of the first objective that counts as none."""


def least_of(
    session: Session,
    program: LinearProgram,
    found: SolveResult,
    second: Vector,
    options: SolveOptions,
    progress: ProgressHook | None = None,
) -> Vector:
    """Return an optimal solution with the least ``second @ x``; the session is left as it was found.

    Parameters
    ----------
    session
        Holds ``program`` and has just solved it.
    program
        The program, with the objective that was solved.
    found
        The optimal result of that solve.
    second
        Coefficients of the function to be made least.
    options
        Its ``feasibility_tolerance`` tells which prices count as zero; its ``time_limit`` holds for this solve.
    progress
        Told where a long solve stands.

    Returns
    -------
    Vector
        The solution; the one found, where the engine could not improve it without loss.
    """
    if not found.has_basis:
        return found.x
    x = _on_face(session, program, found, second, options, progress)
    session.set_bounds(program.lower, program.upper)
    session.set_row_bounds(program.row_lower, program.row_upper)
    session.set_cost(program.cost, maximize=program.maximize)
    session.set_basis(found.basis)
    loss = abs(program.cost @ x - program.cost @ found.x)
    worth_it = second @ x < second @ found.x and loss <= WORST_LOSS * (1 + abs(found.objective))
    return x if worth_it else found.x


def _on_face(
    session: Session,
    program: LinearProgram,
    found: SolveResult,
    second: Vector,
    options: SolveOptions,
    progress: ProgressHook | None,
) -> Vector:
    tolerance = options.feasibility_tolerance
    priced = np.abs(found.reduced_cost) > tolerance
    at = _nearest_bound(found.x, program.lower, program.upper)
    session.set_bounds(np.where(priced, at, program.lower), np.where(priced, at, program.upper))
    tight = np.abs(found.row_dual) > tolerance
    side = _nearest_bound(program.activity(found.x), program.row_lower, program.row_upper)
    session.set_row_bounds(np.where(tight, side, program.row_lower), np.where(tight, side, program.row_upper))
    session.set_cost(second, maximize=False)
    result = session.solve(options.time_limit, progress)
    return result.x if result.termination is Termination.OPTIMAL else found.x


def _nearest_bound(value: Vector, lower: Vector, upper: Vector) -> Vector:
    below, above = np.abs(value - lower), np.abs(upper - value)
    return np.where(below <= above, lower, upper)
