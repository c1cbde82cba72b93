"""What a planner reads: tables whose totals reconcile, whatever they are grouped by, and prices with their labels."""

from __future__ import annotations

import pandas as pd
import pytest

import optimizer as vc
from tests.strategies import Draft, draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}
LINKED = draft(
    NO_TERMINAL,
    clusters="cluster,region\na,south\nb,north",
    stages="stage,cost,success_rate,track\nresearch,1,1,early\nlaunch,1,1,late",
    fields="field,value,kind\nall,50,drug",
    sites="cluster,stage,backlog\na,research,3\nb,launch,",
    links="origin,destination,transfer_cost\na,b,2",
)  # 3 for research at a, 3 * 2 for the link into b, 3 for launches at b


@pytest.fixture(scope="module")
def linked() -> vc.Plan:
    return LINKED.solve()


# --- totals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "groupby", [None, "cluster", "region", ["stage", "year"], "field", "track", ["kind", "region"]]
)
def test_spend_adds_up_whatever_it_is_grouped_by(linked: vc.Plan, groupby: object) -> None:
    assert linked.statistics.spend(groupby)["spend"].sum() == near(12)


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        (["cluster"], ["stage"]),
        (["stage"], []),
        (["region"], ["year"]),
        (["field"], []),
        (["funder", "cluster"], ["stage"]),
        # labels that a link's money has not
        (["track"], []),
        (["cluster"], ["track"]),
        (["kind"], ["stage"]),
    ],
)
def test_pivots_add_up_also_where_links_have_no_label(linked: vc.Plan, index: list[str], columns: list[str]) -> None:
    table = linked.pivot(index=index, columns=columns)
    total = table.loc["total"] if len(index) == 1 else table.loc[("total", "")]
    assert total.iloc[-1] == near(12)
    body = table.drop(index="total")
    assert body.to_numpy()[:, : -1 if columns else None].sum() == near(12)


def test_a_pivot_of_nothing_spent_has_a_total_of_nothing() -> None:
    plan = draft(budget="year,amount\n2026,0").solve()
    assert plan.allocation.empty
    assert plan.statistics.spend()["spend"].tolist() == [0]
    assert plan.pivot(index=["cluster"]).loc["total"].tolist() == [0]


def test_rows_of_pivots_follow_the_tables_of_the_case() -> None:
    plan = draft(
        NO_TERMINAL, clusters="cluster\nz\nb\na", sites="cluster,stage,backlog\na,launch,1\nb,launch,2\nz,launch,3"
    ).solve()
    assert plan.pivot(index=["cluster"]).index.tolist() == ["z", "b", "a", "total"]


@pytest.mark.parametrize("name", ["colour", "tranche"])
def test_an_unknown_label_is_named(linked: vc.Plan, name: str) -> None:
    with pytest.raises(vc.InputError, match=name):
        linked.statistics.spend(name)
    with pytest.raises(vc.InputError, match=name):
        linked.pivot(index=[name])
    with pytest.raises(vc.InputError, match="at least one label"):
        linked.pivot(index=[])


# --- attributes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["amount", "baseline", "change", "spend", "launches", "starts", "overlap"])
def test_a_free_attribute_may_bear_any_name_that_is_not_refused(name: str) -> None:
    # either the case is refused with an address, or the attribute works as any other
    case = draft(
        NO_TERMINAL, clusters=f"cluster,{name}\na,x\nb,y", sites="cluster,stage,backlog\na,launch,1\nb,launch,2"
    )
    try:
        plan = case.solve()
    except vc.CaseError as refused:
        assert name in str(refused)  # noqa: PT017
        return
    assert plan.statistics.spend(name).set_index(name)["spend"].to_dict() == near({"x": 1.0, "y": 2.0})
    assert plan.statistics.launches(name)["launches"].sum() == near(3)


@pytest.mark.parametrize("name", ["slack", "shadow_price", "status", "final_value", "rhs"])
def test_rules_may_be_told_apart_by_any_attribute_that_is_not_refused(name: str) -> None:
    case = draft(
        NO_TERMINAL,
        clusters=f"cluster,{name}\na,x\nb,y",
        rules=f"rule,sense,value,per\nr,at_most,5,{name}",
    )
    try:
        table = case.solve().sensitivity.constraints
    except vc.CaseError as refused:
        assert name in str(refused)  # noqa: PT017
        return
    assert len(table.query("family == 'rules'")) == 2
    assert list(table.columns).count(name) == 1


def test_statistics_and_rules_read_a_column_from_the_same_table() -> None:
    # clusters.csv has no column `name`, so the one of stages.csv is meant, in rules and in statistics
    plan = draft(
        NO_TERMINAL,
        stages="stage,name,cost,success_rate\nlaunch,Market entry,1,1",
        sites="cluster,stage,backlog\na,launch,4",
        rules="rule,where,sense,value,per\nr,name=Market entry,at_most,3,name",
    ).solve()
    rows = plan.sensitivity.constraints.query("family == 'rules'")
    assert rows["name"].tolist() == ["Market entry"]
    assert plan.statistics.spend("name")["name"].tolist() == ["Market entry"]


# --- tables ----------------------------------------------------------------------------------------------------------


def test_tables_are_copies(linked: vc.Plan) -> None:
    for read in (
        lambda: linked.allocation,
        lambda: linked.pipeline,
        lambda: linked.launches,
        lambda: linked.overlap_ledger,
    ):
        table = read()
        kept = table.copy()
        table.iloc[:, 0] = "changed"
        pd.testing.assert_frame_equal(read(), kept)


def test_the_sensitivity_tables_are_copies(linked: vc.Plan) -> None:
    table = linked.sensitivity.constraints
    kept = table.copy()
    table["shadow_price"] = -1.0
    pd.testing.assert_frame_equal(linked.sensitivity.constraints, kept)


def test_tables_carry_their_unit(linked: vc.Plan) -> None:
    assert linked.allocation.attrs["unit"] == "KRW bn"
    assert linked.overlap_ledger.attrs["unit"] == "KRW bn"
    assert linked.pipeline.attrs["unit"] == "projects"
    assert linked.pivot(index=["cluster"]).attrs["unit"] == "KRW bn"


def with_baseline(text: str) -> Draft:
    return Draft(LINKED.settings, {**LINKED.tables, "baseline": draft(baseline=text).tables["baseline"]})


def test_allocation_stands_beside_todays() -> None:
    plan = with_baseline(
        "cluster,stage,field,year,amount\na,research,all,2026,5\nb,research,all,2026,2\na,research,all,2019,9"
    ).solve()
    table = plan.allocation.set_index(["cluster", "stage"])
    assert table["baseline"].to_dict() == near(
        {("a", "research"): 5.0, ("b", "research"): 2.0, ("b", "link"): 0.0, ("b", "launch"): 0.0}
    )
    assert table["change"].to_dict() == near(
        {("a", "research"): -2.0, ("b", "research"): -2.0, ("b", "link"): 6.0, ("b", "launch"): 3.0}
    )


def test_changes_of_links_reconcile_with_todays_money_of_their_destination() -> None:
    # today's table knows no origin, so its 4 may stand in a line of their own; together they are a change of 2
    table = with_baseline("cluster,stage,field,year,amount\nb,link,,2026,4").solve().allocation
    links = table.query("stage == 'link'")
    assert links[["amount", "baseline", "change"]].sum().tolist() == near([6, 4, 2])


# --- prices ----------------------------------------------------------------------------------------------------------


def test_variables_are_told_apart_by_their_labels() -> None:
    # a row for every stage beside one for research: two links of the same clusters, each with money of its own
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
        sites="cluster,stage,backlog\na,research,4\nb,launch,",
        links="origin,destination,stage,retention,capacity\na,b,,1,1\na,b,research,0.5,2",
    ).solve()
    table = plan.sensitivity.variables
    labels = table.drop(
        columns=["final_value", "reduced_cost", "objective_coefficient", "allowable_increase", "allowable_decrease"]
    )
    assert not labels.duplicated().any()


def test_every_row_is_told_apart_by_its_labels(linked: vc.Plan) -> None:
    table = linked.sensitivity.constraints
    labels = table.loc[:, :"final_value"].drop(columns="final_value")
    assert not labels.duplicated().any()


def test_a_price_is_the_derivative_of_the_programs_objective() -> None:
    step = 0.01

    def objective(amount: float) -> float:
        return float(
            draft(
                NO_TERMINAL,
                fields="field,value\nall,7",
                sites="cluster,stage,backlog\na,launch,50",
                budget=f"year,amount\n2026,{amount}",
            ).solve().summary()["lp_objective"]
        )  # fmt: skip

    plan = draft(
        NO_TERMINAL,
        fields="field,value\nall,7",
        sites="cluster,stage,backlog\na,launch,50",
        budget="year,amount\n2026,10",
    ).solve()
    price = plan.sensitivity.constraints.set_index("family").loc["budget", "shadow_price"]
    assert price == near((objective(10 + step) - objective(10)) / step)
