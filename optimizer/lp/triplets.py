"""Matrix entries on their way: arrays of rows, columns and coefficients, and the compressed columns they become.

An entry is three arrays that broadcast against each other. They are kept as they are given and spread out only when
they are put in their place, for in large programs touching new memory costs more than computing does. Nearly all of
them stand by ascending columns, and families of rows stand one below the other: they are counted into their places,
some columns at a time, and only columns whose rows do not ascend then are sorted.
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
TOGETHER = 1 << 15
"""Columns that are filled together: their cells are few enough to stay in a processor's nearer memory meanwhile."""


@dataclass(frozen=True)
class _Cells:
    """What stands in each cell of a run, one after the other: each of ``numbers`` so many ``times``, 0 for in all."""

    numbers: NDArray[Any]
    times: int

    @property
    def are_ones(self) -> bool:
        """Whether there stands 1 in all of them."""
        return self.times == 0 and self.numbers == 1

    def between(self, begin: int, end: int) -> NDArray[Any]:
        """Return what stands in some of the cells; one number for all of them where that is so."""
        if self.times == 0:
            return self.numbers
        if self.times == 1:
            return self.numbers[begin:end]
        first = begin // self.times
        some = np.repeat(self.numbers[first : -(-end // self.times)], self.times)
        return some[begin - first * self.times : end - first * self.times]


@dataclass(frozen=True)
class _Run:
    """Cells by ascending column.

    Attributes
    ----------
    columns
        Column of each cell, an array; a slice where they are one after the other, each once.
    width
        So many cells each stand in columns one after the other, and no column has two; 0 where some column has.
    rows, values
        Row and value of each cell.
    size
        Number of cells.
    ordered
        Whether they surely stand below those of earlier runs in all columns, and below each other.
    """

    columns: Any
    width: int
    rows: _Cells
    values: _Cells
    size: int
    ordered: bool


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
    groups = [group for family in _apart(filled, 0) for group in _apart(family, 1)]
    runs = [_run(entry, alone=len(group) == 1) for group in groups for entry in group]
    size = sum(run.size for run in runs)
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
        count = _count(parts, last - first)
        place = slice(done, done + int(count.sum()))
        ends = _fill(parts, count, indices[place], values[place])
        starts[first + 1 : last + 1] = ends + done
        done += int(ends[-1])
    return starts, indices[:done], values[:done]


def _shape(entry: Entries) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(array) for array in entry))


def _apart(entries: Sequence[Entries], axis: int) -> Iterator[list[Entries]]:
    """Group entries by ranges of their rows (axis 0) or columns (1) that do not overlap, ascending.

    Entries of one group stay in the order given.
    """
    if len(entries) == 1:
        yield list(entries)
        return
    ranges = sorted((int(entry[axis].min()), int(entry[axis].max()), place) for place, entry in enumerate(entries))
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


def _run(entry: Entries, *, alone: bool) -> _Run:
    """Return the cells of an entry by ascending column; ``alone`` where no other has such rows in such columns."""
    rows, columns, values = entry
    shape = _shape(entry)
    size = prod(shape)
    line = columns.ravel() if columns.shape == shape else np.broadcast_to(columns, shape).ravel()
    if (line[1:] > line[:-1]).all():
        spread = _spread(rows, shape), _spread(values, shape)
        if int(line[-1]) - int(line[0]) + 1 == size:
            return _Run(slice(int(line[0]), int(line[-1]) + 1), size, *spread, size, alone)
        width = prod(shape[1:])
        lines = line.reshape(-1, width)
        whole = (lines[:, -1] - lines[:, 0] == width - 1).all()
        return _Run(line, width if whole else 1, *spread, size, alone)
    if (line[1:] >= line[:-1]).all():
        return _Run(line, 0, _spread(rows, shape), _spread(values, shape), size, ordered=False)
    order = np.argsort(line, kind="stable")
    line = line[order]
    rows, values = (
        array if not array.ndim else np.broadcast_to(array, shape).ravel()[order] for array in (rows, values)
    )
    width = int((line[1:] > line[:-1]).all())
    return _Run(line, width, _spread(rows, line.shape), _spread(values, line.shape), size, alone and bool(width))


def _spread(array: NDArray[Any], shape: tuple[int, ...]) -> _Cells:
    """Return an array that broadcasts to a shape as what stands in each of its cells."""
    if not array.ndim:
        return _Cells(array, 0)
    told = max((axis + 1 for axis, size in enumerate(array.shape) if size > 1), default=0)
    axes = array.ndim - told  # the last ones, which the array does not tell apart
    lead = shape[: len(shape) - axes]
    if array.shape[:told] != lead:
        array = np.broadcast_to(array, (*lead, *array.shape[told:]))
    return _Cells(array.ravel(), prod(shape[len(shape) - axes :]))


def _cuts(run: _Run, edges: NDArray[np.intp]) -> list[int]:
    """Return how many cells of a run stand before each of some columns."""
    if isinstance(run.columns, slice):
        cuts: list[int] = np.clip(edges - run.columns.start, 0, run.size).tolist()
    else:
        cuts = np.searchsorted(run.columns, edges).tolist()
    return cuts


def _part(run: _Run, begin: int, end: int, first: int, size: int) -> _Part:
    """Return some cells of a run, their columns counted from ``first``, of ``size`` columns that are filled."""
    if isinstance(run.columns, slice):
        before = run.columns.start - first
        return _Part(run, begin, end, slice(before + begin, before + end))
    columns = np.subtract(run.columns[begin:end], first, dtype=np.intp)
    return _Part(run, begin, end, columns, None if run.width else np.bincount(columns, minlength=size))


def _count(parts: Sequence[_Part], size: int) -> NDArray[np.intp]:
    """Return how many cells stand in each of the columns that are filled."""
    steps = np.zeros(size + 1, dtype=np.intp)  # where lines of cells begin and end
    for part in parts:
        if isinstance(part.columns, slice):
            steps[part.columns.start] += 1
            steps[part.columns.stop] -= 1
        elif part.lengths is None:
            width = part.run.width
            ahead = -part.begin % width  # cells of a line that began in columns before these
            if ahead:
                steps[0] += 1
                steps[min(ahead, len(part.columns))] -= 1
            heads = part.columns[ahead::width]
            steps[heads] += 1
            steps[np.minimum(heads + width, size)] -= 1
    count = np.cumsum(steps[:-1])
    for part in parts:
        if part.lengths is not None:
            count += part.lengths
    return count


def _fill(
    parts: Sequence[_Part], count: NDArray[np.intp], rows: NDArray[np.int32], values: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Put cells into columns that have room for so many, and return where each column ends."""
    ends = np.cumsum(count)
    free = ends - count
    values.fill(1.0)  # most numbers that stand in all cells of a run
    for part in parts:
        at = _take_places(part, free)
        rows[at] = part.run.rows.between(part.begin, part.end)
        if not part.run.values.are_ones:
            values[at] = part.run.values.between(part.begin, part.end)
    if not all(part.run.ordered for part in parts):
        _put_in_order(rows, values, ends)
    return ends


def _take_places(part: _Part, free: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where the cells of a part go, and move the next free place of their columns past them."""
    columns = part.columns
    if part.lengths is None:
        places: NDArray[np.intp] = free[columns].copy() if isinstance(columns, slice) else free.take(columns)
        free[columns] = places + 1
        return places
    skipped = free + part.lengths - np.cumsum(part.lengths)
    free += part.lengths
    places = skipped.take(columns)
    places += np.arange(len(places))
    return places


def _put_in_order(rows: NDArray[np.int32], values: NDArray[np.float64], ends: NDArray[np.intp]) -> None:
    """Let rows ascend in each column, and add up what stands in one cell; correct ``ends`` for that."""
    goes_on = np.ones(len(rows), dtype=bool)  # whether a cell stands in the column of the one before
    goes_on[:1] = False
    goes_on[ends[ends < len(rows)]] = False
    falls = np.flatnonzero((rows[1:] < rows[:-1]) & goes_on[1:])
    if len(falls):
        _sort_columns(np.searchsorted(ends, falls, side="right"), rows, values, ends)
    twice = np.flatnonzero((rows[1:] == rows[:-1]) & goes_on[1:]) + 1
    if len(twice):
        first = np.ones(len(rows), dtype=bool)
        first[twice] = False
        added = np.add.reduceat(values, np.flatnonzero(first))
        ends -= np.cumsum(np.bincount(np.searchsorted(ends, twice, side="right"), minlength=len(ends)))
        rows[: len(added)], values[: len(added)] = rows[first], added


def _sort_columns(
    chosen: NDArray[np.intp], rows: NDArray[np.int32], values: NDArray[np.float64], ends: NDArray[np.intp]
) -> None:
    """Sort chosen columns, named in ascending order, by row."""
    chosen = chosen[np.diff(chosen, prepend=-1) > 0]
    count = np.diff(ends, prepend=0)
    begins, lengths = (ends - count)[chosen], count[chosen]
    at = np.repeat(begins - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    order = at[np.argsort((np.repeat(chosen, lengths) << ROW_BITS) + rows[at], kind="stable")]
    rows[at], values[at] = rows[order], values[order]
