"""The extensive form: all futures in one linear program (:mod:`optimizer.lp.compose`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.analysis.risk import Risk
from optimizer.analysis.two_stage import Block, Found, Setting, climb, re_ranks, spend_of, starts
from optimizer.blocks.overlap import Ranking
from optimizer.errors import SolveError
from optimizer.language import say, sentence
from optimizer.lp.compose import Composed, compose
from optimizer.lp.program import LinearProgram, Vector
from optimizer.planning.sequence import CLEAR, LEAN, SAME, Clock
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.free_column import solve_free
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import Basis, SolveResult, Termination
from optimizer.solvers.steps import Steps

TOGETHER = sentence("all futures together")
"""The part of a study in which the joint program is solved, a step for each ranking it begins from."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How a plan under uncertainty was found.

    Attributes
    ----------
    method
        ``extensive`` or ``benders``.
    columns, rows, nonzeros
        Size of the largest program solved.
    solves
        Programs solved.
    seconds
        Time of building and solving.
    bound
        What no plan of the last ranking exceeds [money].
    gap
        Its distance from the plan, relative.
    ceiling
        What no plan exceeds, however overlap is ranked: the optimum if it cost nothing [money]; ``None`` where that was
        not solved for.
    complete
        Whether the gap is as small as was wanted; otherwise a limit ended the search.
    """

    method: str
    columns: int
    rows: int
    nonzeros: int
    solves: int
    seconds: float
    bound: float
    gap: float
    ceiling: float | None = None
    complete: bool = True


@dataclass(frozen=True, eq=False)
class Planned:
    """A commitment, and the plan of each future with it.

    Attributes
    ----------
    value
        What the true outcomes are worth [money].
    commitment
        Committed money, over the committed columns.
    plans
        Plan of each future, over the columns of its own case.
    effort
        How it was found.
    """

    value: float
    commitment: Vector
    plans: tuple[Vector, ...]
    effort: Effort


class InfeasibleError(SolveError):
    """All futures together have no plan."""


def plan_extensive(
    blocks: Sequence[Block],
    risk: Risk,
    setting: Setting,
    clock: Clock,
    steps: Steps,
    more: Sequence[tuple[Ranking, ...]] = (),
) -> Planned:
    """Plan all futures in one program; ``more`` are further rankings to start from.

    Raises
    ------
    InfeasibleError
        If no commitment fits all futures.
    SolveError
        If a limit ends the solve, there is no best plan, or the engine fails.
    """
    form = _Form(blocks, risk, setting, clock)
    best, ceiling = None, None
    opening, *free = starts(blocks, setting)
    begun_from = [opening, *free, *more]
    steps.begin(TOGETHER, len(begun_from))
    for rankings in steps.each(begun_from):
        if any(rankings is one for one in free):
            ceiling = form.optimum(rankings)
        found = climb(blocks, form.solve, rankings, re_rank=form.re_ranks)
        if best is None or found.value > best.value:
            best = found
    if best is None:
        msg = "there must be a ranking to start from"
        raise AssertionError(msg)
    best, commitment, objective = form.settle(best)
    program = form.composed.program
    effort = Effort(
        method="extensive",
        columns=program.n_columns,
        rows=program.n_rows,
        nonzeros=program.n_nonzeros,
        solves=form.solves,
        seconds=clock.seconds,
        bound=objective,
        gap=0.0,
        ceiling=ceiling,
    )
    plans = tuple(block.plan_part(x) for block, x in zip(blocks, best.parts, strict=True))
    return Planned(best.value, commitment, plans, effort)


class _Form:
    """The joint program under one ranking after the other, in one session as long as only its costs change."""

    def __init__(self, blocks: Sequence[Block], risk: Risk, setting: Setting, clock: Clock) -> None:
        self._blocks, self._risk, self._setting, self._clock = blocks, risk, setting, clock
        self._weights = np.array([block.future.probability for block in blocks])
        self._weights = self._weights / self._weights.sum()
        names = pd.Index([block.future.name for block in blocks], dtype=object)
        programs, shared = [block.program for block in blocks], [block.shared for block in blocks]
        self._mean = compose(programs, self._weights.tolist(), shared, names)
        self.composed: Composed = self._mean
        self._held: LinearProgram | None = None
        self._session: Session | None = None
        self._basis: Basis | None = None
        self._last: tuple[tuple[Ranking, ...], SolveResult] | None = None
        self.re_ranks = re_ranks(blocks, setting)
        self.solves = 0

    def solve(self, rankings: tuple[Ranking, ...]) -> Found:
        """Plan all futures under rankings."""
        result = self._solved(rankings)
        return self._found(rankings, result.x)

    def optimum(self, rankings: tuple[Ranking, ...]) -> float:
        """Return the optimum of the joint program under rankings [money]; to plan under them next costs no more."""
        return self._solved(rankings).objective

    def settle(self, best: Found) -> tuple[Found, Vector, float]:
        """Return the best plans as they are reported, their commitment, and the optimum of their program.

        Of plans worth the same, one of least expected spend; where the mean counts for nothing, first of those the one
        of the highest mean, so that outcomes that are not the worst are no matter of chance.
        """
        result = self._solved(best.rankings)
        program, spend = self.composed.program, self._spend()
        if self._risk.ignores_mean:
            weighted = [weight * cost for weight, cost in zip(self._weights, self.composed.costs, strict=True)]
            second = LEAN * spend - self.composed.joined(weighted)
        else:
            second = CLEAR * spend
        options = replace(self._setting.options, time_limit=self._clock.left())
        session = self._fresh() if self._risk.ignores_mean else self._open()
        lean = least_of(session, program, result, second, options, self._clock.progress)
        chosen, x = self._found(best.rankings, lean), lean
        if not self.re_ranks:
            return chosen, np.maximum(x[: self.composed.n_shared], 0.0), result.objective
        if chosen.value < best.value - SAME * (1 + abs(best.value)):
            chosen, x = self._found(best.rankings, result.x), result.x
        if chosen.value < best.value - SAME * (1 + abs(best.value)):
            chosen, x = best, self._joint(best)
        return chosen, np.maximum(x[: self.composed.n_shared], 0.0), result.objective

    def _solved(self, rankings: tuple[Ranking, ...]) -> SolveResult:
        if self._last is not None and self._last[0] is rankings:
            return self._last[1]
        costs = [block.ranked(ranking).cost for block, ranking in zip(self._blocks, rankings, strict=True)]
        self.composed = self._risk.joint(self._mean.revalued(costs))
        session = self._open()
        program, level = self.composed.program, self.composed.level
        limits = self._clock.left(), self._clock.progress
        result = session.solve(*limits) if level is None else solve_free(session, program, level, *limits)
        self.solves += 1
        if result.has_basis:
            self._basis = result.basis
        if result.termination is not Termination.OPTIMAL:
            raise ended(result)
        self._last = rankings, result
        return result

    def _fresh(self) -> Session:
        """Return a session of its own for a wish that leads far from the last basis; the other one is given up.

        Where only the worst counts, nearly all of every other future is open, and the simplex method would build it up
        step by step: it took more than ten times as long as a solve anew.
        """
        self._session = None
        return find_engine(self._setting.options.engine)(self.composed.program, self._setting.options)

    def _open(self) -> Session:
        """Return a session that holds the joint program."""
        program = self.composed.program
        if self._session is not None and self._held is not None and self._held.values is program.values:
            self._session.set_cost(program.cost, maximize=program.maximize)
        elif self._session is None or self._held is not program:
            self._session = find_engine(self._setting.options.engine)(program, self._setting.options)
            if self._basis is not None:
                self._session.set_basis(self._basis)
        self._held = program
        return self._session

    def _found(self, rankings: tuple[Ranking, ...], x: Vector) -> Found:
        parts = tuple(self.composed.split(x))
        outcomes = np.array([block.outcome(part) for block, part in zip(self._blocks, parts, strict=True)])
        return Found(self._risk.value(outcomes, self._weights), rankings, parts)

    def _joint(self, found: Found) -> Vector:
        x = np.zeros(self.composed.program.n_columns)
        for columns, part in zip(self.composed.columns, found.parts, strict=True):
            x[columns] = part
        return x

    def _spend(self) -> Vector:
        """Return the expected public money that each unit of a joint column spends, commitments with it."""
        spends = []
        for block, weight in zip(self._blocks, self._weights, strict=True):
            spend = spend_of(block.program)
            if block.program is not block.compiled.program:
                spend[block.shared] += 1.0
            spends.append(weight * spend)
        return self.composed.joined(spends)


def ended(result: SolveResult) -> SolveError:
    """Return the error that says why a solve has no plan."""
    if result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED):
        return InfeasibleError(
            say("no commitment fits all futures; commit to fewer years, or let money lapse."), "infeasible"
        )
    if result.termination is Termination.UNBOUNDED:
        return SolveError(say("some future can earn without limit: give every stage a cost, or its sites a capacity."))
    return SolveError(
        say(
            "planning under uncertainty ended with '{detail}'; allow more time, fewer futures, or method 'benders'.",
            detail=result.detail,
        ),
        result.termination.status,
    )
