"""What is done for large programs only, done to small ones: it may change no optimum, and no least spend."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import assume, given

import optimizer as vc
from benchmarks.generate import write_case
from optimizer.blocks.overlap import Ranking
from optimizer.compiler import compile_case, compile_sets
from optimizer.lp.program import LinearProgram
from optimizer.options import Algorithm, OverlapMethod, SolveOptions
from optimizer.planning import sequence, starts
from optimizer.planning.resolve import Resolver
from optimizer.planning.sequence import Clock, Sequence, Solved
from optimizer.planning.strategy import plan_case
from optimizer.solvers import highs_session, highs_together
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination
from tests.strategies import cases, law, near


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    count_as_large(monkeypatch)


def count_as_large(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(highs_together, "LARGE", 0)
    patch.setattr(highs_session, "SMALL", 0)
    patch.setattr(sequence, "LARGE", 0)
    patch.setattr(starts, "SMALL", 0)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> vc.Case:
    folder = write_case(
        tmp_path_factory.mktemp("case"), seed=5, clusters=4, stages=3, fields=3, years=5, funders=3
    )  # with mandates, rules on funders and prices of overlap
    return vc.load_case(folder)


def changed(program: LinearProgram) -> list[LinearProgram]:
    """Return the program with other budgets, other worth, other success, dearer overlap, and as it was."""
    upper = program.row_upper.copy()
    upper[program.rows.positions("budget")] *= 0.95
    values = program.values * np.where(program.values < 0, 0.99, 1.0)
    public = program.cost.copy()
    public[program.columns.positions("public")] *= 1.5
    return [
        replace(program, row_upper=upper),
        replace(program, cost=1.01 * program.cost),
        replace(program, values=values),
        replace(program, cost=public),
        program,
    ]


@pytest.mark.parametrize("steps", [0, 20, 10_000])
@pytest.mark.usefixtures("all_large")
def test_going_on_from_the_last_basis_ends_where_a_new_solve_does(
    case: vc.Case, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(highs_together, "FAR", steps)  # after which the last basis is left for a solve anew
    program = compile_case(case)
    session = find_engine("highs")(program, SolveOptions())
    assert session.solve().algorithm == Algorithm.INTERIOR_POINT
    for other in changed(program):
        session.set_values(other.values)
        session.set_row_bounds(other.row_lower, other.row_upper)
        session.set_cost(other.cost, maximize=True)
        found = session.solve()
        anew = find_engine("highs")(replace(other, ways=""), SolveOptions()).solve()
        assert found.objective == near(anew.objective)
        assert found.row_dual @ other.activity(found.x) + found.reduced_cost @ found.x == near(found.objective)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.usefixtures("all_large")
def test_a_last_basis_that_is_too_far_is_given_up_and_counted(
    case: vc.Case, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    monkeypatch.setattr(highs_together, "FAR", 1)
    whole, solved = compile_case(case), []
    program = whole if together else replace(whole, ways="")
    usual = highs_session.HighsSession._solve

    def counted(self: highs_session.HighsSession, *given: object, **named: object) -> SolveResult:
        solved.append(usual(self, *given, **named))  # type: ignore[arg-type]
        return solved[-1]

    monkeypatch.setattr(highs_session.HighsSession, "_solve", counted)
    session = find_engine("highs")(program, SolveOptions())
    session.solve()
    solved.clear()
    dear = program.cost.copy()
    dear[program.columns.positions("public")] -= 5.0
    session.set_cost(dear, maximize=True)
    found = session.solve()
    given_up, anew = solved
    assert anew.termination is Termination.OPTIMAL
    assert given_up.termination is Termination.OTHER_LIMIT
    assert given_up.iterations > 0
    assert found.seconds == given_up.seconds + anew.seconds
    assert found.iterations == given_up.iterations + anew.iterations


@pytest.mark.usefixtures("all_large")
def test_a_basis_handed_back_is_gone_on_from(case: vc.Case) -> None:
    program = compile_case(case)
    options = SolveOptions()
    first = find_engine("highs")(program, options)
    found = first.solve()
    for session in (first, find_engine("highs")(program, options), first.aside(found.basis)):
        session.set_basis(found.basis)
        again = session.solve()
        assert again.iterations == 0
        assert again.objective == near(found.objective)


def test_the_plan_is_that_of_a_small_program_but_for_ties(case: vc.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    small = case.solve(method="fixed")
    count_as_large(monkeypatch)
    for engine in ("highs", "glop"):
        large = case.solve(vc.SolveOptions(engine=engine), method="fixed")
        assert large.summary()["lp_objective"] == near(small.summary()["lp_objective"])
        assert large.summary()["spend"] == near(small.summary()["spend"])
        assert large.certificate.ok
    one, other = (
        case.solve(vc.SolveOptions(engine=engine), method="fixed").allocation["amount"].to_numpy()
        for engine in ("highs", "glop")
    )
    assert one == pytest.approx(other, abs=1e-6)  # the split among funders too


@law(20)
@given(cases())
def test_any_case_has_the_objective_and_the_spend_of_a_small_program(drawn: object) -> None:
    case = drawn.load()  # type: ignore[attr-defined]
    small = case.solve(method="fixed")
    assume(isinstance(small, vc.Plan))
    with pytest.MonkeyPatch.context() as patch:
        count_as_large(patch)
        large = case.solve(method="fixed")
    assert large.summary()["lp_objective"] == near(small.summary()["lp_objective"])
    assert large.summary()["spend"] == near(small.summary()["spend"])


@pytest.mark.usefixtures("all_large")
def test_starts_followed_at_once_end_as_those_followed_in_turn(case: vc.Case) -> None:
    once, turn = (case.solve(vc.SolveOptions(threads=threads), method="sequential") for threads in (0, 1))
    steps = [(step.start, step.objective) for step in once.steps]
    assert steps == [(step.start, step.objective) for step in turn.steps]
    names = [start for start, _ in steps]
    assert names == sorted(names)
    assert set(names) == {"activity", "unranked"}
    assert once.allocation.equals(turn.allocation)
    assert once.objective >= max(step.objective for step in once.steps) * (1 - 1e-9)
    assert once.certificate.ok


def test_the_sequence_of_a_large_program_keeps_its_promises(case: vc.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    small = case.solve(method="sequential").summary()
    fixed = case.solve(method="fixed")
    count_as_large(monkeypatch)
    large = case.solve(method="sequential")
    assert fixed.objective <= large.objective * (1 + 1e-9)
    assert large.objective <= large.summary()["bound"] * (1 + 1e-9)
    assert large.objective == pytest.approx(small["objective"], rel=0.02)  # a heuristic, from the same starts
    assert large.status == "optimal"


@pytest.mark.usefixtures("all_large")
def test_both_starts_end_with_the_planning(case: vc.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, ranked, programs = threading.Event(), Sequence.ranked, []

    def slow(run: Sequence, start: str, ranking: Ranking) -> Solved:
        if start == "unranked":
            assert stopped.wait(20)
            time.sleep(0.2)  # until the other start has been left
            programs.append(start)
        return ranked(run, start, ranking)

    def stop_soon() -> None:
        stopped.set()
        raise KeyboardInterrupt

    monkeypatch.setattr(Sequence, "ranked", slow)
    with pytest.raises(KeyboardInterrupt):
        plan_case(case, method=OverlapMethod.SEQUENTIAL, before_each=stop_soon)
    assert programs == ["unranked"]  # and no re-ranking after it


@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("threads", [0, 1])
def test_a_limit_holds_for_both_starts(case: vc.Case, monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    ranked = Sequence.ranked

    def in_time(run: Sequence, start: str, ranking: Ranking) -> Solved:
        if start == "unranked":
            time.sleep(max(run.clock.left() or 0.0, 0.0))
        return ranked(run, start, ranking)

    monkeypatch.setattr(Sequence, "ranked", in_time)
    plan = case.solve(vc.SolveOptions(time_limit=3, threads=threads), method="sequential")
    assert isinstance(plan, vc.Plan)
    assert plan.status == "limit"  # of the second start; the first had time enough
    assert {step.start for step in plan.steps} == {"activity"}


@pytest.mark.parametrize("threads", [(0, 1), (1, 2), (2, 0)])
def test_the_number_of_threads_may_change_within_a_process(tutorial: vc.Case, threads: tuple[int, int]) -> None:
    one, other = (tutorial.solve(vc.SolveOptions(threads=number)) for number in threads)
    assert one.status == other.status == "optimal"
    assert one.allocation.equals(other.allocation)


def test_a_run_that_failed_is_no_optimum(case: vc.Case) -> None:
    session = highs_session.HighsSession(compile_case(case), SolveOptions(threads=1, algorithm=Algorithm.SIMPLEX))
    assert session.solve().termination is Termination.OPTIMAL
    failed = session._result(Algorithm.SIMPLEX, highspy.HighsStatus.kError, time.perf_counter())
    assert failed.termination is Termination.ERROR
    assert not failed.has_solution
    assert not failed.has_basis


@pytest.mark.usefixtures("all_large")
def test_a_rehearsed_move_changes_no_plan(case: vc.Case) -> None:
    options = SolveOptions(prove=False)
    going = Resolver(case, options, OverlapMethod.FIXED, goes_on=True)
    going.prepare()
    for share in (1.02, 0.97, 1.0):
        moved = case.change(vc.Change("budget", "amount", "multiply", share))
        found, anew = going.plan(moved), plan_case(moved, options, OverlapMethod.FIXED)
        assert found.x is not None
        assert anew.x is not None
        assert found.result.objective == near(anew.result.objective)
        assert found.x == pytest.approx(anew.x, abs=1e-5)


@pytest.mark.usefixtures("all_large")
def test_a_rehearsal_ends_at_the_optimum_it_began_with(case: vc.Case) -> None:
    run = Sequence(compile_sets(case), SolveOptions(), Clock(None))
    found = run.first().result
    again = run.rehearsed(found)
    assert again is not found
    assert again.objective == near(found.objective)
