"""The points at which no goal of a program can be raised without lowering another: its non-dominated frontier.

extremes     Each goal is optimised, then held at its best while the others are, one after the other (lexicographic), so
             the ends of the frontier are exact.
points       Between the ends, one goal is optimised while the others may not fall below floors that are evenly spread
             over their ranges (epsilon-constraint). To the goal a small share of the others is added, so that of
             several points that are equally good for it the one that no other dominates is found (augmented: G.
             Mavrotas, Applied Mathematics and Computation 213 (2009) 455-465; skipping floors that a point found
             already surpasses, and stopping at the first infeasible one: G. Mavrotas, K. Florios, ibid. 219 (2013)
             9652-9669).

Every point found that way is non-dominated, however large the share is: a point that is better for one goal and no
worse for the others would fulfil the same floors at a larger augmented value. Weighted sums alone would miss the points
of a program with whole columns that lie inside of the convex hull of the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from optimizer.errors import InputError, SolveError
from optimizer.language import say, sentence
from optimizer.lp.hold import holding
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import Basis, SolveResult, Termination
from optimizer.solvers.steps import Steps

SHARE = 1e-3
"""Share of the other goals that is added to the first, all scaled by their ranges."""
SAME = 1e-7
"""Difference of two values, as a share of the goal's range, that counts as none."""
HELD = 1e-9
"""What a goal that is held at its best may lose, relative."""
WHOLE_GAP = 1e-9
"""Relative gap to which programs with whole columns are solved: below what the added share makes of a difference."""
ENDS, BETWEEN = sentence("ends of the frontier"), sentence("points between")
"""The parts of the search."""
NO_POINT = (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)


@dataclass(frozen=True, eq=False)
class Goal:
    """One of several objectives.

    Attributes
    ----------
    name
        What it is called.
    coefficients
        Coefficient of each column.
    maximize
        Whether more is better.
    """

    name: str
    coefficients: Vector
    maximize: bool = True


@dataclass(frozen=True, eq=False)
class Point:
    """A point of a frontier.

    Attributes
    ----------
    values
        Value of each goal.
    x
        Value of each column.
    best
        The goal of which it is the extreme; ``None`` for points between them.
    """

    values: Vector
    x: Vector
    best: int | None = None


@dataclass(frozen=True, eq=False)
class Frontier:
    """Non-dominated points of a program, in the order of a falling first goal.

    Attributes
    ----------
    goals
        The goals.
    points
        The points.
    best, worst
        Best and worst value of each goal among the extremes.
    solves
        Programs solved.
    complete
        Whether no limit ended the search.
    """

    goals: tuple[Goal, ...]
    points: tuple[Point, ...]
    best: Vector
    worst: Vector
    solves: int
    complete: bool

    @property
    def values(self) -> Vector:
        """Values of the points, shape (points, goals)."""
        return np.array([point.values for point in self.points])

    @property
    def distances(self) -> Vector:
        """How far each point stands before the plane through the goals' best values, all scaled to 0..1.

        With two goals that is the distance from the chord of the extremes, whose greatest marks the knee (I. Das,
        Structural Optimization 18 (1999) 107-115).
        """
        span = self.best - self.worst
        moves = np.abs(span) > 0
        if moves.sum() < 2 or len(self.points) < 3:  # without a trade there is nothing between
            return np.zeros(len(self.points))
        kept = (self.values[:, moves] - self.worst[moves]) / span[moves]
        distances: Vector = (kept.sum(axis=1) - 1) / np.sqrt(moves.sum())
        return distances

    @property
    def knee(self) -> int | None:
        """The point that stands out furthest; ``None`` where none stands out."""
        distances = self.distances
        return int(distances.argmax()) if len(distances) and distances.max() > SAME else None


def frontier(  # what is traded, how finely, and how it is solved
    program: LinearProgram,
    goals: Sequence[Goal],
    points: int = 9,
    *,
    step: float | None = None,
    options: SolveOptions | None = None,
    steps: Steps | None = None,
) -> Frontier:
    """Return non-dominated points of a program with several goals; its own objective does not matter.

    Parameters
    ----------
    program
        The program; it may have whole columns.
    goals
        Two or more; the first is the one that is optimised under floors of the others.
    points
        Floors per further goal, its extremes included.
    step
        With two goals, find every point in place of evenly spread ones: the least by which the second goal of two
        points can differ, such as 1 where it takes whole values only.
    options
        How to solve; the time limit holds for all solves together.
    steps
        Told where the search stands; must know the parts ``ENDS`` and ``BETWEEN``.

    Raises
    ------
    InputError
        If there are fewer than two goals or points.
    SolveError
        If the program has no optimum for one of the goals.
    """
    if len(goals) < 2 or points < 2 or (step is not None and (step <= 0 or len(goals) > 2)):
        raise InputError(
            say(
                "a frontier needs 2 goals or more, and 2 points or more; a step above 0 goes with 2 goals only. It got "
                "{goals} goals, {points} points and the step {step}.",
                goals=len(goals),
                points=points,
                step=step,
            )
        )
    search = _Search(program, goals, options or SolveOptions(), steps or Steps(None, (ENDS, BETWEEN)))
    search.extremes()
    if search.complete:
        if step is None:
            search.spread(points)
        else:
            search.every(step)
    return search.frontier()


class _Search:
    """One session that holds the program with a row per goal; all goals are maximised inside."""

    def __init__(self, program: LinearProgram, goals: Sequence[Goal], options: SolveOptions, steps: Steps) -> None:
        self.goals = tuple(goals)
        self.sign = np.array([1.0 if goal.maximize else -1.0 for goal in goals])
        self.gains = [sign * goal.coefficients for sign, goal in zip(self.sign, goals, strict=True)]
        free = np.full(len(goals), -np.inf)
        self.program = holding(program, self.gains, free, -free, "goals")
        if program.integer.any():
            options = replace(options, gap=min(options.gap, WHOLE_GAP))
        self.options = options
        self.steps = steps
        self.steps.limit(options.time_limit)
        self.end = None if options.time_limit is None else time.perf_counter() + options.time_limit
        self.points: list[Point] = []
        self.best = self.worst = np.empty(0)
        self.first: Basis | None = None
        self.solves = 0
        self.complete = True
        self._open()

    def _open(self) -> None:
        self.session = find_engine(self.options.engine)(self.program, replace(self.options, time_limit=None))

    def solve(self, gain: Vector, floors: Vector) -> SolveResult:
        """Maximise a gain while no goal falls below its floor."""
        self.session.set_cost(gain, maximize=True)
        lower = np.append(self.program.row_lower[: -len(floors)], floors)
        self.session.set_row_bounds(lower, self.program.row_upper)
        left = None if self.end is None else max(self.end - time.perf_counter(), 1e-3)
        self.solves += 1
        return self.session.solve(left, self.steps.hook)

    def extremes(self) -> None:
        """Find the best point of each goal, exactly, unless a limit comes first."""
        self.steps.begin(ENDS, len(self.goals) ** 2)
        for first in range(len(self.goals)):
            if not self._extreme(first):
                self.complete = False
                break
        if not self.points:
            msg = say("the search was stopped before any end of the frontier was known; allow more time.")
            raise SolveError(msg, "limit")
        values = np.array([self.sign * point.values for point in self.points])
        self.best, self.worst = values.max(axis=0), values.min(axis=0)

    def _extreme(self, first: int) -> bool:
        """Find the best point of a goal, exactly; return whether no limit came first."""
        floors, found = np.full(len(self.goals), -np.inf), None
        for goal in (first, *(other for other in range(len(self.goals)) if other != first)):
            if goal == first:
                # from the last basis an objective that is altogether another takes far longer than from none
                self._open()
            elif found is not None and self.first is not None:
                self.session.set_basis(self.first if goal == 0 else found.basis)
            result = self.solve(self.gains[goal], floors)
            if result.termination.is_limit:
                return False
            if result.termination is not Termination.OPTIMAL:
                msg = say(
                    "goal '{goal}' has no optimum: the solve ended with '{end}'.",
                    goal=self.goals[goal].name,
                    end=result.termination,
                )
                raise SolveError(msg)
            self.steps.advance()
            found = result
            floors[goal] = result.objective - HELD * (1 + abs(result.objective))
        if found is not None:
            self._keep(found, best=first)
            self.first = found.basis if first == 0 and found.has_basis else self.first
        return True

    def _keep(self, result: SolveResult, best: int | None = None) -> Vector:
        """Remember a point; return its values, all to be maximised."""
        x = np.where(self.program.integer, result.x.round(), result.x)
        gains = np.array([gain @ x for gain in self.gains])
        self.points.append(Point(self.sign * gains, x, best))
        return gains

    def _augmented(self) -> Vector:
        span = self.best - self.worst
        gain: Vector = self.gains[0].copy()
        for goal in range(1, len(self.goals)):
            if span[goal] > 0:
                gain += SHARE * (span[0] or 1.0) / span[goal] * self.gains[goal]
        return gain

    def spread(self, points: int) -> None:
        """Find a point for each of evenly spread floors."""
        gain, last = self._augmented(), len(self.goals) - 1
        span = self.best - self.worst
        grids = [
            np.linspace(self.worst[goal], self.best[goal], points if span[goal] > 0 else 1)
            for goal in range(1, len(self.goals))
        ]
        # with two goals the extremes are the ends of the only grid; with more, its ends are edges of the frontier
        inner = slice(1, -1) if len(self.goals) == 2 else slice(None)
        outers, inners = list(product(*grids[:-1])), grids[-1][inner]
        self.steps.begin(BETWEEN, len(outers) * len(inners))
        for outer in outers:
            if self.first is not None:
                self.session.set_basis(self.first)  # the lowest floors are nearest to the best of the first goal
            reached = -np.inf
            for place, floor in enumerate(inners):
                if floor <= reached:
                    self.steps.advance()
                    continue  # the last point has this floor too, so it would be found again
                floors = np.array([-np.inf, *outer, floor])
                floors -= HELD * (1 + np.abs(np.where(np.isfinite(floors), floors, 0.0)))
                result = self.solve(gain, floors)
                if result.termination in NO_POINT:
                    self.steps.advance(len(inners) - place)
                    break  # higher floors of the last goal have no point either
                if not self._reached(result):
                    return
                reached = self._keep(result)[last]
                self.steps.advance()

    def every(self, step: float) -> None:
        """Find every point, each by the lowest floor of the second goal that the one before does not reach."""
        gain = self._augmented()
        reached = self.worst[1]
        self.steps.begin(BETWEEN)
        while reached + step <= self.best[1] + SAME * step:
            result = self.solve(gain, np.array([-np.inf, reached + step * (1 - SAME)]))
            if result.termination in NO_POINT or not self._reached(result):
                return
            reached = self._keep(result)[1]
            self.steps.advance()

    def _reached(self, result: SolveResult) -> bool:
        if result.termination is Termination.OPTIMAL:
            return True
        if not result.termination.is_limit:
            msg = say(
                "a point of the frontier ended with '{end}' ({detail}).", end=result.termination, detail=result.detail
            )
            raise SolveError(msg)
        self.complete = False
        return False

    def frontier(self) -> Frontier:
        """Return the points that no other dominates, each once."""
        kept: list[Point] = []
        if self.points:
            gains = np.array([self.sign * point.values for point in self.points])
            span = np.ptp(gains, axis=0)
            chosen = undominated(gains, SAME * np.where(span > 0, span, 1.0))
            kept = [self.points[place] for place in chosen[np.argsort(-gains[chosen, 0], kind="stable")]]
        return Frontier(
            self.goals, tuple(kept), self.sign * self.best, self.sign * self.worst, self.solves, self.complete
        )


def undominated(gains: Vector, tolerance: Vector) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return which rows no other row dominates; of rows that are the same the first. More is better in each column.

    Parameters
    ----------
    gains
        Values, shape (points, goals).
    tolerance
        Difference in each goal that counts as none.
    """
    difference = gains[None, :, :] - gains[:, None, :]  # [i, j]: how much better j is than i
    no_worse = (difference >= -tolerance).all(axis=2)
    better = (difference > tolerance).any(axis=2)
    order = np.arange(len(gains))
    same_but_first = no_worse & ~better & (order[None, :] < order[:, None])
    return np.flatnonzero(~((no_worse & better) | same_but_first).any(axis=1))
