"""Programs that share columns, solved apart: the L-shaped method with one cut a block, held near its best point.

Blocks ``i`` with weights ``p_i`` share the columns ``y``; ``Q_i(y)`` is the optimum of block ``i`` with ``y`` given, a
concave function for a maximisation. At a point ``v`` its solve gives a cut, from the reduced costs ``g`` of the columns
held there, or where it has no solution one from a ray ``d`` of its rows:

    optimal      Q_i(y) <= Q_i(v) + g (y - v)
    infeasible   d A_i[:, y] y >= d r - max d A_i[:, other] x        r: what the rows demand of d

Several blocks together may have a bound of their own, such as the optimum of a joint program of them:

    joint        sum over i of p_i Q_i(y) <= most

The master maximises the joint objective over ``y`` and ``q_i`` below the cuts; its optimum bounds the joint optimum
from above, the best point tried from below. The next point is the one nearest to the best one so far (sum of
distances) at which the master still promises a level between both bounds, so that it does not jump about.

Sources: R. M. Van Slyke and R. Wets, SIAM Journal on Applied Mathematics 17 (1969), the method; J. R. Birge and F. V.
Louveaux, European Journal of Operational Research 34 (1988), one cut a block; C. Lemarechal, A. Nemirovskii and Y.
Nesterov, Mathematical Programming 69 (1995), levels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.compose import Composed, compose
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector, freeze
from optimizer.options import SolveOptions
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.rays import farkas
from optimizer.solvers.result import SolveResult, Termination

LEVEL = 0.5
"""Where between the bounds the promise of the next point lies: 1 is the master's optimum, the plain method."""
NOTHING_FITS = (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)
IDLE = 1e-10
"""Entries of a cut that count as none, relative to its largest."""


class NoPointError(SolveError):
    """No point fits all blocks: their cuts leave none."""


@dataclass(frozen=True, eq=False)
class Cut:
    """What a solve of one block at one point says about all points.

    Attributes
    ----------
    block
        The block.
    value
        Its optimum at the point; ``None`` where it has no solution there.
    constant, slope
        ``Q(y) <= constant + slope @ y``; of a block without a solution there, ``0 <= constant + slope @ y``.
    """

    block: int
    value: float | None
    constant: float
    slope: Vector


@dataclass(frozen=True, eq=False)
class JointCut:
    """What some blocks together cannot exceed at any point.

    Attributes
    ----------
    blocks
        The blocks.
    shares
        Share of each.
    most
        What the sum of shares times values cannot exceed.
    """

    blocks: tuple[int, ...]
    shares: Vector
    most: float


def cut_at(
    session: Session, program: LinearProgram, shared: Codes, point: Vector, block: int
) -> tuple[Cut | None, SolveResult]:
    """Solve a block with its shared columns given and return its cut, and the end of the solve.

    The cut is ``None`` where the block has no solution and the engine no proof of it.

    Raises
    ------
    SolveError
        If the solve ended otherwise.
    """
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[shared] = upper[shared] = point
    session.set_bounds(lower, upper)
    result = session.solve()
    if result.termination is Termination.OPTIMAL:
        slope = _clean(result.reduced_cost[shared])
        return Cut(block, result.objective, result.objective - float(slope @ point), slope), result
    if result.termination not in NOTHING_FITS:
        msg = say(
            "a block ended with '{detail}' at a given point; allow more time or take another engine.",
            detail=result.detail,
        )
        raise SolveError(msg)
    if not result.has_dual_ray:
        return None, result
    held = replace(program, **freeze(lower=lower, upper=upper))
    need, most, _ = farkas(held, result.dual_ray)
    products = program.values * result.dual_ray[program.indices]
    weights = np.bincount(program.entry_columns, weights=products, minlength=program.n_columns).astype(float)[shared]
    return Cut(block, None, most - float(weights @ point) - need, weights), result


def _clean(slope: Vector) -> Vector:
    return np.where(np.abs(slope) <= IDLE * np.abs(slope).max(initial=0.0), 0.0, slope)


@dataclass(eq=False)
class Master:
    """What is known of the joint program: cuts, and rows that ``y`` keeps in every block.

    Attributes
    ----------
    weights
        Weight of each block.
    lower, upper
        Bounds of the shared columns.
    most
        What the value of each block cannot exceed.
    valued
        Makes the objective of a joint program of blocks with one value column each.
    options
        How to solve.
    cuts
        The cuts so far.
    joint
        What is known of several blocks together.
    """

    weights: Vector
    lower: Vector
    upper: Vector
    most: Vector
    valued: Callable[[Composed], Composed]
    options: SolveOptions
    cuts: list[Cut] = field(default_factory=list)
    joint: list[JointCut] = field(default_factory=list)

    def bound(self) -> tuple[float, Vector]:
        """Return what the joint optimum cannot exceed, and the point that promises it.

        Raises
        ------
        NoPointError
            If no point fits all blocks.
        SolveError
            If the engine fails.
        """
        program = self._program()
        result = find_engine(self.options.engine)(program, self.options).solve()
        if result.termination in NOTHING_FITS:
            raise NoPointError(say("no point fits all blocks; leave more open to each."))
        if result.termination is not Termination.OPTIMAL:
            msg = say("the master ended with '{detail}'; allow more time or take another engine.", detail=result.detail)
            raise SolveError(msg)
        return result.objective, result.x[: len(self.lower)]

    def nearest(self, center: Vector, level: float) -> Vector | None:
        """Return the point nearest to another one that promises a level; ``None`` where the engine finds none."""
        program = self._program().with_objective_at_least(level, "level")
        count = len(center)
        up, down = (program.n_columns + part * count + np.arange(count) for part in range(2))
        row, ones = program.n_rows + np.arange(count), np.ones(count)
        addition = Addition(
            lower=np.zeros(2 * count),
            upper=np.full(2 * count, np.inf),
            row_lower=center,
            row_upper=center.copy(),
            entries=((row, np.arange(count), ones), (row, up, -ones), (row, down, ones)),
        )
        near = extended(program, addition, "distance")
        cost = np.zeros(near.n_columns)
        cost[up] = cost[down] = 1.0
        session = find_engine(self.options.engine)(replace(near, maximize=False, **freeze(cost=cost)), self.options)
        result = session.solve()
        return result.x[:count] if result.termination is Termination.OPTIMAL else None

    def _program(self) -> LinearProgram:
        count = len(self.lower)
        of_block: list[list[Cut]] = [[] for _ in self.weights]
        for cut in self.cuts:
            of_block[cut.block].append(cut)
        blocks = [self._block(cuts, most) for cuts, most in zip(of_block, self.most, strict=True)]
        composed = compose(blocks, self.weights.tolist(), [np.arange(count)] * len(blocks))
        return self.valued(self._with_joint(composed)).program

    def _with_joint(self, composed: Composed) -> Composed:
        if not self.joint:
            return composed
        first, count, nothing = composed.program.n_rows, len(self.joint), np.empty(0)
        addition = Addition(
            lower=nothing,
            upper=nothing,
            row_lower=np.full(count, -np.inf),
            row_upper=np.array([cut.most for cut in self.joint]),
            entries=tuple(
                (
                    np.full(len(cut.blocks), first + number),
                    np.array([composed.columns[block][-1] for block in cut.blocks]),
                    cut.shares,
                )
                for number, cut in enumerate(self.joint)
            ),
        )
        return replace(composed, program=extended(composed.program, addition, "joint"))

    def _block(self, cuts: Sequence[Cut], most: float) -> LinearProgram:
        """Return a block of shared columns and one value column below its cuts."""
        count = len(self.lower)
        builder = ProgramBuilder({"number": pd.RangeIndex(count + 1), "cut": pd.RangeIndex(10**9)})
        lower, upper = np.append(self.lower, -np.inf), np.append(self.upper, most)
        columns = builder.add_columns("column", {"number": np.arange(count + 1)}, lower, upper)
        builder.add_objective("value", columns[-1:], 1.0)
        if cuts:
            constants = np.array([cut.constant for cut in cuts])
            slopes = np.array([cut.slope for cut in cuts])
            valued = np.array([cut.value is not None for cut in cuts], dtype=float)
            # scaled, for a ray has no size of its own
            size = np.maximum(np.abs(slopes).max(axis=1, initial=0.0), valued)
            size = np.where(size > 0, size, 1.0)
            rows = builder.add_rows("cut", {"cut": np.arange(len(cuts))}, upper=constants / size)
            builder.add_entries(rows, columns[-1], valued / size)
            builder.add_entries(rows[:, None], columns[:-1], -slopes / size[:, None])
        return builder.build(maximize=True)


@dataclass(eq=False)
class Level:
    """The course of the method: bounds, the best point, and the next one to try.

    Attributes
    ----------
    master
        What is known.
    value
        Makes the joint objective of the blocks' values.
    upper, lower
        Bounds of the joint optimum.
    best
        The best point tried; ``None`` where none fits all blocks so far.
    center
        Where to stay near.
    values
        Values of the blocks at the best point.
    """

    master: Master
    value: Callable[[Vector], float]
    center: Vector
    upper: float = np.inf
    lower: float = -np.inf
    best: Vector | None = None
    values: Vector | None = None

    @property
    def gap(self) -> float:
        """Distance of the bounds, relative to the best value."""
        return (self.upper - self.lower) / (1 + abs(self.lower)) if np.isfinite(self.lower) else np.inf

    def learn(self, point: Vector, cuts: Sequence[Cut]) -> None:
        """Take in the cuts of all blocks at a point."""
        self.master.cuts += cuts
        values = [cut.value for cut in cuts if cut.value is not None]
        if len(values) < len(self.master.weights):
            return
        ordered = np.zeros(len(values))
        for cut in cuts:
            ordered[cut.block] = cut.value
        reached = self.value(ordered)
        if reached > self.lower:
            self.lower, self.best, self.center, self.values = reached, point, point, ordered

    def next_point(self) -> Vector:
        """Bound the joint optimum anew and return the point to try next."""
        promised, point = self.master.bound()
        self.upper = min(self.upper, promised)
        floor = self.lower if np.isfinite(self.lower) else None
        level = promised if floor is None else floor + LEVEL * (promised - floor)
        if floor is None:
            level = promised - LEVEL * abs(promised)
        near = self.master.nearest(self.center, level)
        return np.clip(point if near is None else near, self.master.lower, self.master.upper)
