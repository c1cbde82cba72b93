"""What must change nothing: the order of rows, the names of clusters, the unit of money, what takes no part."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import CLUSTERS, Draft, Row, cases, draft, in_other_unit, law, near

KEYS = ["funder", "cluster", "partner", "stage", "field", "year"]
MONEY = ("objective", "lp_objective", "worth", "overlap_penalty", "rule_price", "spend")


def shuffled(case: Draft, name: str, data: st.DataObject) -> Draft:
    return case.with_rows(name, data.draw(st.permutations(case.tables[name].rows)))


@law(30)
@given(case=cases(), data=st.data())
def test_the_order_of_rows_changes_nothing(case: Draft, data: st.DataObject) -> None:
    if case.settings["overlap"]["between_clusters"] or case.settings["overlap"]["between_funders"]:
        # the orders of clusters and of funders settle ties of the ranking, so they stay
        movable = set(case.tables) - {"stages", "clusters", "budget"}
    else:
        movable = set(case.tables) - {"stages"}
    moved = case
    for name in sorted(movable):
        moved = shuffled(moved, name, data)
    before, after = case.solve(), moved.solve()
    for figure in ("lp_objective", "spend", "columns", "rows", "nonzeros"):
        assert after.summary()[figure] == near(before.summary()[figure]), figure


@law(20)
@given(case=cases(), old=st.sampled_from(CLUSTERS), new=st.sampled_from(["오송", "x=y", "A b", "zz"]))
def test_renaming_a_cluster_changes_only_the_name(case: Draft, old: str, new: str) -> None:
    columns = ("cluster", "origin", "destination", "cluster_a", "cluster_b")

    def rename(row: Row) -> Row:
        named = {key: new if key in columns and cell == old else cell for key, cell in row.items()}
        for key in ("where", "of"):
            if named.get(key) == f"cluster={old}":
                named[key] = f"cluster={new}"
        return named

    renamed = case
    for name in case.tables:
        renamed = renamed.with_table(name, rename)
    before, after = case.solve(), renamed.solve()
    expected = before.allocation.replace({"cluster": {old: new}, "partner": {old: new}})
    pd.testing.assert_frame_equal(after.allocation, expected)
    assert after.objective == before.objective


@law(30)
@given(case=cases(), factor=st.sampled_from([1000.0, 0.001]))
def test_the_unit_of_money_scales_money_and_leaves_projects(case: Draft, factor: float) -> None:
    before, after = case.solve(), in_other_unit(case, factor).solve()
    first, second = before.summary(), after.summary()
    for figure in ("lp_objective", "spend"):  # the figures that are the same in all plans of least spend
        assert second[figure] / factor == pytest.approx(first[figure], rel=1e-5, abs=1e-5), figure


@law(15)
@given(case=cases(), data=st.data())
def test_who_takes_no_part_changes_nothing(case: Draft, data: st.DataObject) -> None:
    if "sites" not in case.tables:
        return  # every cluster then hosts every niche
    clusters = list(case.tables["clusters"].rows)
    idle = {"cluster": "nowhere", "region": "north", "private_cap": "3"}
    clusters.insert(data.draw(st.integers(0, len(clusters))), idle)
    before = case.solve().summary()
    after = case.with_rows("clusters", clusters).solve().summary()
    for figure in (*MONEY, "launches", "private"):
        assert after[figure] == near(before[figure]), figure


@law(15)
@given(case=cases())
def test_spelling_defaults_out_changes_nothing(case: Draft) -> None:
    defaults = {
        "sites": {"cost_factor": "1", "success_factor": "1", "backlog": "0", "inflow": "0", "activity": "0"},
        "links": {"retention": "1", "transfer_cost": "0"},
        "stages": {"duration": "0", "decay": "0", "crowd_in": "0", "feedback": "0"},
        "rules": {"enabled": "true", "measure": "spend", "kind": "amount"},
    }
    spelled, left_out = case, case
    for name, values in defaults.items():
        spelled = spelled.with_table(
            name, lambda row, values=values: {**row, **{key: row[key] or text for key, text in values.items()}}
        )
        left_out = left_out.with_table(
            name,
            lambda row, values=values: {key: "" if _same(cell, values.get(key)) else cell for key, cell in row.items()},
        )
    assert spelled.solve().objective == left_out.solve().objective


def _same(cell: str, default: str | None) -> bool:
    if default is None or not cell:
        return False
    try:
        return float(cell) == float(default)
    except ValueError:
        return cell == default


@law(15)
@given(case=cases())
def test_years_outside_the_horizon_change_nothing(case: Draft) -> None:
    rows = list(case.tables["budget"].rows)
    funder = rows[0]["funder"]
    beyond = [{"funder": funder, "year": str(year), "amount": "999"} for year in (2020, 2050)]
    before = case.solve()
    after = case.with_rows("budget", [*rows, *beyond]).solve()
    pd.testing.assert_frame_equal(after.allocation, before.allocation)


def test_a_case_without_any_site_is_a_plan_that_does_nothing() -> None:
    plan = draft(sites="cluster,stage,capacity").solve()
    assert plan.objective == 0
    assert plan.allocation.empty
    assert plan.pipeline.empty
