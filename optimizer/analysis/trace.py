"""Tracing the curve of worth against overlap: one program in one session, re-solved at one penalty after the other.

Each penalty starts from the plans of the penalties beside it, by :meth:`Sequence.follow`, which never ends below them.
Plans are carried both ways: where a plan found at one penalty is better at another than the plan held there, that
penalty is climbed again from it. So in the end each plan is the best of all at its own penalty, and for p < q with
plans x and y

    v(x) - p o(x) >= v(y) - p o(y)   and   v(y) - q o(y) >= v(x) - q o(x)   hence   (q - p) (o(x) - o(y)) >= 0:

overlap never rises with the penalty (to within ``RISE`` of the objective over q - p), and neither does the value.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from optimizer.analysis.curve import Curve
from optimizer.blocks.overlap import true_penalty, unranked
from optimizer.blocks.sets import Sets
from optimizer.compiler import compile_sets
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation, changed_case
from optimizer.data.names import title_of
from optimizer.errors import ModelError
from optimizer.language import say, sentence
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.plan import FailedPlanTables
from optimizer.planning.outcome import Bound, BoundSource, Outcome
from optimizer.planning.sequence import RISE, SMALL, Candidate, Clock, Sequence, Solved
from optimizer.planning.starts import follow_starts
from optimizer.solvers.result import Termination
from optimizer.solvers.steps import Steps

PARTS = (WITHOUT, LEAST, BETWEEN) = (
    sentence("plan without a penalty"),
    sentence("way to the least overlap"),
    sentence("points of the curve"),
)
"""The parts of the search."""
MOST_CARRIES = 100
"""Rounds of carrying plans to other penalties at most; each makes a plan better, so that there is an end anyhow."""
LOWEST = 1 / 64
"""First penalty above 0 that is tried on the way to the least overlap, as a share of the price that would cost the plan
all it is worth. A penalty far from the last one makes the next solve long: in steps it takes a fifth of the time."""
STEEPER = 4.0
"""Factor by which the penalty is raised until overlap falls no more."""
MOST_RAISES = 12
STILL = 0.01
"""Share of the overlap without penalty that counts as none: where no more is left, or falls, the raising ends."""
DIGITS = 3
"""Digits of a penalty that is tried; people write such numbers into case.toml."""


@dataclass(frozen=True)
class Prices:
    """What a penalty of 1 makes overlap cost: between clusters and between funders [money per money]."""

    clusters: float
    funders: float

    def at(self, penalty: float, case: CaseTables) -> CaseTables:
        """Return a case with overlap priced at a penalty."""
        prices = {"between_clusters": penalty * self.clusters, "between_funders": penalty * self.funders}
        changes = [Change("case", f"overlap.{key}", Operation.SET, price) for key, price in prices.items()]
        return changed_case(case, changes)


@dataclass(frozen=True, eq=False)
class Point:
    """The best plan known at one penalty.

    Attributes
    ----------
    penalty
        The penalty: multiple of :class:`Prices` [money per money].
    candidate
        The plan, with the linear program at this penalty in which it is optimal.
    sets
        Sets of the case at this penalty.
    value, overlap
        Objective without the penalty, and the discounted overlap that the penalty weighs [money].
    """

    penalty: float
    candidate: Candidate
    sets: Sets
    value: float
    overlap: float

    def objective_at(self, penalty: float) -> float:
        """Return the true objective of the plan at another penalty [money]."""
        return self.value - penalty * self.overlap


class Tracer:
    """Points of the curve of one case, in the order of rising penalties.

    Parameters
    ----------
    case
        The case; its own overlap prices and method do not matter.
    prices
        How a penalty is shared out.
    options
        How to solve; the time limit holds for the whole curve.
    steps
        Told where the curve stands; must know ``PARTS``.

    Raises
    ------
    ModelError
        If the case asks for whole decisions, which are no linear programs.
    SolveError
        If the case has no plan without a penalty either.
    """

    def __init__(self, case: CaseTables, prices: Prices, options: SolveOptions, steps: Steps | None = None) -> None:
        self.prices = prices
        self.carried = 0
        self.merged = 0
        self._case = case
        self._steps = steps or Steps(None, PARTS)
        self._steps.limit(options.time_limit)
        self._steps.begin(WITHOUT)
        clock = Clock(options.time_limit, progress=self._steps.hook)
        compiled = compile_sets(case)
        if compiled.program.integer.any():
            raise ModelError(
                say(
                    "calibration solves linear programs, but case {case} has whole decisions. Leave sites.minimum and "
                    "clusters.max_niches blank, calibrate, then solve the case itself at the penalty found.",
                    case=title_of(case),
                )
            )
        self._run = Sequence(compiled, options, clock)
        self._unit = replace(compiled.sets, case=prices.at(1.0, case))
        self.points = [self._without_penalty()]

    @property
    def complete(self) -> bool:
        """Whether no limit has ended a climb."""
        return self._run.complete

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return self._run.clock.seconds

    @property
    def solves(self) -> int:
        """Linear programs solved so far."""
        return len(self._run.steps)

    @property
    def curve(self) -> Curve:
        """The points as arrays."""
        columns = [(point.penalty, point.overlap, point.value) for point in self.points]
        return Curve(*np.array(columns).T)

    def _without_penalty(self) -> Point:
        run = self._run
        run.reprice(self.prices.at(0.0, self._case))
        solved = run.ranked("unranked", unranked(run.sets))
        if solved.result.termination is not Termination.OPTIMAL:
            FailedPlanTables(self._outcome(solved, None, run.sets)).raise_error()
        return self._point(0.0, run.best_of_face(solved))

    def _point(self, penalty: float, candidate: Candidate) -> Point:
        overlap = true_penalty(self._unit, self._run.amounts(candidate.x))[2]
        return Point(penalty, candidate, self._run.sets, candidate.objective + penalty * overlap, overlap)

    def _try(self, penalty: float, neighbours: Iterable[Point]) -> Point | None:
        """Return the best plan found at a penalty; ``None`` where a limit came first.

        Small programs are also planned as they would be alone, so that the curve is nowhere below such plans.
        """
        point = self._climb(penalty, neighbours)
        if point is not None and self._run.compiled.program.n_columns <= SMALL:
            alone, _, _ = follow_starts(self._run)
            if alone is None or not self.complete:
                return None
            alone = self._run.settle(alone)
            if alone.objective > point.candidate.objective:
                point = self._point(penalty, alone)
        return point

    def _climb(self, penalty: float, sources: Iterable[Point]) -> Point | None:
        """Return the best plan at a penalty that is reached from some plans; ``None`` where a limit came first."""
        self._run.reprice(self.prices.at(penalty, self._case))
        best: Candidate | None = None
        for source in sources:
            found = self._run.follow("neighbour", source.candidate)
            if found is None:
                return None
            if best is None or found.objective > best.objective:
                best = found
        return None if best is None else self._point(penalty, best)

    # --- which penalties are tried ------------------------------------------------------------------------------------

    def along(self, penalties: Iterable[float]) -> None:
        """Add a point for each of some rising penalties, upwards from the one below, then downwards from above."""
        chosen = list(penalties)
        self._steps.begin(BETWEEN, max(2 * len(chosen) - 1, 0))
        for penalty in chosen:
            point = self._try(penalty, [self.points[-1]])
            if point is None:
                return
            self.points.append(point)
            self._steps.advance()
        for place in range(len(self.points) - 2, 0, -1):
            point = self._climb(self.points[place].penalty, [self.points[place + 1]])
            if point is None:
                return
            if point.candidate.objective > self.points[place].candidate.objective:
                self.points[place] = point
            self._steps.advance()
        self._carry()

    def between_extremes(self, most: int, tolerance: float) -> None:
        """Find the least overlap, then split what is uncertain until the curve is known well enough (Cohon's NISE).

        Parameters
        ----------
        most
            Points from which on nothing is split; the way to the least overlap may have taken more.
        tolerance
            Share of the range of values that a plan may lie above a chord.
        """
        if self.points[0].overlap > 0:
            self._reach_least_overlap()
        closed: set[tuple[Point, Point]] = set()
        self._steps.begin(BETWEEN, self._tries_left(most, tolerance, closed), exact=False)
        tries = 0
        while self.complete and len(self.points) < most:
            errors = self._errors(closed)
            if max(errors, default=0.0) <= tolerance:
                break
            self._split(int(np.argmax(errors)), closed)
            tries += 1
            self._steps.advance(most=tries + self._tries_left(most, tolerance, closed))
        self._merge()

    def _errors(self, closed: Container[tuple[Point, Point]]) -> list[float]:
        """Return how far a plan may lie above the chord of each two neighbours; 0 where nothing more is looked for."""
        pairs = zip(pairwise(self.points), self.curve.errors, strict=True)
        return [0.0 if pair in closed else error for pair, error in pairs]

    def _tries_left(self, most: int, tolerance: float, closed: Container[tuple[Point, Point]]) -> int:
        """Return how many more penalties are tried at most.

        A try either closes one of the pairs that are uncertain, or adds a point and splits one into two, of which no
        more can be added than there is room for.
        """
        uncertain = sum(error > tolerance for error in self._errors(closed))
        return 2 * max(most - len(self.points), 0) + uncertain if uncertain and len(self.points) < most else 0

    def _split(self, place: int, closed: set[tuple[Point, Point]]) -> None:
        """Look for a plan above the chord of two neighbours, at the penalty at which these are worth the same."""
        before, after = self.points[place], self.points[place + 1]
        penalty = _rounded(self.curve.chords[place], DIGITS)
        inside = before.penalty < penalty < after.penalty
        point = self._try(penalty, [before, after]) if inside else None
        if point is None or not _is_news(point, before, after):
            closed.add((before, after))
            return
        self.points.insert(place + 1, point)
        self._carry()

    def _reach_least_overlap(self) -> None:
        """Add points at ever higher penalties until next to no overlap is left, or it falls no more."""
        first = self.points[0]
        spend = float(self._run.amounts(first.candidate.x).sum())
        whole = max(abs(first.value), spend) / first.overlap
        penalty = _rounded(LOWEST * whole, 1)
        self._steps.begin(LEAST, MOST_RAISES, exact=False)
        for _ in self._steps.each(range(MOST_RAISES)):
            before = self.points[-1]
            point = self._try(penalty, [before])
            if point is None:
                return
            if penalty >= whole and before.overlap - point.overlap <= STILL * first.overlap:
                break
            if _is_news(point, before):
                self.points.append(point)
            if point.overlap <= STILL * first.overlap:
                break
            penalty *= STEEPER
        self._carry()

    def _merge(self) -> None:
        """Keep one of neighbours with one plan: that of the lower penalty."""
        alike = np.isnan(self.curve.chords)
        self.points = [self.points[0], *(p for p, same in zip(self.points[1:], alike, strict=True) if not same)]
        self.merged = int(alike.sum())

    def _carry(self) -> None:
        """Climb again wherever a plan found at another penalty is better than the one held."""
        for _ in range(MOST_CARRIES):
            moves = [(place, self._better_at(point)) for place, point in enumerate(self.points)]
            moved = [(place, source) for place, source in moves if source is not None]
            if not moved:
                return
            for place, source in moved:
                point = self._climb(self.points[place].penalty, [source])
                if point is None:
                    return
                self.points[place] = point
                self.carried += 1

    def _better_at(self, point: Point) -> Point | None:
        held = point.candidate.objective
        best = max(self.points, key=lambda other: other.objective_at(point.penalty))
        return best if best.objective_at(point.penalty) > held + RISE * (1 + abs(held)) else None

    # --- what the points are ------------------------------------------------------------------------------------------

    def outcomes(self) -> list[Outcome]:
        """Return how the plan of each point was found, as if it had been planned alone."""
        without = self.points[0].candidate.result.objective
        solved = [Solved(p.candidate.ranking, p.candidate.program, p.candidate.result) for p in self.points]
        return [
            self._outcome(end, point, point.sets, Bound(without, BoundSource.NO_PENALTY))
            for end, point in zip(solved, self.points, strict=True)
        ]

    def _outcome(self, solved: Solved, point: Point | None, sets: Sets, bound: Bound | None = None) -> Outcome:
        run = self._run
        return Outcome(
            compiled=replace(run.compiled, sets=sets, program=solved.program),
            ranking=solved.ranking,
            result=solved.result,
            x=None if point is None else point.candidate.x,
            method=OverlapMethod.SEQUENTIAL,
            options=run.options,
            bound=bound,
            fixed_whole=False,
            steps=tuple(run.steps),
            complete=run.complete,
            algorithms=tuple(dict.fromkeys(run.algorithms)),
            seconds=run.clock.seconds,
        )


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _is_news(point: Point, *known: Point) -> bool:
    """Whether a plan is better at its penalty than those it was climbed from."""
    before = max(other.objective_at(point.penalty) for other in known)
    return point.candidate.objective > before + RISE * (1 + abs(before))
