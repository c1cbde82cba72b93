"""A plan as an editable problem of PuLP, and back."""

from __future__ import annotations

import warnings
from pathlib import Path

import pulp
import pytest

import optimizer as vc

REFERENCE = Path(__file__).parents[1] / "reference"


def solved(problem: pulp.LpProblem) -> pulp.LpProblem:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP tells of its next version
        problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return problem


@pytest.fixture
def plan() -> vc.Plan:
    found = vc.load_case(REFERENCE / "overlap-fixed").solve(method="fixed")
    assert isinstance(found, vc.Plan)
    return found


def test_names_are_readable_and_each_once(plan: vc.Plan) -> None:
    problem = plan.to_pulp()
    names = [variable.name for variable in problem.variables()]
    assert any(name.startswith("public(") and name.count(",") == 4 for name in names)
    assert len(set(names)) == len(names)
    rows = [constraint.name for constraint in problem.constraints()]
    assert any(name.startswith("budget(") for name in rows)
    assert len(set(rows)) == len(rows)


def test_the_same_problem_comes_back_as_the_plan(plan: vc.Plan) -> None:
    back = plan.from_pulp(solved(plan.to_pulp()))
    assert back.status == "optimal"
    assert back.objective == pytest.approx(plan.objective, rel=1e-6)
    assert (
        back.sensitivity.constraints.equals(plan.sensitivity.constraints) or back.outcome.result is plan.outcome.result
    )


def test_an_added_constraint_makes_a_plan_that_says_it_is_no_optimum(plan: vc.Plan, tmp_path: Path) -> None:
    problem = plan.to_pulp()
    public = [variable for variable in problem.variables() if variable.name.startswith("public(")]
    problem += pulp.lpSum(public) <= 20, "at most 20"
    back = plan.from_pulp(solved(problem))
    assert back.status == "edited"
    assert back.summary()["spend"] == pytest.approx(20)
    assert back.objective < plan.objective
    assert back.objective_parts.sum() == pytest.approx(back.objective)
    edited = back.outcome.edited
    assert edited is not None
    assert (edited.broken, edited.optimum) == (0, pytest.approx(272.4))
    assert back.sensitivity.constraints["shadow_price"].isna().all()
    assert back.sensitivity.constraints["allowable_increase"].isna().all()
    with pytest.raises(vc.SolveError, match=r"the plan was edited"):
        back.sensitivity.interval("budget", funder="national", year=2026)
    assert not back.certificate.ok
    assert back.certificate.text().startswith("The plan came back from an edited program")
    assert back.save(tmp_path / "run")


def test_a_relaxed_limit_is_counted_as_broken(plan: vc.Plan) -> None:
    problem = plan.to_pulp()
    for constraint in problem.constraints():
        if constraint.name.startswith("budget("):
            constraint.changeRHS(1000)
    edited = plan.from_pulp(solved(problem)).outcome.edited
    assert edited is not None
    assert edited.broken > 0
    assert edited.worst > 0.1


def test_a_problem_that_is_not_solved_or_not_ours_says_so(plan: vc.Plan) -> None:
    problem = plan.to_pulp()
    for variable in problem.variables():
        variable.varValue = None
    with pytest.raises(vc.SolveError, match=r"have no value.*Solve it first"):
        plan.from_pulp(problem)
    with pytest.raises(vc.InputError, match="'other' is not of this plan"):
        plan.from_pulp(pulp.LpProblem("other"))
