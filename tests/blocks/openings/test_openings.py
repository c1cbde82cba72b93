"""Whole decisions by hand and by trying all of them: least spends, and clusters that keep to a few niches."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given

import optimizer as vc
from optimizer.compiler import compile_case
from tests.strategies import Draft, cases, draft, law, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}
TWO_FIELDS = "field,value,demand\ndrug,10,\ndevice,8,"


def test_a_site_is_funded_in_earnest_or_not_at_all() -> None:
    # a has 3 projects worth 10 each, but takes no less than 4 of money: it cannot be funded.
    # b has 2 worth 5 each: 2 of money for 10.
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        fields="field,value\nall,10",
        sites="cluster,stage,backlog,success_factor,minimum\na,launch,3,1,4\nb,launch,2,0.5,",
    ).solve()
    assert plan.objective == near(10)
    assert plan.statistics.spend("cluster").to_numpy().tolist() == [["b", near(2)]]


def test_money_may_be_moved_to_reach_a_minimum() -> None:
    # either site takes 3 or nothing and has 3 projects; 5 of money reach one of them, the better one (30);
    # without the minimum it would be 3 of the better and 2 of the other: 30 + 2 * 8 = 46
    sites = "cluster,stage,field,backlog,minimum\na,launch,drug,3,{0}\na,launch,device,3,{0}"
    base = {"fields": TWO_FIELDS, "budget": "year,amount\n2026,5"}
    assert draft(NO_TERMINAL, sites=sites.format(3), **base).solve().objective == near(30)
    assert draft(NO_TERMINAL, sites=sites.format(2), **base).solve().objective == near(46)


def test_a_minimum_holds_in_every_year_of_its_own() -> None:
    # 4 a year; the site takes 4 or nothing; 6 projects: 4 in one year, none in the other
    plan = draft(
        NO_TERMINAL, years=2, sites="cluster,stage,backlog,minimum\na,launch,6,4", budget="year,amount\n2026,4\n2027,4"
    ).solve()
    assert plan.objective == near(4)
    assert plan.statistics.spend()["spend"].tolist() == near([4])


def test_a_cluster_keeps_to_its_few_niches() -> None:
    # both fields have 3 projects; with one niche only drugs: 3 * 10; with two 3 * 10 + 2 * 8
    base = {
        "fields": TWO_FIELDS,
        "sites": "cluster,stage,field,backlog\na,launch,drug,3\na,launch,device,3",
        "budget": "year,amount\n2026,5",
    }
    assert draft(NO_TERMINAL, clusters="cluster,max_niches\na,1", **base).solve().objective == near(30)
    assert draft(NO_TERMINAL, clusters="cluster,max_niches\na,2", **base).solve().objective == near(46)


def test_a_site_nobody_may_fund_needs_no_decision() -> None:
    # of two sites only the funded one counts, so a limit of one niche cannot bind
    program = compile_case(
        draft(
            clusters="cluster,max_niches\na,1",
            fields=TWO_FIELDS,
            mandates="funder,cluster,stage,field\nnational,,,drug",
        ).load()
    )
    assert not program.integer.any()
    assert "max_niches" in program.absences


def test_prices_are_those_of_the_decisions_taken() -> None:
    case = draft(
        NO_TERMINAL,
        fields=TWO_FIELDS,
        sites="cluster,stage,field,backlog,minimum\na,launch,drug,9,4\na,launch,device,9,4",
        budget="year,amount\n2026,6",
    )
    plan = case.solve()
    # one more unit of money is one more drug, as long as devices stay shut
    prices = plan.sensitivity.constraints.set_index("family")["shadow_price"]
    assert prices["budget"] == near(10)
    assert plan.outcome.fixed_whole
    assert plan.summary()["bound_by"] == "branching"


def with_decisions(case: Draft, least: float, most: int) -> Draft:
    """Return a case whose sites all have a minimum and whose clusters all keep to a few niches."""
    header = case.tables["clusters"].header
    case = case.with_table("clusters", lambda row: {**row, "max_niches": str(most)})
    tables = dict(case.tables)
    tables["clusters"] = type(tables["clusters"])((*header, "max_niches"), tables["clusters"].rows)
    case = Draft(case.settings, tables)
    case = case.with_table("sites", lambda row: {**row, "minimum": str(least)})
    tables["sites"] = type(tables["sites"])((*tables["sites"].header, "minimum"), case.tables["sites"].rows)
    return Draft(case.settings, tables)


@pytest.mark.parametrize(("least", "most"), [(1.5, 1), (4.0, 2)])
@law(8)
@given(drawn=cases(overlap=False, always=("sites",)))
def test_every_decision_holds_and_costs_something(drawn: Draft, least: float, most: int) -> None:
    free = drawn.solve("sequential")
    plan = with_decisions(drawn, least, most).load().solve()
    assert isinstance(plan, vc.Plan)  # nothing funded anywhere is always a plan
    assert plan.objective <= free.objective + 1e-6 * (1 + abs(free.objective))
    assert plan.objective <= plan.summary()["bound"]
    cells = plan.allocation[plan.allocation["stage"] != "link"]
    spent = cells.groupby(["cluster", "stage", "field", "year"], observed=True)["amount"].sum()
    spent = spent[spent > 1e-6]
    assert (spent >= least - 1e-5).all()
    assert (spent.groupby(["cluster", "year"]).size() <= most).all()


def test_no_choice_of_openings_is_better() -> None:
    # three sites over two years: the best of all 64 choices, each a linear program with its openings fixed
    case = draft(
        {"value": {"terminal_weight": 0}, "case": {"discount_rate": 0.1}},
        years=2,
        clusters="cluster,max_niches\na,1\nb,",
        fields=TWO_FIELDS,
        sites="""
            cluster, stage,  field,  backlog, inflow, minimum, success_factor
            a,       launch, drug,   3,       1,      2.5,     0.9
            a,       launch, device, 2,       2,      1,       1
            b,       launch, drug,   5,       0,      3,       0.8
        """,
        budget="year,amount\n2026,5\n2027,4",
    )
    plan = case.solve()
    best = -np.inf
    for opened in product((0, 1), repeat=6):
        first, second, third = (opened[place : place + 2] for place in (0, 2, 4))
        if any(sum(pair) > 1 for pair in zip(first, second, strict=True)):
            continue
        rules = ["rule,where,sense,value"]
        sites = (("a", "drug", first, 2.5), ("a", "device", second, 1), ("b", "drug", third, 3))
        for cluster, field, years, least in sites:
            for step, is_open in enumerate(years):
                sense, value = ("at_least", least) if is_open else ("at_most", 0)
                where = f"cluster={cluster}; field={field}; year={2026 + step}"
                rules.append(f"{cluster} {field} {step},{where},{sense},{value}")
        tables = {
            **case.tables,
            "clusters": draft(clusters="cluster\na\nb").tables["clusters"],
            "sites": case.with_table("sites", lambda row: {**row, "minimum": ""}).tables["sites"],
            "rules": draft(rules="\n".join(rules)).tables["rules"],
        }
        found = Draft(case.settings, tables).load().solve(method="fixed")
        best = max(best, found.objective if found.ok else -np.inf)
    assert plan.objective == near(best)
