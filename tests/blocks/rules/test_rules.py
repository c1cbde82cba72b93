"""Rules: by hand, and every measure, sense, kind and ``per`` against sums taken term by term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pytest

import optimizer as vc
from optimizer.compiler import compile_case
from optimizer.lp.program import LinearProgram
from tests.strategies import Draft, draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}


def ruled(rules: str, **tables: str) -> Draft:
    """Return a case of two clusters that could each launch 10 projects at 1, those of a worth 2 and those of b 1."""
    given = {
        "clusters": "cluster,region,grade\na,south,x\nb,north,",
        "fields": "field,value\nall,1",
        "sites": "cluster,stage,backlog,success_factor\na,launch,10,2\nb,launch,10,1",
        "stages": "stage,cost,success_rate\nlaunch,1,0.5",
        "budget": "year,amount\n2026,10",
        **tables,
    }
    return draft(NO_TERMINAL, rules=rules, **given)


# Without a rule all 10 of money go to a: 10 launches. Money at b brings half as much.
@pytest.mark.parametrize(
    ("rule", "objective"),
    [
        ("cluster=b,spend,at_least,amount,4,,,", 6 + 2),
        ("cluster=a,spend,at_most,amount,4,,,", 4 + 3),
        ("cluster=b,spend,at_least,share,0.25,,,", 7.5 + 1.25),
        ("cluster=b,starts,at_least,amount,6,,,", 4 + 3),
        ("cluster=a,launches,at_most,amount,3,,,", 3 + 3.5),
        ("cluster=a,launches,at_most,share,0.5,,,", 10 / 3 * 2),  # a = b/2 launches: a third of the money to a
        # a whole unlike the part: b gets at least half of what a gets
        ("cluster=b,spend,at_least,share,0.5,cluster=a,,", 20 / 3 + 5 / 3),
        # nothing at all: 0 >= 0.5 * everything forbids all spending, 0 >= 0.5 * nothing forbids none
        ("region=nowhere,spend,at_least,share,0.5,,,", 0),
        ("region=nowhere,spend,at_least,share,0.5,region=nowhere,,", 10),
        (",spend,at_most,share,0.5,,,", 0),  # everything is at most half of itself
        # a price of 0.2 is less than what the floor costs (0.5 a unit), one of 2 is more
        ("cluster=b,spend,at_least,amount,4,,,0.2", 10 - 0.8),
        ("cluster=b,spend,at_least,amount,4,,,2", 8),
        ("cluster=a,spend,at_most,amount,4,,,0.2", 10 - 1.2),
        ("cluster=b,spend,at_least,amount,4,,,0", 10),
        # a floor per region, whose blank or missing labels ask nothing: each of two regions 2
        (",spend,at_least,amount,2,,region,", 8 + 1),
        (",spend,at_least,amount,2,,grade,", 10),
        # filters: both columns must fit; several values
        ("region=north|south; grade=x,spend,at_most,amount,4,,,", 4 + 3),
        ("year=2026;stage=launch,spend,at_most,amount,4,,,", 4),
        ("year=2027,spend,at_most,amount,0,,,", 10),
        ("funder=national,spend,at_most,amount,1,,,", 1),
        # projects have no funder
        ("funder=national,starts,at_most,amount,1,,,", 10),
        (",starts,at_most,amount,1,,funder,", 10),
    ],
)
def test_a_rule_by_hand(rule: str, objective: float) -> None:
    header = "rule,where,measure,sense,kind,value,of,per,price"
    assert ruled(f"{header}\nr,{rule}").solve().objective == near(objective)


@pytest.mark.parametrize("measure", ["spend", "starts", "launches"])
@pytest.mark.parametrize("per", ["", "region"])
def test_a_floor_on_nothing_is_broken_and_not_forgotten(measure: str, per: str) -> None:
    header = "rule,where,measure,sense,value,per,price"
    hard = ruled(f"{header}\nr,region=nowhere,{measure},at_least,0.5,{per},").load().solve()
    assert isinstance(hard, vc.FailedPlan)
    assert hard.status == "infeasible"
    soft = ruled(f"{header}\nr,region=nowhere,{measure},at_least,0.5,{per},3").solve()
    assert soft.objective == near(10 - 1.5)
    assert soft.summary()["rule_price"] == near(1.5)
    nothing_asked = ruled(f"{header}\nr,region=nowhere,{measure},at_least,0,{per},").solve()
    assert nothing_asked.objective == near(10)


@pytest.mark.parametrize("per", ["", "year"])
def test_a_floor_on_launches_nobody_can_make_is_broken(per: str) -> None:
    """No site is of the last stage, so that nothing counts; at its price of 1 the floor costs what it asks for."""
    case = ruled(
        f"rule,measure,sense,value,per,price\nr,launches,at_least,3,{per},1",
        stages="stage,cost,success_rate\nlaunch,1,0.5\nlast,1,0.5",
    )
    assert case.solve(method="fixed").summary()["rule_price"] == near(3)


def test_a_rule_that_is_not_enabled_does_nothing() -> None:
    case = ruled("rule,enabled,sense,value\nr,false,at_least,99\nq,true,at_most,3")
    program = compile_case(case.load())
    assert program.rows.frame("rules")["rule"].tolist() == ["q"]
    assert case.solve().objective == near(3)
    assert "rules" in compile_case(ruled("rule,enabled,sense,value\nr,false,at_least,99").load()).absences


def test_prices_of_rules_are_not_discounted() -> None:
    # both years miss the floor of 5 by 4: 3 * (4 + 4), whatever the discount rate
    plan = draft(
        {**NO_TERMINAL, "case": {"discount_rate": 1}},
        years=2,
        sites="cluster,stage,inflow\na,launch,1",
        rules="rule,sense,value,per,price\nr,at_least,5,year,3",
    ).solve()
    assert plan.summary()["rule_price"] == near(24)


def test_links_that_cost_nothing_still_make_a_row() -> None:
    # money of links into b: there is none, so its floor of 1 cannot hold; and at a price it is paid for once per row
    case = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
        sites="cluster,stage,backlog\na,research,3\nb,launch,",
        links="origin,destination\na,b",
        rules="rule,where,sense,value,per,price\nr,stage=link,at_least,1,cluster|year,2",
    )
    plan = case.solve()
    rows = plan.sensitivity.constraints.query("family == 'rules'")
    assert rows[["cluster", "year"]].to_numpy().tolist() == [["b", 2026]]
    assert plan.summary()["rule_price"] == near(2)


def test_links_have_no_field_and_no_label_of_stages_or_fields() -> None:
    # all of the link's money passes no filter on such a column, so a ceiling of 0 does not touch it
    case = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate,track\nresearch,1,1,early\nlaunch,1,1,late",
        fields="field,kind\nall,drug",
        sites="cluster,stage,backlog\na,research,3\nb,launch,",
        links="origin,destination,transfer_cost\na,b,1",
        rules="""
            rule, where,                  sense,   value
            r,    track=early|late|link,  at_most, 100
            q,    kind=drug,              at_most, 100
            s,    field=all,              at_most, 100
            t,    stage=link,             at_most, 100
            u,    ,                       at_most, 100
        """,
    )
    rows = case.solve().sensitivity.constraints.query("family == 'rules'").set_index("rule")
    assert rows["final_value"].to_dict() == near({"r": 6.0, "q": 6.0, "s": 6.0, "t": 3.0, "u": 9.0})


def test_a_column_of_several_tables_is_the_clusters_own() -> None:
    # `kind` is a column of clusters, stages and fields: only the clusters' counts
    case = ruled(
        "rule,where,sense,value\nr,kind=big,at_most,1\nq,kind=stage-kind|field-kind,at_most,0",
        clusters="cluster,kind\na,big\nb,small",
        stages="stage,cost,success_rate,kind\nlaunch,1,0.5,stage-kind",
        fields="field,value,kind\nall,1,field-kind",
    )
    assert case.solve().objective == near(1 + 4.5)


def test_a_column_of_stages_and_fields_is_the_stages_own() -> None:
    case = ruled(
        "rule,where,sense,value\nr,kind=s,at_most,1\nq,kind=f,at_most,0",
        stages="stage,cost,success_rate,kind\nlaunch,1,0.5,s",
        fields="field,value,kind\nall,1,f",
    )
    assert case.solve().objective == near(1)


def test_figures_are_filtered_as_they_are_written() -> None:
    case = ruled("rule,where,sense,value\nr,value=1,at_most,3\nq,cost=1.0,at_most,0")
    assert case.solve().objective == near(3)


# --- every measure, sense, kind and per ------------------------------------------------------------------------------

SPACE = draft(
    years=2,
    clusters="cluster,region,grade\na,south,x\nb,north,\nc,south,y",
    stages="stage,cost,success_rate,duration,track\nresearch,1,0.5,0.5,early\nlaunch,1,0.8,1,",
    fields="field,value,kind\ndrug,1,\ndevice,1,wide",
    sites="""
        cluster, stage,    field
        a,       research, drug
        a,       launch,   drug
        b,       research, device
        b,       launch,   device
        b,       launch,   drug
        c,       launch,   device
    """,
    links="origin,destination,stage,transfer_cost\na,b,,1\nb,c,research,",
    budget="funder,year,amount\nmsit,2026,5\nmsit,2027,5\nmohw,2026,5\nmohw,2027,5",
    mandates="funder,cluster,stage,field\nmohw,,launch,\nmohw,c,link,",
)
ATTRIBUTES = {
    "cluster": {
        "a": {"region": "south", "grade": "x"},
        "b": {"region": "north"},
        "c": {"region": "south", "grade": "y"},
    },
    "stage": {"research": {"track": "early"}, "launch": {}},
    "field": {"drug": {}, "device": {"kind": "wide"}},
}
SITES = [("a", "research", "drug"), ("a", "launch", "drug"), ("b", "research", "device"), ("b", "launch", "device"),
         ("b", "launch", "drug"), ("c", "launch", "device")]  # fmt: skip
SUCCESS, DONE = {"research": 0.5, "launch": 0.8}, {"research": {0: 0.5, 1: 0.5}, "launch": {1: 1.0}}
YEARS = (2026, 2027)
Labels = dict[str, str]


def labelled(**keys: object) -> Labels:
    """Return all labels of a term, attributes included; what a term lacks is left out."""
    labels = {name: str(value) for name, value in keys.items() if value is not None}
    for dimension, table in ATTRIBUTES.items():
        labels |= table.get(labels.get(dimension, ""), {})
    return labels


def terms(program: LinearProgram, measure: str) -> Iterator[tuple[Labels, dict[int, float]]]:
    """Yield the terms of a measure, one by one: their labels and what they count, as columns and coefficients."""
    at = program.columns.position
    for (cluster, stage, field), year in product(SITES, YEARS):
        here = {"cluster": cluster, "stage": stage, "field": field}
        if measure == "spend":
            for funder in ("msit", "mohw"):
                if funder == "msit" or stage == "launch":
                    yield (
                        labelled(funder=funder, year=year, **here),
                        {at("public", funder=funder, year=year, **here): 1.0},
                    )
        elif measure == "starts":
            yield labelled(year=year, **here), {at("starts", year=year, tranche=0, **here): 1.0}
        elif stage == "launch":
            counted = {
                at("starts", year=year - lag, tranche=0, **here): SUCCESS[stage] * share
                for lag, share in DONE[stage].items()
                if year - lag >= YEARS[0]
            }
            yield labelled(year=year, **here), counted
    if measure == "spend":
        # a->b has a cost; b->c and the links inside a and inside b have none; mohw may fund links into c only
        for destination, costly in (("b", True), ("c", False), ("a", False), ("b", False)):
            for funder, year in product(("msit", "mohw"), YEARS):
                if funder == "msit" or destination == "c":
                    column = (
                        {at("link_public", funder=funder, origin="a", destination="b", year=year): 1.0}
                        if costly
                        else {}
                    )
                    yield labelled(funder=funder, cluster=destination, stage="link", year=year), column


def expected_rows(
    every_term: list[tuple[Labels, dict[int, float]]], rule: Mapping[str, str]
) -> dict[tuple[str, ...], dict[int, float]]:
    """Return the entries of a rule's rows, by the labels of ``per``, from all terms of its measure."""

    def passes(labels: Labels, text: str) -> bool:
        conditions = [part.split("=") for part in text.split(";") if part]
        return all(labels.get(column, "") in values.split("|") for column, values in conditions)

    per = [name for name in rule["per"].split("|") if name]
    rows: dict[tuple[str, ...], dict[int, float]] = {}
    for labels, counted in every_term:
        factor = float(passes(labels, rule["where"]))
        involved = bool(factor)
        if rule["kind"] == "share":
            involved = involved or passes(labels, rule["of"])
            factor -= float(rule["value"]) * passes(labels, rule["of"])
        if involved and all(labels.get(name) for name in per):
            row = rows.setdefault(tuple(labels[name] for name in per), defaultdict(float))
            for column, coefficient in counted.items():
                row[column] += factor * coefficient
    return rows or {(): {}}


PER = (
    "",
    "year",
    "cluster",
    "field",
    "stage",
    "funder",
    "region|year",
    "grade",
    "track",
    "kind|cluster",
    "year|region|stage",
)
FILTERS = (
    "",
    "cluster=b",
    "stage=launch|link",
    "region=south;year=2026",
    "funder=mohw",
    "track=early",
    "kind=wide",
    "grade=z",
)


@pytest.mark.parametrize("measure", ["spend", "starts", "launches"])
@pytest.mark.parametrize(("sense", "kind"), list(product(["at_least", "at_most"], ["amount", "share"])))
def test_rows_are_the_sums_of_their_terms(measure: str, sense: str, kind: str) -> None:
    wholes = ("", "cluster=a|c") if kind == "share" else ("",)
    rules = [
        {
            "rule": f"{number}", "where": where, "measure": measure, "sense": sense, "kind": kind, "value": "0.75",
            "of": of, "per": per, "price": "2" if number % 2 else "",  # every other rule may be broken
        }
        for number, (where, of, per) in enumerate(product(FILTERS, wholes, PER))
    ]  # fmt: skip
    header = ",".join(rules[0])
    text = "\n".join([header, *(",".join(rule.values()) for rule in rules)])
    case = draft(years=2, rules=text)
    program = compile_case(Draft(case.settings, {**SPACE.tables, "rules": case.tables["rules"]}).load())
    matrix = program.matrix().tocsr()
    labels = program.rows.frame("rules")
    positions = program.rows.positions("rules")
    assert len(labels) == len(positions)
    groups = labels.assign(position=positions).groupby("rule")
    assert set(groups.groups) == {rule["rule"] for rule in rules}
    all_terms = list(terms(program, measure))
    for rule in rules:
        frame = groups.get_group(rule["rule"])
        per = [name for name in rule["per"].split("|") if name]
        wanted = expected_rows(all_terms, rule)
        found = {}
        for line in frame.to_dict("records"):
            row = matrix[[line["position"]], :].tocoo()
            entries = {int(c): v for c, v in zip(row.coords[1], row.data, strict=True) if v}
            key = tuple(str(line[name]) for name in per) if per and len(next(iter(wanted))) else ()
            if () in wanted and per:
                key = ()
            found[key] = (entries, line["position"])
        assert set(found) == set(wanted), rule
        assert len(found) == len(frame), rule
        for key, (entries, position) in found.items():
            counted = check_violation(program, rule, entries, position)
            plain = {column: value for column, value in wanted[key].items() if value}
            assert counted == pytest.approx(plain), (rule, key)


def check_violation(
    program: LinearProgram, rule: Mapping[str, str], entries: dict[int, float], position: int
) -> dict[int, float]:
    """Check the bounds of a row and its violation, and return the other entries."""
    limit = 0.75 if rule["kind"] == "amount" else 0.0
    floor = rule["sense"] == "at_least"
    assert program.row_lower[position] == (limit if floor else -np.inf)
    assert program.row_upper[position] == (np.inf if floor else limit)
    violations = set(program.columns.positions("violation").tolist()) & set(entries)
    if not rule["price"]:
        assert not violations
        return entries
    (violation,) = violations
    assert entries[violation] == (1 if floor else -1)
    assert program.cost[violation] == -2
    assert (program.lower[violation], program.upper[violation]) == (0, np.inf)
    return {column: value for column, value in entries.items() if column != violation}
