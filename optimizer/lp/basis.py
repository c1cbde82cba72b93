"""A basis of a program, factored: which columns and rows are free to move, and how they move with the others.

With the activity of row ``i`` as a variable of its own, ``s = A x``, a basis is a set of as many variables (columns and
rows) as there are rows, whose values follow from those of all others. Let ``C`` and ``R`` be its columns and rows, and
``K`` the rows outside of it; there are as many rows in ``K`` as columns in ``C``, and the square matrix ``A[K, C]`` has
an inverse:

    x[C] = A[K, C]^-1 (s[K] - A[K, other columns] x[other columns]),        s[R] = A[R, :] x
    prices of the rows K:  y[K] = A[K, C]^-T c[C],   of the rows R: 0       reduced costs:  d = c - A^T y

Only ``A[K, C]`` is factored. It is nearly triangular in programs of balances, which a matching of its rows and columns
brings to light, so that its factors stay almost as sparse as itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import ModelError
from optimizer.lp.program import LinearProgram, Vector

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]

AT_BOUND = 1e-7
"""Distance from a bound, relative above 1, within which a reported value counts as lying on it."""
SMALLEST_PIVOT = 1e-7
"""Smallest pivot by which a variable may enter a basis."""
SINGULAR = "the basis has no inverse; solve again, or by another algorithm, for a basis that has one."


def strictly_between(value: Vector, lower: Vector, upper: Vector) -> Mask:
    """Return which values lie off both of their bounds."""
    with np.errstate(invalid="ignore"):  # no distance from a bound that is not there
        above = value - lower > AT_BOUND * (1 + np.abs(np.where(np.isfinite(lower), lower, 0)))
        below = upper - value > AT_BOUND * (1 + np.abs(np.where(np.isfinite(upper), upper, 0)))
    return above & below


@dataclass(frozen=True, eq=False)
class FactoredBasis:
    """A basis and the factors of its matrix.

    Attributes
    ----------
    program
        The program it is a basis of.
    basic_columns, basic_rows
        Which columns and rows are in the basis; together as many as there are rows.
    at
        A point that says on which of its bounds each column outside of the basis lies.
    """

    program: LinearProgram
    basic_columns: Mask
    basic_rows: Mask
    at: Vector

    @cached_property
    def _matrix(self) -> Any:
        return self.program.matrix()

    @cached_property
    def columns(self) -> NDArray[np.intp]:
        """Positions of the columns in the basis."""
        return np.flatnonzero(self.basic_columns)

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Positions of the rows in the basis."""
        return np.flatnonzero(self.basic_rows)

    @cached_property
    def fixing_rows(self) -> NDArray[np.intp]:
        """Positions of the rows outside of the basis; their values fix those of its columns."""
        return np.flatnonzero(~self.basic_rows)

    @cached_property
    def _by_row(self) -> Any:
        """The matrix by rows, of the columns in the basis and of the others: (fixing, basic), (fixing, others), ..."""
        by_row = self._matrix.tocsr()
        fixing, basic = by_row[self.fixing_rows], by_row[self.rows]
        return fixing[:, self.columns].tocsc(), basic[:, self.columns].tocsr()

    @cached_property
    def _factors(self) -> tuple[Any, NDArray[np.intp]]:
        from scipy.sparse import csc_matrix
        from scipy.sparse.csgraph import maximum_bipartite_matching
        from scipy.sparse.linalg import splu

        square = self._by_row[0]
        if square.shape[0] != square.shape[1]:
            msg = f"the basis has {square.shape[1]} columns for {square.shape[0]} rows; {SINGULAR}"
            raise ModelError(msg)
        partner = maximum_bipartite_matching(square.tocsr(), perm_type="row")  # the row of each column
        if (partner < 0).any():
            raise ModelError(SINGULAR)
        try:
            # entries on the diagonal are preferred as pivots, within the stability that a hundredth leaves
            factors = splu(
                csc_matrix(square[partner]),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.01,
                options={"SymmetricMode": True},
            )
        except RuntimeError as singular:
            raise ModelError(SINGULAR) from singular
        return factors, partner

    def solve(self, right: Matrix) -> Matrix:
        """Return ``A[K, C]^-1 right``: how the columns of the basis answer to its fixing rows."""
        if not len(self.columns):
            return np.zeros((0, *right.shape[1:]))
        factors, partner = self._factors
        found: Matrix = factors.solve(right[partner])
        return found

    def solve_transposed(self, right: Matrix) -> Matrix:
        """Return ``A[K, C]^-T right``."""
        found = np.zeros_like(right)
        if len(self.columns):
            factors, partner = self._factors
            found[partner] = factors.solve(right, trans="T")
        return found

    @cached_property
    def resting(self) -> tuple[Vector, Vector]:
        """Values of columns and rows outside of the basis, each on its bound; 0 for those inside."""
        program = self.program
        x = _on_bound(self.at, program.lower, program.upper)
        s = _on_bound(program.activity(self.at), program.row_lower, program.row_upper)
        return np.where(self.basic_columns, 0.0, x), np.where(self.basic_rows, 0.0, s)

    @cached_property
    def x(self) -> Vector:
        """The basic solution."""
        x, s = self.resting
        left = (s - self.program.activity(x))[self.fixing_rows]
        solved = x.copy()
        solved[self.columns] = self.solve(left)
        return solved

    @cached_property
    def row_dual(self) -> Vector:
        """The price of every row."""
        prices = np.zeros(self.program.n_rows)
        prices[self.fixing_rows] = self.solve_transposed(self.program.cost[self.columns])
        return prices

    @cached_property
    def reduced_cost(self) -> Vector:
        """The reduced cost of every column."""
        program = self.program
        spent = np.bincount(
            program.entry_columns, weights=program.values * self.row_dual[program.indices], minlength=program.n_columns
        )
        return np.where(self.basic_columns, 0.0, program.cost - spent)

    def answers(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Matrix:
        """Return how the basis answers when variables outside of it move by one, one column each.

        Parameters
        ----------
        rows, columns
            Positions of rows, then of columns, outside of the basis.

        Returns
        -------
        array
            Change of each column of the basis, then of each row of it.
        """
        moved = np.zeros((len(self.fixing_rows), len(rows) + len(columns)), order="F")
        moved[np.searchsorted(self.fixing_rows, rows), np.arange(len(rows))] = 1.0
        if len(columns):
            own = self._matrix[:, columns]
            moved[:, len(rows) :] = -own[self.fixing_rows].toarray()
        structural = self.solve(moved)
        logical = np.asarray(self._by_row[1] @ structural)
        if len(columns):
            logical[:, len(rows) :] += own[self.rows].toarray()
        return np.vstack([structural, logical])

    def moved_to(self, x: Vector) -> FactoredBasis | None:
        """Return a basis with the same prices whose basic solution is ``x``, another vertex of the optimal face.

        Every variable that lies off its bounds at ``x`` must be in the basis. Those that are not yet have no reduced
        cost (``x`` is optimal too), so each can take the place of one that lies on a bound at ``x`` without a change of
        any price. Which ones leave is read off the pivots of an elimination of the entering variables' answers.

        Returns
        -------
        FactoredBasis or None
            ``None`` where ``x`` is no vertex, or no basis close enough to it was found.
        """
        from scipy.linalg import lu

        program = self.program
        loose = strictly_between(x, program.lower, program.upper)
        loose_rows = strictly_between(program.activity(x), program.row_lower, program.row_upper)
        columns, rows = np.flatnonzero(loose & ~self.basic_columns), np.flatnonzero(loose_rows & ~self.basic_rows)
        basic_columns, basic_rows = self.basic_columns.copy(), self.basic_rows.copy()
        if len(columns) or len(rows):
            may_leave = np.concatenate([~loose[self.columns], ~loose_rows[self.rows]])
            leaving = np.concatenate([self.columns, program.n_columns + self.rows])[may_leave]
            answers = self.answers(rows, columns)[may_leave]
            if len(leaving) < answers.shape[1]:
                return None
            order, _, upper = lu(answers, p_indices=True)
            if np.abs(np.diag(upper)).min() < SMALLEST_PIVOT:
                return None
            left = leaving[np.argsort(order)[: answers.shape[1]]]
            basic_columns[columns], basic_rows[rows] = True, True
            basic_columns[left[left < program.n_columns]] = False
            basic_rows[left[left >= program.n_columns] - program.n_columns] = False
        found = FactoredBasis(program, basic_columns, basic_rows, x)
        near = np.abs(found.x - x) <= 10 * AT_BOUND * (1 + np.abs(x))
        return found if near.all() else None


def _on_bound(value: Vector, lower: Vector, upper: Vector) -> Vector:
    """Return the nearer bound of each value; the value itself where it has none."""
    with np.errstate(invalid="ignore"):
        nearer = np.where(np.abs(value - lower) <= np.abs(upper - value), lower, upper)
    return np.where(np.isfinite(nearer), nearer, value)
