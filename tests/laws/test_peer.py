"""The optimum of any case equals that of a program written apart from the same formulation, in PuLP, solved by CBC."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given

import optimizer as vc
from benchmarks.peers import pulp_model
from tests.strategies import Draft, cases, law, near


@law(60)
@given(case=cases())
def test_two_programs_find_the_same_optimum(case: Draft) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = case.write(Path(folder) / "case")
        plan = vc.load_case(place).solve(method="fixed")
        peer_case = pulp_model.read_case(place)
    peer = pulp_model.report(peer_case, pulp_model.solve(pulp_model.build(peer_case), least_spend=False))
    assert plan.status == peer["status"] == "optimal"
    ours = plan.summary()
    assert ours["lp_objective"] == near(peer["lp_objective"])
    # the peer reports any optimal plan, ours one that spends least
    assert ours["spend"] <= peer["spend"] + 1e-5 * (1 + peer["spend"])
