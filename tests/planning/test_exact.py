"""The mixed-integer program: never below the sequence or above its bound, and right where everything can be tried."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import optimizer as vc
from optimizer.blocks.caps import most_spend
from optimizer.blocks.overlap import true_penalty
from optimizer.blocks.pairs import basic_beside, cluster_pairs, complete, funder_pairs
from optimizer.compiler import compile_pairs, compile_sets
from optimizer.lp.program import LinearProgram
from optimizer.planning import exact
from optimizer.planning.outcome import Outcome
from optimizer.planning.sequence import Clock
from optimizer.solvers import waiting
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import Basis, Progress, SolveResult, Termination
from tests.strategies import Draft, cases, draft, law, near

RANDOM_SMALL = Path(__file__).parents[1] / "reference" / "random-small"
RIVALS = draft(
    {"value": {"terminal_weight": 0}, "overlap": {"between_clusters": 3}},
    years=2,
    clusters="cluster\na\nb\nc",
    stages="stage,cost,success_rate\nlaunch,1,1",
    fields="field,value\nall,4",
    sites="""
        cluster, stage,  capacity, inflow, success_factor, activity
        a,       launch, 3,        3,      0.9,            1
        b,       launch, 4,        4,      0.8,            2
        c,       launch, 5,        5,      0.7,            3
    """,
    similarity="cluster_a,cluster_b,similarity\na,b,1\nb,c,0.5\na,c,0.2",
    budget="year,amount\n2026,8\n2027,6",
)


def best_of_all_rankings(case: Draft) -> float:
    """Return the best true objective over every ranking of the clusters in every year, each a linear program.

    The true penalty is the least of the linear ones over all rankings, so the best plan is the best of these optima.
    """
    compiled = compile_sets(case.load())
    sets, program = compiled.sets, compiled.program
    public = program.columns.positions("public").reshape(len(sets.sites), sets.n_years)
    price = sets.case.settings.overlap.between_clusters
    best = -np.inf
    for orders in product(permutations(range(len(sets.sites))), repeat=sets.n_years):
        unit = np.zeros((len(sets.sites), sets.n_years))
        for year, order in enumerate(orders):
            for place, site in enumerate(order):
                unit[site, year] = -price * sets.discount[year] * sets.similarity[site, list(order[:place])].sum()
        ranked = program.with_part("overlap_penalty", public.ravel(), unit.ravel())
        best = max(best, find_engine("highs")(ranked, vc.SolveOptions()).solve().objective)
    return best


def test_it_is_the_best_over_all_rankings() -> None:
    case = RIVALS.load()
    plan = case.solve(method="exact")
    assert plan.objective == near(best_of_all_rankings(RIVALS))
    assert plan.status == "optimal"
    assert plan.summary()["gap"] == pytest.approx(0, abs=2e-6)
    assert case.solve(method="sequential").objective <= plan.objective + 1e-6


@law(12)
@given(case=cases(overlap=True))
def test_each_method_is_at_least_as_good_as_the_simpler_one_and_below_every_bound(case: Draft) -> None:
    loaded = case.load()
    fixed, sequential, branched = (loaded.solve(method=method) for method in ("fixed", "sequential", "exact"))
    noise = 1e-5 * (1 + abs(branched.objective))
    assert fixed.objective <= sequential.objective + noise
    assert sequential.objective <= branched.objective + noise
    for plan in (fixed, sequential, branched):
        bound = plan.summary()["bound"]
        assert plan.objective <= bound
        assert branched.objective <= bound + noise
    assert branched.status == "optimal"
    assert sequential.objective >= branched.objective - 0.02 * abs(branched.objective) - noise


@law(8)
@given(case=cases(overlap=False))
def test_all_methods_agree_where_overlap_costs_nothing(case: Draft) -> None:
    loaded = case.load()
    fixed, sequential, branched = (loaded.solve(method=method).objective for method in ("fixed", "sequential", "exact"))
    assert fixed == near(sequential)
    assert fixed == near(branched)


@law(8)
@given(case=cases(overlap=True))
def test_a_plan_of_the_sequence_is_a_point_of_the_program_with_pairs_worth_the_same(case: Draft) -> None:
    plan = case.solve("sequential")
    outcome = plan.outcome
    sets, program = outcome.compiled.sets, outcome.compiled.program
    caps = most_spend(sets)
    pairs = compile_pairs(sets, caps)
    x = complete(sets, caps, pairs, outcome.x)
    noise = 1e-5 * (1 + np.abs(x).max(initial=0))
    assert (pairs.lower - noise <= x).all()
    assert (x <= pairs.upper + noise).all()
    activity = pairs.activity(x)
    assert (pairs.row_lower - noise <= activity).all()
    assert (activity <= pairs.row_upper + noise).all()
    public = np.maximum(outcome.x[program.columns.positions("public")], 0).reshape(-1, sets.n_years)
    assert pairs.part_values(x)["overlap_penalty"] == pytest.approx(-true_penalty(sets, public)[2], rel=1e-6, abs=1e-6)


def envelope_beside(outcome: Outcome) -> tuple[LinearProgram, Basis]:
    """Return the program with the convex envelope, and the basis that one of a plan makes there."""
    sets = outcome.compiled.sets
    caps = most_spend(sets)
    pairs = compile_pairs(sets, caps)
    envelope = replace(pairs, integer=np.zeros_like(pairs.integer))
    basis = outcome.result.basis.widened(*basic_beside(sets, caps, envelope, outcome.result.x))
    assert basis is not None
    return envelope, basis


def solved_from(program: LinearProgram, basis: Basis | None) -> SolveResult:
    session = find_engine("highs")(program, vc.SolveOptions(algorithm="simplex"))
    if basis is not None:
        session.set_basis(basis)
    return session.solve()


@law(8)
@given(case=cases(overlap=True))
def test_a_basis_of_the_plan_makes_one_of_the_envelope_from_which_its_bound_is_the_same(case: Draft) -> None:
    envelope, basis = envelope_beside(case.solve("fixed").outcome)
    columns, rows = basis.members() or ((), ())
    assert np.sum(columns) + np.sum(rows) == envelope.n_rows
    assert solved_from(envelope, basis).objective == near(solved_from(envelope, None).objective)


def test_the_envelope_is_found_from_the_plan_in_fewer_steps_than_anew() -> None:
    envelope, basis = envelope_beside(vc.load_case(RANDOM_SMALL).solve(method="fixed").outcome)
    assert 5 * solved_from(envelope, basis).iterations < solved_from(envelope, None).iterations


def test_a_basis_of_an_engine_without_words_is_not_widened() -> None:
    assert Basis("as the engine has it", None).widened(np.ones(1, dtype=bool), np.ones(1, dtype=bool)) is None


def test_the_pairs_are_those_that_may_overlap() -> None:
    sets = compile_sets(
        draft(
            {"overlap": {"between_clusters": 2, "between_funders": 1}},
            clusters="cluster\na\nb\nc",
            similarity="cluster_a,cluster_b,similarity\na,b,0.5\nb,c,0",
            budget="funder,year,amount\nmsit,2026,10\nmohw,2026,30",
            mandates="funder,cluster,stage,field\nmohw,a,,",
        ).load()
    ).sets
    caps = most_spend(sets)
    assert caps.tolist() == [[40.0], [10.0], [10.0]]
    clusters, funders = cluster_pairs(sets, caps), funder_pairs(sets, caps)
    assert (clusters.first.tolist(), clusters.second.tolist(), clusters.price.tolist()) == ([0], [1], [1.0])
    assert (funders.first.tolist(), funders.second.tolist()) == ([0], [1])
    assert (funders.cap_first.tolist(), funders.cap_second.tolist()) == ([[10.0]], [[30.0]])


def test_tighter_caps_cut_off_no_better_plan() -> None:
    # without a capacity a site could take a whole budget; but no more than 3 to 5 projects come in a year
    loaded = RIVALS.with_table("sites", lambda row: {**row, "capacity": ""}).load()
    best, first = loaded.solve(method="exact"), loaded.solve(method="fixed")
    compiled, sets = first.outcome.compiled, first.outcome.compiled.sets
    caps = most_spend(sets)
    tight = exact.tightened(compiled, caps, first.outcome.x, vc.SolveOptions(), Clock(None))
    assert (tight <= caps).all()
    assert (tight[:, 0] < caps[:, 0]).any()
    spent = best.solution.quantity("spent_at_site")
    assert (spent <= tight + 1e-6).all()


def test_raw_prices_of_whole_programs_are_refused() -> None:
    sets = compile_sets(RIVALS.load()).sets
    result = find_engine("highs")(compile_pairs(sets, most_spend(sets)), vc.SolveOptions()).solve()
    assert result.termination is Termination.OPTIMAL
    with pytest.raises(vc.SolveError, match="a program with whole columns has no shadow price"):
        _ = result.row_dual
    with pytest.raises(vc.SolveError, match="a program with whole columns has no reduced cost"):
        _ = result.reduced_cost
    assert result.bound >= result.objective - 1e-6


def test_a_limit_leaves_the_best_plan_and_what_is_proven_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_REPORT", 0.05)
    case = vc.load_case(RANDOM_SMALL)
    seen: list[Progress] = []
    sequential = case.solve(method="sequential")
    plan = case.solve(vc.SolveOptions(time_limit=8), method="exact", progress=seen.append)
    assert plan.status == "limit"
    summary = plan.summary()
    assert summary["bound_by"] in ("branching", "envelope")
    assert sequential.objective * (1 - 1e-9) <= plan.objective <= summary["bound"] <= sequential.summary()["bound"]
    branching = [progress for progress in seen if progress.gap is not None]
    assert branching
    assert all(progress.bound >= progress.objective - 1e-6 for progress in branching)
    assert plan.sensitivity.constraints["shadow_price"].notna().all()  # of the linear program the plan is optimal in


def test_its_steps_tell_of_the_branching() -> None:
    plan = RIVALS.load().solve(method="exact")
    assert "branching" in {step.start for step in plan.steps}
    assert plan.objective >= max(step.objective for step in plan.steps) - 1e-6
