"""Points near an optimum: the printed two sources, and what a check finds in the matrices."""

from __future__ import annotations

import numpy as np
import pytest

import optimizer as vc
from optimizer.solvers.near_optimal import NearOptimal, check
from tests.lp.dense import at_least, at_most, dense
from tests.strategies import near

SOURCES = dense([220, 270], [at_least(1, 1, limit=100)], maximize=False)
FIRST = np.array([1.0, 0.0])


def test_the_printed_two_sources() -> None:
    # optimum 22,000; within 5 % the dearer source can take 22 of the 100 units: 78 * 220 + 22 * 270 = 23,100
    around = NearOptimal(SOURCES, 1.05 * 22_000, vc.SolveOptions())
    least, most = around.extreme(FIRST, greatest=False), around.extreme(FIRST, greatest=True)
    assert least is not None
    assert most is not None
    assert least == near([78, 22])
    assert check(SOURCES, least).objective == near(23_100)
    assert most[0] == near(105)  # more than is demanded, as long as it costs no more than 23,100
    assert around.solves == 2


def test_a_maximum_is_held_from_below() -> None:
    # x + y <= 10 and 3 x + 2 y >= 0.9 * 30: y can be 3, not more
    program = dense([3, 2], [at_most(1, 1, limit=10)])
    around = NearOptimal(program, 27, vc.SolveOptions())
    assert around.extreme(np.array([0.0, 1.0]), greatest=True) == near([7, 3])


def test_a_check_finds_the_worst_violation() -> None:
    # the row lacks 10 of 100 at sizes 1 + 90, the bound of x is missed by 5 at size 1 + 5
    assert check(SOURCES, np.array([60.0, 30.0])).violation == near(10 / 91)
    assert check(SOURCES, np.array([-5.0, 200.0])).violation == near(5 / 6)
    assert check(SOURCES, np.array([100.0, 0.0])).violation == 0


def test_limits_that_cannot_be_reached_and_time() -> None:
    with pytest.raises(vc.SolveError, match="infeasible"):
        NearOptimal(SOURCES, 21_000, vc.SolveOptions()).extreme(FIRST, greatest=True)
    hurried = NearOptimal(SOURCES, 23_100, vc.SolveOptions(time_limit=1e-9))
    assert hurried.out_of_time
