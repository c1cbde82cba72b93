"""Matrix entries on their way: arrays of rows, columns and coefficients, and the compressed columns they become.

An entry is three arrays that broadcast against each other. They are kept as they are given and only spread out when
they are sorted, and columns that no entry mixes are sorted apart, so that what stands in memory beside the matrix
stays small: in large programs touching new memory costs more than computing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Entries = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Rows, columns and coefficients; they broadcast. Nobody may write into them any more."""

ROW_BITS = 32
"""A key orders by column, then by row: the column stands above the bits of the row."""


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
    total = sum(prod(_shape(entry)) for entry in entries)
    indices, values = np.empty(total, dtype=np.int32), np.empty(total, dtype=np.float64)
    counts = np.zeros(n_columns + 1, dtype=np.int32)
    end = 0
    for group in _apart(entries):
        end += _place(group, indices[end:], values[end:], counts[1:])
    if end < total:
        # shrunk where they are: a copy would double what is held, and nobody else has seen these arrays yet
        indices.resize(end, refcheck=False)
        values.resize(end, refcheck=False)
    return np.cumsum(counts, dtype=np.int32), indices, values


def _shape(entry: Entries) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(array) for array in entry))


def _apart(entries: Sequence[Entries]) -> Iterator[list[Entries]]:
    """Group entries whose columns lie in one range, groups by rising columns; columns of two groups never mix."""
    filled = [entry for entry in entries if prod(_shape(entry))]
    ranges = sorted((int(entry[1].min()), int(entry[1].max()), place) for place, entry in enumerate(filled))
    group: list[int] = []
    reach = -1
    for first, last, place in ranges:
        if group and first > reach:
            yield [filled[chosen] for chosen in sorted(group)]
            group = []
        group.append(place)
        reach = max(reach, last)
    if group:
        yield [filled[chosen] for chosen in sorted(group)]


def _place(
    group: list[Entries], indices: NDArray[np.int32], values: NDArray[np.float64], counts: NDArray[np.int32]
) -> int:
    """Write the sorted entries of a group to the front of the arrays; return how many cells there are."""
    shapes = [_shape(entry) for entry in group]
    keys, spread = np.empty(sum(map(prod, shapes)), dtype=np.int64), np.empty(sum(map(prod, shapes)))
    lowest = min(int(columns.min()) for _, columns, _ in group)
    at = 0
    for shape, (rows, columns, coefficients) in zip(shapes, group, strict=True):
        part = slice(at, at + prod(shape))
        np.add((columns.astype(np.int64) - lowest) << ROW_BITS, rows, out=keys[part].reshape(shape))
        spread[part].reshape(shape)[...] = coefficients
        at = part.stop
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    again = keys[1:] == keys[:-1]
    if again.any():
        begins = np.flatnonzero(np.append(True, ~again))
        keys = keys[begins]
        values[: len(keys)] = np.add.reduceat(spread[order], begins)
    else:
        np.take(spread, order, out=values[: len(keys)], mode="clip")
    indices[: len(keys)] = keys  # the cast keeps the lower bits, which are the row
    keys >>= ROW_BITS
    found = np.bincount(keys)
    counts[lowest : lowest + len(found)] += found
    return len(keys)
