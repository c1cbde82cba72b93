"""The linear program: frozen, sparse, labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import ModelError
from optimizer.language import Message, say
from optimizer.lp.labels import Codes, Family, Labels

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Expression:
    """Linear expressions over the columns, one a cell of a grid.

    Attributes
    ----------
    shape
        Shape of the grid.
    slots
        Flat cell each term belongs to.
    columns, coefficients
        Column and factor of each term.
    """

    shape: tuple[int, ...]
    slots: Codes
    columns: Codes
    coefficients: Vector

    def evaluate(self, x: Vector) -> Vector:
        """Return the value of every cell at ``x``, in the grid's shape."""
        weights = self.coefficients * x[self.columns]
        size = int(np.prod(self.shape))
        totals: Vector = np.bincount(self.slots, weights=weights, minlength=size).reshape(self.shape).astype(float)
        return totals


@dataclass(frozen=True)
class Limits:
    """Upper bounds of single columns that are reported as rows of their own.

    Attributes
    ----------
    labels
        Family and labels of each such limit.
    columns
        The column each one bounds.
    """

    labels: Labels
    columns: Codes


@dataclass(frozen=True)
class LinearProgram:
    """Maximise (or minimise) ``cost @ x`` under ``row_lower <= A x <= row_upper`` and ``lower <= x <= upper``.

    Attributes
    ----------
    maximize
        Sense of the objective.
    cost
        Objective coefficient of each column; the sum of ``parts``.
    lower, upper
        Bounds of each column.
    integer
        Whether each column must be whole.
    starts, indices, values
        The matrix by columns (CSC): column ``j`` has rows ``indices[starts[j]:starts[j+1]]``, ascending, each once.
    row_lower, row_upper
        Bounds of each row.
    columns, rows
        Label tables.
    limits
        Column bounds that are reported as rows.
    parts
        Named parts of the objective, each a one-cell expression.
    expressions
        Named quantities of interest, for reading solutions.
    absences
        Why families that one might expect have no members.
    ways
        Dimension whose members are ways to do the same, so that their columns differ in few rows
        (:mod:`optimizer.lp.ways`); blank for none.
    """

    maximize: bool
    cost: Vector
    lower: Vector
    upper: Vector
    integer: NDArray[np.bool_]
    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: Vector
    row_lower: Vector
    row_upper: Vector
    columns: Labels
    rows: Labels
    limits: Limits
    parts: Mapping[str, Expression]
    expressions: Mapping[str, Expression]
    absences: Mapping[str, Message]
    ways: str = ""

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def n_nonzeros(self) -> int:
        """Number of entries of the matrix."""
        return len(self.values)

    @property
    def is_crossed(self) -> bool:
        """Whether a lower bound lies above its upper one, which no solution fulfils."""
        return bool((self.lower > self.upper).any() or (self.row_lower > self.row_upper).any())

    @property
    def entry_columns(self) -> NDArray[np.int32]:
        """Column of each entry of the matrix."""
        return np.repeat(np.arange(self.n_columns, dtype=np.int32), np.diff(self.starts))

    def matrix(self) -> csc_array:
        """Return the matrix as a SciPy array."""
        from scipy.sparse import csc_array  # heavy, wanted only by those who ask

        return csc_array((self.values, self.indices, self.starts), shape=(self.n_rows, self.n_columns))

    def activity(self, x: Vector) -> Vector:
        """Return ``A x``, the value of every row."""
        products = self.values * x[self.entry_columns]
        values: Vector = np.bincount(self.indices, weights=products, minlength=self.n_rows).astype(float)
        return values

    def part_values(self, x: Vector) -> dict[str, float]:
        """Return the value of every part of the objective at ``x``; they add up to ``cost @ x``."""
        return {name: float(part.evaluate(x)[0]) for name, part in self.parts.items()}

    def with_part(self, name: str, columns: Codes, coefficients: Vector) -> Self:
        """Return a copy whose objective has another part of this name; everything else is shared.

        Raises
        ------
        ModelError
            If the objective has no such part.
        """
        if name not in self.parts:
            raise ModelError(
                say(
                    "the objective has no part '{name}'; its parts are {parts}.", name=name, parts=", ".join(self.parts)
                )
            )
        part = Expression((1,), np.zeros(len(columns), dtype=np.intp), columns, coefficients)
        parts = {**self.parts, name: part}
        return replace(self, parts=MappingProxyType(parts), cost=total_cost(parts, self.n_columns))

    def with_objective_at_least(self, value: float, row: str) -> Self:
        """Return a copy with one more row, of a family of its own: the objective is no less than ``value``."""
        priced = np.flatnonzero(self.cost)
        ends = self.starts[priced + 1]  # the new row is the last entry of each column it touches
        added = np.zeros(self.n_columns + 1, dtype=np.int32)
        np.add.at(added, priced + 1, 1)
        arrays = freeze(
            starts=self.starts + np.cumsum(added, dtype=np.int32),
            indices=np.insert(self.indices, ends, np.int32(self.n_rows)),
            values=np.insert(self.values, ends, self.cost[priced]),
            row_lower=np.append(self.row_lower, value),
            row_upper=np.append(self.row_upper, np.inf),
        )
        family = Family(row, self.n_rows, 1, {})
        return replace(self, rows=Labels(self.rows.dimensions, (*self.rows.families, family)), **arrays)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


def total_cost(parts: Mapping[str, Expression], n_columns: int) -> Vector:
    """Return the objective coefficients that the parts add up to."""
    cost = np.zeros(n_columns)
    for part in parts.values():
        first = int(part.columns.min(initial=n_columns))
        added = np.bincount(part.columns - first, weights=part.coefficients)
        cost[first : first + len(added)] += added
    return cost


def freeze(**arrays: Any) -> dict[str, Any]:
    """Make arrays read-only and return them."""
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
