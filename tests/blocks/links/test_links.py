"""Links by hand: what arrives, what a link can carry, what it costs, and which links there are."""

from __future__ import annotations

import pytest

from optimizer.compiler import compile_case
from tests.strategies import draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}
TWO_STAGES = "stage,cost,success_rate\nresearch,1,1\nlaunch,1,1"
THREE_STAGES = "stage,cost,success_rate\nresearch,1,1\ntrial,1,1\nlaunch,1,1"
APART = "cluster,stage,backlog\na,research,4\nb,launch,"


def test_a_link_between_clusters_by_hand() -> None:
    # 2 of the 4 projects pass in the year, half of them arrive: 1 launch, worth 10.
    # Money: 2 research starts, 2 transfers at 1.5, 1 launch: 2 + 3 + 1 = 6.
    # One more place on the link: half a launch, 5.
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        fields="field,value\nall,10",
        sites=APART,
        links="origin,destination,retention,capacity,transfer_cost\na,b,0.5,2,1.5",
    ).solve()
    assert plan.objective == near(10)
    assert plan.summary()["spend"] == near(6)
    prices = plan.sensitivity.constraints.set_index("family")["shadow_price"]
    assert prices["link_capacity"] == near(5)
    link = plan.allocation[plan.allocation["stage"] == "link"].iloc[0]
    assert (link["cluster"], link["partner"], link["field"], link["amount"]) == ("b", "a", "", near(3))


def test_without_a_link_nothing_reaches_another_cluster() -> None:
    plan = draft(NO_TERMINAL, clusters="cluster\na\nb", stages=TWO_STAGES, sites=APART).solve()
    assert plan.objective == 0


def test_what_is_not_passed_on_is_lost() -> None:
    # 2027 could launch what 2026 finished if that were kept: the link carries 1 a year of the 4 finished in 2026
    plan = draft(
        NO_TERMINAL,
        years=2,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links="origin,destination,capacity\na,b,1",
        budget="year,amount\n2026,100\n2027,1",
    ).solve()
    # so the second project must be begun in 2027, and 1 of money is not enough to begin and launch it
    assert plan.objective == near(1.5)


def test_two_rows_of_the_same_clusters_are_two_links() -> None:
    # the row for every stage carries 1 whole project, the row for research 2 of which half arrive: 2 in all
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links="origin,destination,stage,retention,capacity\na,b,,1,1\na,b,research,0.5,2",
    ).solve()
    assert plan.objective == near(2)
    rows = plan.sensitivity.constraints.query("family == 'link_capacity'")
    assert rows["final_value"].tolist() == near([1, 2])
    assert rows["stage"].isna().tolist() == [True, False]


def test_a_row_for_one_stage_of_a_link_inside_a_cluster_leaves_the_others_as_they_are() -> None:
    # research -> trial keeps half, trial -> launch keeps all by default: 4 -> 2 -> 2
    plan = draft(
        NO_TERMINAL,
        stages=THREE_STAGES,
        sites="cluster,stage,backlog\na,research,4\na,trial,\na,launch,",
        links="origin,destination,stage,retention\na,a,research,0.5",
    ).solve()
    assert plan.objective == near(2)


def test_a_row_for_every_stage_replaces_all_links_inside_its_cluster() -> None:
    # half is lost at either step: 4 -> 2 -> 1; the other cluster keeps all
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages=THREE_STAGES,
        sites="""
            cluster, stage, backlog
            a, research, 4
            a, trial,
            a, launch,
            b, research, 4
            b, trial,
            b, launch,
        """,
        links="origin,destination,retention\na,a,0.5",
    ).solve()
    assert plan.launches.set_index("cluster")["launches"].to_dict() == near({"a": 1.0, "b": 4.0})


def test_a_row_for_every_stage_beside_one_for_a_stage_inside_a_cluster() -> None:
    # both lead on: the better one takes its 1, the other the rest at half
    plan = draft(
        NO_TERMINAL,
        stages=TWO_STAGES,
        sites="cluster,stage,backlog\na,research,5\na,launch,",
        links="origin,destination,stage,retention,capacity\na,a,,0.5,\na,a,research,1,1",
    ).solve()
    assert plan.objective == near(1 + 2)


def test_capacity_is_shared_by_stages_and_fields() -> None:
    # 3 places for research -> trial and trial -> launch of two fields: a launch takes two places
    plan = draft(
        NO_TERMINAL,
        stages=THREE_STAGES,
        fields="field,value\ndrug,1\ndevice,2",
        links="origin,destination,capacity\na,a,3",
    ).solve()
    assert plan.objective == near(1.5 * 2)


def test_a_link_that_can_carry_nothing_is_left_out() -> None:
    case = draft(
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites="cluster,stage,backlog\na,research,4\na,launch,",
        links="origin,destination,capacity,transfer_cost,expansion_cost,expansion_limit\na,b,1,1,1,1\nb,a,1,1,1,1",
    )
    program = compile_case(case.load())
    for family in ("link_capacity", "link_money", "link_expansion_limit"):
        assert len(program.rows.positions(family)) == 0
        assert family in program.absences
    assert len(program.columns.positions("link_expansion")) == 0


@pytest.mark.parametrize(("limit", "launches"), [("", 2.0), ("0.5", 0.5)])
def test_bought_capacity_of_a_link_is_usable_from_the_next_year_on(limit: str, launches: float) -> None:
    plan = draft(
        NO_TERMINAL,
        years=2,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links=f"origin,destination,capacity,expansion_cost,expansion_limit\na,b,0,3,{limit}",
        budget="year,amount\n2026,6\n2027,100",
    ).solve()
    assert plan.objective == near(launches)
    # what is bought is spent on the link in 2026
    bought = plan.allocation.query("stage == 'link'")
    assert bought[["year", "amount"]].to_numpy().tolist() == [[2026, near(3 * launches)]]


def test_a_link_without_a_limit_cannot_be_expanded() -> None:
    case = draft(
        years=2,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links="origin,destination,expansion_cost\na,b,3",
    )
    assert len(compile_case(case.load()).columns.positions("link_expansion")) == 0


@pytest.mark.parametrize(("retention", "capacity"), [("0", ""), ("1", "0")])
def test_a_link_that_keeps_or_carries_nothing(retention: str, capacity: str) -> None:
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links=f"origin,destination,retention,capacity\na,b,{retention},{capacity}",
    ).solve()
    assert plan.objective == 0


def test_a_costly_link_that_nobody_may_fund_carries_nothing() -> None:
    case = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites=APART,
        links="origin,destination,transfer_cost\na,b,1",
        mandates="funder,cluster,stage,field\nnational,,research,\nnational,,launch,",
    )
    assert case.solve().objective == 0


def test_one_stage_has_no_links() -> None:
    program = compile_case(draft().load())
    assert {"handoff", "link_capacity", "link_money"} <= set(program.absences)
