"""Calibration of the overlap penalty: solved by hand, checked by brute force, and held to the laws of the curve."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.trace import Prices
from optimizer.compiler import compile_sets
from optimizer.options import SolveOptions
from optimizer.planning.sequence import RISE, Clock, Sequence
from optimizer.planning.starts import follow_starts
from tests.planning.spy import Log
from tests.strategies import Draft, cases, draft, law, near

PLAIN = {"value": {"terminal_weight": 0}}
PENALTIES = (0.05, 0.3, 1, 4, 20)


def three_fields(**settings: object) -> vc.Case:
    """Return a case in which overlap is given up field by field, at penalties 1, 3 and 8.

    Cluster a fills each field's site with 5 of money, worth 10 a unit; b adds 5 more, worth 1, 3 or 8 a unit.
    """
    factors = {"f": 0.1, "g": 0.3, "h": 0.8}
    sites = [f"a,launch,{field},5,5,2,1\nb,launch,{field},5,5,1,{factor}" for field, factor in factors.items()]
    return draft(
        {**PLAIN, **settings},
        clusters="cluster\na\nb",
        fields="field,value\nf,10\ng,10\nh,10",
        sites="\n".join(["cluster,stage,field,capacity,inflow,activity,success_factor", *sites]),
    ).load()


def test_by_hand() -> None:
    found = vc.calibrate_overlap(three_fields(), tolerance=0)
    table = found.table
    assert table["weighed_overlap"].tolist() == near([15, 10, 5, 0])
    assert table["worth"].tolist() == near([210, 205, 190, 150])
    assert table["best_from"].tolist() == near([0, 1, 3, 8])
    assert table["best_to"].tolist()[:-1] == near([1, 3, 8])
    assert table["spend"].tolist() == near([30, 25, 20, 15])
    assert table["less_overlap"].tolist() == near([0, 1 / 3, 2 / 3, 1])
    assert table["less_worth"].tolist() == near([0, 5 / 210, 20 / 210, 60 / 210])
    # values at 1, 55/60, 40/60, 0 of their range, overlaps at 1, 2/3, 1/3, 0 of theirs
    assert table["distance"].to_numpy() * np.sqrt(2) == near([0, 1 / 4, 1 / 3, 0])
    assert table.index[table["knee"]].tolist() == [2]
    assert 3 < found.penalty < 8
    assert found.complete
    assert found.turns
    assert found.plan().summary()["overlap_clusters"] == near(5)
    assert found.case().solve().summary()["overlap_clusters"] == near(5)


def test_given_penalties_are_tried_in_their_order_after_none() -> None:
    table = vc.calibrate_overlap(three_fields(), penalties=[9, 2, 0, 2]).table
    assert table["between_clusters"].tolist() == [0, 2, 9]
    assert table["weighed_overlap"].tolist() == near([15, 10, 0])
    assert table["overlap_penalty"].tolist() == near([0, 20, 0])
    assert table["objective"].tolist() == near([210, 185, 150])


def test_a_trade_that_does_not_turn_is_told_and_priced_where_it_is_even() -> None:
    case = draft(
        PLAIN,
        clusters="cluster\na\nb",
        fields="field,value\nall,10",
        sites="cluster,stage,capacity,inflow,activity,success_factor\na,launch,5,5,2,1\nb,launch,5,5,1,0.5",
    ).load()
    found = vc.calibrate_overlap(case)
    assert found.table["weighed_overlap"].tolist() == near([5, 0])
    assert not found.turns
    assert found.penalty == near(5)
    assert any("does not turn" in str(note) for note in found.notes)


def test_where_nothing_overlaps_there_is_nothing_to_calibrate() -> None:
    found = vc.calibrate_overlap(draft(PLAIN).load())
    assert len(found.table) == 1
    assert found.penalty == 0
    assert any("nothing to calibrate" in str(note) for note in found.notes)
    assert found.case().settings.overlap.between_clusters == 0


def test_overlap_that_can_be_spared_at_no_loss_is_spared_at_the_lowest_penalty() -> None:
    found = vc.calibrate_overlap(three_fields(), penalties=[2, 9])
    free = replace(found, curve=replace(found.curve, value=np.full(3, 210.0)))
    assert free.penalty == 9
    assert any("without any loss of worth" in str(note) for note in free.notes)


def test_prices_are_shared_out_as_the_case_does_or_as_is_asked() -> None:
    def ratio(clusters: float, funders: float, **asked: float) -> tuple[float, float]:
        case = three_fields(overlap={"between_clusters": clusters, "between_funders": funders})
        line = vc.calibrate_overlap(case, penalties=[2], **asked).table.iloc[1]
        return line["between_clusters"], line["between_funders"]

    assert ratio(0.4, 0.1) == near((2, 0.5))
    assert ratio(0, 0) == near((2, 2))
    assert ratio(0, 0.1) == near((0, 2))
    assert ratio(0.4, 0.1, ratio=3) == near((2, 6))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"penalties": [-1.0]}, "-1.0 is no price of overlap"),
        ({"penalties": [float("nan")]}, "nan is no price of overlap"),
        ({"ratio": float("inf")}, "inf is no price of overlap"),
        ({"points": 1}, "2 points or more and a tolerance of 0 or more, not 1 and 0.01"),
        ({"tolerance": -0.5}, "not 12 and -0.5"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        vc.calibrate_overlap(three_fields(), **arguments)


@pytest.mark.parametrize(
    "tables",
    [{"sites": "cluster,stage,minimum\na,launch,3"}, {"clusters": "cluster,max_niches\na,1", "fields": "field\nf\ng"}],
)
def test_whole_decisions_are_refused(tables: dict[str, str]) -> None:
    with pytest.raises(vc.ModelError, match=r"whole decisions. Leave sites.minimum and clusters.max_niches blank"):
        vc.calibrate_overlap(draft(**tables).load())


def test_a_case_without_a_plan_says_why() -> None:
    with pytest.raises(vc.SolveError, match="infeasible"):
        vc.calibrate_overlap(draft(rules="rule,sense,value\nr,at_least,1000").load())


def test_a_plan_that_was_not_found_is_not_made_up() -> None:
    found = vc.calibrate_overlap(three_fields(), penalties=[2])
    assert found.plan(2).objective == near(185)
    with pytest.raises(vc.InputError, match="no plan was found at penalty 3; the penalties are 0, 2"):
        found.plan(3)


def test_the_case_at_a_penalty_is_a_copy_that_says_so(tmp_path: Path) -> None:
    case = three_fields(overlap={"between_clusters": 0.4, "between_funders": 0.1})
    found = vc.calibrate_overlap(case, penalties=[2, 4])
    priced = found.case(2)
    assert isinstance(priced, vc.Case)
    assert case.settings.overlap.between_clusters == 0.4
    assert not case.raw.changes
    assert priced.raw.changes == ("case.overlap.between_clusters set 2", "case.overlap.between_funders set 0.5")
    stored = vc.load_case(priced.save(tmp_path / "priced")).settings.overlap
    assert (stored.between_clusters, stored.between_funders) == near((2, 0.5))


def test_a_limit_leaves_the_points_found_so_far(watched: Log) -> None:
    case, options = three_fields(), vc.SolveOptions(engine="spy", time_limit=60)
    vc.calibrate_overlap(case, options=options)
    needed = len(watched.limits)
    watched.limits.clear()
    watched.enough_for = needed // 2
    found = vc.calibrate_overlap(case, options=options)
    assert not found.complete
    assert len(found.table) >= 1
    assert any("allow more time" in str(note) for note in found.notes)
    watched.limits.clear()
    watched.enough_for = 0
    with pytest.raises(vc.SolveError, match="limit"):
        vc.calibrate_overlap(case, options=options)


def test_the_chart_has_units_and_marks_the_knee() -> None:
    found = vc.calibrate_overlap(three_fields(), penalties=[2, 4, 9])
    figure = found.plot()
    assert figure.layout.xaxis.title.text == "Overlap (KRW bn)"
    assert "(KRW bn)" in figure.layout.yaxis.title.text
    discounted, undiscounted, knee = figure.data
    assert list(discounted.x) == near([15, 10, 5, 0])
    assert list(undiscounted.x) == near([15, 10, 5, 0])
    assert (list(knee.x), list(knee.y)) == (near([5]), near([190]))
    assert found.plot("ko").layout.xaxis.title.text == "중복투자(십억원)"


@pytest.mark.parametrize(("language", "sheets"), [("en", ["Overlap calibration", "Chart", "Notes"]), ("ko", None)])
def test_the_workbook_holds_the_table(tmp_path: Path, language: str, sheets: list[str] | None) -> None:
    found = vc.calibrate_overlap(three_fields(), penalties=[2, 4, 9])
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "curve.xlsx", language))
    if sheets:
        assert book.sheet_names == sheets
    header, *lines = book.get_sheet_by_index(0).to_python()
    table = found.table
    assert len(header) == len(table.columns)
    assert [line[list(table).index("worth")] for line in lines] == near([210, 205, 190, 150])
    assert lines[-1][list(table).index("best_to")] == ""
    chart = book.get_sheet_by_index(1).to_python()
    assert [line[0] for line in chart[1:]] == near([15, 10, 5, 0])


# --- laws -------------------------------------------------------------------------------------------------------------


def overlaps_by_brute_force(plan: vc.Plan, case: Draft) -> tuple[float, float]:
    """Return the discounted overlap between clusters and between funders, pair by pair from the allocation."""
    rate = float(str(case.settings["case"].get("discount_rate", 0)))
    alike = {}
    if "similarity" in case.tables:
        for row in case.tables["similarity"].rows:
            alike[frozenset((row["cluster_a"], row["cluster_b"]))] = float(row["similarity"])
    spend = plan.allocation[plan.allocation["stage"] != "link"]
    clusters = funders = 0.0
    for (_, _, year), niche in spend.groupby(["stage", "field", "year"]):
        weight = (1 + rate) ** -(year - case.years[0])
        totals = niche.groupby("cluster")["amount"].sum()
        for one, other in combinations(totals.index, 2):
            similarity = alike.get(frozenset((one, other)), 0.0) if "similarity" in case.tables else 1.0
            clusters += weight * similarity * min(totals[one], totals[other])
        for _, site in niche.groupby("cluster"):
            amounts = site.groupby("funder")["amount"].sum()
            funders += weight * sum(min(pair) for pair in combinations(amounts, 2))
    return clusters, funders


@law(12)
@given(case=cases(overlap=True))
def test_the_table_is_what_its_plans_say(case: Draft) -> None:
    found = vc.calibrate_overlap(case.load(), penalties=[0.3, 4])
    for line in found.table.itertuples():
        plan = found.plan(line.between_clusters)
        summary = plan.summary()
        clusters, funders = overlaps_by_brute_force(plan, case)
        assert (line.discounted_clusters, line.discounted_funders) == near((clusters, funders))
        assert line.overlap_penalty == near(line.between_clusters * clusters + line.between_funders * funders)
        assert line.objective == near(line.worth - line.rule_price - line.overlap_penalty)
        assert (line.objective, line.spend) == near((summary["objective"], summary["spend"]))
        assert line.objective <= summary["bound"] + 1e-6 * (1 + abs(line.objective))


@law(25)
@given(case=cases(overlap=True), penalties=st.sets(st.sampled_from(PENALTIES), min_size=2))
def test_a_higher_penalty_never_raises_overlap(case: Draft, penalties: set[float]) -> None:
    found = vc.calibrate_overlap(case.load(), penalties=sorted(penalties))
    points = list(zip(found.curve.penalty, found.curve.overlap, found.curve.value, strict=True))
    for (low, more, high), (up, less, value) in pairwise(points):
        # each plan is the best at its own penalty to within RISE of the objective, which is what overlap may rise by
        tolerance = 2.1 * RISE * (1 + abs(high) + up * more)
        assert less <= more + tolerance / (up - low) + 1e-9
        assert value <= high + tolerance * (1 + up / (up - low)) + 1e-9
        assert value - up * less <= high - low * more + tolerance


@law(15)
@given(case=cases(overlap=True))
def test_no_plan_of_another_penalty_is_better_than_the_one_held(case: Draft) -> None:
    curve = vc.calibrate_overlap(case.load(), points=6).curve
    for penalty, overlap, value in zip(curve.penalty, curve.overlap, curve.value, strict=True):
        held = value - penalty * overlap
        assert (curve.value - penalty * curve.overlap).max() <= held + 1.1 * RISE * (1 + abs(held))
    assert np.all(np.diff(curve.penalty) > 0)
    assert np.nanmin(np.diff(curve.chords), initial=0) >= -1e-3 * (1 + np.nanmax(np.abs(curve.chords), initial=0))


@law(15)
@given(case=cases(overlap=True))
def test_the_first_point_is_the_program_without_a_penalty(case: Draft) -> None:
    loaded = case.load()
    first = vc.calibrate_overlap(loaded, penalties=[]).table.iloc[0]
    free = case.with_settings(overlap={"between_clusters": 0, "between_funders": 0}).load()
    for method in ("fixed", "sequential", "exact"):
        plan = free.solve(method=method)
        assert plan.summary()["objective"] == near(first["objective"])
        assert plan.summary()["overlap_penalty"] == 0


@law(15)
@given(case=cases(overlap=True))
def test_a_small_case_solved_alone_is_no_better_than_its_point(case: Draft) -> None:
    loaded = case.load()
    own = loaded.settings.overlap.between_clusters
    found = vc.calibrate_overlap(loaded, penalties=[own])
    alone = loaded.solve(method="sequential").objective
    assert found.table["objective"].iloc[-1] >= alone - 1e-6 * (1 + abs(alone))


@law(10)
@given(case=cases(overlap=True, always=("similarity",)))
def test_clusters_that_are_not_alike_do_not_overlap_at_any_price(case: Draft) -> None:
    unlike = case.with_table("similarity", lambda row: {**row, "similarity": "0"})
    table = vc.calibrate_overlap(unlike.load(), penalties=PENALTIES, ratio=0).table
    assert table["overlap_clusters"].max() == 0
    assert table["overlap_penalty"].max() == 0
    assert table["objective"].to_numpy() == near([table["objective"].iloc[0]] * len(table))


def test_two_identical_clusters_may_be_swapped() -> None:
    def curve(*clusters: str) -> list[list[float]]:
        case = draft(
            {**PLAIN, "overlap": {"between_clusters": 1}},
            years=2,
            clusters="\n".join(["cluster", *clusters]),
            fields="field,value,demand\nall,10,4",
            sites="cluster,stage,capacity,inflow,success_factor\na,launch,3,3,1\nb,launch,3,3,1\nc,launch,9,9,0.4",
            budget="year,amount\n2026,8\n2027,8",
        )
        table = vc.calibrate_overlap(case.load(), penalties=PENALTIES).table
        return table[["objective", "worth", "weighed_overlap"]].to_numpy().tolist()

    assert np.array(curve("a", "b", "c")) == near(np.array(curve("b", "a", "c")))


@law(15)
@given(case=cases(overlap=True), prices=st.lists(st.sampled_from(PENALTIES), min_size=2, max_size=2, unique=True))
def test_a_sequence_never_ends_below_the_plan_it_starts_from(case: Draft, prices: list[float]) -> None:
    # whichever way the price moves
    tables = case.load()
    run = Sequence(compile_sets(tables), SolveOptions(), Clock(None))
    run.reprice(Prices(1, 1).at(prices[0], tables))
    plan, _, _ = follow_starts(run)
    assert plan is not None
    run.reprice(Prices(1, 1).at(prices[1], tables))
    before = run.true_objective(plan.program, plan.x)
    after = run.follow("neighbour", plan)
    assert after is not None
    assert after.objective >= before - 1e-6 * (1 + abs(before))
    assert after.objective == near(run.true_objective(after.program, after.x))
