"""Certificates hold for what is optimal, infeasible or unbounded, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer.lp.certificate import (
    Certificate,
    Claim,
    Measure,
    certify_infeasible,
    certify_optimum,
    certify_unbounded,
)
from optimizer.lp.directions import elastic_program, recession_program, tangent_program
from optimizer.lp.exact_sums import activity, column_sums, dot, grouped
from optimizer.lp.program import LinearProgram
from optimizer.solvers.result import Termination
from tests.lp.dense import INF, at_least, at_most, dense
from tests.lp.resolving import drawn, optimum, solve, solved
from tests.lp.test_known_answers import KNOWN
from tests.strategies import near, tried

SEEDS = range(tried(20))


def certificate(program: LinearProgram) -> Certificate:
    result = solve(program)
    return certify_optimum(program, result.x, result.row_dual, result.reduced_cost)


def broken(found: Certificate) -> set[Measure]:
    return {one.measure for one in found.measures if not one.ok}


def value(found: Certificate, measure: Measure) -> float:
    return next(one.value for one in found.measures if one.measure is measure)


# --- sums ------------------------------------------------------------------------------------------------------------


def test_sums_are_rounded_once_however_they_cancel() -> None:
    random = np.random.default_rng(1)
    left, right = (random.normal(size=400) * 10.0 ** random.integers(-9, 9, 400) for _ in range(2))
    left, right = np.concatenate([left, -left, [1e-12]]), np.concatenate([right, right, [1.0]])
    exact = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(left, right, strict=True))
    assert dot(left, right) == float(exact) == 1e-12
    assert float(left @ right) != 1e-12  # what plain sums make of it


def test_sums_by_row_and_column_are_those_of_the_matrix() -> None:
    program = KNOWN["Whiskas"].program
    matrix = program.matrix().toarray()
    x, y = np.arange(1.0, 7), np.array([1.0, -2, 0.5, 3, 0])
    assert activity(program, x).tolist() == near((matrix @ x).tolist())
    assert column_sums(program, y, program.cost).tolist() == near((matrix.T @ y + program.cost).tolist())
    assert grouped(np.array([2, 0, 2]), np.array([1.0, 2.0, 4.0]), 4).tolist() == [2, 0, 5, 0]


# --- optimal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_textbook_optima_are_certified(name: str) -> None:
    known = KNOWN[name]
    found = certificate(known.program)
    assert found.ok
    assert found.claim is Claim.OPTIMAL
    assert found.objective == near(known.objective)
    assert found.dual_objective == near(known.objective)


@pytest.mark.parametrize("whole", [True, False], ids=["ties", "no ties"])
@pytest.mark.parametrize("seed", SEEDS)
def test_optima_are_certified(seed: int, whole: bool) -> None:
    program, _ = solved(seed, whole=whole)
    assert certificate(program).ok


def test_each_fault_is_seen_by_its_own_measure() -> None:
    program = KNOWN["Wyndor Glass"].program  # x = (2, 6), prices (0, 1.5, 1)
    x, y, d = np.array([2.0, 6]), np.array([0, 1.5, 1]), np.zeros(2)
    assert certify_optimum(program, x, y, d).ok
    outside = certify_optimum(program, x + np.array([0, 1e-3]), y, d)
    assert Measure.PRIMAL in broken(outside)
    assert value(outside, Measure.PRIMAL) == near(2e-3)  # 2 y <= 12 and 3 x + 2 y <= 18
    assert broken(certify_optimum(program, x, y, d + np.array([0, 1e-3]))) == {Measure.STATIONARITY, Measure.DUAL}
    wrong_sign = certify_optimum(program, x, np.array([0, 1.5, -1]), np.array([6.0, 4]))
    assert Measure.DUAL in broken(wrong_sign)
    # neither x <= infinity nor 3 x + 2 y >= -infinity is a bound that could have a price
    assert value(wrong_sign, Measure.DUAL) == 6
    # (4, 3) is the next vertex: feasible, worth 27, and its own prices (0, 0, 2.5) would pay for x on its lower bound
    other = certify_optimum(program, np.array([4.0, 3]), y, d)
    assert broken(other) == {Measure.COMPLEMENTARITY, Measure.GAP}
    assert value(other, Measure.GAP) == near(9)
    assert broken(certify_optimum(program, x * np.nan, y, d)) >= {Measure.PRIMAL, Measure.GAP}


def test_prices_of_one_basis_certify_every_optimal_solution() -> None:
    program = dense([1, 1], [at_most(1, 1, limit=4)], upper=[4, 4])
    result = solve(program)
    for x in ([4.0, 0], [0.0, 4], [1.5, 2.5]):
        assert certify_optimum(program, np.array(x), result.row_dual, result.reduced_cost).ok


def test_violations_are_judged_by_the_size_of_what_they_are_of() -> None:
    # a row in billions is met to 1e-5: nothing; a row in ones is not
    large, small = (dense([1], [at_most(1, limit=limit)]) for limit in (1e9, 1.0))
    price = (np.array([1.0]), np.zeros(1))
    assert certify_optimum(large, np.array([1e9 + 1e-5]), *price).ok
    assert Measure.PRIMAL in broken(certify_optimum(small, np.array([1 + 1e-5]), *price))


# --- infeasible ------------------------------------------------------------------------------------------------------


def test_two_rows_that_contradict_one_another() -> None:
    # x + y >= 10 and x + y <= 6: added up they ask for 4 more than is possible
    program = dense([1, 0], [at_least(1, 1, limit=10), at_most(1, 1, limit=6)])
    found = certify_infeasible(program, np.array([1.0, -1]))
    assert found.ok
    assert value(found, Measure.NEED) == 4
    assert value(found, Measure.REACH) == INF
    assert not certify_infeasible(program, np.array([1.0, 0])).ok
    assert not certify_infeasible(program, np.array([-1.0, 1])).ok
    assert not certify_infeasible(program, np.zeros(2)).ok
    assert not certify_infeasible(dense([1, 0], [at_least(1, 1, limit=10)]), np.ones(1)).ok


def test_a_proof_that_only_excludes_small_solutions_is_none() -> None:
    # 1e-5 x >= 1 with x free above has the solution 1e5; the weight 1 leaves 1e-5 on the missing bound of x
    program = dense([0], [at_least(1e-5, limit=1)])
    found = certify_infeasible(program, np.ones(1))
    assert not found.ok
    assert value(found, Measure.REACH) == near(1e5)
    assert certify_infeasible(dense([0], [at_least(1e-9, limit=1)], upper=1e3), np.ones(1)).ok


@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_no_solution_is_proven_to_have_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    while True:
        program = drawn(random, whole=True)
        shifted = replace(
            program,
            row_lower=program.row_lower + random.integers(0, 5, program.n_rows),
            row_upper=program.row_upper - random.integers(0, 5, program.n_rows),
        )
        program = replace(shifted, row_upper=np.maximum(shifted.row_lower, shifted.row_upper))
        if solve(program).termination is Termination.INFEASIBLE:
            break
    elastic = solve(elastic_program(program))
    assert elastic.objective > 1e-6
    assert certify_infeasible(program, elastic.row_dual).ok
    assert elastic.has_basis


@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_a_solution_is_never_proven_to_have_none(seed: int) -> None:
    program, _ = solved(seed, whole=True)
    elastic = solve(elastic_program(program))
    assert elastic.objective == near(0)
    random = np.random.default_rng(seed)
    for weights in (elastic.row_dual, random.normal(size=program.n_rows), random.normal(size=program.n_rows)):
        assert not certify_infeasible(program, weights).ok


# --- unbounded -------------------------------------------------------------------------------------------------------


def test_a_direction_that_earns_without_end() -> None:
    # x - y <= 1, both free above: along (1, 1) nothing is met
    program = dense([2, -1], [at_most(1, -1, limit=1)])
    x = np.zeros(2)
    found = certify_unbounded(program, x, np.array([1.0, 1]))
    assert found.ok
    assert value(found, Measure.GAIN) == 1
    assert broken(certify_unbounded(program, x, np.array([1.0, 0]))) == {Measure.RAY}
    assert broken(certify_unbounded(program, x, np.array([0.0, 1]))) == {Measure.GAIN}
    assert broken(certify_unbounded(program, np.array([2.0, 0]), np.array([1.0, 1]))) == {Measure.PRIMAL}
    assert not certify_unbounded(program, x, np.zeros(2)).ok
    minimised = replace(program, cost=-program.cost, maximize=False)
    assert certify_unbounded(minimised, x, np.array([1.0, 1])).ok


@pytest.mark.parametrize("seed", SEEDS)
def test_a_best_direction_exists_where_there_is_no_best_solution(seed: int) -> None:
    random = np.random.default_rng(seed)
    program = drawn(random, whole=True)
    unbounded = np.isinf(optimum(program)) and solve(elastic_program(program)).objective < 1e-9
    ray = solve(recession_program(program)).x
    x = solve(elastic_program(program)).x[: program.n_columns]
    assert certify_unbounded(program, x, ray).ok == unbounded


# --- directions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_no_direction_from_an_optimum_earns_anything_and_from_elsewhere_one_does(seed: int) -> None:
    program, result = solved(seed, whole=True)
    assert optimum(tangent_program(program, result.x)) == near(0)
    worst = solve(replace(program, cost=-program.cost))
    if worst.termination is Termination.OPTIMAL and abs(worst.objective + result.objective) > 1e-6:
        assert abs(optimum(tangent_program(program, worst.x))) == INF
