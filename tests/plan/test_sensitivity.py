"""Prices and how far they hold, in the planner's words: by hand, against re-solves, and where they are not unique."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.lp.program import LinearProgram
from optimizer.plan import sensitivity
from optimizer.plan.price_intervals import PriceInterval, PriceIntervals
from optimizer.plan.sensitivity import Sensitivity
from optimizer.plan.solution import Solution
from tests.lp.dense import INF, at_least, at_most, dense, equal
from tests.lp.resolving import Shift, optimum, solve, solved
from tests.strategies import Draft, cases, draft, law, near, tried

NO_TERMINAL = {"value": {"terminal_weight": 0}}
SEEDS = range(tried(20))


def two_projects(budget: float) -> Draft:
    """Return a case with room for two launches worth 7 and two worth 4, each at a cost of 1."""
    return draft(
        NO_TERMINAL,
        fields="field,value\ndrug,7\ndevice,4",
        sites="cluster,stage,field,capacity,backlog\na,launch,drug,2,9\na,launch,device,2,9",
        budget=f"year,amount\n2026,{budget}",
    )


def row(plan: vc.Plan, family: str, **labels: object) -> pd.Series:
    table = plan.sensitivity.constraints
    table = table[table["family"] == family]
    for name, label in labels.items():
        table = table[table[name] == label]
    assert len(table) == 1
    return table.iloc[0]


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_ranges_by_hand() -> None:
    # 3 buys two drugs and one device, so a unit is worth 4 from 2 up to 4; the third drug would be worth 3 more than
    # the device that pays for it, as long as there is a device to give up, 1 more, or one of the two drugs, 2 less
    plan = two_projects(3).solve()
    budget = row(plan, "budget")
    assert (budget["shadow_price"], budget["rhs"]) == (near(4), 3)
    assert (budget["allowable_increase"], budget["allowable_decrease"]) == (near(1), near(1))
    assert not budget["degenerate"]
    assert (budget["shadow_price_low"], budget["shadow_price_high"]) == (near(4), near(4))
    drugs = row(plan, "capacity", field="drug")
    assert drugs["shadow_price"] == near(3)
    assert (drugs["allowable_increase"], drugs["allowable_decrease"]) == (near(1), near(1))
    devices = row(plan, "capacity", field="device")
    assert (devices["shadow_price"], devices["slack"]) == (near(0), near(1))
    assert (devices["allowable_increase"], devices["allowable_decrease"]) == (INF, near(1))


def test_ranges_of_coefficients_by_hand() -> None:
    # launches of devices are worth 4; below 0 they would stop, above 7 they would go before drugs
    table = two_projects(3).solve().sensitivity.variables.set_index(["family", "field"])
    devices = table.loc[("full", "device")]
    assert (devices["final_value"], devices["objective_coefficient"]) == (near(1), 4)
    assert (devices["allowable_increase"], devices["allowable_decrease"]) == (near(3), near(4))
    assert table.loc[("full", "drug"), "allowable_increase"] == INF


def test_at_a_bend_the_price_is_an_interval() -> None:
    # 2 buys both drugs: the last unit earned 7, the next one earns 4
    plan = two_projects(2).solve()
    budget = row(plan, "budget")
    assert budget["degenerate"]
    assert (budget["shadow_price_low"], budget["shadow_price_high"]) == (near(4), near(7))
    assert 4 - 1e-9 <= budget["shadow_price"] <= 7 + 1e-9
    assert min(budget["allowable_increase"], budget["allowable_decrease"]) == 0
    interval = plan.sensitivity.interval("budget", funder="national", year=2026)
    assert (interval.low, interval.high, interval.unique) == (near(4), near(7), False)
    # the capacity for drugs: less of it costs 7 - 4, more of it nothing without more money
    assert plan.sensitivity.interval("capacity", cluster="a", stage="launch", field="drug", year=2026, tranche=0) == (
        PriceInterval(near(0), near(3))  # type: ignore[arg-type]
    )


def test_a_limit_that_cannot_come_in_has_no_upper_price() -> None:
    # a floor of 5 that uses the whole budget: a unit more buys a launch worth 0.5, with less there is no plan
    plan = draft(
        NO_TERMINAL,
        fields="field,value\nall,0.5",
        sites="cluster,stage,backlog\na,launch,50",
        budget="year,amount\n2026,5",
        rules="rule,sense,value\nfloor,at_least,5",
    ).solve()
    budget = row(plan, "budget")
    assert (budget["shadow_price_low"], budget["shadow_price_high"]) == (near(0.5), INF)
    assert budget["degenerate"]


def test_rows_that_do_not_exist_are_named() -> None:
    prices = two_projects(3).solve().sensitivity
    with pytest.raises(vc.ModelError, match=r"0 members of family 'budget' .*funder, year"):
        prices.interval("budget", funder="nobody", year=2026)
    with pytest.raises(vc.ModelError, match=r"0 members of family 'luck'"):
        prices.interval("luck")


# --- the one-row staircase -------------------------------------------------------------------------------------------

KNAPSACK = dense([18, 20, 17, 19, 25, 21, 27, 23, 25, 24], [at_most(1, 3, 7, 4, 8, 9, 6, 10, 2, 5, limit=15)], upper=1)
CAPACITIES = [0, 1, 3, 6, 11, 15, 21, 29, 36, 45, 55]
SLOPES = [INF, 18, 12.5, 20 / 3, 4.8, 4.75, 4.5, 3.125, 17 / 7, 7 / 3, 2.3][1:]


def intervals_of(program: LinearProgram) -> PriceIntervals:
    result = solve(program)
    return PriceIntervals(program, result, result.row_dual)


def test_the_price_of_the_staircase_at_its_fifth_step() -> None:
    interval = intervals_of(KNAPSACK).of_row(0)
    assert (interval.low, interval.high) == (near(4.5), near(4.75))
    assert not interval.unique


@pytest.mark.parametrize("step", range(1, len(CAPACITIES) - 1))
def test_the_price_of_the_staircase_is_the_slopes_beside_each_step(step: int) -> None:
    at_step = Shift("row_upper", 0).of(KNAPSACK, CAPACITIES[step] - 15)
    interval = intervals_of(at_step).of_row(0)
    value = {place: optimum(Shift("row_upper", 0).of(KNAPSACK, place - 15)) for place in CAPACITIES}
    before, here, after = CAPACITIES[step - 1 : step + 2]
    assert interval.high == near((value[here] - value[before]) / (here - before))
    assert interval.low == near((value[after] - value[here]) / (after - here))
    between = intervals_of(Shift("row_upper", 0).of(KNAPSACK, (here + after) / 2 - 15)).of_row(0)
    assert between.unique
    assert between.low == near(interval.low)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_interval_is_the_two_derivatives(seed: int) -> None:
    program, result = solved(seed, whole=True)
    intervals, step = PriceIntervals(program, result, result.row_dual), 1e-4
    for place in range(program.n_rows):
        upper = np.isfinite(program.row_upper[place])
        if upper and np.isfinite(program.row_lower[place]) and program.row_lower[place] != program.row_upper[place]:
            continue  # which of the two bounds is meant depends on the price
        shift = Shift("row_upper" if upper else "row_lower", place)
        more, less = (optimum(shift.of(program, by)) for by in (step, -step))
        found = intervals.of_row(place)
        ends = sorted([(more - result.objective) / step, (result.objective - less) / step])
        assert [found.low, found.high] == pytest.approx(ends, rel=1e-4, abs=1e-4)
    for column in np.flatnonzero(np.isfinite(program.upper)):
        more, less = (optimum(Shift("upper", int(column)).of(program, by)) for by in (step, -step))
        if program.upper[column] == program.lower[column]:
            less = -INF if program.maximize else INF
        found = intervals.of_upper(int(column))
        ends = sorted([(more - result.objective) / step, (result.objective - less) / step])
        assert [found.low, found.high] == pytest.approx(ends, rel=1e-4, abs=1e-4)


# --- against re-solves of drawn cases --------------------------------------------------------------------------------


def shift_of(program: LinearProgram, line: pd.Series, labels: list[str]) -> Shift:
    """Return what moves when the right-hand side of a line of the table does."""
    named = {name: line[name] for name in labels if line[name] is not None and line[name] == line[name]}
    family = line["family"]
    try:
        position = program.rows.position(family, **named)
    except vc.ModelError:
        limits = program.limits
        return Shift("upper", int(limits.columns[limits.labels.position(family, **named)]))
    return Shift("row_upper" if line["rhs"] == program.row_upper[position] else "row_lower", position)


@law(25)
@given(case=cases(), data=st.data())
def test_prices_hold_within_their_ranges(case: Draft, data: st.DataObject) -> None:
    plan = case.solve()
    program, table = plan.solution.program, plan.sensitivity.constraints
    labels = [*table.columns[1 : table.columns.get_loc("final_value")]]
    base = plan.outcome.result.objective
    for number in data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=5, unique=True)):
        line = table.iloc[number]
        try:
            shift = shift_of(program, line, labels)
        except vc.ModelError:
            continue  # a label that is blank in the table fits several rows
        for end, sign in ((line["allowable_increase"], 1), (line["allowable_decrease"], -1)):
            by = sign * min(end, 30.0) * 0.999
            if by:
                expected = base + by * line["shadow_price"]
                assert optimum(shift.of(program, by)) == pytest.approx(expected, rel=1e-6, abs=1e-5), line
        step = 1e-4
        more, less = (optimum(shift.of(program, by)) for by in (step, -step))
        ends = sorted([(more - base) / step, (base - less) / step])
        low, high = line["shadow_price_low"], line["shadow_price_high"]
        scale = 1e-2 * (1 + abs(line["shadow_price"]))  # a derivative over a step of 1e-4 of an optimum to 1e-7
        assert line["degenerate"] or abs(ends[1] - ends[0]) <= scale
        assert np.isinf(low) or low == pytest.approx(ends[0], abs=scale, rel=1e-3)
        assert np.isinf(high) or high == pytest.approx(ends[1], abs=scale, rel=1e-3)


@law(25)
@given(case=cases(), data=st.data())
def test_the_plan_stays_optimal_within_the_ranges_of_its_coefficients(case: Draft, data: st.DataObject) -> None:
    plan = case.solve()
    program = plan.solution.program
    prices = plan.sensitivity
    found = prices._found
    assume(found is not None)
    assert found is not None
    basis, ranges = found
    worth = float(program.cost @ plan.solution.x)
    for column in data.draw(st.lists(st.integers(0, program.n_columns - 1), min_size=1, max_size=5, unique=True)):
        if abs(basis.x[column] - plan.solution.x[column]) > 1e-5:
            continue
        for end, sign in ((ranges.cost_increase[column], 1), (ranges.cost_decrease[column], -1)):
            by = sign * min(end, 30.0) * 0.999
            moved = optimum(Shift("cost", column).of(program, by))
            assert moved == pytest.approx(worth + by * plan.solution.x[column], rel=1e-6, abs=1e-5)


# --- where bases are missing -----------------------------------------------------------------------------------------


def test_ranges_need_no_basis_of_the_engine() -> None:
    plan = two_projects(3).solve()
    without = replace(plan.outcome.result, _basis=None)
    prices = Sensitivity(Solution(replace(plan.outcome, result=without)))
    pd.testing.assert_frame_equal(prices.constraints, plan.sensitivity.constraints)


def test_a_price_that_no_basis_has_gets_no_range() -> None:
    # 5 is one of the prices at the bend, but of no basis: there are those with 4 and 7
    plan = two_projects(2).solve()
    result = plan.outcome.result
    budget = plan.solution.program.rows.position("budget", funder="national", year=2026)
    dual = result.row_dual.copy()
    dual[budget] = 5.0
    prices = Sensitivity(Solution(replace(plan.outcome, result=replace(result, _row_dual=dual))))
    line = prices.constraints.set_index("family").loc["budget"]
    assert np.isnan(line["allowable_increase"])
    assert np.isnan(line["allowable_decrease"])
    assert (line["shadow_price_low"], line["shadow_price_high"]) == (near(4), near(7))


def test_where_intervals_would_be_dear_the_unknown_end_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "EFFORT", 0)
    budget = row(two_projects(2).solve(), "budget")
    assert budget["degenerate"]
    ends = (budget["shadow_price_low"], budget["shadow_price_high"])
    assert sum(np.isnan(ends)) == 1
    assert budget["shadow_price"] in ends


# --- tables ----------------------------------------------------------------------------------------------------------


def test_tables_bear_excels_names(tutorial_plan: vc.Plan) -> None:
    constraints, variables = tutorial_plan.sensitivity.constraints, tutorial_plan.sensitivity.variables
    assert list(constraints.columns)[-10:] == [
        "final_value", "shadow_price", "rhs", "allowable_increase", "allowable_decrease", "slack", "status",
        "degenerate", "shadow_price_low", "shadow_price_high",
    ]  # fmt: skip
    assert list(variables.columns)[-5:] == [
        "final_value", "reduced_cost", "objective_coefficient", "allowable_increase", "allowable_decrease",
    ]  # fmt: skip
    assert constraints["degenerate"].dtype == bool
    assert constraints[["allowable_increase", "allowable_decrease"]].notna().all(axis=None)
    assert (constraints[["allowable_increase", "allowable_decrease"]] >= 0).all(axis=None)
    assert (constraints["shadow_price_low"] <= constraints["shadow_price_high"] + 1e-9).all()


def test_files_say_what_has_no_end(tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    tutorial_plan.save(folder)
    read = pd.read_csv(folder / "constraints.csv")
    assert read["allowable_increase"].tolist() == near(
        tutorial_plan.sensitivity.constraints["allowable_increase"].tolist()
    )
    assert np.isinf(read["allowable_increase"]).any()
    assert "∞" in (folder / "report.html").read_text(encoding="utf-8")


def test_least_and_most_are_told_apart_for_minimised_programs() -> None:
    # min x with x >= 2 and 2 x >= 4: less of the first is worth 0, more of it 1
    program = dense([1], [at_least(1, limit=2), at_least(2, limit=4)], maximize=False)
    interval = intervals_of(program).of_row(0)
    assert (interval.low, interval.high) == (near(0), near(1))
    assert intervals_of(dense([1, 1], [equal(1, 1, limit=2), equal(1, 1, limit=2)])).of_row(0) == PriceInterval(
        -INF, INF
    )
