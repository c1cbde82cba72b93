"""A basis of a program, factored: which columns and rows are free to move, and how they move with the others.

With the activity of row ``i`` as a variable of its own, ``s = A x``, a basis is a set of as many variables (columns and
rows) as there are rows, whose values follow from those of all others. Let ``C`` and ``R`` be its columns and rows, and
``K`` the rows outside of it; there are as many rows in ``K`` as columns in ``C``, and the square matrix ``A[K, C]`` has
an inverse:

    x[C] = A[K, C]^-1 (s[K] - A[K, other columns] x[other columns]),        s[R] = A[R, :] x
    prices of the rows K:  y[K] = A[K, C]^-T c[C],   of the rows R: 0       reduced costs:  d = c - A^T y

Only ``A[K, C]`` is factored. It is nearly triangular in programs of balances, which a matching of its rows and columns
brings to light, so that its factors stay almost as sparse as itself. For the same reason a change reaches few of the
columns: those that can be walked to from the rows changed, column to row by the matrix and row to column by the
matching. Answers to many changes are found a batch at a time, with the part of the matrix that the batch can reach;
a topological order puts changes into one batch that reach much the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import ModelError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]
Positions = NDArray[np.intp]

AT_BOUND = 1e-7
"""Distance from a bound, relative above 1, within which a reported value counts as lying on it."""
SMALLEST_PIVOT = 1e-7
"""Smallest pivot by which a variable may enter a basis."""
MOST_ENTERING = 1000
"""Variables that enter a basis together, at most: their answers are eliminated as one dense matrix."""
AT_ONCE = 8
"""Right-hand sides solved in one call; with more of them the BLAS spreads small products over threads that wait."""
SINGULAR = say("the basis has no inverse; solve again, or by another algorithm, for a basis that has one.")


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
    def columns(self) -> Positions:
        """Positions of the columns in the basis."""
        return np.flatnonzero(self.basic_columns)

    @cached_property
    def rows(self) -> Positions:
        """Positions of the rows in the basis."""
        return np.flatnonzero(self.basic_rows)

    @cached_property
    def fixing_rows(self) -> Positions:
        """Positions of the rows outside of the basis; their values fix those of its columns."""
        return np.flatnonzero(~self.basic_rows)

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """The matrix over the columns in the basis, by columns: of the fixing rows, and of the rows in the basis."""
        own = self._matrix[:, self.columns].tocsr()
        return own[self.fixing_rows].tocsc(), own[self.rows].tocsc()

    @cached_property
    def _matched(self) -> tuple[Any, NDArray[np.intp]]:
        """The square matrix with each column's partner row on the diagonal, and the partners."""
        from scipy.sparse import csc_matrix
        from scipy.sparse.csgraph import maximum_bipartite_matching

        square = self._parts[0]
        if square.shape[0] != square.shape[1]:
            columns, rows = square.shape[1], square.shape[0]
            raise ModelError(
                say("the basis has {columns} columns for {rows} rows; {why}", columns=columns, rows=rows, why=SINGULAR)
            )
        partner = maximum_bipartite_matching(square.tocsr(), perm_type="row")
        if (partner < 0).any():
            raise ModelError(SINGULAR)
        return csc_matrix(square[partner]), partner

    @cached_property
    def _factors(self) -> Any:
        return _factored(self._matched[0])

    def solve(self, right: Matrix) -> Matrix:
        """Return ``A[K, C]^-1 right``: how the columns of the basis answer to its fixing rows."""
        if not len(self.columns):
            return np.zeros((0, *right.shape[1:]))
        found: Matrix = self._factors.solve(right[self._matched[1]])
        return found

    def solve_transposed(self, right: Matrix) -> Matrix:
        """Return ``A[K, C]^-T right``."""
        found = np.zeros_like(right)
        if len(self.columns):
            found[self._matched[1]] = self._factors.solve(right, trans="T")
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

    def batches(self, size: int) -> Iterator[tuple[Positions, Positions]]:
        """Yield the rows and columns outside of the basis in batches that move much the same part of it."""
        outside = np.concatenate([self.program.n_columns + self.fixing_rows, np.flatnonzero(~self.basic_columns)])
        order = np.argsort(self._depths(outside), kind="stable")
        for start in range(0, len(outside), size):
            batch = np.sort(outside[order[start : start + size]])
            yield batch[batch >= self.program.n_columns] - self.program.n_columns, batch[batch < self.program.n_columns]

    def _depths(self, outside: Positions) -> Positions:
        """Return how early each variable outside of the basis meets a topological order of the basis."""
        from scipy.sparse.csgraph import connected_components

        if not len(self.columns):
            return np.zeros(len(outside), dtype=np.intp)
        square, partner = self._matched
        _, block = connected_components(square, directed=True, connection="strong")
        of_row = np.full(self.program.n_rows, len(partner), dtype=np.intp)
        of_row[self.fixing_rows[partner]] = block
        first = np.full(self.program.n_columns, len(partner), dtype=np.intp)
        np.minimum.at(first, self.program.entry_columns, of_row[self.program.indices])
        return np.concatenate([first, of_row])[outside]

    def answers(self, rows: Positions, columns: Positions) -> tuple[Positions, Matrix]:
        """Return how the basis answers when variables outside of it move by one, one column each.

        Parameters
        ----------
        rows, columns
            Positions of rows, then of columns, outside of the basis.

        Returns
        -------
        tuple
            Which members of the basis answer at all (its columns, then its rows, counted in that order), and the
            change of each.
        """
        own = self._matrix[:, columns].tocsr()
        if len(self.columns):
            square, partner = self._matched
            place = np.full(self.program.n_rows, -1, dtype=np.intp)
            place[self.fixing_rows[partner]] = np.arange(len(partner))
            entries = own.tocoo()
            fixing = place[entries.row] >= 0
            at = np.concatenate([place[rows], place[entries.row[fixing]]])
            reached = _reached(square, np.unique(at))
            moved = np.zeros((len(reached), len(rows) + len(columns)), order="F")
            of = np.concatenate([np.arange(len(rows)), len(rows) + entries.col[fixing]])
            moved[np.searchsorted(reached, at), of] = np.concatenate([np.ones(len(rows)), -entries.data[fixing]])
            changes = _solved(_factored(square[reached][:, reached]), moved) if len(reached) else moved
        else:
            reached, changes = np.empty(0, dtype=np.intp), np.zeros((0, len(rows) + len(columns)))
        through, direct = self._parts[1][:, reached], own[self.rows]
        touched = np.union1d(through.indices, np.repeat(np.arange(len(self.rows)), np.diff(direct.indptr)))
        follow = np.asarray(through.tocsr()[touched] @ changes)
        follow[:, len(rows) :] += direct[touched].toarray()
        return np.concatenate([reached, len(self.columns) + touched]), np.vstack([changes, follow])

    def moved_to(self, x: Vector) -> FactoredBasis | None:
        """Return a basis with the same prices whose basic solution is ``x``, another vertex of the optimal face.

        Every variable that lies off its bounds at ``x`` must be in the basis. Those that are not yet have no reduced
        cost (``x`` is optimal too), so each can take the place of one that lies on a bound at ``x`` without a change of
        any price. Which ones leave is read off the pivots of an elimination of the entering variables' answers.

        Returns
        -------
        FactoredBasis or None
            ``None`` where ``x`` is no vertex, or one that too many variables would have to enter the basis for.
        """
        from scipy.linalg import lu

        program = self.program
        loose = strictly_between(x, program.lower, program.upper)
        loose_rows = strictly_between(program.activity(x), program.row_lower, program.row_upper)
        columns, rows = np.flatnonzero(loose & ~self.basic_columns), np.flatnonzero(loose_rows & ~self.basic_rows)
        basic_columns, basic_rows = self.basic_columns.copy(), self.basic_rows.copy()
        if len(columns) or len(rows):
            if len(columns) + len(rows) > MOST_ENTERING:
                return None
            may_leave = np.concatenate([~loose[self.columns], ~loose_rows[self.rows]])
            answering, answers = self.answers(rows, columns)
            answers = answers[may_leave[answering]]
            leaving = np.concatenate([self.columns, program.n_columns + self.rows])[answering[may_leave[answering]]]
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


def _factored(square: Any) -> Any:
    from scipy.sparse.linalg import splu

    try:
        # entries on the diagonal are preferred as pivots, within the stability that a hundredth leaves
        return splu(square, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.01, options={"SymmetricMode": True})
    except RuntimeError as singular:
        raise ModelError(SINGULAR) from singular


def _solved(factors: Any, right: Matrix) -> Matrix:
    pieces = [factors.solve(right[:, start : start + AT_ONCE]) for start in range(0, right.shape[1], AT_ONCE)]
    return np.hstack(pieces)


def _reached(square: Any, starts: Positions) -> Positions:
    """Return the columns that changes of these rows reach, ascending; a row bears the number of its partner."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order

    size = square.shape[0]
    # one more node leads to all starts; the rows of a column are the ones it leads to
    ends = np.append(square.indptr, square.indptr[-1] + len(starts))
    leads_to = np.concatenate([square.indices, starts])
    graph = csr_matrix((np.ones(len(leads_to)), leads_to, ends), shape=(size + 1, size + 1))
    found = breadth_first_order(graph, size, directed=True, return_predecessors=False)
    return np.sort(found[1:]).astype(np.intp)


def _on_bound(value: Vector, lower: Vector, upper: Vector) -> Vector:
    """Return the nearer bound of each value; the value itself where it has none."""
    with np.errstate(invalid="ignore"):
        nearer = np.where(np.abs(value - lower) <= np.abs(upper - value), lower, upper)
    return np.where(np.isfinite(nearer), nearer, value)
