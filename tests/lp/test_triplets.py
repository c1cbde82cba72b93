"""Entries become compressed columns: the same matrix as adding them up one by one, whatever their order and shape."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.lp import triplets
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.triplets import Entries, compress

ROWS, COLUMNS = 7, 6


def position(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


@st.composite
def grids(draw: st.DrawFn) -> Entries:
    """Rows, columns and coefficients of a small grid, each of them full or the same along an axis."""
    height, width = draw(st.integers(0, 3)), draw(st.integers(1, 3))

    def array(values: st.SearchStrategy[int]) -> np.ndarray:
        shape = draw(st.sampled_from([(height, width), (height, 1), (1, width), (width,), ()]))
        size = int(np.prod(shape))
        return np.array(draw(st.lists(values, min_size=size, max_size=size))).reshape(shape)

    return (
        array(position(ROWS)).astype(int),
        array(position(COLUMNS)).astype(int),
        array(st.integers(-3, 3)).astype(float),
    )


def added_up(entries: list[Entries]) -> np.ndarray:
    matrix = np.zeros((ROWS, COLUMNS))
    for entry in entries:
        for row, column, value in zip(*(array.ravel() for array in np.broadcast_arrays(*entry)), strict=True):
            matrix[row, column] += value
    return matrix


@settings(max_examples=300, deadline=None)
@given(entries=st.lists(grids(), max_size=5), together=st.integers(1, COLUMNS))
def test_entries_add_up_in_ascending_cells(entries: list[Entries], together: int) -> None:
    """However many columns are filled together."""
    with mock.patch.object(triplets, "TOGETHER", together):
        starts, rows, values = compress(entries, ROWS, COLUMNS)
    columns = np.repeat(np.arange(COLUMNS), np.diff(starts))
    matrix = np.zeros((ROWS, COLUMNS))
    matrix[rows, columns] = values
    assert np.array_equal(matrix, added_up(entries))
    cells = columns * ROWS + rows
    assert (np.diff(cells) > 0).all()
    assert starts[-1] == len(values)


@pytest.mark.parametrize("together", range(1, 13))
def test_lines_of_cells_are_cut_where_columns_are_filled_apart(together: int) -> None:
    """Two lines of four columns and three of three, whose rows the second family tells apart by line."""
    first = np.array([[1, 2, 3, 4], [6, 7, 8, 9]])
    second = np.array([[0, 1, 2], [5, 6, 7], [9, 10, 11]])
    entries: list[Entries] = [
        (np.array(0), first, np.array(2.0)),
        (np.array([[1], [2], [3]]), second, np.array(1.0)),
        (np.array([[4], [5]]), first, np.array([[3.0], [4.0]])),
    ]
    expected = np.zeros((6, 12))
    expected[0, first] = 2
    for row, line in enumerate(second):
        expected[1 + row, line] = 1
    expected[4, first[0]], expected[5, first[1]] = 3, 4
    with mock.patch.object(triplets, "TOGETHER", together):
        starts, rows, values = compress(entries, 6, 12)
    matrix = np.zeros((6, 12))
    matrix[rows, np.repeat(np.arange(12), np.diff(starts))] = values
    assert np.array_equal(matrix, expected)
    assert len(values) == np.count_nonzero(expected)


def test_families_of_rows_are_counted_into_place_in_any_order() -> None:
    """Two whole families, one of part of the columns and one mixed, given from the lowest rows up."""
    line = np.arange(COLUMNS)
    entries: list[Entries] = [
        (np.array([6, 5, 6]), np.array([4, 0, 4]), np.array([1.0, 2, 3])),
        (np.array(4), line[1:4], np.array(5.0)),
        (np.array([3, 2, 3, 2, 3, 2]), line, np.array(7.0)),
        (np.array(0), line, line + 1.0),
    ]
    starts, rows, values = compress(entries, ROWS, COLUMNS)
    assert starts.tolist() == [0, 3, 6, 9, 12, 15, 17]
    assert rows[starts[0] : starts[1]].tolist() == [0, 3, 5]
    assert values[starts[4] : starts[5]].tolist() == [5, 7, 4]  # 1 and 3 stand in one cell


@settings(max_examples=100, deadline=None)
@given(
    entry=grids(),
    kept=st.sampled_from([(3, 3), (3, 1), (1, 3), (3,), ()]).flatmap(
        lambda shape: st.lists(st.booleans(), min_size=9, max_size=9).map(
            lambda flags: np.array(flags[: int(np.prod(shape))]).reshape(shape)
        )
    ),
)
def test_what_is_left_out_leaves_the_rest_as_it_is(entry: Entries, kept: np.ndarray) -> None:
    try:
        wide = np.broadcast_arrays(*entry, kept)
    except ValueError:
        return  # shapes that do not fit each other
    builder = ProgramBuilder({})
    builder.add_columns("x", {"place": np.arange(COLUMNS)})
    builder.add_rows("r", {"place": np.arange(ROWS)})
    builder.add_entries(*entry, where=kept)
    program = builder.build(maximize=True)
    masked = (wide[0], wide[1], np.where(wide[3], wide[2], 0.0))
    assert np.array_equal(program.matrix().toarray(), added_up([masked]))
