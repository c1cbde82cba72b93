"""Frontiers of several goals: a printed one, one by hand, and laws by enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.solvers.frontier import Goal, _Search, frontier, undominated
from optimizer.solvers.result import SolveResult, Termination
from tests.lp.dense import at_least, at_most, dense
from tests.strategies import law, near

PROFIT = [77, 94, 71, 63, 96, 82, 85, 75, 72, 91, 99, 63, 84, 87, 79, 94, 90]
DESIRE = [65, 90, 90, 77, 95, 84, 70, 94, 66, 92, 74, 97, 60, 60, 65, 97, 93]
WEIGHT = [80, 87, 68, 72, 66, 77, 99, 85, 70, 93, 98, 72, 100, 89, 67, 86, 91]
PRINTED = [(955, 906), (949, 915), (948, 939), (943, 940), (936, 942), (935, 947), (934, 971), (927, 972), (918, 983)]


def goals(*vectors: list[float]) -> list[Goal]:
    return [Goal(str(place), np.array(vector, dtype=float)) for place, vector in enumerate(vectors)]


def knapsack(*, integer: bool) -> object:
    return dense(PROFIT, [at_most(*WEIGHT, limit=900)], upper=1.0, integer=integer)


def test_every_point_of_the_printed_knapsack() -> None:
    found = frontier(knapsack(integer=True), goals(PROFIT, DESIRE), step=1)  # type: ignore[arg-type]
    assert [tuple(point.values) for point in found.points] == PRINTED
    assert (tuple(found.best), tuple(found.worst)) == ((955, 983), (918, 906))
    assert [point.best for point in found.points] == [0, *[None] * 7, 1]


def test_it_is_no_weighted_sum() -> None:
    # a point below the chord of its neighbours is the best of no weighted sum
    hull = {
        PRINTED[int(np.argmax([share * a + (1 - share) * b for a, b in PRINTED]))] for share in np.linspace(0, 1, 1001)
    }
    found = frontier(knapsack(integer=True), goals(PROFIT, DESIRE), step=1)  # type: ignore[arg-type]
    assert len(hull) < len(found.points) == len(PRINTED)


def test_evenly_spread_floors_find_some_of_them_and_both_ends() -> None:
    found = frontier(knapsack(integer=True), goals(PROFIT, DESIRE), points=5)  # type: ignore[arg-type]
    values = [tuple(point.values) for point in found.points]
    assert set(values) < set(PRINTED)
    assert (values[0], values[-1]) == (PRINTED[0], PRINTED[-1])


def test_the_relaxed_knapsack_has_the_printed_ends() -> None:
    found = frontier(knapsack(integer=False), goals(PROFIT, DESIRE), points=5)  # type: ignore[arg-type]
    assert found.points[0].values == pytest.approx([962.7, 912.5], abs=0.05)
    assert found.points[-1].values == pytest.approx([935.0286, 1007.9429], abs=1e-4)
    desire = [point.values[1] for point in found.points]
    assert np.diff(desire) == near([np.diff(desire)[0]] * 4)  # evenly spread


def test_a_triangle_by_hand() -> None:
    # x + y <= 3, x <= 2, y <= 2, cost of x falls: (2, 1) to (1, 2) straight, and no more of a weakly dominated edge
    program = dense([0, 0], [at_most(1, 1, limit=3)], upper=2.0)
    found = frontier(program, goals([1, 0], [0, 1]), points=3)
    assert [tuple(point.values) for point in found.points] == [near((2, 1)), near((1.5, 1.5)), near((1, 2))]
    assert found.knee is None  # a straight line has no bend


def test_the_knee_stands_out_furthest() -> None:
    # corners (0, 4), (3, 3), (4, 0): the one in the middle
    program = dense([0, 0], [at_most(1, 3, limit=12), at_most(3, 1, limit=12)])
    found = frontier(program, goals([1, 0], [0, 1]), points=5)
    assert found.knee is not None
    assert found.points[found.knee].values == near((3, 3))


def test_weakly_dominated_ends_are_passed_over() -> None:
    # the first goal is worth the same over a whole edge; its extreme is the end of that edge the second prefers
    program = dense([0, 0], [at_most(1, 0, limit=1), at_most(0, 1, limit=1)])
    found = frontier(program, goals([1, 0], [0, 1]))
    assert [tuple(point.values) for point in found.points] == [near((1, 1))]


def test_goals_that_are_minimised_and_three_of_them() -> None:
    program = dense([0, 0, 0], [at_least(1, 1, 1, limit=1)], upper=1.0)
    three = [Goal(str(place), np.eye(3)[place], maximize=False) for place in range(3)]
    found = frontier(program, three, points=3)
    assert {tuple(point.values.round(6) + 0.0) for point in found.points} == {
        (a / 2, b / 2, (2 - a - b) / 2) for a in range(3) for b in range(3 - a)
    }
    # (0, 0, 1) is the extreme of the first goal and of the second: what is left goes to the last in either case
    assert sorted(point.best for point in found.points if point.best is not None) == [0, 2]


def test_dominated_and_double_rows_go() -> None:
    gains = np.array([[1.0, 2], [2, 1], [1, 2], [0, 2], [1, 1]])
    assert undominated(gains, np.full(2, 1e-9)).tolist() == [0, 1]


def test_what_makes_no_frontier_is_refused() -> None:
    program = dense([1], [at_most(1, limit=1)])
    with pytest.raises(vc.InputError, match="2 goals or more"):
        frontier(program, goals([1]))
    with pytest.raises(vc.SolveError, match="goal '1' has no optimum"):
        frontier(dense([1, 0], [at_most(1, 0, limit=1)]), goals([1, 0], [0, 1]))


@pytest.mark.parametrize(("solves", "known"), [(0, None), (1, None), (2, 1), (3, 1), (4, 2)])
def test_a_limit_leaves_the_ends_that_are_known(
    solves: int, known: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # each of the two ends takes two solves: the goal itself, then the other one
    program = dense([0, 0], [at_most(1, 3, limit=12), at_most(3, 1, limit=12)])
    usual, done = _Search.solve, count()

    def stopped(self: _Search, gain: np.ndarray, floors: np.ndarray) -> SolveResult:
        found = usual(self, gain, floors)
        return found if next(done) < solves else replace(found, termination=Termination.TIME_LIMIT)

    monkeypatch.setattr(_Search, "solve", stopped)
    if known is None:
        with pytest.raises(vc.SolveError, match="before any end of the frontier was known") as caught:
            frontier(program, goals([1, 0], [0, 1]))
        assert caught.value.status == "limit"
        return
    found = frontier(program, goals([1, 0], [0, 1]))
    assert not found.complete
    assert found.values.tolist() == [near(point) for point in ([4, 0], [0, 4])[:known]]


@law(15)
@given(size=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_every_point_of_small_whole_programs(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    first, second, weight = random.integers(1, 12, (3, size)).astype(float)
    limit = float(weight.sum() // 2)
    program = dense(first.tolist(), [at_most(*weight, limit=limit)], upper=1.0, integer=True)
    found = frontier(program, goals(first.tolist(), second.tolist()), step=1)
    choices = np.array([x for x in product([0, 1], repeat=size) if np.dot(x, weight) <= limit])
    values = choices @ np.array([first, second]).T
    expected = {tuple(values[place]) for place in undominated(values, np.zeros(2))}
    assert {tuple(point.values) for point in found.points} == expected
