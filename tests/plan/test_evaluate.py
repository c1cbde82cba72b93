"""Hand-made allocations: what they achieve, what they break, what of them cannot be used.

Cases here are small enough to follow by hand; laws hold on drawn ones.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from tests.conftest import REFERENCE
from tests.strategies import Draft, cases, draft, law, near, table


def rows(text: str) -> pd.DataFrame:
    """Return a table written in a test as a frame."""
    written = table(text)
    return pd.DataFrame(list(written.rows), columns=list(written.header))


def evaluate(case: Draft, text: str) -> vc.Evaluation:
    return case.load().evaluate(rows(text))


def broken(evaluation: vc.Evaluation, *labels: str) -> list[tuple[object, ...]]:
    """Return the limits broken that people decide: family, labels, given, limit and excess."""
    frame = evaluation.broken
    frame = frame[frame["counted"] != "physical"]
    columns = ["family", *labels, "given", "limit", "excess"]
    return [tuple(line) for line in frame[columns].itertuples(index=False)]


# one site, four starts a year at 2 each, of which three quarters become launches worth 10; 100 a year to spend
ONE = draft(
    stages="stage,cost,success_rate\nlaunch,2,0.75",
    fields="field,value\ndrug,10",
    sites="cluster,stage,field,capacity,backlog\na,launch,drug,4,9",
)


def test_money_above_capacity_is_left_over() -> None:
    # 4 starts take 8 of the 20 and launch 3, worth 30; the case's own optimum does the same. 5 of 9 projects stay; a
    # project waiting is worth 0.75 * 10 - 2 = 5.5
    evaluation = evaluate(ONE, "cluster,stage,field,year,amount\na,launch,drug,2026,20")
    summary = evaluation.summary()
    assert (summary["given"], summary["spend"], summary["unused"]) == near((20, 8, 12))
    assert summary["worth_launches"] == near(30)
    assert summary["objective"] == near(30 + 5 * 5.5)
    assert evaluation.efficiency == near(1)
    line = evaluation.unused.iloc[0]
    assert str(line["reason"]) == "the site is at full capacity"
    physical = evaluation.broken
    assert list(physical["counted"]) == ["physical"]
    assert physical.iloc[0][["family", "given", "limit", "excess"]].tolist() == ["capacity", 20, near(8), near(12)]
    assert broken(evaluation) == []


def test_money_without_projects_is_left_over() -> None:
    # 9 projects wait: 4 start in 2026 and 4 in 2027, for sooner is worth more; 2028 has one
    case = draft(
        {"case": {"discount_rate": 0.1}},
        years=3,
        stages="stage,cost,success_rate\nlaunch,2,0.75",
        fields="field,value\ndrug,10",
        sites="cluster,stage,field,capacity,backlog\na,launch,drug,4,9",
    )
    evaluation = evaluate(
        case, "cluster,stage,field,year,amount\na,launch,drug,2026,8\na,launch,drug,2027,8\na,launch,drug,2028,8"
    )
    assert evaluation.table["used"].tolist() == near([8, 8, 2])
    assert [str(reason) for reason in evaluation.unused["reason"]] == ["no project is waiting there"]


def test_what_people_decide_is_measured_and_not_enforced() -> None:
    # the budget is 5 and the rule admits 3, but 8 are given and used: the plan reaches 2.5 starts less
    case = ONE.with_rows("budget", [{"year": "2026", "amount": "5"}])
    case = replace(case, tables={**case.tables, "rules": table("rule,sense,value\ncap,at_most,3")})
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,drug,2026,8")
    assert broken(evaluation) == [("budget", 8, 5, near(3)), ("rules", near(8), 3, near(5))]
    assert evaluation.summary()["worth_launches"] == near(30)
    assert evaluation.efficiency is not None
    assert evaluation.efficiency > 1


def test_a_budget_may_be_carried_over_before_it_is_broken() -> None:
    # half of 2026's 10 may be carried: 5 of the 7 left. So 2027 has 15, and 16 break it by 1
    settings = {"funding": {"carry_over": 0.5}}
    case = draft(settings, years=2, budget="year,amount\n2026,10\n2027,10")
    evaluation = evaluate(case, "cluster,stage,year,amount\na,launch,2026,3\na,launch,2027,16")
    assert broken(evaluation, "funder", "year") == [("budget", "national", 2027, 16, near(15), near(1))]


def test_money_outside_a_mandate_is_used_and_named() -> None:
    case = draft(
        stages="stage,cost,success_rate\nwork,1,1\nlaunch,1,1",
        sites="cluster,stage,capacity,backlog\na,work,9,9\na,launch,9,9",
        budget="funder,year,amount\nm,2026,50\nn,2026,50",
        mandates="funder,stage\nm,work",
    )
    evaluation = evaluate(case, "funder,cluster,stage,year,amount\nm,a,launch,2026,4\nn,a,launch,2026,5")
    assert broken(evaluation, "funder", "stage") == [("mandate", "m", "launch", 4, 0, 4)]
    assert evaluation.summary()["launches"] == near(9)
    assert evaluation.summary()["unused"] == near(0)


def test_a_stage_left_open_goes_where_the_mandate_admits_it() -> None:
    case = draft(
        stages="stage,cost,success_rate\nwork,1,1\nlaunch,1,1",
        sites="cluster,stage,capacity,backlog\na,work,9,9\na,launch,9,9",
        budget="funder,year,amount\nm,2026,50",
        mandates="funder,stage\nm,work",
    )
    evaluation = evaluate(case, "funder,cluster,stage,year,amount\nm,a,,2026,12")
    assert broken(evaluation) == []
    assert evaluation.use.allocation[["stage", "amount"]].to_numpy().tolist() == [["work", near(9)]]
    assert str(evaluation.unused.iloc[0]["reason"]) == "the site is at full capacity"


def test_a_field_left_open_goes_where_it_is_worth_most() -> None:
    # 10 for any field: device launches are worth 3, drugs 5, of which there is room for 6
    case = draft(
        fields="field,value\ndrug,5\ndevice,3",
        sites="cluster,stage,field,capacity,backlog\na,launch,drug,6,9\na,launch,device,9,9",
    )
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,,2026,10\na,launch,device,2026,2")
    spent = evaluation.use.allocation.set_index("field")["amount"]
    assert spent["drug"] == near(6)
    assert spent["device"] == near(6)
    assert evaluation.table["used"].tolist() == near([10, 2])


def test_places_and_years_that_are_none_take_nothing() -> None:
    case = draft(
        clusters="cluster\na\nb",
        sites="cluster,stage,capacity\na,launch,5",
        stages="stage,cost,success_rate\nlaunch,1,1",
    )
    evaluation = evaluate(case, "cluster,stage,year,amount\nb,launch,2026,4\na,launch,2030,7\na,link,2026,2")
    assert [str(reason) for reason in evaluation.unused["reason"]] == [
        "the case has no such site",
        "no such link costs anything, so it can take no money",
    ]
    assert evaluation.summary()["outside"] == 7
    assert evaluation.summary()["given"] == 6


def test_projects_of_several_years_need_money_in_all_of_them() -> None:
    # two years at 1 each; 2027 pays for 2 of the 4 that 2026 could begin
    case = draft(
        {"value": {"terminal_weight": 1}},
        years=2,
        stages="stage,cost,success_rate,duration\nlaunch,2,1,2",
        fields="field,value\ndrug,10",
        sites="cluster,stage,field,capacity,backlog\na,launch,drug,9,9",
    )
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,drug,2026,4\na,launch,drug,2027,2")
    assert evaluation.table["used"].tolist() == near([2, 2])
    assert "several years" in str(evaluation.unused.iloc[0]["reason"])


def test_a_rule_on_launches_is_measured_on_the_use() -> None:
    # 3 launches at least; the money makes 1.5
    case = replace(ONE, tables={**ONE.tables, "rules": table("rule,measure,sense,value\nsome,launches,at_least,3")})
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,drug,2026,4")
    assert broken(evaluation, "rule", "counted") == [("rules", "some", "as used", near(1.5), 3, near(1.5))]


def test_a_floor_met_on_paper_only_is_broken_as_used() -> None:
    # the floor of 10 is met by the 12 given, of which 8 can be used
    case = replace(ONE, tables={**ONE.tables, "rules": table("rule,sense,value\nfloor,at_least,10")})
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,drug,2026,12")
    assert broken(evaluation, "rule", "counted") == [("rules", "floor", "as used", near(8), 10, near(2))]


def test_specialisation_minima_and_niches_are_measured() -> None:
    case = draft(
        {"specialization": {"min_share": 0.6}},
        clusters="cluster,max_niches\na,1",
        fields="field\ndrug\ndevice",
        sites=(
            "cluster,stage,field,capacity,backlog,specialized,minimum\n"
            "a,launch,drug,9,9,true,0\na,launch,device,9,9,false,5"
        ),
    )
    evaluation = evaluate(case, "cluster,stage,field,year,amount\na,launch,drug,2026,3\na,launch,device,2026,4")
    assert broken(evaluation, "cluster", "field") == [
        ("specialization", "a", None, near(3), near(4.2), near(1.2)),
        ("minimum", "a", "device", near(4), 5, near(1)),
        ("max_niches", "a", None, 2, 1, 1),
    ]
    assert evaluation.summary()["spend"] == near(7)


def test_without_an_optimum_there_is_no_efficiency() -> None:
    infeasible = vc.load_case(REFERENCE / "infeasible-two-rules")
    nothing = pd.DataFrame({"cluster": [], "stage": [], "year": [], "amount": []})
    evaluation = infeasible.evaluate(nothing)
    assert evaluation.efficiency is None
    assert evaluation.summary()["optimum"] is None
    assert (evaluation.broken["family"] == "rules").any()
    assert "of the optimum" not in repr(evaluation)


def test_the_baseline_is_what_is_evaluated_where_nothing_is_named() -> None:
    case = replace(
        ONE, tables={**ONE.tables, "baseline": table("cluster,stage,field,year,amount\na,launch,drug,2026,4")}
    )
    assert case.load().evaluate().summary()["launches"] == near(1.5)
    with pytest.raises(vc.InputError, match=r"has no baseline\.csv"):
        ONE.load().evaluate()


# --- laws ----------------------------------------------------------------------------------------------------------


@law(25)
@given(drawn=cases())
def test_a_plans_own_allocation_is_worth_what_the_plan_is(drawn: Draft) -> None:
    case = drawn.load()
    plan = case.solve(method="fixed")
    if not plan.ok:
        return
    evaluation = case.evaluate(plan.allocation, against=plan)
    assert evaluation.objective == near(plan.objective)
    # a plan may break rules that have a price, and pays it; nothing else
    paid = plan.statistics.rules()["lacking"].sum() if case.has("rules") else 0.0
    assert evaluation.broken["price"].notna().all()
    assert evaluation.broken["excess"].sum() == near(paid)
    assert evaluation.unused["unused"].sum() <= 1e-6 * (1 + plan.summary()["spend"])


@law(15)
@given(drawn=cases(), factor=st.floats(0.1, 3), seed=st.randoms(use_true_random=False))
def test_what_is_used_is_part_of_what_is_given_and_totals_reconcile(
    drawn: Draft, factor: float, seed: random.Random
) -> None:
    case = drawn.load()
    plan = case.solve(method="fixed")
    if not plan.ok or plan.allocation.empty:
        return
    frame = plan.allocation
    frame["amount"] *= [factor * seed.random() for _ in range(len(frame))]
    evaluation = case.evaluate(frame, measure=False)
    lines, summary = evaluation.table, evaluation.summary()
    assert (lines["used"] + lines["unused"]).tolist() == pytest.approx(lines["given"].tolist())
    assert lines["used"].sum() == near(summary["spend"])
    assert evaluation.use.objective_parts.sum() == near(evaluation.objective)
    # more of the same money is never worth less, before overlap
    more = case.evaluate(frame.assign(amount=2 * frame["amount"]), measure=False)
    rules_met = (
        not (evaluation.broken["counted"] != "physical").any() and not (more.broken["counted"] != "physical").any()
    )
    if rules_met:
        assert more.summary()["worth"] >= summary["worth"] - 1e-6 * (1 + abs(summary["worth"]))


@law(10)
@given(drawn=cases(overlap=True))
def test_so_is_that_of_a_sequence_of_programs(drawn: Draft) -> None:
    case = drawn.load()
    plan = case.solve(method="sequential")
    if plan.ok:
        assert case.evaluate(plan.allocation, against=plan).objective == near(plan.objective)


def test_so_is_that_of_whole_decisions() -> None:
    # a minimum of 3 at b keeps 2 of the money from it; one niche a cluster
    case = draft(
        {"overlap": {"between_clusters": 0.1}},
        clusters="cluster,max_niches\na,1\nb,1",
        fields="field,value\ndrug,5\ndevice,4",
        stages="stage,cost,success_rate\nlaunch,1,1",
        sites=(
            "cluster,stage,field,capacity,backlog,minimum\na,launch,drug,6,9,2\na,launch,device,6,9,0\n"
            "b,launch,drug,3,9,3\nb,launch,device,2,9,1"
        ),
        budget="year,amount\n2026,8",
    ).load()
    plan = case.solve()
    evaluation = case.evaluate(plan.allocation, against=plan)
    assert evaluation.objective == near(plan.objective)
    assert evaluation.broken.empty
    assert evaluation.unused.empty


def test_the_use_has_no_prices() -> None:
    evaluation = evaluate(ONE, "cluster,stage,field,year,amount\na,launch,drug,2026,20")
    with pytest.raises(vc.SolveError, match="no shadow price"):
        _ = evaluation.use.sensitivity.constraints


# --- tables --------------------------------------------------------------------------------------------------------


def test_an_evaluation_reads_what_runs_and_planners_write(
    tutorial: vc.Case, tutorial_plan: vc.Plan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("배분")
    tutorial_plan.save(folder / "run")
    tutorial_plan.allocation[["funder", "cluster", "partner", "stage", "field", "year", "amount"]].to_csv(
        folder / "엑셀.csv", index=False, encoding="utf-8-sig"
    )
    tutorial_plan.to_excel(folder / "계획.xlsx", "ko")
    run = folder / "run"
    for path in (run / "allocation.csv", run / "plan.xlsx", folder / "계획.xlsx", folder / "엑셀.csv"):
        assert tutorial.evaluate(path, against=tutorial_plan).objective == near(tutorial_plan.objective)


def test_an_evaluation_is_written_in_words(tutorial: vc.Case, tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    frame = tutorial_plan.allocation.assign(amount=lambda lines: 2 * lines["amount"])
    evaluation = tutorial.evaluate(frame, against=tutorial_plan)
    book = CalamineWorkbook.from_path(evaluation.to_excel(tmp_path / "evaluation.xlsx", "ko"))
    assert book.sheet_names[2] == "위반한 한도"
    assert "가득" in str(book.get_sheet_by_name("배분 내역").to_python())
    assert "Objective of the optimum" in evaluation._repr_html_()
