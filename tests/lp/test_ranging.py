"""Ranges: printed ones of textbooks, and re-solves just inside and just outside of what is claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import optimizer as vc
from optimizer.lp import basis as basis_module
from optimizer.lp.basis import FactoredBasis
from optimizer.lp.program import LinearProgram
from optimizer.lp.ranging import Ranges, priced_side, ranges
from tests.lp.dense import INF, at_least, at_most, dense, equal
from tests.lp.resolving import Shift, factored, optimum, solve, solved
from tests.lp.test_known_answers import KNOWN
from tests.strategies import near, tried

Interval = tuple[float, float]
SEEDS = range(tried(20))
FAR = 50.0
"""How far a range without end is tried."""

# right-hand sides and objective coefficients, lowest and highest, as printed
PRINTED: dict[str, tuple[list[Interval], list[Interval]]] = {
    "Wyndor Glass": ([(2, INF), (6, 18), (12, 24)], [(0, 7.5), (2, INF)]),
    "Par Inc": (
        [(495.6, 682.363636), (480, INF), (580, 900), (117, INF)],
        [(6.3, 13.5), (6.666667, 14.285714)],
    ),
    "M&D Chemicals": ([(-INF, 250), (300, 475), (475, 700)], [(-INF, 3), (2, INF)]),
    "JuMP's tutorial on sensitivity": (
        [(96, 102.857143), (116.666667, 124.666667), (16.25, INF)],
        [(11.666667, 15), (16, 20.571429), (-INF, 0)],
    ),
    "lpSolve's thread on wrong ranges": ([(0, 15), (9, INF)], [(-INF, 4.5), (2, INF), (-INF, 13.5)]),
    "Lorie and Savage": ([(48, 92), (14.666667, 20.166667)], []),
}


def ranged(program: LinearProgram) -> Ranges:
    return ranges(factored(program, solve(program)))


@pytest.mark.parametrize("name", PRINTED)
def test_printed_ranges(name: str) -> None:
    program = KNOWN[name].program
    found = ranged(program)
    rhs = priced_side(found.row_dual, program.row_lower, program.row_upper, maximize=program.maximize)
    rows, costs = PRINTED[name]
    assert (rhs - found.row_decrease).tolist() == near([low for low, _ in rows])
    assert (rhs + found.row_increase).tolist() == near([high for _, high in rows])
    assert (program.cost - found.cost_decrease)[: len(costs)].tolist() == near([low for low, _ in costs])
    assert (program.cost + found.cost_increase)[: len(costs)].tolist() == near([high for _, high in costs])
    assert not found.degenerate_rows.any()


def limits(program: LinearProgram, found: Ranges) -> list[tuple[Shift, float, float, float, bool]]:
    """Return every right-hand side and upper bound: what moves, its price, its range, and whether it is degenerate."""
    side = priced_side(found.row_dual, program.row_lower, program.row_upper, maximize=program.maximize)
    listed = []
    for row, price in enumerate(found.row_dual):
        array = "row_upper" if side[row] == program.row_upper[row] else "row_lower"
        width = (found.row_increase[row], found.row_decrease[row])
        listed.append((Shift(array, row), price, *width, bool(found.degenerate_rows[row])))
    for column in np.flatnonzero(np.isfinite(program.upper)):
        price = found.reduced_cost[column]
        price = max(price, 0.0) if program.maximize else min(price, 0.0)
        width = (found.upper_increase[column], found.upper_decrease[column])
        listed.append((Shift("upper", int(column)), price, *width, bool(found.degenerate_uppers[column])))
    return listed


def at(value: float, reach: float) -> float:
    return min(value, FAR) * reach


@pytest.mark.parametrize("whole", [True, False], ids=["ties", "no ties"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_price_holds_within_its_range(seed: int, whole: bool) -> None:
    program, result = solved(seed, whole=whole)
    for shift, price, increase, decrease, _ in limits(program, ranges(factored(program, result))):
        assert increase >= 0
        assert decrease >= 0
        for by in (at(increase, 0.999), -at(decrease, 0.999)):
            if by:
                assert optimum(shift.of(program, by)) == near(result.objective + price * by), (shift, by)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_price_holds_no_further_than_its_range(seed: int) -> None:
    # without ties, what changes the basis changes the price
    program, result = solved(seed, whole=False)
    for shift, price, increase, decrease, _ in limits(program, ranges(factored(program, result))):
        for end, sign in ((increase, 1), (decrease, -1)):
            if np.isfinite(end):
                by = sign * (end + 0.5)
                assert optimum(shift.of(program, by)) != near(result.objective + price * by), (shift, by)


@pytest.mark.parametrize("whole", [True, False], ids=["ties", "no ties"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_solution_stays_within_the_range_of_a_coefficient(seed: int, whole: bool) -> None:
    program, result = solved(seed, whole=whole)
    basis = factored(program, result)
    found = ranges(basis)
    for column in range(program.n_columns):
        for end, sign in ((found.cost_increase[column], 1), (found.cost_decrease[column], -1)):
            by = sign * at(end, 0.999)
            moved = optimum(Shift("cost", column).of(program, by))
            assert moved == near(result.objective + by * basis.x[column]), (column, by)
            if np.isfinite(end) and not whole:
                by = sign * (end + 0.5)
                moved = optimum(Shift("cost", column).of(program, by))
                assert moved != near(result.objective + by * basis.x[column]), (column, by)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_price_that_is_not_called_degenerate_is_the_derivative_both_ways(seed: int) -> None:
    program, result = solved(seed, whole=True)
    step = 1e-4
    for shift, price, _, _, degenerate in limits(program, ranges(factored(program, result))):
        if not degenerate:
            more, less = (optimum(shift.of(program, by)) for by in (step, -step))
            assert (more - result.objective) / step == pytest.approx(price, rel=1e-4, abs=1e-4)
            assert (result.objective - less) / step == pytest.approx(price, rel=1e-4, abs=1e-4)


def test_basis_and_engine_agree_on_solution_and_prices() -> None:
    for seed in SEEDS:
        program, result = solved(seed, whole=False)
        basis = factored(program, result)
        assert basis.x.tolist() == near(result.x.tolist())
        assert basis.row_dual.tolist() == near(result.row_dual.tolist())
        assert basis.reduced_cost.tolist() == near(result.reduced_cost.tolist())


def test_a_basis_moves_to_another_optimal_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    # x + y <= 4 at equal worth: both (4, 0) and (0, 4) are vertices, (2, 2) is none
    program = dense([1, 1], [at_most(1, 1, limit=4), at_most(1, 0, limit=4)], upper=[INF, 5])
    basis = factored(program, solve(program))
    for x in ([4.0, 0.0], [0.0, 4.0]):
        moved = basis.moved_to(np.array(x))
        assert moved is not None
        assert moved.x.tolist() == near(x)
        assert moved.row_dual.tolist() == near(basis.row_dual.tolist())
    assert basis.moved_to(np.array([2.0, 2.0])) is None
    monkeypatch.setattr(basis_module, "MOST_ENTERING", 0)
    assert [basis.moved_to(np.array(x)) is None for x in ([4.0, 0.0], [0.0, 4.0])].count(True) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_moved_basis_has_ranges_that_hold_for_its_own_solution(seed: int) -> None:
    program, result = solved(seed, whole=True)
    # the least of another function among the optimal solutions, found the slow way
    held = program.with_objective_at_least(result.objective - 1e-9, "worth") if program.maximize else None
    if held is None:
        return
    other = solve(replace(held, cost=np.random.default_rng(seed).normal(size=program.n_columns)))
    if not other.has_solution or np.abs(other.x).max() > 1e3:
        return
    moved = factored(program, result).moved_to(other.x)
    if moved is None:
        return
    found = ranges(moved)
    for column in range(program.n_columns):
        for end, sign in ((found.cost_increase[column], 1), (found.cost_decrease[column], -1)):
            by = sign * at(end, 0.999)
            assert optimum(Shift("cost", column).of(program, by)) == pytest.approx(
                result.objective + by * moved.x[column], rel=1e-5, abs=1e-5
            )


@pytest.mark.parametrize("seed", range(20))
def test_units_scale_ranges_and_change_nothing_else(seed: int) -> None:
    # the objective in millionths, amounts of every other column in billionths
    program, result = solved(seed, whole=False)
    found = ranges(factored(program, result))
    sizes = np.where(np.arange(program.n_columns) % 2 == 0, 1.0, 1e9)
    scaled = replace(
        program,
        cost=program.cost * 1e6 / sizes,
        lower=program.lower * sizes,
        upper=program.upper * sizes,
        values=program.values / sizes[program.entry_columns],
    )
    members = result.basis.members()
    assert members is not None
    other = ranges(FactoredBasis(scaled, *members, result.x * sizes))
    assert other.row_increase.tolist() == near(found.row_increase.tolist())
    assert other.row_decrease.tolist() == near(found.row_decrease.tolist())
    assert (other.cost_increase * sizes / 1e6).tolist() == near(found.cost_increase.tolist())
    assert (other.cost_decrease * sizes / 1e6).tolist() == near(found.cost_decrease.tolist())
    assert (other.upper_increase / sizes).tolist() == near(found.upper_increase.tolist())
    assert (other.upper_decrease / sizes).tolist() == near(found.upper_decrease.tolist())


def test_a_small_price_beside_a_large_one_is_still_a_price() -> None:
    program = dense([1e10, 1], [at_most(1, 0, limit=1), at_most(0, 1, limit=2), at_most(0, 1, limit=3)])
    found = ranged(program)
    assert found.row_dual.tolist() == near([1e10, 1, 0])
    assert found.row_increase.tolist() == near([INF, 1, INF])
    assert found.row_decrease.tolist() == near([1, 2, 1])


def test_entries_that_add_up_to_nothing_are_none() -> None:
    program = KNOWN["Wyndor Glass"].program
    rows, columns = program.indices, program.entry_columns
    full = dense([3, 5], [at_most(1, 1, limit=4), at_most(1, 2, limit=12), at_most(3, 2, limit=18)])
    kept = np.isin(full.indices * 2 + full.entry_columns, rows * 2 + columns)
    result = ranged(replace(full, values=np.where(kept, full.values, 0.0)))
    assert result.row_increase.tolist() == near([INF, 6, 6])


def test_a_bound_ends_where_the_other_one_is() -> None:
    # 2 <= x <= 3 as a row that binds above, and as bounds
    program = dense([1, 1], [((1, 0), 2, 3)], lower=[0, 1], upper=[INF, 4])
    found = ranged(program)
    assert (found.row_increase.tolist(), found.row_decrease.tolist()) == ([INF], [1.0])
    assert (found.upper_increase[1], found.upper_decrease[1]) == (INF, 3.0)


def test_an_equation_that_says_nothing_new_has_no_range() -> None:
    program = dense([1, 1], [equal(1, 1, limit=2), equal(2, 2, limit=4)])
    found = ranged(program)
    assert found.row_increase.tolist() == [0, 0]
    assert found.row_decrease.tolist() == [0, 0]
    assert found.degenerate_rows.all()


def test_programs_without_rows_and_without_columns() -> None:
    found = ranged(dense([1, -1], [], upper=[2, 3]))
    assert found.cost_increase.tolist() == [INF, 1]
    assert found.cost_decrease.tolist() == [1, INF]
    assert found.upper_increase.tolist() == [INF, INF]
    assert found.upper_decrease.tolist() == [2, 3]
    program = dense([], [at_least(limit=-1)])
    basis = FactoredBasis(program, np.zeros(0, dtype=bool), np.ones(1, dtype=bool), np.zeros(0))
    assert ranges(basis).row_increase.tolist() == [1]


def test_a_basis_without_an_inverse_is_refused() -> None:
    program = dense([1, 1], [at_most(1, 1, limit=2), at_most(1, 1, limit=2)])
    both = np.ones(2, dtype=bool)
    with pytest.raises(vc.ModelError, match=r"no inverse; solve again"):
        ranges(FactoredBasis(program, both, ~both, np.ones(2)))
    with pytest.raises(vc.ModelError, match=r"2 columns for 1 rows"):
        ranges(FactoredBasis(program, both, np.array([True, False]), np.ones(2)))
