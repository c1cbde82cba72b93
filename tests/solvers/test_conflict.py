"""Conflicts and directions of growth of programs by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.lp.elastic import elastic
from optimizer.options import SolveOptions
from optimizer.solvers.conflict import ConflictSearch, StoppedError
from optimizer.solvers.growth import direction_of_growth
from tests.lp.dense import INF, at_least, at_most, dense

OPTIONS = SolveOptions()


def search(program: object, price: list[float], rows: list[int], columns: list[int] | None = None) -> ConflictSearch:
    made = elastic(program, np.array(rows, dtype=int), np.array(columns or [], dtype=int))
    return ConflictSearch(made, np.array(price, dtype=float), OPTIONS, lambda: None)


def two_conflicts(*, integer: bool = False) -> ConflictSearch:
    # x >= 6, y >= 5, x + y <= 8 (3 short); z >= 4 but z <= 1 (3 short); x <= 9 and w >= 2 are in no conflict
    program = dense(
        [0, 0, 0, 0],
        [
            at_least(1, 0, 0, 0, limit=6),
            at_least(0, 1, 0, 0, limit=5),
            at_most(1, 1, 0, 0, limit=8),
            at_least(0, 0, 1, 0, limit=4),
            at_least(0, 0, 0, 1, limit=2),
        ],
        upper=[9.0, INF, 1.0, INF],
        integer=integer,
    )
    return search(program, [1, 2, 3, 1, 1, 1, 5], [0, 1, 2, 3, 4], [0, 2])


@pytest.mark.parametrize("integer", [False, True])
def test_a_conflict_is_one_and_of_the_rank_wanted(integer: bool) -> None:
    both = two_conflicts(integer=integer)
    # members of low rank are left out where that leaves a conflict
    first = both.conflict(np.array([9, 9, 9, 1, 1, 1, 1]))
    assert first is not None
    assert (first.members.tolist(), first.irreducible) == ([0, 1, 2], True)
    other = both.conflict(np.array([1, 1, 1, 9, 9, 9, 9]))
    assert other is not None
    assert other.members.tolist() == [3, 6]


@pytest.mark.parametrize("integer", [False, True])
def test_the_cheapest_repair_mends_every_conflict(integer: bool) -> None:
    both = two_conflicts(integer=integer)
    repair = both.repair()
    assert repair is not None
    assert repair.stretch == pytest.approx([3, 0, 0, 3, 0, 0, 0])  # row 0 at 1 a unit, row 3 at 1
    assert repair.x == pytest.approx([3, 5, 1, 2])
    held = both.repair(np.array([1, INF, INF, 0, INF, INF, INF]))
    assert held is not None
    assert held.stretch == pytest.approx([1, 2, 0, 0, 0, 0, 3])
    assert both.repair(np.array([INF, INF, INF, 0, INF, INF, 0])) is None


def test_one_member_alone_mends_its_own_conflict_only() -> None:
    both = two_conflicts()
    alone = both.alone(2, np.array([0, 1, 2]))
    assert alone is not None
    assert alone.stretch[2] == pytest.approx(3)
    assert both.alone(2, np.arange(7)) is None


def test_equal_ways_are_decided_by_preference() -> None:
    program = dense([0], [at_least(1, limit=5), at_most(1, limit=3)])
    either = search(program, [1, 1], [0, 1])
    for preferred in (0, 1):
        factors = np.where(np.arange(2) == preferred, 1.0, 1.00001)
        repair = either.repair(preference=factors)
        assert repair is not None
        assert np.flatnonzero(repair.stretch).tolist() == [preferred]


def test_limits_that_can_hold_have_no_conflict() -> None:
    program = dense([1], [at_least(1, limit=3), at_most(1, limit=3)])
    assert search(program, [1, 1], [0, 1]).conflict(np.array([1, 1])) is None


def test_half_a_unit_is_a_conflict_of_whole_columns_only() -> None:
    rows = [at_least(2, limit=1), at_most(2, limit=1)]
    assert search(dense([0], rows), [1, 1], [0, 1]).conflict(np.array([1, 1])) is None
    found = search(dense([0], rows, integer=True), [1, 1], [0, 1]).conflict(np.array([1, 1]))
    assert found is not None
    assert found.members.tolist() == [0, 1]


def test_no_time_is_said() -> None:
    program = dense(np.zeros(2), [at_least(1, 0, limit=5), at_most(1, 1, limit=3)])
    made = elastic(program, np.array([0, 1]), np.array([], dtype=int))
    times = iter([None, None, 0.5, 0.5, 0.5])
    found = ConflictSearch(made, np.ones(2), OPTIONS, lambda: next(times, 0.5)).conflict(np.array([1, 2]))
    assert found is not None
    assert not found.irreducible
    with pytest.raises(StoppedError, match="time ran out"):
        ConflictSearch(made, np.ones(2), OPTIONS, lambda: 1e-9).conflict(np.array([1, 2]))


def test_a_direction_of_growth_moves_as_little_as_it_can() -> None:
    # x and y can grow together, w by itself at a smaller gain; z is held by its bound
    program = dense([4, 0, 9, 1], [at_most(1, -1, 0, 0, limit=2)], upper=[INF, INF, 5.0, INF])
    direction = direction_of_growth(program, OPTIONS, None)
    assert direction is not None
    assert direction == pytest.approx([0.25, 0.25, 0, 0])
    assert direction_of_growth(dense([1], [at_most(1, limit=2)]), OPTIONS, None) is None
