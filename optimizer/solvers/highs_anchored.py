"""A program held by HiGHS of which few rows get other entries between solves, as where a sum's share of another moves.

The dual simplex method goes on quickly with the weights of its prices, but they belong to one matrix, and to find them
for another takes as long as hundreds of steps. So the engine that has them, the anchor, keeps its matrix ``A``. When
``A + D`` is to be solved, what ``D`` does at the last optimum ``x, y`` is carried by the right-hand sides, and what it
did to the prices there by the objective:

    row bounds  b - D x,        objective  c - D' y    (``D'`` of the matrix that was solved last, transposed)

With nothing else changed the last optimum is one of this program, and near it the two programs agree to first order.
A second engine, which has the matrix ``A + D``, then goes on from the anchor's basis; few steps are left to it.

Where many rows move, as those of flows do with a rate, little of that holds, and the anchor takes the new matrix.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import time_left
from optimizer.solvers.highs_session import ENDLESS, HighsSession
from optimizer.solvers.result import Basis, ProgressHook, SolveResult, Termination

FEW = 100
"""Rows that may move for the anchor to stay. Measured on 74,000 columns, all entries of some rows moved by 1 %, seconds
with an anchor and without: 6 to 16 rows that hold sums in proportion 1.0 to 1.2 against 3.1 to 3.4, and 3.6 against
5.5; 288 rows of flows 16 against 6; 4,480 rows 5.9 against 4.1."""
SHORT = 2_000
"""Steps within which each engine has to end; else the anchor takes the new matrix and goes on."""


@dataclass(frozen=True, eq=False)
class _Optimum:
    """The last optimum: of which program, and which engine stands at it."""

    program: LinearProgram
    result: SolveResult
    engine: HighsSession


class AnchoredSession:
    """A program that is solved again and again, with other numbers at the same places.

    Parameters
    ----------
    program
        The program as it is at first; its matrix is the anchor's.
    options
        How to solve.
    """

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self._options = options
        self._program = program
        self._anchor = HighsSession(program, options)
        self._values = program.values  # of the anchor
        self._second: HighsSession | None = None
        self._last: _Optimum | None = None

    def take(self, program: LinearProgram) -> None:
        """Take over the numbers of a program with entries in the same places."""
        self._program = program

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        self._anchor.set_basis(basis)
        self._last = None

    def solve(
        self, time_limit: float | None = None, progress: ProgressHook | None = None, *, most_steps: int = ENDLESS
    ) -> SolveResult:
        """Solve what is held now; see :meth:`optimizer.solvers.highs_session.HighsSession.solve`.

        ``most_steps`` are those of each run of an engine.
        """
        program, last = self._program, self._last
        self._last = None  # until it is known where the solve ended
        if last is not None and last.engine is self._second and _differ_in_costs_at_most(last.program, program):
            # the primal simplex method goes on from where it stands, and has no use for the weights
            return self._by(last.engine, time_limit, progress, most_steps)
        if last is not None and 0 < self._rows_moved() <= FEW:
            return self._by_both(last, time_limit, progress, most_steps)
        self._values = program.values
        return self._by(self._anchor, time_limit, progress, most_steps)

    def _by(
        self, engine: HighsSession, time_limit: float | None, progress: ProgressHook | None, most_steps: int
    ) -> SolveResult:
        """Let an engine take over what is held now, solve it, and keep its end in mind if that is an optimum."""
        engine.take(self._program)
        found = engine.solve(time_limit, progress, most_steps=most_steps)
        if found.termination is Termination.OPTIMAL and found.has_basis:
            self._last = _Optimum(self._program, found, engine)
        return found

    def _by_both(
        self, last: _Optimum, time_limit: float | None, progress: ProgressHook | None, most_steps: int
    ) -> SolveResult:
        """Let the anchor lead near the optimum, and the second engine to it."""
        program, began, short = self._program, time.perf_counter(), min(SHORT, most_steps)
        self._anchor.take(self._carried(last))
        found = self._anchor.solve(time_limit, progress, most_steps=short)
        if found.termination is Termination.OPTIMAL and found.has_basis:
            if self._second is None:
                self._second = HighsSession(program, self._options)
                self._second.use_weights(exact=False)
            self._second.set_basis(found.basis)
            left = time_left(time_limit, time.perf_counter() - began)
            found = self._by(self._second, left, progress, short).after(found)
            if found.termination is Termination.OPTIMAL:
                return found
        if found.termination.is_limit and found.termination is not Termination.OTHER_LIMIT:
            return found
        self._values = program.values
        left = time_left(time_limit, time.perf_counter() - began)
        return self._by(self._anchor, left, progress, most_steps).after(found)

    def _rows_moved(self) -> int:
        """Return how many rows have other entries than with the anchor."""
        moved = self._program.values != self._values
        return len(np.unique(self._program.indices[moved]))

    def _carried(self, last: _Optimum) -> LinearProgram:
        """Return the program with the anchor's matrix, what others do at the last optimum being carried."""
        program, columns = self._program, self._program.entry_columns
        now, then = program.values - self._values, last.program.values - self._values
        at_rows = np.bincount(program.indices, now * last.result.x[columns], minlength=program.n_rows)
        prices = last.result.row_dual[program.indices]
        at_columns = np.bincount(columns, then * prices, minlength=program.n_columns)
        return replace(
            program,
            values=self._values,
            row_lower=program.row_lower - at_rows,
            row_upper=program.row_upper - at_rows,
            cost=program.cost - at_columns,
        )


def _differ_in_costs_at_most(one: LinearProgram, other: LinearProgram) -> bool:
    """Return whether two programs differ in their objective at most."""
    same = ("values", "lower", "upper", "row_lower", "row_upper")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in same)
