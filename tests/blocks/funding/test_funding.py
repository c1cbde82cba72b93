"""Funding by hand: budgets, mandates, private money, what is carried over and what comes back."""

from __future__ import annotations

import pytest

from optimizer.compiler import compile_case
from tests.strategies import Draft, draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}


def matched(cap: str, settings: dict[str, dict[str, object]] | None = None, years: int = 1, **tables: str) -> Draft:
    """Return a case in which each unit of public money draws in up to one of private money."""
    given = {
        "clusters": f"cluster,private_cap\na,{cap}",
        "stages": "stage,cost,success_rate,crowd_in\nlaunch,2,1,1",
        "fields": "field,value\nall,10",
        "sites": "cluster,stage,inflow\na,launch,50",
        "budget": "\n".join(["year,amount", *(f"{2026 + year},3" for year in range(years))]),
        **tables,
    }
    return draft({**NO_TERMINAL, **(settings or {})}, years=years, **given)


@pytest.mark.parametrize(
    ("cap", "private", "price_of_budget", "price_of_cap"),
    [
        ("", 3, 10, 0),  # 3 public and 3 private pay for 3 starts; a unit of either comes with one of the other
        ("1", 1, 5, 5),  # 3 + 1 pay for 2 starts; either kind of money buys half a start
        ("0", 0, 5, 5),
    ],
)
def test_private_money_by_hand(cap: str, private: float, price_of_budget: float, price_of_cap: float) -> None:
    plan = matched(cap).solve()
    assert plan.summary()["private"] == near(private)
    assert plan.objective == near(10 * (3 + private) / 2)
    prices = plan.sensitivity.constraints.groupby("family")["shadow_price"].sum()
    assert prices["budget"] == near(price_of_budget)
    assert prices.get("private_cap", 0.0) == near(price_of_cap)


def test_launches_bring_private_money_back_a_year_later() -> None:
    # 2026: 3 of money, 1.5 launches worth 15, of which 0.1 comes back in 2027: 3 + 1.5 pay for 2.25 starts,
    # 2.25 launches worth 22.5 bring 2.25 in 2028: 3 + 2.25 pay for 2.625 starts
    plan = matched("0", {"funding": {"reinvestment": 0.1}}, years=3).solve()
    assert plan.launches["launches"].tolist() == near([1.5, 2.25, 2.625])
    assert plan.statistics.private("year")["private"].tolist() == near([0, 1.5, 2.25])


def test_nothing_comes_back_to_a_cluster_without_a_cap_or_without_private_money() -> None:
    unlimited = matched("", {"funding": {"reinvestment": 0.1}}, years=2)
    assert len(compile_case(unlimited.load()).rows.positions("private_cap")) == 0
    no_match = matched("5", years=2, stages="stage,cost,success_rate,crowd_in\nlaunch,2,1,0")
    program = compile_case(no_match.load())
    assert len(program.rows.positions("private_cap")) == 0
    assert {"crowd_in", "private_cap"} <= set(program.absences)


def test_private_money_follows_public_money_of_its_own_site() -> None:
    # the stage with crowd_in needs public money itself: 1 public + 1 private for research, then 2 for launch
    plan = draft(
        NO_TERMINAL,
        stages="stage,cost,success_rate,crowd_in\nresearch,2,1,1\nlaunch,2,1,0",
        fields="field,value\nall,10",
        budget="year,amount\n2026,6",
    ).solve()
    assert plan.objective == near(20)
    assert plan.statistics.private("stage").set_index("stage")["private"].to_dict() == near(
        {"research": 2.0, "launch": 0.0}
    )


@pytest.mark.parametrize(("share", "second_year"), [(0, 2.0), (0.5, 7.0), (1, 12.0)])
def test_money_is_carried_over_but_not_out_of_the_last_year(share: float, second_year: float) -> None:
    # nothing can be launched in 2026; of its 10 a share may wait for 2027, which has 2 of its own
    found = late({"funding": {"carry_over": share}}, "year,amount\n2026,10\n2027,2").solve()
    assert found.objective == near(second_year)
    headroom = found.statistics.headroom()
    assert headroom["carried_out"].tolist() == near([10 * share, 0])
    assert headroom["unspent"].tolist() == near([10 * (1 - share), 0])


def late(settings: dict[str, dict[str, object]], budget: str) -> Draft:
    """Return a case in which launches, at 1 each, can begin in 2027 only: after a free first stage of one year."""
    return draft(
        {**NO_TERMINAL, **settings},
        years=2,
        stages="stage,cost,success_rate,duration\nresearch,0,1,1\nlaunch,1,1,0",
        sites="cluster,stage,backlog,capacity\na,research,50,50\na,launch,,",
        budget=budget,
    )


def test_each_funder_carries_its_own_money() -> None:
    found = late(
        {"funding": {"carry_over": 1}},
        "funder,year,amount\nmsit,2026,10\nmsit,2027,0\nmohw,2026,0\nmohw,2027,5",
    ).solve()
    carried = found.statistics.headroom().set_index(["funder", "year"])["carried_out"].to_dict()
    assert carried == near({("msit", 2026): 10.0, ("msit", 2027): 0.0, ("mohw", 2026): 0.0, ("mohw", 2027): 0.0})
    assert found.objective == near(15)


def test_budget_rows_are_per_funder_and_year_and_others_are_ignored() -> None:
    case = draft(budget="funder,year,amount\nmsit,2031,7\nmohw,2026,3\nmsit,2026,4\nmohw,1999,8")
    frame = compile_case(case.load()).rows.frame("budget")
    # funders by order of first appearance, also in a row outside the horizon
    assert frame["funder"].tolist() == ["msit", "mohw"]
    assert case.solve().summary()["spend"] == near(7)


# which of: site (a, research), site (a, launch), link into a, for fields drug and device
@pytest.mark.parametrize(
    ("row", "sites", "link"),
    [
        (",,", {"a research drug", "a launch drug", "a launch device", "b research drug"}, True),
        ("a,,", {"a research drug", "a launch drug", "a launch device"}, True),
        ("b,,", {"b research drug"}, False),  # the link leads into a
        (",launch,", {"a launch drug", "a launch device"}, False),
        (",link,", set(), True),
        ("a,link,", set(), True),
        ("b,link,", set(), False),
        (",,drug", {"a research drug", "a launch drug", "b research drug"}, False),  # a row with a field admits no link
        (",link,drug", set(), False),
        ("a,launch,device", {"a launch device"}, False),
    ],
)
def test_a_mandate_admits_what_it_says(row: str, sites: set[str], link: bool) -> None:
    program = compile_case(mandated(f"funder,cluster,stage,field\nmohw,{row}").load())
    assert admitted_sites(program, "mohw") == sites
    assert ("mohw" in set(program.columns.frame("link_public")["funder"])) == link
    # the funder without a row may fund everything
    assert len(admitted_sites(program, "msit")) == 4
    assert "msit" in set(program.columns.frame("link_public")["funder"])


def test_rows_of_a_funder_add_up() -> None:
    program = compile_case(mandated("funder,cluster,stage,field\nmohw,b,,\nmohw,,link,\nmohw,,,device").load())
    assert admitted_sites(program, "mohw") == {"b research drug", "a launch device"}
    assert "mohw" in set(program.columns.frame("link_public")["funder"])


def test_an_empty_table_of_mandates_binds_nobody() -> None:
    program = compile_case(mandated("funder,cluster,stage,field").load())
    assert len(admitted_sites(program, "mohw")) == 4


def test_a_funder_that_may_fund_nothing_spends_nothing_and_says_so() -> None:
    plan = mandated("funder,cluster,stage,field\nmohw,b,launch,").solve()
    left = plan.statistics.headroom().set_index("funder").loc["mohw"]
    assert left["unspent"] == near(40)
    assert "admits no site" in str(left["reason"])


def mandated(mandates: str) -> Draft:
    return draft(
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
        fields="field,value\ndrug,1\ndevice,1",
        sites="cluster,stage,field,backlog\na,research,drug,2\na,launch,drug,\na,launch,device,3\nb,research,drug,1",
        links="origin,destination,transfer_cost\nb,a,0.5",
        budget="funder,year,amount\nmsit,2026,40\nmohw,2026,40",
        mandates=mandates,
    )


def admitted_sites(program: object, funder: str) -> set[str]:
    frame = program.columns.frame("public")
    chosen = frame[frame["funder"] == funder]
    return set(chosen["cluster"].str.cat([chosen["stage"], chosen["field"]], sep=" "))
