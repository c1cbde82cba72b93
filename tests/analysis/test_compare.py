"""Side by side: money that adds up, shares of it, and differences to the first."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.cli.main import status_of
from tests.conftest import REFERENCE
from tests.strategies import draft, near

# two clusters in two regions; a launch costs 1 and is worth 1, so money is what it comes to
CASE = draft(
    clusters="cluster,region\na,north\nb,south",
    sites="cluster,stage,capacity,backlog\na,launch,30,99\nb,launch,10,99",
    stages="stage,cost,success_rate\nlaunch,1,1",
).with_settings(value={"terminal_weight": 0})


def today(case: vc.Case) -> vc.Evaluation:
    """Evaluate 10 for a and 15 for b, of which 10 can be used."""
    return case.evaluate(pd.DataFrame({"cluster": ["a", "b"], "stage": "launch", "year": 2026, "amount": [10, 15]}))


def test_blocks_by_hand() -> None:
    case = CASE.load()
    frame = vc.compare({"today": today(case), "optimum": case.solve()}, by="region")
    assert frame.attrs["unit"] == "KRW bn"
    assert list(frame.columns) == ["today", "optimum"]
    assert frame.loc["budget"].to_dict("list") == {"today": near([10, 10, 20]), "optimum": near([30, 10, 40])}
    assert list(frame.loc["budget"].index) == ["north", "south", "total"]
    assert frame.loc["share", "optimum"].tolist() == near([0.75, 0.25, 1])
    assert frame.loc["change", "optimum"].tolist() == near([20, 0, 20])
    assert frame.loc[("outcome", "launches")].tolist() == near([20, 40])
    assert frame.loc[("outcome_change", "worth")].tolist() == near([0, 20])


def test_groups_of_several_columns_and_groups_that_one_lacks() -> None:
    case = CASE.load()
    only_a = case.evaluate(pd.DataFrame({"cluster": ["a"], "stage": "launch", "year": 2026, "amount": [10]}))
    frame = vc.compare({"only a": only_a, "optimum": case.solve()}, by=["cluster", "year"])
    assert frame.index.names == ["block", "cluster", "year"]
    assert frame.loc[("budget", "b", 2026)].tolist() == near([0, 10])
    assert frame.loc[("outcome", "spend", "")].tolist() == near([10, 40])


def test_what_has_no_plan_has_no_figures() -> None:
    failed = vc.load_case(REFERENCE / "infeasible-two-rules").solve()
    assert not failed.ok
    plan = vc.load_case(REFERENCE / "single-stage").solve()
    frame = vc.compare({"plan": plan, "failed": failed})
    assert frame["failed"].isna().all()
    assert frame.loc["outcome", "plan"].notna().all()


def test_what_cannot_be_compared_is_refused() -> None:
    plan = CASE.load().solve()
    other = CASE.with_settings(case={"currency": "USD"}).load().solve()
    with pytest.raises(vc.InputError, match="currencies differ"):
        vc.compare({"a": plan, "b": other})
    with pytest.raises(vc.InputError, match="nothing to compare"):
        vc.compare({})
    with pytest.raises(vc.InputError, match="no column colour to group by"):
        vc.compare({"a": plan}, by="colour")
    with pytest.raises(vc.InputError, match="is no run"):
        vc.compare({"a": "nowhere"})


def test_stored_runs_compare_as_what_they_were_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASE.load()
    plan, evaluation = case.solve(), today(case)
    plan.save(tmp_path / "계획")
    evaluation.save(tmp_path / "현재")
    live = vc.compare({"계획": plan, "현재": evaluation}, by="region")
    stored = vc.compare({"계획": tmp_path / "계획", "현재": str(tmp_path / "현재")}, by="region")
    pd.testing.assert_frame_equal(live, stored)
    runs = [str(tmp_path / "계획"), str(tmp_path / "현재")]
    book = tmp_path / "compare.xlsx"
    assert status_of(["compare", *runs, "--by", "region,year", "--lang", "ko", "--out", str(book)]) == 0
    assert "공공자금 비중" in capsys.readouterr().out
    assert CalamineWorkbook.from_path(book).sheet_names[0] == "공공자금"
    assert status_of(["compare", *runs, "--json"]) == 0
    assert status_of(["compare", runs[0], runs[0]]) == 1
    assert "named twice" in capsys.readouterr().err
