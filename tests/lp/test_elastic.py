"""Elastic programs by hand: what is stretched stands where it should, and only what has one side can be stretched."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.errors import ModelError
from optimizer.lp.elastic import elastic
from tests.lp.dense import at_least, at_most, dense, equal


def test_rows_and_bounds_give_way_by_columns_of_their_own() -> None:
    # 2 x + 3 y >= 12, x + y <= 3, y = 1, x <= 2: rows 0 and 1 and the bound of x may give way
    program = dense(
        [5, 7],
        [at_least(2, 3, limit=12), at_most(1, 1, limit=3), equal(0, 1, limit=1)],
        upper=[2.0, 9.0],
    )
    made = elastic(program, np.array([0, 1]), np.array([0]))
    assert (made.n_members, made.n_original) == (3, 2)
    assert made.program.matrix().toarray().tolist() == [[2, 3, 1, 0, 2], [1, 1, 0, -1, 1], [0, 1, 0, 0, 0]]
    assert made.program.upper.tolist() == [2, 9, np.inf, np.inf, np.inf]
    assert made.program.cost.tolist() == [0] * 5
    assert made.cost(np.array([1.0, 2.0, 4.0])).tolist() == [0, 0, 1, 2, 4]
    x = np.array([2.0, 1.0, 0.5, 0.25, 1.5])
    assert made.stretch(x).tolist() == [0.5, 0.25, 1.5]
    assert made.original(x).tolist() == [3.5, 1]  # x oversteps its bound by 1.5
    assert program.n_columns == 2


@pytest.mark.parametrize(("rows", "columns"), [([2], []), ([], [1])])
def test_what_has_no_one_limit_cannot_give_way(rows: list[int], columns: list[int]) -> None:
    program = dense(
        [1, 1], [at_least(1, 1, limit=1), at_most(1, 0, limit=1), equal(1, 1, limit=1)], upper=[1.0, np.inf]
    )
    with pytest.raises(ModelError, match="one finite side"):
        elastic(program, np.array(rows, dtype=int), np.array(columns, dtype=int))
