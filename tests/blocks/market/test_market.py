"""Market by hand: full value up to demand, less beyond it, later years worth less."""

from __future__ import annotations

import pytest

from tests.strategies import draft, near


def test_demand_and_saturation_by_hand() -> None:
    # 5 launches a year of which the market takes 2 at 10 and 3 at 2.5: 20 + 7.5; the second year at half its weight.
    # Demand is worth 10 - 2.5 = 7.5 more a launch.
    plan = draft(
        {"case": {"discount_rate": 1}, "value": {"saturation": 0.25, "terminal_weight": 0}},
        years=2,
        fields="field,value,demand\nall,10,2",
        sites="cluster,stage,inflow\na,launch,5",
    ).solve()
    assert plan.objective == near(27.5 * 1.5)
    market = plan.statistics.market()
    assert market["full"].tolist() == near([2, 2])
    assert market["beyond"].tolist() == near([3, 3])
    prices = plan.sensitivity.constraints.query("family == 'demand'")["shadow_price"]
    assert prices.tolist() == near([7.5, 3.75])


def test_launches_beyond_demand_without_a_worth_are_not_paid_for() -> None:
    plan = draft(
        {"value": {"terminal_weight": 0}},
        fields="field,value,demand\nall,10,2",
        sites="cluster,stage,backlog\na,launch,5",
    ).solve()
    assert (plan.objective, plan.summary()["launches"]) == (near(20), near(2))


@pytest.mark.parametrize(("demand", "worth"), [("0", 0.0), ("", 50.0)])
def test_demand_of_nothing_and_without_limit(demand: str, worth: float) -> None:
    plan = draft(
        {"value": {"terminal_weight": 0}},
        fields=f"field,value,demand\nall,10,{demand}",
        sites="cluster,stage,backlog\na,launch,5",
    ).solve()
    assert plan.objective == near(worth)


def test_demand_is_shared_by_clusters_and_kept_apart_by_fields() -> None:
    plan = draft(
        {"value": {"terminal_weight": 0}},
        clusters="cluster\na\nb",
        fields="field,value,demand\ndrug,10,3\ndevice,1,3",
        sites="""
            cluster, stage,  field,  backlog
            a,       launch, drug,   2
            b,       launch, drug,   2
            b,       launch, device, 9
        """,
    ).solve()
    assert plan.objective == near(3 * 10 + 3)


def test_without_fields_there_is_one_of_worth_one() -> None:
    plan = draft(sites="cluster,stage,backlog\na,launch,4").solve()
    assert plan.objective == near(4)
    assert plan.launches["field"].unique().tolist() == ["all"]


def test_a_field_without_a_launching_site_earns_nothing() -> None:
    plan = draft(
        fields="field,value\ndrug,10\ndevice,1", sites="cluster,stage,field,backlog\na,launch,device,4"
    ).solve()
    assert plan.objective == near(4)
