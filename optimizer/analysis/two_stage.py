"""Plans in two stages: money committed now, the same whatever future comes true, and all else once that is known.

futures      i, each a changed case with probability p_i, compiled as if it were alone
committed    public money of sites and links in the years up to and including the last committed one: shared columns
adapted      everything else: starts, links, private money, capacity, what is carried over, public money of later years
rows         all rows of every future hold, so overlap, specialisation, rules and budgets do in each of them

Where committed money may lapse, each future has its own spend ``u_i`` below the commitment ``x``, and its budget is
charged the commitment; what a future cannot use is lost to it:

    u_i + lapsed_i = x,   budget row of future i: charged u_i + lapsed_i

Overlap is penalised as in :mod:`optimizer.planning.sequence`: each future ranks by its own spend, which in committed
years is the committed one. The linear penalty of no future is ever below its true one, and every measure of risk here
rises with each outcome, so the true value never falls from one step to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimizer.analysis.sweep_task import said
from optimizer.blocks.funding import budgets
from optimizer.blocks.overlap import (
    PART,
    Ranking,
    penalty_coefficients,
    rank_by_activity,
    rank_by_plan,
    true_penalty,
    unranked,
)
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled, compile_sets, recompile
from optimizer.data.case import CaseTables
from optimizer.data.changes import changed_case
from optimizer.data.futures import Future
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import Codes, Labels
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.planning.sequence import MOST_STEPS, RISE, SAME, TIE
from optimizer.planning.strategy import is_penalised

MONEY = ("public", "link_public")
"""Families of public money."""
COMMITMENT = "commitment"
"""Family of the columns and rows by which committed money may lapse."""
MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all futures of a study share.

    Attributes
    ----------
    case
        The case they are futures of.
    committed
        Number of years whose public money is committed.
    lapse
        Whether committed money that a future cannot use may lapse.
    method
        Overlap method.
    options
        How to solve.
    """

    case: CaseTables
    committed: int
    lapse: bool
    method: OverlapMethod
    options: SolveOptions


@dataclass(frozen=True, eq=False)
class Block:
    """One future as a program of its own.

    Attributes
    ----------
    future
        The future.
    compiled
        Its case and program.
    program
        The same program, where money may lapse with the commitments beside it.
    shared
        Positions of the committed columns in it.
    """

    future: Future
    compiled: Compiled
    program: LinearProgram
    shared: Codes

    @property
    def sets(self) -> Sets:
        """Sets and figures of the future."""
        return self.compiled.sets

    @cached_property
    def public(self) -> Codes:
        """Positions of the public money of sites."""
        return self.compiled.program.columns.positions("public")

    def amounts(self, x: Vector) -> Vector:
        """Return the public money of a plan, shape (site pairs, years)."""
        amounts: Vector = np.maximum(x[self.public], 0).reshape(-1, self.sets.n_years)
        return amounts

    def outcome(self, x: Vector) -> float:
        """Return the true objective of a plan [money]."""
        program = self.compiled.program
        parts = program.part_values(x[: program.n_columns])
        return sum(parts.values()) - parts[PART] - true_penalty(self.sets, self.amounts(x))[2]

    def rank(self, x: Vector) -> Ranking:
        """Return the ranking by what a plan spends."""
        return rank_by_plan(self.sets, self.amounts(x))

    def ranked(self, ranking: Ranking) -> LinearProgram:
        """Return the program with the overlap penalty of a ranking."""
        return self.program.with_part(PART, self.public, penalty_coefficients(self.sets, ranking).ravel())

    def held(self, commitment: Vector) -> Block:
        """Return the future with its commitment given."""
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        lower[self.shared] = upper[self.shared] = np.maximum(commitment, 0.0)
        return replace(self, program=replace(self.program, lower=lower, upper=upper))

    def plan_part(self, x: Vector) -> Vector:
        """Return a solution without what was added to the program of the case."""
        return x[: self.compiled.program.n_columns]


def spend_of(program: LinearProgram) -> Vector:
    """Return the public money that each unit of a column spends, and a little of each at random.

    That is what :meth:`optimizer.planning.sequence.Sequence.least_spend` takes, so that plans worth the same are told
    apart alike.
    """
    spend: Vector = TIE * (1 + np.random.default_rng(0).random(program.n_columns))
    for family in MONEY:
        spend[program.columns.positions(family)] += 1.0
    return spend


def committed_columns(program: LinearProgram, years: int) -> Codes:
    """Return the positions of the public money of the first years, sites before links."""
    found = []
    for family in MONEY:
        positions = program.columns.positions(family)
        found.append(positions[program.columns.codes(family, "year") < years])
    return np.concatenate(found)


def committed_limits(block: Block, years: int) -> tuple[Vector, Vector]:
    """Return what a future's budgets allow of the commitment, one line a limit: factors of the columns, and the most.

    Of each funder, the money of a year is at most its budget and what may be carried into it, and that of all years up
    to one is at most their budgets.
    """
    program, settings = block.compiled.program, block.sets.case.settings
    amount = budgets(block.sets)
    funder, year = (
        np.concatenate(
            [codes[program.columns.codes(family, "year") < years]
             for family in MONEY for codes in [program.columns.codes(family, name)]]
        )
        for name in ("funder", "year")
    )  # fmt: skip
    carried = settings.funding.carry_over * np.pad(amount, ((0, 0), (1, 0)))[:, :-1]
    of_funder = np.arange(len(amount))[:, None, None] == funder
    of_year = np.arange(years)[:, None]
    single = of_funder & (year == of_year)
    so_far = of_funder & (year <= of_year)
    most = np.concatenate([(amount + carried)[:, :years].ravel(), np.cumsum(amount, axis=1)[:, :years].ravel()])
    factors = np.concatenate([single.reshape(-1, len(funder)), so_far.reshape(-1, len(funder))]).astype(float)
    return factors, most


class Blocks:
    """Makes the program of each future from that of the case.

    Parameters
    ----------
    setting
        What they share.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.base = compile_sets(setting.case)
        if self.base.program.integer.any():
            raise InputError(
                say(
                    "the case takes whole decisions (minimum or max_niches), with which money cannot be committed "
                    "under several futures; leave these columns blank."
                )
            )
        self.size = len(committed_columns(self.base.program, setting.committed))

    def case_of(self, future: Future) -> CaseTables:
        """Return the case of a future.

        Raises
        ------
        InputError
            If its changes cannot be made.
        """
        try:
            return changed_case(self.setting.case, future.changes) if future.changes else self.setting.case
        except InputError as fault:
            raise InputError(say("future {name}: {problem}", name=repr(future.name), problem=said(fault))) from None

    def block(self, future: Future, *, lapse: bool | None = None) -> Block:
        """Return the program of a future.

        Raises
        ------
        InputError
            If its changes cannot be made, or it has other money to commit than the case.
        """
        compiled = recompile(self.base, self.case_of(future))
        program = compiled.program
        shared = committed_columns(program, self.setting.committed)
        self._check(future, program, shared)
        if self.setting.lapse if lapse is None else lapse:
            program, shared = _with_lapses(program, shared)
        return Block(future, compiled, program, shared)

    def _check(self, future: Future, program: LinearProgram, shared: Codes) -> None:
        """Raise InputError where the committed columns of a future are not those of the case."""
        if program.integer.any():
            raise InputError(
                say("future {name} takes whole decisions (minimum or max_niches), which the case does not.",
                    name=repr(future.name))
            )  # fmt: skip
        if len(shared) == self.size and _same_labels(program.columns, self.base.program.columns):
            return
        ours, theirs = (_committed_labels(one, self.setting.committed) for one in (self.base.program, program))
        differing = sorted(ours ^ theirs, key=str)[:MOST_NAMED]
        raise InputError(
            say(
                "future {name} has other public money to commit than the case: {cells}. Let no change make a link "
                "free, or one that was free cost something.",
                name=repr(future.name),
                cells="; ".join(", ".join(map(str, cell)) for cell in differing),
            )
        )


def _same_labels(one: Labels, other: Labels) -> bool:
    if one is other:
        return True
    return all(
        one.dimensions_of(family) == other.dimensions_of(family)
        and all(
            np.array_equal(one.codes(family, name), other.codes(family, name)) for name in one.dimensions_of(family)
        )
        for family in MONEY
    )


def _committed_labels(program: LinearProgram, years: int) -> set[tuple[object, ...]]:
    cells: set[tuple[object, ...]] = set()
    for family in MONEY:
        frame = program.columns.frame(family)[program.columns.codes(family, "year") < years]
        cells |= set(frame.itertuples(index=False, name=None))
    return cells


def _with_lapses(program: LinearProgram, shared: Codes) -> tuple[LinearProgram, Codes]:
    """Return a program whose spend may stay below commitments that the budgets are charged, and these columns."""
    count = len(shared)
    is_budget = np.zeros(program.n_rows, dtype=bool)
    is_budget[program.rows.positions("budget")] = True
    charged = is_budget[program.indices]
    budget_of = np.full(program.n_columns, -1, dtype=np.intp)
    budget_of[program.entry_columns[charged]] = program.indices[charged]
    commitment, lapsed = program.n_columns + np.arange(count), program.n_columns + count + np.arange(count)
    row, ones = program.n_rows + np.arange(count), np.ones(count)
    addition = Addition(
        lower=np.zeros(2 * count),
        upper=np.full(2 * count, np.inf),
        row_lower=np.zeros(count),
        row_upper=np.zeros(count),
        entries=((row, shared, ones), (row, lapsed, ones), (row, commitment, -ones), (budget_of[shared], lapsed, ones)),
    )
    return extended(program, addition, COMMITMENT), commitment


@dataclass(frozen=True, eq=False)
class Found:
    """Plans of all futures with one commitment.

    Attributes
    ----------
    value
        What their true outcomes are worth [money].
    rankings
        The rankings under which the program counted the overlap.
    parts
        Plan of each future, over the columns of its program.
    """

    value: float
    rankings: tuple[Ranking, ...]
    parts: tuple[Vector, ...]


SolveRanked = Callable[[tuple[Ranking, ...]], Found]
"""Plans all futures under rankings."""


def re_ranks(blocks: Sequence[Block], setting: Setting) -> bool:
    """Return whether plans are ranked anew by what they spend."""
    return setting.method is not OverlapMethod.FIXED and any(is_penalised(block.sets.case) for block in blocks)


def starts(blocks: Sequence[Block], setting: Setting) -> list[tuple[Ranking, ...]]:
    """Return the rankings from which plans are sought: by activity, and none, as in a plan of one case."""
    by_activity = tuple(rank_by_activity(block.sets) for block in blocks)
    if not re_ranks(blocks, setting):
        return [by_activity]
    return [by_activity, tuple(unranked(block.sets) for block in blocks)]


def climb(blocks: Sequence[Block], solve: SolveRanked, rankings: tuple[Ranking, ...], *, re_rank: bool) -> Found:
    """Solve under rankings, then rank anew by the plans found, until their true value stands still."""
    best = found = solve(rankings)
    for _ in range(MOST_STEPS if re_rank else 0):
        found = solve(tuple(block.rank(x) for block, x in zip(blocks, found.parts, strict=True)))
        scale, rise = 1 + abs(best.value), found.value - best.value
        if rise > -SAME * scale:  # of two equal plans the one whose prices count the overlap
            best = found
        if rise <= RISE * scale:
            break
    return best
