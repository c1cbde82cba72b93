"""All prices of a limit that are right, where the optimum has more than one.

Where several bases share an optimum, the price an engine reports is one of many. The optimum as a function of a limit
is then bent at the very point: more of the limit changes it at one rate, less of it at another, and every price between
the two is right. Both rates come from the program of directions (:mod:`optimizer.lp.directions`), one small solve each,
from the last basis; they depend on no basis and on no choice among optimal solutions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.lp.directions import tangent_program
from optimizer.lp.program import LinearProgram, Vector
from optimizer.lp.ranging import priced_side
from optimizer.options import SolveOptions
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.result import SolveResult, Termination

SAME = 1e-6
"""Difference of two prices, relative above 1, that counts as none."""


@dataclass(frozen=True)
class PriceInterval:
    """The prices of one limit that are right.

    Attributes
    ----------
    low, high
        The ends: what more of the limit changes per unit, and what less of it does, in their order. Infinite where the
        limit cannot move that way at all; NaN where the engine could not tell.
    """

    low: float
    high: float

    @property
    def unique(self) -> bool:
        """Whether there is one price only."""
        size = min(abs(self.low), abs(self.high))
        return math.isfinite(size) and self.high - self.low <= SAME * (1 + size)


@dataclass(frozen=True)
class _Moves:
    """A limit among the bounds of all directions: its position, and which of its two bounds it is."""

    position: int
    is_lower: bool
    is_upper: bool
    lower: Vector
    upper: Vector

    @property
    def any(self) -> bool:
        """Whether the solution lies on it."""
        return bool(
            (self.is_lower and np.isfinite(self.lower[self.position]))
            or (self.is_upper and np.isfinite(self.upper[self.position]))
        )

    def by(self, step: float) -> tuple[Vector, Vector]:
        """Return the bounds with the limit moved."""
        lower, upper = self.lower.copy(), self.upper.copy()
        if self.is_lower:
            lower[self.position] = step
        if self.is_upper:
            upper[self.position] = step
        return lower, upper


class PriceIntervals:
    """Answers for one optimum, one limit at a time, by an engine that holds the program of directions.

    Parameters
    ----------
    program
        The program.
    optimum
        An optimum of it by the default engine.
    row_dual
        Reported prices of rows; of a row with two bounds they tell which one is meant.
    """

    def __init__(self, program: LinearProgram, optimum: SolveResult, row_dual: Vector) -> None:
        self._program = program
        self._optimum = optimum
        self._row_dual = row_dual

    @cached_property
    def _tangent(self) -> LinearProgram:
        return tangent_program(self._program, self._optimum.x)

    @cached_property
    def _session(self) -> Session:
        options = SolveOptions()
        session = find_engine(options.engine)(self._tangent, options)
        if self._optimum.has_basis:
            session.set_basis(self._optimum.basis)
        return session

    def of_row(self, row: int) -> PriceInterval:
        """Return the prices of a row's right-hand side: of the bound that its price pays for."""
        program, tangent = self._program, self._tangent
        own = slice(row, row + 1)
        lower, upper = program.row_lower[own], program.row_upper[own]
        side = priced_side(self._row_dual[own], lower, upper, maximize=program.maximize)
        is_lower, is_upper = bool((side == lower).all()), bool((side == upper).all())
        moves = _Moves(row, is_lower, is_upper, tangent.row_lower, tangent.row_upper)
        return self._interval(moves, self._session.set_row_bounds)

    def of_upper(self, column: int) -> PriceInterval:
        """Return the prices of a column's upper bound."""
        tangent = self._tangent
        moves = _Moves(column, False, True, tangent.lower, tangent.upper)
        return self._interval(moves, self._session.set_bounds)

    def _interval(self, moves: _Moves, load: Callable[[Vector, Vector], None]) -> PriceInterval:
        if not moves.any:
            return PriceInterval(0.0, 0.0)  # the solution lies off the limit
        more, less = (self._change(*moves.by(step), moves.position, load) for step in (1.0, -1.0))
        load(moves.lower, moves.upper)
        low, high = (more, -less) if self._program.maximize else (-less, more)
        return PriceInterval(low + 0.0, high + 0.0)

    def _change(self, lower: Vector, upper: Vector, position: int, load: Callable[[Vector, Vector], None]) -> float:
        """Return what the best direction earns when a bound gives way, or comes in."""
        none = -np.inf if self._program.maximize else np.inf
        if lower[position] > upper[position]:
            return none
        load(lower, upper)
        result = self._session.solve()
        if result.termination is Termination.OPTIMAL:
            return result.objective
        return none if result.termination is Termination.INFEASIBLE else np.nan
