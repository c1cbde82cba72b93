"""Programs that share columns: textbook two-stage programs, the tail in both orientations, and the laws of risk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from optimizer.analysis.risk import (
    CVaR,
    Expectation,
    Risk,
    WorstCase,
    conditional_value_at_risk,
    value_at_risk,
)
from optimizer.errors import ModelError
from optimizer.lp.compose import BLOCK, Composed, compose, with_tail, with_worst
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination
from tests.lp.dense import INF, at_most, dense

THIRDS = (1 / 3, 1 / 3, 1 / 3)
YIELDS = (1.2, 1.0, 0.8)


def solved(program: LinearProgram) -> SolveResult:
    result = find_engine("highs")(program, SolveOptions()).solve()
    assert result.termination is Termination.OPTIMAL
    return result


def fixed(program: LinearProgram, at: Vector) -> LinearProgram:
    """Return a program with its first columns fixed."""
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[: len(at)] = upper[: len(at)] = at
    return replace(program, lower=lower, upper=upper)


def joined(blocks: list[LinearProgram], weights: tuple[float, ...], n_shared: int) -> Composed:
    return compose(blocks, weights, [np.arange(n_shared)] * len(blocks))


# --- the farmer (Birge and Louveaux, Introduction to Stochastic Programming, section 1.1) ----------------------------


def farm(weather: float) -> LinearProgram:
    """Return the farmer's year: acres of wheat, corn, beets; both grains sold and bought; beets within and beyond."""
    wheat, corn, beets = 2.5 * weather, 3 * weather, 20 * weather
    rows = [
        ([1, 1, 1, 0, 0, 0, 0, 0, 0], -INF, 500.0),
        ([wheat, 0, 0, -1, 1, 0, 0, 0, 0], 200.0, INF),
        ([0, corn, 0, 0, 0, -1, 1, 0, 0], 240.0, INF),
        ([0, 0, beets, 0, 0, 0, 0, -1, -1], 0.0, INF),
    ]
    return dense([-150, -230, -260, 170, -238, 150, -210, 36, 10], rows, upper=[INF] * 7 + [6000, INF])


def farmer(risk: Risk) -> tuple[Vector, Vector]:
    """Return the acres and the outcomes in good, fair and bad weather."""
    composed = risk.joint(joined([farm(weather) for weather in YIELDS], THIRDS, 3))
    x = solved(composed.program).x
    return x[:3], composed.values(x)


def test_the_farmer_plants_for_every_weather() -> None:
    blocks = [farm(weather) for weather in YIELDS]
    composed = joined(blocks, THIRDS, 3)
    result = solved(composed.program)
    assert result.objective == pytest.approx(108_390)
    assert result.x[:3] == pytest.approx([170, 80, 250])
    assert composed.values(result.x) == pytest.approx([167_000, 109_350, 48_820])
    assert composed.program.part_values(result.x) == {"mean": pytest.approx(108_390)}
    average = solved(farm(1.0))
    assert average.objective == pytest.approx(118_600)
    outcomes = [solved(fixed(block, average.x[:3])).objective for block in blocks]
    assert outcomes == pytest.approx([148_000, 118_600, 55_120])
    assert np.mean(outcomes) == pytest.approx(107_240)
    assert result.objective - np.mean(outcomes) == pytest.approx(1_150)
    alone = [solved(block).objective for block in blocks]
    assert alone == pytest.approx([167_666.666667, 118_600, 59_950])
    assert np.mean(alone) == pytest.approx(115_405.555556)
    assert np.mean(alone) - result.objective == pytest.approx(7_015.555556)


def test_the_farmer_who_minds_the_worst_third() -> None:
    acres, outcomes = farmer(CVaR(alpha=2 / 3, weight=1))
    assert acres == pytest.approx([100, 25, 375])
    # only the worst outcome counts, so the others may lie anywhere above it
    assert outcomes.min() == pytest.approx(59_950)
    assert farmer(WorstCase())[0] == pytest.approx([100, 25, 375])


@pytest.mark.parametrize(
    ("tails", "acres", "mean", "worst"),
    [(2, [100, 100, 300], 107_100, 56_800), (5, [100, 80, 320], 103_313.333333, 57_640)],
)
def test_the_farmer_who_weighs_mean_and_tail(tails: float, acres: list[float], mean: float, worst: float) -> None:
    # mean + tails * CVaR has the optimum of its (1 + tails)-th part
    risk = CVaR(alpha=0.8, weight=tails / (1 + tails))
    found, outcomes = farmer(risk)
    assert found == pytest.approx(acres)
    assert outcomes.mean() == pytest.approx(mean)
    assert outcomes.min() == pytest.approx(worst)


# --- Gemstone Tools (Bertsimas and Freund, Data, Models, and Decisions) ----------------------------------------------

EARNINGS = ((160, 8), (160, 10), (90, 8), (90, 10))
QUARTERS = (0.25,) * 4


def tools(earning: float, assembly: float) -> LinearProgram:
    """Return steel, wrenches, pliers: steel is bought before earnings and hours are known."""
    rows = [
        ([-1, 1.5, 1], -INF, 0.0),
        ([0, 1, 1], -INF, 21.0),
        ([0, 0.3, 0.5], -INF, float(assembly)),
    ]
    return dense([-58, earning, 100], rows, upper=[INF, 15, 16])


def test_gemstone_tools() -> None:
    blocks = [tools(*earning) for earning in EARNINGS]
    result = solved(joined(blocks, QUARTERS, 1).program)
    assert result.objective == pytest.approx(863.25)
    assert result.x[0] == pytest.approx(27.25)
    alone = [solved(block).objective for block in blocks]
    assert alone == pytest.approx([1347, 1347, 672, 687])
    assert np.mean(alone) - result.objective == pytest.approx(150)
    average = solved(tools(125, 9))
    # below what can be had: limits and earnings vary together, and the mean of the optima is not the optimum's mean
    assert average.objective == pytest.approx(852)
    assert average.x[0] == pytest.approx(24.75)
    kept = np.mean([solved(fixed(block, average.x[:1])).objective for block in blocks])
    assert kept == pytest.approx(862.416667)
    assert result.objective - kept == pytest.approx(0.833333)


# --- the tail --------------------------------------------------------------------------------------------------------

COSTS = np.array([10.0, 20.0, 30.0, 40.0])


def test_the_tail_of_four_equally_likely_costs() -> None:
    # a cost is an outcome with the sign turned: 0.4 of the probability are all of 40 and 0.15 of 30
    chances = np.array(QUARTERS)
    assert value_at_risk(-COSTS, chances, 0.6) == -30
    assert conditional_value_at_risk(-COSTS, chances, 0.6) == pytest.approx(-36.25)
    assert value_at_risk(COSTS, chances, 0.6) == 20
    assert conditional_value_at_risk(COSTS, chances, 0.6) == pytest.approx(13.75)
    assert Expectation().value(COSTS, chances) == 25
    assert WorstCase().value(COSTS, chances) == 10
    assert CVaR(0.6, 0.5).value(COSTS, chances) == pytest.approx((25 + 13.75) / 2)


@pytest.mark.parametrize(("maximize", "tail", "worst"), [(True, 13.75, 10), (False, 36.25, 40)])
def test_a_program_values_the_same_tail(maximize: bool, tail: float, worst: float) -> None:
    blocks = [dense([cost], [], maximize=maximize, lower=1, upper=1) for cost in COSTS]
    composed = compose(blocks, QUARTERS, [np.empty(0, dtype=np.intp)] * 4)
    valued = with_tail(composed, 0.4, 1.0)
    assert solved(valued.program).objective == pytest.approx(tail)
    assert solved(with_tail(composed, 0.4, 0.25).program).objective == pytest.approx(0.75 * 25 + 0.25 * tail)
    assert solved(with_worst(composed).program).objective == pytest.approx(worst)
    assert list(valued.values(solved(valued.program).x)) == pytest.approx(list(COSTS))


def test_the_tail_in_the_limits_and_between_them() -> None:
    # PyPSA's invariants: without weight the mean, with a tail as wide as the worst outcome that alone, never rising
    def value(alpha: float, weight: float) -> float:
        composed = CVaR(alpha, weight).joint(joined([farm(weather) for weather in YIELDS], THIRDS, 3))
        return solved(composed.program).objective

    assert value(0.8, 0) == pytest.approx(108_390)
    assert value(1 - THIRDS[0], 1) == pytest.approx(59_950)
    assert value(1 - 1e-9, 1) == pytest.approx(59_950)
    assert value(0, 1) == pytest.approx(108_390)
    falling = [value(0.8, weight) for weight in (0, 0.25, 0.5, 0.75, 1)]
    assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize("risk", [Expectation(), CVaR(0.5, 0.4), CVaR(0.5, 1.0), WorstCase()])
def test_the_mean_by_what_each_value_is_worth_has_the_same_optimum(risk: Risk) -> None:
    blocks = [farm(weather) for weather in YIELDS]
    composed = risk.joint(joined(blocks, THIRDS, 3))
    found = solved(composed.program)
    worths = composed.worths(found.row_dual)
    assert worths.sum() == pytest.approx(1)
    # weights of 0 are no weights of a joint program
    mean = joined(blocks, tuple((worths + 1e-9) / (worths + 1e-9).sum()), 3)
    assert solved(mean.program).objective == pytest.approx(found.objective, rel=1e-6)


def test_a_block_split_in_two_changes_nothing() -> None:
    halves = [farm(weather) for weather in (1.2, 1.2, 1.0, 0.8)]
    chances = (1 / 6, 1 / 6, 1 / 3, 1 / 3)
    for risk in (Expectation(), CVaR(0.8, 0.6), WorstCase()):
        whole = risk.joint(joined([farm(weather) for weather in YIELDS], THIRDS, 3))
        assert solved(risk.joint(joined(halves, chances, 3)).program).objective == pytest.approx(
            solved(whole.program).objective
        )


# --- labels and misfits ----------------------------------------------------------------------------------------------


def test_labels_tell_blocks_apart() -> None:
    composed = joined([farm(weather) for weather in YIELDS], THIRDS, 3)
    labels = composed.program.columns
    frame = labels.frame("x")
    assert frame["number"].tolist() == [0, 1, 2, *([3, 4, 5, 6, 7, 8] * 3)]
    assert frame[BLOCK].isna().tolist() == [True] * 3 + [False] * 18
    assert labels.position("x", number=4, block=1) == composed.columns[1][4]
    assert composed.program.rows.position("row", number=2, block=2) == composed.rows[2][2]
    assert composed.joined([np.ones(9)] * 3)[:4].tolist() == [3, 3, 3, 1]


def test_shared_columns_may_stand_in_another_order() -> None:
    turned = dense([1.0, -1.0], [at_most(1, 0, limit=3)], upper=[9, 5])
    straight = dense([-1.0, 1.0], [at_most(0, 1, limit=4)], upper=[5, 9])
    composed = compose([turned, straight], (0.5, 0.5), [np.array([0, 1]), np.array([1, 0])])
    assert composed.n_shared == composed.program.n_columns == 2
    assert solved(composed.program).objective == pytest.approx(3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda one: compose([one, one], (0.5, 0.5), [np.arange(1), np.arange(2)]), "share 1 and 2 columns"),
        (lambda one: compose([one], (0.5,), [np.arange(1)]), "add up to 1, not 0.5"),
        (lambda one: compose([], (), []), "one block at least"),
        (
            lambda one: compose([one, dense([1.0], [], maximize=False)], (0.5, 0.5), [np.arange(1)] * 2),
            "some blocks are to be maximised",
        ),
        (
            lambda one: compose([one, dense([1.0], [])], (0.5, 0.5), [np.arange(1)] * 2),
            "other labels of dimension 'number'",
        ),
    ],
)
def test_blocks_that_do_not_fit_are_refused(make: Callable[[LinearProgram], Composed], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        make(farm(1.0))
