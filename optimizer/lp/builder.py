"""Assembling a :class:`LinearProgram` family by family, from whole arrays into coordinate triplets.

Columns and rows are added as grids: label codes that broadcast against each other give a grid of positions of that
shape, and matrix entries are grids that broadcast likewise. A family shares what others need through named column grids
and named expressions; nobody reads another family's internals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from optimizer.errors import ModelError
from optimizer.language import Message, say, sentence
from optimizer.lp.labels import BLANK, Codes, Family, GridCodes, Labels, flat
from optimizer.lp.program import Expression, Limits, LinearProgram, Vector, freeze, total_cost
from optimizer.lp.triplets import Entries, compress

Grid = NDArray[np.int32]
"""Positions of columns or rows; half as wide as codes, for most of what a build costs is memory it touches first."""


@dataclass
class _Members:
    """Growing list of families with two bounds a member, which are spread out when the program is built."""

    families: list[Family] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    lower: list[Vector] = field(default_factory=list)
    upper: list[Vector] = field(default_factory=list)
    size: int = 0

    def add(self, name: str, labels: Mapping[str, ArrayLike], lower: ArrayLike, upper: ArrayLike) -> Grid:
        shape = np.broadcast_shapes(*(np.shape(codes) for codes in labels.values()))
        count = int(np.prod(shape))
        self.families.append(Family(name, self.size, count, GridCodes(labels, shape)))
        self.lower.append(np.asarray(lower, dtype=float))
        self.upper.append(np.asarray(upper, dtype=float))
        self.shapes.append(shape)
        grid = np.arange(self.size, self.size + count, dtype=np.int32).reshape(shape)
        self.size += count
        return grid

    def spread(self, bounds: list[Vector]) -> Vector:
        """Return the bounds of all members, one after the other."""
        whole = np.empty(self.size)
        for family, shape, bound in zip(self.families, self.shapes, bounds, strict=True):
            whole[family.offset : family.offset + family.size].reshape(shape)[...] = bound
        return whole


Terms = tuple[Any, NDArray[Any], NDArray[Any]]
"""Cells of a grid, as what picks them out of an array, their columns and coefficients."""


def among(grid: Grid, chosen: Codes, count: int) -> Grid:
    """Return the lines of a grid as those of ``chosen``, ascending, among ``count``; ``BLANK`` in all others."""
    if len(chosen) == count:
        return grid
    wider = np.full((count, *grid.shape[1:]), BLANK, dtype=grid.dtype)
    wider[chosen] = grid
    return wider


class ProgramBuilder:
    """Collects columns, rows, entries and objective terms; :meth:`build` makes the frozen program.

    Parameters
    ----------
    dimensions
        Dimension -> its labels, shared by all rows and columns.
    """

    def __init__(self, dimensions: Mapping[str, pd.Index]) -> None:
        self.dimensions = dict(dimensions)
        self._columns = _Members()
        self._rows = _Members()
        self._limits: list[Family] = []
        self._limited: list[Grid] = []
        self._integer: list[Grid] = []
        self._entries: list[Entries] = []
        self._parts: dict[str, list[tuple[NDArray[Any], NDArray[Any]]]] = {}
        self._grids: dict[str, Grid] = {}
        self._row_grids: dict[str, Grid] = {}
        self._absences: dict[str, Message] = {}
        self._expressions: dict[str, tuple[tuple[int, ...], tuple[Terms, ...]]] = {}

    def add_dimension(self, name: str, labels: pd.Index) -> None:
        """Declare a further dimension, for example an attribute that rows are told apart by; once is enough."""
        self.dimensions.setdefault(name, labels)

    def add_columns(
        self, name: str, labels: Mapping[str, ArrayLike], lower: ArrayLike = 0.0, upper: ArrayLike = np.inf
    ) -> Grid:
        """Add a family of columns and return its grid of positions; others find it by :meth:`columns`."""
        grid = self._columns.add(name, labels, lower, upper)
        self._grids[name] = grid
        return grid

    def add_rows(
        self, name: str, labels: Mapping[str, ArrayLike], lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf
    ) -> Grid:
        """Add a family of rows and return its grid of positions; others find the last one by :meth:`rows`."""
        grid = self._rows.add(name, labels, lower, upper)
        self._row_grids[name] = grid
        return grid

    def rows(self, name: str) -> Grid:
        """Return the last grid of rows added to a family.

        Raises
        ------
        ModelError
            If no block has added such rows yet.
        """
        grid: Grid = _found(self._row_grids, name, sentence("rows"))
        return grid

    def explain_absence(self, name: str, reason: Message) -> None:
        """Say why a family has no members, so that none is ever missing in silence."""
        self._absences[name] = reason

    def add_limits(self, name: str, labels: Mapping[str, ArrayLike], columns: Grid, where: ArrayLike = True) -> None:
        """Let the upper bounds of those columns where ``where`` holds be reported as rows of this family."""
        chosen = columns[np.broadcast_to(where, columns.shape)]
        offset = sum(family.size for family in self._limits)
        codes = GridCodes(labels, columns.shape, np.asarray(where))
        self._limits.append(Family(name, offset, len(chosen), codes))
        self._limited.append(chosen)

    def set_integer(self, columns: Grid) -> None:
        """Let these columns take whole values only."""
        self._integer.append(columns.ravel())

    def columns(self, name: str) -> Grid:
        """Return the grid of a family of columns.

        Raises
        ------
        ModelError
            If no block has added such a family yet.
        """
        grid: Grid = _found(self._grids, name, sentence("columns"))
        return grid

    def add_entries(self, rows: ArrayLike, columns: ArrayLike, coefficients: ArrayLike, where: Any = True) -> None:
        """Add matrix entries; the arrays broadcast, and only cells where ``where`` holds count.

        The arrays are kept, not copied: whoever gave them must not write into them any more.
        """
        entry = np.asarray(rows), np.asarray(columns), np.asarray(coefficients, float)
        shape = np.broadcast_shapes(*(array.shape for array in entry))
        wider = np.broadcast_shapes(shape, np.shape(where))
        if wider != shape:  # what only the mask tells apart stands there once for each of its cells
            entry = entry[0], entry[1], np.broadcast_to(entry[2], wider)
        kept = np.asarray(where) & (entry[2] != 0)
        if kept.all():
            self._entries.append(entry)
        elif kept.any():
            self._entries.append(_chosen(entry, kept))

    def add_objective(self, part: str, columns: ArrayLike, coefficients: ArrayLike) -> None:
        """Add terms to a named part of the objective; the arrays broadcast."""
        shape = np.broadcast_shapes(np.shape(columns), np.shape(coefficients))
        terms = self._parts.setdefault(part, [])
        terms.append((flat(columns, shape), flat(np.asarray(coefficients, dtype=float), shape)))

    def define(self, name: str, shape: tuple[int, ...], *terms: tuple[Any, ArrayLike, ArrayLike]) -> None:
        """Name a grid of linear expressions.

        Parameters
        ----------
        name
            What others find it by.
        shape
            Shape of the grid.
        *terms
            Cells, columns and coefficients, which broadcast; the cells as what picks them out of an array of ``shape``.
        """
        self._expressions[name] = (
            shape,
            tuple((cells, np.asarray(column), np.asarray(factor, dtype=float)) for cells, column, factor in terms),
        )

    def terms(self, name: str) -> tuple[Terms, ...]:
        """Return the terms of a named grid of expressions, as they were given.

        Raises
        ------
        ModelError
            If no block has defined it yet.
        """
        terms: tuple[Terms, ...] = _found(self._expressions, name, sentence("expression"))[1]
        return terms

    def add_expression(self, rows: ArrayLike, name: str, factors: ArrayLike = 1.0, where: Any = True) -> None:
        """Add ``factor * expression`` to rows, cell by cell of the expression's grid; all of them broadcast to it."""
        terms = self.terms(name)
        shape, _ = self._expressions[name]
        for cells, columns, coefficients in terms:
            row, factor, kept = (picked(np.asarray(values), cells, len(shape)) for values in (rows, factors, where))
            self.add_entries(row, columns, coefficients * factor, where=kept)

    def build(self, *, maximize: bool, ways: str = "") -> LinearProgram:
        """Return the program; entries that name the same cell are added up.

        Parameters
        ----------
        maximize
            Sense of the objective.
        ways
            Dimension whose members are ways to do the same (:mod:`optimizer.lp.ways`); blank for none.
        """
        n_columns, n_rows = self._columns.size, self._rows.size
        starts, indices, values = compress(self._entries, n_rows, n_columns)
        integer = np.zeros(n_columns, dtype=bool)
        integer[_joined(self._integer, np.intp)] = True
        parts = {
            name: Expression(
                (1,),
                np.zeros(sum(len(columns) for columns, _ in terms), dtype=np.intp),
                _joined([columns for columns, _ in terms], np.intp),
                _joined([coefficients for _, coefficients in terms], np.float64),
            )
            for name, terms in self._parts.items()
        }
        arrays = freeze(
            cost=total_cost(parts, n_columns),
            lower=self._columns.spread(self._columns.lower),
            upper=self._columns.spread(self._columns.upper),
            integer=integer,
            starts=starts,
            indices=indices,
            values=values,
            row_lower=self._rows.spread(self._rows.lower),
            row_upper=self._rows.spread(self._rows.upper),
        )
        dimensions = MappingProxyType(self.dimensions)
        return LinearProgram(
            maximize=maximize,
            columns=Labels(dimensions, tuple(self._columns.families)),
            rows=Labels(dimensions, tuple(self._rows.families)),
            limits=Limits(Labels(dimensions, tuple(self._limits)), _joined(self._limited, np.intp)),
            parts=MappingProxyType(parts),
            expressions=GridExpressions(self._expressions),
            absences=MappingProxyType(dict(self._absences)),
            ways=ways,
            **arrays,
        )


def picked(values: NDArray[Any], cells: Any, n_axes: int) -> NDArray[Any]:
    """Return values at cells of a grid of so many axes, to which they broadcast; axes of one value keep that one."""
    if not values.ndim:
        return values
    wide = values.reshape((1,) * (n_axes - values.ndim) + values.shape)
    sizes = iter(wide.shape)
    index = tuple(
        part if part is None or next(sizes) != 1 else np.s_[:] if isinstance(part, slice) else 0
        for part in (cells if isinstance(cells, tuple) else (cells,))
    )
    chosen: NDArray[Any] = wide[index]
    return chosen


def _chosen(entry: Entries, kept: NDArray[np.bool_]) -> Entries:
    """Return the entries that are kept, as grids still over the last axes that ``kept`` does not tell apart."""
    shape = np.broadcast_shapes(kept.shape, *(array.shape for array in entry))
    kept = kept.reshape((1,) * (len(shape) - kept.ndim) + kept.shape)
    told = max((axis + 1 for axis, size in enumerate(kept.shape) if size > 1), default=0)
    lead = shape[:told]
    mask = np.broadcast_to(kept.reshape(kept.shape[:told]), lead)

    def pick(array: NDArray[Any]) -> NDArray[Any]:
        if array.ndim <= len(shape) - told:
            return array  # the same for all that is kept
        wide = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
        picked: NDArray[Any] = np.broadcast_to(wide, (*lead, *wide.shape[told:]))[mask]
        return picked

    rows, columns, coefficients = (pick(array) for array in entry)
    return rows, columns, coefficients


class GridExpressions(Mapping[str, Expression]):
    """Named expressions, kept as the grids of terms they were given and spread out when they are first asked for."""

    def __init__(self, grids: Mapping[str, tuple[tuple[int, ...], tuple[Terms, ...]]]) -> None:
        self._grids = dict(grids)
        self._spread: dict[str, Expression] = {}

    def __getitem__(self, name: str) -> Expression:
        if name not in self._spread:
            shape, given = self._grids[name]
            slots = np.arange(math.prod(shape)).reshape(shape)
            terms = [(slots[cells], columns, coefficients) for cells, columns, coefficients in given]
            wide = [np.broadcast_shapes(*(array.shape for array in term)) for term in terms]

            def spread(place: int, kind: type[np.generic]) -> NDArray[Any]:
                return _joined([flat(term[place], size) for term, size in zip(terms, wide, strict=True)], kind)

            self._spread[name] = Expression(shape, spread(0, np.intp), spread(1, np.intp), spread(2, np.float64))
        return self._spread[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._grids)

    def __len__(self) -> int:
        return len(self._grids)


def _found(known: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in known:
        raise ModelError(
            say(
                "no {what} '{name}' so far; there are {known}. Check the order of the blocks.",
                what=say(what),
                name=name,
                known=", ".join(known),
            )
        )
    return known[name]


def _joined(pieces: list[Any], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(pieces).astype(kind, copy=False) if pieces else np.empty(0, dtype=kind)
