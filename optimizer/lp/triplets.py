"""Matrix entries on their way: arrays of rows, columns and coefficients, and the compressed columns they become.

An entry is three arrays that broadcast against each other. They are kept as they are given and spread out only when
they are put in their place, for in large programs touching new memory costs more than computing does. Most of them
already stand in order, one entry a column at most, and families of rows stand one below the other: such entries are
counted into their places, and only what is mixed is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Entries = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Rows, columns and coefficients; they broadcast. Nobody may write into them any more."""

ROW_BITS = 32
"""A key orders by column, then by row: the column stands above the bits of the row."""


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
    counts = np.zeros(n_columns + 1, dtype=np.intp)
    for run in runs:
        if run.distinct:
            counts[1:][run.columns] += 1
        else:
            counts[1:] += np.bincount(run.columns, minlength=n_columns)
    free = np.cumsum(counts)
    starts = free.astype(np.int32)
    indices, values = np.empty(free[-1], dtype=np.int32), np.empty(free[-1], dtype=np.float64)
    for run in runs:
        at = _take_places(run, free)
        indices[at] = np.broadcast_to(run.rows, run.shape).ravel()
        values[at] = run.values if not run.values.ndim else np.broadcast_to(run.values, run.shape).ravel()
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
    shape = _shape(group[0])
    if not others and columns.shape == shape:
        line = columns.ravel()
        if (line[1:] > line[:-1]).all():
            whole = int(line[-1]) - int(line[0]) + 1 == len(line)
            return _Run(slice(int(line[0]), int(line[-1]) + 1) if whole else line, True, rows, values, shape)
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


def _take_places(run: _Run, free: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where the cells of a run go, and move the next free place of their columns past them."""
    columns = run.columns
    if run.distinct:
        places = np.array(free[columns])
        free[columns] += 1
        return places
    begins = np.flatnonzero(np.append(True, columns[1:] != columns[:-1]))
    lengths = np.diff(np.append(begins, len(columns)))
    places = np.asarray(free[columns]) + (np.arange(len(columns)) - np.repeat(begins, lengths))
    free[columns[begins]] += lengths
    return places
