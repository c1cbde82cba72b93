"""Laws of explanations on drawn cases: the conflict is one, nothing in it is idle, and the change mends the case.

Whether limits can hold together is asked of the plain program here, with the other limits taken away; the explanation
asks an elastic program.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.compiler import compile_sets
from optimizer.lp.elastic import GUARD
from optimizer.options import SolveOptions
from optimizer.plan.explain import ExplanationTables, Verdict, explain_case
from optimizer.plan.explain_limits import Limits, limits_of
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import Termination
from tests.strategies import Draft, Row, Table, cases, law

CONTRADICTION = ("rule", "enabled", "where", "measure", "sense", "kind", "value", "of", "per", "price")


@st.composite
def contradictory(draw: st.DrawFn, *, whole: bool = False) -> Draft:
    """Draw a case with hard floors that often ask for too much, and with a ceiling against them."""
    drawn = draw(cases(overlap=False, always=("sites", "rules") if whole else ("rules",)))
    rules: list[Row] = [dict(row) for row in drawn.tables["rules"].rows]
    for number in range(draw(st.integers(1, 3))):
        filters = (None, "stage=launch", "funder=msit", f"year={drawn.years[0]}", "region=north", "field=device")
        floor = {
            "rule": f"floor {number}",
            "where": draw(st.sampled_from(filters)) or "",
            "measure": draw(st.sampled_from(("spend", "spend", "starts", "launches"))),
            "sense": "at_least",
            "kind": "amount",
            "value": str(draw(st.sampled_from((1, 3, 8, 20, 60, 0.7)))),
            "per": draw(st.sampled_from((None, "year", "cluster"))) or "",
        }
        rules.append({name: floor.get(name, "") for name in CONTRADICTION})
    ceiling = {"rule": "ceiling", "sense": "at_most", "value": str(draw(st.sampled_from((2, 6, 30)))), "per": "year"}
    rules.append({name: ceiling.get(name, "") for name in CONTRADICTION})
    tables = {**drawn.tables, "rules": Table(CONTRADICTION, tuple(rules))}
    if whole:
        tables["clusters"] = _with_column(tables["clusters"], "max_niches", "1")
        least = draw(st.sampled_from(("0", "4", "30")))
        tables["sites"] = _with_column(tables["sites"], "minimum", least)
    return replace(drawn, tables=tables)


def _with_column(table: Table, name: str, value: str) -> Table:
    return Table((*table.header, name), tuple({**row, name: value} for row in table.rows))


def can_hold(limits: Limits, kept: list[int]) -> bool:
    """Whether some limits can hold together, all others taken away."""
    program = limits.program
    dropped = np.setdiff1d(np.arange(len(limits.family)), kept)
    rows, columns = limits.rows[dropped[dropped < len(limits.rows)]], dropped[dropped >= len(limits.rows)]
    lower, upper, most = program.row_lower.copy(), program.row_upper.copy(), program.upper.copy()
    lower[rows], upper[rows] = -np.inf, np.inf
    upper[program.rows.positions(GUARD)] = np.inf  # guards are no limits of the case
    most[limits.columns[columns - len(limits.rows)]] = np.inf
    plain = replace(program, row_lower=lower, row_upper=upper, upper=most, cost=np.zeros(program.n_columns))
    ended = find_engine("highs")(plain, SolveOptions()).solve().termination
    assert ended in (Termination.OPTIMAL, Termination.INFEASIBLE)
    return ended is Termination.OPTIMAL


def check(explained: ExplanationTables, case: vc.Case, plan: vc.Plan | vc.FailedPlan) -> None:
    event(explained.verdict)
    assert (explained.verdict is Verdict.CONFLICT) == (plan.status == "infeasible")
    if explained.verdict is not Verdict.CONFLICT:
        return
    limits = limits_of(compile_sets(case))
    keys = [(family, tuple(labels.items())) for family, labels in zip(limits.family, limits.labels, strict=True)]
    members = [keys.index((member["family"], tuple(member["labels"].items()))) for member in explained.members]
    event(f"{len(members)} members")
    assert explained.irreducible
    assert not can_hold(limits, members)
    for member in members:
        assert can_hold(limits, [other for other in members if other != member])
    assert explained.smallest_change > 0
    mended = explained.repaired()
    assert isinstance(mended, vc.Case)
    assert mended.solve(method="fixed").ok, explained
    for choice in explained.choices:
        assert choice.money >= explained.smallest_change * (1 - 1e-4)
    assert all(explained.text(language).count("\n") >= 2 for language in vc.Language)


@given(drawn=contradictory())
@law(40)
def test_the_conflict_is_irreducible_and_the_change_mends_the_case(drawn: Draft) -> None:
    case = drawn.load()
    check(explain_case(case), case, case.solve(method="fixed"))


@given(drawn=contradictory(whole=True))
@law(6)
def test_the_same_with_whole_decisions(drawn: Draft) -> None:
    case = drawn.load()
    check(explain_case(case), case, case.solve(method="fixed"))


@given(drawn=cases())
@law(10)
def test_a_case_with_a_plan_has_no_conflict(drawn: Draft) -> None:
    explained = explain_case(drawn.load())
    assert (explained.verdict, explained.members, explained.smallest_change) == (Verdict.NONE, [], 0)
