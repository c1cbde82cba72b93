"""A program with one free column that is solved with a guessed floor, and proven not to have needed it.

An interior point method that meets a free column in many rows may lose its footing and leave the program to the simplex
method, which takes twenty times as long on large ones; any finite bound prevents that. So the column gets one far off
what is likely, and where the optimum lies strictly inside of it, it is the optimum without it: a better point beyond
would make every point on the way to it better too, and some of these keep the bound. Reduced costs and prices are those
without the bound as well, for one that is not reached has none. Where it is reached, or leaves no solution, the
program is solved as it is.
"""

from __future__ import annotations

from optimizer.lp.program import LinearProgram
from optimizer.solvers.base import Session
from optimizer.solvers.result import ProgressHook, SolveResult, Termination

FAR = 1e6
"""How far below 0 (for a minimisation, above) the guess lies; outcomes are thousands, and rarely losses at all."""
INSIDE = 1e-6
"""Relative distance from the guess from which on it was not reached; larger than any engine's tolerance."""
RETRIED = (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)
"""Ends that the guess may have caused."""


def solve_free(
    session: Session,
    program: LinearProgram,
    column: int,
    time_limit: float | None = None,
    progress: ProgressHook | None = None,
) -> SolveResult:
    """Solve a program whose objective pushes a free column away from the side where the guess is.

    Parameters
    ----------
    session
        Holds ``program``; afterwards too, with the last basis.
    program
        The program.
    column
        The free column, which costs nothing to be as high (minimisation: low) as its rows let it.
    time_limit
        Seconds for all solves together.
    progress
        Told where a long solve stands.
    """
    lower, upper = program.lower.copy(), program.upper.copy()
    side, guess = (lower, -FAR) if program.maximize else (upper, FAR)
    side[column] = guess
    session.set_bounds(lower, upper)
    result = session.solve(time_limit, progress)
    session.set_bounds(program.lower, program.upper)
    optimal = result.termination is Termination.OPTIMAL
    if optimal and abs(float(result.x[column]) - guess) > INSIDE * FAR:
        return result
    if not optimal and result.termination not in RETRIED:
        return result
    left = None if time_limit is None else max(time_limit - result.seconds, 0.0)
    return session.solve(left, progress)
