"""What a budget buys: curves by hand, their words, and agreement with solving changed cases from scratch."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.export.book_solver import FAMILIES
from optimizer.export.trade_offs import bends_frame
from optimizer.language import Language
from tests.strategies import NO_TERMINAL, Draft, cases, draft, law, near

DEMAND = "field,name,name_ko,value,demand\ndrug,Drugs,신약,3,10"


def pieces(curve: vc.BudgetCurve) -> list[list[float]]:
    return curve.table[["budget_from", "budget_to", "outcome_from", "shadow_price"]].to_numpy(float).tolist()


def test_up_to_the_demand_every_unit_counts() -> None:
    # a launch costs 1 and is worth 3, up to 10 a year
    curve = vc.budget_curve(draft(NO_TERMINAL, fields=DEMAND).load(), low=0, high=20)
    assert pieces(curve) == [near([0, 10, 0, 3]), near([10, 20, 30, 0])]
    assert curve.exact
    assert curve.today == 100
    assert curve.outcome(4) == near((12, 12))
    assert (curve.shadow_price(10), curve.shadow_price(11)) == near((3, 0))


def test_a_bend_has_a_name_in_both_languages() -> None:
    bend = vc.budget_curve(draft(NO_TERMINAL, fields=DEMAND).load(), low=0, high=20).table["bend"].iloc[1]
    # both weigh the same, so either may come first
    assert set(bend.text("en").split("; ")) == {"demand met: Drugs, 2026", "budget no longer scarce: national, 2026"}
    assert set(bend.text("ko").split("; ")) == {"수요 충족: 신약, 2026", "예산 부족 해소: national, 2026"}


def test_full_sites_and_empty_waiting_rooms_are_named_too() -> None:
    # a is cheap: 3 starts of 1; then b at 2 each, in which 4 wait
    sites = "cluster,stage,field,capacity,cost_factor,backlog\na,launch,all,3,1,9\nb,launch,all,9,2,4"
    case = draft(NO_TERMINAL, clusters="cluster,name\na,Ansan\nb,Busan", sites=sites).load()
    curve = vc.budget_curve(case, low=0, high=20)
    assert pieces(curve) == [near([0, 3, 0, 1]), near([3, 11, 3, 0.5]), near([11, 20, 7, 0])]
    first, second = (bend.text("en") for bend in curve.table["bend"].iloc[1:])
    assert "full capacity: Ansan, launch, all, 2026" in first
    # nothing is spent at Busan before: either its starts or its money had a price
    assert "Busan, launch, all, 2026" in first
    assert "no project left waiting: Busan, launch, all, 2026" in second
    found = curve.breakpoints
    assert set(found.loc[found["budget"].round(6) == 3, "family"]) <= {"capacity", "starts", "public"}
    assert set(found["family"]) & set(FAMILIES)
    assert not [kind for kind in bends_frame(curve.found, Language.KO)["family"] if kind.isascii()]
    assert found.loc[found["family"] == "budget", "price_before"].tolist() == near([0.5])


def test_the_curve_begins_where_hard_floors_can_be_met() -> None:
    case = draft(NO_TERMINAL, fields=DEMAND, rules="rule,sense,value\nfloor,at_least,5").load()
    curve = vc.budget_curve(case, low=1, high=20)
    assert curve.found.low == near(5)
    assert curve.found.asked_low == 1
    assert any("with less than 5;" in note.text("en") for note in curve.notes)
    with pytest.raises(vc.SolveError, match="no budget between 1 and 4 has a plan"):
        vc.budget_curve(case, low=1, high=4)


def test_one_funder_and_one_year_move_alone() -> None:
    budget = "funder,year,amount\nx,2026,4\nx,2027,4\ny,2026,0\ny,2027,6"
    case = draft(NO_TERMINAL, years=2, budget=budget, fields=DEMAND).load()
    assert vc.budget_curve(case).today == 14
    assert vc.budget_curve(case, funder="x").today == 8
    # 2027 has 10 in all, just the demand: more than 6 of y buys nothing
    assert pieces(vc.budget_curve(case, funder="y", year=2027)) == [near([3, 6, 33, 3]), near([6, 9, 42, 0])]
    # a single budget of nothing can grow, for it need not keep to a proportion
    assert pieces(vc.budget_curve(case, funder="y", year=2026, low=0, high=9))[0] == near([0, 6, 42, 3])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"funder": "z"}, "no funder 'z'; there are national"),
        ({"year": 2030}, "no year '2030'"),
        ({"low": 5, "high": 5}, "from a budget of 0 or more to a larger one"),
        ({"low": -1}, "from a budget of 0 or more"),
        ({"most": 1}, "2 solves or more"),
        ({"tolerance": -1}, "tolerance of 0 or more"),
    ],
)
def test_what_is_no_curve_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        vc.budget_curve(draft(NO_TERMINAL, fields=DEMAND).load(), **arguments)  # type: ignore[arg-type]


def test_nothing_cannot_grow_in_proportion_nor_a_text_be_planned() -> None:
    with pytest.raises(vc.InputError, match="all of it is 0"):
        vc.budget_curve(draft(years=2, budget="year,amount\n2026,0\n2027,0").load())
    with pytest.raises(vc.InputError, match="case_or_plan is 'inputs/tutorial'; give a case or a plan"):
        vc.budget_curve("inputs/tutorial")  # type: ignore[arg-type]
    curve = vc.budget_curve(draft(NO_TERMINAL, fields=DEMAND).load())
    with pytest.raises(vc.InputError, match="from 50 to 150, so it says nothing about 10"):
        curve.outcome(10)


def test_it_is_drawn_and_written(tmp_path: Path) -> None:
    curve = vc.budget_curve(draft(NO_TERMINAL, fields=DEMAND).load(), low=0, high=200, most=2)
    assert [trace.name for trace in curve.plot("ko").data] == ["상한", "최적값", "현행"]
    path = curve.to_excel(tmp_path / "curve.xlsx", "ko")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["예산-성과 곡선", "꺾이는 점", "유의사항"]
    assert book.get_sheet_by_index(0).to_python()[0][:2] == ["예산(부터)", "예산(까지)"]


def _changed(case: vc.Case, factor: float) -> vc.Plan:
    plan = case.change(vc.Change("budget", "amount", "multiply", factor)).solve(method="fixed")
    assert isinstance(plan, vc.Plan)
    return plan


def _price(plan: vc.Plan, today: float, base: vc.Case) -> float:
    """Return the shadow price of the total budget from those of the single limits."""
    amounts = base.table("budget")
    share = amounts["amount"].to_numpy(float) / today
    rows = plan.sensitivity.constraints
    total = 0.0
    for family, factor in (("budget", 1.0), ("carry_over", base.settings.funding.carry_over)):
        own = rows[rows["family"] == family]
        for _, row in own.iterrows():
            line = (amounts["funder"] == row["funder"]) & (amounts["year"] == row["year"])
            total += factor * float(row["shadow_price"]) * float(share[line.to_numpy()].sum())
    return total


@law(25)
@given(case=cases(), factors=st.lists(st.floats(0.5, 1.5), min_size=3, max_size=3))
def test_the_curve_goes_through_the_optima_of_changed_cases(case: Draft, factors: list[float]) -> None:
    loaded = case.load()
    years = loaded.table("budget")["year"].isin(loaded.years)
    assume(float(loaded.table("budget")["amount"][years].sum()) > 0)
    plan = case.solve("fixed")
    exact, rough = vc.budget_curve(plan), vc.budget_curve(plan, most=3)
    assert exact.exact
    slopes = exact.table["shadow_price"].to_numpy(float)
    assert (np.diff(slopes) <= 1e-6).all()
    for before, after in pairwise(pieces(exact)):
        assert before[2] + before[3] * (before[1] - before[0]) == near(after[2])
    for factor in factors:
        optimum = float(_changed(loaded, factor).summary()["lp_objective"])
        at = min(max(factor * exact.today, exact.found.low), exact.found.high)
        assert exact.outcome(at) == near((optimum, optimum))
        low, high = rough.outcome(at)
        tolerance = 1e-6 * (1 + abs(optimum))
        assert low - tolerance <= optimum <= high + tolerance
    low, high, _, slope = max(pieces(exact), key=lambda piece: piece[1] - piece[0])
    middle = _changed(loaded, (low + high) / 2 / exact.today)
    assert _price(middle, exact.today, loaded) == pytest.approx(slope, rel=1e-5, abs=1e-5)
