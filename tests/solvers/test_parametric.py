"""Exact curves of optima: a printed staircase, and agreement with solving everywhere."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.lp.parametric import Support, concave_curve
from optimizer.solvers.base import find_engine
from optimizer.solvers.parametric import Direction, first_feasible, optimum_curve
from tests.lp.dense import at_least, at_most, dense
from tests.strategies import law, near

LORIE_SAVAGE = dense(
    [14, 17, 17, 15, 40, 12, 14, 10, 12],
    [at_most(12, 54, 6, 6, 30, 6, 48, 36, 18, limit=50), at_most(3, 7, 6, 2, 35, 6, 4, 3, 3, limit=20)],
    upper=1.0,
)
STAIRCASE = [
    (0, 0), (6, 17), (12, 32), (18, 44), (23.142857, 50.857143), (32.571429, 61.428571), (48, 70), (92, 76),
    (114, 78.666667), (125, 79.166667),
]  # fmt: skip


def first_row(program: object, count: int) -> Direction:
    return Direction(np.array([1.0] + [0.0] * (count - 1)), np.zeros(program.n_columns))  # type: ignore[attr-defined]


def test_the_staircase_of_lorie_and_savage() -> None:
    pieces = optimum_curve(LORIE_SAVAGE, first_row(LORIE_SAVAGE, 2), -50, 150).pieces
    found = [(piece.low + 50, piece.value) for piece in pieces]
    assert found == [pytest.approx(point, abs=1e-5) for point in STAIRCASE]
    slopes = [2.833333, 2.5, 2, 1.333333, 1.121212, 0.555556, 0.136364, 0.121212, 0.045455, 0]
    assert [piece.slope for piece in pieces] == pytest.approx(slopes, abs=1e-5)
    assert pieces[-1].high == 150


def test_a_cost_that_is_minimised_bends_the_other_way() -> None:
    # at least b of food: the cheap one up to 3, then the dear one
    program = dense([1, 4], [at_least(1, 1, limit=0), at_most(1, 0, limit=3)], maximize=False)
    pieces = optimum_curve(program, first_row(program, 2), 0, 5).pieces
    assert [(piece.low, piece.high, piece.value, piece.slope) for piece in pieces] == [
        near((0, 3, 0, 1)),
        near((3, 5, 3, 4)),
    ]


def test_bounds_move_too() -> None:
    # the first column may be no larger than b, the second takes what is left of 4
    program = dense([3, 1], [at_most(1, 1, limit=4)], upper=[0, 9])
    pieces = optimum_curve(program, Direction(np.zeros(1), np.array([1.0, 0.0])), 0, 6).pieces
    assert [(piece.low, piece.value, piece.slope) for piece in pieces] == [near((0, 4, 2)), near((4, 12, 0))]


def test_an_end_without_an_optimum_is_said() -> None:
    with pytest.raises(vc.SolveError, match="at -60 units ended with 'infeasible'"):
        optimum_curve(LORIE_SAVAGE, first_row(LORIE_SAVAGE, 2), -60, 0)


def test_what_is_not_concave_or_has_too_many_pieces_is_refused() -> None:
    with pytest.raises(vc.SolveError, match="not concave"):
        concave_curve(lambda at, near: Support(at, at**2, 2 * at, None), 0, 1)


def test_what_is_not_told_apart_is_bounded_from_both_sides() -> None:
    # a curve without straight pieces: 8 stretches of 1/8, whose tangents meet (1/16)^2 above the parabola's chord's
    # highest point (1/8)^2 / 4 below; the chord is nowhere above the curve and the tangents nowhere below it
    for options in ({"most": 9}, {"tolerance": (1 / 8) ** 2 / 2}):
        pieces = concave_curve(lambda at, near: Support(at, -(at**2), -2 * at, None), 0, 1, **options).pieces  # type: ignore[arg-type]
        assert [piece.low for piece in pieces] == near([step / 8 for step in range(8)])
        assert [piece.gap for piece in pieces] == near([(1 / 8) ** 2 / 2] * 8)
        for piece in pieces:
            for at in np.linspace(piece.low, piece.high, 5):
                assert piece.height(at) - 1e-12 <= -(at**2) <= piece.bound(at) + 1e-12
                assert piece.bound(at) - piece.height(at) <= piece.gap + 1e-12


def test_a_search_that_is_ended_keeps_what_it_knows() -> None:
    def solve(at: float, near: object) -> Support[None] | None:
        return Support(at, min(at, 1.0), float(at < 1), None)

    curve = concave_curve(solve, 0, 4, enough=lambda: True)
    (piece,) = curve.pieces
    assert not curve.complete
    assert (piece.value, piece.slope, piece.gap, piece.bound(1)) == near((0, 0.25, 0.75, 1))


def test_a_solve_that_a_limit_ends_leaves_its_stretch_as_it_was() -> None:
    # the curve min(at, 1): its two lines meet at 1, where the third solve is stopped
    def stopped(at: float, near: object) -> Support[None] | None:
        return None if 0 < at < 4 else Support(at, min(at, 1.0), float(at < 1), None)

    curve = concave_curve(stopped, 0, 4)
    assert not curve.complete
    assert [(piece.low, piece.high, piece.gap) for piece in curve.pieces] == [(0, 4, near(0.75))]
    # fewer solves, or a gap, are what was asked for and no limit
    for asked in ({"most": 2}, {"tolerance": 1.0}):
        assert concave_curve(stopped, 0, 4, **asked).complete  # type: ignore[arg-type]
    with pytest.raises(vc.SolveError, match="allow more time") as caught:
        concave_curve(lambda at, near: stopped(at + 1, near), 0, 4)
    assert caught.value.status == "limit"


def test_the_first_feasible_place_is_found_exactly() -> None:
    # at least 3 of each, and at most b in all, the second of which may be no larger than b / 4: so b >= 12
    program = dense([1, 1], [at_most(1, 1, limit=0), at_least(1, 0, limit=3), at_least(0, 1, limit=3)], upper=[9, 0])
    direction = Direction(np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.25]))
    assert first_feasible(program, direction, 0, 100) == near(12)
    assert first_feasible(program, direction, 20, 100) == near(20)
    assert first_feasible(program, direction, 0, 10) is None


@law(40)
@given(
    cost=st.lists(st.integers(1, 20), min_size=3, max_size=7),
    seed=st.integers(0, 10**6),
)
def test_the_curve_is_concave_and_goes_through_every_optimum(cost: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [(random.integers(1, 9, len(cost)), -np.inf, float(limit)) for limit in random.integers(5, 20, 3)]
    program = dense(cost, rows, upper=random.integers(1, 5, len(cost)).astype(float))
    direction = Direction(np.array([1.0, 0.5, 0.0]), np.zeros(len(cost)))
    pieces = optimum_curve(program, direction, 0, 30).pieces
    slopes = [piece.slope for piece in pieces]
    assert slopes == sorted(slopes, reverse=True)
    assert (pieces[0].low, pieces[-1].high) == (0, 30)
    for before, after in pairwise(pieces):
        assert before.high == after.low
        assert before.value + before.slope * (before.high - before.low) == near(after.value)
    for at in random.uniform(0, 30, 8):
        piece = next(piece for piece in pieces if piece.low <= at <= piece.high)
        moved = [(row, low, high + at * step) for (row, low, high), step in zip(rows, direction.rows, strict=True)]
        solved = find_engine("highs")(dense(cost, moved, upper=program.upper), vc.SolveOptions()).solve()
        assert piece.value + piece.slope * (at - piece.low) == near(solved.objective)
