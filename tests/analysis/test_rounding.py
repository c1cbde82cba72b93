"""Controlled rounding: by hand, as laws over drawn tables, and of plans: totals add up and no budget is exceeded."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.analysis import controlled_rounding
from optimizer.analysis.controlled_rounding import round_cells
from optimizer.analysis.rounding import DIMENSIONS, round_plan
from optimizer.data.money import money_unit
from tests.strategies import Draft, cases, draft, law


def two_ways(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return rows, columns (and layers) of a table laid out flat, and the whole."""
    places = np.indices(shape).reshape(len(shape), -1)
    return [np.zeros(places.shape[1], dtype=np.intp), *places]


def test_by_hand() -> None:
    """Rows 1.0 and 2.0, columns 1.2 and 1.8, whole 3.0.

    Rows are whole, so each rounds one of its two cells up: the first (0.4, 0.6) by 1, the second (0.8, 1.2) by 1. The
    columns may be 1 or 2. Up in the second column and the first: (0, 1) and (1, 1) moves 0.4 + 0.4 + 0.2 + 0.2 = 1.2,
    which is least: the other choice of the first row moves 0.6 + 0.6, that of the second 0.8 + 0.8. The columns are
    then 1 and 2, to which 1.2 and 1.8 are nearest too.
    """
    found = round_cells(np.array([0.4, 0.6, 0.8, 1.2]), two_ways((2, 2)))
    assert found.cells.tolist() == [0, 1, 1, 1]
    assert found.moved == pytest.approx(1.2)
    assert found.beyond == 0


def test_rounding_each_cell_by_itself_would_not_add_up() -> None:
    """Three thirds: each rounds down to 0, but the whole is 1."""
    found = round_cells(np.full(3, 1 / 3), two_ways((1, 3)))
    assert found.cells.sum() == 1
    assert found.cells.tolist().count(1) == 1


def test_a_cube_of_halves_has_no_neighbouring_rounding_and_says_so() -> None:
    """Causey, Cox and Ernst's kind of table: 2 x 2 x 2 with four cells of a half, no two of which share a line.

    Keep all twelve lines of two cells (a half each) next to their true values: 0 or 1. The six layers of a quarter of
    the cube hold two halves, so 1 exactly, and the whole 2: cells (0,0,0), (0,1,1), (1,0,1), (1,1,0). Every two of them
    share a layer, so at most one of all four is up. The whole cannot be 2: some total must lie a step off.
    """
    values = np.zeros((2, 2, 2))
    for place in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)):
        values[place] = 0.5
    found = round_cells(values.ravel(), two_ways((2, 2, 2)))
    assert found.beyond > 0
    assert found.farthest == 1
    assert (found.cells[values.ravel() == 0] == 0).all()


@law(60)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    numbers=st.lists(st.integers(0, 40_000), min_size=36, max_size=36),
    scale=st.sampled_from([1, 7, 100, 10_000]),
)
def test_law_of_two_dimensions(shape: tuple[int, int], numbers: list[int], scale: int) -> None:
    """Cells are neighbours of their true values, zeros stay zeros, and every total is a neighbour of its own."""
    true = np.array(numbers[: shape[0] * shape[1]]) / scale
    found = round_cells(true, two_ways(shape))
    cells = found.cells
    assert (np.abs(cells - true) < 1).all()
    assert (cells[true == np.rint(true)] == true[true == np.rint(true)]).all()
    assert found.beyond == 0
    for axis in (None, 0, 1):
        totals = np.asarray(cells.reshape(shape).sum(axis=axis))
        exact = np.asarray(np.array(numbers[: true.size]).reshape(shape).sum(axis=axis))  # in whole numbers
        assert (totals >= exact // scale).all()
        assert (totals <= -(-exact // scale)).all()


@law(25)
@given(numbers=st.lists(st.integers(0, 300), min_size=4, max_size=4))
def test_nothing_moves_less(numbers: list[int]) -> None:
    """Against all roundings of a 2 x 2 table, one by one, cells and totals counted; within the 1 % left open."""
    true = np.array(numbers) / 100
    found = round_cells(true, two_ways((2, 2)))
    sums = [np.array(rows) for rows in ([0, 1], [2, 3], [0, 2], [1, 3], [0, 1, 2, 3])]

    def moved(cells: np.ndarray) -> float:
        return float(np.abs(cells - true).sum() + sum(abs((cells - true)[rows].sum()) for rows in sums))

    best = min(
        moved(np.array(cells))
        for cells in itertools.product(*({int(np.floor(v)), int(np.ceil(v))} for v in true))
        if all(
            np.floor(true[rows].sum() + 1e-9) <= sum(cells[row] for row in rows) <= np.ceil(true[rows].sum() - 1e-9)
            for rows in sums
        )
    )
    assert moved(found.cells) <= best + 0.1


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf, 2.0**53])
def test_what_cannot_be_counted_is_refused(wrong: float) -> None:
    with pytest.raises(vc.InputError, match="cannot be rounded"):
        round_cells(np.array([1.0, wrong]), two_ways((1, 2)))


@pytest.mark.parametrize("unit", ["억원", "백만원", "KRW billion"])
@pytest.mark.parametrize("by", [DIMENSIONS, ("funder", "cluster", "year")])
def test_tables_of_a_plan_add_up_and_agree(unit: str, by: tuple[str, ...], tutorial_plan: vc.Plan) -> None:
    rounded = round_plan(tutorial_plan, money_unit("KRW bn", unit), by)
    whole = int(rounded.cells["steps"].sum())
    assert rounded.spend == pytest.approx(whole * rounded.unit.step)
    tables = [rounded.table(down, across) for down, across in itertools.permutations(rounded.by, 2)]
    for table in tables:
        assert table.to_numpy().dtype == np.int64
        assert (table.iloc[:-1].sum() == table.iloc[-1]).all()
        assert (table.iloc[:, :-1].sum(axis=1) == table["total"]).all()
        assert table.iloc[-1, -1] == whole
    for name in rounded.by:
        alone = rounded.table(name)["total"]
        for table in tables:
            if table.index.name == name:
                assert (table["total"] == alone).all()
        true = tutorial_plan.pivot([name])["spend"] / rounded.unit.step
        assert (np.abs(alone.drop("total") - true.drop("total")) < 1).all()
    assert abs(whole - tutorial_plan.summary()["spend"] / rounded.unit.step) < 1


def test_no_budget_is_exceeded_and_the_loss_is_what_evaluating_says(tutorial: vc.Case, tutorial_plan: vc.Plan) -> None:
    rounded = round_plan(tutorial_plan, money_unit("KRW bn", "억원"))
    evaluation = tutorial.evaluate(rounded.allocation, against=tutorial_plan)
    assert rounded.loss == pytest.approx(tutorial_plan.objective - evaluation.objective)
    assert 0 < rounded.loss < 0.01 * tutorial_plan.objective
    assert evaluation.broken[evaluation.broken["counted"] != "physical"].empty
    assert evaluation.summary()["given"] == pytest.approx(rounded.spend)
    budgets = tutorial.table("budget").groupby("funder")["amount"].sum() * 10
    spent = rounded.table("funder")["total"].drop("total")
    assert (spent <= budgets[spent.index]).all()


def test_a_budget_that_is_no_whole_number_is_rounded_down() -> None:
    """100.7 may be spent and is: 101 would break the budget, though it is nearer."""
    plan = draft(budget="year,amount\n2026,100.7").solve()
    assert plan.summary()["spend"] == pytest.approx(100.7)
    rounded = round_plan(plan, vc.MoneyUnit("coins", 1.0))
    assert rounded.table("funder")["total"].tolist() == [100, 100]
    assert rounded.broken.empty
    assert rounded.loss == pytest.approx(0.7 * plan.objective / 100.7)


def test_a_loss_above_a_hundredth_is_warned_of_with_the_fewest_decimals_that_avoid_it() -> None:
    """Of 10.25 coins whole ones leave 10 and lose 0.25 of 10.25, 2.4 %; tenths leave 10.2 and lose 0.05, 0.49 %."""
    plan = draft(budget="year,amount\n2026,10.25").solve()
    rounded = round_plan(plan, vc.MoneyUnit("coins", 1.0))
    assert rounded.lost_share == pytest.approx(0.25 / 10.25)
    assert rounded.finer is not None
    assert rounded.finer.unit == vc.MoneyUnit("coins", 1.0, 1)
    assert "loses 2.44 % of the plan's objective, more than 1 %" in str(rounded.warning)
    assert "With decimals = 1 it would lose 0.488 %" in str(rounded.warning)
    assert rounded.finer.warning is None


@pytest.mark.parametrize("hindrance", ["decimals", "search"])
def test_where_no_decimals_help_the_warning_asks_for_another_unit(
    hindrance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = draft(budget="year,amount\n2026,10.25").solve()
    rounded = round_plan(plan, vc.MoneyUnit("coins", 1e9, 9) if hindrance == "decimals" else vc.MoneyUnit("coins", 1.0))
    if hindrance == "search":
        monkeypatch.setattr(controlled_rounding, "LARGEST_CELL", 50)  # tenths of a coin cannot be counted
    assert rounded.finer is None
    assert "Name a finer unit" in str(rounded.warning)


def test_a_unit_that_leaves_nothing_of_the_plan_is_refused(tutorial_plan: vc.Plan) -> None:
    with pytest.raises(vc.InputError, match=r"rounded to 1 KRW trillion, nothing is left .* Name a finer unit"):
        round_plan(tutorial_plan, money_unit("KRW bn", "조원", 0))


def test_the_unit_of_a_plan_without_money_is_no_trouble() -> None:
    plan = draft(budget="year,amount\n2026,0").solve()
    rounded = round_plan(plan, vc.MoneyUnit("coins", 1.0))
    assert rounded.table("funder", "year").to_numpy().sum() == 0
    assert rounded.loss == pytest.approx(0.0)


def test_what_money_cannot_be_rounded_by_is_named(tutorial_plan: vc.Plan) -> None:
    unit = money_unit("KRW bn")
    with pytest.raises(vc.InputError, match="rounded by region"):
        round_plan(tutorial_plan, unit, ("region",))
    with pytest.raises(vc.InputError, match="cannot go by stage"):
        round_plan(tutorial_plan, unit, ("funder", "year")).table("stage")


def test_a_search_that_finds_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controlled_rounding, "SECONDS", 1e-9)
    with pytest.raises(vc.SolveError, match="no rounding was found"):
        round_cells(np.linspace(0.1, 0.9, 400), two_ways((20, 20)))


def test_today_is_rounded_too() -> None:
    plan = draft(
        budget="year,amount\n2026,10\n2027,10",
        years=2,
        baseline="cluster,stage,field,year,amount\na,launch,all,2026,1.4\na,launch,all,2027,1.4",
    ).solve()
    today = round_plan(plan, vc.MoneyUnit("coins", 1.0)).table("year", of="baseline")["total"]
    assert today["total"] == 3
    assert sorted(today.drop("total")) == [1, 2]


UNITS = [("KRW bn", "억원", 0.1), ("KRW bn", "조원", 1000.0), ("억원", "백만원", 0.01), ("KRW", "천원", 1000.0)]


@pytest.mark.parametrize(("currency", "unit", "size"), UNITS)
def test_units_of_the_won_convert(currency: str, unit: str, size: float) -> None:
    assert money_unit(currency, unit).size == pytest.approx(size, rel=1e-12)


def test_units_are_said_in_words() -> None:
    assert money_unit("KRW bn", "억 원").label("ko") == "억원"
    assert money_unit("KRW bn", "억원").label() == "KRW 100 million"
    assert money_unit("KRW bn").name == "KRW million"
    assert money_unit("EUR m") == vc.MoneyUnit("EUR m", 1.0, 1)
    assert money_unit("KRW bn", "조원").text(123456) == "1,234.56"
    assert vc.MoneyUnit("x", 1.0).text(-1234) == "-1,234"
    assert vc.MoneyUnit("x", 1.0, 1).text(-5) == "-0.5"
    assert money_unit("EUR m", vc.MoneyUnit("USD m", 0.9), 2) == vc.MoneyUnit("USD m", 0.9, 2)


def test_units_that_are_not_known_are_refused_with_the_next_step() -> None:
    with pytest.raises(vc.InputError, match=r"'dozen' is no unit.*억원.*vc\.MoneyUnit"):
        money_unit("KRW bn", "dozen")
    with pytest.raises(vc.InputError, match=r"counts in 'EUR m'.*vc\.MoneyUnit"):
        money_unit("EUR m", "억원")
    with pytest.raises(vc.InputError, match="a unit of 0"):
        vc.MoneyUnit("x", 0.0)
    with pytest.raises(vc.InputError, match="decimals cannot be shown"):
        vc.MoneyUnit("x", 1.0, 12)


def test_rounded_tables_are_copies(tutorial_plan: vc.Plan) -> None:
    rounded = round_plan(tutorial_plan, money_unit("KRW bn"))
    before = rounded.table("funder", "year")
    changed = rounded.table("funder", "year")
    changed.iloc[:, :] = 0
    pd.testing.assert_frame_equal(rounded.table("funder", "year"), before)
    assert "KRW million" in repr(rounded)


@law(15)
@given(drawn=cases(), step=st.sampled_from([0.3, 1.0, 7.0]))
def test_law_budgets_hold_whatever_the_case(drawn: Draft, step: float) -> None:
    """Over the horizon no funder spends more than its budgets, and tables add up to the whole."""
    plan = drawn.solve("sequential")
    try:
        rounded = round_plan(plan, vc.MoneyUnit("coins", step))
    except vc.InputError:  # nothing would be left, which neighbours of the true cells allow only below one step
        assert plan.allocation["amount"].max() < step
        return
    budgets = plan.case.table("budget")
    budgets = budgets[budgets["year"].isin(plan.case.years)].groupby("funder")["amount"].sum()
    spent = rounded.table("funder")["total"].drop("total") * step
    assert (spent <= budgets[spent.index] * (1 + 1e-6) + 1e-6).all()
    assert rounded.table("cluster", "year").iloc[-1, -1] == rounded.cells["steps"].sum()
    assert (np.abs(rounded.cells["steps"] * step - rounded.cells["true"]) < step).all()


def test_what_the_plan_itself_pays_for_is_not_broken_by_rounding() -> None:
    """A floor of 60 at a price of 1 when only 40.5 can be spent: the plan lacks 19.5 and pays; whole coins lack 20."""
    plan = draft(
        budget="year,amount\n2026,40.5",
        rules="rule,sense,value,price\nfloor,at_least,60,1",
        fields="field,value\nall,2",
    ).solve()
    assert plan.statistics.rules()["lacking"].tolist() == pytest.approx([19.5])
    exact = round_plan(plan, vc.MoneyUnit("half coins", 0.5))
    assert exact.broken.empty
    whole = round_plan(plan, vc.MoneyUnit("coins", 1.0))
    assert whole.broken["excess"].tolist() == pytest.approx([20.0])
    assert whole.loss == pytest.approx(0.5 * 2 + 0.5)
