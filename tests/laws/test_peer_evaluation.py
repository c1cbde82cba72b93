"""What an allocation achieves is the optimum of a program written apart, in PuLP, with its money as upper bounds."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from benchmarks.peers import pulp_model
from tests.strategies import Draft, cases, law, near

PLENTY = "1000000"


def plain(case: Draft) -> Draft:
    """Return a case without prices and limits that people decide; its budgets do not count."""
    return case.with_settings(specialization={"min_share": 0}).with_table(
        "budget", lambda row: {**row, "amount": PLENTY}
    )


@law(25)
@given(drawn=cases(overlap=False, rules=False), factors=st.lists(st.floats(0, 2.5), min_size=7, max_size=7))
def test_two_programs_value_an_allocation_alike(drawn: Draft, factors: list[float]) -> None:
    # the plan says where money is of use; what is given there is drawn, sometimes too little and sometimes too much
    plan = drawn.with_settings(specialization={"min_share": 0}).solve()
    money = plan.allocation
    money["amount"] *= [factors[line % len(factors)] for line in range(len(money))]
    with tempfile.TemporaryDirectory() as folder:
        place = plain(drawn).write(Path(folder) / "case")
        evaluation = vc.load_case(place).evaluate(money, measure=False)
        peer_case = pulp_model.read_case(place)
    model = pulp_model.build(peer_case)
    amounts: dict[tuple[Any, ...], float] = defaultdict(float)
    for line in money.itertuples():
        amounts[line.funder, line.cluster, line.partner, line.stage, line.field, line.year] += line.amount
    for (funder, cluster, stage, field, year), variable in model.public.items():
        variable.upBound = amounts[funder, cluster, "", stage, field, year]
    together = defaultdict(list)
    for (funder, number, year), variable in model.transfer.items():
        link = peer_case.links[number]
        together[funder, link.destination, link.origin, "link", "", year].append(variable)
    for labels, variables in together.items():
        model.problem += sum(variables) <= amounts[labels]
    peer = pulp_model.report(peer_case, pulp_model.solve(model, least_spend=False))
    assert peer["status"] == "optimal"
    assert evaluation.summary()["worth"] == near(peer["lp_objective"])
