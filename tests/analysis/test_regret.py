"""Regret: payoffs solved by hand, the farmer's known answers, and plans of a case committed to before the future."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.regret import within_budgets
from optimizer.analysis.regrets import regrets_of
from tests.conftest import REFERENCE

LEAN = vc.Future("lean-budget", 0.3, (vc.Change("budget", "amount", "multiply", 0.7),))
STRONG = vc.Future(
    "strong",
    0.3,
    (vc.Change("fields", "value", "multiply", 1.2), vc.Change("fields", "demand", "multiply", 1.5)),
)
PLANNED = vc.Future("as planned", 0.4)
FUTURES = (PLANNED, LEAN, STRONG)
SINGLE_STAGE = REFERENCE / "single-stage"


@pytest.fixture(scope="module")
def half(tutorial_plan: vc.Plan) -> pd.DataFrame:
    return tutorial_plan.allocation.assign(amount=lambda lines: lines["amount"] / 2)


@pytest.fixture(scope="module")
def found(tutorial: vc.Case, tutorial_plan: vc.Plan, half: pd.DataFrame) -> vc.Regret:
    plans = {"optimum": tutorial_plan, "half": half}
    return vc.regret(plans, FUTURES, tutorial, with_best=True, executor="serial")


def test_the_least_largest_regret_is_not_the_greatest_expectation() -> None:
    #            calm  boom  bust        best 10, 30, 6
    # bold         10    30    -8        regrets 0, 0, 14     expectation 2.5 + 15 - 2 = 15.5, largest regret 14
    # careful       6    22     6        regrets 4, 8,  0     expectation 1.5 + 11 + 1.5 = 14, largest regret 8
    outcomes = pd.DataFrame([[10, 30, -8], [6, 22, 6]], index=["bold", "careful"], columns=["calm", "boom", "bust"])
    likely = pd.Series([0.25, 0.5, 0.25], index=outcomes.columns)
    regrets = regrets_of(outcomes, probability=likely)
    assert regrets.regret.to_numpy().tolist() == [[0, 0, 14], [4, 8, 0]]
    table = regrets.summary(within=0.3, optimism=0.5).set_index("plan")
    assert table["expected_outcome"].tolist() == [15.5, 14]
    assert table["expected_regret"].tolist() == [3.5, 5]
    assert table["largest_regret"].tolist() == [14, 8]
    assert table["worst_future"].tolist() == ["bust", "boom"]
    assert table["hurwicz"].tolist() == [11, 14]
    # near: bold in calm and boom; careful in boom (8 of 30) and bust
    assert table["share_within"].tolist() == [0.75, 0.75]
    assert table["count_within"].tolist() == [2, 2]
    assert table["minimax_regret"].tolist() == [False, True]
    assert table["least_expected_regret"].tolist() == [True, False]
    assert table["maximin"].tolist() == [False, True]
    assert table["hurwicz_best"].tolist() == [False, True]


def test_the_farmer_regrets_what_is_known() -> None:
    # Birge and Louveaux: expected regret of RP is EVPI, of EV is EVPI + VSS
    seasons = ["good", "average", "bad"]
    outcomes = pd.DataFrame([[167000, 109350, 48820], [148000, 118600, 55120]], index=["RP", "EV"], columns=seasons)
    own = pd.Series([167666 + 2 / 3, 118600, 59950], index=seasons)
    regrets = regrets_of(outcomes, own)
    table = regrets.summary().set_index("plan")
    assert regrets.regret.loc["RP"].tolist() == pytest.approx([2000 / 3, 9250, 11130])
    assert table["expected_outcome"].tolist() == pytest.approx([108390, 107240])
    assert table.loc["RP", "expected_regret"] == pytest.approx(7015 + 5 / 9)
    assert table.loc["EV", "expected_regret"] == pytest.approx(7015 + 5 / 9 + 1150)
    assert table["largest_regret"].tolist() == pytest.approx([11130, 19666 + 2 / 3])
    assert table["minimax_regret"].tolist() == [True, False]


def test_a_plan_that_beats_the_best_replaces_it_unless_it_breaks_limits() -> None:
    outcomes = pd.DataFrame([[12.0, 5.0], [9.0, 4.0]], index=["a", "b"], columns=["x", "y"])
    own = pd.Series([10.0, 8.0], index=["x", "y"])
    honest = regrets_of(outcomes, own)
    assert honest.best.tolist() == [12, 8]
    assert honest.best_by.tolist() == ["a", ""]
    assert honest.regret.to_numpy().tolist() == [[0, 3], [3, 4]]
    keeps = pd.DataFrame([[False, True], [True, True]], index=outcomes.index, columns=outcomes.columns)
    flagged = regrets_of(outcomes, own, keeps=keeps)
    assert flagged.best.tolist() == [10, 8]
    assert flagged.regret.to_numpy().tolist() == [[0, 3], [1, 4]]
    assert flagged.summary()["breaks"].tolist() == [1, 0]


def test_a_future_without_a_plan_does_not_count() -> None:
    outcomes = pd.DataFrame([[4.0, 5.0, 6.0], [2.0, np.nan, 6.0]], index=["a", "b"], columns=["x", "y", "z"])
    regrets = regrets_of(outcomes, pd.Series([8.0, 8.0, np.nan], index=outcomes.columns))
    assert regrets.counted.tolist() == [True, False, False]
    assert regrets.weights.tolist() == [1.0]
    assert regrets.regret["z"].isna().all()
    assert regrets.summary()["expected_regret"].tolist() == [4, 6]


@given(
    st.lists(st.lists(st.integers(-50, 50), min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.integers(-50, 50), min_size=3, max_size=3),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
)
def test_laws_of_regret(table: list[list[int]], own: list[int], weights: list[int]) -> None:
    outcomes = pd.DataFrame(table, columns=["x", "y", "z"])
    probability = pd.Series(weights, index=outcomes.columns) / sum(weights)
    regrets = regrets_of(outcomes, pd.Series(own, index=outcomes.columns), probability)
    summary = regrets.summary()
    assert (regrets.regret >= 0).all(axis=None)
    # expected regret and expected outcome add up to what perfect foresight would bring, for every plan
    foresight = float((regrets.best * probability).sum())
    assert (summary["expected_regret"] + summary["expected_outcome"]).to_numpy() == pytest.approx(foresight)
    assert summary["minimax_regret"].any()
    wide, narrow = regrets.share_within(0.5), regrets.share_within(0.1)
    assert (wide >= narrow).all()


def test_a_plan_has_no_regret_where_it_was_made_and_halving_it_has(found: vc.Regret) -> None:
    matrix = found.matrix
    assert (matrix >= 0).all(axis=None)
    assert matrix.loc["optimum", "as planned"] == 0
    assert (matrix.loc["half"] > 0).all()
    assert list(matrix.index) == ["optimum", "half", "(as planned)", "(lean-budget)", "(strong)"]
    assert matrix.loc["(lean-budget)", "lean-budget"] == 0
    assert (found.table["relative"] <= 1).all()
    assert found.failed.empty


def test_an_outcome_is_the_evaluation_of_the_affordable_part(
    tutorial: vc.Case, tutorial_plan: vc.Plan, found: vc.Regret
) -> None:
    lean = tutorial.change(*LEAN.changes)
    cells = found.table.set_index(["plan", "future"])
    line = cells.loc[("optimum", "lean-budget")]
    affordable = within_budgets(lean, tutorial_plan.allocation)
    evaluation = lean.evaluate(affordable, measure=False)
    assert line["outcome"] == pytest.approx(evaluation.objective)
    assert line["cut"] == pytest.approx(tutorial_plan.allocation["amount"].sum() - affordable["amount"].sum())
    assert line["cut"] > 0
    assert "budget" not in set(evaluation.broken["family"])
    assert cells.loc[("optimum", "as planned"), "cut"] == 0
    strong = tutorial.change(*STRONG.changes)
    assert cells.loc[("half", "strong"), "outcome"] == pytest.approx(
        strong.evaluate(tutorial_plan.allocation.assign(amount=lambda one: one["amount"] / 2), measure=False).objective
    )


def test_money_is_cut_to_the_budget_and_what_was_carried_into_it(tutorial: vc.Case) -> None:
    # msit has 70, 75, 80, ... and may carry over a tenth: of 60 in the first year 7 of 10 move, so 82 is the limit
    table = pd.DataFrame(
        {"funder": "msit", "year": [2026, 2027, 2027, 2028, 2050], "amount": [60.0, 100.0, 64.0, 80.0, 5.0]}
    )
    cut = within_budgets(tutorial, table)
    assert cut["amount"].tolist() == pytest.approx([60, 50, 32, 80, 5])


def test_futures_without_a_plan_keep_their_reason(tutorial: vc.Case, tutorial_plan: vc.Plan) -> None:
    impossible = vc.Future("impossible", 0.5, (vc.Change("stages", "success_rate", "multiply", 5.0),))
    found = vc.regret({"optimum": tutorial_plan}, [vc.Future("as planned", 0.5), impossible], executor="serial")
    assert found.failed["future"].tolist() == ["impossible"]
    assert found.failed["status"].tolist() == ["invalid"]
    assert "success_rate" in found.failed["reason"].iloc[0]
    assert "success_rate" in found.table["reason"].iloc[1]
    assert "1 of 2 futures do not count, with a probability of 50.0 %" in found.notes[2].text()
    assert found.summary["expected_regret"].tolist() == [0]
    with pytest.raises(vc.SolveError, match="no future has a plan"):
        vc.regret({"optimum": tutorial_plan}, [vc.Future("x", 1.0, impossible.changes)], executor="serial")


def test_any_executor_finds_the_same(tutorial: vc.Case, tutorial_plan: vc.Plan, half: pd.DataFrame) -> None:
    plans, futures = {"optimum": tutorial_plan, "half": half}, vc.sample_scenarios(tutorial, 4, 1)
    serial = vc.regret(plans, futures, executor="serial", method="fixed")
    with ThreadPoolExecutor(1) as pool:
        pooled = vc.regret(plans, futures, executor=pool, method="fixed")
    pd.testing.assert_frame_equal(serial.table, pooled.table)


def test_charts_and_workbook(found: vc.Regret, tmp_path: Path) -> None:
    heat, curves = found.plot(), found.plot("within", "ko")
    best = found.summary.loc[found.summary["minimax_regret"], "plan"].iloc[0]
    assert f"◆ {best}" in heat.layout.yaxis.ticktext
    assert "◆ least largest regret" in heat.layout.title.subtitle.text
    assert np.array(heat.data[0].z) == pytest.approx(100 * found.found.regrets.relative.to_numpy())
    assert len(curves.data) == 5
    assert all(curve.y[-1] == pytest.approx(100) for curve in curves.data)
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "regret.xlsx", "ko"))
    assert book.sheet_names == ["계획", "시나리오", "시나리오별 계획", "유의사항"]
    # the case names this future, and a plan bears the name of the future that it was made for
    for sheet, column in (("계획", 0), ("시나리오", 3), ("시나리오별 계획", 0)):
        assert "(긴축 예산)" in [line[column] for line in book.get_sheet_by_name(sheet).to_python()], sheet
    assert "(긴축 예산)" in [name.removeprefix("◆ ") for name in found.plot(language="ko").layout.yaxis.ticktext]
    assert "(lean-budget)" in [name.removeprefix("◆ ") for name in heat.layout.yaxis.ticktext]


def test_what_cannot_be_compared_is_refused(tutorial: vc.Case, tutorial_plan: vc.Plan, half: pd.DataFrame) -> None:
    serial = {"futures": FUTURES, "executor": "serial"}
    with pytest.raises(vc.InputError, match="which case do the futures change"):
        vc.regret({"half": half}, **serial)
    with pytest.raises(vc.InputError, match="no plan to compare"):
        vc.regret({}, case=tutorial, **serial)
    with pytest.raises(vc.InputError, match=r"no baseline\.csv"):
        vc.regret({"today": None}, case=vc.load_case(SINGLE_STAGE), **serial)
    with pytest.raises(vc.InputError, match="within is -1"):
        vc.regret({"optimum": tutorial_plan}, within=-1, **serial)
    with pytest.raises(vc.InputError, match=r"called '\(lean-budget\)'"):
        vc.regret({"(lean-budget)": half}, case=tutorial, with_best=True, **serial)
    with pytest.raises(vc.InputError, match="kind is 'pie'"):
        vc.regret({"optimum": tutorial_plan}, [vc.Future("one", 1.0)], executor="serial").plot("pie")
    with pytest.raises(vc.InputError, match="labels of own"):
        regrets_of(pd.DataFrame([[1.0]], columns=["x"]), pd.Series([1.0], index=["y"]))
