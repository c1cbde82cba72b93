"""Specialisation by hand: location quotients, marks, and the share of money they claim."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.blocks.sets import gather
from optimizer.blocks.specialization import location_quotients, quotients, specialized
from tests.strategies import Draft, draft, near

TWO_STAGES = "stage,cost,success_rate\nresearch,1,1\nlaunch,1,1"


def shared(share: float, sites: str, **settings: object) -> Draft:
    return draft(
        {"value": {"terminal_weight": 0}, "specialization": {"min_share": share, **settings}},
        fields="field,value\ndrug,10\ndevice,1",
        sites=sites,
        budget="year,amount\n2026,8",
    )


def test_a_share_for_what_the_cluster_is_strong_in_by_hand() -> None:
    # drugs earn ten times as much, but the cluster is specialised in devices: at least a quarter of what it spends.
    # 8 of money: 6 for drugs, 2 for devices: 60 + 2. One more unit: 0.75 * 10 + 0.25 * 1 = 7.75.
    plan = shared(
        0.25,
        "cluster,stage,field,backlog,specialized\na,launch,drug,20,false\na,launch,device,20,true",
    ).solve()
    assert plan.objective == near(62)
    prices = plan.sensitivity.constraints.set_index("family")["shadow_price"]
    assert prices["budget"] == near(7.75)
    assert prices["specialization"] == near(-9)  # a unit moved to devices loses 10 - 1
    table = plan.statistics.specialization()
    assert table[["spend", "specialized_spend", "share"]].to_numpy().tolist() == [near([8, 2, 0.25])]


@pytest.mark.parametrize(("share", "objective"), [(0, 80.0), (1, 8.0)])
def test_shares_of_nothing_and_of_all(share: float, objective: float) -> None:
    sites = "cluster,stage,field,backlog,specialized\na,launch,drug,20,false\na,launch,device,20,true"
    assert shared(share, sites).solve().objective == near(objective)


def test_a_cluster_without_a_specialised_site_spends_nothing_where_a_share_is_asked() -> None:
    plan = shared(0.5, "cluster,stage,field,backlog,specialized\na,launch,drug,20,false\na,launch,device,20,").solve()
    assert plan.allocation.empty  # and without any activity all quotients are 0, below 1
    assert quotients(gather(plan.case)).tolist() == [0, 0]


def test_links_do_not_count() -> None:
    # the link's money is no site money: all of it may go there
    plan = draft(
        {"value": {"terminal_weight": 0}, "specialization": {"min_share": 1}},
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites="cluster,stage,backlog,specialized\na,research,4,true\nb,launch,,true",
        links="origin,destination,transfer_cost\na,b,5",
    ).solve()
    assert plan.objective == near(4)


def test_shares_hold_in_every_year_of_its_own() -> None:
    plan = draft(
        {"value": {"terminal_weight": 0}, "specialization": {"min_share": 0.5}},
        years=2,
        fields="field,value\ndrug,10\ndevice,1",
        sites="cluster,stage,field,inflow,specialized\na,launch,drug,9,false\na,launch,device,9,true",
        budget="year,amount\n2026,4\n2027,6",
    ).solve()
    assert plan.statistics.specialization()["share"].tolist() == near([0.5, 0.5])


MIXED = """
    cluster, stage,    field,  activity, specialized
    a,       research, drug,   3,
    a,       launch,   drug,   1,
    a,       launch,   device, 0,        true
    b,       research, drug,   1,
    b,       launch,   device, 5,        false
"""


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        # all 10: a 4, b 6
        ("niche", [(3 / 4) / (4 / 10), (1 / 4) / (1 / 10), 0, (1 / 6) / (4 / 10), (5 / 6) / (5 / 10)]),
        ("stage", [(3 / 4) / (4 / 10), (1 / 4) / (6 / 10), (1 / 4) / (6 / 10), (1 / 6) / (4 / 10), (5 / 6) / (6 / 10)]),
        ("field", [1 / (5 / 10), 1 / (5 / 10), 0, (1 / 6) / (5 / 10), (5 / 6) / (5 / 10)]),
    ],
)
def test_quotients_over_niches_stages_and_fields(by: str, expected: list[float]) -> None:
    case = draft(
        {"specialization": {"by": by, "quotient": 1}},
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        fields="field\ndrug\ndevice",
        sites=MIXED,
    )
    sets = gather(case.load())
    assert quotients(sets).tolist() == near(expected)
    marked = [value >= 1 for value in expected]
    marked[2], marked[4] = True, False  # a mark overrules the quotient, either way
    assert specialized(sets).tolist() == marked


@pytest.mark.parametrize(("quotient", "counts"), [(0.9, True), (0.9 + 5e-10, True), (0.9 + 1e-8, False), (0, True)])
def test_a_quotient_at_the_threshold_counts(quotient: float, counts: bool) -> None:
    # (0.3 / 1) / (0.2 / 0.6) with activities whose sums are not exact in binary: 0.1 + 0.2 and the like
    case = draft(
        {"specialization": {"quotient": quotient}},
        clusters="cluster\na\nb",
        stages=TWO_STAGES,
        sites="cluster,stage,activity\na,research,0.3\na,launch,0.7\nb,research,0.7\nb,launch,1.3",
    )
    sets = gather(case.load())
    assert quotients(sets)[0] == pytest.approx(0.9, abs=1e-12)
    assert specialized(sets)[0] == counts


def test_a_quotient_of_zero_asks_nothing() -> None:
    case = draft({"specialization": {"quotient": 0}}, stages=TWO_STAGES, sites="cluster,stage\na,research\na,launch")
    assert specialized(gather(case.load())).all()


def test_known_quotients_of_five_regions_and_industries() -> None:
    # the example matrix of the EconGeo documentation
    matrix = np.array(
        [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]], dtype=float
    )
    cluster, group = (index.ravel() for index in np.indices(matrix.shape))
    found = location_quotients(matrix.ravel(), cluster, group).reshape(matrix.shape)
    expected = [
        [5, 0, 0, 0, 0], [0, 0.75, 0.25, 3.5, 0.5], [0, 1, 0.5, 1, 2.5], [0, 1.25, 1.5, 0.25, 2], [0, 2, 2.75, 0.25, 0],
    ]  # fmt: skip
    assert found.tolist() == [near(row) for row in expected]
