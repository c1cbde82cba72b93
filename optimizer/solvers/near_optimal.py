"""Points of a linear program that give up no more than a little of its optimum: how far they can go, and how different.

A row holds the objective near its optimum; then other functions are made least and greatest, each from the last basis
(modelling to generate alternatives: E. D. Brill, S.-Y. Chang, L. D. Hopkins, Management Science 28 (1982) 221-235).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.hold import holding
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import ProgressHook, Termination

FRESH = 10_000
"""Columns from which on every solve begins anew. Objectives that have nothing in common are far apart: from the optimum
of one to that of another the simplex method took 3 to 22 s in a program of 25,000 columns, an interior point 2 to 5."""


@dataclass(frozen=True)
class Check:
    """What is recomputed of a point from the matrices of its program, independent of the engine.

    Attributes
    ----------
    objective
        Objective.
    violation
        Largest violation of a row or bound, relative to the size of what the row adds up.
    """

    objective: float
    violation: float


def check(program: LinearProgram, x: Vector) -> Check:
    """Recompute the objective of a point and its largest violation of a row or a bound."""
    activity = program.activity(x)
    terms = np.abs(program.values * x[program.entry_columns])
    size = 1 + np.bincount(program.indices, weights=terms, minlength=program.n_rows)
    rows = np.maximum(program.row_lower - activity, activity - program.row_upper) / size
    bounds = np.maximum(program.lower - x, x - program.upper) / (1 + np.abs(x))
    worst = max(rows.max(initial=0.0), bounds.max(initial=0.0), 0.0)
    return Check(float(program.cost @ x), float(worst))


class NearOptimal:
    """The points of a program whose objective is no worse than a limit, in one session.

    Parameters
    ----------
    program
        The program, without whole columns.
    limit
        What the objective must reach: at least, where it is maximised, else at most.
    options
        How to solve; the time limit holds for all solves together.
    progress
        Told where long solves stand.
    """

    def __init__(
        self, program: LinearProgram, limit: float, options: SolveOptions, progress: ProgressHook | None = None
    ) -> None:
        self.program = program
        ends = (limit, np.inf) if program.maximize else (-np.inf, limit)
        lower, upper = np.array(ends[:1]), np.array(ends[1:])
        self._held = holding(program, [program.cost], lower, upper, "near_optimal")
        self._options = replace(options, time_limit=None)
        self._open()
        self._end = None if options.time_limit is None else time.perf_counter() + options.time_limit
        self._progress = progress
        self.solves = 0

    def _open(self) -> None:
        self._session = find_engine(self._options.engine)(self._held, self._options)

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit is over."""
        return self._end is not None and time.perf_counter() >= self._end

    def extreme(self, vector: Vector, *, greatest: bool) -> Vector | None:
        """Return the point at which a function is greatest, or least; ``None`` where a limit came first.

        Raises
        ------
        SolveError
            If there is no such point.
        """
        if self.solves and self.program.n_columns >= FRESH:
            self._open()
        self._session.set_cost(vector, maximize=greatest)
        left = None if self._end is None else max(self._end - time.perf_counter(), 1e-3)
        result = self._session.solve(left, self._progress)
        self.solves += 1
        if result.termination.is_limit:
            return None
        if result.termination is not Termination.OPTIMAL:
            msg = say(
                "the solve near the optimum ended with '{end}' ({detail}).",
                end=result.termination,
                detail=result.detail,
            )
            raise SolveError(msg)
        return result.x
