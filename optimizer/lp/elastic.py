"""A program whose limits may give way at a price: the least that must give way shows what is in conflict.

Let ``M`` be the limits that may give way (one-sided rows, and upper bounds of columns); all other rows and bounds hold.

    minimise   sum_{i in M} price_i stretch_i
    row i      A_i x + stretch_i >= lower_i,   or   A_i x - stretch_i <= upper_i
    column j   x_j + stretch_j in place of x_j in every row,   x_j <= upper_j,   stretch_j >= 0

The second form needs no further row: a stretched column is a second column with the same entries and no upper bound.
Source: J. W. Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from optimizer.errors import ModelError
from optimizer.language import say
from optimizer.lp.labels import Codes, Family, Labels
from optimizer.lp.program import LinearProgram, Vector, freeze

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STRETCH = "stretch"
"""Family of the columns by which limits give way."""
GUARD = "guard"
"""Family of rows that keep limits from giving way further than the figures they are made of can."""


@dataclass(frozen=True, eq=False)
class Elastic:
    """A program with limits that may give way. Its members are the rows first, then the columns.

    Attributes
    ----------
    program
        The elastic program: the columns of the original first, then one stretch column a member; no objective yet.
    rows, columns
        Positions of the rows, and of the columns whose upper bounds, may give way.
    """

    program: LinearProgram
    rows: Codes
    columns: Codes

    @property
    def n_members(self) -> int:
        """Number of limits that may give way."""
        return len(self.rows) + len(self.columns)

    @property
    def n_original(self) -> int:
        """Number of columns of the original program."""
        return self.program.n_columns - self.n_members

    def stretch(self, x: Vector) -> Vector:
        """Return by how much each member gives way in a solution of the elastic program."""
        return x[self.n_original :]

    def original(self, x: Vector) -> Vector:
        """Return a solution of the elastic program as one of the original, its stretched bounds overstepped."""
        point = x[: self.n_original].copy()
        point[self.columns] += x[self.n_original + len(self.rows) :]
        return point

    def cost(self, price: Vector) -> Vector:
        """Return the objective that charges each member's stretch with its price."""
        return np.concatenate([np.zeros(self.n_original), price])


def with_guards(program: LinearProgram, guards: csr_array) -> LinearProgram:
    """Return a program with further rows ``guards @ x <= 0`` below its own, of a family of their own."""
    from scipy.sparse import vstack  # heavy, wanted only where there are guards

    matrix = vstack([program.matrix(), guards], format="csc")
    matrix.sort_indices()
    count = guards.shape[0]
    arrays = freeze(
        starts=matrix.indptr.astype(np.int32),
        indices=matrix.indices.astype(np.int32),
        values=matrix.data.astype(np.float64),
        row_lower=np.append(program.row_lower, np.full(count, -np.inf)),
        row_upper=np.append(program.row_upper, np.zeros(count)),
    )
    family = Family(GUARD, program.n_rows, count, {})
    return replace(program, rows=Labels(program.rows.dimensions, (*program.rows.families, family)), **arrays)


def elastic(program: LinearProgram, rows: Codes, columns: Codes) -> Elastic:
    """Return a program in which some rows and some upper bounds may give way.

    Parameters
    ----------
    program
        The program; its objective is dropped.
    rows
        Rows with one finite side.
    columns
        Columns with a finite upper bound.

    Raises
    ------
    ModelError
        If a row has two sides or none, or a column no upper bound: there is no one limit that could give way.
    """
    floor, ceiling = np.isfinite(program.row_lower[rows]), np.isfinite(program.row_upper[rows])
    if (floor == ceiling).any() or not np.isfinite(program.upper[columns]).all():
        raise ModelError(
            say(
                "only rows with one finite side and columns with an upper bound may give way; leave the others as they "
                "are"
            )
        )
    n_entries, begins = np.diff(program.starts)[columns], program.starts[columns]
    copied = np.repeat(begins - np.concatenate([[0], np.cumsum(n_entries)[:-1]]), n_entries) + np.arange(
        n_entries.sum()
    )
    lengths = np.concatenate([np.ones(len(rows), dtype=np.int32), n_entries.astype(np.int32)])
    size = program.n_columns + len(lengths)
    arrays = freeze(
        cost=np.zeros(size),
        lower=np.append(program.lower, np.zeros(len(lengths))),
        upper=np.append(program.upper, np.full(len(lengths), np.inf)),
        integer=np.append(program.integer, np.zeros(len(lengths), dtype=bool)),
        starts=np.append(program.starts, program.starts[-1] + np.cumsum(lengths, dtype=np.int32)).astype(np.int32),
        indices=np.concatenate([program.indices, rows.astype(np.int32), program.indices[copied]]),
        values=np.concatenate([program.values, np.where(floor, 1.0, -1.0), program.values[copied]]),
    )
    family = Family(STRETCH, program.n_columns, len(lengths), {})
    made = replace(
        program,
        maximize=False,
        columns=Labels(program.columns.dimensions, (*program.columns.families, family)),
        parts=MappingProxyType({}),
        **arrays,
    )
    return Elastic(made, rows, columns)
