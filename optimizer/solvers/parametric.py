"""The optimum of a program as its right-hand sides and bounds move along a direction, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.errors import SolveError
from optimizer.lp.parametric import Segment, Support, concave_curve
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination


@dataclass(frozen=True, eq=False)
class Direction:
    """What moves with the number a curve is drawn against, per unit of that number.

    Attributes
    ----------
    rows
        Movement of each row's bounds; infinite bounds stay where they are.
    columns
        Movement of each column's upper bound, likewise.
    """

    rows: Vector
    columns: Vector


def optimum_curve(
    program: LinearProgram,
    direction: Direction,
    low: float,
    high: float,
    options: SolveOptions | None = None,
    watch: Callable[[float], None] | None = None,
) -> list[Segment[SolveResult]]:
    """Return the exact curve of a program's optimum while bounds move from ``low`` to ``high`` units of a direction.

    Parameters
    ----------
    program
        The program at 0 units; without whole columns.
    direction
        What moves, per unit.
    low, high
        Units the curve begins and ends at; the program must have an optimum at both.
    options
        How to solve.
    watch
        Called with each place that is solved.

    Returns
    -------
    list
        Straight pieces in order. The slope of a piece is the shadow price of the direction there, and its support the
        solve that shows which limits have a price.

    Raises
    ------
    SolveError
        If the program has no optimum somewhere on the way, or whole columns.
    """
    session = find_engine((options or SolveOptions()).engine)(program, options or SolveOptions())
    sign = 1.0 if program.maximize else -1.0

    def solve(at: float) -> Support[SolveResult]:
        if watch is not None:
            watch(at)
        session.set_row_bounds(program.row_lower + at * direction.rows, program.row_upper + at * direction.rows)
        session.set_bounds(program.lower, program.upper + at * direction.columns)
        result = session.solve()
        if result.termination is not Termination.OPTIMAL:
            msg = (
                f"the program at {at:g} units ended with '{result.termination}'; the curve begins or ends before that."
            )
            raise SolveError(msg)
        # a reduced cost is the price of the upper bound where more room would be used
        used = np.maximum(sign * result.reduced_cost, 0.0) * np.isfinite(program.upper)
        slope = sign * float(result.row_dual @ direction.rows) + float(used @ direction.columns)
        return Support(at, sign * result.objective, slope, result)

    pieces = concave_curve(solve, low, high)
    if program.maximize:
        return pieces
    return [Segment(piece.low, piece.high, -piece.value, -piece.slope, piece.support) for piece in pieces]
