"""What workers do for a search that plans futures apart (:mod:`optimizer.analysis.benders`): cuts, groups and plans.

A worker is told the study as bytes and keeps the programs it was asked about last in engines, so that the next point is
solved from the last basis.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from optimizer.analysis.misfit import elastic_block
from optimizer.analysis.points import digest_of
from optimizer.analysis.recourse import Realised, blocks_of, realised
from optimizer.analysis.risk import Risk
from optimizer.analysis.two_stage import Block, spend_of
from optimizer.blocks.overlap import rank_by_activity, rank_by_plan
from optimizer.data.futures import Future
from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.compose import compose
from optimizer.lp.program import LinearProgram, Vector
from optimizer.planning.sequence import CLEAR
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.benders import NOTHING_FITS, Cut, NoPointError, cut_at
from optimizer.solvers.free_column import solve_free
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import Termination

MOST_HELD = 1_600_000
"""Columns of the programs that a worker keeps in engines at a time, some 3 GB; futures beyond it start anew."""


@dataclass(frozen=True, eq=False)
class Question:
    """What a worker is asked: a future, ranked by a plan's public money or, where that is ``None``, by activity.

    Attributes
    ----------
    block
        Number of the future.
    future
        The future.
    amounts
        Public money it is ranked by, shape (site pairs, years).
    point
        Its commitment; ``None`` to leave it free.
    whole
        Whether the plan is wanted, and not a cut.
    """

    block: int
    future: Future
    amounts: Vector | None
    point: Vector | None
    whole: bool = False

    @property
    def ranking(self) -> str:
        """Digest of what it is ranked by."""
        return "activity" if self.amounts is None else digest_of(self.amounts.tolist())

    @property
    def digest(self) -> str:
        """What tells the question from others of the study."""
        point = None if self.point is None else self.point.tolist()
        return digest_of([self.future.name, [str(change) for change in self.future.changes], self.ranking, point])


@dataclass(frozen=True, eq=False)
class Group:
    """A few futures that a worker plans together: their optimum bounds what one commitment can be worth to them.

    Attributes
    ----------
    members
        The futures.
    risk
        What is wanted of their outcomes.
    limit
        Seconds it may take; no part of the question.
    """

    members: tuple[Question, ...]
    risk: Risk
    limit: float | None

    @property
    def digest(self) -> str:
        """What tells the group from others of the study."""
        shares = [one.future.probability for one in self.members]
        return digest_of([[one.digest for one in self.members], shares, repr(self.risk)])


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker says: a cut and the commitment it was made at, or what comes of the plan.

    Of a group the cut is its optimum alone, with what a unit of each member's value counts there; it is missing where
    the time was up.
    """

    cut: Cut | None
    point: Vector
    result: Realised | None = None
    amounts: Vector | None = None
    worths: Vector | None = None


@dataclass(frozen=True, eq=False)
class _Held:
    block: Block
    program: LinearProgram
    session: Session


def _ranked(told: bytes, question: Question) -> tuple[Block, LinearProgram]:
    """Return a future under the ranking that is asked for."""
    block = blocks_of(told).block(question.future)
    sets, amounts = block.sets, question.amounts
    return block, block.ranked(rank_by_activity(sets) if amounts is None else rank_by_plan(sets, amounts))


class _Engines:
    """The futures a worker has in engines, the last ones used."""

    def __init__(self, told: bytes) -> None:
        self._told = told
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()

    def get(self, question: Question) -> _Held:
        """Return a future in an engine, under the ranking that is asked for."""
        key = (digest_of([question.future.name, *map(str, question.future.changes)]), question.ranking)
        if key not in self._held:
            block, ranked = _ranked(self._told, question)
            options = blocks_of(self._told).setting.options
            session = find_engine(options.engine)(ranked, options)
            self._held[key] = _Held(block, ranked, session)
        self._held.move_to_end(key)
        while len(self._held) > 1 and sum(one.program.n_columns for one in self._held.values()) > MOST_HELD:
            self._held.popitem(last=False)
        return self._held[key]


@lru_cache(maxsize=1)
def _engines(told: bytes) -> _Engines:
    """Return the engines of a study, kept from one call to the next."""
    return _Engines(told)


def answer(told: bytes, question: Question | Group) -> Answer:
    """Answer a question, wherever this runs.

    Raises
    ------
    NoPointError
        If no commitment fits a group.
    SolveError
        If the future has no plan whatever the commitment, or the engine fails.
    """
    if isinstance(question, Group):
        return _together(told, question)
    held = _engines(told).get(question)
    if question.point is None:
        return _free(held, question)
    if question.whole:
        return _plan(told, held, question, question.point)
    cut, _ = cut_at(held.session, held.program, held.block.shared, question.point, question.block)
    if cut is None:
        cut = _elastic_cut(told, held.block, question.point, question.block)
    return Answer(cut, question.point)


def _together(told: bytes, group: Group) -> Answer:
    """Plan a group of futures together, each with its share of the probability."""
    options = blocks_of(told).setting.options
    pairs = [_ranked(told, member) for member in group.members]
    shares = np.array([member.future.probability for member in group.members])
    shared = [block.shared for block, _ in pairs]
    joint = group.risk.joint(compose([program for _, program in pairs], (shares / shares.sum()).tolist(), shared))
    session = find_engine(options.engine)(joint.program, options)
    if joint.level is None:
        result = session.solve(group.limit)
    else:
        result = solve_free(session, joint.program, joint.level, group.limit)
    nothing = np.zeros(joint.n_shared)
    if result.termination is Termination.OPTIMAL:
        best = Cut(group.members[0].block, result.objective, result.objective, nothing)
        point = np.maximum(result.x[: joint.n_shared], 0.0)
        return Answer(best, point, worths=joint.worths(result.row_dual))
    if result.termination in NOTHING_FITS:
        raise NoPointError("no point fits all blocks of a group; leave more open to each.")
    if result.termination.is_limit:
        return Answer(None, nothing)
    msg = f"a group of blocks ended with '{result.detail}'; take another engine."
    raise SolveError(msg)


def _free(held: _Held, question: Question) -> Answer:
    held.session.set_bounds(held.program.lower, held.program.upper)
    result = held.session.solve()
    if result.termination is not Termination.OPTIMAL:
        raise SolveError(
            say("future {name} has no plan even alone (it ended with '{detail}'); change it, or loosen what it breaks.",
                name=repr(question.future.name), detail=result.detail)
        )  # fmt: skip
    shared = held.block.shared
    return Answer(
        Cut(question.block, result.objective, result.objective, np.zeros(len(shared))), np.maximum(result.x[shared], 0)
    )


def _plan(told: bytes, held: _Held, question: Question, point: Vector) -> Answer:
    setting = blocks_of(told).setting
    block = held.block
    _, result = cut_at(held.session, held.program, block.shared, point, question.block)
    bounded = block.held(point).program
    program = replace(held.program, lower=bounded.lower, upper=bounded.upper)
    second = spend_of(program)
    x = block.plan_part(least_of(held.session, program, result, CLEAR * second, setting.options))
    found = realised(block, x, setting, point if setting.lapse else None)
    return Answer(None, point, found, block.amounts(x))


def _elastic_cut(told: bytes, block: Block, point: Vector, number: int) -> Cut:
    """Return the cut of a future without a plan from how far its commitment is from one that it has a plan with."""
    program = elastic_block(block)
    count = len(block.shared)
    commitment = program.n_columns - 3 * count + np.arange(count)
    options = blocks_of(told).setting.options
    cut, _ = cut_at(find_engine(options.engine)(program, options), program, commitment, point, number)
    if cut is None or cut.value is None:
        msg = say("the engine calls a future infeasible, but gives no proof of it; take method 'extensive'.")
        raise SolveError(msg)
    return Cut(number, None, cut.constant, cut.slope)
