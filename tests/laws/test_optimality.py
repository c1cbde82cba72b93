"""What is said of the optimum holds: prices, least spend, and how the methods of overlap stand to one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

import optimizer as vc
from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from tests.strategies import Draft, cases, law, near


@pytest.mark.parametrize("method", ["fixed", "sequential"])
@law(20)
@given(case=cases(overlap=True))
def test_the_linear_penalty_is_never_below_the_true_one(method: str, case: Draft) -> None:
    summary = case.solve(method).summary()
    assert summary["lp_objective"] <= summary["objective"] + 1e-6 * (1 + abs(summary["objective"]))


@law(25)
@given(case=cases(overlap=True))
def test_methods_stand_in_their_order(case: Draft) -> None:
    loaded = case.load()
    fixed, sequential = (loaded.solve(method=method).summary() for method in ("fixed", "sequential"))
    tolerance = 1e-6 * (1 + abs(sequential["bound"]))
    assert fixed["objective"] <= sequential["objective"] + tolerance
    assert sequential["objective"] <= sequential["bound"] + tolerance
    assert fixed["objective"] <= sequential["bound"] + tolerance


@law(10)
@given(case=cases(overlap=False))
def test_without_a_price_on_overlap_the_methods_are_one(case: Draft) -> None:
    loaded = case.load()
    fixed, sequential = (loaded.solve(method=method) for method in ("fixed", "sequential"))
    assert fixed.summary()["objective"] == sequential.summary()["objective"]
    assert fixed.summary()["bound"] == near(fixed.objective)
    assert fixed.summary()["gap"] == near(0)


def spending(program: LinearProgram) -> np.ndarray:
    spend = np.zeros(program.n_columns)
    for family in ("public", "link_public"):
        spend[program.columns.positions(family)] = 1.0
    return spend


def least_spend(program: LinearProgram, objective: float) -> float:
    """Return the least spend at this objective: a second program that has the objective as a row."""
    stacked = np.vstack([program.matrix().toarray(), program.cost])
    lower = np.append(program.row_lower, objective - 1e-9 * (1 + abs(objective)))
    upper = np.append(program.row_upper, np.inf)
    result = linprog(
        spending(program),
        A_ub=np.vstack([stacked[np.isfinite(upper)], -stacked[np.isfinite(lower)]]),
        b_ub=np.concatenate([upper[np.isfinite(upper)], -lower[np.isfinite(lower)]]),
        bounds=list(zip(program.lower, program.upper, strict=True)),
        method="highs",
    )
    assert result.status == 0, result.message
    return float(result.fun)


@law(30)
@given(case=cases())
def test_no_plan_of_equal_objective_spends_less(case: Draft) -> None:
    plan = case.solve()
    summary = plan.summary()
    least = least_spend(plan.outcome.compiled.program, summary["lp_objective"])
    assert summary["spend"] <= least + 1e-4 * (1 + abs(least))
    assert summary["lp_objective"] == near(plan.outcome.result.objective)


@law(20)
@given(case=cases())
def test_money_is_left_only_where_more_of_it_is_worth_nothing(case: Draft) -> None:
    plan = case.solve()
    prices = plan.sensitivity.constraints
    prices = prices[prices["family"] == "budget"].set_index(["funder", "year"])["shadow_price"]
    for line in plan.statistics.headroom().itertuples():
        if line.unspent > 1e-5:
            assert prices[line.funder, line.year] == near(0)


@law(20)
@given(case=cases())
def test_prices_add_up_to_the_objective(case: Draft) -> None:
    # strong duality: what every limit earns at its price is all that is earned
    plan = case.solve()
    program, result = plan.outcome.compiled.program, plan.outcome.result
    total = 0.0
    for price, lower, upper in (
        (result.row_dual, program.row_lower, program.row_upper),
        (result.reduced_cost, program.lower, program.upper),
    ):
        side = np.where(price > 0, upper, lower)
        assert np.all(np.abs(price[~np.isfinite(side)]) < 1e-6)
        finite = np.isfinite(side)
        total += float(price[finite] @ side[finite])
    assert total == near(result.objective)


@law(20)
@given(case=cases())
def test_reported_prices_fit_their_rows(case: Draft) -> None:
    table = case.solve().sensitivity.constraints
    loose = table[table["status"] == "not binding"]
    assert loose["shadow_price"].abs().max() < 1e-6 if len(loose) else True
    assert (table["slack"] >= -1e-6).all()
    upper = table[table["family"].isin(["budget", "capacity", "demand", "expansion_limit", "carry_over", "crowd_in"])]
    assert (upper["shadow_price"] >= -1e-6).all()


@law(20)
@given(case=cases(), data=st.data())
def test_a_price_lies_between_what_less_and_more_of_its_limit_change(case: Draft, data: st.DataObject) -> None:
    # the optimum is concave in every right-hand side, so a price is bracketed by the two difference quotients
    plan = case.solve()
    program = plan.outcome.compiled.program
    priced = np.flatnonzero(np.abs(plan.outcome.result.row_dual) > 1e-6)
    assume(len(priced))
    row = int(data.draw(st.sampled_from(priced.tolist())))
    price, step = plan.outcome.result.row_dual[row], 0.01

    def optimum(shift: float) -> float:
        lower, upper = program.row_lower.copy(), program.row_upper.copy()
        lower[row] += shift
        upper[row] += shift
        moved = replace(program, row_lower=lower, row_upper=upper)
        result = find_engine("highs")(moved, SolveOptions()).solve()
        return result.objective if result.termination == "optimal" else -np.inf

    here, tolerance = optimum(0.0), 1e-4 * (1 + abs(price))
    assert (optimum(step) - here) / step <= price + tolerance
    assert (here - optimum(-step)) / step >= price - tolerance


@law(8)
@given(case=cases(overlap=True))
def test_the_same_case_has_the_same_plan(case: Draft) -> None:
    one, other = case.load().solve(), case.load().solve()
    assert isinstance(one, vc.Plan)
    assert one.allocation.equals(other.allocation)
    assert one.objective == other.objective


@pytest.mark.parametrize("method", ["fixed", "sequential"])
@law(8)
@given(case=cases(overlap=True))
def test_steps_tell_how_the_plan_was_found(method: str, case: Draft) -> None:
    plan = case.solve(method)
    if method == "fixed":
        assert plan.steps == ()
        return
    assert {"unranked", "activity"} <= {step.start for step in plan.steps} <= {"unranked", "activity", "leader"}
    best = max(step.objective for step in plan.steps)
    assert plan.objective >= best - 1e-5 * (1 + abs(best))
    for step in plan.steps:
        assert step.lp_objective <= step.objective + 1e-6 * (1 + abs(step.objective)) or step.start == "unranked"
