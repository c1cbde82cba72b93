"""A second wish among optimal solutions: the least of another linear function on the optimal face.

Complementary slackness describes the optimal face: columns with a reduced cost stay at their bound, rows with a price
stay at their right-hand side. Under these fixings every feasible point is optimal, so the second function is minimised
there, from the optimal basis, and the first solve's prices stay valid beside the new point. This needs no basis, only
prices that are exact, as those of a vertex are.

The prices of a first-order method are not: a column it prices a little off zero would be nailed down, and the face
missed. There the first objective stands as a row that may lose what the method leaves open anyway, and the second
function is minimised in a session of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import Session, accuracy_of, find_engine, is_rough
from optimizer.solvers.result import ProgressHook, SolveResult, Termination

WORST_LOSS = 1e-9
"""Largest relative loss of the first objective that counts as none."""

PATIENCE, LEAST_PATIENCE = 3.0, 1.0
"""A first-order method may take so many times as long for the second wish as for the first, and so many seconds: with
a row that leaves next to no room it may go round in circles."""


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
    if not found.has_prices:
        return found.x
    rough = is_rough(options) and not found.has_basis
    if rough:
        x = _with_objective_as_row(program, found, second, options, progress)
    else:
        aside = session.aside(found.basis) if found.has_basis else session
        x = _on_face(aside, program, found, second, options, progress)
        if aside is session:
            session.set_bounds(program.lower, program.upper)
            session.set_row_bounds(program.row_lower, program.row_upper)
            session.set_cost(program.cost, maximize=program.maximize)
            if found.has_basis:
                session.set_basis(found.basis)
    # the row is kept to the method's own tolerance, so that twice the room given may be lost
    worst = 2 * accuracy_of(options) if rough else WORST_LOSS
    loss = abs(program.cost @ x - program.cost @ found.x)
    worth_it = second @ x < second @ found.x and loss <= worst * (1 + abs(found.objective))
    return x if worth_it else found.x


def _with_objective_as_row(
    program: LinearProgram,
    found: SolveResult,
    second: Vector,
    options: SolveOptions,
    progress: ProgressHook | None,
) -> Vector:
    room = options.first_order_tolerance * (1 + abs(found.objective))
    at_least = program.with_objective_at_least(found.objective - room, "objective")
    lower, upper = at_least.row_lower.copy(), at_least.row_upper.copy()
    if not program.maximize:
        lower[-1], upper[-1] = -np.inf, found.objective + room
    session = find_engine(options.engine)(replace(at_least, row_lower=lower, row_upper=upper), options)
    session.set_cost(second, maximize=False)
    patience = max(LEAST_PATIENCE, PATIENCE * found.seconds)
    limit = patience if options.time_limit is None else min(patience, options.time_limit)
    result = session.solve(limit, progress)
    return result.x if result.termination is Termination.OPTIMAL else found.x


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
