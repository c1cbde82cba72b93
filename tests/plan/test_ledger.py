"""The overlap ledger: by hand, against brute force on the allocation, and what ending an overlap costs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.blocks.overlap import true_penalty
from optimizer.export.overlap import matrix_lines, named_ledger, named_matrix, overlap_sentences
from optimizer.export.words import Names
from optimizer.language import Language
from optimizer.plan.solution import Solution
from tests.strategies import FIRST_YEAR, NO_TERMINAL, Draft, Table, cases, draft, law, near, priced

TWO = draft(
    priced(0.5),
    clusters="cluster,name,name_ko\na,Osong,오송\nb,Jeju,제주\nc,Daegu,대구",
    stages="stage,cost,success_rate\nlaunch,2,1",
    fields="field,value\nall,10",
    sites="cluster,stage,capacity,backlog,activity\na,launch,2,9,1\nb,launch,3,9,2\nc,launch,9,0,1",
    budget="year,amount\n2026,20",
)
"""Both a (2 launches) and b (3) are funded in full, for 4 and 6 of money, and half of the money is left over.

A launch is worth 10 for 2 of money: at b 5 a unit, at a 5 less 0.5 for what b spends more. Money has no price, so a
place at b is worth 10 - 2 * 0 = 10, and one at a 10 - 2 * 0.5 = 9.
"""
FUNDED = draft(
    priced(0, 0.3),
    stages="stage,cost,success_rate\nlaunch,2,1",
    fields="field,value\nall,10",
    sites="cluster,stage,backlog\na,launch,50",
    budget="funder,year,amount\nmsit,2026,10\nmohw,2026,4",
)
"""Two funders at one site: 5 launches of msit and 2 of mohw, which overlap by 4."""


@pytest.fixture(scope="module")
def two() -> vc.Plan:
    return TWO.solve()


def test_two_clusters_by_hand(two: vc.Plan) -> None:
    (line,) = two.overlap_ledger.to_dict("records")
    assert line == {
        "between": "clusters", "cluster_a": "a", "cluster_b": "b", "funder_a": "", "funder_b": "",
        "stage": "launch", "field": "all", "year": 2026, "amount_a": near(4), "amount_b": near(6),
        "similarity": 1.0, "overlap": near(4), "penalty": near(2),
        # a has room below b's 6, and b has none to overlap with
        "marginal_a": near(0.5), "marginal_b": 0.0,
        # 2 places at a of 9 each; all money beside them is left over, so nothing else is lost
        "stop": "a", "stop_cost": near(18),
    }  # fmt: skip


def test_ending_the_overlap_of_two_clusters_by_hand(two: vc.Plan) -> None:
    # without a, 2 launches of 10 and the penalty of 2 are gone; without b, 3 launches and the same penalty, which the
    # linear program, in which it is a that is charged, does not see
    found = vc.without_overlap(two, 0).set_index("stop")
    assert found.index.tolist() == ["a", "b"]
    assert found["possible"].all()
    columns = ["worth", "overlap_penalty", "objective", "lp_objective", "overlap"]
    assert found.loc["a", columns].tolist() == near([-20, -2, -18, -18, -4])
    assert found.loc["b", columns].tolist() == near([-30, -2, -28, -30, -4])
    assert found.attrs["unit"] == "KRW bn"


def test_two_funders_by_hand() -> None:
    plan = FUNDED.solve()
    (line,) = plan.overlap_ledger.to_dict("records")
    assert (line["cluster_a"], line["cluster_b"], line["funder_a"], line["funder_b"]) == ("a", "", "msit", "mohw")
    assert (line["amount_a"], line["amount_b"], line["overlap"], line["penalty"]) == near((10, 4, 4, 1.2))
    assert (line["marginal_a"], line["marginal_b"]) == near((0, 0.3))
    assert (line["stop"], line["stop_cost"]) == ("mohw", 0.0)
    # 2 launches of 10 less the penalty: no price tells that nobody else can pay for them, so 0 was too little
    assert vc.without_overlap(plan, [0]).set_index("stop")["objective"].to_dict() == near(
        {"mohw": -18.8, "msit": -48.8}
    )


def test_one_more_unit_of_one_alone_costs_nothing_where_both_spend_the_same() -> None:
    # 1 launch of 4 at a, 2 of 2 at b. Of equals the one stops whose places are worth less: a's one, 10 less 4 * 0.5
    sites = "cluster,stage,capacity,backlog,activity,cost_factor\na,launch,1,9,1,2\nb,launch,2,9,2,1"
    plan = draft(priced(0.5), **{**_texts(TWO), "sites": sites}).solve()
    (line,) = plan.overlap_ledger.to_dict("records")
    assert (line["amount_a"], line["amount_b"]) == near((4, 4))
    assert (line["marginal_a"], line["marginal_b"]) == (0, 0)
    assert (line["stop"], line["stop_cost"]) == ("a", near(8))


def _texts(case: Draft) -> dict[str, str]:
    return {name: table.text() for name, table in case.tables.items()}


def test_without_prices_the_cost_of_stopping_is_missing_and_not_0(two: vc.Plan) -> None:
    unpriced = replace(two.outcome, result=replace(two.outcome.result, _row_dual=None))
    plan = vc.Plan(Solution(unpriced))
    assert plan.overlap_ledger["stop_cost"].isna().all()
    assert plan.overlap_ledger["stop"].tolist() == ["a"]
    assert overlap_sentences(plan, Language.EN)[0].endswith("where Osong gets less.")


# --- against the allocation -------------------------------------------------------------------------------------------


def similarity(case: Draft, a: str, b: str) -> float:
    if "similarity" not in case.tables:
        return 1.0
    rows = case.tables["similarity"].rows
    return next((float(row["similarity"]) for row in rows if {row["cluster_a"], row["cluster_b"]} == {a, b}), 0.0)


@pytest.mark.parametrize("method", ["fixed", "sequential"])
@law(12)
@given(case=cases(overlap=True))
def test_the_ledger_and_both_matrices_are_what_the_allocation_says(method: str, case: Draft) -> None:
    plan = case.solve(method)
    spent = plan.allocation.query("stage != 'link'")
    discount = float(str(case.settings["case"]["discount_rate"]))
    prices = case.settings["overlap"]
    expected: dict[tuple[object, ...], tuple[float, float]] = {}
    sums = {"cluster": dict[frozenset[object], float](), "funder": dict[frozenset[object], float]()}
    for by, cells in (("cluster", ["stage", "field", "year"]), ("funder", ["cluster", "stage", "field", "year"])):
        for cell, lines in spent.groupby(cells):
            amounts = lines.groupby(by)["amount"].sum()
            year = int(cell[-1])
            for a, b in combinations(amounts.index, 2):
                alike = similarity(case, a, b) if by == "cluster" else 1.0
                overlap = alike * min(amounts[a], amounts[b])
                if overlap > 0:
                    unit = float(str(prices[f"between_{by}s"])) * (1 + discount) ** -(year - FIRST_YEAR)
                    place = cell if by == "funder" else ("", *cell)
                    expected[by, frozenset((a, b)), *place] = (overlap, unit * overlap)
                    sums[by][frozenset((a, b))] = sums[by].get(frozenset((a, b)), 0.0) + overlap
    found = {}
    for line in plan.overlap_ledger.itertuples():
        key = (
            ("cluster", frozenset((line.cluster_a, line.cluster_b)), "")
            if line.between == "clusters"
            else ("funder", frozenset((line.funder_a, line.funder_b)), line.cluster_a)
        )
        found[*key, line.stage, line.field, line.year] = (line.overlap, line.penalty)
    assert set(found) == set(expected)
    for key, figures in expected.items():
        assert found[key] == near(figures), key
    summary = plan.summary()
    for by in ("cluster", "funder"):
        matrix = plan.overlap_matrix(by)
        assert (np.diag(matrix) == 0).all()
        assert (matrix.to_numpy() == matrix.to_numpy().T).all()
        assert np.triu(matrix).sum() == near(summary[f"overlap_{by}s"])
        for a, b in combinations(matrix.index, 2):
            assert matrix.loc[a, b] == near(sums[by].get(frozenset((a, b)), 0.0))
    lines = matrix_lines(plan)
    assert lines["overlap"].sum() == near(2 * (summary["overlap_clusters"] + summary["overlap_funders"]))


@law(12)
@given(case=cases(overlap=True), data=st.data())
def test_marginals_add_up_to_the_derivative_of_the_penalty(case: Draft, data: st.DataObject) -> None:
    plan = case.solve()
    ledger = plan.overlap_ledger
    lines = ledger[ledger["between"] == "funders"]
    assume(len(ledger) > 0)
    row = data.draw(st.sampled_from(list(ledger.index)))
    line = ledger.loc[row]
    solution, sets = plan.solution, plan.solution.sets
    site, funder = sets.site_pairs
    place = sets.site_at[
        sets.clusters.get_loc(line["cluster_a"]), sets.stages.get_loc(line["stage"]), sets.fields.get_loc(line["field"])
    ]
    year = sets.years.get_loc(line["year"])
    pair = np.flatnonzero((site == place) & (solution.public[:, year] > 0))[0]
    # one more unit of that funder at that site: it is a side of pairs of funders, and its cluster of pairs of clusters
    same_cell = (ledger[["stage", "field", "year"]] == line[["stage", "field", "year"]]).all(axis=1)
    marginal = 0.0
    for side in ("a", "b"):
        of_cluster = same_cell & (ledger["between"] == "clusters") & (ledger[f"cluster_{side}"] == line["cluster_a"])
        here = same_cell & (ledger["cluster_a"] == line["cluster_a"]) & ledger.index.isin(lines.index)
        of_funder = here & (ledger[f"funder_{side}"] == sets.funders[funder[pair]])
        marginal += ledger[of_cluster | of_funder][f"marginal_{side}"].sum()
    step = 1e-5
    more = solution.public.copy()
    more[pair, year] += step
    rise = true_penalty(sets, more)[2] - true_penalty(sets, solution.public)[2]
    assert rise / step == pytest.approx(marginal, abs=1e-4)


# --- ending an overlap ------------------------------------------------------------------------------------------------


def forbidden(case: Draft, line: pd.Series) -> Draft:
    """Return the case with a rule that the side named in ``stop`` spends nothing in the cell of a line."""
    where = f"stage={line['stage']}; field={line['field']}; year={line['year']}"
    if line["between"] == "clusters":
        where += f"; cluster={line['stop']}"
    else:
        where += f"; cluster={line['cluster_a']}; funder={line['stop']}"
    header = ("rule", "enabled", "where", "measure", "sense", "kind", "value", "of", "per", "price")
    rule = dict.fromkeys(header, "") | {"rule": "stop", "where": where, "sense": "at_most", "value": "0"}
    rows = case.tables["rules"].rows if "rules" in case.tables else ()
    return Draft(case.settings, {**case.tables, "rules": Table(header, (*rows, rule))})


@law(10)
@given(case=cases(overlap=True), data=st.data())
def test_solving_again_is_planning_a_case_that_forbids_it(case: Draft, data: st.DataObject) -> None:
    plan = case.solve()
    ledger = plan.overlap_ledger
    assume(len(ledger) > 0)
    row = data.draw(st.sampled_from(list(ledger.index)))
    for _, line in vc.without_overlap(plan, row).iterrows():
        other = forbidden(case, line).load().solve(method="fixed")
        assert line["possible"] == other.ok
        if other.ok:
            # the ranking of `fixed` does not depend on the plan, so the linear programs are the same
            assert line["lp_objective"] == near(other.summary()["lp_objective"] - plan.summary()["lp_objective"])
        assert line["lp_objective"] <= 1e-6 * (1 + abs(plan.objective))
        parts = line["worth"] - line["overlap_penalty"] - line["rule_price"]
        assert line["objective"] == near(parts)
        # the linear penalty is never below the true one
        attained = plan.objective + line["objective"]
        assert attained >= plan.summary()["lp_objective"] + line["lp_objective"] - 1e-6 * (1 + abs(attained))


@pytest.mark.parametrize("method", ["fixed", "sequential"])
@law(10)
@given(case=cases(overlap=True))
def test_the_cost_of_stopping_is_a_proven_lower_bound(method: str, case: Draft) -> None:
    plan = case.solve(method)
    ledger = plan.overlap_ledger
    assume(len(ledger) > 0)
    rows = list(ledger.index)[:4]
    found = vc.without_overlap(plan, rows)
    assert (ledger["stop_cost"] >= 0).all()
    for row in rows:
        line = ledger.loc[row]
        exact = found[(found["row"] == row) & (found["stop"] == line["stop"])].iloc[0]
        if exact["possible"]:
            assert -exact["lp_objective"] >= line["stop_cost"] - 1e-6 * (1 + abs(plan.objective))
        assert line["stop"] in {line["cluster_a"], line["cluster_b"], line["funder_a"], line["funder_b"]} - {""}


def test_an_overlap_that_a_rule_demands_cannot_be_ended() -> None:
    rules = "rule,where,sense,value\nfloor,cluster=a,at_least,1"
    found = vc.without_overlap(draft(priced(0.5), **{**_texts(TWO), "rules": rules}).solve(), 0)
    assert found[["stop", "possible"]].to_numpy().tolist() == [["b", True], ["a", False]]
    assert found["objective"].isna().tolist() == [False, True]


def test_the_smaller_side_is_mostly_the_cheaper_one_to_stop(tutorial_plan: vc.Plan) -> None:
    ledger = tutorial_plan.overlap_ledger
    ledger = ledger[ledger["between"] == "clusters"]
    ledger = ledger.nlargest(30, "overlap")
    found = vc.without_overlap(tutorial_plan, ledger.index).set_index(["row", "stop"])["objective"]
    rivals = [found[row].max() for row in ledger.index]
    right = [found[row, stop] >= best - 1e-9 for (row, stop), best in zip(ledger["stop"].items(), rivals, strict=True)]
    assert np.mean(right) > 0.8


def test_lines_the_ledger_has_not_are_refused(two: vc.Plan) -> None:
    for row in (1, -1, [0, 7]):
        with pytest.raises(vc.InputError, match="numbered 0 to 0"):
            vc.without_overlap(two, row)
    with pytest.raises(vc.InputError, match="region"):
        two.overlap_matrix("region")


def test_a_plan_without_overlap_has_an_empty_ledger() -> None:
    plan = draft(NO_TERMINAL).solve()
    assert plan.overlap_ledger.empty
    assert plan.overlap_ledger.columns.tolist()[-4:] == ["marginal_a", "marginal_b", "stop", "stop_cost"]
    assert plan.overlap_matrix("funder").to_numpy().tolist() == [[0.0]]
    assert plan.statistics.worst_overlaps().empty
    assert overlap_sentences(plan, Language.EN) == []
    assert vc.without_overlap(plan, []).empty
    assert plan.suggestions().empty  # nothing is done today
    assert plan.specialization[["location_quotient", "density"]].isna().to_numpy().tolist() == [[False, True]]


# --- in words ---------------------------------------------------------------------------------------------------------


def test_the_worst_pairs_are_told_in_both_languages(two: vc.Plan) -> None:
    assert overlap_sentences(two, Language.EN) == [
        "Osong and Jeju are paid for the same work: 4.0 KRW bn over the horizon, 100.0 % of all overlap between "
        "clusters; penalty 2.00 KRW bn. Most in launch, all in 2026, where Osong gets less. Stopping it there costs at "
        "least 18.00 KRW bn."
    ]
    (told,) = overlap_sentences(two, Language.KO)
    assert told.startswith(
        "오송–제주: 계획기간의 중복투자는 4.0십억원(클러스터 간 중복투자의 100.0%), 벌점은 2.00십억원"
    )
    assert told.endswith("이 중복을 없애는 데 드는 비용은 최소 18.00십억원입니다.")
    (told,) = overlap_sentences(FUNDED.solve(), Language.EN)
    assert told == (
        "msit and mohw both pay for the same work: 4.0 KRW bn over the horizon, 100.0 % of all overlap between "
        "funders; penalty 1.20 KRW bn. Most at a, launch, all in 2026, where mohw pays less."
    )


def test_the_worst_pairs_are_those_of_the_matrix(tutorial_plan: vc.Plan) -> None:
    worst = tutorial_plan.statistics.worst_overlaps(3)
    for by in ("cluster", "funder"):
        matrix = tutorial_plan.overlap_matrix(by)
        lines = worst[worst["between"] == f"{by}s"]
        assert [matrix.loc[line.a, line.b] for line in lines.itertuples()] == near(lines["overlap"].tolist())
        cells = np.sort(np.triu(matrix).ravel())[::-1]
        assert lines["overlap"].tolist() == near(cells[: len(lines)].tolist())
        assert (lines["share"] <= 1).all()


def test_names_stand_for_keys_in_ledger_and_matrix(two: vc.Plan) -> None:
    shown = named_ledger(two.overlap_ledger, Names(two.case, Language.KO))
    assert shown[["클러스터 A", "클러스터 B", "중단 대상"]].to_numpy().tolist() == [["오송", "제주", "오송"]]
    matrix = named_matrix(two, "cluster", Language.EN)
    assert matrix.columns.tolist() == ["Cluster", "Osong", "Jeju"]  # Daegu overlaps with nobody
    assert matrix.to_numpy().tolist() == [["Osong", 0.0, near(4)], ["Jeju", near(4), 0.0]]


def test_a_run_holds_ledger_matrix_and_suggestions(two: vc.Plan, tmp_path: Path) -> None:
    two.save(tmp_path / "run")
    ledger = pd.read_csv(tmp_path / "run" / "overlap.csv")
    assert ledger.columns.tolist()[:13] == [
        "between", "cluster_a", "cluster_b", "funder_a", "funder_b", "stage", "field", "year",
        "amount_a", "amount_b", "similarity", "overlap", "penalty",
    ]  # fmt: skip
    assert ledger["stop"].tolist() == ["a"]
    lines = pd.read_csv(tmp_path / "run" / "overlap_matrix.csv")
    pivot = lines[lines["between"] == "clusters"].pivot_table(index="a", columns="b", values="overlap")
    assert (pivot.loc["a", "b"], pivot.loc["b", "a"], pivot.loc["a", "c"]) == near((4, 4, 0))
    for name in ("suggestions", "concentration"):
        assert (tmp_path / "run" / f"{name}.csv").exists()
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "<li>Osong and Jeju are paid for the same work" in page
    assert '<td>Jeju</td><td class="n">4.0</td>' in page
