"""Plans between which nothing is gained without giving something up: the frontier of two or three measures.

The measures are those of :mod:`optimizer.analysis.measures`, the method that of :mod:`optimizer.solvers.frontier`.
Where overlap is traded its ceilings stand on the linear overlap of one ranking; the true overlap of a plan is never
above it, so every plan found keeps its ceiling, but another ranking may allow more. Points that the true overlap shows
to be dominated are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.measures import Measure, Measured, chosen, measured, region_money, regions_of
from optimizer.analysis.planned import PLAN, planned, unfinished
from optimizer.data.case import CaseTables
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.options import SolveOptions
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.summary import plan_summary
from optimizer.plan.tables import in_unit
from optimizer.solvers.frontier import BETWEEN, ENDS, SAME, Frontier, Point, frontier, undominated
from optimizer.solvers.result import ProgressHook
from optimizer.solvers.steps import Steps

POINTS = {2: 9, 3: 4}
"""Floors of each further measure where no number is given, by the number of measures."""
FIGURES = ("objective", "worth", "overlap_penalty", "rule_price", "overlap_clusters", "overlap_funders", "spend")
MORE_FIGURES = ("private", "launches")


@dataclass(frozen=True, eq=False, repr=False)
class FrontierTables:
    """Plans that no other plan of the same program dominates. Made by :func:`trace_frontier`.

    Attributes
    ----------
    plan
        The plan from whose program they were found.
    measures
        What is traded, in the order asked for.
    by
        Year up to which launches count; ``None`` for the whole horizon.
    found
        The points as the program sees them.
    measured
        The program with its measures.
    dropped
        Points left out because another one dominates them once overlap is counted truly.
    """

    plan: PlanTables
    measures: tuple[Measure, ...]
    by: int | None
    found: Frontier
    measured: Measured
    dropped: int

    @property
    def complete(self) -> bool:
        """Whether no limit ended the search for the plan or for the points."""
        return self.found.complete and self.plan.outcome.complete

    @cached_property
    def solutions(self) -> tuple[Solution, ...]:
        """The plan of each point."""
        return _solutions(self.plan, self.found)

    @cached_property
    def _table(self) -> pd.DataFrame:
        values = [self.measured.true_values(solution) for solution in self.solutions]
        summaries = [plan_summary(solution) for solution in self.solutions]
        frame = pd.DataFrame({f"measure_{name}": [one[name] for one in values] for name in self.measures})
        if Measure.OVERLAP in self.measures:
            place = self.measures.index(Measure.OVERLAP)
            frame["linear_overlap"] = self.found.values[:, place]
        frame["best_of"] = ["" if point.best is None else self.measures[point.best] for point in self.found.points]
        frame["distance"] = self.found.distances
        frame["turn"] = [place == self.found.knee for place in range(len(frame))]
        for name in (*FIGURES, *MORE_FIGURES):
            frame[name] = [float(one[name]) for one in summaries]
        if Measure.BALANCE in self.measures:
            money = [region_money(solution) for solution in self.solutions]
            frame["largest_region_share"] = [_share(one) for one in money]
            frame["hoover"] = [_hoover(one) for one in money]
        return in_unit(frame, self.plan.case.currency)

    @property
    def table(self) -> pd.DataFrame:
        """The points, one a line, the best of the first measure first.

        ``measure_...``, the true values of what is traded; ``linear_overlap``, the overlap by the ranking of the
        program, on which the ceilings stand [money]; ``best_of``, of which measure a point is the exact extreme;
        ``distance`` before the plane through the best values, all scaled to 0..1, and ``turn``, the knee: the greatest;
        then figures as in a plan's summary. With balance, ``largest_region_share`` of the public money, and
        ``hoover``: the share that would have to move for all regions to get the same.
        """
        return self._table.copy()

    @property
    def knee(self) -> int | None:
        """Line of the table at which the trade turns; ``None`` where it does not."""
        return self.found.knee

    def allocation(self, point: int) -> pd.DataFrame:
        """Return who spends what where and when in the plan of a point, as ``plan.allocation`` does [money].

        Raises
        ------
        InputError
            If the table has no such line.
        """
        if not 0 <= point < len(self.solutions):
            raise InputError(
                say(
                    "the frontier has no point {point}; its points are numbered 0 to {last}.",
                    point=point,
                    last=len(self.solutions) - 1,
                )
            )
        return PlanTables(self.solutions[point]).allocation

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the frontier."""
        notes = [
            say(
                "The best value of each measure is exact; between them, each point is the best for the first measure "
                "at evenly spread floors of the others, and no other plan of the program is better in one and no worse "
                "in the rest."
            )
        ]
        if Measure.WORTH in self.measures:
            notes.append(say("Worth is that of launches and pipeline less the price of broken rules."))
        if Measure.OVERLAP in self.measures:
            notes.append(
                say(
                    "Overlap is discounted, that between funders weighed by the ratio of the case's prices. Ceilings "
                    "stand on the linear overlap of the plan's last ranking, which is never below the true one shown; "
                    "other rankings may allow more worth at the same overlap."
                )
            )
        if Measure.BALANCE in self.measures:
            regions, _ = regions_of(self.plan.solution.sets)
            notes.append(
                say(
                    "Balance is the public money over the horizon of that one of {count} regions which gets least.",
                    count=len(regions),
                )
            )
        if self.plan.outcome.fixed_whole:
            notes.append(say("Whole decisions stay as the plan takes them."))
        if self.dropped:
            notes.append(
                say("{count} points were left out: with their true overlap another is better.", count=self.dropped)
            )
        if not self.found.complete:
            notes.append(say("A limit ended the search before all points were found; allow more time."))
        return (*notes, *unfinished(self.plan))

    def __repr__(self) -> str:
        told = say(
            "Frontier({case}: {measures}, {points} points{ends})",
            case=quoted_title(self.plan.case),
            measures=" against ".join(self.measures),
            points=len(self.found.points),
            ends="" if self.complete else say(", stopped by a limit"),
        )
        return told.text()


def trace_frontier(  # what is traded, how finely, and how it is solved
    case_or_plan: CaseTables | PlanTables,
    measures: Sequence[str] = (Measure.WORTH, Measure.OVERLAP),
    points: int | None = None,
    *,
    by: int | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> FrontierTables:
    """Trace a frontier; :func:`optimizer.frontier` says what the parameters mean."""
    names = chosen(tuple(measures))
    steps = Steps(progress, (PLAN, ENDS, BETWEEN))
    plan = planned(case_or_plan, options, steps)
    held = measured(plan.outcome, names, by)
    options = options or replace(plan.outcome.options, time_limit=None)
    found = frontier(
        held.program, held.goals, POINTS[len(names)] if points is None else points, options=options, steps=steps
    )
    kept = _truly_undominated(plan, held, found)
    dropped = len(found.points) - len(kept)
    return FrontierTables(plan, names, by, replace(found, points=kept), held, dropped)


def _truly_undominated(plan: PlanTables, held: Measured, found: Frontier) -> tuple[Point, ...]:
    """Return the points that no other dominates by the true measures."""
    values = np.array([list(held.true_values(solution).values()) for solution in _solutions(plan, found)])
    if not len(values):
        return ()
    gains = values * [1.0 if goal.maximize else -1.0 for goal in held.goals]
    span = np.ptp(gains, axis=0)
    return tuple(found.points[place] for place in undominated(gains, SAME * np.where(span > 0, span, 1.0)))


def _solutions(plan: PlanTables, found: Frontier) -> tuple[Solution, ...]:
    size = plan.solution.program.n_columns
    return tuple(Solution(replace(plan.outcome, x=point.x[:size])) for point in found.points)


def _share(money: np.ndarray) -> float:
    return float(money.max() / money.sum()) if money.sum() > 0 else np.nan


def _hoover(money: np.ndarray) -> float:
    """Return half the sum of the distances of the shares from equal ones (E. M. Hoover, 1936); NaN without money."""
    if money.sum() <= 0:
        return float("nan")
    return float(np.abs(money / money.sum() - 1 / len(money)).sum() / 2)
