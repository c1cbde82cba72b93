"""Programs drawn at random, and their optimum when one number of them moves: ranges and prices are held against it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.lp.basis import FactoredBasis
from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination
from tests.lp.dense import INF, Row, dense


def solve(program: LinearProgram) -> SolveResult:
    """Solve a program by the default engine."""
    return find_engine("highs")(program, SolveOptions()).solve()


def optimum(program: LinearProgram) -> float:
    """Return the optimum, as bad as can be where there is no solution."""
    result = solve(program)
    if result.termination is Termination.OPTIMAL:
        return result.objective
    assert result.termination in (Termination.INFEASIBLE, Termination.UNBOUNDED), result.detail
    unbounded = result.termination is Termination.UNBOUNDED
    return INF if unbounded == program.maximize else -INF


def factored(program: LinearProgram, result: SolveResult) -> FactoredBasis:
    """Return the basis a solve ended with."""
    members = result.basis.members()
    assert members is not None
    return FactoredBasis(program, *members, result.x)


@dataclass(frozen=True)
class Shift:
    """One number of a program that may move."""

    array: str
    position: int

    def of(self, program: LinearProgram, by: float) -> LinearProgram:
        """Return the program with the number moved; both sides of an equation move together."""
        names = [self.array]
        at = self.position
        if self.array in ("row_lower", "row_upper") and program.row_lower[at] == program.row_upper[at]:
            names = ["row_lower", "row_upper"]
        changed = {name: getattr(program, name).copy() for name in names}
        for array in changed.values():
            array[at] += by
        return replace(program, **changed)


def drawn(random: np.random.Generator, *, whole: bool, maximize: bool | None = None) -> LinearProgram:
    """Return a random program with rows and bounds of every kind that has a solution.

    Parameters
    ----------
    random
        Source of the numbers.
    whole
        Small whole numbers, which make ties and degenerate optima; else numbers that make none.
    maximize
        Sense; drawn where ``None``.
    """
    n_columns, n_rows = random.integers(2, 8), random.integers(1, 7)

    def numbers(low: float, high: float, shape: tuple[int, ...] | int) -> np.ndarray:
        return random.integers(low, high + 1, shape).astype(float) if whole else random.uniform(low, high, shape)

    matrix = numbers(-3, 5, (n_rows, n_columns)) * (random.random((n_rows, n_columns)) < 0.7)
    inside = numbers(0, 3, n_columns)
    lower = np.where(random.random(n_columns) < 0.7, 0.0, np.where(random.random(n_columns) < 0.5, -1.0, -INF))
    upper = np.where(random.random(n_columns) < 0.5, inside + numbers(0, 2, n_columns), INF)
    rows: list[Row] = []
    for row in matrix:
        level, room = float(row @ inside), float(numbers(0, 4, 1)[0])
        kind = random.choice(["<=", ">=", "=", "<=<="], p=[0.4, 0.3, 0.15, 0.15])
        above, below = level + room, level - room
        rows.append(
            {
                "<=": (row, -INF, above),
                ">=": (row, below, INF),
                "=": (row, level, level),
                "<=<=": (row, below, above + 1),
            }[kind]
        )
    sense = bool(random.integers(2)) if maximize is None else maximize
    return dense(numbers(-5, 5, n_columns), rows, maximize=sense, lower=lower, upper=upper)


def solved(seed: int, *, whole: bool) -> tuple[LinearProgram, SolveResult]:
    """Return the first of a row of random programs that has an optimum, and it."""
    random = np.random.default_rng(seed)
    while True:
        program = drawn(random, whole=whole)
        result = solve(program)
        if result.termination is Termination.OPTIMAL and result.has_basis:
            return program, result
