"""Which programs are solved in which order, which solution is the plan, and what happens where there is none."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import optimizer as vc
from benchmarks.generate import write_case
from optimizer.blocks.overlap import Ranking, rank_by_activity
from optimizer.compiler import compile_sets
from optimizer.planning.sequence import Clock, Sequence, Solved
from tests.planning import spy
from tests.strategies import Draft, draft, near

NO_TERMINAL = {"value": {"terminal_weight": 0}}


def overlapping(**settings: object) -> Draft:
    """Return a case of two alike clusters and two funders in which ranking matters."""
    return draft(
        {**NO_TERMINAL, "overlap": {"between_clusters": 2, "between_funders": 1}, **settings},
        years=2,
        clusters="cluster\na\nb",
        fields="field,value\nall,10",
        sites="cluster,stage,capacity,inflow,activity,success_factor\na,launch,5,5,1,1\nb,launch,5,5,2,0.15",
        budget="funder,year,amount\nmsit,2026,6\nmohw,2026,2\nmsit,2027,4\nmohw,2027,3",
    )


# --- the sequence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "clusters", "fields", "years"), [(337174, 4, 2, 3), (713704, 3, 2, 4), (3, 3, 1, 2), (4, 2, 2, 3)]
)
def test_the_sequence_is_never_below_the_fixed_ranking(
    tmp_path: Path, seed: int, clusters: int, fields: int, years: int
) -> None:
    # in the first two the fixed program has several optimal plans; the one of least spend overlaps less than the one
    # the engine finds first, and the sequence must not fall behind it
    folder = write_case(
        tmp_path / "case", seed=seed, clusters=clusters, stages=2, fields=fields, years=years, funders=2
    )
    case = vc.load_case(folder)
    fixed, sequential = (case.solve(method=method).summary() for method in ("fixed", "sequential"))
    tolerance = 1e-6 * abs(fixed["objective"])
    assert sequential["objective"] >= fixed["objective"] - tolerance
    assert sequential["objective"] <= sequential["bound"] + tolerance


def test_the_sequence_rises_from_either_start() -> None:
    plan = overlapping().solve("sequential")
    for start in ("unranked", "activity"):
        objectives = [step.objective for step in plan.steps if step.start == start]
        assert all(later >= earlier - 1e-6 for earlier, later in pairwise(objectives))
    assert plan.objective >= max(step.objective for step in plan.steps) - 1e-6


def test_no_try_of_a_leader_solves_a_program_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    solved: list[tuple[str, bytes]] = []
    ranked = Sequence.ranked

    def watched(run: Sequence, start: str, ranking: Ranking) -> Solved:
        found = ranked(run, start, ranking)
        solved.append((start, found.program.cost.tobytes()))
        return found

    monkeypatch.setattr(Sequence, "ranked", watched)
    plan = vc.load_case("inputs/tutorial").solve(method="sequential")
    earlier: set[bytes] = set()
    for start, cost in solved:
        assert start != "leader" or cost not in earlier
        earlier.add(cost)
    assert sum(start == "leader" for start, _ in solved) > 10
    # the plan is still priced by its own ranking: its program's optimum is what it is truly worth
    assert plan.outcome.result.objective == near(plan.objective)


def test_what_was_met_is_forgotten_at_other_prices() -> None:
    case = vc.load_case("inputs/tutorial")
    compiled = compile_sets(case)
    run = Sequence(compiled, vc.SolveOptions(), Clock(None))
    ranking = rank_by_activity(compiled.sets)
    run.ranked("activity", ranking)
    assert ranking in run.met
    assert run.met.is_last(ranking)
    dearer = case.change(vc.Change("case", "overlap.between_clusters", "set", 0.5))
    run.reprice(dearer)
    assert ranking not in run.met
    assert not run.met.is_last(ranking)


def test_a_climb_goes_on_from_programs_met_before_unless_it_only_looks() -> None:
    # so that the end of a start is priced by its own ranking, whatever was solved earlier
    compiled = compile_sets(vc.load_case("inputs/tutorial"))
    run = Sequence(compiled, vc.SolveOptions(), Clock(None))
    first = run.candidate(run.ranked("activity", rank_by_activity(compiled.sets)))
    end = run.climb("activity", first)
    steps = len(run.steps)
    run.ranked("activity", rank_by_activity(compiled.sets))
    assert run.climb("activity", first, anew=False) is first
    assert len(run.steps) == steps + 1
    again = run.climb("activity", first)
    assert len(run.steps) == 2 * steps
    assert again.objective == near(end.objective)
    assert again.result.objective == near(again.objective)


def test_the_bound_is_proven_and_the_gap_beside_it() -> None:
    summary = overlapping().solve("sequential").summary()
    assert summary["bound"] >= summary["objective"] - 1e-6
    assert summary["gap"] == near((summary["bound"] - summary["objective"]) / summary["bound"])
    fixed = overlapping().solve("fixed").summary()
    assert (fixed["bound"], fixed["bound_by"]) == (near(summary["bound"]), summary["bound_by"])
    unproven = overlapping().load().solve(vc.SolveOptions(prove=False), method="fixed").summary()
    assert (unproven["bound"], unproven["bound_by"]) == (None, None)


@pytest.mark.parametrize("own", ["fixed", "sequential"])
def test_a_method_given_replaces_the_cases_own(own: str) -> None:
    case = overlapping(overlap={"between_clusters": 2, "between_funders": 1, "method": own}).load()
    assert case.solve().summary()["method"] == own
    for asked in ("fixed", "sequential"):
        assert case.solve(method=asked).summary()["method"] == asked
    with pytest.raises(vc.InputError, match=r"method is 'guess'; it must be one of fixed, sequential, exact"):
        case.solve(method="guess")


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fixed", "sequential"])
def test_a_time_limit_binds_every_solve(watched: spy.Log, method: str) -> None:
    # also the last one, for the plan that spends least
    plan = overlapping().load().solve(vc.SolveOptions(engine="spy", time_limit=60), method=method)
    assert plan.ok
    assert len(watched.limits) >= 2
    assert all(limit is not None and 0 < limit <= 60 for limit in watched.limits)
    assert watched.limits == sorted(watched.limits, reverse=True)


def test_without_a_time_limit_there_is_none(watched: spy.Log) -> None:
    overlapping().load().solve(vc.SolveOptions(engine="spy"))
    assert set(watched.limits) == {None}


@pytest.mark.parametrize("method", ["fixed", "sequential"])
def test_a_limit_before_the_first_plan_is_a_value(watched: spy.Log, method: str) -> None:
    watched.enough_for = 0
    failed = overlapping().load().solve(vc.SolveOptions(engine="spy", time_limit=60), method=method)
    assert isinstance(failed, vc.FailedPlan)
    assert (failed.ok, failed.status) == (False, "limit")
    assert "time limit" in str(failed.reason)
    assert failed.summary()["objective"] is None
    with pytest.raises(vc.SolveError, match="there is no allocation: the case is stopped by a limit"):
        _ = failed.allocation


def test_a_limit_during_the_sequence_leaves_the_best_plan_so_far(watched: spy.Log) -> None:
    case = overlapping().load()
    whole = case.solve(vc.SolveOptions(engine="spy"))
    solves = len(watched.limits)
    for enough in range(1, solves):
        watched.limits.clear()
        watched.enough_for = enough
        plan = case.solve(vc.SolveOptions(engine="spy", time_limit=60))
        assert isinstance(plan, vc.Plan), enough
        assert plan.objective <= whole.objective + 1e-6
        assert plan.objective >= max(step.objective for step in plan.steps) - 1e-6
        bound = plan.summary()["bound"]
        assert bound is None or plan.objective <= bound + 1e-6  # no bound where the time was up before it was proven


def test_a_real_time_limit_ends_a_plan_in_time(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "case", seed=1, clusters=6, stages=4, fields=4, years=6, funders=3)
    failed = vc.load_case(folder).solve(vc.SolveOptions(time_limit=0.05), method="fixed")
    assert failed.status == "limit"


# --- no plan ----------------------------------------------------------------------------------------------------------


def test_a_case_that_can_earn_without_end_is_called_unbounded() -> None:
    failed = draft(stages="stage,cost,success_rate\nlaunch,0,1").load().solve()
    assert isinstance(failed, vc.FailedPlan)
    assert failed.status == "unbounded"
    assert "Give every stage a cost" in str(failed.reason)


@pytest.mark.parametrize("method", ["fixed", "sequential"])
def test_an_infeasible_case_is_called_infeasible(method: str) -> None:
    case = overlapping()
    rules = draft(rules="rule,sense,value\nr,at_least,1000").tables["rules"]
    failed = Draft(case.settings, {**case.tables, "rules": rules}).load().solve(method=method)
    assert isinstance(failed, vc.FailedPlan)
    assert failed.status == "infeasible"
    with pytest.raises(vc.SolveError, match="infeasible"):
        failed.raise_error()


def test_a_failed_plan_has_the_accessors_of_a_plan_and_no_others() -> None:
    failed = draft(rules="rule,sense,value\nr,at_least,1000").load().solve()
    for name in ("allocation", "objective", "pipeline", "sensitivity", "statistics", "pivot", "launches"):
        with pytest.raises(vc.SolveError, match=f"there is no {name}: the case is infeasible"):
            getattr(failed, name)
    with pytest.raises(AttributeError):
        _ = failed.colour
    assert not hasattr(failed, "_repr_latex_")


def test_exact_without_a_price_on_overlap_is_a_linear_program() -> None:
    assert draft({"overlap": {"method": "exact"}}).solve("exact").summary()["status"] == "optimal"


# --- least spend ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fixed", "sequential"])
def test_money_that_earns_nothing_is_not_spent(method: str) -> None:
    # the market takes 2; the other 98 of money could be burnt without harm
    plan = draft(
        {**NO_TERMINAL, "overlap": {"between_funders": 0.5}},
        fields="field,value,demand\nall,10,2",
        sites="cluster,stage,backlog\na,launch,50",
    ).solve(method)
    assert plan.summary()["spend"] == near(2)
    assert plan.statistics.headroom()["unspent"].tolist() == near([98])


def test_a_dearer_way_to_the_same_end_is_not_taken() -> None:
    # both clusters reach the demand; b at half the cost
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        fields="field,value,demand\nall,10,4",
        sites="cluster,stage,backlog,cost_factor\na,launch,50,2\nb,launch,3,1",
    ).solve()
    assert plan.statistics.spend("cluster").set_index("cluster")["spend"].to_dict() == near({"a": 2.0, "b": 3.0})


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1e3, 1e6])
def test_money_is_not_burnt_in_any_unit(unit: float) -> None:
    # the same case in thousandths or millions of its unit: nothing is spent beyond what the market takes
    plan = draft(
        NO_TERMINAL,
        stages=f"stage,cost,success_rate\nlaunch,{unit!r},1",
        fields=f"field,value,demand\nall,{10 * unit!r},2",
        sites="cluster,stage,backlog\na,launch,50",
        budget=f"year,amount\n2026,{100 * unit!r}",
    ).solve()
    assert plan.summary()["spend"] / unit == pytest.approx(2, rel=1e-4)
    assert plan.objective / unit == pytest.approx(20, rel=1e-4)
