"""Matrix entries on their way: arrays of rows, columns and coefficients, and the compressed columns they become.

An entry is three arrays that broadcast against each other. They are kept as they are given and spread out only when
they are put in their place, for in large programs touching new memory costs more than computing does. Most of them
already stand in order, one entry a column at most, and families of rows stand one below the other: such entries are
counted into their places, and only what is mixed is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Entries = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Rows, columns and coefficients; they broadcast. Nobody may write into them any more."""

ROW_BITS = 32
"""A key orders by column, then by row: the column stands above the bits of the row."""
TOGETHER = 1 << 14
"""Columns that are filled together: their cells are few enough to stay in a processor's nearer memory meanwhile."""


@dataclass(frozen=True)
class _Run:
    """Cells by ascending column, then row, each once.

    Attributes
    ----------
    columns
        Column of each cell, an array; a slice where they are one after the other, each once.
    distinct
        Whether no column has two of the cells.
    rows, values
        Row and value of each cell; they may be given as what broadcasts to ``shape``.
    shape
        Shape that makes as many cells.
    """

    columns: Any
    distinct: bool
    rows: NDArray[Any]
    values: NDArray[Any]
    shape: tuple[int, ...]


@dataclass
class _Part:
    """Cells of a run in columns that are filled together.

    Attributes
    ----------
    run, begin, end
        The run, and which of its cells they are.
    columns
        The columns, as an array or a slice; counted from the first that is filled.
    lengths
        Number of cells in each of the columns that are filled; ``None`` where none has several.
    """

    run: _Run
    begin: int
    end: int
    columns: Any
    lengths: NDArray[np.intp] | None = None


def compress(
    entries: Sequence[Entries], n_rows: int, n_columns: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Return entries as CSC arrays, rows ascending in each column, those of one cell added up.

    Parameters
    ----------
    entries
        The entries in any order.
    n_rows, n_columns
        Size of the matrix; each below 2**31.

    Returns
    -------
    tuple
        Where each column begins, and the row and the value of each entry.
    """
    filled = [entry for entry in entries if prod(_shape(entry))]
    # rows of later runs lie below those of earlier ones, or in columns that these have nothing in
    runs = [_run(group) for below in _apart(filled, 0) for group in _apart(below, 1)]
    size = sum(prod(run.shape) for run in runs)
    edges = np.append(np.arange(0, n_columns, TOGETHER), n_columns)
    cuts = [_cuts(run, edges) for run in runs]
    starts = np.zeros(n_columns + 1, dtype=np.int32)
    indices, values = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.float64)
    done = 0
    for number, (first, last) in enumerate(pairwise(edges.tolist())):
        parts = [
            _part(run, cut[number], cut[number + 1], first, last - first)
            for run, cut in zip(runs, cuts, strict=True)
            if cut[number] < cut[number + 1]
        ]
        count = np.zeros(last - first, dtype=np.intp)
        for part in parts:
            if part.lengths is None:
                count[part.columns] += 1
            else:
                count += part.lengths
        ends = np.cumsum(count)
        starts[first + 1 : last + 1] = ends + done
        place = slice(done, done + int(ends[-1]))
        free = ends - count
        own_indices, own_values = indices[place], values[place]
        for part in parts:
            at = _take_places(part, free)
            own_indices[at] = _cells(part.run.rows, part)
            own_values[at] = _cells(part.run.values, part)
        done = place.stop
    return starts, indices, values


def _shape(entry: Entries) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(array) for array in entry))


def _apart(entries: Sequence[Entries], part: int) -> Iterator[list[Entries]]:
    """Group entries by ranges of their rows (part 0) or columns (1) that do not overlap, ascending."""
    ranges = sorted((int(entry[part].min()), int(entry[part].max()), place) for place, entry in enumerate(entries))
    group: list[int] = []
    reach = -1
    for first, last, place in ranges:
        if group and first > reach:
            yield [entries[chosen] for chosen in sorted(group)]
            group = []
        group.append(place)
        reach = max(reach, last)
    if group:
        yield [entries[chosen] for chosen in sorted(group)]


def _run(group: list[Entries]) -> _Run:
    """Return the cells of entries in order."""
    (rows, columns, values), *others = group
    if others:
        return _sorted(group)
    shape = _shape(group[0])
    line = columns.ravel() if columns.shape == shape else np.broadcast_to(columns, shape).ravel()
    if (line[1:] > line[:-1]).all():
        whole = int(line[-1]) - int(line[0]) + 1 == len(line)
        return _Run(slice(int(line[0]), int(line[-1]) + 1) if whole else line, True, rows, values, shape)
    if (line[1:] >= line[:-1]).all():
        below = np.broadcast_to(rows, shape).ravel()
        if ((below[1:] > below[:-1]) | (line[1:] > line[:-1])).all():
            return _Run(line, False, rows, values, shape)
    return _sorted(group)


def _sorted(group: list[Entries]) -> _Run:
    shapes = [_shape(entry) for entry in group]
    size = sum(map(prod, shapes))
    keys, values = np.empty(size, dtype=np.int64), np.empty(size)
    at = 0
    for shape, (rows, columns, coefficients) in zip(shapes, group, strict=True):
        part = slice(at, at + prod(shape))
        np.add(columns.astype(np.int64) << ROW_BITS, rows, out=keys[part].reshape(shape))
        values[part].reshape(shape)[...] = coefficients
        at = part.stop
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    new = np.append(True, keys[1:] != keys[:-1])
    if not new.all():
        values = np.add.reduceat(values, np.flatnonzero(new))
        keys = keys[new]
    rows = keys.astype(np.int32)  # the cast keeps the lower bits, which are the row
    keys >>= ROW_BITS
    return _Run(keys, bool((keys[1:] > keys[:-1]).all()), rows, values, rows.shape)


def _cuts(run: _Run, edges: NDArray[np.intp]) -> list[int]:
    """Return how many cells of a run stand before each of some columns."""
    if isinstance(run.columns, slice):
        cuts: list[int] = np.clip(edges - run.columns.start, 0, prod(run.shape)).tolist()
    else:
        cuts = np.searchsorted(run.columns, edges).tolist()
    return cuts


def _part(run: _Run, begin: int, end: int, first: int, size: int) -> _Part:
    """Return some cells of a run, their columns counted from ``first``, of ``size`` columns that are filled."""
    if isinstance(run.columns, slice):
        before = run.columns.start - first
        return _Part(run, begin, end, slice(before + begin, before + end))
    columns = run.columns[begin:end] - first
    return _Part(run, begin, end, columns, None if run.distinct else np.bincount(columns, minlength=size))


def _take_places(part: _Part, free: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where the cells of a part go, and move the next free place of their columns past them."""
    if part.lengths is None:
        places = np.array(free[part.columns])
        free[part.columns] = places + 1
        return places
    skipped = free + part.lengths - np.cumsum(part.lengths)
    free += part.lengths
    places = skipped[part.columns]
    places += np.arange(len(places))
    return places


def _cells(array: NDArray[Any], part: _Part) -> NDArray[Any]:
    """Return what an array of a run holds for the cells of a part; one number is the same for all of them."""
    if not array.ndim:
        return array
    width = prod(part.run.shape[1:])
    line = part.begin // width
    cells = np.broadcast_to(array, part.run.shape)[line : -(-part.end // width)].ravel()
    return cells[part.begin - line * width : part.end - line * width]
