"""Programs of textbooks and tutorials, with their printed optimum, prices and reduced costs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from optimizer.lp.program import LinearProgram
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import ADAPTERS, accuracy_of, find_engine, is_rough, usable_engines
from tests.lp.dense import INF, at_least, at_most, dense, equal
from tests.strategies import near


@dataclass(frozen=True)
class Known:
    """A program and what is printed of it; prices are changes of the optimum per unit of right-hand side."""

    program: LinearProgram
    objective: float
    x: list[float]
    prices: list[float]
    reduced: list[float]


KNOWN = {
    # Hillier and Lieberman
    "Wyndor Glass": Known(
        dense([3, 5], [at_most(1, 0, limit=4), at_most(0, 2, limit=12), at_most(3, 2, limit=18)]),
        36, [2, 6], [0, 1.5, 1], [0, 0],
    ),
    # Anderson, Sweeney and Williams
    "Par Inc": Known(
        dense(
            [10, 9],
            [
                at_most(0.7, 1, limit=630),
                at_most(0.5, 5 / 6, limit=600),
                at_most(1, 2 / 3, limit=708),
                at_most(0.1, 0.25, limit=135),
            ],
        ),
        7668, [540, 252], [4.375, 0, 6.9375, 0], [0, 0],
    ),
    "M&D Chemicals": Known(
        dense([2, 3], [at_least(1, 0, limit=125), at_least(1, 1, limit=350), at_most(2, 1, limit=600)], maximize=False),
        800, [250, 100], [0, 4, -1], [0, 0],
    ),
    "JuMP's tutorial on sensitivity": Known(
        dense(
            [12, 20, -1],
            [at_least(6, 8, 0, limit=100), at_least(7, 12, 0, limit=120), at_most(1, 1, 0, limit=20)],
            maximize=False,
            lower=[0, 0, -INF],
            upper=[INF, 3, 1],
        ),
        204, [15, 1.25, 1], [0.25, 1.5, 0], [0, 0, -1],
    ),
    "lpSolve's thread on wrong ranges": Known(
        dense([1, 9, 1], [at_most(1, 2, 3, limit=9), at_most(3, 2, 2, limit=15)]),
        40.5, [0, 4.5, 0], [4.5, 0], [-3.5, 0, -12.5],
    ),
    # PuLP's case study
    "Whiskas": Known(
        dense(
            [0.013, 0.008, 0.010, 0.002, 0.005, 0.001],
            [
                equal(1, 1, 1, 1, 1, 1, limit=100),
                at_least(0.1, 0.2, 0.15, 0, 0.04, 0, limit=8),
                at_least(0.08, 0.1, 0.11, 0.01, 0.01, 0, limit=6),
                at_most(0.001, 0.005, 0.003, 0.1, 0.15, 0, limit=2),
                at_most(0.002, 0.005, 0.007, 0.002, 0.008, 0, limit=0.4),
            ],
            maximize=False,
        ),
        0.52, [0, 60, 0, 0, 0, 40], [0.001, 0, 0.07, 0, 0], [0.0064, 0, 0.0013, 0.0003, 0.0033, 0],
    ),
    # capital rationing over two years, as a linear program
    "Lorie and Savage": Known(
        dense(
            [14, 17, 17, 15, 40, 12, 14, 10, 12],
            [at_most(12, 54, 6, 6, 30, 6, 48, 36, 18, limit=50), at_most(3, 7, 6, 2, 35, 6, 4, 3, 3, limit=20)],
            upper=1,
        ),
        70.272727272727, [1, 0, 1, 1, 0, 0.969696969697, 0.045454545455, 0, 1],
        [0.136363636364, 1.863636363636],
        [6.772727, -3.409091, 5, 10.454545, -29.318182, 0, 0, -0.5, 3.954545],
    ),
}  # fmt: skip


USABLE = [name for name, usable in usable_engines().items() if usable]
ROUGHLY = 100
"""How much farther from the printed ones than its objective a first-order method's solution and prices may be."""


@pytest.mark.parametrize(
    ("engine", "algorithm"),
    [(name, algorithm) for name in USABLE for algorithm in (Algorithm.AUTO, *ADAPTERS[name].algorithms)],
)
@pytest.mark.parametrize("name", KNOWN)
def test_printed_answers(name: str, algorithm: Algorithm, engine: str) -> None:
    known, options = KNOWN[name], SolveOptions(engine=engine, algorithm=algorithm)
    result = find_engine(engine)(known.program, options).solve()
    if is_rough(options) and result.termination.is_limit:
        pytest.skip("a first-order method may stop at its limit of steps before it is near, as that of HiGHS does here")
    promised = accuracy_of(options)
    assert result.objective == pytest.approx(known.objective, rel=promised, abs=promised)
    # a vertex is as near to the printed figures as its objective
    near_by = promised * (ROUGHLY if is_rough(options) else 1)
    for found, printed in ((result.x, known.x), (result.row_dual, known.prices), (result.reduced_cost, known.reduced)):
        assert found.tolist() == pytest.approx(printed, rel=near_by, abs=near_by)


def test_wyndor_slack_and_par_slacks() -> None:
    for name, slacks in (("Wyndor Glass", [2, 0, 0]), ("Par Inc", [0, 120, 0, 18])):
        program = KNOWN[name].program
        activity = program.activity(find_engine("highs")(program, SolveOptions()).solve().x)
        assert (program.row_upper - activity).tolist() == near(slacks)


@pytest.mark.parametrize("engine", [name for name in USABLE if ADAPTERS[name].whole])
def test_lorie_and_savage_in_whole_projects(engine: str) -> None:
    relaxed = KNOWN["Lorie and Savage"].program
    rows = [(row, -INF, limit) for row, limit in zip(relaxed.matrix().toarray(), relaxed.row_upper, strict=True)]
    result = find_engine(engine)(dense(relaxed.cost, rows, upper=1, integer=True), SolveOptions(engine=engine)).solve()
    assert result.objective == near(70)
    assert result.x.round().tolist() == [1, 0, 1, 1, 0, 1, 0, 0, 1]


# the optimum as a function of the first year's budget, from breakpoint to breakpoint
STAIRCASE = [
    (0, 0), (6, 17), (12, 32), (18, 44), (23.142857142857, 50.857142857143), (32.571428571429, 61.428571428571),
    (48, 70), (92, 76), (114, 78.666666666667), (125, 79.166666666667), (200, 79.166666666667),
]  # fmt: skip


def test_budget_staircase_of_lorie_and_savage() -> None:
    program = KNOWN["Lorie and Savage"].program
    session = find_engine("highs")(program, SolveOptions())
    for (low, value), (high, next_value) in pairwise(STAIRCASE):
        slope = (next_value - value) / (high - low)
        for share in (0.0, 0.5):
            budget = low + share * (high - low)
            session.set_row_bounds(program.row_lower, program.row_upper + np.array([budget - 50, 0]))
            result = session.solve()
            assert result.objective == near(value + share * (next_value - value))
            if share:
                assert result.row_dual[0] == near(slope)


def test_at_a_breakpoint_any_price_of_the_interval_is_right() -> None:
    # one row of ten projects: at a budget of 15 the last unit earned 4.75, the next one would earn 4.5
    values, costs = [18, 20, 17, 19, 25, 21, 27, 23, 25, 24], [1, 3, 7, 4, 8, 9, 6, 10, 2, 5]
    result = find_engine("highs")(dense(values, [at_most(*costs, limit=15)], upper=1), SolveOptions()).solve()
    assert result.objective == near(106)
    assert 4.5 - 1e-9 <= result.row_dual[0] <= 4.75 + 1e-9
