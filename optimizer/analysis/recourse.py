"""What becomes of a commitment in a future, and what a future alone would do best.

A worker is told the study as bytes, keeps the program of its case, and answers by future: so the futures of a study can
be spread over processes, and each is compiled where it is planned.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from optimizer.analysis.sweep_task import EFFORT
from optimizer.analysis.two_stage import Block, Blocks, Setting, committed_columns
from optimizer.blocks.overlap import Ranking, rank_by_activity
from optimizer.compiler import Compiled
from optimizer.data.case import CaseTables
from optimizer.data.futures import Future
from optimizer.language import Message, say
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.plan import FailedPlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.summary import plan_summary
from optimizer.planning.outcome import Outcome
from optimizer.planning.sequence import Clock, Sequence, Solved
from optimizer.planning.starts import follow_starts
from optimizer.planning.strategy import is_penalised
from optimizer.solvers.result import SolveResult, Termination


@dataclass(frozen=True, eq=False)
class Realised:
    """What comes of one future.

    Attributes
    ----------
    name, probability
        The future.
    figures
        The figures of its plan's summary, and ``lapsed``, committed money it cannot use; empty without a plan.
    launches
        Launches by year.
    x
        The plan, over the columns of the future's program; ``None`` where there is none.
    reason
        Why there is no plan.
    """

    name: str
    probability: float
    figures: dict[str, float]
    launches: Vector
    x: Vector | None
    reason: Message | None = None

    @property
    def outcome(self) -> float:
        """True objective [money]; NaN where there is no plan."""
        return self.figures.get("objective", float("nan"))


def solution_of(compiled: Compiled, ranking: Ranking, result: SolveResult, x: Vector, setting: Setting) -> Solution:
    """Return a plan of a future as a solution that tables are made of; it has no prices of its own."""
    outcome = Outcome(
        compiled=compiled,
        ranking=ranking,
        result=result,
        x=x,
        method=setting.method,
        options=setting.options,
        bound=None,
        fixed_whole=False,
        steps=(),
        complete=True,
        algorithms=(),
        seconds=0.0,
    )
    return Solution(outcome)


def plain_solution(block: Block, x: Vector, setting: Setting) -> Solution:
    """Return a plan of a future as a solution, whoever found it."""
    found = SolveResult(Termination.OPTIMAL, "planned with others", "", 0, 0.0)
    return solution_of(block.compiled, rank_by_activity(block.sets), found, x, setting)


def realised(block: Block, x: Vector, setting: Setting, commitment: Vector | None = None) -> Realised:
    """Return what comes of a future by a plan.

    Parameters
    ----------
    block
        The future.
    x
        Its plan, over the columns of its program.
    setting
        What the futures share.
    commitment
        Committed money; what the plan does not spend of it has lapsed.
    """
    solution = plain_solution(block, x, setting)
    summary = plan_summary(solution)
    figures = {
        str(name): float(value)
        for name, value in summary.items()
        if name not in (*EFFORT, "status", "bound", "gap", "bound_by", "lp_objective")
    }
    if commitment is not None:
        spent = x[_spending(block, setting)]
        figures["lapsed"] = float(np.maximum(commitment - spent, 0.0).sum())
    return Realised(block.future.name, block.future.probability, figures, solution.launches.sum(axis=0), x)


def _spending(block: Block, setting: Setting) -> Codes:
    return committed_columns(block.compiled.program, setting.committed)


@dataclass(frozen=True, eq=False)
class Recourse:
    """The best plan of a future with its commitment as the block holds it, and how it was found."""

    ranking: Ranking
    program: LinearProgram
    result: SolveResult
    x: Vector | None


def best_recourse(block: Block, setting: Setting, options: SolveOptions | None = None) -> Recourse:
    """Plan a future as the overlap method asks for, within what its block leaves open."""
    options = options or setting.options
    run = Sequence(Compiled(block.sets, block.program), options, Clock(options.time_limit))
    if setting.method is OverlapMethod.FIXED or not is_penalised(block.sets.case):
        solved = run.first()
        if solved.result.termination is not Termination.OPTIMAL:
            return _without(solved)
        return Recourse(solved.ranking, solved.program, solved.result, run.least_spend(solved))
    best, last, _ = follow_starts(run)
    if best is None:
        return _without(last)
    best = run.settle(best)
    return Recourse(best.ranking, best.program, best.result, best.x)


def _without(solved: Solved) -> Recourse:
    return Recourse(solved.ranking, solved.program, solved.result, None)


def _failed(block: Block, found: Recourse, setting: Setting, *, committed: bool) -> Realised:
    future = block.future
    if committed and found.result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED):
        reason = say(
            "future {name} has no plan with this commitment: money cannot be used there, budgets are too small, or "
            "hard floors are missed.",
            name=repr(future.name),
        )
    else:
        outcome = Outcome(
            compiled=block.compiled,
            ranking=found.ranking,
            result=found.result,
            x=None,
            method=setting.method,
            options=setting.options,
            bound=None,
            fixed_whole=False,
            steps=(),
            complete=False,
            algorithms=(),
            seconds=0.0,
        )
        reason = say("future {name}: {problem}", name=repr(future.name), problem=FailedPlanTables(outcome).reason)
    return Realised(future.name, future.probability, {}, np.full(block.sets.n_years, np.nan), None, reason)


def plan_alone(blocks: Blocks, future: Future) -> Realised:
    """Plan a future as if it were certain."""
    setting = blocks.setting
    block = blocks.block(future, lapse=False)
    found = best_recourse(block, setting)
    if found.x is None:
        return _failed(block, found, setting, committed=False)
    return realised(block, found.x, setting)


def plan_committed(blocks: Blocks, future: Future, commitment: Vector, *, lapse: bool) -> Realised:
    """Plan a future with its commitment given."""
    setting = blocks.setting
    block = blocks.block(future, lapse=lapse)
    found = best_recourse(block.held(commitment), setting)
    if found.x is None:
        return _failed(block, found, setting, committed=True)
    return realised(block, block.plan_part(found.x), setting, commitment if lapse else None)


@lru_cache(maxsize=1)
def blocks_of(sent: bytes) -> Blocks:
    """Return what makes the programs of a study, kept from one call to the next."""
    setting: Setting = pickle.loads(sent)  # noqa: S301  # it comes from the process that started this one
    return Blocks(setting)


def sent(setting: Setting) -> bytes:
    """Return a study as workers are told it."""
    case = setting.case
    plain = CaseTables(case.raw, case.settings, case.stored)  # without what higher layers add to it
    options = replace(setting.options, prove=False)
    return pickle.dumps(replace(setting, case=plain, options=options))


def answer_alone(told: bytes, future: Future) -> Realised:
    """Plan a future as if it were certain, wherever this runs."""
    return plan_alone(blocks_of(told), future)


def answer_committed(told: bytes, asked: tuple[Future, Vector], *, lapse: bool) -> Realised:
    """Plan a future with a commitment, wherever this runs."""
    future, commitment = asked
    return plan_committed(blocks_of(told), future, commitment, lapse=lapse)
