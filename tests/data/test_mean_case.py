"""The mean of futures as a case: averaged cell by cell, and what has no mean stays."""

from __future__ import annotations

import optimizer as vc
from optimizer.data.changes import changed_case
from optimizer.data.mean_case import mean_case
from tests.strategies import draft, near


def test_changed_figures_are_averaged_cell_by_cell() -> None:
    case = draft(
        {"overlap": {"between_clusters": 0.2}},
        clusters="cluster,private_cap\na,\nb,10",
        sites="cluster,stage,field,capacity\na,launch,all,4\nb,launch,all,",
    ).load()
    futures = [
        changed_case(case, changes)
        for changes in (
            (vc.Change("sites", "capacity", "multiply", 2), vc.Change("case", "overlap.between_clusters", "set", 0.6)),
            (
                vc.Change("sites", "capacity", "set", 6, where="cluster=b"),
                vc.Change("stages", "success_rate", "set", 0.5),
            ),
        )
    ]
    mean = mean_case(case, futures, [0.25, 0.75])
    # 8 and 4; b is unlimited in one future only, which has no mean
    assert mean.case.table("sites")["capacity"].tolist() == near([5.0, float("inf")])
    assert mean.kept == ("sites.capacity",)
    assert mean.case.settings.overlap.between_clusters == near(0.3)
    assert mean.case.table("stages")["success_rate"].tolist() == near([0.625])
    assert mean.case.table("clusters")["private_cap"].tolist() == [float("inf"), 10]
    assert mean.case.raw.changes[-1] == "mean of 2 futures"


def test_a_column_that_only_futures_have_is_averaged_from_its_default() -> None:
    case = draft(sites="cluster,stage\na,launch").load()
    futures = [case, changed_case(case, [vc.Change("sites", "cost_factor", "set", 2)])]
    assert mean_case(case, futures, [0.5, 0.5]).case.table("sites")["cost_factor"].tolist() == [1.5]


def test_the_mean_of_one_future_is_that_future() -> None:
    case = draft().load()
    future = changed_case(case, [vc.Change("budget", "amount", "multiply", 1 / 3)])
    assert mean_case(case, [future], [1.0]).case.table("budget").equals(future.table("budget"))
