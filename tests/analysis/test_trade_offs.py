"""Frontiers and alternatives: by hand, and what must hold on drawn cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.solvers.near_optimal import check
from tests.strategies import NO_TERMINAL, Draft, cases, draft, law, near, priced

TWO = "cluster,region\na,north\nb,south"
BUDGET = "year,amount\n2026,12"


def two_sites(figures: str, settings: object = NO_TERMINAL) -> vc.Case:
    """Return two clusters of two regions that launch; figures of both are ``cost_factor,capacity``."""
    first, second = figures.split()
    sites = f"cluster,stage,field,cost_factor,capacity,backlog\na,launch,all,{first},99\nb,launch,all,{second},99"
    return draft(settings, clusters=TWO, budget=BUDGET, sites=sites).load()  # type: ignore[arg-type]


# --- frontiers -------------------------------------------------------------------------------------------------------


def test_worth_against_regional_balance() -> None:
    # all 12 in a launch 12; half of it in b, where a launch costs 2, launch 6 + 3; half-way 9 + 1.5
    found = vc.frontier(two_sites("1, 2,"), ("worth", "balance"), points=3)
    table = found.table
    assert table["measure_worth"].tolist() == near([12, 10.5, 9])
    assert table["measure_balance"].tolist() == near([0, 3, 6])
    assert table["best_of"].tolist() == ["worth", "", "balance"]
    assert table["hoover"].tolist() == near([0.5, 0.25, 0])
    assert table["largest_region_share"].tolist() == near([1, 0.75, 0.5])
    assert found.knee is None


def test_worth_against_overlap() -> None:
    # 6 starts a site: both sites launch 12 and overlap by 6, one alone launches 6 without; half-way 9 at 3
    found = vc.frontier(two_sites("1,6 1,6", priced(0.01)), points=3)
    table = found.table
    assert table["measure_worth"].tolist() == near([12, 9, 6])
    assert table["measure_overlap"].tolist() == near([6, 3, 0])
    assert table["linear_overlap"].tolist() == near([6, 3, 0])
    assert table["overlap_clusters"].tolist() == near([6, 3, 0])
    assert table["objective"].tolist() == near([11.94, 8.97, 6])
    assert found.allocation(2)["amount"].tolist() == near([6])


def test_launches_count_up_to_a_year_and_private_money_is_traded() -> None:
    # the value of a launch falls by a tenth a year, and so early ones are worth most: no trade at all
    case = draft(
        {"case": {"discount_rate": 0.1}, **NO_TERMINAL},
        years=2,
        stages="stage,cost,success_rate,crowd_in\nlaunch,1,1,0.5",
    ).load()
    found = vc.frontier(case, ("worth", "launches"), by=2026)
    assert len(found.table) == 1
    assert found.table["measure_launches"].tolist() == near([150])
    assert found.table["launches"].tolist() == near([300])
    assert vc.frontier(case, ("launches", "private")).table["measure_private"].tolist() == near([100])


def test_three_measures_are_told_and_drawn(tmp_path: Path) -> None:
    found = vc.frontier(two_sites("1,9 2,9", priced(0.01)), ("worth", "overlap", "balance"), points=3)
    assert {"worth", "overlap", "balance"} <= set(found.table["best_of"])
    assert len(found.notes) == 4
    figure = found.plot("ko")
    assert figure.layout.xaxis.title.text == "중복투자(십억원)"
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "frontier.xlsx", "ko"))
    assert book.sheet_names == ["효율 경계", "유의사항"]


@pytest.mark.parametrize(
    ("measures", "more", "said"),
    [
        (("worth",), {}, "two or three measures"),
        (("worth", "worth"), {}, "each named once"),
        (("worth", "joy"), {}, "measure is 'joy'"),
        (("worth", "launches"), {"by": 2040}, "launches up to 2040: the horizon is 2026 to 2026"),
        (("worth", "balance"), {"points": 1}, "2 points or more"),
    ],
)
def test_what_is_no_frontier_is_refused(measures: tuple[str, ...], more: dict[str, int], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        vc.frontier(two_sites("1, 1,"), measures, **more)  # type: ignore[arg-type]


def test_balance_needs_regions_and_points_have_numbers() -> None:
    with pytest.raises(vc.InputError, match="needs a region for every cluster"):
        vc.frontier(draft(NO_TERMINAL).load(), ("worth", "balance"))
    found = vc.frontier(two_sites("1, 2,"), ("worth", "balance"))
    with pytest.raises(vc.InputError, match="no point 9; its points are numbered 0 to 8"):
        found.allocation(9)


@law(20)
@given(case=cases(overlap=True))
def test_no_point_dominates_another_and_overlap_is_never_above_its_ceiling(case: Draft) -> None:
    plan = case.solve("sequential")
    found = vc.frontier(plan, ("worth", "overlap", "launches"), points=3)
    table = found.table
    gains = table[["measure_worth", "measure_overlap", "measure_launches"]].to_numpy(float) * [1, -1, 1]
    slack = 1e-6 * (1 + np.abs(gains).max(axis=0))
    assert (table["measure_overlap"] <= table["linear_overlap"] + slack[1]).all()
    for one in gains:
        better = (gains >= one + slack).all(axis=1)
        assert not better.any()
    # the best worth is the optimum without any penalty
    free = case.with_settings(overlap={"between_clusters": 0, "between_funders": 0}).solve("fixed")
    parts = free.summary()
    assert gains[:, 0].max() == pytest.approx(float(parts["worth"] - parts["rule_price"]), rel=1e-5, abs=1e-5)
    for solution in found.found.solutions:
        assert check(plan.solution.program, solution.x).violation <= 1e-6


# --- alternatives ----------------------------------------------------------------------------------------------------


def test_two_sites_of_which_one_is_a_quarter_dearer() -> None:
    # all 12 in a launch 12. Within a tenth, x of it can go to b: 12 - x + x / 1.25 >= 10.8, so x <= 6
    found = vc.alternatives(two_sites("1, 1.25,"), slack=0.1, n=3, by=("cluster", "region", "stage"))
    table = found.table.set_index(["group", "label"])
    assert table.loc[("cluster", "a"), ["plan", "least", "greatest"]].tolist() == near([12, 6, 12])
    assert table.loc[("cluster", "b"), ["plan", "least", "greatest"]].tolist() == near([0, 0, 6])
    assert table.loc[("region", "south"), "greatest_share"] == near(0.5)
    # what is not spent launches nothing: 10.8 is enough, and all of it
    assert table.loc[("stage", "launch"), ["least", "greatest"]].tolist() == near([10.8, 12])
    assert found.plans["verified"].all()
    assert found.plans["moved"].iloc[0] == near(6)
    assert found.allocation(1).set_index("cluster")["amount"].to_dict() == near({"a": 6, "b": 6})
    cells = found.cells.set_index("cluster")
    assert cells["standing"].to_dict() == {"a": "funded in every such plan", "b": "funded in some, not in others"}
    assert cells.loc["a", "least"] == near(6)


def test_what_no_plan_funds_is_proven() -> None:
    # b can do nothing at all: its capacity is 0
    found = vc.alternatives(two_sites("1, 1,0"), slack=0.5, n=0)
    assert found.cells["standing"].tolist() == ["funded in every such plan", "funded in no such plan"]
    unproven = vc.alternatives(two_sites("1, 1,0"), slack=0.5, n=0, by=(), checks=0)
    assert unproven.cells["standing"].tolist() == ["funded in every plan found", "funded in no plan found"]
    assert any("not proven" in note.text("en") for note in unproven.notes)


def test_the_search_says_when_nothing_is_left() -> None:
    found = vc.alternatives(draft(NO_TERMINAL, fields="field,value,demand\nall,3,10").load(), slack=0, n=5, by=())
    assert len(found.plans) == 0
    assert found.found.exhausted
    assert any("No further plan within slack" in note.text("en") for note in found.notes)


def test_everything_is_kept_as_soon_as_it_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    found = vc.alternatives(two_sites("1, 1.25,"), slack=0.1, n=2, out=folder)
    ranges = pd.read_csv(folder / "ranges.csv")
    assert ranges["greatest"].tolist() == near(found.table["greatest"].tolist())
    plans = pd.read_csv(folder / "plans.csv")
    assert plans["objective"].tolist() == near(found.plans["objective"].tolist())
    for number in plans["number"]:
        kept = pd.read_csv(folder / f"alternative-{number}.csv")
        assert kept["amount"].tolist() == near(found.allocation(number)["amount"].tolist())
    with pytest.raises(vc.InputError, match="exists and is not empty"):
        vc.alternatives(two_sites("1, 1.25,"), out=folder)


def test_a_run_that_is_killed_keeps_what_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.analysis.alternatives_search import Search

    def killed(self: Search, groups: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "ranges", killed)
    with pytest.raises(KeyboardInterrupt):
        vc.alternatives(two_sites("1, 1.25,"), slack=0.1, n=1, out=tmp_path / "kept")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["alternative-1.csv", "plans.csv"]


def test_alternatives_are_drawn_and_written(tmp_path: Path) -> None:
    found = vc.alternatives(two_sites("1, 1.25,"), slack=0.1, n=1)
    assert len(found.plot("ko").data) == 2
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "alternatives.xlsx", "ko"))
    assert book.sheet_names == ["변동 범위", "대안", "거점", "유의사항"]
    assert book.get_sheet_by_index(2).to_python()[1][4] == "모든 계획에서 지원"
    with pytest.raises(vc.InputError, match="no alternative 2; 1 were found"):
        found.allocation(2)


@pytest.mark.parametrize("arguments", [{"slack": -0.1}, {"n": -1}, {"checks": -1}, {"by": ["year"]}])
def test_what_makes_no_alternatives_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(vc.InputError, match=r"0 or more|must be one of"):
        vc.alternatives(two_sites("1, 1,"), **arguments)  # type: ignore[arg-type]


def test_regions_that_are_asked_for_must_exist() -> None:
    with pytest.raises(vc.InputError, match="no cluster has a region"):
        vc.alternatives(draft(NO_TERMINAL).load(), by=["region"])


@law(20)
@given(case=cases(overlap=True))
def test_every_alternative_is_feasible_and_truly_within_slack(case: Draft) -> None:
    plan = case.solve("sequential")
    found = vc.alternatives(plan, slack=0.05, n=3, by=("cluster", "funder", "field"))
    assert found.plans["verified"].all()
    table = found.table
    scale = 1 + table["greatest"].abs()
    assert (table["least"] <= table["plan"] + 1e-6 * scale).all()
    assert (table["plan"] <= table["greatest"] + 1e-6 * scale).all()
    floor = plan.objective - 0.05 * abs(plan.objective)
    for one in found.found.found:
        assert one.solution.objective >= floor - 1e-6 * (1 + abs(floor))
        assert check(plan.solution.program, one.solution.x).violation <= 1e-6
        spent = one.solution.quantity("spent_at_site").sum(axis=1)
        musts = found.cells["standing"] == "funded in every such plan"
        nevers = found.cells["standing"] == "funded in no such plan"
        assert (spent[musts.to_numpy()] > 0).all()
        assert spent[nevers.to_numpy()].max(initial=0) <= 1e-5 * max(found.found.budget, 1)
