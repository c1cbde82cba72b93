"""Every total reconciles, and every limit holds when it is computed again from the case's own tables."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given

import optimizer as vc
from tests.strategies import FIRST_YEAR, Draft, Row, cases, law, near

METHODS = ("fixed", "sequential")


def number(row: Row, column: str, default: float = 0.0) -> float:
    return float(row[column]) if row.get(column) else default


def similarities(case: Draft) -> dict[frozenset[str], float] | None:
    if "similarity" not in case.tables:
        return None
    return {
        frozenset((row["cluster_a"], row["cluster_b"])): float(row["similarity"])
        for row in case.tables["similarity"].rows
    }


def brute_force_overlap(case: Draft, allocation: pd.DataFrame) -> tuple[float, float, float]:
    """Return overlap between clusters, between funders, and the penalty, cell by cell as FORMULATION 4 writes them."""
    prices, rate = case.settings["overlap"], float(str(case.settings["case"]["discount_rate"]))
    alike = similarities(case)
    by_niche: dict[tuple[object, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    by_site: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for cell in allocation[allocation["stage"] != "link"].itertuples():
        by_niche[cell.stage, cell.field, cell.year][cell.cluster] += cell.amount
        by_site[cell.cluster, cell.stage, cell.field, cell.year].append(cell.amount)
    clusters = funders = penalty = 0.0
    for (*_, year), spent in by_niche.items():
        for a, b in combinations(spent, 2):
            overlap = (1.0 if alike is None else alike.get(frozenset((a, b)), 0.0)) * min(spent[a], spent[b])
            clusters += overlap
            penalty += float(str(prices["between_clusters"])) * overlap * (1 + rate) ** -(year - FIRST_YEAR)
    for (*_, year), amounts in by_site.items():
        for pair in combinations(amounts, 2):
            funders += min(pair)
            penalty += float(str(prices["between_funders"])) * min(pair) * (1 + rate) ** -(year - FIRST_YEAR)
    return clusters, funders, penalty


@pytest.mark.parametrize("method", METHODS)
@law(15)
@given(case=cases(overlap=True))
def test_overlap_is_what_the_allocation_says(method: str, case: Draft) -> None:
    plan = case.solve(method)
    summary, ledger = plan.summary(), plan.overlap_ledger
    clusters, funders, penalty = brute_force_overlap(case, plan.allocation)
    assert summary["overlap_clusters"] == near(clusters)
    assert summary["overlap_funders"] == near(funders)
    assert summary["overlap_penalty"] == near(penalty)
    assert ledger["penalty"].sum() == near(penalty)
    assert ledger["overlap"].sum() == near(clusters + funders)
    assert plan.statistics.overlap()["overlap"].sum() == near(clusters + funders)


@pytest.mark.parametrize("method", METHODS)
@law(15)
@given(case=cases())
def test_totals_reconcile(method: str, case: Draft) -> None:
    plan = case.solve(method)
    summary, statistics = plan.summary(), plan.statistics
    assert plan.objective_parts.sum() == near(plan.objective)
    assert summary["worth"] == near(summary["worth_launches"] + summary["worth_pipeline"])
    whole = summary["worth"] - summary["overlap_penalty"] - summary["rule_price"]
    assert summary["objective"] == near(whole)
    spend = plan.allocation["amount"].sum()
    assert summary["spend"] == near(spend)
    for groupby in (None, "funder", ["cluster", "year"], "region", ["stage", "field"], "track"):
        assert statistics.spend(groupby)["spend"].sum() == near(spend), groupby
        assert statistics.private(None if groupby == "funder" else groupby)["private"].sum() == near(summary["private"])
    for groupby in (None, "cluster", ["field", "year"]):
        assert statistics.launches(groupby)["launches"].sum() == near(summary["launches"]), groupby
    assert plan.launches["launches"].sum() == near(summary["launches"])
    market = statistics.market()
    assert market["worth"].sum() == near(summary["worth_launches"])
    assert (market["full"] + market["beyond"]).sum() == near(summary["launches"])
    finished = plan.pipeline[plan.pipeline["stage"] == "launch"]["finished"].sum()
    assert finished == near(summary["launches"])


@law(15)
@given(case=cases())
def test_pivots_reconcile(case: Draft) -> None:
    plan = case.solve()
    spend = plan.allocation["amount"].sum()
    for index, columns in ((["cluster"], ["stage"]), (["funder"], []), (["region"], ["year"]), (["track"], [])):
        table = plan.pivot(index=index, columns=columns)
        total = table.loc["total"]
        assert (total["total"] if columns else total["spend"]) == near(spend), (index, columns)


@law(20)
@given(case=cases())
def test_headroom_and_budgets_reconcile(case: Draft) -> None:
    plan = case.solve()
    headroom = plan.statistics.headroom()
    inside = headroom["budget"] + headroom["carried_in"]
    outside = headroom["spend"] + headroom["carried_out"] + headroom["unspent"]
    assert inside.to_numpy() == near(outside.to_numpy())
    assert headroom["spend"].sum() == near(plan.summary()["spend"])
    assert (headroom["unspent"] >= -1e-6).all()
    share = float(str(case.settings["funding"]["carry_over"]))
    given_amounts = {(row["funder"], int(row["year"])): float(row["amount"]) for row in case.tables["budget"].rows}
    spent = plan.allocation.groupby(["funder", "year"])["amount"].sum()
    for line in headroom.itertuples():
        assert line.budget == given_amounts[line.funder, line.year]
        assert line.spend == near(spent.get((line.funder, line.year), 0.0))
        most = 0.0 if line.year == case.years[-1] else share * line.budget
        assert line.carried_out <= most + 1e-6
        assert (line.reason is None) == (line.unspent == 0)
    assert set(zip(headroom["funder"], headroom["year"], strict=True)) == set(given_amounts)


def figures(case: Draft, stage: str, field: str) -> dict[str, float]:
    """Return a niche's figures: the field's own, else the stage's."""
    (row,) = (row for row in case.tables["stages"].rows if row["stage"] == stage)
    own = [r for r in case.tables.get("niches", case.tables["stages"]).rows if r.get("field") == field]
    own = [r for r in own if r["stage"] == stage]
    return {
        name: number(own[0] if own and own[0][name] else row, name) for name in ("cost", "success_rate", "duration")
    } | {name: number(row, name) for name in ("decay", "crowd_in", "feedback")}


def paid(duration: float) -> list[float]:
    if duration == 0:
        return [1.0]
    return [(min(duration, year + 1) - year) / duration for year in range(math.ceil(duration))]


def done(duration: float) -> dict[int, float]:
    whole = math.floor(duration)
    return {whole: 1 - (duration - whole), whole + 1: duration - whole}


@law(30)
@given(case=cases())
def test_balances_hold_when_computed_from_the_tables(case: Draft) -> None:
    # one tranche and no bought capacity, so that the tables say all there is to say
    case = case.with_settings(diminishing_returns={"tranches": [[1, 1]]})
    case = case.with_table("sites", lambda row: {**row, "expansion_cost": ""})
    case = case.with_table("links", lambda row: {**row, "expansion_cost": ""})
    plan = case.solve()
    table = plan.pipeline.set_index(["cluster", "stage", "field", "year"])
    sites = {(row["cluster"], row["stage"], row["field"]): row for row in _site_rows(case)}
    spend = plan.allocation.groupby(["cluster", "stage", "field", "year"])["amount"].sum()
    private = plan.statistics.private(["cluster", "stage", "field", "year"]).set_index(table.index.names)["private"]
    started, finished, waiting = table["starts"], table["finished"], table["backlog"]
    assert set(table.index) == {(*key, year) for key in sites for year in case.years}
    for (cluster, stage, field), row in sites.items():
        niche = figures(case, stage, field)
        success = min(1.0, niche["success_rate"] * number(row, "success_factor", 1))
        cost = niche["cost"] * number(row, "cost_factor", 1)
        for year in case.years:
            key = (cluster, stage, field, year)
            assert -1e-6 <= started[key] <= number(row, "capacity", math.inf) + 1e-6, key
            due = sum(
                share * cost * started.get((cluster, stage, field, year - lag), 0.0)
                for lag, share in enumerate(paid(niche["duration"]))
            )
            assert spend.get(key, 0.0) + private[key] == near(due), key
            assert private[key] <= niche["crowd_in"] * spend.get(key, 0.0) + 1e-6, key
            expected = sum(
                success * share * started.get((cluster, stage, field, year - lag), 0.0)
                for lag, share in done(niche["duration"]).items()
            )
            assert finished[key] == near(expected), key
            _check_backlog(case, key, row, plan, waiting)
    _check_private_caps(case, plan, private)


def _site_rows(case: Draft) -> list[Row]:
    if "sites" in case.tables:
        return list(case.tables["sites"].rows)
    return [
        {"cluster": cluster["cluster"], "stage": stage["stage"], "field": field["field"]}
        for cluster in case.tables["clusters"].rows
        for stage in case.tables["stages"].rows
        for field in case.tables["fields"].rows
    ]


def _check_backlog(
    case: Draft, key: tuple[str, str, str, int], row: Row, plan: vc.Plan, waiting: pd.Series[float]
) -> None:
    """Check that what arrived at a site is what others finished and feedback brought, or less where some is lost."""
    cluster, stage, field, year = key
    table = plan.pipeline.set_index(["cluster", "stage", "field", "year"])
    stages = [row["stage"] for row in case.tables["stages"].rows]
    if "sites" not in case.tables and stage == stages[0]:
        assert math.isnan(waiting[key])
        return
    assert waiting[key] >= -1e-6
    before = number(row, "backlog") if year == case.years[0] else waiting[cluster, stage, field, year - 1]
    kept = (1 - figures(case, stage, field)["decay"]) * before
    came = waiting[key] - kept - number(row, "inflow") + table["starts"][key]
    if stage == stages[0]:
        ideas = sum(
            figures(case, other, field)["feedback"] * table["finished"].get((cluster, other, field, year), 0.0)
            for other in stages
        )
        assert came == near(ideas), key
    else:
        earlier = stages[stages.index(stage) - 1]
        nationwide = [
            table["finished"].get((row["cluster"], earlier, field, year), 0.0) for row in case.tables["clusters"].rows
        ]
        assert -1e-6 <= came <= sum(nationwide) + 1e-6, key


def _check_private_caps(case: Draft, plan: vc.Plan, private: pd.Series[float]) -> None:
    share = float(str(case.settings["funding"]["reinvestment"]))
    value = {row["field"]: float(row["value"]) for row in case.tables["fields"].rows}
    launched = plan.launches.set_index(["cluster", "field", "year"])["launches"]
    for row in case.tables["clusters"].rows:
        if not row["private_cap"]:
            continue
        for year in case.years:
            in_year = [amount for key, amount in private.items() if key[0] == row["cluster"] and key[3] == year]
            back = sum(
                value[field] * number_of
                for (cluster, field, when), number_of in launched.items()
                if cluster == row["cluster"] and when == year - 1
            )
            assert sum(in_year) <= number(row, "private_cap") + share * back + 1e-6, (row["cluster"], year)
