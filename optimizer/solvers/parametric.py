"""The optimum of a program as its right-hand sides and bounds move along a direction, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.extend import Addition, extended
from optimizer.lp.parametric import Curve, Segment, Support, concave_curve
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine, time_left
from optimizer.solvers.result import Basis, SolveResult, Termination
from optimizer.solvers.steps import Steps


class NoOptimumError(SolveError):
    """A program has no optimum at a place of its curve.

    Attributes
    ----------
    at
        The place.
    termination
        How the solve ended there.
    """

    def __init__(self, at: float, termination: Termination) -> None:
        self.at = at
        self.termination = termination
        super().__init__(
            say(
                "the program at {at} units ended with '{end}'; the curve begins or ends before that.",
                at=f"{at:g}",
                end=termination,
            ),
            termination.status,
        )


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


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much work a curve may take; what is then not told apart is left as stretches with a gap.

    Attributes
    ----------
    most
        Most solves.
    tolerance
        Gap that may be left anywhere, as a share of the largest optimum.
    watch
        Called with each place that is solved.
    steps
        Told where the curve stands, in the part it is at: a step a solve, and the share of the way that is resolved.
    """

    most: int = 10_000
    tolerance: float = 0.0
    watch: Callable[[float], None] | None = None
    steps: Steps | None = None


def optimum_curve(  # noqa: PLR0913  # what moves, between which ends, and how it is solved
    program: LinearProgram,
    direction: Direction,
    low: float,
    high: float,
    *,
    options: SolveOptions | None = None,
    effort: Effort | None = None,
    basis: Basis | None = None,
) -> Curve[SolveResult]:
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
        How to solve; the time limit holds for the whole curve, which then ends with what is known.
    effort
        How much work it may take; as much as there is where left out.
    basis
        A basis of the program to begin from.

    Returns
    -------
    Curve
        Straight pieces in order, and whether no limit stopped the search for them. The slope of a piece is the shadow
        price of the direction there, and its support the solve that shows which limits have a price. Pieces with a
        ``gap`` are stretches that were not resolved.

    Raises
    ------
    NoOptimumError
        If the program has no optimum somewhere on the way.
    SolveError
        If the program has whole columns, which have no prices, or the time is up before the ends are solved.
    """
    options, effort = options or SolveOptions(), effort or Effort()
    session = find_engine(options.engine)(program, options)
    if basis is not None:
        session.set_basis(basis)
    sign, steps = 1.0 if program.maximize else -1.0, effort.steps or Steps(None, ())
    end = None if options.time_limit is None else time.perf_counter() + options.time_limit

    def solve(at: float, near: Support[SolveResult] | None) -> Support[SolveResult] | None:
        if effort.watch is not None:
            effort.watch(at)
        session.set_row_bounds(program.row_lower + at * direction.rows, program.row_upper + at * direction.rows)
        session.set_bounds(program.lower, program.upper + at * direction.columns)
        if near is not None and near.detail.has_basis:
            session.set_basis(near.detail.basis)
        result = session.solve(time_left(end, time.perf_counter()), steps.hook)
        if result.termination.is_limit:
            return None
        if result.termination is not Termination.OPTIMAL:
            raise NoOptimumError(at, result.termination)
        # a reduced cost is the price of the upper bound where more room would be used
        used = np.maximum(sign * result.reduced_cost, 0.0) * np.isfinite(program.upper)
        slope = sign * float(result.row_dual @ direction.rows) + float(used @ direction.columns)
        return Support(at, sign * result.objective, slope, result)

    curve = concave_curve(
        solve,
        low,
        high,
        most=effort.most,
        tolerance=effort.tolerance,
        enough=lambda: end is not None and time.perf_counter() >= end,
        told=lambda resolved: steps.advance(resolved=resolved),
    )
    return curve if program.maximize else replace(curve, pieces=tuple(_turned(piece) for piece in curve.pieces))


def _turned(piece: Segment[SolveResult]) -> Segment[SolveResult]:
    """Return a piece of a curve that was minimised, which is convex."""
    supports = tuple(Support(one.at, -one.value, -one.slope, one.detail) for one in piece.supports)
    return Segment(piece.low, piece.high, -piece.value, -piece.slope, supports, piece.gap)


def first_feasible(
    program: LinearProgram, direction: Direction, low: float, high: float, options: SolveOptions | None = None
) -> float | None:
    """Return the least number of units between two at which a program has a feasible point; ``None`` where none has.

    The number becomes a column ``t`` that is minimised: ``row_lower <= A x - t rows <= row_upper`` and
    ``x - t columns <= upper``.

    Raises
    ------
    SolveError
        If the engine fails, or a limit comes first.
    """
    options = options or SolveOptions()
    t = program.n_columns
    rows = np.flatnonzero(direction.rows)
    moved = np.flatnonzero((direction.columns != 0) & np.isfinite(program.upper))
    own = program.n_rows + np.arange(len(moved))  # a bound that moves becomes a row of its own
    entries = (
        np.concatenate([rows, own, own]),
        np.concatenate([np.full(len(rows), t), moved, np.full(len(moved), t)]),
        np.concatenate([-direction.rows[rows], np.ones(len(moved)), -direction.columns[moved]]),
    )
    own_rows = (np.full(len(moved), -np.inf), program.upper[moved])
    asked = extended(program, Addition(np.array([low]), np.array([high]), *own_rows, (entries,)), "moved")
    upper = asked.upper.copy()
    upper[moved] = np.inf
    cost = np.zeros(asked.n_columns)
    cost[t] = 1.0
    session = find_engine(options.engine)(asked, options)
    session.set_bounds(asked.lower, upper)
    session.set_cost(cost, maximize=False)
    result = session.solve(options.time_limit)
    if result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED):
        return None
    if result.termination is not Termination.OPTIMAL:
        msg = say(
            "the search for the first feasible place ended with '{end}' ({detail}).",
            end=result.termination,
            detail=result.detail,
        )
        raise SolveError(msg, result.termination.status)
    return float(result.x[t])
