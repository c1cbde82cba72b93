"""The certificate of a plan: it holds for plans and failures alike, says what it is of, and travels with the files."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import optimizer as vc
from optimizer.language import Language
from optimizer.plan.certificate import PlanCertificate, certify_failure, certify_plan
from optimizer.plan.solution import Solution
from optimizer.solvers.result import Termination
from tests.conftest import REFERENCE
from tests.strategies import Draft, cases, draft, law, near

FREE = draft(stages="stage,cost,success_rate\nlaunch,0,1")
"""A launch costs nothing and may be repeated without end."""
TWO_SITES = {
    "stages": "stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
    "sites": "cluster,stage,backlog,minimum\na,research,50,5\na,launch,50,3",
}


@pytest.fixture(scope="module")
def failed() -> vc.FailedPlan:
    plan = vc.load_case(REFERENCE / "infeasible-two-rules").solve()
    assert isinstance(plan, vc.FailedPlan)
    return plan


@pytest.mark.parametrize("method", ["fixed", "sequential"])
@law(20)
@given(case=cases())
def test_every_plan_is_certified(method: str, case: Draft) -> None:
    plan = case.solve(method)
    assert plan.certificate.ok, plan.certificate.table
    assert plan.certificate.certificate.objective == near(plan.summary()["lp_objective"])


def test_a_plan_of_the_tutorial(tutorial_plan: vc.Plan) -> None:
    certificate = tutorial_plan.certificate
    assert certificate.ok
    assert certificate.claim == "optimal"
    assert certificate.table["measure"].tolist() == [
        "primal violation", "dual violation", "stationarity", "complementary slackness", "duality gap",
    ]  # fmt: skip
    assert (certificate.table["scaled"] < 1e-9).all()
    assert certificate.text().startswith("Proven to be optimal: all limits at their prices are worth 4,386.58")
    assert "the plan's ranking" in certificate.text()
    with pytest.raises(FrozenInstanceError):
        certificate.scope = None  # type: ignore[misc]


def test_a_plan_that_was_tampered_with_is_not_certified(tutorial_plan: vc.Plan) -> None:
    x = tutorial_plan.outcome.x
    assert x is not None
    more = x.copy()
    more[np.argmax(more)] *= 1.001
    forged = certify_plan(Solution(replace(tutorial_plan.outcome, x=more)))
    assert not forged.ok
    assert forged.text().startswith("The proof does not hold: Largest violation of a limit is ")
    less = certify_plan(Solution(replace(tutorial_plan.outcome, x=np.zeros_like(x))))
    assert not less.ok


def test_whole_decisions_are_said_to_be_fixed() -> None:
    plan = draft(clusters="cluster,max_niches\na,1", **TWO_SITES).solve()
    assert plan.certificate.ok
    assert "whole decisions fixed as the plan takes them" in plan.certificate.text()


def test_without_overlap_it_is_of_the_one_program() -> None:
    assert draft().solve().certificate.text().endswith("It is the proof of the linear program that was solved.")


# --- failures --------------------------------------------------------------------------------------------------------


def test_rules_that_conflict_are_proven_to(failed: vc.FailedPlan) -> None:
    assert failed.certificate.ok
    assert failed.certificate.claim == "infeasible"
    assert failed.certificate.text().startswith("Proven to have no solution")


def test_the_proof_needs_no_ray_of_the_engine(failed: vc.FailedPlan) -> None:
    without = replace(failed.outcome, result=replace(failed.outcome.result, _dual_ray=None))
    assert certify_failure(without).ok
    undecided = replace(without, result=replace(without.result, termination=Termination.INFEASIBLE_OR_UNBOUNDED))
    assert certify_failure(undecided).claim == "infeasible"


def test_earning_without_limit_is_proven() -> None:
    plan = FREE.load().solve()
    assert isinstance(plan, vc.FailedPlan)
    assert (plan.certificate.ok, plan.certificate.claim) == (True, "unbounded")
    without = replace(plan.outcome.result, _primal_ray=None, termination=Termination.INFEASIBLE_OR_UNBOUNDED)
    again = certify_failure(replace(plan.outcome, result=without))
    assert (again.ok, again.claim) == (True, "unbounded")


def test_what_only_branching_finds_is_said_to_be() -> None:
    # one niche at most, and rules that ask for two
    rules = "rule,where,sense,value\nr,stage=research,at_least,6\nq,stage=launch,at_least,6"
    plan = draft(clusters="cluster,max_niches\na,1", rules=rules, **TWO_SITES).load().solve()
    assert isinstance(plan, vc.FailedPlan)
    assert not plan.certificate.ok
    assert plan.certificate.text().startswith("Without its whole decisions the case has a plan")
    assert "branching" in plan.certificate.text()
    above = "rule,where,sense,value\nr,stage=research,at_least,101"  # of a budget of 100
    plan = draft(clusters="cluster,max_niches\na,1", rules=above, **TWO_SITES).load().solve()
    assert isinstance(plan, vc.FailedPlan)
    assert plan.certificate.ok
    assert plan.certificate.text().endswith("without its whole decisions, which only add limits.")


def test_a_limit_proves_nothing(failed: vc.FailedPlan) -> None:
    stopped = replace(failed.outcome, result=replace(failed.outcome.result, termination=Termination.TIME_LIMIT))
    with pytest.raises(vc.SolveError, match=r"ended with 'time limit'.*proves nothing. Raise the time limit"):
        certify_failure(stopped)


# --- where it goes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", list(Language))
def test_it_is_said_in_both_languages(language: Language, tutorial_plan: vc.Plan, failed: vc.FailedPlan) -> None:
    for certificate in (tutorial_plan.certificate, failed.certificate, FREE.load().solve().certificate):
        assert isinstance(certificate, PlanCertificate)
        said = [certificate.text(language), *(certificate.words(name, language) for name in certificate.table.measure)]
        assert all(any("가" <= letter <= "힣" for letter in text) == (language == "ko") for text in said)


def test_it_travels_with_the_files(tutorial_plan: vc.Plan, failed: vc.FailedPlan, tmp_path: Path) -> None:
    tutorial_plan.save(tmp_path / "run", "ko")
    stored = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))["certificate"]
    assert stored["ok"] is True
    assert stored["claim"] == "optimal"
    assert stored["measures"]["duality gap"]["scaled"] < 1e-9
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "최적임이 증명되었습니다" in page
    failed.save(tmp_path / "failed")
    stored = json.loads((tmp_path / "failed" / "manifest.json").read_text(encoding="utf-8"))["certificate"]
    assert (stored["ok"], stored["claim"], stored["objective"]) == (True, "infeasible", None)
