"""Planning a case by the overlap method it asks for (FORMULATION sections 3.9 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from optimizer.blocks.openings import with_decisions
from optimizer.blocks.overlap import rank_by_activity, rank_by_plan
from optimizer.compiler import Compiled, compile_sets, without_penalty
from optimizer.data.case import CaseTables
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.planning.exact import branch, envelope_bound
from optimizer.planning.outcome import Bound, BoundSource, Outcome
from optimizer.planning.sequence import SMALL, Candidate, Clock, Sequence, Solved
from optimizer.planning.starts import follow_starts
from optimizer.solvers.base import check_engine
from optimizer.solvers.result import ProgressHook, SolveResult, Termination


def plan_case(
    case: CaseTables,
    options: SolveOptions | None = None,
    method: OverlapMethod | None = None,
    progress: ProgressHook | None = None,
    before_each: Callable[[], None] | None = None,
) -> Outcome:
    """Plan a case.

    A case with ``minimum`` or ``max_niches`` is planned by the mixed-integer program, whatever the method.

    Parameters
    ----------
    case
        The case.
    options
        How to solve; the defaults where it is ``None``.
    method
        Overlap method in place of the case's own.
    progress
        Told where long solves stand; what it raises ends the planning.
    before_each
        Called before each linear program; what it raises ends the planning.

    Raises
    ------
    InputError
        If the engine is not installed, lacks the algorithm, or cannot take the whole decisions the case asks for.
    SolveError
        If the engine fails. Infeasible, unbounded and limits are outcomes, not errors.
    """
    options = options or SolveOptions()
    method = method or case.settings.overlap.method
    clock = Clock(options.time_limit, progress=progress, before_each=before_each)
    compiled = compile_sets(case)
    # before any time is spent: an engine that cannot branch is of no use to what ends in branching
    check_engine(options, whole=method is OverlapMethod.EXACT or bool(compiled.program.integer.any()))
    if compiled.program.integer.any():
        return _exact(compiled, options, clock, None)
    run = Sequence(compiled, options, clock)
    if method is OverlapMethod.FIXED or not is_penalised(case):
        return plan_fixed(run, method)
    planned = _sequential(run)
    if method is OverlapMethod.EXACT and planned.x is not None:
        return _exact(compiled, options, clock, planned)
    return planned


def followed(outcome: Outcome, public: Vector) -> Outcome:
    """Return a plan that is no worse, found by ranking as another plan of the same sites spends, and climbing from it.

    Parameters
    ----------
    outcome
        A plan found by method ``sequential``; those of other methods are returned as they are.
    public
        What the other plan spends, shape (site pairs, years) [money].
    """
    follows = outcome.method is OverlapMethod.SEQUENTIAL and is_penalised(outcome.compiled.sets.case)
    if outcome.x is None or outcome.fixed_whole or not follows:
        return outcome
    run = Sequence(outcome.compiled, outcome.options, Clock(outcome.options.time_limit))
    if outcome.result.has_basis:
        run.session.set_basis(outcome.result.basis)
    solved = run.ranked("plan", rank_by_plan(run.sets, public))
    if solved.result.termination is not Termination.OPTIMAL:
        return outcome
    best = run.settle(run.climb("plan", run.best_of_face(solved)))
    if best.objective <= run.true_objective(outcome.compiled.program, outcome.x):
        return outcome
    compiled = replace(outcome.compiled, program=best.program)
    return replace(outcome, compiled=compiled, ranking=best.ranking, result=best.result, x=best.x)


def is_penalised(case: CaseTables) -> bool:
    """Return whether overlap costs anything in a case."""
    prices = case.settings.overlap
    return prices.between_clusters > 0 or prices.between_funders > 0


def plan_fixed(run: Sequence, method: OverlapMethod) -> Outcome:
    """Plan by the one linear program of method ``fixed``; ``method`` is the one that was asked for."""
    solved = run.first()
    if solved.result.termination is not Termination.OPTIMAL:
        return _outcome(run, solved, None, method, None)
    x = run.least_spend(solved)
    if not is_penalised(run.sets.case):
        return _outcome(run, solved, x, method, Bound(solved.result.objective, BoundSource.OPTIMUM))
    bound = None
    if run.options.prove:
        run.load(without_penalty(run.compiled))
        free = run.solve()
        bound = _bound(run, free.objective, solved) if free.termination is Termination.OPTIMAL else None
    return _outcome(run, solved, x, method, bound)


def _sequential(run: Sequence) -> Outcome:
    """Re-rank by the plan just found until the true objective rises no more; keep the best of all starts."""
    best, last, free = follow_starts(run)
    if best is None:
        return _outcome(run, last, None, OverlapMethod.SEQUENTIAL, None)
    best = run.settle(best)
    solved = Solved(best.ranking, best.program, best.result)
    bound = None if free is None else _bound(run, free, solved)
    return _outcome(run, solved, best.x, OverlapMethod.SEQUENTIAL, bound)


def _bound(run: Sequence, free: float, solved: Solved) -> Bound:
    """Return what no plan exceeds: the optimum free of penalty, on small programs that with the convex envelope.

    The solve of that goes on from a program just ``solved``.
    """
    if run.compiled.program.n_columns <= SMALL:
        tighter = envelope_bound(run.sets, run.options, run.clock, solved.result)
        if tighter is not None and tighter < free:
            return Bound(tighter, BoundSource.ENVELOPE)
    return Bound(free, BoundSource.NO_PENALTY)


def _exact(compiled: Compiled, options: SolveOptions, clock: Clock, planned: Outcome | None) -> Outcome:
    """Solve the mixed-integer program, from the sequential plan where there is one, then price its plan."""
    branched = branch(compiled, options, clock, None if planned is None else planned.x)
    whole = compiled.program.integer
    # prices come from the linear program with the whole decisions as the plan takes them; it may outlast the limit
    plan = branched.x[: compiled.program.n_columns] if branched.has_solution else None
    decided = replace(compiled, program=with_decisions(compiled.program, plan))
    run = Sequence(decided, options, Clock(None, clock.began, clock.progress, clock.before_each))
    run.algorithms.append(branched.algorithm)
    best = _priced(run, branched)
    bound = Bound(branched.bound, BoundSource.BRANCHING) if branched.has_bound else None
    if planned is not None:
        run.steps[:0], run.algorithms[:0] = planned.steps, planned.algorithms
        best = _better(run, planned, best)
        if bound is None or (planned.bound is not None and planned.bound.value < bound.value):
            bound = planned.bound
    run.complete = branched.termination is Termination.OPTIMAL
    if best is None:
        failed = Solved(rank_by_activity(run.sets), compiled.program, branched)
        return _outcome(run, failed, None, OverlapMethod.EXACT, bound)
    solved = Solved(best.ranking, best.program, best.result)
    return replace(_outcome(run, solved, best.x, OverlapMethod.EXACT, bound), fixed_whole=bool(whole.any()))


def _priced(run: Sequence, branched: SolveResult) -> Candidate | None:
    """Return the plan the branching found, or better, with the prices of a linear program it is optimal in."""
    if not branched.has_solution:
        return None
    x = branched.x[: run.compiled.program.n_columns]
    run.record("branching", run.true_objective(run.compiled.program, x), branched, x)
    solved = run.ranked("branching", rank_by_plan(run.sets, run.amounts(x)))
    return run.settle(run.climb("branching", run.best_of_face(solved)))


def _better(run: Sequence, planned: Outcome, found: Candidate | None) -> Candidate | None:
    """Return the better of the plan before the branching and the one after it."""
    if planned.x is None:
        return found
    program = planned.compiled.program
    objective = run.true_objective(program, planned.x)
    if found is not None and found.objective > objective:
        return found
    return Candidate(objective, planned.ranking, program, planned.result, planned.x)


def _outcome(run: Sequence, solved: Solved, x: Vector | None, method: OverlapMethod, bound: Bound | None) -> Outcome:
    return Outcome(
        compiled=replace(run.compiled, program=solved.program),
        ranking=solved.ranking,
        result=solved.result,
        x=x,
        method=method,
        options=run.options,
        bound=bound,
        fixed_whole=False,
        steps=tuple(run.steps),
        complete=run.complete,
        algorithms=tuple(dict.fromkeys(run.algorithms)),
        seconds=run.clock.seconds,
    )
