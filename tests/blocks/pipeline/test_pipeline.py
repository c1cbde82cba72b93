"""Pipeline by hand: when starts are paid and finish, what waits, what capacity costs, what is worth something later."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.compiler import compile_case
from tests.strategies import draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}
TWO_STAGES = "stage,cost,success_rate\nresearch,1,0.5\nlaunch,1,1"


def starts(plan: object) -> list[float]:
    return plan.pipeline["starts"].tolist()


def test_a_duration_of_one_and_a_half_years_by_hand() -> None:
    # A start costs 3: 2 in its year (1 of 1.5 years) and 1 in the next, and half of the starts finish after one year,
    # half after two. Capacity 2 a year: the starts of 2026 bring 2 * 0.5 = 1 launch in all, those of 2027 half of that
    # before the horizon ends, those of 2028 none, so none is begun. Worth 100 * (1 + 0.5) = 150.
    # Paid: 2026 2*2 = 4; 2027 2*1 + 2*2 = 6; 2028 2*1 = 2.
    plan = draft(
        NO_TERMINAL,
        years=3,
        stages="stage,cost,success_rate,duration\nlaunch,3,0.5,1.5",
        fields="field,value\nall,100",
        sites="cluster,stage,capacity,backlog\na,launch,2,10",
    ).solve()
    assert plan.objective == near(150)
    assert starts(plan) == near([2, 2, 0])
    assert plan.launches["launches"].tolist() == near([0, 0.5, 1])
    assert plan.statistics.spend("year")["spend"].tolist() == near([4, 6, 2])


def test_a_duration_of_half_a_year_is_paid_at_once_and_finishes_in_two_halves() -> None:
    # 4 starts at 3 in 2026: 12 paid in 2026, 2 launches in 2026 and 2 in 2027, worth 10 each
    plan = draft(
        NO_TERMINAL,
        years=2,
        stages="stage,cost,success_rate,duration\nlaunch,3,1,0.5",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog\na,launch,4",
    ).solve()
    assert plan.objective == near(40)
    assert plan.launches["launches"].tolist() == near([2, 2])
    assert plan.statistics.spend("year")["spend"].tolist() == near([12])


@pytest.mark.parametrize("duration", [1, 2])
def test_whole_durations_finish_in_one_year(duration: int) -> None:
    plan = draft(
        NO_TERMINAL,
        years=3,
        stages=f"stage,cost,success_rate,duration\nlaunch,6,1,{duration}",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog,capacity\na,launch,5,1",
    ).solve()
    launches = plan.launches["launches"].tolist()
    assert launches == near([0.0] * duration + [1.0] * (3 - duration))
    # a start is paid in equal parts over its years; the last ones come too late to be begun at all
    begun = 3 - duration
    assert plan.summary()["spend"] == near(6 * begun)


def test_what_ends_after_the_horizon_by_hand() -> None:
    # r = 1/4, so weights are 1, 0.8, 0.64. A start of 2 years costs 10: 5 now, 5 next year, which is after the horizon.
    # Begun: 0.5 * (0.64*100 - 0.8*5) = 0.5 * 60 = 30. Left waiting: R = -10*(0.5 + 0.5*0.8) + 0.64*100 = 55,
    # worth 0.5 * 0.8 * 55 = 22. With money for 0.8 starts: 0.8*30 + 1.2*22 = 50.4; a unit of money lifts a fifth of a
    # project from 22 to 30: 1.6.
    case = draft(
        {"case": {"discount_rate": 0.25}, "value": {"terminal_weight": 0.5}},
        stages="stage,cost,success_rate,duration\nlaunch,10,1,2",
        fields="field,value\nall,100",
        sites="cluster,stage,backlog\na,launch,2",
        budget="year,amount\n2026,4",
    )
    plan = case.solve()
    assert plan.objective == near(50.4)
    assert starts(plan) == near([0.8])
    assert plan.pipeline["backlog"].tolist() == near([1.2])
    prices = plan.sensitivity.constraints.set_index("family")["shadow_price"]
    assert prices["budget"] == near(1.6)
    assert prices["backlog"] == near(22)


def test_a_duration_beyond_the_horizon_is_worth_nothing_without_a_terminal_weight() -> None:
    plan = draft(
        NO_TERMINAL,
        years=2,
        stages="stage,cost,success_rate,duration\nlaunch,1,1,7.5",
        fields="field,value\nall,100",
        sites="cluster,stage,backlog\na,launch,2",
    ).solve()
    assert plan.objective == 0
    assert plan.allocation.empty


def test_a_project_worth_less_than_it_costs_counts_as_worth_nothing() -> None:
    # launch: -20 + 0.5*10 < 0, so what waits for it is worth 0, not less, and so is what waits before it
    plan = draft(
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,20,0.5",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog\na,research,3\na,launch,2",
        budget="year,amount\n2026,0",
    ).solve()
    assert plan.objective == 0


def test_decay_holds_from_the_first_year_on() -> None:
    # of 10 waiting projects 8 are left in 2026; 4 can start, 4 wait; of these 3.2 are left in 2027
    plan = draft(
        NO_TERMINAL,
        years=2,
        stages="stage,cost,success_rate,decay\nlaunch,1,1,0.2",
        sites="cluster,stage,capacity,backlog\na,launch,4,10",
    ).solve()
    assert plan.objective == near(7.2)
    assert starts(plan) == near([4, 3.2])
    assert plan.pipeline["backlog"].tolist() == near([4, 0])


def test_a_decay_of_one_leaves_only_what_comes_in() -> None:
    plan = draft(
        NO_TERMINAL,
        years=2,
        stages="stage,cost,success_rate,decay\nlaunch,1,1,1",
        sites="cluster,stage,backlog,inflow\na,launch,10,2",
    ).solve()
    assert starts(plan) == near([2, 2])


def test_feedback_into_the_first_stage_within_the_year() -> None:
    # each success gives rise to half a project in the same year: W = 3 + W/2, so 6 starts out of 3 projects
    plan = draft(
        NO_TERMINAL,
        stages="stage,cost,success_rate,feedback\nlaunch,1,1,0.5",
        sites="cluster,stage,backlog\na,launch,3",
    ).solve()
    assert plan.objective == near(6)


def test_feedback_of_a_later_stage_starts_the_chain_again() -> None:
    # year 1: 4 research, 2 successes (0.5 each) launch and bring 2 ideas; those of year 1 start in year 1 as well:
    # W = 4 + 1*0.5*W, so 8 starts and 4 launches with no delay anywhere
    plan = draft(
        NO_TERMINAL,
        stages="stage,cost,success_rate,feedback\nresearch,1,0.5,0\nlaunch,1,1,1",
        sites="cluster,stage,backlog\na,research,4\na,launch,",
    ).solve()
    assert starts(plan) == near([8, 4])


def test_ideas_are_lost_where_the_cluster_has_no_first_stage() -> None:
    plan = draft(
        NO_TERMINAL,
        stages="stage,cost,success_rate,feedback\nresearch,1,1,0\nlaunch,1,1,5",
        sites="cluster,stage,backlog\na,launch,4",
    ).solve()
    assert plan.objective == near(4)


def test_capacity_of_zero_admits_nothing() -> None:
    plan = draft(NO_TERMINAL, sites="cluster,stage,capacity,backlog\na,launch,0,5").solve()
    assert plan.objective == 0
    row = plan.sensitivity.constraints.set_index("family").loc["capacity"]
    assert (row["rhs"], row["final_value"], row["status"]) == (0, 0, "binding")
    assert row["shadow_price"] == near(1)


def test_an_unlimited_capacity_cannot_be_expanded() -> None:
    case = draft(NO_TERMINAL, years=2, sites="cluster,stage,backlog,expansion_cost\na,launch,5,0.5")
    program = compile_case(case.load())
    assert len(program.columns.positions("expansion")) == 0
    assert "expansion_limit" in program.absences
    assert case.solve().summary()["spend"] == near(5)


@pytest.mark.parametrize(("limit", "expected"), [("", 2.0), ("1.5", 1.5), ("0", 0.0)])
def test_bought_capacity_is_usable_from_the_next_year_on(limit: str, expected: float) -> None:
    # no capacity in 2026; 4 of money buy 2 starts a year at 2 each, usable in 2027
    plan = draft(
        NO_TERMINAL,
        years=2,
        sites=f"cluster,stage,capacity,backlog,expansion_cost,expansion_limit\na,launch,0,5,2,{limit}",
        budget="year,amount\n2026,4\n2027,4",
    ).solve()
    assert plan.objective == near(expected)
    assert starts(plan) == near([0, expected])
    assert plan.statistics.spend()["spend"].tolist() == near([3 * expected])


def test_nothing_is_bought_in_a_horizon_of_one_year() -> None:
    plan = draft(sites="cluster,stage,capacity,backlog,expansion_cost\na,launch,1,5,2").solve()
    assert plan.summary()["spend"] == near(1)


def test_tranches_cost_more_towards_full_capacity() -> None:
    # capacity 4: the first 2 starts cost 1, the next 2 cost 2; 4 of money pay for 2 + 1 starts, a unit more for half a
    # start
    plan = draft(
        {**NO_TERMINAL, "diminishing_returns": {"tranches": [[0.5, 1], [0.5, 2]]}},
        fields="field,value\nall,10",
        sites="cluster,stage,capacity,backlog\na,launch,4,9",
        budget="year,amount\n2026,4",
    ).solve()
    assert plan.objective == near(30)
    prices = plan.sensitivity.constraints.set_index(["family", "tranche"])["shadow_price"]
    assert prices["budget"].tolist() == near([5])
    assert prices["capacity", 0] == near(5)  # a start in the cheap tranche frees 1 of money, worth 5
    assert prices["capacity", 1] == near(0)


def test_tranches_of_an_unlimited_capacity() -> None:
    # a tranche without a share admits nothing; the others, of an unlimited capacity, are unlimited
    plan = draft(
        {**NO_TERMINAL, "diminishing_returns": {"tranches": [[0, 1], [0.5, 2], [0.5, 3]]}},
        sites="cluster,stage,backlog\na,launch,9",
        budget="year,amount\n2026,8",
    ).solve()
    assert plan.objective == near(4)


def test_tranches_share_what_is_bought() -> None:
    # 1 + 1 bought: 1.5 * 2 starts in the cheap tranche at 1, 0.25 * 2 at 4; 2027 has 3 of money: 1.5 + 1.5/4
    plan = draft(
        {**NO_TERMINAL, "diminishing_returns": {"tranches": [[0.75, 1], [0.25, 4]]}},
        years=2,
        sites="cluster,stage,capacity,backlog,expansion_cost,expansion_limit\na,launch,1,50,0.5,1",
        budget="year,amount\n2026,0.5\n2027,3",
    ).solve()
    # 2026: half a unit of money either buys one start a year or starts half a project
    assert plan.objective == near(1.5 + 1.5 / 4)


def test_without_sites_every_niche_exists_and_the_first_stage_never_lacks_projects() -> None:
    # x research starts and x/2 launches for 9 of money: x = 6, 3 launches
    case = draft(NO_TERMINAL, clusters="cluster\na\nb", stages=TWO_STAGES, budget="year,amount\n2026,9")
    plan = case.solve()
    assert plan.objective == near(3)
    table = plan.pipeline.set_index(["cluster", "stage"])
    assert len(table) == 4
    assert table["backlog"].isna().to_dict() == {
        ("a", "research"): True, ("a", "launch"): False, ("b", "research"): True, ("b", "launch"): False,
    }  # fmt: skip
    rows = compile_case(case.load()).rows.frame("backlog")
    assert rows["stage"].unique().tolist() == ["launch"]


def test_with_sites_the_first_stage_has_only_the_projects_it_is_given() -> None:
    plan = draft(NO_TERMINAL, stages=TWO_STAGES, sites="cluster,stage,inflow\na,research,2\na,launch,").solve()
    assert plan.objective == near(1)


def test_niches_replace_the_figures_they_name() -> None:
    # device: cost 5 in place of 1, success 0.5 in place of 1; its duration is blank, so the stage's 0 holds
    plan = draft(
        NO_TERMINAL,
        fields="field,value\ndrug,10\ndevice,30",
        niches="stage,field,cost,success_rate,duration\nlaunch,device,5,0.5,",
        sites="cluster,stage,field,backlog\na,launch,drug,1\na,launch,device,1",
    ).solve()
    assert plan.statistics.spend("field").set_index("field")["spend"].to_dict() == near({"drug": 1.0, "device": 5.0})
    assert plan.objective == near(10 + 15)


def test_factors_of_a_site_and_certain_success_at_most() -> None:
    # success 0.8 * 1.5 is more than certain, so 1; cost 2 * 1.25 = 2.5
    plan = draft(
        NO_TERMINAL,
        stages="stage,cost,success_rate\nlaunch,2,0.8",
        sites="cluster,stage,backlog,cost_factor,success_factor\na,launch,4,1.25,1.5",
    ).solve()
    assert plan.objective == near(4)
    assert plan.summary()["spend"] == near(10)


def test_pipeline_worth_takes_national_averages() -> None:
    # no money: the one waiting project is worth R = -2 + 0.5*10 = 3, whatever the factors of its site
    plan = draft(
        stages="stage,cost,success_rate\nlaunch,2,0.5",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog,cost_factor,success_factor\na,launch,1,3,0.1",
        budget="year,amount\n2026,0",
    ).solve()
    assert plan.objective == near(3)


@pytest.mark.parametrize("duration", [0, 0.25, 0.5, 1, 1.5, 2.25, 3])
def test_payments_and_completions_add_up(duration: float) -> None:
    from optimizer.blocks.sets import completions, payments

    for lags in (payments(np.array([duration])), completions(np.array([duration]))):
        assert lags.share.sum() == near(1)
        assert (lags.share > 0).all()
        assert len(set(lags.lag.tolist())) == len(lags.lag)
    assert len(payments(np.array([duration])).lag) == max(int(np.ceil(duration)), 1)
    mean = completions(np.array([duration]))
    assert mean.lag @ mean.share == near(duration)
