"""The geometry of a curve: chords, what they may be wrong by, the knee, and where each point is the best."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.analysis.curve import Curve
from tests.strategies import near


def curve(*points: tuple[float, float, float]) -> Curve:
    return Curve(*np.array(points, dtype=float).T)


BENT = curve((0, 15, 210), (2, 10, 205), (4, 5, 190), (10, 0, 150))


def test_chords_are_the_penalties_at_which_neighbours_are_worth_the_same() -> None:
    assert BENT.chords == near([1, 3, 8])
    for place, penalty in enumerate(BENT.chords):
        left, right = (BENT.value[i] - penalty * BENT.overlap[i] for i in (place, place + 1))
        assert left == near(right)


def test_every_point_is_the_best_between_its_chords() -> None:
    first, last = BENT.best_between()
    assert first == near([0, 1, 3, 8])
    assert last[:-1] == near([1, 3, 8])
    assert np.isinf(last[-1])
    for penalty in (0.5, 2, 5, 100):
        best = int((BENT.value - penalty * BENT.overlap).argmax())
        assert first[best] <= penalty <= last[best]


def test_the_knee_is_furthest_from_the_chord_of_the_extremes() -> None:
    # values at 1, 55/60, 40/60, 0 of their range, overlaps at 1, 2/3, 1/3, 0 of theirs
    assert BENT.distances * np.sqrt(2) == near([0, 1 / 4, 1 / 3, 0])
    assert BENT.knee == 2


def test_a_straight_curve_has_no_knee() -> None:
    straight = curve((0, 10, 100), (2, 5, 90), (3, 0, 80))
    assert straight.distances == near([0, 0, 0])
    assert straight.knee == 2
    assert straight.errors[0] == near(0)  # the chord's own slope is the penalty of the point between


def test_the_error_is_the_height_at_which_the_two_lines_meet() -> None:
    # from (10, 100) nothing is above 100, from (0, 80) nothing above 80 + 6 o: they meet at o = 20/6, where the chord
    # is at 80 + 2 * 20/6; 100 less that is 40/3, of a range of 20
    assert curve((0, 10, 100), (6, 0, 80)).errors == near([40 / 3 / 20])
    # where either penalty is the chord's slope, the chord is exact
    assert curve((2, 10, 100), (6, 0, 80)).errors == near([0])
    assert curve((0, 10, 100), (2, 0, 80)).errors == near([0])


def test_points_with_one_plan_share_its_interval() -> None:
    twice = curve((0, 10, 100), (1, 10, 100), (5, 0, 80))
    assert np.isnan(twice.chords[0])
    first, last = twice.best_between()
    assert first == near([0, 0, 2])
    assert last[:2] == near([2, 2])
    assert twice.errors[0] == 0


@pytest.mark.parametrize(
    "flat", [curve((0, 10, 100)), curve((0, 10, 100), (1, 0, 100)), curve((0, 0, 100), (1, 0, 100))]
)
def test_a_curve_without_a_trade_is_no_error(flat: Curve) -> None:
    assert flat.distances.max() == 0
    assert flat.errors.max(initial=0) == 0
    assert flat.knee == len(flat) - 1
